-- +goose Up
-- Asset Reports. request is what was asked for and document the report, both sealed: they hold what is told of people. A report is
-- pending until its document is there or its error is (JSON). One that was made for a relay alone has the hash of the relay's token,
-- and a token of its own that nobody has.
create table asset_reports (
    report_id   text   primary key,
    token_hash  text   not null unique,
    client_id   text   not null,
    environment text   not null,
    request     text   not null,
    relay_hash  text,
    webhook     text,
    document    text,
    error       text,
    created_at  bigint not null,
    ready_at    bigint
);
create index asset_reports_relay on asset_reports (relay_hash);

-- Who else may read a report: the auditor of an audit copy, or the other client of a relay. They go with the report. A relay that was
-- refreshed leads to the newer report, newer_id.
create table asset_shares (
    token_hash  text   primary key,
    kind        text   not null,
    client_id   text   not null,
    environment text   not null,
    reader      text   not null,
    report_id   text   not null references asset_reports (report_id),
    newer_id    text,
    webhook     text,
    created_at  bigint not null
);
create index asset_shares_report on asset_shares (report_id);

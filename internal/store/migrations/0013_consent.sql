-- +goose Up

-- What users have agreed to share and taken back, and what else was done to their Items: number counts up within an Item.
-- activity, type, code and initiator are the contract's words; type and code are empty where consent stayed as it was.
-- document is the consent from then on, as JSON: institution, data scopes, accounts. Of Items that were removed it is empty.
create table consent_events (
    client_id   text   not null,
    environment text   not null,
    item_id     text   not null,
    number      bigint not null,
    created_at  bigint not null,
    activity    text   not null,
    type        text   not null,
    code        text   not null,
    initiator   text   not null,
    document    text   not null,
    primary key (client_id, environment, item_id, number)
);
create index consent_events_tenant on consent_events (client_id, environment, created_at, item_id, number);
create index consent_events_created on consent_events (created_at);

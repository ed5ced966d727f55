-- +goose Up

-- What was used of rate limits: one row a limit and minute (since 1970). item_id is empty where a limit is the client's as a
-- whole. granted counts the requests that were let through, and the shares that servers hold for requests to come. Where
-- contended, no server takes more than it has requests for. Rows of minutes that are over are deleted.
create table rate_limits (
    client_id   text   not null,
    environment text   not null,
    item_id     text   not null,
    path        text   not null,
    minute      bigint not null,
    granted     bigint not null,
    contended   bigint not null,
    primary key (client_id, environment, item_id, path, minute)
);
create index rate_limits_minute on rate_limits (minute);

-- Which servers hold shares of a limit for requests to come. wanted is 1 where another server has run out and wants them back.
create table rate_limit_shares (
    client_id   text   not null,
    environment text   not null,
    item_id     text   not null,
    path        text   not null,
    minute      bigint not null,
    server_id   text   not null,
    wanted      bigint not null,
    primary key (client_id, environment, item_id, path, minute, server_id)
);
create index rate_limit_shares_wanted on rate_limit_shares (server_id) where wanted = 1;
create index rate_limit_shares_minute on rate_limit_shares (minute);

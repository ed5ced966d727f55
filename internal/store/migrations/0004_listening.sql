-- +goose Up

-- Who listens to a client's webhooks in an environment: until open_until each of them is kept in heard_webhooks as well.
-- last_position counts them; a number that was left out stands for a time in which nobody listened.
create table webhook_taps (
    client_id     text   not null,
    environment   text   not null,
    last_position bigint not null,
    open_until    bigint not null,
    primary key (client_id, environment)
);

-- Webhooks for those who listen, also of Items that have no address for them. body is to the byte what is handed over.
create table heard_webhooks (
    client_id    text   not null,
    environment  text   not null,
    position     bigint not null,
    item_id      text   not null,
    webhook_type text   not null,
    webhook_code text   not null,
    body         text   not null,
    created_at   bigint not null,
    primary key (client_id, environment, position)
);
create index heard_webhooks_age on heard_webhooks (created_at);

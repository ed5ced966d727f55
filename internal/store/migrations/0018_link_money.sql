-- +goose Up

-- How developers have configured the dialect of Link Money: document is the configuration (JSON). No row is the usual one.
create table link_money_configurations (
    client_id   text   not null,
    environment text   not null,
    document    text   not null,
    updated_at  bigint not null,
    primary key (client_id, environment)
);

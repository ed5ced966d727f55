-- +goose Up

-- Tokens that open all Items of a user by themselves. The database has their keyed hashes alone. They end with their user.
create table user_bearers (
    token_hash  text   primary key,
    client_id   text   not null,
    environment text   not null,
    user_id     text   not null,
    created_at  bigint not null
);
create index user_bearers_user on user_bearers (user_id);

-- +goose Up

-- Users: the end users of a client, by the client's own name of them (client_user_id). record is sealed: what is known of the
-- person, and the user_token of a user that has one, of which token_hash is the hash. A user with a token that was removed
-- stays without both, since its client_user_id is spent.
create table users (
    user_id        text   primary key,
    client_id      text   not null,
    environment    text   not null,
    client_user_id text   not null,
    token_hash     text   unique,
    record         text   not null,
    created_at     bigint not null,
    updated_at     bigint not null,
    removed_at     bigint
);
create unique index users_client on users (client_id, environment, client_user_id);

-- +goose Up

-- People on their way through Link. state is sealed: it holds what a person has typed until their bank has it. key_hash is that
-- of the secret which each action brings, oauth_hash that of the state under which a bank answers. version rises with each step;
-- who wants to write a step names the one that it was made of. Whoever does the work of a step holds it until working_until.
-- After forget_at nobody can read the session any more.
create table link_sessions (
    session_id    text   primary key,
    token_hash    text   not null,
    client_id     text   not null,
    environment   text   not null,
    key_hash      text   not null unique,
    oauth_hash    text   unique,
    state         text   not null,
    version       bigint not null,
    working_until bigint,
    started_at    bigint not null,
    finished_at   bigint,
    forget_at     bigint not null
);
create index link_sessions_token on link_sessions (token_hash, started_at);
create index link_sessions_forget on link_sessions (forget_at);

-- How Link is for a client in an environment, as JSON. Without a row it is as it comes.
create table link_settings (
    client_id   text not null,
    environment text not null,
    document    text not null,
    primary key (client_id, environment)
);

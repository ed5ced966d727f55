-- +goose Up

-- People in the portal, each in one browser. key_hash is that of the secret in its cookie, opening_hash that of the id in the address
-- that opens the portal once, null when it was opened. document is what the person came with, as JSON: language, theme, where to go
-- afterwards. A session ends at ends_at, which moves on while the person acts, but not beyond last_at.
create table portal_sessions (
    key_hash     text   primary key,
    opening_hash text,
    client_id    text   not null,
    environment  text   not null,
    user_id      text   not null,
    document     text   not null,
    opens_until  bigint not null,
    ends_at      bigint not null,
    last_at      bigint not null
);
create index portal_sessions_end on portal_sessions (ends_at);

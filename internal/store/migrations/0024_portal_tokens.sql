-- +goose Up

-- The hash of the user's token that a person came to the portal with: a session ends with it. Null in those that were there before.
alter table portal_sessions add column token_hash text;
insert into compatible_migrations (version, oldest) values (24, 0);

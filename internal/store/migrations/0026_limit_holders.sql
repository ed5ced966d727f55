-- +goose Up

-- The server that has written down a limit first and may hold shares of it, empty once another has asked for the limit: then those
-- that hold shares are in rate_limit_shares, this one too.
alter table rate_limits add column server_id text not null default '';
insert into compatible_migrations (version, oldest) values (26, 0);

-- +goose Up

-- Migrations that programs of an older version can go on with: those that know the schema of version oldest, or a later one. What
-- is not here asks for a program that knows it.
create table compatible_migrations (
    version bigint primary key,
    oldest  bigint not null
);

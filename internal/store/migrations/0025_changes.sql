-- +goose Up

-- What was changed by programs that are not alone with the database: one row a transaction, with the keys of what it has changed, a line
-- each, so that servers know which of what they keep in memory is still true. xid is the transaction's number on PostgreSQL, and one
-- more than the last on SQLite.
create table changes (
    xid  bigint not null,
    keys text   not null
);
create index changes_xid on changes (xid);

-- Rows of changes are deleted some time after they could be seen: those below gone are deleted, those below next will be next time.
create table changes_forgotten (
    id   bigint primary key,
    gone bigint not null,
    next bigint not null
);
insert into changes_forgotten (id, gone, next) values (1, 0, 0);

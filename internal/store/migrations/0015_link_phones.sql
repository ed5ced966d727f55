-- +goose Up

-- People who are recognised by their phone the next time that they come to Link, each within one client: the Items that they have
-- linked. phone_hash is keyed and of that client alone, so that a number can be neither read nor followed. A row ends with its Item.
create table link_phones (
    client_id   text   not null,
    environment text   not null,
    phone_hash  text   not null,
    item_id     text   not null,
    saved_at    bigint not null,
    primary key (client_id, environment, phone_hash, item_id)
);
create index link_phones_item on link_phones (item_id);

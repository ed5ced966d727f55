-- +goose Up

-- What a processor may do: read one account of an Item. client_id and environment are the Item's, processor is whom the token
-- was made for (empty: for nobody but the client itself). products are those that it may read, as JSON array, empty for all.
-- webhook is where the processor is told of the account, and told_client who has said so. As of access tokens, those of
-- removed Items stay.
create table processor_tokens (
    token_hash  text   primary key,
    client_id   text   not null,
    environment text   not null,
    item_id     text   not null,
    account_id  text   not null,
    processor   text   not null,
    products    text   not null,
    webhook     text,
    told_client text,
    created_at  bigint not null,
    removed_at  bigint
);
create index processor_tokens_item on processor_tokens (item_id);

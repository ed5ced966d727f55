-- +goose Up

-- The installation itself, one row. epoch changes when a backup is restored; key_check is a known text sealed with the
-- key file, by which a wrong key is recognised before anything is written; starts counts the servers that were started; beat
-- is how late it was, in milliseconds, when a server last noted that.
create table instance (
    id         bigint primary key,
    epoch      text   not null,
    key_check  text   not null,
    starts     bigint not null,
    beat       bigint not null default 0,
    created_at bigint not null
);

-- API clients: the tenants. processor is the processor of that name that a client is, null for none.
create table clients (
    client_id  text   primary key,
    public_key text   not null unique,
    name       text   not null,
    processor  text,
    created_at bigint not null
);

-- Secrets of clients, hashed. A secret decides the environment. During a rotation two are valid.
create table client_keys (
    key_id      text   primary key,
    client_id   text   not null references clients (client_id),
    environment text   not null,
    secret_hash text   not null unique,
    last4       text   not null,
    created_at  bigint not null,
    expires_at  bigint,
    revoked_at  bigint
);
create index client_keys_client on client_keys (client_id, environment, created_at);

-- Logins at banks. One connection may feed several Items; institution_id is empty where it spans several institutions, and
-- declined are those of them that are not wanted (JSON array). credentials are sealed; memory is what the connector left for
-- its next fetch. Whoever asks the bank holds the lease; due_at is when the connection is next asked by itself (null for
-- never), failures how often that has failed in a row, rounds how often it has succeeded, and balance_rounds how often
-- beside those it was asked for balances alone: by that somebody who waited knows that another has asked meanwhile.
create table connections (
    connection_id  text   primary key,
    client_id      text   not null,
    environment    text   not null,
    connector      text   not null,
    institution_id text   not null,
    credentials    text   not null,
    memory         text,
    declined       text   not null,
    created_at     bigint not null,
    lease_owner    text,
    lease_until    bigint,
    due_at         bigint,
    failures       bigint not null,
    rounds         bigint not null,
    balance_rounds bigint not null default 0
);
create index connections_tenant on connections (client_id, environment, connector, institution_id);
create index connections_due on connections (due_at);

-- Institutions that came with a client's own data and are in no directory, as JSON.
create table institutions (
    client_id      text not null,
    environment    text not null,
    institution_id text not null,
    document       text not null,
    primary key (client_id, environment, institution_id)
);

-- Who may read Items over SimpleFIN. The setup token is claimed once, and then the user name and password of the access URL
-- are valid; both are hashed. items are the public ids of the Items, as JSON array.
create table simplefin_access (
    access_id   text   primary key,
    client_id   text   not null,
    environment text   not null,
    name        text   not null,
    items       text   not null,
    setup_hash  text   not null unique,
    secret_hash text   unique,
    created_at  bigint not null,
    expires_at  bigint not null,
    claimed_at  bigint,
    used_at     bigint
);
create index simplefin_access_tenant on simplefin_access (client_id, environment, created_at);

-- Items. item_key is internal and begins with time, so that an Item's rows lie together in every table. version rises with
-- each change of anything that belongs to the Item; what is cached of an Item is cached under its version. state is the
-- Item's record as JSON. user_id is the client's user that the Item belongs to, if it belongs to one.
create table items (
    item_key      text   primary key,
    item_id       text   not null unique,
    client_id     text   not null,
    environment   text   not null,
    connection_id text   not null references connections (connection_id),
    version       bigint not null,
    state         text   not null,
    user_id       text,
    created_at    bigint not null,
    refreshed_at  bigint,
    failed_at     bigint
);
create index items_user on items (user_id, item_key);
create index items_connection on items (connection_id);
create index items_tenant on items (client_id, environment, item_key);

-- Tokens, hashed. A removed Item's access tokens stay, so that their answer is ITEM_NOT_FOUND and not that of an unknown
-- token; an invalidated token's row is deleted.
create table access_tokens (
    token_hash  text   primary key,
    client_id   text   not null,
    environment text   not null,
    item_id     text   not null,
    created_at  bigint not null,
    removed_at  bigint
);
create index access_tokens_item on access_tokens (item_id);

create table public_tokens (
    token_hash  text   primary key,
    client_id   text   not null,
    environment text   not null,
    item_id     text   not null,
    created_at  bigint not null,
    expires_at  bigint not null,
    used_at     bigint
);
create index public_tokens_item on public_tokens (item_id);
create index public_tokens_expiry on public_tokens (expires_at);

-- Tokens that open Link. request is sealed, since it holds what an application tells of its user; sealed is the token itself,
-- which webhooks about its sessions name; hosted_hash is that of the id in the address of a hosted page. A closed token opens nothing more, whatever its time.
create table link_tokens (
    token_hash  text   primary key,
    client_id   text   not null,
    environment text   not null,
    item_id     text,
    user_id     text,
    request     text   not null,
    sealed      text   not null,
    hosted_hash text   unique,
    created_at  bigint not null,
    expires_at  bigint not null,
    closed_at   bigint
);
create index link_tokens_item on link_tokens (item_id);
create index link_tokens_user on link_tokens (user_id);
create index link_tokens_expiry on link_tokens (expires_at);

-- Accounts: the bank's key of each, the id it was given, the moment that its balances and holdings are of, and its sealed
-- routing and account numbers.
create table accounts (
    item_key   text   not null references items (item_key),
    native_key text   not null,
    account_id text   not null,
    position   bigint not null,
    as_of      bigint not null,
    numbers    text,
    primary key (item_key, native_key)
);
create unique index accounts_id on accounts (item_key, account_id);

-- What a bank states as a whole, as the JSON that the API answers with: one row an Item and kind.
create table documents (
    item_key text not null references items (item_key),
    kind     text not null,
    document text not null,
    primary key (item_key, kind)
);

-- Securities as the Item's bank states them. security_id is the same in every Item that has the instrument.
create table item_securities (
    item_key    text not null references items (item_key),
    native_key  text not null,
    security_id text not null,
    document    text not null,
    primary key (item_key, native_key)
);
create index item_securities_id on item_securities (item_key, security_id);

-- Investment transactions, a row each, with their ready JSON.
create table investment_transactions (
    item_key       text   not null references items (item_key),
    ordinal        bigint not null,
    account_id     text   not null,
    native_key     text   not null,
    transaction_id text   not null,
    security_id    text,
    date           text   not null,
    reference      text,
    document       text   not null,
    primary key (item_key, ordinal)
);
create unique index investment_transactions_native on investment_transactions (item_key, account_id, native_key);
create index investment_transactions_date on investment_transactions (item_key, date, ordinal);
create index investment_transactions_account on investment_transactions (item_key, account_id, date, ordinal);

-- Transactions of bank, card and loan accounts, as the bank states them (source, JSON). sequence is that of the last change,
-- added that of the last appearance and first that of the first one, all counted per Item, so that a client can follow the
-- changes; a transaction that the
-- bank has taken back stays, with its text gone, so that they can follow that too. reference is the bank's own id of the row,
-- which need not be unique. document is the JSON that the API answers with but for its closing brace, and for what depends on
-- the request: the original description and the category in either version of the taxonomy.
create table transactions (
    item_key       text   not null references items (item_key),
    account_id     text   not null,
    native_key     text   not null,
    transaction_id text   not null,
    first          bigint not null,
    added          bigint not null,
    sequence       bigint not null,
    removed        bigint not null,
    date           text   not null,
    reference      text,
    source         text   not null,
    document       text   not null,
    original       text   not null,
    category_v1    text   not null,
    category_v2    text   not null,
    primary key (item_key, account_id, native_key)
);
create unique index transactions_sequence on transactions (item_key, sequence);
-- What has changed after it came is few: a reader of the first page of a long history need not pass all that has not.
create index transactions_added on transactions (item_key, added) where removed = 0;
create index transactions_changed on transactions (item_key, sequence) where sequence > added;
create index transactions_date on transactions (item_key, date, added) where removed = 0;

-- What banks have taken back of what they stated before, for transactions and for investment transactions (kind): the row
-- with a reference, and the native key of the row that replaces it, empty where it is deleted. document is the rest as JSON,
-- with the row that was taken back: files come in any order, and a later one may show that another row was meant.
create table corrections (
    item_key    text not null references items (item_key),
    kind        text not null,
    account_id  text not null,
    reference   text not null,
    replaced_by text not null,
    document    text not null,
    primary key (item_key, kind, account_id, reference, replaced_by)
);

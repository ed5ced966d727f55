-- +goose Up

-- Where webhooks go: a client's host in an environment. last_position counts its webhooks, so that they keep their order;
-- failures are the failed attempts in a row, since failing_since. A suspended receiver is sent nothing.
create table webhook_receivers (
    client_id     text   not null,
    environment   text   not null,
    address       text   not null,
    last_position bigint not null,
    failures      bigint not null,
    failing_since bigint,
    suspended_at  bigint,
    reason        text,
    primary key (client_id, environment, address)
);

-- Webhooks: to be delivered (pending), delivered, or given up (dead). body is to the byte what is sent, and what the signature
-- is of. webhook_id begins with the time. alone: it is tried by itself, beside the others of its receiver. expires_at is when
-- it is given up. status, duration_ms and answer are of the attempt that delivered it, null where none has.
create table webhooks (
    webhook_id   text   not null,
    client_id    text   not null,
    environment  text   not null,
    item_id      text   not null,
    receiver     text   not null,
    position     bigint not null,
    url          text   not null,
    webhook_type text   not null,
    webhook_code text   not null,
    body         text   not null,
    state        text   not null,
    alone        bigint not null,
    attempts     bigint not null,
    created_at   bigint not null,
    expires_at   bigint not null,
    sent_at      bigint,
    finished_at  bigint,
    status       bigint,
    duration_ms  bigint,
    answer       text,
    primary key (client_id, environment, webhook_id)
);
create index webhooks_pending on webhooks (client_id, environment, receiver, alone, position) where state = 'pending';
create index webhooks_open on webhooks (client_id, environment, state, webhook_id) where state <> 'delivered';
create index webhooks_item on webhooks (client_id, environment, item_id, webhook_id);

-- Attempts at webhooks beside the one that delivered it, which is with the webhook: what was answered, or the kind of failure.
create table webhook_attempts (
    webhook_id  text   not null,
    attempt     bigint not null,
    at          bigint not null,
    status      bigint not null,
    duration_ms bigint not null,
    answer      text   not null,
    error       text   not null,
    primary key (webhook_id, attempt)
);

-- Keys that sign webhooks. The one without expired_at signs; the others are served until expired_at has passed.
create table webhook_keys (
    kid         text   primary key,
    private_key text   not null,
    public_key  text   not null,
    created_at  bigint not null,
    expired_at  bigint
);
create index webhook_keys_expiry on webhook_keys (expired_at, created_at);

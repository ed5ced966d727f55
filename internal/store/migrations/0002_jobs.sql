-- +goose Up

-- Work to be done: waiting or running. due_at is when the row may be taken: of a waiting job its time, of a running one
-- (started_at is set) the end of its lease, null for one that waits behind another of its lane. fence rises whenever a
-- server takes or gives back the job, and whoever names an older one has lost it. run_at is the time that was asked for;
-- of a periodic job (unique_key is empty) the beginning of its period. again are the arguments of the run that was asked
-- for while this one ran.
create table jobs (
    job_id      text   primary key,
    kind        text   not null,
    lane        text,
    position    bigint,
    unique_key  text,
    args        text   not null,
    again       text,
    enqueued_at bigint not null,
    run_at      bigint not null,
    due_at      bigint,
    started_at  bigint,
    attempts    bigint not null,
    fence       bigint not null,
    error       text
);
create index jobs_due on jobs (kind, due_at, job_id);
create unique index jobs_lane on jobs (kind, lane, position);
create unique index jobs_unique on jobs (kind, unique_key);

-- Jobs that were given up, until someone retries or discards them.
create table dead_jobs (
    job_id      text   primary key,
    kind        text   not null,
    lane        text,
    unique_key  text,
    args        text   not null,
    enqueued_at bigint not null,
    died_at     bigint not null,
    attempts    bigint not null,
    error       text   not null
);
create index dead_jobs_time on dead_jobs (died_at, job_id);
create index dead_jobs_kind on dead_jobs (kind, died_at, job_id);

-- +goose Up

-- How insights are for a client in an environment, as JSON. Without a row there are none.
create table insights_settings (
    client_id   text not null,
    environment text not null,
    document    text not null,
    primary key (client_id, environment)
);

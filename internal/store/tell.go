package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// Tell sends texts to all servers on the database that hear a channel now. Nothing keeps them: who tells must have written what
// matters before. On SQLite, where there is one server, it does nothing. A text has at most 7,999 bytes.
func (db *DB) Tell(ctx context.Context, channel string, texts []string) error {
	if e, ok := db.engine.(*postgresEngine); ok {
		_, err := e.pool.Exec(ctx, "select pg_notify($1, told) from unnest(cast($2 as text[])) told", channel, texts)
		return err
	}
	return nil
}

// hearAgain is how long one who hears waits until it connects again.
const hearAgain = time.Second

// Hear calls a function with each text that is told on a channel, until ctx ends. It has a connection of its own, and tells nothing
// of what was said while that was broken.
func (db *DB) Hear(ctx context.Context, channel string, fn func(text string)) {
	e, ok := db.engine.(*postgresEngine)
	if !ok {
		return
	}
	for ctx.Err() == nil {
		_ = e.hear(ctx, channel, fn) // a broken connection is made again; one that is refused shows in whatever else is asked
		timer := time.NewTimer(hearAgain)
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
}

func (e *postgresEngine) hear(ctx context.Context, channel string, fn func(text string)) error {
	conn, err := pgx.ConnectConfig(ctx, e.pool.Config().ConnConfig)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // nothing is lost with it
	if _, err := conn.Exec(ctx, "listen "+pgx.Identifier{channel}.Sanitize()); err != nil {
		return err
	}
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		fn(n.Payload)
	}
}

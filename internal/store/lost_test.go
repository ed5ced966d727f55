package store_test

import (
	"context"
	"sync"
	"syscall"
	"testing"

	"weft/internal/clock"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

// What comes first after PostgreSQL has restarted succeeds, whatever it is, though the pool is full of connections that have ended; and
// while PostgreSQL is away all of it fails.
func TestConnectionsThatWereLostAreReplaced(t *testing.T) {
	database := storetest.NewOwn(t)
	db, err := store.OpenPostgres(t.Context(), store.PostgresOptions{URL: database.URL(), Now: clock.System{}.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // the database goes with the test
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	one := func(q store.Querier) error {
		var n int
		return q.QueryRow(ctx, `select count(*) from clients`).Scan(&n)
	}
	for name, ask := range map[string]func() error{
		"a row": func() error { return one(db) },
		"rows": func() error {
			rows, err := db.Query(ctx, `select client_id from clients`)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				t.Error("a client is there")
			}
			return rows.Err()
		},
		"a transaction that reads": func() error { return db.Read(ctx, func(tx *store.Tx) error { return one(tx) }) },
		"a transaction that writes": func() error {
			return db.Write(ctx, func(tx *store.Tx) error {
				_, err := tx.Exec(ctx, `delete from clients`)
				return err
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			fillPool(ctx, t, db)
			database.Stop(syscall.SIGINT)
			database.Start()
			if err := ask(); err != nil {
				t.Errorf("after a restart: %v", err)
			}
			fillPool(ctx, t, db)
			database.Stop(syscall.SIGQUIT)
			if err := ask(); err == nil {
				t.Error("it succeeds without PostgreSQL")
			}
			database.Start()
			if err := ask(); err != nil {
				t.Errorf("after a crash: %v", err)
			}
		})
	}
}

// fillPool has the pool open some connections.
func fillPool(ctx context.Context, t *testing.T, db *store.DB) {
	t.Helper()
	var together sync.WaitGroup
	for range 8 {
		together.Go(func() {
			var done string
			if err := db.QueryRow(ctx, `select cast(pg_sleep(0.1) as text)`).Scan(&done); err != nil {
				t.Error(err)
			}
		})
	}
	together.Wait()
}

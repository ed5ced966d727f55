package batch_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"weft/internal/store"
	"weft/internal/store/batch"
	"weft/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// What comes while a commit is under way shares the next one, and one that fails takes none of the others with it.
func TestBatch(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		exec := func(query string, args ...any) func(context.Context, *store.Tx) error {
			return func(ctx context.Context, tx *store.Tx) error {
				_, err := tx.Exec(ctx, query, args...)
				return err
			}
		}
		b := batch.New(db, time.Minute, 0, func(ctx context.Context, tx *store.Tx, list []func(context.Context, *store.Tx) error) error {
			for _, fn := range list {
				if err := fn(ctx, tx); err != nil {
					return err
				}
			}
			return nil
		})
		if err := <-b.Write(exec(`create table numbers (n bigint not null primary key)`)); err != nil {
			t.Fatal(err)
		}
		share := func(list ...func(context.Context, *store.Tx) error) (results []error, commits uint64) {
			began, release := make(chan struct{}), make(chan struct{})
			first := b.Write(func(context.Context, *store.Tx) error { close(began); <-release; return nil })
			<-began
			before := db.Commits()
			var written []<-chan error
			for _, fn := range list {
				written = append(written, b.Write(fn))
			}
			close(release)
			if err := <-first; err != nil {
				t.Fatal(err)
			}
			for _, c := range written {
				results = append(results, <-c)
			}
			return results, db.Commits() - before
		}
		const insert = `insert into numbers (n) values ($1)`
		results, commits := share(exec(insert, 1), exec(insert, 2), exec(insert, 3))
		if err := errors.Join(results...); err != nil || commits != 2 { // the one that was under way, and theirs
			t.Errorf("%d commits, %v", commits, err)
		}
		results, _ = share(exec(insert, 4), exec(insert, 1), exec(insert, 5))
		for i, want := range []error{nil, store.ErrConflict, nil} {
			if !errors.Is(results[i], want) {
				t.Errorf("the %dth: %v, want %v", i, results[i], want)
			}
		}
		var n int
		if err := db.QueryRow(t.Context(), `select count(*) from numbers`).Scan(&n); err != nil || n != 5 {
			t.Errorf("%d rows, %v", n, err)
		}
	})
}

// What is gathered is written when somebody waits for it, or when its time is over.
func TestBatchGathers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		if err := db.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), `create table numbers (n bigint not null primary key)`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		add := func(ctx context.Context, tx *store.Tx, n int) error {
			_, err := tx.Exec(ctx, `insert into numbers (n) values ($1)`, n)
			return err
		}
		gathering := batch.New(db, time.Minute, time.Hour, func(ctx context.Context, tx *store.Tx, list []int) error {
			for _, n := range list {
				if err := add(ctx, tx, n); err != nil {
					return err
				}
			}
			return nil
		})
		before := db.Commits()
		first, second := gathering.Write(1), gathering.Write(2)
		gathering.Flush()
		if err := errors.Join(<-first, <-second); err != nil || db.Commits()-before != 1 {
			t.Errorf("%d commits of what was gathered, %v", db.Commits()-before, err)
		}
		soon := batch.New(db, time.Minute, time.Millisecond, func(ctx context.Context, tx *store.Tx, list []int) error {
			return add(ctx, tx, list[0])
		})
		if err := <-soon.Write(3); err != nil { // nobody flushes
			t.Error(err)
		}
	})
}

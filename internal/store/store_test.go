package store_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"weft/internal/clock"
	"weft/internal/store"
	"weft/internal/store/migrations"
	"weft/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func addClient(ctx context.Context, tx *store.Tx, id string) error {
	_, err := tx.Exec(ctx, `insert into clients (client_id, public_key, name, created_at) values ($1, $2, $3, $4)`,
		id, "pk-"+id, "a client", tx.Now.UnixMilli())
	return err
}

func TestWriteCommitsAndRollsBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		if err := db.Write(ctx, func(tx *store.Tx) error { return addClient(ctx, tx, "a") }); err != nil {
			t.Fatal(err)
		}
		boom := errors.New("boom")
		err := db.Write(ctx, func(tx *store.Tx) error {
			if err := addClient(ctx, tx, "b"); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) {
			t.Fatalf("got %v, want boom", err)
		}
		var n int64
		var created int64
		if err := db.QueryRow(ctx, `select count(*), max(created_at) from clients`).Scan(&n, &created); err != nil {
			t.Fatal(err)
		}
		if n != 1 || created != storetest.Start.UnixMilli() {
			t.Errorf("got %d clients created at %d, want the one that was committed, at the transaction's time", n, created)
		}
	})
}

// What may be forgotten is committed as all else is, but nothing waits for PostgreSQL's disk; the connection's next transaction does.
func TestWriteRelaxedDoesNotWaitForTheDisk(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		boom := errors.New("boom")
		for _, c := range []struct {
			write func(context.Context, func(*store.Tx) error) error
			id    string
			ends  error
			want  string // PostgreSQL's answer
		}{{db.WriteRelaxed, "a", nil, "off"}, {db.Write, "b", nil, "on"}, {db.WriteRelaxed, "c", boom, "off"}, {db.Write, "d", nil, "on"}} {
			err := c.write(ctx, func(tx *store.Tx) error {
				if db.Dialect() == "postgres" {
					var waits string
					if err := tx.QueryRow(ctx, `show synchronous_commit`).Scan(&waits); err != nil || waits != c.want {
						t.Errorf("%s: synchronous_commit is %s, want %s: %v", c.id, waits, c.want, err)
					}
				}
				return errors.Join(addClient(ctx, tx, c.id), c.ends)
			})
			if !errors.Is(err, c.ends) || err != nil && c.ends == nil {
				t.Errorf("%s: %v", c.id, err)
			}
		}
		var n, c int64
		if err := db.QueryRow(ctx, `select count(*), count(case client_id when 'c' then 1 end) from clients`).Scan(&n, &c); err != nil || n != 3 || c != 0 {
			t.Errorf("there are %d clients, of which %d undone: %v", n, c, err)
		}
	})
}

// One statement by itself is committed and shows its rows; it does not wait for the disk, and what comes after it does. One that fails
// has written nothing.
func TestWriteOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		const insert = `insert into clients (client_id, public_key, name, created_at) values ($1, $2, $3, 0), ($4, $5, $6, 0) returning client_id`
		write := func(query string, args ...any) (shown []string, err error) {
			return shown, db.WriteOne(ctx, query, args, func(rows store.Rows) error {
				var text string
				err := rows.Scan(&text)
				shown = append(shown, text)
				return err
			})
		}
		before := db.Commits()
		if shown, err := write(insert, "a", "pk-a", "a", "b", "pk-b", "b"); err != nil || !slices.Equal(shown, []string{"a", "b"}) || db.Commits() != before+1 {
			t.Errorf("shown are %v: %v, %d commits", shown, err, db.Commits()-before)
		}
		if _, err := write(insert, "c", "pk-c", "c", "a", "pk-d", "d"); !errors.Is(err, store.ErrConflict) || db.Commits() != before+1 {
			t.Errorf("a row that is there fails with %v, %d commits", err, db.Commits()-before)
		}
		boom := errors.New("boom")
		if err := db.WriteOne(ctx, `select client_id from clients`, nil, func(store.Rows) error { return boom }); !errors.Is(err, boom) {
			t.Errorf("whoever is shown rows fails with %v", err)
		}
		var n int64
		if err := db.QueryRow(ctx, `select count(*) from clients`).Scan(&n); err != nil || n != 2 {
			t.Errorf("there are %d clients: %v", n, err)
		}
		if db.Dialect() != "postgres" {
			return
		}
		if shown, err := write(`select current_setting('synchronous_commit')`); err != nil || shown[0] != "off" {
			t.Errorf("synchronous_commit is %s: %v", shown, err)
		}
		for range 20 { // on whichever connection
			var waits string
			if err := db.QueryRow(ctx, `show synchronous_commit`).Scan(&waits); err != nil || waits != "on" {
				t.Fatalf("afterwards it is %s: %v", waits, err)
			}
		}
	})
}

func TestNotFoundAndConflict(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		var name string
		err := db.QueryRow(ctx, `select name from clients where client_id = $1`, "nobody").Scan(&name)
		if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("missing row: got %v, want ErrNotFound", err)
		}
		err = db.Write(ctx, func(tx *store.Tx) error {
			if err := addClient(ctx, tx, "a"); err != nil {
				return err
			}
			return addClient(ctx, tx, "a")
		})
		if !errors.Is(err, store.ErrConflict) {
			t.Errorf("same key twice: got %v, want ErrConflict", err)
		}
	})
}

// Parameters bind by number on both engines, whatever their order in the text.
func TestParametersBindByNumber(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var got string
		err := db.QueryRow(t.Context(), `select cast($2 as text) || cast($1 as text) || cast($2 as text)`, "a", "b").Scan(&got)
		if err != nil || got != "bab" {
			t.Errorf("got %q, %v; want bab", got, err)
		}
	})
}

// Writers that contend for one row each see what the others have committed: nothing is lost.
func TestConcurrentWritersLoseNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		if err := db.Write(ctx, func(tx *store.Tx) error { return addClient(ctx, tx, "0") }); err != nil {
			t.Fatal(err)
		}
		const writers, rounds = 8, 10
		var wg sync.WaitGroup
		for range writers {
			wg.Go(func() {
				for range rounds {
					err := db.Write(ctx, func(tx *store.Tx) error {
						_, err := tx.Exec(ctx, `update clients set created_at = created_at + 1 where client_id = $1`, "0")
						return err
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		var got int64
		if err := db.QueryRow(ctx, `select created_at from clients`).Scan(&got); err != nil {
			t.Fatal(err)
		}
		if want := storetest.Start.UnixMilli() + writers*rounds; got != want {
			t.Errorf("got %d, want %d", got, want)
		}
	})
}

func TestReadSeesOneState(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		err := db.Read(ctx, func(tx *store.Tx) error {
			count := func() (n int64) {
				if err := tx.QueryRow(ctx, `select count(*) from clients`).Scan(&n); err != nil {
					t.Fatal(err)
				}
				return n
			}
			before := count()
			if err := db.Write(ctx, func(w *store.Tx) error { return addClient(ctx, w, "a") }); err != nil {
				return err
			}
			if after := count(); after != before {
				return fmt.Errorf("a reading transaction saw %d rows, then %d", before, after)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		if err := db.Read(ctx, func(tx *store.Tx) error { return addClient(ctx, tx, "b") }); err == nil {
			t.Error("a reading transaction could write")
		}
	})
}

func TestMigrateIsIdempotentAndCounted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		if err := db.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		got, err := db.Schema(t.Context())
		want, err2 := store.NewestVersion()
		all, err3 := migrations.All()
		var oldest int64
		for _, m := range all {
			oldest = max(oldest, m.Oldest)
		}
		if err := errors.Join(err, err2, err3); err != nil || got.Version != want || got.Oldest != oldest || oldest == 0 {
			t.Errorf("schema %+v, %v; newest %d, oldest %d", got, err, want, oldest)
		}
	})
}

func TestSecondServerOnOneFileIsRefused(t *testing.T) {
	o := store.SQLiteOptions{Path: filepath.Join(t.TempDir(), "a b%c", "weft.db"), Exclusive: true, Now: clock.System{}.Now}
	first, err := store.OpenSQLite(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if second, err := store.OpenSQLite(t.Context(), o); !errors.Is(err, store.ErrLocked) {
		t.Errorf("second server: got %v, %v; want ErrLocked", second, err)
	}
	if s, err := first.Schema(t.Context()); err != nil || s != (store.Schema{}) {
		t.Errorf("an unmigrated database has the schema %+v, %v", s, err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := store.OpenSQLite(t.Context(), o)
	if err != nil {
		t.Fatalf("after the first has closed: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

// A committed write must survive a power cut: each commit is synced.
func TestSQLiteSyncsEachCommit(t *testing.T) {
	db := storetest.SQLite(t, clock.System{})
	err := db.Write(t.Context(), func(tx *store.Tx) error {
		var mode string
		var sync int64
		if err := tx.QueryRow(t.Context(), `pragma journal_mode`).Scan(&mode); err != nil {
			return err
		}
		if err := tx.QueryRow(t.Context(), `pragma synchronous`).Scan(&sync); err != nil {
			return err
		}
		if mode != "wal" || sync != 2 {
			t.Errorf("journal_mode %s, synchronous %d; want wal, 2 (FULL)", mode, sync)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A row that cannot be written undoes all of an Insert, and tells why.
func TestInsertWritesAllOrNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		columns := []string{"client_id", "public_key", "name", "created_at"}
		insert := func(tail string, ids ...string) error {
			return db.Write(ctx, func(tx *store.Tx) error {
				var rows [][]any
				for _, id := range ids {
					rows = append(rows, []any{id, "pk-" + id, "name", 1})
				}
				return tx.Insert(ctx, "clients", columns, rows, tail)
			})
		}
		var many []string
		for i := range 1000 {
			many = append(many, fmt.Sprint(i))
		}
		if err := insert("", many...); err != nil {
			t.Fatal(err)
		}
		if err := insert("", "a", "7", "b"); !errors.Is(err, store.ErrConflict) {
			t.Errorf("got %v, want ErrConflict", err)
		}
		if err := insert("on conflict (client_id) do update set name = 'new'", "7", "c"); err != nil {
			t.Error(err)
		}
		if err := insert(""); err != nil {
			t.Error(err)
		}
		var n, renamed int64
		if err := db.QueryRow(ctx, `select count(*), count(*) filter (where name = 'new') from clients`).Scan(&n, &renamed); err != nil {
			t.Fatal(err)
		}
		if n != 1001 || renamed != 1 {
			t.Errorf("%d rows, %d renamed; want 1001, 1", n, renamed)
		}
	})
}

// The reading of rows ends with its context, and gives its connection back.
func TestRowsEndWithTheirContext(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for range 20 { // more often than there are connections
			ctx, cancel := context.WithCancel(t.Context())
			rows, err := db.Query(ctx, `with recursive n (i) as (select 1 union all select i + 1 from n where i < 300000) select i from n`)
			if err != nil {
				t.Fatal(err)
			}
			seen := 0
			for rows.Next() {
				if seen++; seen == 3 {
					cancel()
				}
			}
			if err := rows.Err(); !errors.Is(err, context.Canceled) || seen >= 300_000 {
				t.Errorf("%d rows, and then %v", seen, err)
			}
			rows.Close()
			cancel()
		}
	})
}

package store_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weft/internal/clock"
	"weft/internal/store"
	"weft/internal/store/marks"
	"weft/internal/store/storetest"
)

// change commits a transaction that changes keys.
func change(t *testing.T, db *store.DB, keys ...string) {
	t.Helper()
	if err := db.Write(t.Context(), func(tx *store.Tx) error {
		for _, key := range keys {
			tx.Changing(key)
			tx.Changing(key)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// marksOf are the marks of keys after all is known that was committed.
func marksOf(t *testing.T, db *store.DB, keys ...string) (marks []uint64) {
	t.Helper()
	if err := db.Current(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		mark, ok := db.Mark(key)
		if !ok || !db.Marked(key, mark) {
			t.Fatalf("%s has no mark", key)
		}
		marks = append(marks, mark)
	}
	return marks
}

// A mark stays while nothing of its key is committed, and is another one afterwards.
func TestMarks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		before := marksOf(t, db, "a", "another key")
		failed := errors.New("failed")
		if err := db.Write(t.Context(), func(tx *store.Tx) error { tx.Changing("a"); return failed }); !errors.Is(err, failed) {
			t.Fatal(err)
		}
		change(t, db)
		if now := marksOf(t, db, "a", "another key"); now[0] != before[0] || now[1] != before[1] {
			t.Error("what was rolled back, or nothing, has changed a mark")
		}
		change(t, db, "a")
		if now := marksOf(t, db, "a", "another key"); now[0] == before[0] || now[1] != before[1] {
			t.Errorf("after a change the marks are %d, and were %d", now, before)
		}
	})
}

// beside are two programs on one database: two servers on PostgreSQL, a server and a command beside it on SQLite.
func beside(t *testing.T, run func(t *testing.T, server *store.DB, other func() *store.DB)) {
	t.Run("postgres", func(t *testing.T) {
		url := storetest.PostgresURL(t)
		open := func() *store.DB {
			db, err := store.OpenPostgres(t.Context(), store.PostgresOptions{URL: url, Now: time.Now})
			return ready(t, db, err)
		}
		run(t, open(), open)
	})
	t.Run("sqlite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "weft.db")
		open := func(exclusive bool) *store.DB {
			db, err := store.OpenSQLite(t.Context(), store.SQLiteOptions{Path: path, Exclusive: exclusive, Now: time.Now})
			return ready(t, db, err)
		}
		run(t, open(true), func() *store.DB { return open(false) })
	})
}

func ready(t *testing.T, db *store.DB, err error) *store.DB {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() }) //nolint:errcheck // it may be closed already
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db
}

// What another program has changed is known when it has ended, and what it has not changed keeps its mark.
func TestWhatOthersChangeIsKnown(t *testing.T) {
	beside(t, func(t *testing.T, server *store.DB, other func() *store.DB) {
		before := marksOf(t, server, "a", "b", "c")
		for _, keys := range [][]string{{"a"}, {"a", "b"}} {
			db := other()
			change(t, db, keys...)
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			now := marksOf(t, server, "a", "b", "c")
			if now[0] == before[0] || (now[1] != before[1]) != (len(keys) == 2) || now[2] != before[2] {
				t.Errorf("after changes of %s the marks are %d, and were %d", keys, now, before)
			}
			before = now
		}
	})
}

// On PostgreSQL a program knows at once, whatever the order in which transactions have begun.
func TestTransactionsThatCommitInAnotherOrderAreKnown(t *testing.T) {
	server := storetest.Postgres(t, clock.System{})
	before := marksOf(t, server, "early", "late")
	began, commit, done := make(chan bool), make(chan bool), make(chan error)
	go func() {
		done <- server.Write(t.Context(), func(tx *store.Tx) error {
			if err := addClient(t.Context(), tx, "early"); err != nil { // it has its number
				return err
			}
			tx.Changing("early")
			began <- true
			<-commit
			return nil
		})
	}()
	<-began
	change(t, server, "late")
	between := marksOf(t, server, "early", "late")
	if between[0] != before[0] || between[1] == before[1] {
		t.Errorf("after the transaction that began later the marks are %d, and were %d", between, before)
	}
	commit <- true
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if now := marksOf(t, server, "early", "late"); now[0] == between[0] || now[1] != between[1] {
		t.Errorf("after the one that began earlier the marks are %d, and were %d", now, between)
	}
}

// What is written down of changes is deleted in time. Who has asked meanwhile has missed nothing; who has not knows that it has.
func TestForgottenChanges(t *testing.T) {
	beside(t, func(t *testing.T, server *store.DB, other func() *store.DB) {
		idle, command := server, other()
		asking := server
		if server.Dialect() == "postgres" {
			asking = other()
		}
		before := marksOf(t, asking, "a", "b")
		marksOf(t, idle, "a")
		change(t, command, "a")
		for n := range 3 {
			if err := command.ForgetChanges(t.Context()); err != nil {
				t.Fatal(err)
			}
			if asking == idle {
				continue
			}
			if now := marksOf(t, asking, "a", "b"); now[0] == before[0] || now[1] != before[1] {
				t.Errorf("who has asked after each deletion has %d after %d of them, and had %d", now, n+1, before)
			}
		}
		var rows int
		if err := command.QueryRow(t.Context(), `select count(*) from changes`).Scan(&rows); err != nil || rows != 0 {
			t.Errorf("%d rows are left: %v", rows, err)
		}
		idleBefore, _ := idle.Mark("a")
		change(t, command, "b")
		if err := command.Close(); err != nil { // a server on SQLite looks again
			t.Fatal(err)
		}
		if now := marksOf(t, idle, "a"); now[0] == idleBefore {
			t.Error("who has not asked for long goes on with its old mark")
		}
		// From then on it knows again.
		command = other()
		known := marksOf(t, idle, "a", "c")
		change(t, command, "c")
		if err := command.Close(); err != nil {
			t.Fatal(err)
		}
		if now := marksOf(t, idle, "a", "c"); now[0] != known[0] || now[1] == known[1] {
			t.Errorf("afterwards the marks are %d, and were %d", now, known)
		}
	})
}

// More changes than are read at once are as if all had changed.
func TestManyChangesAtOnce(t *testing.T) {
	beside(t, func(t *testing.T, server *store.DB, other func() *store.DB) {
		command := other()
		for _, n := range []int{1000, 1001} {
			before := marksOf(t, server, "never")
			rows := make([][]any, n)
			for i := range rows {
				rows[i] = []any{i, "a"}
			}
			// As many transactions would, but faster; none of PostgreSQL's has so low a number, which its snapshots see, so they are given later ones.
			if err := command.Write(t.Context(), func(tx *store.Tx) error {
				tx.Changing("last")
				if _, err := tx.Exec(t.Context(), `delete from changes`); err != nil {
					return err
				}
				for i := range rows {
					rows[i][0] = 1_000_000*n + i
				}
				return tx.Insert(t.Context(), "changes", []string{"xid", "keys"}, rows[1:], "")
			}); err != nil {
				t.Fatal(err)
			}
			if err := command.Close(); err != nil {
				t.Fatal(err)
			}
			if now := marksOf(t, server, "never"); (now[0] != before[0]) != (n > 1000) {
				t.Errorf("after %d transactions the mark is %d, and was %d", n, now, before)
			}
			command = other()
		}
	})
}

func TestNoMarksOfAFileThatIsNotLocked(t *testing.T) {
	db, err := store.OpenSQLite(t.Context(), store.SQLiteOptions{Path: filepath.Join(t.TempDir(), "weft.db"), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // nothing was written
	if _, ok := db.Mark("a"); ok || db.Current(t.Context()) != nil {
		t.Error("there is a mark, though others may write")
	}
}

// Where the tables were made anew, as by a backup that is put back, numbers mean other transactions: all is as if it had changed.
func TestADatabaseThatWasPutBackIsAnother(t *testing.T) {
	server := storetest.Postgres(t, clock.System{})
	before := marksOf(t, server, "a")
	if now := marksOf(t, server, "a"); now[0] != before[0] {
		t.Fatalf("the mark is %d, and was %d, though nothing has happened", now, before)
	}
	if err := server.Write(t.Context(), func(tx *store.Tx) error {
		_, err1 := tx.Exec(t.Context(), `drop table changes`)
		_, err2 := tx.Exec(t.Context(), `create table changes (xid bigint not null, keys text not null)`)
		return errors.Join(err1, err2)
	}); err != nil {
		t.Fatal(err)
	}
	if now := marksOf(t, server, "a"); now[0] == before[0] {
		t.Errorf("the mark is that of before, %d", now)
	}
}

// After another start of PostgreSQL, as where a replica has taken over, numbers may mean other transactions too.
func TestAnotherStartOfPostgresIsAnother(t *testing.T) {
	server := storetest.Postgres(t, clock.System{})
	ask := marks.Postgres.Asking(func(ctx context.Context, query string, args []any) (marks.Rows, error) {
		return server.Query(ctx, query, args...)
	})
	first, err := ask(t.Context(), "")
	if err != nil || !first.All {
		t.Fatalf("the first answer is %+v, %v", first, err)
	}
	if same, err := ask(t.Context(), first.Base); err != nil || same.All {
		t.Errorf("the answer of the same start is %+v, %v", same, err)
	}
	parts := strings.SplitN(first.Base, " ", 3) // the snapshot, the day of the start, and the rest
	parts[1] = "2020-01-01"
	if another, err := ask(t.Context(), strings.Join(parts, " ")); err != nil || !another.All {
		t.Errorf("the answer of another start is %+v, %v", another, err)
	}
}

package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"weft/internal/clock"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

// patience bounds what is waited for; what comes sooner ends the wait.
const patience = 2 * time.Minute

// An older program goes on with what a newer one has added, does not touch it, and refuses what it cannot go on with.
func TestOlderProgramsOnNewerSchemas(t *testing.T) {
	known, err := store.NewestVersion()
	if err != nil {
		t.Fatal(err)
	}
	steps := []struct {
		file, text string
		usable     bool
	}{
		{"9001_added.sql", storetest.Compatible(9001, 0, "alter table items add column flavour text;"), true},
		{"9002_index.sql", storetest.Indexing(9002, "items_flavour", "items (client_id, flavour)"), true},
		{"9003_dropped.sql", storetest.Compatible(9003, known, "alter table instance drop column created_at;"), true},
		{"9004_dropped.sql", storetest.Compatible(9004, 9001, "alter table instance drop column starts;"), false},
		{"9005_added.sql", storetest.Compatible(9005, 0, "create table flavours (flavour text primary key);"), false},
		{"9006_other.sql", "-- +goose Up\nalter table items rename column flavour to taste;\n", false},
	}
	// Who has a name of its own is not counted among the older programs that are connected.
	named, err := store.OpenPostgres(t.Context(), store.PostgresOptions{URL: storetest.PostgresURL(t) + "&application_name=someone", Now: clock.System{}.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer named.Close() //nolint:errcheck // the test is over
	for _, db := range []*store.DB{storetest.SQLite(t, clock.System{}), named} {
		files := map[string]string{}
		for i, step := range steps {
			files[step.file] = step.text
			undo := storetest.Upgrade(files)
			err := db.Migrate(t.Context())
			undo()
			if err != nil {
				t.Fatal(err)
			}
			s, err := db.Schema(t.Context())
			if err != nil || s.Version != 9001+int64(i) {
				t.Fatalf("%s after %s: %+v, %v", db.Dialect(), step.file, s, err)
			}
			newer, err := s.Newer()
			if !newer || (err == nil) != step.usable || err != nil && !errors.Is(err, store.ErrOutdated) {
				t.Errorf("%s after %s: newer %v, %v", db.Dialect(), step.file, newer, err)
			}
			if err := db.Migrate(t.Context()); (err == nil) != step.usable || err != nil && !strings.Contains(err.Error(), "use a newer Weft") {
				t.Errorf("%s: an older program migrates after %s: %v", db.Dialect(), step.file, err)
			}
		}
		var valid bool
		err = db.QueryRow(t.Context(), `select count(*) = 1 from pg_index where indisvalid and indexrelid = 'items_flavour'::regclass`).Scan(&valid)
		if db.Dialect() == "postgres" && (err != nil || !valid) {
			t.Errorf("the index is valid: %v, %v", valid, err)
		}
	}
}

// open opens a server's pool on a PostgreSQL database, without migrating.
func open(t *testing.T, url string) *store.DB {
	t.Helper()
	db, err := store.OpenPostgres(t.Context(), store.PostgresOptions{URL: url, Now: clock.System{}.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() }) //nolint:errcheck // some are closed by the test
	return db
}

// Of servers that start at once on an older database one migrates, and all go on.
func TestServersThatStartAtOnceMigrateOnce(t *testing.T) {
	url := storetest.PostgresURL(t)
	first := open(t, url)
	for round, files := range []map[string]string{nil, {"9001_next.sql": storetest.Compatible(9001, 0, "create table once (id bigint primary key);\ninsert into once (id) values (1);")}} {
		undo := storetest.Upgrade(files)
		var starts sync.WaitGroup
		for range 4 {
			db := open(t, url)
			starts.Go(func() {
				if err := db.Migrate(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		starts.Wait()
		undo()
		var twice int64
		query := `select count(*) from (select version_id from goose_db_version group by version_id having count(*) > 1) as doubled`
		if err := first.QueryRow(t.Context(), query).Scan(&twice); err != nil || twice != 0 {
			t.Errorf("round %d: %d migrations were counted twice, %v", round, twice, err)
		}
	}
}

// While a migration waits for a table that somebody holds, the table is read and written by others: they do not wait behind it.
func TestAMigrationThatWaitsStallsNobody(t *testing.T) {
	url := storetest.PostgresURL(t)
	db, holder, looker := open(t, url), open(t, url), open(t, url)
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	held, letGo, released := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	release := sync.OnceFunc(func() { close(letGo) })
	defer release()
	go func() { // a backup reads the table in a long transaction
		released <- holder.Read(t.Context(), func(tx *store.Tx) error {
			var n int64
			err := tx.QueryRow(t.Context(), `select count(*) from clients`).Scan(&n)
			close(held)
			<-letGo
			return err
		})
	}()
	<-held
	undo := storetest.Upgrade(map[string]string{"9001_next.sql": storetest.Compatible(9001, 0, "alter table clients add column flavour text;")})
	defer undo()
	migrated := make(chan error, 1)
	go func() { migrated <- db.Migrate(t.Context()) }()
	// Two attempts are seen to wait, and each time others get through.
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for attempt := range 2 {
		waits(t, looker, true)
		err := looker.Write(ctx, func(tx *store.Tx) error { return addClient(ctx, tx, fmt.Sprint(attempt)) })
		if err != nil {
			t.Fatalf("a client is added while a migration waits: %v", err)
		}
		waits(t, looker, false)
	}
	select {
	case err := <-migrated:
		t.Errorf("the migration ended while the table was held: %v", err)
	default:
	}
	release()
	if err := errors.Join(<-released, <-migrated); err != nil {
		t.Error(err)
	}
	var n int64
	if err := db.QueryRow(t.Context(), `select count(*) from clients where flavour is null`).Scan(&n); err != nil || n != 2 {
		t.Errorf("%d clients, %v", n, err)
	}
}

// waits waits until a migration waits for a table, or until none does.
func waits(t *testing.T, db *store.DB, want bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		var n int64
		query := `select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like 'alter table%'`
		if err := db.QueryRow(ctx, query).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if (n > 0) == want {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatal("no sign of the migration")
		case <-tick.C:
		}
	}
}

// A migration that older servers cannot go on with is refused while one is there, and done once it has gone.
func TestMigrationsThatAskForNewerPrograms(t *testing.T) {
	url := storetest.PostgresURL(t)
	older := open(t, url)
	if err := older.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	undo := storetest.Upgrade(map[string]string{"9001_next.sql": "-- +goose Up\nalter table instance drop column beat;\n"})
	defer undo()
	newer := open(t, url)
	if err := newer.Migrate(t.Context()); err == nil || !strings.Contains(err.Error(), "programs of an older version are connected (1 connections") {
		t.Fatalf("while an older program is connected: %v", err)
	}
	if s, err := newer.Schema(t.Context()); err != nil || s.Version >= 9001 {
		t.Fatalf("the refused migration has changed the schema: %+v, %v", s, err)
	}
	if err := older.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond) // the server notices the end of a connection by itself
	defer tick.Stop()
	err := newer.Migrate(ctx)
	for err != nil && ctx.Err() == nil && strings.Contains(err.Error(), "are connected") {
		<-tick.C
		err = newer.Migrate(ctx)
	}
	if err != nil {
		t.Error(err)
	}
}

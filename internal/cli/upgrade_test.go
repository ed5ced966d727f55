package cli_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"weft/internal/clock"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

// The versions that servers are brought to: one that adds to tables that every request reads and writes, and one that takes away
// what the first does not use.
func laterVersions() []map[string]string {
	expand := map[string]string{
		"9001_items.sql":        storetest.Compatible(9001, 0, "alter table items add column flavour text;"),
		"9002_transactions.sql": storetest.Compatible(9002, 0, "alter table transactions add column flavour text not null default '';"),
		"9003_index.sql":        storetest.Indexing(9003, "transactions_flavour", "transactions (item_key, flavour)"),
		"9004_flavours.sql":     storetest.Compatible(9004, 0, "create table flavours (flavour text primary key);\ninsert into flavours (flavour) values ('plain');"),
	}
	contract := maps.Clone(expand)
	contract["9005_items.sql"] = storetest.Compatible(9005, 9004, "alter table items drop column flavour;")
	return []map[string]string{expand, contract}
}

// Servers are replaced by those of a later version, and these by those of one more, one after the other, while clients go on through a
// proxy that asks who is ready. The first of each brings the schema up to date beside the older ones, and has to wait for a
// table that a backup reads. No request fails, nothing is lost, and servers of the version before may restart in between.
func TestARollingUpgradeFailsNoRequest(t *testing.T) {
	c, r := newCluster(t, "--instant", "--rate-limits", "off"), newReceivers(t, 1, true)
	access := []string{c.link(0, r.urls[0]), c.link(1, r.urls[0]), c.link(2, r.urls[0])}
	var created sync.Map
	l := c.underLoad(func(client, n int) (string, string) {
		token := fmt.Sprintf(`{"access_token":%q}`, access[client])
		switch kind := n % 6; {
		case kind == 0 && (n < 1200 || n%60 == 0): // of an Item not more can be made than 500, and nobody knows how many are sent
			name := fmt.Sprintf("SHOP %d OF %d", n, client)
			created.Store(name, true)
			return "/sandbox/transactions/create", creation(access[client], name, clock.System{}.Now())
		case kind == 1:
			return "/transactions/sync", fmt.Sprintf(`{"access_token":%q,"count":100}`, access[client])
		case kind == 2:
			return "/item/webhook/update", fmt.Sprintf(`{"access_token":%q,"webhook":"%s/%d"}`, access[client], r.urls[0], n)
		case kind == 3:
			return "/item/get", token
		}
		return "/accounts/get", token
	})
	for version, migrations := range laterVersions() {
		before := c.migrations
		for i := range c.servers {
			l.count(i)
			c.leave(i)
			if c.migrations = migrations; i == 0 {
				c.againBehindABackup(l)
			} else {
				c.again(i)
			}
			l.count(i)
			if i == 1 && version == 0 { // one of the version before, on the newer schema
				c.leave(2)
				c.migrations = before
				c.again(2)
				l.count(2)
			}
		}
	}
	l.stop()
	c.nothingIsLost(access, &created)
	r.next(t, "a webhook")
	c.refusesOutdated()
}

// againBehindABackup starts the first server again while a transaction has read the tables that its migrations change: the others
// go on meanwhile, and the server starts once the transaction is over.
func (c *cluster) againBehindABackup(l *load) {
	c.t.Helper()
	backup, err := pgx.Connect(c.t.Context(), c.database)
	if err == nil {
		_, err = backup.Exec(c.t.Context(), `begin; select count(*) from items; select count(*) from transactions`)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	defer backup.Close(context.Background()) //nolint:errcheck // the test's own connection
	waiting := make(chan error, 1)
	var start sync.WaitGroup
	old := c.servers[0]
	start.Go(func() { c.servers[0] = c.start(old.data, strings.TrimPrefix(old.url, "http://")) })
	go func() { waiting <- c.awaitMigration() }()
	if err := <-waiting; err != nil {
		c.t.Error(err)
	}
	c.answersWhileItStarts(old.url)
	l.count(1)
	l.count(2)
	if _, err := backup.Exec(c.t.Context(), `commit`); err != nil {
		c.t.Error(err)
	}
	start.Wait()
}

// answersWhileItStarts asks a server that waits for its migration: it lives, and is not ready.
func (c *cluster) answersWhileItStarts(url string) {
	c.t.Helper()
	for path, want := range map[string]string{"/healthz": "200 ok", "/readyz": "503 starting", "/accounts/get": "503 starting"} {
		res, err := http.Get(url + path)
		if err != nil {
			c.t.Error(err)
			continue
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close() //nolint:errcheck // it has been read
		if got := fmt.Sprintf("%d %s", res.StatusCode, strings.TrimSpace(string(body))); err != nil || got != want {
			c.t.Errorf("%s of a server that starts: %s, %v", path, got, err)
		}
	}
}

// awaitMigration waits until a migration waits for a table.
func (c *cluster) awaitMigration() error {
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	look, err := pgx.Connect(ctx, c.database)
	if err != nil {
		return err
	}
	defer look.Close(context.Background()) //nolint:errcheck // the test's own connection
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for n := 0; n == 0; {
		<-tick.C
		err := look.QueryRow(ctx, `select count(*) from pg_stat_activity
			where datname = current_database() and wait_event_type = 'Lock' and query like 'alter table%'`).Scan(&n)
		if err != nil {
			return fmt.Errorf("no sign of a migration that waits: %w", err)
		}
	}
	return nil
}

// nothingIsLost reads everything from the last of the servers: what was created is there once, each migration was done once, and no job was
// given up.
func (c *cluster) nothingIsLost(access []string, created *sync.Map) {
	c.t.Helper()
	told := map[string]int{}
	for _, token := range access {
		for name, n := range c.sync(2, token, "").names {
			told[name] += n
		}
	}
	all := 0
	for name := range created.Range {
		if all++; told[name.(string)] != 1 {
			c.t.Errorf("%s is told %d times", name, told[name.(string)])
		}
	}
	if all < 20 {
		c.t.Errorf("only %d transactions were created", all)
	}
	db, err := store.OpenPostgres(c.t.Context(), store.PostgresOptions{URL: c.database, Now: clock.System{}.Now})
	if err != nil {
		c.t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // it was only read
	var doubled, dead int64
	err = db.QueryRow(c.t.Context(), `select count(*), (select count(*) from dead_jobs)
		from (select version_id from goose_db_version group by version_id having count(*) > 1) as twice`).Scan(&doubled, &dead)
	s, err2 := db.Schema(c.t.Context())
	if err != nil || err2 != nil || doubled > 0 || dead > 0 || s != (store.Schema{Version: 9005, Oldest: 9004}) {
		c.t.Errorf("%d migrations were done twice, %d jobs are dead, the schema is %+v, %v %v", doubled, dead, s, err, err2)
	}
}

// refusesOutdated starts a server of the first version on the last schema, which it cannot go on with, and has a running one meet
// a schema that it cannot go on with.
func (c *cluster) refusesOutdated() {
	c.t.Helper()
	const says = "use a newer Weft"
	out, err := command(c.t, c.env, "serve", "--data", c.t.TempDir(), "--database", c.database, "--listen", "127.0.0.1:0").CombinedOutput()
	if err == nil || !strings.Contains(string(out), says) || !strings.Contains(string(out), "asks for a program that knows 9004") {
		c.t.Errorf("a server of the first version: %v, %s", err, out)
	}
	conn, err := pgx.Connect(c.t.Context(), c.database)
	if err == nil {
		_, err = conn.Exec(c.t.Context(), `insert into goose_db_version (version_id, is_applied) values (9999, true)`)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	defer conn.Close(context.Background()) //nolint:errcheck // the test's own connection
	s := c.servers[0]
	if res, err := http.Get(s.url + "/readyz"); err == nil { // it may have looked by itself, and be gone
		if res.StatusCode != http.StatusServiceUnavailable {
			c.t.Errorf("a server that has become too old is ready: %s", res.Status)
		}
		res.Body.Close() //nolint:errcheck // the status is the answer
	}
	await(c.t, "the end of a server that has become too old", s.ended)
	if s.ProcessState.Success() || !strings.Contains(s.said.String(), says) {
		c.t.Errorf("a server that has become too old ended with %v: %s", s.ProcessState, s.said)
	}
}

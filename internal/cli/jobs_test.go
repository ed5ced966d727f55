package cli_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"weft/internal/clock"
	"weft/internal/store"
)

// burial is a server with three dead jobs.
type burial struct {
	run   func(args ...string) outcome
	await func() // a webhook
}

func buried(t *testing.T) burial {
	t.Helper()
	received := make(chan struct{}, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { received <- struct{}{} }))
	t.Cleanup(receiver.Close)
	await := func() {
		t.Helper()
		select {
		case <-received:
		case <-time.After(30 * time.Second):
			t.Fatal("no webhook came")
		}
	}
	s := serve(t, filepath.Join(t.TempDir(), "data"), nil, "--instant")
	id, secrets := printed(t, s.greeting)
	status, code := s.post("/sandbox/public_token/create", `{"client_id":"`+id+`","secret":"`+secrets["sandbox"]+
		`","institution_id":"ins_109508","initial_products":["transactions"],"options":{"webhook":"`+receiver.URL+`"}}`)
	if status != 200 {
		t.Fatalf("%d %s", status, code)
	}
	await()
	await()
	// What a receiver has seen may not be recorded yet; a server that has stopped has recorded it.
	s.stop()
	run := func(args ...string) outcome {
		return weft(t, nil, append(append([]string{"jobs"}, args...), "--data", s.data)...)
	}
	if o := run("list").succeeds(t); o.out != "There are no dead jobs.\n" {
		t.Errorf("list: %q", o.out)
	}
	if o := run("list", "--json").succeeds(t); o.out != "[]\n" {
		t.Errorf("list: %q", o.out)
	}
	bury(t, s.data, id, receiver.URL)
	serve(t, s.data, nil, "--instant")
	return burial{run, await}
}

func TestDeadJobsAreListedAndShown(t *testing.T) {
	run := buried(t).run
	list := run("list").succeeds(t)
	if rows := strings.Split(strings.TrimSpace(list.out), "\n"); len(rows) != 4 || !strings.HasPrefix(rows[1], "dead3 ") || !strings.HasPrefix(rows[3], "dead1 ") ||
		!strings.Contains(rows[1], "10        the disk is full, and so on and on") || !strings.HasSuffix(rows[1], "…") {
		t.Errorf("list:\n%s", list.out)
	}
	var records []struct {
		ID   string          `json:"job_id"`
		Args json.RawMessage `json:"args"`
		Died string          `json:"died_at"`
	}
	mustParse(t, run("list", "--json", "--kind", "webhook", "--limit", "1").succeeds(t).out, &records)
	if len(records) != 1 || records[0].ID != "dead2" || records[0].Died != "2026-11-20T12:02:00Z" || !strings.Contains(string(records[0].Args), `"receiver":`) {
		t.Errorf("list: %+v", records)
	}
	if o := run("list", "--limit", "2").succeeds(t); !strings.HasSuffix(o.out, "There may be more: --before dead2\n") {
		t.Errorf("list:\n%s", o.out)
	}
	if o := run("list", "--before", "dead2").succeeds(t); strings.Contains(o.out, "dead2") || !strings.Contains(o.out, "dead1") {
		t.Errorf("list:\n%s", o.out)
	}
	shown := run("show", "dead3").succeeds(t)
	for _, part := range []string{"job_id    dead3\n", "kind      other\n", `args      {"n":3}`, "attempts  10\n", "died      2026-11-20 12:03:00\n", strings.Repeat(" and on", 30)} {
		if !strings.Contains(shown.out, part) {
			t.Errorf("no %q in\n%s", part, shown.out)
		}
	}
	if o := run("show", "dead3", "--json").succeeds(t); !json.Valid([]byte(o.out)) || !strings.Contains(o.out, `"attempts": 10`) {
		t.Errorf("show:\n%s", o.out)
	}
}

// Dead jobs are retried and discarded beside a running server, which runs the retried ones.
func TestDeadJobsAreRetriedAndDiscarded(t *testing.T) {
	b := buried(t)
	run := b.run
	// Of two that do the same work, one is run again: it delivers what waits.
	if o := run("retry", "--kind", "webhook").succeeds(t); !regexp.MustCompile(`^Jobs of kind webhook that are run again, as soon as the server runs: [12]\n$`).MatchString(o.out) {
		t.Errorf("retry: %q", o.out)
	}
	b.await()
	run("retry", "dead3").fails(t, "one whose work another does", 1, "job dead3 is not run again", "weft jobs discard dead3")
	run("discard", "dead3").succeeds(t)
	run("retry", "dead3").fails(t, "one that is gone", 1, "there is no dead job dead3; see weft jobs list")
	run("discard", "dead3", "dead4").fails(t, "two that are gone", 1, "dead3", "dead4")
	run("show", "nothing").fails(t, "unknown", 1, "there is no dead job nothing")
	run("list", "--before", "nothing").fails(t, "unknown", 1, "there is no dead job nothing")
	for _, c := range []struct {
		args []string
		part string
	}{
		{[]string{"list", "all"}, `unknown command "all"`}, {[]string{"list", "--limit", "0"}, "--limit must be at least 1"}, {[]string{"show"}, "needs one JOB_ID"},
		{[]string{"retry"}, "needs at least one JOB_ID, or --kind"}, {[]string{"retry", "x", "--kind", "y"}, "or --kind"}, {[]string{"discard"}, "needs at least one JOB_ID"},
		{[]string{"bury"}, `unknown command "bury"`},
	} {
		run(c.args...).fails(t, strings.Join(c.args, " "), 2, c.part)
	}
}

// bury makes the webhooks of a receiver wait again without a job, and three dead jobs: two would deliver them, and the work of
// the third is that of a job that waits.
func bury(t *testing.T, data, clientID, receiver string) {
	t.Helper()
	db, err := store.OpenSQLite(t.Context(), store.SQLiteOptions{Path: filepath.Join(data, "weft.db"), Now: clock.System{}.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // the test's own connection
	errand := fmt.Sprintf(`{"client":%q,"environment":"sandbox","receiver":%q}`, clientID, receiver)
	died := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	err = db.Write(t.Context(), func(tx *store.Tx) error {
		if _, err := tx.Exec(t.Context(), `update webhooks set state = 'pending'`); err != nil {
			return err
		}
		for n, d := range []struct{ kind, key, args, err string }{
			{"webhook", "a", errand, "broken"}, {"webhook", "a", errand, "broken"}, {"other", "k", `{"n":3}`, "the disk is full, and so on" + strings.Repeat(" and on", 30)},
		} {
			if _, err := tx.Exec(t.Context(), `insert into dead_jobs (job_id, kind, unique_key, args, enqueued_at, died_at, attempts, error) values ($1, $2, $3, $4, $5, $6, 10, $7)`,
				fmt.Sprint("dead", n+1), d.kind, d.key, d.args, died.UnixMilli(), died.Add(time.Duration(n+1)*time.Minute).UnixMilli(), d.err); err != nil {
				return err
			}
		}
		_, err := tx.Exec(t.Context(), `insert into jobs (job_id, kind, unique_key, args, enqueued_at, run_at, due_at, attempts, fence)
			values ('waits', 'other', 'k', '{}', 0, 0, 0, 0, 0)`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

package storetest

import (
	"os"
	"testing"

	"github.com/jackc/pgx/v5"

	"weft/internal/needs"
)

// Own is a PostgreSQL of a test's own, which may stop and start again.
type Own struct {
	t       testing.TB
	cluster cluster
}

// NewOwn starts one, which ends with the test.
func NewOwn(t testing.TB) *Own {
	t.Helper()
	o, bin := &Own{t: t}, needs.PostgresBinaries(t)
	t.Cleanup(func() {
		if err := o.cluster.stop(); err != nil {
			t.Error(err)
		}
	})
	if err := o.cluster.start(bin); err != nil {
		t.Fatalf("storetest: start PostgreSQL: %v", err)
	}
	conn, err := pgx.Connect(t.Context(), o.cluster.url("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context()) //nolint:errcheck // a test's own connection
	if _, err := conn.Exec(t.Context(), "create database weft"); err != nil {
		t.Fatal(err)
	}
	return o
}

// URL is the connection string of its database.
func (o *Own) URL() string { return o.cluster.url("weft") }

// Stop has it stop: by SIGINT it ends what is under way and says so to everybody, by SIGQUIT it goes as in a crash.
func (o *Own) Stop(by os.Signal) {
	o.t.Helper()
	if err := o.cluster.server.Process.Signal(by); err != nil {
		o.t.Fatal(err)
	}
	_ = o.cluster.server.Wait() // a crash is none that succeeds
	o.cluster.server = nil
}

// Start starts it where it was, and returns when it answers.
func (o *Own) Start() {
	o.t.Helper()
	if err := o.cluster.serve(); err != nil {
		o.t.Fatalf("storetest: start PostgreSQL again: %v", err)
	}
}

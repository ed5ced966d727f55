// Package storetest runs a test on both database engines. It starts a temporary PostgreSQL cluster by itself where the
// server's programs are installed, once for each package's tests; [Main] stops it.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"weft/internal/clock"
	"weft/internal/needs"
	"weft/internal/store"
)

// Start is where the clock of a test's database stands.
var Start = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// Each runs a test with an empty, migrated database of each engine.
func Each(t *testing.T, run func(t *testing.T, db *store.DB)) {
	EachAt(t, func(t *testing.T, db *store.DB, _ *clock.Manual) { run(t, db) })
}

// EachAt is Each with the databases' clock.
func EachAt(t *testing.T, run func(t *testing.T, db *store.DB, c *clock.Manual)) {
	for name, open := range map[string]func(testing.TB, clock.Clock) *store.DB{"sqlite": SQLite, "postgres": Postgres} {
		t.Run(name, func(t *testing.T) {
			c := clock.NewManual(Start)
			run(t, open(t, c), c)
		})
	}
}

// SQLite is an empty, migrated SQLite database for the time of a test.
func SQLite(t testing.TB, c clock.Clock) *store.DB {
	t.Helper()
	db, err := store.OpenSQLite(t.Context(), store.SQLiteOptions{
		Path: filepath.Join(t.TempDir(), "weft.db"), Exclusive: true, Now: c.Now,
	})
	return migrated(t, db, err)
}

// Postgres is an empty, migrated PostgreSQL database for the time of a test.
func Postgres(t testing.TB, c clock.Clock) *store.DB {
	t.Helper()
	db, err := store.OpenPostgres(t.Context(), store.PostgresOptions{URL: PostgresURL(t), Now: c.Now})
	return migrated(t, db, err)
}

func migrated(t testing.TB, db *store.DB, err error) *store.DB {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db
}

// PostgresURL is the connection string of an empty database in the temporary cluster.
func PostgresURL(t testing.TB) string {
	t.Helper()
	bin := needs.PostgresBinaries(t)
	shared.once.Do(func() { shared.err = shared.start(bin) })
	if shared.err != nil {
		t.Fatalf("storetest: start PostgreSQL: %v", shared.err)
	}
	name := fmt.Sprintf("weft_%d", shared.databases.Add(1))
	conn, err := pgx.Connect(t.Context(), shared.url("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background()) //nolint:errcheck // a test's own connection
	if _, err := conn.Exec(t.Context(), "create database "+name); err != nil {
		t.Fatal(err)
	}
	return shared.url(name)
}

// Main runs a package's tests and stops the cluster that they may have started.
func Main(m *testing.M) {
	code := m.Run()
	if err := shared.stop(); err != nil {
		fmt.Fprintln(os.Stderr, "storetest: stop PostgreSQL:", err)
		code = 1
	}
	os.Exit(code)
}

var shared cluster

// cluster is a PostgreSQL server of the tests' own, in a folder of its own, reached through a Unix socket there.
type cluster struct {
	once      sync.Once
	err       error
	databases atomic.Int64
	bin, dir  string
	as        *syscall.Credential // who runs the server
	server    *exec.Cmd
}

func (c *cluster) url(database string) string {
	return fmt.Sprintf("postgres:///%s?host=%s&user=weft", database, c.dir)
}

func (c *cluster) start(bin string) error {
	dir, err := os.MkdirTemp("", "weft-postgres-")
	if err != nil {
		return err
	}
	c.bin, c.dir = bin, dir
	if c.as, err = serverUser(dir); err != nil {
		return err
	}
	data := filepath.Join(dir, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "weft", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8")
	initdb.Dir = dir
	initdb.SysProcAttr = &syscall.SysProcAttr{Credential: c.as}
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	if err := appendTo(filepath.Join(data, "postgresql.auto.conf"), "fsync = off\n"); err != nil {
		return err
	}
	return c.serve()
}

// serve starts the server in its folder.
func (c *cluster) serve() error {
	c.server = exec.Command(filepath.Join(c.bin, "postgres"), "-D", filepath.Join(c.dir, "data"), "-k", c.dir, "-c", "listen_addresses=",
		"-c", "max_connections=200", "-c", "shared_buffers=32MB")
	c.server.Dir = c.dir
	// The server ends with the tests even where they are killed.
	c.server.SysProcAttr = &syscall.SysProcAttr{Credential: c.as, Pdeathsig: syscall.SIGQUIT}
	var log bytes.Buffer
	c.server.Stderr = &log
	if err := c.server.Start(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := ready(ctx, c.url("postgres")); err != nil {
		return fmt.Errorf("%w\n%s", err, &log)
	}
	return nil
}

func appendTo(file, text string) error {
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

// Durable has PostgreSQL write to the disk what is committed until the test ends, as it does outside of tests, for measuring. It
// returns a database like PostgresURL.
func Durable(t testing.TB) string {
	t.Helper()
	url := PostgresURL(t)
	set := func(ctx context.Context, value string) {
		conn, err := pgx.Connect(ctx, url)
		if err == nil {
			defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // a test's own connection
			_, err = conn.Exec(ctx, "alter system set fsync = "+value)
		}
		if err == nil {
			_, err = conn.Exec(ctx, "select pg_reload_conf()")
		}
		if err != nil {
			t.Error(err)
		}
	}
	set(t.Context(), "on")
	t.Cleanup(func() { set(context.Background(), "off") })
	return url
}

// Ended waits until PostgreSQL has ended what killed programs were in the middle of: a statement or a commit that is under way goes on
// without them, on a slow disk for a while, and keeps its locks. An empty connection string is no PostgreSQL's.
func Ended(t testing.TB, url string) {
	t.Helper()
	if url == "" {
		return
	}
	const busy = `select count(*) from pg_stat_activity, (select pg_sleep(0.01)) as moment
		where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid() and state <> 'idle'`
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background()) //nolint:errcheck // a test's own connection
	for n := 1; n > 0; {
		if err := conn.QueryRow(t.Context(), busy).Scan(&n); err != nil {
			t.Fatal(err)
		}
	}
}

// ready waits until a server answers; the wait between two attempts is the server's, which refuses at once.
func ready(ctx context.Context, url string) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := pgx.Connect(ctx, url)
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("no answer: %w", err)
		case <-tick.C:
		}
	}
}

// serverUser is who runs the server: PostgreSQL refuses to run as root.
func serverUser(dir string) (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		u, err = user.Lookup("nobody")
	}
	if err != nil {
		return nil, err
	}
	uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
	if err := errors.Join(err1, err2, os.Chown(dir, int(uid), int(gid))); err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

func (c *cluster) stop() error {
	if c.server == nil || c.server.Process == nil {
		return os.RemoveAll(c.dir)
	}
	err := c.server.Process.Signal(syscall.SIGINT) // fast shutdown
	if waitErr := c.server.Wait(); err == nil {
		err = waitErr
	}
	return errors.Join(err, os.RemoveAll(c.dir))
}

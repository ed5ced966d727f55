// Package crashtest kills servers. A server is the test's own program, started again as a child that writes numbered rows, each
// in a transaction with what the test wants written beside it, and works on them until it is killed: by itself before a named
// statement, or by the test after a random time. The next one goes on in the same database.
package crashtest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"weft/internal/clock"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

// variable makes a test's program a server.
const variable = "WEFT_TEST_CRASH"

// Server says where a server works and where it dies.
type Server struct {
	SQLite, Postgres string
	// Args are the test's own.
	Args map[string]string
	// Point is a statement before which the server kills itself, at its Nth time; empty to wait for its murderer.
	Point string
	Nth   int64
}

// Write is what a server writes in the transaction of a number.
type Write func(ctx context.Context, tx *store.Tx, n int) error

// Main is a package's TestMain: it runs the tests, or a server. Serve starts the server's work and returns what it writes.
func Main(m *testing.M, serve func(ctx context.Context, s Server, db *store.DB) (Write, error)) {
	line := os.Getenv(variable)
	if line == "" {
		storetest.Main(m)
	}
	fmt.Fprintln(os.Stderr, "crashtest:", run(line, serve))
	os.Exit(1)
}

// run writes numbers and prints each, until the server is killed or fails.
func run(line string, serve func(ctx context.Context, s Server, db *store.DB) (Write, error)) error {
	var s Server
	if err := json.Unmarshal([]byte(line), &s); err != nil {
		return err
	}
	ctx := context.Background()
	db, err := s.open(ctx, clock.System{})
	if err != nil {
		return err
	}
	var met atomic.Int64
	db.Observe(func(query string, _ []any) {
		if s.Point != "" && strings.Contains(query, s.Point) && met.Add(1) == s.Nth {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL) // a failure shows as a server that lives on
		}
	})
	write, err := serve(ctx, s, db)
	if err != nil {
		return err
	}
	var n int
	if err := db.QueryRow(ctx, `select coalesce(max(n), 0) from asked`).Scan(&n); err != nil {
		return err
	}
	for {
		n++
		err := db.Write(ctx, func(tx *store.Tx) error {
			if err := write(ctx, tx, n); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, `insert into asked (n) values ($1)`, n)
			return err
		})
		if errors.Is(err, store.ErrConflict) { // the one before was killed, and its commit came through after the look at the table
			continue
		}
		if err != nil {
			return err
		}
		fmt.Println(n)
	}
}

// Sole reports whether no other server works on the database.
func (s Server) Sole() bool { return s.SQLite != "" }

func (s Server) open(ctx context.Context, k clock.Clock) (*store.DB, error) {
	if s.Postgres != "" {
		return store.OpenPostgres(ctx, store.PostgresOptions{URL: s.Postgres, Now: k.Now})
	}
	return store.OpenSQLite(ctx, store.SQLiteOptions{Path: s.SQLite, Exclusive: true, Now: k.Now})
}

// Test kills servers of one database, one after another.
type Test struct {
	// Points are statements before which servers kill themselves: every other one does, at each point in turn.
	Points []string
	// Once are the points that a server may meet only once.
	Once []string
	// Tables are statements that make the test's own tables.
	Tables []string
	// SQLite and Postgres are how many servers are killed.
	SQLite, Postgres int
	// Args are given to the servers.
	Args func(t *testing.T) map[string]string
	// Check is called at the end with a clock that stands a minute later, and the numbers that were written.
	Check func(t *testing.T, s Server, db *store.DB, k *clock.Manual, asked []int)
}

// Run kills servers on both engines. Every point must have killed some, and every number that a server has told of must be in
// the database.
func (c Test) Run(t *testing.T) {
	for engine, kills := range map[string]int{"sqlite": c.SQLite, "postgres": c.Postgres} {
		t.Run(engine, func(t *testing.T) {
			s := Server{}
			if engine == "postgres" {
				s.Postgres = storetest.PostgresURL(t)
			} else {
				s.SQLite = filepath.Join(t.TempDir(), "weft.db")
			}
			if c.Args != nil {
				s.Args = c.Args(t)
			}
			s.inDatabase(t, clock.System{}, func(db *store.DB) { c.create(t, db) })
			start := clock.System{}.Now()
			told, hits := c.kill(t, s, kills)
			took := clock.System{}.Now().Sub(start)
			storetest.Ended(t, s.Postgres)
			later := clock.NewManual(clock.System{}.Now().Add(time.Minute))
			s.inDatabase(t, later, func(db *store.DB) {
				asked := Numbers(t, db, `select n from asked`)
				if len(asked) < told || told < kills/2 {
					t.Errorf("%d numbers are in the database, %d were told", len(asked), told)
				}
				c.Check(t, s, db, later, asked)
			})
			t.Logf("%d servers killed, %s each: %v, the others at random", kills, (took / time.Duration(kills)).Round(time.Millisecond), hits)
		})
	}
}

func (c Test) create(t *testing.T, db *store.DB) {
	t.Helper()
	err := db.Migrate(t.Context())
	if err == nil {
		err = db.Write(t.Context(), func(tx *store.Tx) error {
			for _, statement := range append([]string{`create table asked (n bigint not null primary key)`}, c.Tables...) {
				if _, err := tx.Exec(t.Context(), statement); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// kill returns the last number that a server has told of, and how often each point has killed.
func (c Test) kill(t *testing.T, s Server, kills int) (told int, hits map[string]int) {
	t.Helper()
	random, hits := rand.New(rand.NewPCG(1, 2)), map[string]int{}
	for i := range kills {
		s.Point, s.Nth = "", 1+random.Int64N(8)
		if i%2 == 0 {
			s.Point = c.Points[i/2%len(c.Points)]
			hits[s.Point]++ // a server that does not die there fails the test
		}
		if slices.Contains(c.Once, s.Point) {
			s.Nth = 1
		}
		told = max(told, s.killed(t, time.Duration(10+random.Int64N(80))*time.Millisecond))
	}
	if len(hits) < len(c.Points) {
		t.Errorf("%d of %d points have killed: more servers are needed", len(hits), len(c.Points))
	}
	return told, hits
}

// killed runs a server until it is killed, and returns the last number that it has told of.
func (s Server) killed(t *testing.T, after time.Duration) (last int) {
	t.Helper()
	line, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), variable+"="+string(line))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	if s.Point != "" {
		after = 20 * time.Second // only where it fails to kill itself
	}
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if n, err := strconv.Atoi(lines.Text()); err == nil {
			last = n
		}
	}
	var exit *exec.ExitError
	err = cmd.Wait()
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL || !timer.Stop() && s.Point != "" {
		t.Fatalf("the server was not killed at %q: %v", s.Point, err)
	}
	return last
}

func (s Server) inDatabase(t *testing.T, k clock.Clock, fn func(*store.DB)) {
	t.Helper()
	db, err := s.open(t.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	fn(db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// Numbers are the numbers that a query returns, in order.
func Numbers(t *testing.T, db *store.DB, query string) (list []int) {
	t.Helper()
	rows, err := db.Query(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var n int
		if err := rows.Scan(&n); err != nil {
			t.Fatal(err)
		}
		list = append(list, n)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(list)
	return list
}

// Finish runs what is due, and what becomes due within a minute of that, until nothing is left.
func Finish(t *testing.T, k *clock.Manual, runDue func(context.Context) (int, error)) {
	t.Helper()
	for attempts := 1; attempts > 0; k.Advance(time.Minute) {
		var err error
		if attempts, err = runDue(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

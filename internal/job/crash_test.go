package job_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
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
	"weft/internal/ident"
	"weft/internal/job"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

// childVariable makes the test's own program a server with jobs: the child of a crash test.
const childVariable = "WEFT_TEST_JOBS"

// child says what a child does.
type child struct {
	SQLite, Postgres string
	// Point is a statement before which the child kills itself, at its Nth time; empty to wait for its murderer.
	Point string
	Nth   int64
}

// points are statements before which a child kills itself: in the enqueuer's transaction, at taking, at giving back, in the
// effect's transaction before and after the effect.
var points = []string{
	"insert into jobs", "insert into asked", "with chosen", "attempts = attempts -", "insert into effects", "delete from jobs",
	"due_at = run_at", "last statement",
}

func (c child) open(ctx context.Context, k clock.Clock) (*store.DB, error) {
	if c.Postgres != "" {
		return store.OpenPostgres(ctx, store.PostgresOptions{URL: c.Postgres, Now: k.Now})
	}
	return store.OpenSQLite(ctx, store.SQLiteOptions{Path: c.SQLite, Exclusive: true, Now: k.Now})
}

func (c child) queue(db *store.DB, k clock.Clock) (*job.Queue, *job.Kind[int]) {
	q := job.New(job.Config{
		DB: db, Clock: k, IDs: ident.System(), Random: rand.Int64N, Log: slog.New(slog.DiscardHandler),
		Sole: c.SQLite != "", Lease: 300 * time.Millisecond, Poll: 50 * time.Millisecond,
	})
	spec := job.Spec{Name: "effect", Attempts: 10_000, Backoff: job.Backoff{First: time.Millisecond, Limit: time.Millisecond}}
	return q, job.Register(q, spec, func(ctx context.Context, j job.Job[int]) error {
		if j.Args%5 == 0 && j.Attempt == 1 {
			return errBroken
		}
		return db.Write(ctx, func(tx *store.Tx) error { return effect(ctx, tx, j) })
	})
}

// effect writes the job's row. A row that overtakes another of its lane, or that is there, makes the job dead.
func effect(ctx context.Context, tx *store.Tx, j job.Job[int]) error {
	var later int
	if err := tx.QueryRow(ctx, `select count(*) from effects where lane = $1 and n >= $2`, lane(j.Args), j.Args).Scan(&later); err != nil {
		return err
	}
	if later > 0 && lane(j.Args) != "" {
		return job.GiveUp(fmt.Errorf("%d jobs of lane %s have overtaken %d", later, lane(j.Args), j.Args))
	}
	if _, err := tx.Exec(ctx, `insert into effects (n, lane) values ($1, $2)`, j.Args, lane(j.Args)); err != nil {
		return err
	}
	if err := job.CompleteTx(ctx, tx, j); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `update last_statement set n = n + 1`) // "last statement"
	return err
}

// lane has a third of the jobs in no lane.
func lane(n int) string { return []string{"", "a", "b"}[n%3] }

// runAsChild runs jobs and enqueues more until it is killed.
func runAsChild(line string) {
	var c child
	must(json.Unmarshal([]byte(line), &c))
	ctx := context.Background()
	db, err := c.open(ctx, clock.System{})
	must(err)
	var met atomic.Int64
	db.Observe(func(query string, _ []any) {
		point := strings.ReplaceAll(c.Point, " statement", "_statement")
		if c.Point != "" && strings.Contains(query, point) && met.Add(1) == c.Nth {
			must(syscall.Kill(os.Getpid(), syscall.SIGKILL))
		}
	})
	q, k := c.queue(db, clock.System{})
	go func() { must(q.Run(ctx)) }()
	var n int
	must(db.QueryRow(ctx, `select coalesce(max(n), 0) from asked`).Scan(&n))
	for {
		n++
		must(db.Write(ctx, func(tx *store.Tx) error {
			if _, err := k.Enqueue(ctx, tx, n, job.Options{Lane: lane(n)}); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, `insert into asked (n) values ($1)`, n)
			return err
		}))
		fmt.Println(n)
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// However often and wherever servers are killed: each job that was enqueued has its effect exactly once, in its lane's order.
func TestJobsSurviveBeingKilled(t *testing.T) {
	for engine, kills := range map[string]int{"sqlite": 200, "postgres": 40} {
		t.Run(engine, func(t *testing.T) {
			if testing.Short() {
				kills /= 10
			}
			c := child{}
			if engine == "postgres" {
				c.Postgres = storetest.PostgresURL(t)
			} else {
				c.SQLite = filepath.Join(t.TempDir(), "weft.db")
			}
			inDatabase(t, c, clock.System{}, func(db *store.DB) { createOracle(t, db) })
			acknowledged := 0
			random := rand.New(rand.NewPCG(1, 2))
			for i := range kills {
				c.Point, c.Nth = "", 1+random.Int64N(8)
				if i%2 == 0 {
					c.Point = points[i/2%len(points)]
				}
				acknowledged = max(acknowledged, killed(t, c, time.Duration(10+random.Int64N(70))*time.Millisecond))
			}
			later := clock.NewManual(clock.System{}.Now().Add(time.Minute))
			inDatabase(t, c, later, func(db *store.DB) { checkOracle(t, c, db, later, acknowledged, kills) })
		})
	}
}

func inDatabase(t *testing.T, c child, k clock.Clock, fn func(*store.DB)) {
	t.Helper()
	db, err := c.open(t.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	fn(db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func createOracle(t *testing.T, db *store.DB) {
	t.Helper()
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := db.Write(t.Context(), func(tx *store.Tx) error {
		for _, statement := range []string{
			`create table asked (n bigint not null)`, `create table effects (n bigint not null, lane text not null)`,
			`create index effects_lane on effects (lane, n)`, `create table last_statement (n bigint)`, `insert into last_statement (n) values (0)`,
		} {
			if _, err := tx.Exec(t.Context(), statement); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// killed runs a child until it is killed, and returns the last number that it has said to be enqueued.
func killed(t *testing.T, c child, after time.Duration) (last int) {
	t.Helper()
	line, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"="+string(line))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	if c.Point != "" {
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
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL || !timer.Stop() && c.Point != "" {
		t.Fatalf("the child was not killed at %q: %v", c.Point, err)
	}
	return last
}

// checkOracle lets a last server finish and compares what was asked with what was done.
func checkOracle(t *testing.T, c child, db *store.DB, k *clock.Manual, acknowledged, kills int) {
	t.Helper()
	q, _ := c.queue(db, k)
	for attempts := 1; attempts > 0; k.Advance(time.Minute) {
		var err error
		if attempts, err = q.RunDue(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	asked, effects := numbers(t, db, `select n from asked`), numbers(t, db, `select n from effects`)
	if !slices.Equal(asked, effects) {
		t.Errorf("%d jobs were enqueued, %d effects are there", len(asked), len(effects))
	}
	if len(asked) < acknowledged || acknowledged < kills {
		t.Errorf("%d jobs are in the database, %d were acknowledged", len(asked), acknowledged)
	}
	dead, err := q.DeadJobs(t.Context(), "", nil, 10)
	if left := numbers(t, db, `select attempts from jobs`); err != nil || len(dead) > 0 || len(left) > 0 {
		t.Errorf("dead %+v, %v; left %v", dead, err, left)
	}
	t.Logf("%d jobs, each done once", len(effects))
}

func numbers(t *testing.T, db *store.DB, query string) (list []int) {
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
	slices.Sort(list)
	return list
}

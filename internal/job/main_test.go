package job_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"weft/internal/clock"
	"weft/internal/ident"
	"weft/internal/job"
	"weft/internal/store"
	"weft/internal/store/crashtest"
	"weft/internal/store/storetest"
)

func TestMain(m *testing.M) { crashtest.Main(m, serve) }

var errBroken = errors.New("broken")

// bench is a database with a clock that the test moves, and queues on it, each of which stands for a server.
type bench struct {
	testing.TB
	db    *store.DB
	clock *clock.Manual
	log   *buffer
}

// each runs a test on both engines.
func each(t *testing.T, run func(b *bench)) {
	t.Helper()
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) { run(newBench(t, engine)) })
	}
}

func newBench(t testing.TB, engine string) *bench {
	b := &bench{TB: t, clock: clock.NewManual(storetest.Start), log: &buffer{}}
	if engine == "postgres" {
		b.db = storetest.Postgres(t, b.clock)
	} else {
		b.db = storetest.SQLite(t, b.clock)
	}
	return b
}

// config is that of a server's queue.
func (b *bench) config() job.Config {
	return newConfig(b.db, b.clock, slog.NewTextHandler(b.log, nil))
}

// newConfig leaves nothing to chance: of every random part it takes half.
func newConfig(db *store.DB, k clock.Clock, log slog.Handler) job.Config {
	return job.Config{DB: db, Clock: k, IDs: ident.System(), Random: func(n int64) int64 { return n / 2 }, Log: slog.New(log)}
}

func (b *bench) queue() *job.Queue { return job.New(b.config()) }

// runDue runs what is due on a queue and checks how many attempts that took.
func (b *bench) runDue(q *job.Queue, want int) {
	b.Helper()
	if got, err := q.RunDue(b.Context()); err != nil || got != want {
		b.Fatalf("%d attempts, %v; want %d", got, err, want)
	}
}

// enqueue enqueues a job in a transaction of its own.
func enqueue[A any](b *bench, k *job.Kind[A], args A, o job.Options) bool {
	b.Helper()
	var added bool
	b.write(func(tx *store.Tx) (err error) {
		added, err = k.Enqueue(b.Context(), tx, args, o)
		return err
	})
	return added
}

func (b *bench) write(fn func(tx *store.Tx) error) {
	b.Helper()
	if err := b.db.Write(b.Context(), fn); err != nil {
		b.Fatal(err)
	}
}

// exec runs a statement.
func (b *bench) exec(query string) {
	b.Helper()
	b.write(func(tx *store.Tx) error {
		_, err := tx.Exec(b.Context(), query)
		return err
	})
}

// rows counts the rows of a table.
func (b *bench) rows(table string) (n int) {
	b.Helper()
	if err := b.db.QueryRow(b.Context(), "select count(*) from "+table).Scan(&n); err != nil {
		b.Fatal(err)
	}
	return n
}

// dead are the dead jobs.
func (b *bench) dead(q *job.Queue) []job.Dead {
	b.Helper()
	list, err := q.DeadJobs(b.Context(), "", nil, 100)
	if err != nil {
		b.Fatal(err)
	}
	return list
}

// record is a worker that keeps what it was given and returns what the test wants.
type record struct {
	mu       sync.Mutex
	args     []int
	attempts []int
	result   func(j job.Job[int]) error
}

func (r *record) work(_ context.Context, j job.Job[int]) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.args, r.attempts = append(r.args, j.Args), append(r.attempts, j.Attempt)
	if r.result == nil {
		return nil
	}
	return r.result(j)
}

// buffer is a log that several goroutines write.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// await waits for a signal; a test that waits for long has failed.
func await[T any](t testing.TB, what string, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(30 * time.Second):
		t.Fatalf("no sign of: %s", what)
		panic("unreachable")
	}
}

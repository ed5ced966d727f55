package webhook_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"weft/internal/clock"
	"weft/internal/ident"
	"weft/internal/item/event"
	"weft/internal/job"
	"weft/internal/needs"
	"weft/internal/seal"
	"weft/internal/store"
	"weft/internal/store/storetest"
	"weft/internal/webhook"
)

// childVariable makes the test's own program a server with webhooks: the child of the crash test.
const childVariable = "WEFT_TEST_WEBHOOKS"

// child says what a child does.
type child struct {
	SQLite, Postgres, Key, URL string
	// Point is a statement before which the child kills itself, at its Nth time; empty to wait for its murderer.
	Point string
	Nth   int64
}

// points are statements before which a child kills itself: while an event is written, at its commit, when the job is taken,
// between the receiver's answer and the record of it, in the record, and after it.
var points = []string{
	"insert into webhook_receivers", "insert into webhooks", "insert into jobs", "insert into asked", store.Committing, store.Committed,
	"with chosen", "attempts = attempts + 1, sent_at", "insert into webhook_attempts", "set state = $1",
}

func (c child) open(ctx context.Context, k clock.Clock) (*store.DB, error) {
	if c.Postgres != "" {
		return store.OpenPostgres(ctx, store.PostgresOptions{URL: c.Postgres, Now: k.Now})
	}
	return store.OpenSQLite(ctx, store.SQLiteOptions{Path: c.SQLite, Exclusive: true, Now: k.Now})
}

func (c child) service(db *store.DB, k clock.Clock) (*job.Queue, *webhook.Service) {
	keys, err := seal.FromText(c.Key)
	must(err)
	log := slog.New(slog.DiscardHandler)
	q := job.New(job.Config{DB: db, Clock: k, IDs: ident.System(), Random: rand.Int64N, Log: log,
		Sole: c.SQLite != "", Lease: 300 * time.Millisecond, Poll: 50 * time.Millisecond})
	return q, webhook.New(webhook.Config{DB: db, Keys: keys, Clock: k, IDs: ident.System(), Random: rand.Int64N, Log: log, Queue: q, Loopback: true,
		Retries: webhook.Retries{First: time.Millisecond, Factor: 1, Limit: time.Millisecond, Probe: time.Millisecond, Horizon: time.Hour}})
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// runAsChild writes events and delivers them until it is killed.
func runAsChild(line string) {
	var c child
	must(json.Unmarshal([]byte(line), &c))
	ctx := context.Background()
	db, err := c.open(ctx, clock.System{})
	must(err)
	var met atomic.Int64
	db.Observe(func(query string, _ []any) {
		if c.Point != "" && strings.Contains(query, c.Point) && met.Add(1) == c.Nth {
			must(syscall.Kill(os.Getpid(), syscall.SIGKILL))
		}
	})
	q, s := c.service(db, clock.System{})
	go func() { must(q.Run(ctx)) }()
	var n int
	must(db.QueryRow(ctx, `select coalesce(max(n), 0) from asked`).Scan(&n))
	for {
		n++
		must(db.Write(ctx, func(tx *store.Tx) error {
			to := event.Target{Tenant: tenant, ItemID: "item", Webhook: c.URL}
			if err := s.Notify(ctx, tx, to, event.Event{Type: "TEST", Code: "NUMBER", Members: numbered{n}}); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, `insert into asked (n) values ($1)`, n)
			return err
		}))
		fmt.Println(n)
	}
}

// However often and wherever servers are killed: each event that was written is delivered, in order, and twice only where a
// server was killed between the answer and the record of it.
func TestEventsSurviveKilledServers(t *testing.T) {
	for engine, kills := range map[string]int{"sqlite": needs.Cycles(44, 200), "postgres": needs.Cycles(22, 44)} {
		t.Run(engine, func(t *testing.T) {
			content, err := seal.Generate()
			if err != nil {
				t.Fatal(err)
			}
			c := child{Key: base64.StdEncoding.EncodeToString(content)}
			if engine == "postgres" {
				c.Postgres = storetest.PostgresURL(t)
			} else {
				c.SQLite = filepath.Join(t.TempDir(), "weft.db")
			}
			b := &bench{TB: t, clock: clock.NewManual(clock.System{}.Now())}
			r := b.receiver()
			c.URL = r.URL
			inDatabase(t, c, clock.System{}, func(db *store.DB) {
				if err := db.Migrate(t.Context()); err != nil {
					t.Fatal(err)
				}
				must(db.Write(t.Context(), func(tx *store.Tx) error {
					_, err := tx.Exec(t.Context(), `create table asked (n bigint not null primary key)`)
					return err
				}))
			})
			acknowledged, random := 0, rand.New(rand.NewPCG(1, 2))
			for i := range kills {
				c.Point, c.Nth = "", 1+random.Int64N(8)
				if i%2 == 0 {
					c.Point = points[i/2%len(points)]
				}
				if c.Point == "with chosen" { // one visit goes on while there are events
					c.Nth = 1
				}
				acknowledged = max(acknowledged, killed(t, c, time.Duration(20+random.Int64N(80))*time.Millisecond))
			}
			later := clock.NewManual(clock.System{}.Now().Add(time.Minute))
			inDatabase(t, c, later, func(db *store.DB) { checkDelivered(t, c, db, later, r, acknowledged, kills) })
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

// killed runs a child until it is killed, and returns the last number that it has said to be written.
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

// checkDelivered lets a last server finish and compares what was written with what was received.
func checkDelivered(t *testing.T, c child, db *store.DB, k *clock.Manual, r *receiver, acknowledged, kills int) {
	t.Helper()
	q, s := c.service(db, k)
	for attempts := 1; attempts > 0; k.Advance(time.Minute) {
		var err error
		if attempts, err = q.RunDue(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	var asked int
	must(db.QueryRow(t.Context(), `select count(*) from asked`).Scan(&asked))
	times, latest, twice := map[int]int{}, 0, 0
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, n := range r.got {
		if times[n]++; times[n] > 1 {
			twice++
		} else if n < latest {
			t.Errorf("%d came first after %d", n, latest)
		}
		latest = max(latest, n)
	}
	if len(times) != asked || asked < acknowledged {
		t.Errorf("%d events were written, %d acknowledged; %d were delivered", asked, acknowledged, len(times))
	}
	if twice > kills {
		t.Errorf("%d were delivered twice after %d kills", twice, kills)
	}
	if left, err := s.List(t.Context(), tenant, webhook.Filter{State: webhook.Pending, Limit: 10}); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
	t.Logf("%d events, each delivered, %d twice, after %d kills", asked, twice, kills)
}

package webhook_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"weft/internal/clock"
	"weft/internal/ident"
	"weft/internal/item/event"
	"weft/internal/job"
	"weft/internal/seal"
	"weft/internal/store"
	"weft/internal/store/storetest"
	"weft/internal/webhook"
)

// lease is shorter than a visit may be.
const lease = 10 * time.Second

// another is a server with a handle of its own on a PostgreSQL database.
func another(t *testing.T, url string, keys *seal.Keys, k clock.Clock) (*store.DB, *job.Queue, *webhook.Service) {
	t.Helper()
	db, err := store.OpenPostgres(t.Context(), store.PostgresOptions{URL: url, Now: k.Now})
	if err == nil {
		err = db.Migrate(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	log := slog.New(slog.DiscardHandler)
	q := job.New(job.Config{DB: db, Clock: k, IDs: ident.System(), Random: rand.Int64N, Log: log, Poll: 10 * time.Millisecond, Lease: lease})
	return db, q, webhook.New(webhook.Config{DB: db, Keys: keys, Clock: k, IDs: ident.System(), Random: rand.Int64N, Log: log, Queue: q, Loopback: true})
}

// tally is what each of several receivers was sent, by its host.
type tally struct {
	mu   sync.Mutex
	got  map[string][]int
	left int
	all  chan struct{}
}

func (c *tally) ServeHTTP(_ http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	_, after, ok := strings.Cut(string(body), `"n": `)
	n := 0
	if _, scanned := fmt.Sscan(after, &n); err != nil || !ok || scanned != nil {
		panic("not a numbered webhook: " + string(body))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.got[req.Host] = append(c.got[req.Host], n)
	if c.left--; c.left == 0 {
		close(c.all)
	}
}

// Three servers on one database write and deliver webhooks of several receivers: each is delivered once, in its receiver's
// order.
func TestServersShareTheDelivery(t *testing.T) {
	const servers, receivers, each = 3, 9, 400
	c := &tally{got: map[string][]int{}, left: receivers * each, all: make(chan struct{})}
	port, url, keys := everywhere(t, c.ServeHTTP), storetest.PostgresURL(t), newKeys(t)
	var db *store.DB
	var producers sync.WaitGroup
	start := clock.System{}.Now()
	for i := range servers {
		own, q, s := another(t, url, keys, clock.System{})
		db = own
		run(t, q)
		producers.Go(func() { // a receiver has one producer, so that its order is known
			for n := range each {
				for r := i; r < receivers; r += servers {
					notify(t, own, s, address(r, port), n)
				}
			}
		})
	}
	producers.Wait()
	await(t, "all webhooks", c.all)
	recorded(t, db)
	t.Logf("%.0f webhooks/s", receivers*each/clock.System{}.Now().Sub(start).Seconds())
	c.mu.Lock()
	defer c.mu.Unlock()
	for host, got := range c.got {
		if len(got) != each || !slices.IsSorted(got) {
			t.Errorf("%s got %d: %v", host, len(got), got)
		}
	}
	var attempts int
	if err := db.QueryRow(t.Context(), `select sum(attempts) from webhooks`).Scan(&attempts); err != nil || attempts != receivers*each || len(c.got) != receivers {
		t.Errorf("%d attempts, %v; %d receivers", attempts, err, len(c.got))
	}
}

// recorded waits until nothing is pending.
func recorded(t testing.TB, db *store.DB) {
	t.Helper()
	for left := 1; left > 0; {
		if err := db.QueryRow(t.Context(), `select count(*) from webhooks where state = 'pending'`).Scan(&left); err != nil {
			t.Fatal(err)
		}
	}
}

func await(t testing.TB, what string, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(2 * time.Minute):
		t.Fatalf("no sign of: %s", what)
	}
}

// gate is a clock that a whole server stands still at once it is shut.
type gate struct {
	clock.Clock
	shut    atomic.Bool
	arrived chan struct{}
	open    chan struct{}
}

func (g *gate) Now() time.Time {
	if g.shut.Load() {
		g.arrived <- struct{}{}
		<-g.open
	}
	return g.Clock.Now()
}

// A server that stands still until another has taken its work finds on waking that it may send nothing, and what it had still
// to record is recorded already.
func TestAFrozenServerWakesTooLate(t *testing.T) {
	const many = 40
	for name, freeze := range map[string]func(db *store.DB, r *receiver, stand, shut func()){
		"before it reads what waits": func(db *store.DB, _ *receiver, stand, _ func()) { db.Observe(at("order by position limit", stand)) },
		"before a record": func(db *store.DB, _ *receiver, stand, _ func()) {
			db.Observe(at("attempts = attempts + 1, sent_at", stand))
		},
		"after a record": func(db *store.DB, _ *receiver, stand, _ func()) {
			var recorded atomic.Bool
			recording, committed := at("attempts = attempts + 1, sent_at", func() { recorded.Store(true) }), at(store.Committed, stand)
			db.Observe(func(query string, args []any) {
				recording(query, args)
				if recorded.Load() {
					committed(query, args)
				}
			})
		},
		"before an answer": func(_ *store.DB, r *receiver, _, shut func()) { r.set(func(int) int { shut(); return 200 }) },
	} {
		t.Run(name, func(t *testing.T) {
			b := &bench{TB: t, clock: clock.NewManual(storetest.Start), keys: newKeys(t)}
			url, r := storetest.PostgresURL(t), b.receiver()
			g := &gate{Clock: b.clock, arrived: make(chan struct{}, 100), open: make(chan struct{})}
			db, frozen, _ := another(t, url, b.keys, g)
			b.db, b.queue, b.service = another(t, url, b.keys, b.clock)
			freeze(db, r, func() { g.shut.Store(true); g.Now() }, func() { g.shut.CompareAndSwap(false, true) })
			for n := 1; n <= many; n++ {
				b.tell(r.URL, n)
			}
			woken := make(chan error, 1)
			go func() {
				_, err := frozen.RunDue(context.WithoutCancel(t.Context()))
				woken <- err
			}()
			await(t, "the server standing still", g.arrived)
			if strings.Contains(name, " a record") { // that was the one that records; the one that sends stands too, or has sent all it may
				for tick := time.NewTicker(time.Millisecond); len(g.arrived) == 0 && r.count() < mostUnrecorded; {
					<-tick.C
				}
			}
			b.clock.Advance(lease + time.Second)
			r.always(200)
			b.settle()
			sent := r.count()
			want(t, "pending", len(b.list(webhook.Pending)), 0)
			g.shut.Store(false)
			close(g.open)
			if err := <-woken; err != nil {
				t.Fatal(err)
			}
			want(t, "sent after waking", r.count()-sent, 0)
			if restarts, _ := checkOrder(t, r, many); restarts > 1 {
				t.Errorf("webhooks came again %d times: %v", restarts, r.got)
			}
			for _, w := range b.list("") {
				want(t, "attempts recorded at "+w.ID, w.Attempts, 1)
			}
		})
	}
}

// at observes a database and does something when it first comes to a statement.
func at(statement string, do func()) func(query string, _ []any) {
	var once sync.Once
	return func(query string, _ []any) {
		if strings.Contains(query, statement) {
			once.Do(do)
		}
	}
}

// count is how many webhooks it was sent.
func (r *receiver) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.asked)
}

// notify writes a numbered event in a transaction of its own.
func notify(t testing.TB, db *store.DB, s *webhook.Service, url string, n int) {
	err := db.Write(t.Context(), func(tx *store.Tx) error {
		return s.Notify(t.Context(), tx, event.Target{Tenant: tenant, ItemID: "item", Webhook: url}, event.Event{Type: "TEST", Code: "NUMBER", Members: numbered{n}})
	})
	if err != nil {
		t.Error(err)
	}
}

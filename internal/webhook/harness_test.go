package webhook_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"weft/internal/clock"
	"weft/internal/ident"
	"weft/internal/item/event"
	"weft/internal/job"
	"weft/internal/seal"
	"weft/internal/store"
	"weft/internal/store/crashtest"
	"weft/internal/store/storetest"
	"weft/internal/webhook"
)

func TestMain(m *testing.M) { crashtest.Main(m, serve) }

// bench is a server's outbox and queue, with a clock that the test moves.
type bench struct {
	testing.TB
	db      *store.DB
	clock   *clock.Manual
	queue   *job.Queue
	service *webhook.Service
	log     *bytes.Buffer
	keys    *seal.Keys
	poll    time.Duration
}

var tenant = store.Tenant{Client: "client", Environment: "sandbox"}

// each runs a test on both engines.
func each(t *testing.T, run func(b *bench)) {
	t.Helper()
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) { run(newBench(t, db, c, webhook.Retries{})) })
}

func newBench(t testing.TB, db *store.DB, c *clock.Manual, r webhook.Retries) *bench {
	t.Helper()
	b := &bench{TB: t, db: db, clock: c, log: &bytes.Buffer{}, keys: newKeys(t)}
	b.start(r, true)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("log: %.2000s", b.log)
		}
	})
	return b
}

func newKeys(t testing.TB) *seal.Keys {
	t.Helper()
	content, err := seal.Generate()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := seal.Parse(content)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// start makes a queue and a service. Chance is in the middle, so that no time is spread.
func (b *bench) start(r webhook.Retries, loopback bool) {
	log := slog.New(slog.NewTextHandler(b.log, nil))
	middle := func(n int64) int64 { return n / 2 }
	b.queue = job.New(job.Config{DB: b.db, Clock: b.clock, IDs: ident.System(), Random: middle, Log: log})
	b.service = webhook.New(webhook.Config{
		DB: b.db, Keys: b.keys, Clock: b.clock, IDs: ident.System(), Random: middle, Log: log, Queue: b.queue, Loopback: loopback, Retries: r, Poll: b.poll,
	})
}

// tellMany writes numbered events up to one in one transaction.
func (b *bench) tellMany(url string, most int) {
	b.Helper()
	err := b.db.Write(b.Context(), func(tx *store.Tx) error {
		for n := 1; n <= most; n++ {
			if err := b.service.Notify(b.Context(), tx, event.Target{Tenant: tenant, ItemID: "item", Webhook: url}, event.Event{Type: "TEST", Code: "NUMBER", Members: numbered{n}}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

type numbered struct {
	N int `json:"n"`
}

// tell writes numbered events in a transaction each.
func (b *bench) tell(url string, numbers ...int) {
	b.Helper()
	for _, n := range numbers {
		b.tellTo(tenant, url, n)
	}
}

func (b *bench) tellTo(of store.Tenant, url string, n int) {
	b.Helper()
	err := b.db.Write(b.Context(), func(tx *store.Tx) error {
		return b.service.Notify(b.Context(), tx, event.Target{Tenant: of, ItemID: "item", Webhook: url}, event.Event{Type: "TEST", Code: "NUMBER", Members: numbered{n}})
	})
	if err != nil {
		b.Fatal(err)
	}
}

// settle runs what is due now.
func (b *bench) settle() {
	b.Helper()
	if _, err := b.queue.RunDue(b.Context()); err != nil {
		b.Fatal(err)
	}
}

// list is the tenant's webhooks, oldest first.
func (b *bench) list(state string) []webhook.Webhook {
	b.Helper()
	list, err := b.service.List(b.Context(), tenant, webhook.Filter{State: state, Limit: 1000})
	if err != nil {
		b.Fatal(err)
	}
	for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 {
		list[i], list[j] = list[j], list[i]
	}
	return list
}

// receiver is a client's program.
type receiver struct {
	*httptest.Server
	mu sync.Mutex
	// got are the numbers that it has answered with success, asked all that it was sent.
	got, asked []int
	times      []time.Time
	headers    []http.Header
	bodies     []string
	// answer decides by the number; nil is 200 for all.
	answer func(n int) int
}

func (b *bench) receiver() *receiver {
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			b.Error(err)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		var n int
		if _, after, ok := strings.Cut(string(body), `"n": `); ok {
			_, _ = fmt.Sscan(after, &n)
		}
		r.asked, r.times, r.headers, r.bodies = append(r.asked, n), append(r.times, b.clock.Now()), append(r.headers, req.Header), append(r.bodies, string(body))
		status := 200
		if r.answer != nil {
			status = r.answer(n)
		}
		if status < 300 {
			r.got = append(r.got, n)
		}
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
		if status != 204 {
			_, _ = io.WriteString(w, "\x00thanks "+strings.Repeat("x", 1000))
		}
	}))
	b.Cleanup(r.Close)
	return r
}

// always answers everything with a status.
func (r *receiver) always(status int) { r.set(func(int) int { return status }) }

func (r *receiver) set(answer func(int) int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

func want(t testing.TB, what string, got, want any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("%s: %.300s, want %v", what, fmt.Sprint(got), want)
	}
}

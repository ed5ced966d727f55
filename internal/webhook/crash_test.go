package webhook_test

import (
	"context"
	"encoding/base64"
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"

	"weft/internal/clock"
	"weft/internal/ident"
	"weft/internal/item/event"
	"weft/internal/job"
	"weft/internal/needs"
	"weft/internal/seal"
	"weft/internal/store"
	"weft/internal/store/crashtest"
	"weft/internal/webhook"
)

// points are statements before which a server kills itself: while an event is written, at its commit, when the job is taken,
// between the receiver's answer and the record of it, and in the record.
var points = []string{
	"insert into webhook_receivers", "insert into webhooks", "insert into jobs", "insert into asked", store.Committing, store.Committed,
	"with chosen", "attempts = attempts + 1, sent_at",
}

// delivering is a server's queue and service, which tries again soon.
func delivering(s crashtest.Server, db *store.DB, k clock.Clock) (*job.Queue, *webhook.Service, error) {
	keys, err := seal.FromText(s.Args["key"])
	log := slog.New(slog.DiscardHandler)
	q := job.New(job.Config{DB: db, Clock: k, IDs: ident.System(), Random: rand.Int64N, Log: log,
		Sole: s.Sole(), Lease: 300 * time.Millisecond, Poll: 50 * time.Millisecond})
	return q, webhook.New(webhook.Config{DB: db, Keys: keys, Clock: k, IDs: ident.System(), Random: rand.Int64N, Log: log, Queue: q, Loopback: true,
		Retries: webhook.Retries{First: time.Millisecond, Factor: 1, Limit: time.Millisecond, Probe: time.Millisecond, Horizon: time.Hour}}), err
}

// serve writes events and delivers them.
func serve(ctx context.Context, s crashtest.Server, db *store.DB) (crashtest.Write, error) {
	q, service, err := delivering(s, db, clock.System{})
	go func() { panic(q.Run(ctx)) }() // it ends by failing
	return func(ctx context.Context, tx *store.Tx, n int) error {
		to := event.Target{Tenant: tenant, ItemID: "item", Webhook: s.Args["url"]}
		return service.Notify(ctx, tx, to, event.Event{Type: "TEST", Code: "NUMBER", Members: numbered{n}})
	}, err
}

// However often and wherever servers are killed: each event that was written is delivered, in order, and more than once only
// where a server was killed between the answer and the record of it.
func TestEventsSurviveKilledServers(t *testing.T) {
	test := crashtest.Test{Points: points, Once: []string{"with chosen"}, // one visit goes on while there are events
		SQLite: needs.Cycles(40, 260), Postgres: needs.Cycles(20, 30)}
	var r *receiver
	test.Args = func(t *testing.T) map[string]string {
		key, err := seal.Generate()
		if err != nil {
			t.Fatal(err)
		}
		r = (&bench{TB: t, clock: clock.NewManual(clock.System{}.Now())}).receiver()
		return map[string]string{"key": base64.StdEncoding.EncodeToString(key), "url": r.URL}
	}
	test.Check = func(t *testing.T, s crashtest.Server, db *store.DB, k *clock.Manual, asked []int) {
		q, service, err := delivering(s, db, k)
		if err != nil {
			t.Fatal(err)
		}
		crashtest.Finish(t, k, q.RunDue)
		if left, err := service.List(t.Context(), tenant, webhook.Filter{State: webhook.Pending, Limit: 10}); err != nil || len(left) > 0 {
			t.Errorf("left %v, %v", left, err)
		}
		restarts, again := checkOrder(t, r, len(asked))
		if kills := map[bool]int{true: test.SQLite, false: test.Postgres}[s.Sole()]; restarts > kills {
			t.Errorf("events were delivered again %d times after %d kills", restarts, kills)
		}
		t.Logf("%d events, each delivered; %d more than once, after %d kills", len(asked), again, restarts)
	}
	test.Run(t)
}

// mostUnrecorded is how many answers a killed server may leave unrecorded.
const mostUnrecorded = 16

// checkOrder checks that a receiver was sent all numbers up to one, each in order when it first came, and that those that came
// again began with one that could be unrecorded. It returns how often they began again, and how many came again.
func checkOrder(t *testing.T, r *receiver, most int) (restarts, again int) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	latest, last := 0, 0
	for _, n := range r.got {
		switch {
		case n == latest+1:
			latest = n
		case n > latest, n <= latest-mostUnrecorded:
			t.Fatalf("%d came after %d and %d", n, latest, last)
		default:
			again++
		}
		if n != last+1 {
			restarts++
		}
		last = n
	}
	if latest != most {
		t.Errorf("%d were written, %d delivered", most, latest)
	}
	return restarts, again
}

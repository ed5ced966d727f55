package webhook_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"weft/internal/clock"
	"weft/internal/ident"
	"weft/internal/job"
	"weft/internal/needs"
	"weft/internal/store/storetest"
	"weft/internal/webhook"
)

// Whatever chance makes of the waits, a receiver that comes back after an outage is asked within 6 minutes, and then is sent all
// that has waited, in order.
func TestABacklogFollowsTheReceiversReturn(t *testing.T) {
	each(t, func(b *bench) {
		most := 2_000
		if b.db.Dialect() == "sqlite" {
			most = needs.Cycles(most, 10_000)
		}
		r := b.receiver()
		latest := func(n int64) int64 { return n - 1 }
		b.queue = job.New(job.Config{DB: b.db, Clock: b.clock, IDs: ident.System(), Random: latest, Log: slog.New(slog.DiscardHandler)})
		b.service = webhook.New(webhook.Config{DB: b.db, Keys: b.keys, Clock: b.clock, IDs: ident.System(), Random: latest,
			Log: slog.New(slog.DiscardHandler), Queue: b.queue, Loopback: true})
		r.always(503)
		b.tellMany(r.URL, most)
		for end := b.clock.Now().Add(3 * time.Hour); b.clock.Now().Before(end); b.clock.Advance(30 * time.Second) {
			b.settle()
		}
		if asked := len(r.asked); asked > 70 {
			b.Errorf("the receiver was asked %d times in 3 hours of outage", asked)
		}
		back := b.clock.Now()
		r.always(200)
		for len(r.got) == 0 && b.clock.Now().Sub(back) <= 6*time.Minute {
			b.clock.Advance(time.Second)
			b.settle()
		}
		asked, first, start := b.clock.Now().Sub(back), len(r.got), clock.System{}.Now()
		for before := -1; len(r.got) > before && before < most; { // visit after visit
			before = len(r.got)
			b.clock.Advance(time.Millisecond)
			b.settle()
		}
		b.Logf("asked %s after its return, and then sent %.0f/s", asked, float64(len(r.got)-first)/clock.System{}.Now().Sub(start).Seconds())
		want(b, "pending", len(b.list(webhook.Pending)), 0)
		if restarts, again := checkOrder(t, r, most); restarts+again > 0 {
			b.Errorf("%d came again", again)
		}
	})
}

// A receiver that does not answer in time has failed; one that has sent its status has answered, though its body never ends.
func TestTheTimeLimit(t *testing.T) {
	for name, c := range map[string]struct {
		handler        func(w http.ResponseWriter, release <-chan struct{})
		state, failure string
	}{
		"no answer": {func(_ http.ResponseWriter, release <-chan struct{}) { <-release }, webhook.Pending, "time"},
		"half an answer": {func(w http.ResponseWriter, release <-chan struct{}) {
			_, _ = io.WriteString(w, "so far")
			w.(http.Flusher).Flush()
			<-release
		}, webhook.Delivered, ""},
	} {
		t.Run(name, func(t *testing.T) {
			k, release := clock.NewManual(storetest.Start), make(chan struct{})
			b := newBench(t, storetest.SQLite(t, k), k, webhook.Retries{})
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				_, _ = io.Copy(io.Discard, req.Body)
				c.handler(w, release)
			}))
			t.Cleanup(s.Close)
			t.Cleanup(func() { close(release) })
			b.queue = job.New(job.Config{DB: b.db, Clock: k, IDs: ident.System(), Random: func(n int64) int64 { return n / 2 }, Log: slog.New(slog.DiscardHandler)})
			b.service = webhook.New(webhook.Config{DB: b.db, Keys: b.keys, Clock: k, IDs: ident.System(), Random: func(n int64) int64 { return n / 2 },
				Log: slog.New(slog.DiscardHandler), Queue: b.queue, Loopback: true, Timeout: 50 * time.Millisecond})
			b.tell(s.URL, 1)
			b.settle()
			w, attempts, err := b.service.Get(t.Context(), tenant, b.list("")[0].ID, 10)
			if err != nil || len(attempts) != 1 || w.State != c.state || !strings.Contains(attempts[0].Error, c.failure) {
				t.Errorf("%s, %+v, %v", w.State, attempts, err)
			}
		})
	}
}

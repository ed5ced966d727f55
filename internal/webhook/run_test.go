package webhook_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"weft/internal/clock"
	"weft/internal/ident"
	"weft/internal/item/event"
	"weft/internal/job"
	"weft/internal/outbound"
	"weft/internal/store"
	"weft/internal/store/storetest"
	"weft/internal/webhook"
)

// running is a server's queue that runs by the machine's clock.
func running(t testing.TB) (*store.DB, *webhook.Service) {
	t.Helper()
	db, log := storetest.SQLite(t, clock.System{}), slog.New(slog.DiscardHandler)
	q := job.New(job.Config{DB: db, Clock: clock.System{}, IDs: ident.System(), Random: rand.Int64N, Log: log, Sole: true, Drain: time.Millisecond})
	s := webhook.New(webhook.Config{DB: db, Keys: newKeys(t), Clock: clock.System{}, IDs: ident.System(), Random: rand.Int64N, Log: log, Queue: q, Loopback: true})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- q.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return db, s
}

// everywhere serves on all addresses of the loopback, each of which is a receiver, and returns the port.
func everywhere(t testing.TB, h http.HandlerFunc) (port string) {
	t.Helper()
	listener, err := net.Listen("tcp4", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &httptest.Server{Listener: listener, Config: &http.Server{Handler: h}}
	s.Start()
	t.Cleanup(s.Close)
	return fmt.Sprint(listener.Addr().(*net.TCPAddr).Port)
}

func notify(t testing.TB, db *store.DB, s *webhook.Service, url string, n int) {
	t.Helper()
	err := db.Write(t.Context(), func(tx *store.Tx) error {
		return s.Notify(t.Context(), tx, event.Target{Tenant: tenant, ItemID: "item", Webhook: url}, event.Event{Type: "TEST", Code: "NUMBER", Members: numbered{n}})
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestHangingReceiversDelayNoOther(t *testing.T) {
	release := make(chan struct{})
	hanging := make(chan struct{}, 100)
	hangs := everywhere(t, func(http.ResponseWriter, *http.Request) { hanging <- struct{}{}; <-release })
	t.Cleanup(func() { close(release) })
	came := make(chan struct{}, 100)
	healthy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { came <- struct{}{} }))
	t.Cleanup(healthy.Close)
	db, s := running(t)
	const many = 30
	for n := range many {
		notify(t, db, s, fmt.Sprintf("http://127.0.0.%d:%s/", n+1, hangs), n)
		notify(t, db, s, healthy.URL, n)
	}
	for _, c := range []chan struct{}{came, hanging} {
		for range many {
			select {
			case <-c:
			case <-time.After(5 * time.Second): // less than a receiver may hang
				t.Fatal("receivers wait for hanging ones")
			}
		}
	}
}

// sink answers 200 and tells when it has had a number of webhooks.
func sink(b *testing.B, most int) (port string, done chan struct{}) {
	done = make(chan struct{})
	var had atomic.Int64
	return everywhere(b, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if had.Add(1) == int64(most) {
			close(done)
		}
	}), done
}

// BenchmarkDelivery is from the commit of the events to their arrival, with everything recorded.
func BenchmarkDelivery(b *testing.B) {
	for _, receivers := range []int{1, 16} {
		b.Run(fmt.Sprint(receivers, " receivers"), func(b *testing.B) {
			port, done := sink(b, b.N)
			db, s := running(b)
			b.ResetTimer()
			err := db.Write(b.Context(), func(tx *store.Tx) error {
				for n := range b.N {
					at := fmt.Sprintf("http://127.0.0.%d:%s/", n%receivers+1, port)
					if err := s.Notify(b.Context(), tx, event.Target{Tenant: tenant, ItemID: "item", Webhook: at}, event.Event{Type: "TEST", Code: "NUMBER", Members: numbered{n}}); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
			<-done
		})
	}
}

// BenchmarkBarePost is a POST to the same sink, without signature, outbox and record.
func BenchmarkBarePost(b *testing.B) {
	port, _ := sink(b, -1)
	c := outbound.New(outbound.Options{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, AllowHTTP: true})
	for b.Loop() {
		req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, "http://127.0.0.1:"+port, http.NoBody)
		if err != nil {
			b.Fatal(err)
		}
		res, err := c.Do(req)
		if err != nil {
			b.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
	}
}

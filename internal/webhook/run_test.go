package webhook_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"weft/internal/clock"
	"weft/internal/ident"
	"weft/internal/job"
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
	run(t, q)
	return db, s
}

// run runs a queue until the test ends.
func run(t testing.TB, q *job.Queue) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- q.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
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

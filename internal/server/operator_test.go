package server_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"weft/internal/clock"
	"weft/internal/server"
	"weft/internal/store/storetest"
	"weft/wefttest"
)

func fetchPage(t *testing.T, url string) (status int, body string) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

// The operator sees what requests, banks, jobs and the database do, and nothing of whom they were for.
func TestMetrics(t *testing.T) {
	each(t, func(t *testing.T, s *wefttest.Server) {
		receiver := wefttest.NewReceiver(t)
		item := s.MustLink("ins_109508", "investments")
		item.MustAccounts()
		item.MustAccounts()
		if err := item.Call("/item/webhook/update", map[string]any{"webhook": receiver.URL}, nil); err != nil {
			t.Fatal(err)
		}
		s.Settle()
		if err := s.Call("/accounts/get", map[string]any{"access_token": "access-sandbox-unknown"}, nil); err == nil {
			t.Fatal("an unknown token is taken")
		}
		got := s.Metrics()
		for _, line := range []string{
			`weft_requests_total{route="/accounts/get",status="200"} 2`,
			`weft_errors_total{error_code="INVALID_ACCESS_TOKEN",route="/accounts/get"} 1`,
			`weft_request_duration_seconds_count{route="/accounts/get"} 3`,
			`weft_refresh_duration_seconds_count{connector="sandbox",outcome="ok"} 1`,
			`weft_webhooks_queued_total{code="WEBHOOK_UPDATE_ACKNOWLEDGED",type="ITEM"} 1`,
			`weft_webhook_attempts_total{code="WEBHOOK_UPDATE_ACKNOWLEDGED",outcome="delivered",type="ITEM"} 1`,
			`weft_job_duration_seconds_count{kind="webhook",outcome="ok"} 1`,
			`weft_jobs{kind="webhook",state="ready"} 0`,
			`weft_cache_requests_total{result="hit"}`,
			`weft_database_connections{pool="`,
		} {
			if !strings.Contains(got, line) {
				t.Errorf("there is no %s", line)
			}
		}
		for _, secret := range []string{item.AccessToken, item.ItemID, s.ClientID, s.Secret, receiver.URL, "access-", "user_good"} {
			if strings.Contains(got, secret) {
				t.Errorf("the metrics tell %q", secret)
			}
		}
	})
}

// A server is ready once its jobs run, and not any more when it was told to stop, though it still answers.
func TestReadiness(t *testing.T) {
	for name, database := range map[string]func(testing.TB) string{"sqlite": func(testing.TB) string { return "" }, "postgres": storetest.PostgresURL} {
		t.Run(name, func(t *testing.T) {
			srv, err := server.New(t.Context(), server.Config{
				Storage: server.Storage{DataDir: t.TempDir(), DatabaseURL: database(t), Exclusive: true}, Listen: "127.0.0.1:0", OperatorListen: "127.0.0.1:0",
				Clock: clock.System{}, Log: slog.New(slog.DiscardHandler), DrainWait: 2 * time.Second,
			})
			if err != nil {
				t.Fatal(err)
			}
			ctx, stop := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() { done <- srv.Serve(ctx) }()
			until(t, srv.URL()+"/readyz", http.StatusOK)
			if status, body := fetchPage(t, srv.OperatorURL()+"/metrics"); status != http.StatusOK || !strings.Contains(body, "go_goroutines") {
				t.Errorf("%d %s", status, body)
			}
			if status, _ := fetchPage(t, srv.OperatorURL()+"/debug/pprof/"); status != http.StatusOK {
				t.Errorf("profiles: %d", status)
			}
			// Flags may have secrets, as the URL of a database does.
			if status, body := fetchPage(t, srv.OperatorURL()+"/debug/pprof/cmdline"); status != http.StatusNotFound || strings.Contains(body, os.Args[0]) {
				t.Errorf("the command line is told: %d %s", status, body)
			}
			for _, path := range []string{"/metrics", "/debug/pprof/"} { // not for clients
				if status, _ := fetchPage(t, srv.URL()+path); status != http.StatusNotFound {
					t.Errorf("%s is served to clients: %d", path, status)
				}
			}
			stop()
			until(t, srv.URL()+"/readyz", http.StatusServiceUnavailable)
			if status, body := fetchPage(t, srv.URL()+"/readyz"); body != "draining\n" {
				t.Errorf("%d %q", status, body)
			}
			if status, body := fetchPage(t, srv.URL()+"/healthz"); status != http.StatusOK || body != "ok\n" {
				t.Errorf("%d %q", status, body)
			}
			if err := <-done; err != nil {
				t.Error(err)
			}
			if err := srv.Close(); err != nil {
				t.Error(err)
			}
			if _, err := http.Get(srv.OperatorURL() + "/metrics"); err == nil {
				t.Error("the operator is still served")
			}
		})
	}
}

// until asks until the answer has a status.
func until(t *testing.T, url string, want int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		if status, _ := fetchPage(t, url); status == want {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%s was never %d", url, want)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"weft/internal/client"
	"weft/internal/clock"
	"weft/internal/seal"
	"weft/internal/server"
	"weft/internal/store"
	"weft/wefttest"
)

func config(dir string) server.Config {
	return server.Config{
		Storage: server.Storage{DataDir: dir, Exclusive: true}, Listen: "127.0.0.1:0",
		Clock: clock.NewManual(wefttest.Start), Log: slog.New(slog.DiscardHandler), CacheBytes: 1 << 20,
	}
}

func mustOpen(t *testing.T, cfg server.Config) *server.Server {
	t.Helper()
	srv, err := server.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return srv
}

func mustClose(t *testing.T, srv *server.Server) {
	t.Helper()
	if err := srv.Close(); err != nil {
		t.Fatal(err)
	}
}

// The first start makes secrets and tells them; later starts do not know them any more.
func TestFirstStartMakesSecretsOnce(t *testing.T) {
	cfg := config(t.TempDir())
	srv := mustOpen(t, cfg)
	if len(srv.Made) != 3 || srv.Client.ClientID == "" {
		t.Errorf("first start: client %q, secrets %v", srv.Client.ClientID, len(srv.Made))
	}
	first := srv.Client.ClientID
	mustClose(t, srv)
	srv = mustOpen(t, cfg)
	if len(srv.Made) != 0 || srv.Client.ClientID != first {
		t.Errorf("second start: client %q, %d new secrets; want %q, none", srv.Client.ClientID, len(srv.Made), first)
	}
	mustClose(t, srv)
}

// The database knows of each request, so that long work leaves it a processor.
func TestTheDatabaseKnowsOfRequests(t *testing.T) {
	srv := mustOpen(t, config(t.TempDir()))
	defer mustClose(t, srv)
	for _, path := range []string{"/accounts/get", "/no/such/path"} {
		srv.Handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, path, strings.NewReader(`{}`)))
	}
	if got := srv.Items.Clients.DB.Requests.Count(); got != 2 {
		t.Errorf("the database knows of %d requests of 2", got)
	}
}

// Presets hold at every start, also when they were added after the first.
func TestPresetsAreMadeValid(t *testing.T) {
	cfg := config(t.TempDir())
	mustClose(t, mustOpen(t, cfg))
	cfg.Preset = client.Preset{Secrets: client.Secrets{"sandbox": "a-secret-of-the-operator"}}
	srv := mustOpen(t, cfg)
	defer mustClose(t, srv)
	tenant, err := srv.Items.Clients.Authorize(t.Context(), srv.Client.ClientID, "a-secret-of-the-operator", wefttest.Start)
	if err != nil || tenant.Environment != "sandbox" {
		t.Errorf("got %v, %v", tenant, err)
	}
}

func TestWrongOrLostKeyRefusesToStartAndTouchesNothing(t *testing.T) {
	dir := t.TempDir()
	cfg := config(dir)
	mustClose(t, mustOpen(t, cfg))
	before := fileHash(t, cfg.Storage.DatabaseFile())

	if err := os.Rename(cfg.Storage.KeyFile(), filepath.Join(dir, "aside")); err != nil {
		t.Fatal(err)
	}
	if _, err := server.New(t.Context(), cfg); !errors.Is(err, seal.ErrNoKeyFile) {
		t.Errorf("lost key: got %v", err)
	}
	if _, err := os.Stat(cfg.Storage.KeyFile()); !errors.Is(err, os.ErrNotExist) {
		t.Error("a new key file was made beside a database in use")
	}
	if _, err := seal.Create(cfg.Storage.KeyFile()); err != nil {
		t.Fatal(err)
	}
	if _, err := server.New(t.Context(), cfg); !errors.Is(err, server.ErrWrongKey) {
		t.Errorf("wrong key: got %v", err)
	}
	if after := fileHash(t, cfg.Storage.DatabaseFile()); !bytes.Equal(before, after) {
		t.Error("a refused start has changed the database")
	}
	if err := os.Rename(filepath.Join(dir, "aside"), cfg.Storage.KeyFile()); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(cfg.Storage.KeyFile(), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := server.New(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("key file that others can read: got %v", err)
	}
	if err := os.Chmod(cfg.Storage.KeyFile(), 0o600); err != nil {
		t.Fatal(err)
	}
	mustClose(t, mustOpen(t, cfg))
}

func fileHash(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSecondServerOnTheSameFileIsRefused(t *testing.T) {
	cfg := config(t.TempDir())
	srv := mustOpen(t, cfg)
	defer mustClose(t, srv)
	if _, err := server.New(t.Context(), cfg); !errors.Is(err, store.ErrLocked) {
		t.Errorf("got %v, want ErrLocked", err)
	}
}

// With the same seed and time, the same requests get the same bytes, ids included.
func TestSameSeedSameBytes(t *testing.T) {
	run := func() []byte {
		var all bytes.Buffer
		s := wefttest.NewServer(t)
		item := s.MustLinkUser(wefttest.User{Name: "user_investor", Password: "x"}, "ins_109508", "investments", "investments_auth")
		for _, path := range []string{"/item/get", "/accounts/get", "/investments/holdings/get", "/investments/auth/get"} {
			_, body, err := s.Post(path, map[string]any{"access_token": item.AccessToken}, nil)
			if err != nil {
				t.Fatal(err)
			}
			all.Write(bytes.ReplaceAll(body, []byte(s.URL), nil))
		}
		_, body, err := s.Post("/investments/transactions/get", map[string]any{
			"access_token": item.AccessToken, "start_date": "2020-01-01", "end_date": "2026-12-31", "options": map[string]any{"count": 500},
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(body)
		s.Stop()
		return all.Bytes()
	}
	first, second := run(), run()
	if !bytes.Equal(first, second) {
		t.Error("two runs with one seed differ")
	}
	if len(first) < 10_000 {
		t.Errorf("only %d bytes were compared", len(first))
	}
}

// Of many exchanges of one public token at once, exactly one wins.
func TestExchangeRaceHasOneWinner(t *testing.T) {
	each(t, func(t *testing.T, s *wefttest.Server) {
		token := s.MustPublicToken(wefttest.Good, "ins_109508", "investments")
		var wg sync.WaitGroup
		var mu sync.Mutex
		won := 0
		for range 20 {
			wg.Go(func() {
				err := s.Call("/item/public_token/exchange", map[string]any{"public_token": token}, nil)
				var e *wefttest.Error
				if err != nil && (!errors.As(err, &e) || e.Code != "INVALID_PUBLIC_TOKEN") {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					won++
				}
			})
		}
		wg.Wait()
		if won != 1 {
			t.Errorf("%d exchanges won, want 1", won)
		}
	})
}

// No token, secret or account number is in the log, the database's files, or an error.
func TestNoSecretInLogOrDatabase(t *testing.T) {
	var log bytes.Buffer
	dir := t.TempDir()
	s := wefttest.NewServerWith(t, wefttest.Options{DataDir: dir, Log: &log})
	public := s.MustPublicToken(wefttest.User{Name: "user_good", Password: "mfa_questions_7_3"}, "ins_109508", "investments_auth", "investments")
	item := s.MustExchange(public)
	var auth struct {
		Numbers struct {
			ACATS []struct{ Account string } `json:"acats"`
		} `json:"numbers"`
	}
	if err := item.Call("/investments/auth/get", nil, &auth); err != nil || len(auth.Numbers.ACATS) == 0 {
		t.Fatalf("%v, %v", auth, err)
	}
	_, _, err := s.Post("/item/get", []byte(`{"access_token": "`+item.AccessToken+`", "secret": 7}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	s.Stop()
	canaries := []string{public, item.AccessToken, wefttest.SandboxSecret, wefttest.ProductionSecret, auth.Numbers.ACATS[0].Account, "mfa_questions_7_3"}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	places := map[string][]byte{"log": log.Bytes()}
	for _, f := range files {
		places[f.Name()] = fileHash(t, filepath.Join(dir, f.Name()))
	}
	if len(places) < 3 || log.Len() == 0 {
		t.Fatalf("looked at %d places only", len(places))
	}
	for name, content := range places {
		for _, canary := range canaries {
			if bytes.Contains(content, []byte(canary)) {
				t.Errorf("%s has the secret %q", name, canary)
			}
		}
	}
}

// Answers are compressed when asked for, and are no JSON for other origins' scripts.
func TestHeadersAndCompression(t *testing.T) {
	s := wefttest.NewServer(t)
	item := s.MustLink("ins_109508", "investments")
	body := `{"access_token": "` + item.AccessToken + `"}`
	for _, encoding := range []string{"", "gzip", "br, gzip;q=0.5", "gzip;q=0"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/investments/holdings/get", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("PLAID-CLIENT-ID", s.ClientID)
		req.Header.Set("PLAID-SECRET", s.Secret)
		req.Header.Set("Origin", "https://evil.example")
		req.Header.Set("Accept-Encoding", encoding)
		res, err := (&http.Transport{DisableCompression: true}).RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		wantGzip := encoding == "gzip" || encoding == "br, gzip;q=0.5"
		if got := res.Header.Get("Content-Encoding") == "gzip"; got != wantGzip || res.StatusCode != 200 || json.Valid(content) == wantGzip {
			t.Errorf("Accept-Encoding %q: status %d, gzip %v, %d bytes", encoding, res.StatusCode, got, len(content))
		}
		if res.Header.Get("Access-Control-Allow-Origin") != "" || res.Header.Get("Plaid-Request-ID") == "" {
			t.Errorf("headers: %v", res.Header)
		}
	}
}

// A request that is at work when the server is told to stop is answered.
func TestStopDrainsRequests(t *testing.T) {
	cfg := config(t.TempDir())
	srv := mustOpen(t, cfg)
	arrived, release := make(chan struct{}), make(chan struct{})
	inner := srv.Handler
	mux := http.NewServeMux()
	mux.Handle("/", inner)
	mux.HandleFunc("/slow", func(w http.ResponseWriter, _ *http.Request) {
		close(arrived)
		<-release
		fmt.Fprint(w, "done")
	})
	srv.SetHandler(mux)
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ctx) }()
	answer := make(chan string, 1)
	go func() {
		res, err := http.Get(srv.URL() + "/slow")
		if err != nil {
			answer <- err.Error()
			return
		}
		b, err := io.ReadAll(res.Body)
		answer <- fmt.Sprint(string(b), err)
	}()
	<-arrived
	stop()
	close(release)
	if got := <-answer; got != "done<nil>" {
		t.Errorf("the request at work got %q", got)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
	mustClose(t, srv)
}

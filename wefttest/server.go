package wefttest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"weft/internal/client"
	"weft/internal/clock"
	"weft/internal/connector/sandbox"
	"weft/internal/limit"
	"weft/internal/outbound"
	"weft/internal/server"
	"weft/internal/store"
	"weft/internal/user/bearer"
)

// Start is where a server's clock stands at first, unless options say otherwise.
var Start = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// Credentials of a server's client.
const (
	ClientID         = "5f1a2b3c4d5e6f7a8b9c0d1e"
	SandboxSecret    = "wefttest-sandbox-secret"
	ProductionSecret = "wefttest-production-secret"
)

// Options change what a server is; the zero value is what NewServer uses.
type Options struct {
	// Seed of ids and simulated banks, "wefttest" if empty.
	Seed string
	// Now is where the clock stands at first, Start if zero.
	Now time.Time
	// Database is a PostgreSQL connection string; empty means SQLite in a temporary folder.
	Database string
	// DataDir is a folder to use in place of a temporary one, so that a second server can go on with it.
	DataDir string
	// Paced has the history of transactions come in two steps some time after an Item is made; else it comes at once.
	Paced bool
	// SyncMutationError has /transactions/sync refuse to go on where transactions have changed between two pages, as Plaid's does:
	// the client begins anew with the first page's cursor.
	SyncMutationError bool
	// LastingLogins has logins at simulated banks last for ever; else they end after 30 days, as at Plaid.
	LastingLogins bool
	// RateLimits has the server limit requests: 1 as Plaid does, n at n times as many. 0 lets all through.
	RateLimits int64
	// NoCache switches the cache of answers off.
	NoCache bool
	// Log receives the server's log; nil discards it.
	Log io.Writer
	// Observe, if set, is told of every statement on the database, by several goroutines.
	Observe func(query string, args []any)
}

// Server is a running server.
type Server struct {
	// URL is the base URL to give to a client.
	URL string
	// ClientID and Secret are the credentials that the Must methods send: the sandbox's.
	ClientID, Secret string
	// Version is the Plaid-Version that the Must methods send, none if empty.
	Version string

	t     testing.TB
	clock *clock.Manual
	srv   *server.Server
	stop  func()
}

// NewServer starts a server for the time of a test.
func NewServer(t testing.TB) *Server {
	t.Helper()
	return NewServerWith(t, Options{})
}

// NewServerWith starts a server with options for the time of a test.
func NewServerWith(t testing.TB, o Options) *Server {
	t.Helper()
	if o.Seed == "" {
		o.Seed = "wefttest"
	}
	if o.Now.IsZero() {
		o.Now = Start
	}
	if o.Log == nil {
		o.Log = io.Discard
	}
	if o.DataDir == "" {
		o.DataDir = t.TempDir()
	}
	cache := uint64(16 << 20)
	if o.NoCache {
		cache = 0
	}
	life := sandbox.LoginDays * 24 * time.Hour
	if o.LastingLogins {
		life = 0
	}
	c := clock.NewManual(o.Now)
	srv, err := server.New(t.Context(), server.Config{
		Storage: server.Storage{DataDir: o.DataDir, DatabaseURL: o.Database, Exclusive: true},
		Listen:  "127.0.0.1:0", Seed: o.Seed, Clock: c, Log: slog.New(slog.NewJSONHandler(o.Log, nil)), CacheBytes: cache, Observe: o.Observe, HoldJobs: true, Paced: o.Paced, SyncMutationError: o.SyncMutationError,
		SandboxLogin: life, NoRateLimits: o.RateLimits == 0, Limits: limit.Times(o.RateLimits),
		// Peers of tests listen on the loopback.
		Outbound: outbound.Options{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}, AllowHTTP: true},
		Preset: client.Preset{ClientID: ClientID, Secrets: client.Secrets{
			"sandbox": SandboxSecret, "development": "wefttest-development-secret", "production": ProductionSecret,
		}},
	})
	if err != nil {
		t.Fatalf("wefttest: %v", err)
	}
	s := &Server{URL: srv.URL(), ClientID: ClientID, Secret: SandboxSecret, t: t, clock: c, srv: srv}
	s.serve()
	return s
}

// serve runs the server until Stop, or until the test ends.
func (s *Server) serve() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.srv.Serve(ctx) }()
	stopped := false
	s.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			s.t.Errorf("wefttest: %v", err)
		}
		if err := s.srv.Close(); err != nil {
			s.t.Errorf("wefttest: %v", err)
		}
	}
	s.t.Cleanup(s.stop)
}

// Stop ends the server before the test does.
func (s *Server) Stop() { s.stop() }

// Now is where the server's clock stands.
func (s *Server) Now() time.Time { return s.clock.Now() }

// Advance moves the server's clock.
func (s *Server) Advance(d time.Duration) { s.clock.Advance(d) }

// Settle does what is due by the server's clock: it asks the banks whose data changes by itself, and delivers webhooks, also
// those that come of that. Nothing of that happens otherwise, so that a test decides when.
func (s *Server) Settle() {
	s.t.Helper()
	if err := s.srv.Connections.RefreshDue(s.t.Context()); err != nil {
		s.t.Fatalf("wefttest: %v", err)
	}
	for {
		n, err := s.srv.Jobs.RunDue(s.t.Context())
		if err != nil {
			s.t.Fatalf("wefttest: %v", err)
		}
		if n == 0 {
			return
		}
	}
}

// MustUserToken makes a token that opens all Items of one of the client's users by itself.
func (s *Server) MustUserToken(environment, userID string) string {
	s.t.Helper()
	bearers := bearer.Service{DB: s.srv.Items.DB, Keys: s.srv.Items.Keys, IDs: s.srv.Items.IDs}
	token, err := bearers.Mint(s.t.Context(), store.Tenant{Client: s.ClientID, Environment: environment}, userID)
	if err != nil {
		s.t.Fatalf("wefttest: %v", err)
	}
	return token
}

// NewClient makes another client and returns the server as that client sees it.
func (s *Server) NewClient() *Server {
	s.t.Helper()
	c, secrets, err := s.srv.Items.Clients.Create(s.t.Context(), "another client")
	if err != nil {
		s.t.Fatalf("wefttest: %v", err)
	}
	other := *s
	other.ClientID, other.Secret = c.ClientID, secrets["sandbox"]
	return &other
}

// BeProcessor makes the server's client the processor of a name.
func (s *Server) BeProcessor(name string) {
	s.t.Helper()
	if err := s.srv.Items.Clients.SetProcessor(s.t.Context(), s.ClientID, name); err != nil {
		s.t.Fatalf("wefttest: %v", err)
	}
}

// RotateSecret gives the server's client a new secret of the sandbox, which is sent from then on. The old one ends at once.
func (s *Server) RotateSecret() { s.RotateSecretIn(0) }

// RotateSecretIn is RotateSecret, but the old one ends after a while.
func (s *Server) RotateSecretIn(overlap time.Duration) {
	s.t.Helper()
	secret, _, err := s.srv.Items.Clients.Rotate(s.t.Context(), s.ClientID, "sandbox", overlap)
	if err != nil {
		s.t.Fatalf("wefttest: %v", err)
	}
	s.Secret = secret
}

// Count is how many rows one of the server's tables has.
func (s *Server) Count(table string) (n int) {
	s.t.Helper()
	if err := s.srv.Items.DB.QueryRow(s.t.Context(), `select count(*) from `+table).Scan(&n); err != nil {
		s.t.Fatalf("wefttest: %v", err)
	}
	return n
}

// Error is an error that the server answered.
type Error struct {
	Status           int     `json:"-"`
	Type             string  `json:"error_type"`
	Code             string  `json:"error_code"`
	Message          string  `json:"error_message"`
	DisplayMessage   *string `json:"display_message"`
	DocumentationURL string  `json:"documentation_url"`
	SuggestedAction  *string `json:"suggested_action"`
	RequestID        string  `json:"request_id"`
}

func (e *Error) Error() string {
	return fmt.Sprintf("%d %s %s: %s", e.Status, e.Type, e.Code, e.Message)
}

// Call sends a request as JSON, with the server's credentials in the headers, and decodes the answer into out, which may be
// nil. What the server answers as an error is returned as an *Error.
func (s *Server) Call(path string, request, out any) error {
	status, body, err := s.Post(path, request, nil)
	if err != nil {
		return err
	}
	if status != http.StatusOK && status != http.StatusCreated {
		e := &Error{Status: status}
		if err := json.Unmarshal(body, e); err != nil {
			return fmt.Errorf("wefttest: %s answered %d %q", path, status, body)
		}
		return e
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(body, out)
}

// Post sends a request and returns the answer as it came. A request that is a []byte is sent as it is.
func (s *Server) Post(path string, request any, header http.Header) (status int, body []byte, err error) {
	sent, ok := request.([]byte)
	if !ok {
		if sent, err = json.Marshal(request); err != nil {
			return 0, nil, err
		}
	}
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.URL+path, bytes.NewReader(sent))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("PLAID-CLIENT-ID", s.ClientID)
	req.Header.Set("PLAID-SECRET", s.Secret)
	if s.Version != "" {
		req.Header.Set("Plaid-Version", s.Version)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close() //nolint:errcheck // it has been read
	body, err = io.ReadAll(res.Body)
	return res.StatusCode, body, err
}

// must ends the test where a call fails.
func (s *Server) must(path string, request, out any) {
	s.t.Helper()
	if err := s.Call(path, request, out); err != nil {
		s.t.Fatalf("wefttest: %s: %v", path, err)
	}
}

// Explain is the database's plan for a statement.
func (s *Server) Explain(query string, args []any) (string, error) {
	return s.srv.Items.DB.Explain(s.t.Context(), query, args...)
}

// Handler serves requests without a connection.
func (s *Server) Handler() http.Handler { return s.srv.Handler }

// Metrics are the server's figures in Prometheus' text form.
func (s *Server) Metrics() string {
	w := httptest.NewRecorder()
	s.srv.Metrics.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return w.Body.String()
}

// Routes are the paths that the server serves.
func (s *Server) Routes() []string {
	paths := make([]string, len(s.srv.Routes))
	for i, r := range s.srv.Routes {
		paths[i] = r.Path
	}
	return paths
}

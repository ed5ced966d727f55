package simplefin_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"weft/internal/store/storetest"
	"weft/wefttest"
)

// served is a whole server with an access to Items.
type served struct {
	*wefttest.Server
	t      *testing.T
	access *url.URL
	claim  string
}

func newServed(t *testing.T, o wefttest.Options, link func(*wefttest.Server) []*wefttest.Item) served {
	t.Helper()
	s := served{Server: wefttest.NewServerWith(t, o), t: t}
	var tokens []string
	for _, it := range link(s.Server) {
		tokens = append(tokens, it.AccessToken)
	}
	var made struct {
		SetupToken string `json:"setup_token"`
	}
	if err := s.Call("/weft/simplefin/create", map[string]any{"access_tokens": tokens}, &made); err != nil {
		t.Fatal(err)
	}
	s.claim = claimURL(t, made.SetupToken)
	status, body, _ := s.send("POST", s.claim, nil)
	var err error
	if s.access, err = url.Parse(body); err != nil || status != 200 {
		t.Fatalf("the claim answers %d %q, %v", status, body, err)
	}
	return s
}

func linkGood(s *wefttest.Server) []*wefttest.Item {
	return []*wefttest.Item{s.MustLink("ins_109508", "investments")}
}

func (s served) send(method, address string, user *url.Userinfo) (int, string, http.Header) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, address, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	if user != nil {
		password, _ := user.Password()
		req.SetBasicAuth(user.Username(), password)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // it has been read
	body, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return res.StatusCode, string(body), res.Header
}

// The pages of a whole server: its base URL, methods, unknown paths, and no secret in the log.
func TestServer(t *testing.T) {
	log := &buffer{}
	s := newServed(t, wefttest.Options{Log: log}, linkGood)
	if want := s.URL + "/simplefin"; s.access.Scheme+"://"+s.access.Host+s.access.Path != want || !strings.HasPrefix(s.claim, want+"/claim/") {
		t.Errorf("the access URL is %s, the setup token's %s; the server is at %s", s.access.Redacted(), s.claim, s.URL)
	}
	root := s.URL + "/simplefin"
	if status, body, _ := s.send("GET", root+"/info", nil); status != 200 || body != `{"versions":["1.0","2.0"]}` {
		t.Errorf("info: %d %s", status, body)
	}
	status, body, header := s.send("GET", root+"/accounts?start-date=1", s.access.User)
	if set := parse(t, strings.NewReader(body)); status != 200 || len(set.Accounts) != 14 || header.Get("Content-Type") != "application/json" {
		t.Errorf("accounts: %d %s", status, body)
	}
	if status, body, header := s.send("HEAD", root+"/accounts", s.access.User); status != 200 || body != "" || header.Get("Content-Length") == "0" {
		t.Errorf("HEAD: %d %q %v", status, body, header)
	}
	for _, c := range []struct{ method, address string }{
		{"POST", root + "/accounts"}, {"POST", root + "/info"}, {"GET", root}, {"GET", root + "/create"}, {"GET", root + "/claim"}, {"DELETE", root + "/accounts"},
	} {
		if status, body, _ := s.send(c.method, c.address, s.access.User); status != 404 || !strings.Contains(body, `"error_code":"NOT_FOUND"`) {
			t.Errorf("%s %s: %d %s", c.method, c.address, status, body)
		}
	}
	for _, c := range []struct{ method, address string }{{"GET", s.claim}, {"PUT", s.claim}, {"POST", s.claim + "/more"}} {
		if status, _, header := s.send(c.method, c.address, nil); status != 405 || header.Get("Allow") != "POST" {
			t.Errorf("%s of the setup token's URL: %d %v", c.method, status, header)
		}
	}
	password, _ := s.access.User.Password()
	for _, secret := range []string{password, s.claim[strings.LastIndex(s.claim, "/")+1:]} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log has %q:\n%s", secret, log)
		}
	}
}

// buffer is a log that several goroutines write.
type buffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// Every statement of a claim and of a read is served by an index.
func TestEveryStatementUsesAnIndex(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			var mu sync.Mutex
			statements, on := map[string][]any{}, false
			o := wefttest.Options{NoCache: true, Observe: func(query string, args []any) {
				mu.Lock()
				defer mu.Unlock()
				if !strings.HasPrefix(query, "--") && (on || strings.Contains(query, "simplefin_access")) { // a comment tells of a commit
					statements[query] = args
				}
			}}
			if engine == "postgres" {
				o.Database = storetest.PostgresURL(t)
			}
			s := newServed(t, o, linkGood)
			mu.Lock()
			on = true
			mu.Unlock()
			if status, body, _ := s.send("GET", s.access.Scheme+"://"+s.access.Host+s.access.Path+"/accounts", s.access.User); status != 200 {
				t.Fatalf("%d %s", status, body)
			}
			mu.Lock()
			defer mu.Unlock()
			on = false
			if len(statements) < 12 {
				t.Errorf("only %d statements were seen", len(statements))
			}
			for query, args := range statements {
				plan, err := s.Explain(query, args)
				if err != nil {
					t.Errorf("%s: %v", query, err)
				}
				for line := range strings.SplitSeq(plan, "\n") {
					if strings.Contains(line, "Seq Scan") || strings.HasPrefix(line, "SCAN ") {
						t.Errorf("a whole table is read by\n%s\nplan:\n%s", query, plan)
					}
				}
			}
		})
	}
}

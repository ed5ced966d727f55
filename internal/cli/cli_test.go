package cli_test

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"weft/internal/cli"
)

func TestVersion(t *testing.T) {
	o := weft(t, nil, "version").succeeds(t)
	if !regexp.MustCompile(`^weft \S.* \(go1\.\S+, [a-z0-9]+/[a-z0-9]+\)\n$`).MatchString(o.out) {
		t.Errorf("got %q", o.out)
	}
}

func TestHelpNamesEverything(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"-h"}, {"help"}} {
		o := weft(t, nil, args...).succeeds(t)
		for _, part := range []string{
			"\n  serve ", "\n  import ", "\n  migrate ", "\n  keys ", "\n  webhooks ", "\n  listen ", "\n  jobs ", "\n  doctor ", "\n  version ", "--data ", "--database ", "--listen ", "--public-url ", "--seed ", "--now ",
			"--log-level ", "--log-format ", "--cache-mb ", "WEFT_CLIENT_ID", "WEFT_SANDBOX_SECRET", "WEFT_DEVELOPMENT_SECRET", "WEFT_PRODUCTION_SECRET", "WEFT_KEY",
		} {
			if !strings.Contains(o.out, part) {
				t.Errorf("%v: no %q in\n%s", args, part, o.out)
			}
		}
	}
	for _, args := range [][]string{{"keys"}, {"keys", "--help"}} {
		o := weft(t, nil, args...).succeeds(t)
		for _, part := range []string{"create", "list", "revoke", "rotate"} {
			if !strings.Contains(o.out, "\n  "+part+" ") {
				t.Errorf("%v: no %q in\n%s", args, part, o.out)
			}
		}
	}
	if o := weft(t, nil, "keys", "rotate", "--help").succeeds(t); !strings.Contains(o.out, "--overlap") || !strings.Contains(o.out, "--environment") {
		t.Errorf("got %s", o.out)
	}
}

// A wrong command line is told in one message, with the exit status 2, and nothing is made.
func TestWrongCommandLines(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	env := []string{"WEFT_DATA=" + dir}
	for _, c := range []struct {
		args []string
		part string
	}{
		{[]string{"server"}, `unknown command "server"; see weft --help`},
		{[]string{"serve", "now"}, `unknown command "now"; see weft serve --help`},
		{[]string{"keys", "make"}, `unknown command "make"; see weft keys --help`},
		{[]string{"version", "1"}, `unknown command "1"`},
		{[]string{"migrate", "down"}, `unknown command "down"`},
		{[]string{"doctor", "who"}, `unknown command "who"`},
		{[]string{"keys", "list", "all"}, `unknown command "all"`},
		{[]string{"keys", "create", "me"}, `unknown command "me"`},
		{[]string{"--port", "1"}, "--port"},
		{[]string{"serve", "-x"}, "x"},
		{[]string{"version", "--listen", "x"}, "--listen"},
		{[]string{"migrate", "--seed", "x"}, "--seed"},
		{[]string{"serve", "--listen"}, "--listen"},
		{[]string{"keys", "revoke"}, "weft keys revoke needs one KEY_ID"},
		{[]string{"keys", "revoke", "a", "b"}, "weft keys revoke needs one KEY_ID"},
		{[]string{"keys", "rotate"}, "weft keys rotate needs one CLIENT_ID"},
		{[]string{"keys", "rotate", "a", "--overlap", "soon"}, "--overlap"},
		{[]string{"keys", "rotate", "a", "--overlap", "-1h"}, "--overlap must not be negative"},
		{[]string{"keys", "list", "--database", "mysql://x"}, "--database must begin with postgres://"},
		{[]string{"keys", "list", "--data", ""}, "--data must name a folder"},
		{[]string{"migrate", "--database", "weft.db"}, "--database must begin with postgres://"},
	} {
		o := weft(t, env, c.args...)
		o.fails(t, strings.Join(c.args, " "), 2, c.part)
		if strings.Count(o.errors, "\n") != 1 {
			t.Errorf("%v: %q is not one line", c.args, o.errors)
		}
	}
	if made := hashes(t, filepath.Dir(dir)); len(made) != 1 {
		t.Errorf("made %v", made)
	}
}

// All faults of a configuration are told together, wherever they stand.
func TestAllFaultsAreToldTogether(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	for _, command := range [][]string{{}, {"serve"}, {"doctor"}} {
		o := weft(t, []string{"WEFT_LISTEN=nowhere", "WEFT_LOG_LEVEL=loud", "WEFT_SANDBOX_SECRET=canary", "WEFT_DATA=" + dir},
			append(command, "--public-url", "ftp://x", "--rate-limits", "some", "--now", "yesterday", "--database", "mysql://canary:canary@host/db")...)
		o.fails(t, strings.Join(command, " "), 2,
			"weft: 7 faults in the configuration:\n", "\n  - --listen \"nowhere\" is not an address", "\n  - --log-level \"loud\"", "\n  - WEFT_SANDBOX_SECRET must have at least 16 characters",
			"\n  - --public-url \"ftp://x\" is not an http or https URL", "\n  - --now \"yesterday\" is neither", "\n  - --rate-limits \"some\" is neither on nor off", "\n  - --database must begin with postgres://")
		if strings.Contains(o.errors, "canary") {
			t.Errorf("the message shows a secret: %s", o.errors)
		}
	}
	for _, c := range []struct {
		env, args []string
		part      string
	}{
		{nil, []string{"--cache-mb", "-1"}, `--cache-mb "-1" is not a number from 0 to 65535`},
		{nil, []string{"--cache-mb", "65536"}, `--cache-mb "65536"`},
		{[]string{"WEFT_CACHE_MB=much"}, nil, `--cache-mb "much"`},
		{nil, []string{"--log-format", "xml"}, `--log-format "xml" is not text or json`},
		{nil, []string{"--listen", ""}, `--listen ""`},
		{nil, []string{"--public-url", "weft.example"}, `--public-url "weft.example"`},
		{nil, []string{"--public-url", "https://"}, `--public-url "https://"`},
		{nil, []string{"--public-url", "://"}, `--public-url "://"`},
		{nil, []string{"--now", "2026-02-30"}, `--now "2026-02-30"`},
		{nil, []string{"--data="}, "--data must name a folder"},
		{[]string{"WEFT_SANDBOX_SECRET=the-same-secret-twice", "WEFT_PRODUCTION_SECRET=the-same-secret-twice"}, nil, "WEFT_SANDBOX_SECRET and WEFT_PRODUCTION_SECRET must differ"},
		{[]string{"WEFT_DEVELOPMENT_SECRET=123456789012345"}, nil, "WEFT_DEVELOPMENT_SECRET must have at least 16 characters"},
	} {
		o := weft(t, append([]string{"WEFT_DATA=" + dir}, c.env...), append([]string{"serve"}, c.args...)...)
		o.fails(t, c.part, 2, "weft: "+c.part)
		if strings.Contains(o.errors, "the-same-secret-twice") || strings.Count(o.errors, "\n") != 1 {
			t.Errorf("%s: %q", c.part, o.errors)
		}
	}
	if made := hashes(t, filepath.Dir(dir)); len(made) != 1 {
		t.Errorf("made %v", made)
	}
}

// A flag wins over its variable, and a variable over the default; an empty variable is none.
func TestFlagsWinOverTheEnvironment(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	env := []string{"WEFT_DATA=" + dir, "WEFT_LISTEN=nowhere", "WEFT_LOG_LEVEL=", "OTHER=1", "WEFT_NO_SUCH_FLAG=1", "broken"}
	weft(t, env, "doctor").fails(t, "variable", 2, `--listen "nowhere"`)
	for _, args := range [][]string{{"doctor", "--listen", "127.0.0.1:0"}, {"--listen", "127.0.0.1:0", "doctor"}} {
		o := weft(t, env, args...)
		if o.status == 2 || !strings.Contains(o.out, "127.0.0.1:0 is free") || !strings.Contains(o.out, dir) {
			t.Errorf("%v: status %d, %s%s", args, o.status, o.out, o.errors)
		}
	}
	other := filepath.Join(t.TempDir(), "other")
	if o := weft(t, env, "doctor", "--listen=127.0.0.1:0", "--data", other); !strings.Contains(o.out, other) || strings.Contains(o.out, dir) {
		t.Errorf("got %s", o.out)
	}
	// Each subcommand's own flags have variables, too.
	weft(t, []string{"WEFT_DATA=" + dir, "WEFT_OVERLAP=soon"}, "keys", "rotate", "a").fails(t, "overlap", 2, "WEFT_OVERLAP: ")
}

func TestServe(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	s := serve(t, data, nil)
	id, secrets := printed(t, s.greeting)
	if len(secrets) != 3 || !strings.Contains(s.greeting, "shown this once") {
		t.Fatalf("the first start printed %q", s.greeting)
	}
	for env, secret := range secrets {
		s.opens(env, id, secret, true)
	}
	s.opens("wrong secret", id, strings.Repeat("0", 32), false)

	// The curl line works as it stands.
	url, body := curl(t, s.greeting)
	if !strings.HasPrefix(url, s.url+"/") {
		t.Errorf("curl to %s, the server is at %s", url, s.url)
	}
	if status, code := s.post(strings.TrimPrefix(url, s.url), body); status != 200 {
		t.Errorf("%s was answered %d %s", body, status, code)
	}

	// A second server on the same data: told by name, and the first goes on.
	second := weft(t, nil, "serve", "--data", data, "--listen", "127.0.0.1:0")
	second.fails(t, "second server", 1, "another Weft server is running on this database", data)
	if second.out != "" {
		t.Errorf("the second server printed %q", second.out)
	}
	weft(t, nil, "migrate", "--data", data).fails(t, "migrate beside a server", 1, "another Weft server is running on this database")
	// An address that is taken.
	address := strings.TrimPrefix(s.url, "http://")
	weft(t, nil, "--data", filepath.Join(t.TempDir(), "other"), "--listen", address).fails(t, "taken address", 1, "listen on "+address, "address already in use")
	s.opens("after it all", id, secrets["sandbox"], true)

	o := s.stop()
	if o.status != 0 || !strings.Contains(o.errors, "stopping") {
		t.Errorf("stopped with status %d, log %s", o.status, o.errors)
	}
	for _, secret := range secrets {
		if strings.Contains(o.errors, secret) {
			t.Errorf("the log has a secret")
		}
	}

	// Later starts do not know the secrets any more; their curl line names the variable that has one.
	s = serve(t, data, nil, "--log-format", "json", "--log-level", "warn")
	again, none := printed(t, s.greeting)
	if again != id || len(none) != 0 || !strings.Contains(s.greeting, `"weft keys rotate" makes new ones`) {
		t.Errorf("the second start printed %q", s.greeting)
	}
	if _, body := curl(t, s.greeting); body != fmt.Sprintf(`{"client_id":"%s","secret":"$WEFT_SANDBOX_SECRET","institution_id":"ins_109508","initial_products":["investments"]}`, id) {
		t.Errorf("curl sends %s", body)
	}
	s.opens("the old secret", id, secrets["sandbox"], true)
	if o := s.stop(); o.status != 0 || o.errors != "" {
		t.Errorf("stopped with status %d, log %s", o.status, o.errors)
	}
}

// curl is the URL and the body of the greeting's example, as a shell would read them.
func curl(t *testing.T, greeting string) (url, body string) {
	t.Helper()
	m := regexp.MustCompile(`(?m)^  curl -s (\S+) -H 'Content-Type: application/json' -d "(.*)"$`).FindStringSubmatch(greeting)
	if m == nil {
		t.Fatalf("no curl line in %q", greeting)
	}
	body = strings.ReplaceAll(m[2], `\"`, `"`)
	var fields struct {
		ClientID string   `json:"client_id"`
		Products []string `json:"initial_products"`
	}
	mustParse(t, body, &fields)
	if id, _ := printed(t, greeting); fields.ClientID != id || len(fields.Products) != 1 {
		t.Errorf("curl sends %s", body)
	}
	return m[1], body
}

// mustParse reads JSON.
func mustParse(t *testing.T, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

func TestServeWithPresets(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	env := []string{
		"WEFT_CLIENT_ID=operators-client", "WEFT_SANDBOX_SECRET=operators-sandbox-secret", "WEFT_DATA=" + filepath.Join(t.TempDir(), "ignored"),
		"WEFT_SEED=cli_test", "WEFT_NOW=2026-11-20T09:30:00Z", "WEFT_CACHE_MB=0", "WEFT_LOG_FORMAT=json",
	}
	s := serve(t, data, env)
	id, made := printed(t, s.greeting)
	if id != "operators-client" || len(made) != 2 || made["sandbox"] != "" || !strings.Contains(s.greeting, "use this server for tests alone") {
		t.Errorf("printed %q", s.greeting)
	}
	if strings.Contains(s.greeting, "operators-sandbox-secret") {
		t.Error("a preset secret was printed")
	}
	s.opens("preset", id, "operators-sandbox-secret", true)
	s.opens("made up", id, made["production"], true)
	o := s.stop()
	if strings.Contains(o.errors, "secret") || !strings.HasPrefix(o.errors, `{"time":`) {
		t.Errorf("log: %s", o.errors)
	}
	// When all are preset, there is nothing to tell.
	env = append(env, "WEFT_DEVELOPMENT_SECRET=operators-development-secret", "WEFT_PRODUCTION_SECRET=operators-production-secret")
	s = serve(t, data, env, "--now", "2026-11-21")
	if id, made := printed(t, s.greeting); id != "operators-client" || len(made) != 0 || strings.Contains(s.greeting, "The secrets") {
		t.Errorf("printed %q", s.greeting)
	}
	s.opens("added", id, "operators-production-secret", true)
	s.opens("made up before", id, made["production"], true)
}

// Behind a proxy, all that is printed has the URL that clients know. Without a command, weft serves.
func TestPublicURL(t *testing.T) {
	out := &until{line: "curl ", found: make(chan struct{})}
	ctx, cancel := context.WithCancel(t.Context())
	var stderr strings.Builder
	status := make(chan int, 1)
	go func() {
		status <- cli.Run(ctx, []string{"--listen", "127.0.0.1:0", "--public-url", "https://weft.example/", "--data", t.TempDir()}, nil, out, &stderr)
	}()
	select {
	case <-out.found:
	case code := <-status:
		t.Fatalf("ended with status %d: %s", code, &stderr)
	}
	cancel()
	if code := <-status; code != 0 {
		t.Errorf("status %d: %s", code, &stderr)
	}
	if got := out.text.String(); !strings.Contains(got, "serves at https://weft.example\n") || !strings.Contains(got, "curl -s https://weft.example/sandbox/") || strings.Contains(got, "127.0.0.1") {
		t.Errorf("printed %q", got)
	}
}

// until is a writer that tells when a text has been written to it.
type until struct {
	text  strings.Builder
	line  string
	found chan struct{}
}

func (u *until) Write(p []byte) (int, error) {
	had := strings.Contains(u.text.String(), u.line)
	u.text.Write(p)
	if !had && strings.Contains(u.text.String(), u.line) {
		close(u.found)
	}
	return len(p), nil
}

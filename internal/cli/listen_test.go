package cli_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"weft/internal/cli"
)

// listening is a listen command in this process.
type listening struct {
	out, errors locked
	stop        func()
}

// locked is what a command has printed so far.
type locked struct {
	mu   sync.Mutex
	text bytes.Buffer
	told chan struct{}
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case l.told <- struct{}{}:
	default:
	}
	return l.text.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// await waits until a text was printed.
func (l *locked) await(t *testing.T, part string) {
	t.Helper()
	over := time.After(30 * time.Second)
	for !strings.Contains(l.String(), part) {
		select {
		case <-l.told:
		case <-over:
			t.Fatalf("no %q in %q", part, l)
		}
	}
}

// listen starts a listen command and waits until it listens.
func listen(t *testing.T, env []string, args ...string) *listening {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	l := &listening{out: locked{told: make(chan struct{}, 1)}, errors: locked{told: make(chan struct{}, 1)}}
	status := make(chan int, 1)
	go func() { status <- cli.Run(ctx, append([]string{"listen"}, args...), env, &l.out, &l.errors) }()
	l.stop = sync.OnceFunc(func() {
		cancel()
		if got := <-status; got != 0 {
			t.Errorf("listen ended with status %d: %s", got, &l.errors)
		}
	})
	t.Cleanup(l.stop)
	l.errors.await(t, "Ctrl-C")
	return l
}

// program receives webhooks on a port of its own, and verifies them as Plaid documents it.
type program struct {
	t       *testing.T
	server  *running
	address string
	got     chan string
	stop    func()
}

func (p *program) start() {
	p.t.Helper()
	listener, err := net.Listen("tcp", p.address)
	if err != nil {
		p.t.Fatal(err)
	}
	p.address = listener.Addr().String()
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = p.verify(r.Header.Get("Plaid-Verification"), body)
		}
		if err != nil {
			p.t.Errorf("%s: %v", body, err)
		}
		var hook struct {
			Code string `json:"webhook_code"`
		}
		if err := json.Unmarshal(body, &hook); err != nil || !bytes.HasPrefix(body, []byte("{\n  \"webhook_type\": \"")) {
			p.t.Errorf("%s: %v", body, err)
		}
		if hook.Code == "ERROR" {
			w.WriteHeader(http.StatusTeapot)
		}
		p.got <- r.URL.Path + " " + hook.Code
	})}
	go server.Serve(listener) //nolint:errcheck // it ends by being closed
	p.stop = sync.OnceFunc(func() { server.Close() })
	p.t.Cleanup(p.stop)
}

func (p *program) verify(token string, body []byte) error {
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		return err
	}
	res, err := http.Post(p.server.url+"/webhook_verification_key/get", "application/json",
		strings.NewReader(fmt.Sprintf(`{"client_id":%q,"secret":%q,"key_id":%q}`, listenersID, listenersSecret, signed.Signatures[0].Header.KeyID)))
	if err != nil {
		return err
	}
	defer res.Body.Close() //nolint:errcheck // it has been read
	var answer struct{ Key jose.JSONWebKey }
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return err
	}
	payload, err := signed.Verify(answer.Key)
	if err != nil {
		return err
	}
	if sum := sha256.Sum256(body); !strings.Contains(string(payload), hex.EncodeToString(sum[:])) {
		return fmt.Errorf("%s is of another body", payload)
	}
	return nil
}

// gets waits for webhooks, and fails the test where others come.
func (p *program) gets(want ...string) {
	p.t.Helper()
	var got []string
	for range want {
		select {
		case hook := <-p.got:
			got = append(got, hook)
		case <-time.After(30 * time.Second):
			p.t.Fatalf("got %q, want %q", got, want)
		}
	}
	if !slices.Equal(got, want) {
		p.t.Fatalf("got %q, want %q", got, want)
	}
}

const listenersID, listenersSecret = "listeners-client", "listeners-sandbox-secret"

var listenersKeys = []string{"WEFT_CLIENT_ID=" + listenersID, "WEFT_SANDBOX_SECRET=" + listenersSecret}

// linked makes an Item without an address for webhooks, and returns its access token.
func linked(t *testing.T, s *running) string {
	t.Helper()
	call := func(path, body string) string {
		res, err := http.Post(s.url+path, "application/json", strings.NewReader(fmt.Sprintf(`{"client_id":%q,"secret":%q,`, listenersID, listenersSecret)+body))
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close() //nolint:errcheck // it has been read
		text, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	public := regexp.MustCompile(`public-sandbox-[0-9a-f-]+`).FindString(call("/sandbox/public_token/create", `"institution_id":"ins_109508","initial_products":["investments"]}`))
	access := regexp.MustCompile(`access-sandbox-[0-9a-f-]+`).FindString(call("/item/public_token/exchange", `"public_token":"`+public+`"}`))
	if access == "" {
		t.Fatal("no access token")
	}
	return access
}

func (s *running) fire(access string, codes ...string) {
	s.t.Helper()
	for _, c := range codes {
		status, code := s.post("/sandbox/item/fire_webhook", fmt.Sprintf(`{"client_id":%q,"secret":%q,"access_token":%q,"webhook_code":%q}`, listenersID, listenersSecret, access, c))
		if status != 200 {
			s.t.Fatalf("%s: %d %s", c, status, code)
		}
	}
}

// A program on this machine gets the webhooks of an Item without an address, signed and in order, over HTTP and beside the
// server, while the program and the server go away and come back.
func TestListen(t *testing.T) {
	for _, way := range []string{"http", "database"} {
		t.Run(way, func(t *testing.T) {
			data := filepath.Join(t.TempDir(), "data")
			s := serve(t, data, listenersKeys, "--instant")
			access := linked(t, s)
			p := &program{t: t, server: s, address: "127.0.0.1:0", got: make(chan string, 100)}
			p.start()
			_, port, _ := net.SplitHostPort(p.address)
			env, args := listenersKeys, []string{"--forward-to", port + "/hook", "--server", s.url}
			if way == "database" {
				env, args = nil, []string{"--forward-to", "http://" + p.address + "/hook", "--data", data}
			}
			l := listen(t, env, args...)
			s.fire(access, "LOGIN_REPAIRED", "ERROR")
			p.gets("/hook LOGIN_REPAIRED", "/hook ERROR")
			l.out.await(t, "ITEM.ERROR")
			if lines := strings.Split(l.out.String(), "\n"); len(lines) != 3 ||
				!regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  200 +\d+m?s  ITEM\.LOGIN_REPAIRED  \w{37}$`).MatchString(lines[0]) || !strings.Contains(lines[1], "  418  ") {
				t.Errorf("printed %q", lines)
			}
			// The program is restarted.
			p.stop()
			s.fire(access, "PENDING_DISCONNECT", "NEW_ACCOUNTS_AVAILABLE")
			l.errors.await(t, "Nothing answers at http://")
			p.start()
			p.gets("/hook PENDING_DISCONNECT", "/hook NEW_ACCOUNTS_AVAILABLE")
			// The server is.
			s.stop()
			if way == "http" {
				l.errors.await(t, "Lost the connection: the server at "+s.url+" cannot be reached: the connection failed")
			}
			s = serve(t, data, listenersKeys, "--instant", "--listen", strings.TrimPrefix(s.url, "http://"))
			s.fire(access, "USER_PERMISSION_REVOKED", "LOGIN_REPAIRED", "AUTHORIZATION_GRANTED")
			p.gets("/hook USER_PERMISSION_REVOKED", "/hook LOGIN_REPAIRED", "/hook AUTHORIZATION_GRANTED")
			if way == "http" {
				l.errors.await(t, "Back: ")
			}
			l.out.await(t, "AUTHORIZATION_GRANTED")
			l.stop()
			if strings.Count(l.out.String(), "\n") != 7 || strings.Contains(l.out.String()+l.errors.String(), listenersSecret) || strings.Contains(l.errors.String(), "missed") {
				t.Errorf("printed %s%s", &l.out, &l.errors)
			}
		})
	}
}

// Only the webhooks that are meant are printed, for people or for programs.
func TestListenFiltersAndPrintsJSON(t *testing.T) {
	s := serve(t, filepath.Join(t.TempDir(), "data"), listenersKeys, "--instant")
	access := linked(t, s)
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte(listenersSecret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	hanging := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = conn.Write([]byte("what?\r\n\r\n"))
		conn.Close() //nolint:errcheck // it is broken on purpose
	}))
	defer hanging.Close()
	forLogin := listen(t, listenersKeys, "--server", s.url, "--events", "ITEM.login_repaired,HOLDINGS.*")
	asJSON := listen(t, nil, "--server", s.url+"/", "--client", listenersID, "--secret-file", secret, "--print-json", "--forward-to", hanging.URL)
	s.fire(access, "ERROR", "LOGIN_REPAIRED", "PENDING_DISCONNECT")
	s.post("/sandbox/item/fire_webhook", fmt.Sprintf(`{"client_id":%q,"secret":%q,"access_token":%q,"webhook_code":"DEFAULT_UPDATE","webhook_type":"HOLDINGS"}`, listenersID, listenersSecret, access))
	forLogin.out.await(t, "HOLDINGS")
	asJSON.out.await(t, "HOLDINGS")
	if lines := strings.Split(forLogin.out.String(), "\n"); len(lines) != 3 || !strings.Contains(lines[0], "ITEM.LOGIN_REPAIRED") || !strings.Contains(lines[1], "HOLDINGS.DEFAULT_UPDATE") {
		t.Errorf("printed %q", lines)
	}
	var codes []string
	for line := range strings.Lines(asJSON.out.String()) {
		var hook struct {
			Code string `json:"webhook_code"`
		}
		mustParse(t, line, &hook)
		codes = append(codes, hook.Code)
	}
	if !slices.Equal(codes, []string{"ERROR", "LOGIN_REPAIRED", "PENDING_DISCONNECT", "DEFAULT_UPDATE"}) {
		t.Errorf("printed %s", &asJSON.out)
	}
	if told := asJSON.errors.String(); strings.Count(told, "  ---  ") != 4 || !strings.Contains(told, "(the answer is not HTTP)") {
		t.Errorf("told %s", told)
	}
}

// What cannot work is told at once, in a line that says what to do.
func TestListenTellsWhatIsWrong(t *testing.T) {
	s := serve(t, filepath.Join(t.TempDir(), "data"), listenersKeys, "--instant")
	answering := func(status int, header, value, body string) string {
		peer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set(header, value)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}))
		t.Cleanup(peer.Close)
		return peer.URL
	}
	// The near end of a connection is a port that nobody listens on, and that nobody else is given.
	caller, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer caller.Close() //nolint:errcheck // nothing was sent
	nobody := "http://" + caller.LocalAddr().String()
	wrong := []string{"WEFT_CLIENT_ID=" + listenersID, "WEFT_SANDBOX_SECRET=a-secret-that-is-another"}
	none := filepath.Join(t.TempDir(), "none")
	for _, c := range []struct {
		env    []string
		args   []string
		status int
		part   string
	}{
		{nil, []string{"--data", none}, 1, "there is no Weft database at"},
		{nil, []string{"--data", none}, 1, "--server"},
		{nil, []string{"--data", s.data, "--client", "x"}, 1, `there is no client "x"`},
		{nil, []string{"--data", s.data, "--environment", "moon"}, 2, "--environment"},
		{nil, []string{"--data", s.data, "--secret-file", "-"}, 2, "--secret-file is for --server"},
		{listenersKeys, []string{"--server", nobody}, 1, "cannot be reached: the connection failed (is it running?)"},
		{wrong, []string{"--server", s.url}, 1, "does not admit client " + listenersID + " with this secret: check WEFT_CLIENT_ID or --client, and WEFT_SANDBOX_SECRET"},
		{nil, []string{"--server", s.url}, 2, "set WEFT_CLIENT_ID (or --client) and WEFT_SANDBOX_SECRET (or --secret-file)"},
		{listenersKeys, []string{"--server", s.url, "--environment", "production"}, 2, "WEFT_PRODUCTION_SECRET"},
		{listenersKeys, []string{"--server", s.url, "--environment", "moon"}, 2, "--environment"},
		{listenersKeys, []string{"--server", s.url, "--secret-file", none}, 1, "--secret-file"},
		{listenersKeys, []string{"--server", answering(404, "X", "x", "<html>")}, 1, "does not know /weft/webhooks/listen"},
		{listenersKeys, []string{"--server", answering(302, "Location", "/", "")}, 1, "answers with a redirect (302)"},
		{listenersKeys, []string{"--server", answering(502, "X", "x", "<html>")}, 1, "answers 502"},
		{listenersKeys, []string{"--server", answering(200, "X", "x", "<html>")}, 1, "cannot be read"},
		{listenersKeys, []string{"--server", answering(400, "X", "x", `{"error_code":"INVALID_FIELD","error_message":"no wait"}`)}, 1, "answers 400 INVALID_FIELD: no wait"},
		{listenersKeys, []string{"--server", "http://weft.example"}, 2, "would be sent the secret in clear"},
		{listenersKeys, []string{"--server", "weft.example"}, 2, "--server is not a URL"},
		{listenersKeys, []string{"--server", "https://me:canary@weft.example"}, 2, "--server must not hold"},
		{listenersKeys, []string{"--server", "https://169.254.169.254"}, 2, "never allowed"},
		{nil, []string{"--forward-to", "ftp://localhost"}, 2, "--forward-to"},
		{nil, []string{"--forward-to", "receiver.example/hook"}, 2, "leads beyond this machine"},
		{nil, []string{"--forward-to", "http://me:canary@localhost"}, 2, "--forward-to must not hold"},
		{nil, []string{"--forward-to", "http://169.254.169.254/"}, 2, "never allowed"},
		{nil, []string{"--forward-to", "99999"}, 2, "--forward-to"},
		{nil, []string{"--events", "what else"}, 2, `--events "what else"`},
		{nil, []string{"now"}, 2, `unknown command "now"`},
	} {
		o := weft(t, c.env, append([]string{"listen"}, c.args...)...)
		o.fails(t, strings.Join(c.args, " "), c.status, c.part)
		if strings.Count(o.errors, "\n") != 1 || strings.Contains(o.errors, "canary") || strings.Contains(o.errors, listenersSecret) {
			t.Errorf("%v: %q", c.args, o.errors)
		}
	}
}

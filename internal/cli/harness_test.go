package cli_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"weft/internal/cli"
)

// outcome is what a finished command left.
type outcome struct {
	status      int
	out, errors string
}

// weft runs a command line to its end. Env are NAME=value pairs.
func weft(t testing.TB, env []string, args ...string) outcome {
	t.Helper()
	// The bound is for a server that starts where it should have refused to.
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var stdout, stderr bytes.Buffer
	status := cli.Run(ctx, args, env, &stdout, &stderr)
	return outcome{status, stdout.String(), stderr.String()}
}

// succeeds fails the test where a command did not end well, or said something on stderr.
func (o outcome) succeeds(t testing.TB) outcome {
	t.Helper()
	if o.status != 0 || o.errors != "" {
		t.Fatalf("status %d\nstdout: %s\nstderr: %s", o.status, o.out, o.errors)
	}
	return o
}

// fails fails the test unless a command ended with a status and one message, which has all the parts, and printed nothing.
func (o outcome) fails(t testing.TB, what string, status int, parts ...string) {
	t.Helper()
	if o.status != status || strings.Count(o.errors, "weft: ") != 1 || !strings.HasPrefix(o.errors, "weft: ") || !strings.HasSuffix(o.errors, "\n") {
		t.Errorf("%s: status %d (want %d), stderr %q", what, o.status, status, o.errors)
	}
	for _, part := range parts {
		if !strings.Contains(o.errors, part) {
			t.Errorf("%s: %q is not in %q", what, part, o.errors)
		}
	}
	if o.out != "" && status == 2 {
		t.Errorf("%s: printed %q", what, o.out)
	}
}

// running is a server in this process.
type running struct {
	t    *testing.T
	data string
	// greeting is what it has printed, up to the empty line after the curl command.
	greeting string
	url      string
	stop     func() outcome
}

// serve starts a server on a free port and waits until it has greeted.
func serve(t *testing.T, data string, env []string, args ...string) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	var stderr bytes.Buffer
	status := make(chan int, 1)
	go func() {
		status <- cli.Run(ctx, append([]string{"serve", "--data", data, "--listen", "127.0.0.1:0"}, args...), env, writer, &stderr)
		writer.Close() //nolint:errcheck // a pipe's end cannot fail
	}()
	s := &running{t: t, data: data}
	lines := bufio.NewReader(reader)
	for !strings.Contains(s.greeting, "curl ") {
		line, err := lines.ReadString('\n')
		s.greeting += line
		if err != nil {
			cancel()
			t.Fatalf("the server ended with status %d after %q\nstderr: %s", <-status, s.greeting, &stderr)
		}
	}
	go io.Copy(io.Discard, lines) //nolint:errcheck // until the server ends
	var once *outcome
	s.stop = func() outcome {
		if once == nil {
			cancel()
			once = &outcome{<-status, s.greeting, stderr.String()}
			http.DefaultClient.CloseIdleConnections()
		}
		return *once
	}
	t.Cleanup(func() {
		if o := s.stop(); o.status != 0 {
			t.Errorf("the server ended with status %d: %s", o.status, o.errors)
		}
	})
	if m := regexp.MustCompile(`serves at (http://127\.0\.0\.1:[1-9][0-9]*)\n`).FindStringSubmatch(s.greeting); m != nil {
		s.url = m[1]
	} else {
		t.Fatalf("no URL with a port in %q", s.greeting)
	}
	return s
}

var (
	printedID     = regexp.MustCompile(`(?m)^ *client_id +([0-9a-z-]+)$`)
	printedSecret = regexp.MustCompile(`(?m)^ *(sandbox|development|production) secret +([0-9a-f]{32})$`)
)

// printed are the client_id and the secrets that a command has printed, by environment.
func printed(t testing.TB, text string) (string, map[string]string) {
	t.Helper()
	m := printedID.FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("no client_id in %q", text)
	}
	secrets := map[string]string{}
	for _, s := range printedSecret.FindAllStringSubmatch(text, -1) {
		secrets[s[1]] = s[2]
	}
	return m[1], secrets
}

// post sends a body to the server and returns the status and the error_code.
func (s *running) post(path, body string) (int, string) {
	s.t.Helper()
	res, err := http.Post(s.url+path, "application/json", strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // it has been read
	var answer struct {
		Code string `json:"error_code"`
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		s.t.Fatal(err)
	}
	return res.StatusCode, answer.Code
}

// opens fails the test unless credentials open a call, or are refused as wrong.
func (s *running) opens(what, clientID, secret string, want bool) {
	s.t.Helper()
	status, code := s.post("/institutions/get_by_id", fmt.Sprintf(`{"client_id":%q,"secret":%q,"institution_id":"ins_109508","country_codes":["US"]}`, clientID, secret))
	if want && code == "INVALID_API_KEYS" || !want && (status != 400 || code != "INVALID_API_KEYS") {
		s.t.Errorf("%s: status %d, %s", what, status, code)
	}
}

// hashes are the contents of all files of a folder, with their modes.
func hashes(t testing.TB, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			out[path] = fmt.Sprint(err)
			return err
		}
		content, err := os.ReadFile(path)
		out[path] = fmt.Sprintf("%v %x", info.Mode(), sha256.Sum256(content))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Package browser drives Link in a real browser, as a client's page and a person do. The tests themselves are written for
// Node's own test runner (*.test.mjs here and in link/), with Playwright's library and the browser that is installed.
package browser

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"weft/internal/needs"
	"weft/internal/product/link/loader"
	"weft/wefttest"
)

// TestLoader drives link-initialize.js against a frame that the tests themselves serve, by the protocol between the two.
func TestLoader(t *testing.T) {
	host := httptest.NewServer(loader.Handler())
	defer host.Close()
	run(t, "*.test.mjs", "WEFT_LOADER="+host.URL)
}

// TestLink links at the simulated banks of a running server.
func TestLink(t *testing.T) {
	s := wefttest.NewServer(t)
	res, err := http.Get(s.URL + "/link/v2/frame")
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK {
		t.Skip("the server does not serve /link/v2/frame yet")
	}
	run(t, "link/*.test.mjs", "WEFT_URL="+s.URL, "WEFT_CLIENT_ID="+s.ClientID, "WEFT_SECRET="+s.Secret, "WEFT_PRODUCTION_SECRET="+wefttest.ProductionSecret)
}

// run runs files of node's tests, each test as one of Go's.
func run(t *testing.T, pattern string, env ...string) {
	t.Helper()
	node := needs.Program(t, "node", "apt-get install nodejs npm")
	chromium := needs.Program(t, "chromium", "apt-get install chromium")
	needs.Packages(t, ".")
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), node, append([]string{"--test", "--test-reporter=./support/reporter.mjs"}, files...)...)
	cmd.Env = append(append(os.Environ(), "WEFT_CHROMIUM="+chromium, "WEFT_BUILT="+t.TempDir()), env...)
	var errors bytes.Buffer
	cmd.Stderr = &errors
	out, err := cmd.Output()
	results := read(t, out)
	for _, r := range results {
		t.Run(r.Name, r.tell)
	}
	if len(results) == 0 || (err != nil && !t.Failed()) {
		t.Errorf("node --test %s: %v, with %d tests\n%s%s", pattern, err, len(results), errors.Bytes(), out)
	}
}

// result is how one of node's tests has ended.
type result struct {
	// Name is that of the file and the test.
	Name string `json:"name"`
	// Skipped is the reason for which it was.
	Skipped string `json:"skipped"`
	Failure string `json:"failure"`
	// Seconds is how long it took.
	Seconds json.Number `json:"seconds"`
}

func (r result) tell(t *testing.T) {
	t.Logf("%s s", r.Seconds)
	switch {
	case r.Skipped != "":
		t.Skip(r.Skipped)
	case r.Failure != "":
		t.Error(r.Failure)
	}
}

// read reads what the reporter has written; the lines that are not its own are what tests have printed.
func read(t *testing.T, out []byte) (results []result) {
	t.Helper()
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, len(out)+1)
	for lines.Scan() {
		var r result
		if line := lines.Text(); !strings.HasPrefix(line, `{"name":`) || json.Unmarshal([]byte(line), &r) != nil {
			t.Log(line)
			continue
		}
		results = append(results, r)
	}
	return results
}

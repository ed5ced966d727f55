package contract

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"weft/internal/needs"
	"weft/wefttest"
)

// TestNodeClient drives a server with Plaid's own client for Node, as it is published.
func TestNodeClient(t *testing.T) {
	node := needs.Program(t, "node", "apt-get install nodejs npm")
	installClient(t)
	s := wefttest.NewServer(t)
	runNode(t, node, "tour.test.mjs", reached(s))
}

// TestNodeTransactions follows the transactions of an Item with Plaid's own client, and receives its webhooks in node.
func TestNodeTransactions(t *testing.T) {
	node := needs.Program(t, "node", "apt-get install nodejs npm")
	installClient(t)
	s := wefttest.NewServerWith(t, wefttest.Options{Paced: true})
	passing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seconds, err := strconv.Atoi(r.FormValue("seconds"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		s.Advance(time.Duration(seconds) * time.Second)
		s.Settle()
		fmt.Fprint(w, s.Now().Unix())
	}))
	defer passing.Close()
	runNode(t, node, "transactions.test.mjs", append(reached(s), "WEFT_CLOCK="+passing.URL))
}

// reached tells node where a server is.
func reached(s *wefttest.Server) []string {
	return []string{"WEFT_URL=" + s.URL, "WEFT_CLIENT_ID=" + s.ClientID, "WEFT_SECRET=" + s.Secret, "NO_PROXY=127.0.0.1", "no_proxy=127.0.0.1"}
}

// runNode runs a file of node's tests.
func runNode(t *testing.T, node, file string, env []string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), node, "--test", "--test-reporter=spec", file)
	cmd.Dir = "node"
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("node --test %s: %v\n%s", file, err, out)
	}
	// A runner that finds no tests succeeds as well.
	if !strings.Contains(string(out), "pass ") || strings.Contains(string(out), "tests 0") {
		t.Fatalf("node ran no tests:\n%s", out)
	}
}

// installClient installs what package-lock.json names, unless it is there.
func installClient(t *testing.T) {
	t.Helper()
	if installed := version(t, "node/node_modules/plaid/package.json"); installed != "" && installed == version(t, "node/package.json") {
		return
	}
	npm := needs.Program(t, "npm", "apt-get install nodejs npm")
	cmd := exec.CommandContext(t.Context(), npm, "ci", "--no-audit", "--no-fund", "--loglevel=error")
	cmd.Dir = "node"
	if out, err := cmd.CombinedOutput(); err != nil {
		if os.Getenv("WEFT_TEST_REQUIRE") != "" {
			t.Fatalf("npm ci: %v\n%s", err, address.ReplaceAll(out, []byte("(registry)")))
		}
		t.Skipf("needs the npm package plaid: npm cannot install it (%v)", err)
	}
}

// address is a web address: npm's messages name the registry, which is nobody's business.
var address = regexp.MustCompile(`https?://[^\s"']+`)

// version is the version of plaid that a package.json is of, or wants; "" if there is no such file.
func version(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.FromSlash(file))
	if errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	var p struct {
		Name, Version   string
		DevDependencies map[string]string
	}
	if err = errors.Join(err, json.Unmarshal(text, &p)); err != nil {
		t.Fatal(err)
	}
	if p.Name == "plaid" {
		return p.Version
	}
	return p.DevDependencies["plaid"]
}

package contract

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
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
	needs.Packages(t, "node")
	s := wefttest.NewServer(t)
	runNode(t, node, "tour.test.mjs", reached(s))
}

// TestNodeTransactions follows the transactions of an Item with Plaid's own client, and receives its webhooks in node.
func TestNodeTransactions(t *testing.T) {
	node := needs.Program(t, "node", "apt-get install nodejs npm")
	needs.Packages(t, "node")
	s := wefttest.NewServerWith(t, wefttest.Options{Paced: true})
	runNode(t, node, "transactions.test.mjs", append(reached(s), timed(t, s)))
}

// TestNodeProducts drives a server for each file of node/products with Plaid's own client. A second client is the processor
// dwolla there, and an auditor.
func TestNodeProducts(t *testing.T) {
	node := needs.Program(t, "node", "apt-get install nodejs npm")
	needs.Packages(t, "node")
	files, err := filepath.Glob("node/products/*.test.mjs")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	for _, path := range files {
		file := filepath.Base(path)
		t.Run(strings.TrimSuffix(file, ".test.mjs"), func(t *testing.T) {
			t.Parallel()
			s := wefttest.NewServer(t)
			partner := s.NewClient()
			partner.BeProcessor("dwolla")
			runNode(t, node, "products/"+file, append(reached(s), timed(t, s),
				"WEFT_PARTNER_CLIENT_ID="+partner.ClientID, "WEFT_PARTNER_SECRET="+partner.Secret))
		})
	}
}

// TestNodeLimits meets the limits of rates with Plaid's own client.
func TestNodeLimits(t *testing.T) {
	node := needs.Program(t, "node", "apt-get install nodejs npm")
	needs.Packages(t, "node")
	s := wefttest.NewServerWith(t, wefttest.Options{RateLimits: 1})
	runNode(t, node, "limits.test.mjs", append(reached(s), timed(t, s)))
}

// timed lets node move a server's clock, and have the server do what is due then. It returns where.
func timed(t *testing.T, s *wefttest.Server) string {
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
	t.Cleanup(passing.Close)
	return "WEFT_CLOCK=" + passing.URL
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

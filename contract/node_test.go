package contract

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"weft/internal/needs"
	"weft/wefttest"
)

// TestNodeClient drives a server with Plaid's own client for Node, as it is published.
func TestNodeClient(t *testing.T) {
	node := needs.Program(t, "node", "apt-get install nodejs npm")
	needs.Packages(t, "node")
	s := wefttest.NewServer(t)
	runNode(t, node, "tour.test.mjs", []string{"WEFT_URL=" + s.URL, "WEFT_CLIENT_ID=" + s.ClientID, "WEFT_SECRET=" + s.Secret, "NO_PROXY=127.0.0.1", "no_proxy=127.0.0.1"})
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

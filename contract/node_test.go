package contract

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"weft/internal/needs"
	"weft/wefttest"
)

// TestNodeClient drives a server with Plaid's own client for Node, as it is published.
func TestNodeClient(t *testing.T) {
	node := needs.Program(t, "node", "apt-get install nodejs npm")
	installClient(t)
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

// installClient installs what package-lock.json names, unless it is there.
func installClient(t *testing.T) {
	t.Helper()
	if installed(t) {
		return
	}
	npm := needs.Program(t, "npm", "apt-get install nodejs npm")
	cmd := exec.CommandContext(t.Context(), npm, "ci", "--no-audit", "--no-fund", "--loglevel=error")
	cmd.Dir = "node"
	if out, err := cmd.CombinedOutput(); err != nil {
		if os.Getenv("WEFT_TEST_REQUIRE") != "" {
			t.Fatalf("npm ci: %v\n%s", err, address.ReplaceAll(out, []byte("(registry)")))
		}
		t.Skipf("needs npm's packages: npm cannot install it (%v)", err)
	}
}

// address is a web address: npm's messages name the registry, which is nobody's business.
var address = regexp.MustCompile(`https?://[^\s"']+`)

// manifest is a package.json.
type manifest struct {
	Version         string
	DevDependencies map[string]string
}

// installed reports whether all packages are there, in their versions.
func installed(t *testing.T) bool {
	t.Helper()
	for name, version := range readManifest(t, "node/package.json").DevDependencies {
		if readManifest(t, "node/node_modules/"+name+"/package.json").Version != version {
			return false
		}
	}
	return true
}

// readManifest is empty where there is no such file.
func readManifest(t *testing.T, file string) (m manifest) {
	t.Helper()
	text, err := os.ReadFile(filepath.FromSlash(file))
	if errors.Is(err, fs.ErrNotExist) {
		return m
	}
	if err = errors.Join(err, json.Unmarshal(text, &m)); err != nil {
		t.Fatal(err)
	}
	return m
}

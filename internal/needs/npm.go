package needs

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Packages installs what package-lock.json of a folder names, unless the versions that its package.json asks for are there.
func Packages(t testing.TB, folder string) {
	t.Helper()
	if installed(t, folder) {
		return
	}
	npm := Program(t, "npm", "apt-get install nodejs npm")
	cmd := exec.CommandContext(t.Context(), npm, "ci", "--no-audit", "--no-fund", "--loglevel=error")
	cmd.Dir = folder
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Logf("npm ci: %s", address.ReplaceAll(out, []byte("(registry)")))
		skip(t, "needs the npm packages of "+filepath.Base(folder)+": npm cannot install them ("+err.Error()+")")
	}
}

// address is a web address: npm's messages name the registry, which is nobody's business.
var address = regexp.MustCompile(`https?://[^\s"']+`)

// installed: is each package that a folder asks for there, in the version that it asks for?
func installed(t testing.TB, folder string) bool {
	t.Helper()
	var wanted struct{ DevDependencies map[string]string }
	if err := readJSON(filepath.Join(folder, "package.json"), &wanted); err != nil {
		t.Fatal(err)
	}
	for name, version := range wanted.DevDependencies {
		version = version[strings.LastIndex(version, "@")+1:] // of an alias, npm:name@version
		var there struct{ Version string }
		if readJSON(filepath.Join(folder, "node_modules", name, "package.json"), &there) != nil || there.Version != version {
			return false
		}
	}
	return true
}

func readJSON(file string, into any) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, into)
}

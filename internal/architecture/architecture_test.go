package architecture

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"

	"weft/internal/needs"
)

// TestArchitecture holds the project to its rules.
func TestArchitecture(t *testing.T) {
	root := needs.Root(t)
	tr, err := load(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	if len(tr.files) < 50 {
		t.Fatalf("found %d Go files below the project's folder", len(tr.files))
	}
	found := check(tr)
	sort.Slice(found, func(i, j int) bool { return found[i].String() < found[j].String() })
	for _, v := range found {
		t.Error(v)
	}
	for name := range fractions {
		if _, err := os.Stat(filepath.Join(root, name)); err != nil {
			t.Errorf("%s may use binary fractions, but is not there", name)
		}
	}
}

// TestSQLiteCompanion: SQLite for Go is translated code that works with one version of its C library alone, the one that it
// requires. Another dependency may raise that version without anybody noticing.
func TestSQLiteCompanion(t *testing.T) {
	const sqlite, libc = "modernc.org/sqlite", "modernc.org/libc"
	ours := requirement(t, filepath.Join(needs.Root(t), "go.mod"), libc)
	cmd := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", sqlite)
	cmd.Dir = needs.Root(t)
	dir, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	wanted := requirement(t, filepath.Join(strings.TrimSpace(string(dir)), "go.mod"), libc)
	if ours != wanted {
		t.Errorf("go.mod requires %s %s, but %s was made for %s", libc, ours, sqlite, wanted)
	}
}

// requirement is the version of a module that a go.mod requires.
func requirement(t *testing.T, goMod, module string) string {
	t.Helper()
	text, err := os.ReadFile(goMod)
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^\s*(?:require )?` + regexp.QuoteMeta(module) + ` (v\S+)`).FindSubmatch(text)
	if m == nil {
		t.Fatalf("%s does not require %s", goMod, module)
	}
	return string(m[1])
}

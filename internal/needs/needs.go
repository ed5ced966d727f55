// Package needs finds what some tests need beyond Go, or skips them with a line that says what to install. With
// WEFT_TEST_REQUIRE=1, as `make check` sets it, a missing need fails the test instead.
package needs

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// skip skips the test, or fails it where everything is required.
func skip(t testing.TB, reason string) {
	t.Helper()
	if os.Getenv("WEFT_TEST_REQUIRE") != "" {
		t.Fatal(reason)
	}
	t.Skip(reason)
}

// Cycles is how often a test repeats what takes long: fewer times by hand than in the whole check.
func Cycles(usual, whole int) int {
	if os.Getenv("WEFT_TEST_REQUIRE") != "" {
		return whole
	}
	return usual
}

// Root is the project's folder.
func Root(t testing.TB) string {
	t.Helper()
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		t.Fatal("needs: cannot tell where the sources are")
	}
	return filepath.Dir(filepath.Dir(filepath.Dir(file)))
}

// Shared is the path of a file or folder of the reference material beside the project (../shared, or WEFT_SHARED).
func Shared(t testing.TB, path string) string {
	t.Helper()
	base := os.Getenv("WEFT_SHARED")
	if base == "" {
		base = filepath.Join(Root(t), "..", "shared")
	}
	full := filepath.Join(base, path)
	if _, err := os.Stat(full); err != nil {
		skip(t, "needs the reference material: put it at ../shared beside the project, or set WEFT_SHARED ("+path+")")
	}
	return full
}

// Program is the path of an installed program.
func Program(t testing.TB, name, install string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		skip(t, "needs "+name+": "+install)
	}
	return path
}

// PostgresBinaries is the folder of PostgreSQL's server programs.
func PostgresBinaries(t testing.TB) string {
	t.Helper()
	if dir := FindPostgres(); dir != "" {
		return dir
	}
	skip(t, "needs PostgreSQL 15 or later: apt-get install postgresql")
	return ""
}

// FindPostgres is the folder of PostgreSQL's server programs, or "".
func FindPostgres() string {
	dirs, _ := filepath.Glob("/usr/lib/postgresql/*/bin") // the pattern is well-formed
	for i := len(dirs) - 1; i >= 0; i-- {
		if _, err := os.Stat(filepath.Join(dirs[i], "initdb")); err == nil {
			return dirs[i]
		}
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path)
	}
	return ""
}

package needs_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weft/internal/needs"
)

// recorder is a test that notes how it was ended.
type recorder struct {
	testing.TB
	skipped, failed string
}

type ended struct{}

func (r *recorder) Helper() {}

func (r *recorder) Skip(args ...any)  { r.skipped, _ = args[0].(string); panic(ended{}) }
func (r *recorder) Fatal(args ...any) { r.failed, _ = args[0].(string); panic(ended{}) }

// record runs what may end a test.
func record(t *testing.T, run func(testing.TB)) (r *recorder) {
	t.Helper()
	r = &recorder{TB: t}
	defer func() {
		if p := recover(); p != nil {
			if _, ok := p.(ended); !ok {
				panic(p)
			}
		}
	}()
	run(r)
	return r
}

func TestRootIsTheProject(t *testing.T) {
	if b, err := os.ReadFile(filepath.Join(needs.Root(t), "go.mod")); err != nil || !strings.HasPrefix(string(b), "module weft\n") {
		t.Errorf("%q, %v", b, err)
	}
}

// What is not there skips a test with a line that says what to install, and fails it where everything is required.
func TestMissingNeeds(t *testing.T) {
	t.Setenv("WEFT_SHARED", t.TempDir())
	for name, c := range map[string]struct {
		run  func(testing.TB)
		says string
	}{
		"program":  {func(t testing.TB) { needs.Program(t, "no-such-program", "apt-get install it") }, "needs no-such-program: apt-get install it"},
		"material": {func(t testing.TB) { needs.Shared(t, "no/such.file") }, "no/such.file"},
	} {
		t.Setenv("WEFT_TEST_REQUIRE", "")
		if r := record(t, c.run); !strings.Contains(r.skipped, c.says) || r.failed != "" {
			t.Errorf("%s: skipped with %q, failed with %q", name, r.skipped, r.failed)
		}
		t.Setenv("WEFT_TEST_REQUIRE", "1")
		if r := record(t, c.run); !strings.Contains(r.failed, c.says) || r.skipped != "" {
			t.Errorf("%s, required: skipped with %q, failed with %q", name, r.skipped, r.failed)
		}
	}
}

func TestNeedsThatAreThere(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("WEFT_SHARED", dir)
	if got := needs.Shared(t, "file"); got != filepath.Join(dir, "file") {
		t.Errorf("got %s", got)
	}
	if got := needs.Program(t, "go", "install Go"); filepath.Base(got) != "go" {
		t.Errorf("got %s", got)
	}
	if dir := needs.FindPostgres(); dir != "" {
		if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil || needs.PostgresBinaries(t) != dir {
			t.Errorf("%s: %v", dir, err)
		}
	}
}

// Packages that are there in the versions that are asked for are left as they are; others are not there.
func TestPackages(t *testing.T) {
	folder := t.TempDir()
	write := func(file, text string) {
		t.Helper()
		full := filepath.Join(folder, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("package.json", `{"devDependencies": {"one": "1.0.0", "@scope/two": "npm:two@2.0.0"}}`)
	write("node_modules/one/package.json", `{"version": "1.0.0"}`)
	write("node_modules/@scope/two/package.json", `{"version": "2.0.0"}`)
	t.Setenv("PATH", t.TempDir())
	if r := record(t, func(t testing.TB) { needs.Packages(t, folder) }); r.skipped+r.failed != "" {
		t.Errorf("skipped with %q, failed with %q", r.skipped, r.failed)
	}
	write("node_modules/@scope/two/package.json", `{"version": "1.9.0"}`)
	t.Setenv("WEFT_TEST_REQUIRE", "")
	if r := record(t, func(t testing.TB) { needs.Packages(t, folder) }); !strings.Contains(r.skipped, "needs npm: apt-get install nodejs npm") {
		t.Errorf("skipped with %q, failed with %q", r.skipped, r.failed)
	}
}

// Package browser drives Link in a real browser, as a client's page and a person do. The tests themselves are written for
// Node's own test runner (*.test.mjs here and in link/), with Playwright's library and the browser that is installed.
package browser

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

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
	guarded, users := s.NewClient(), newUsers(t, s)
	run(t, "link/*.test.mjs", "WEFT_URL="+s.URL, "WEFT_CLIENT_ID="+s.ClientID, "WEFT_SECRET="+s.Secret, "WEFT_PRODUCTION_SECRET="+wefttest.ProductionSecret,
		"WEFT_GUARDED_CLIENT_ID="+guarded.ClientID, "WEFT_GUARDED_SECRET="+guarded.Secret, "WEFT_USERS="+users)
}

// mostVisitors is how many users the tests of the portal can be.
const mostVisitors = 8

// newUsers makes users with tokens that open their Items, as JSON. No endpoint gives such a token out.
func newUsers(t *testing.T, s *wefttest.Server) string {
	type user struct {
		ID    string `json:"user_id"`
		Token string `json:"token"`
	}
	var users []user
	for i := range mostVisitors {
		var u user
		if err := s.Call("/user/create", map[string]any{"client_user_id": fmt.Sprint("visitor ", i)}, &u); err != nil {
			t.Fatal(err)
		}
		u.Token = s.MustUserToken("sandbox", u.ID)
		users = append(users, u)
	}
	text, err := json.Marshal(users)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// run runs files of node's tests, each test as one of Go's.
func run(t *testing.T, pattern string, env ...string) {
	t.Helper()
	node := needs.Program(t, "node", "apt-get install nodejs npm")
	chromium := needs.Program(t, "chromium", "apt-get install chromium")
	needs.Packages(t, ".")
	if one := os.Getenv("WEFT_BROWSER_FILE"); one != "" { // while a file of tests is written, it alone
		pattern = filepath.Join(filepath.Dir(pattern), one+".test.mjs")
	}
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	attempt := func(files []string) (results []result, broke string) {
		ctx, cancel := context.WithTimeout(t.Context(), longest)
		defer cancel()
		cmd := exec.CommandContext(ctx, node, append([]string{"--test", "--test-reporter=./support/reporter.mjs"}, files...)...)
		cmd.WaitDelay = time.Second // a browser that was left behind may hold the output open
		cmd.Env = append(append(os.Environ(), "WEFT_CHROMIUM="+chromium, "WEFT_BUILT="+t.TempDir()), env...)
		var errors bytes.Buffer
		cmd.Stderr = &errors
		out, err := cmd.Output()
		results = read(t, out)
		if failed := slices.ContainsFunc(results, func(r result) bool { return r.Failure != "" }); len(results) == 0 || (err != nil && !failed) {
			broke = fmt.Sprintf("node --test %s: %v, with %d tests\n%s%s", pattern, err, len(results), errors.Bytes(), out)
		}
		return results, broke
	}
	results, broke := attempt(files)
	results = repeated(results, func(names []string) []result {
		again, _ := attempt(named(files, names))
		return again
	})
	for _, r := range results {
		t.Run(r.Name, r.tell)
	}
	if broke != "" {
		t.Error(broke)
	}
}

// named are the files of some names, or all where a name is of none: a test outside of all groups does not know its file.
func named(files, names []string) (some []string) {
	for _, name := range names {
		i := slices.IndexFunc(files, func(file string) bool { return filepath.Base(file) == name+".test.mjs" })
		if i < 0 {
			return files
		}
		some = append(some, files[i])
	}
	slices.Sort(some)
	return slices.Compact(some)
}

// longest is how long a run of node's tests may take, several times what it does.
const longest = 6 * time.Minute

// mostRepeated is how many failed tests are tried once more.
const mostRepeated = 3

// repeated tries a few failed tests once more, by the names of their files: a browser on a busy machine may miss a moment. What
// fails twice has failed, and so has all where many have.
func repeated(results []result, again func(names []string) []result) []result {
	var names []string
	failed := 0
	for _, r := range results {
		if r.Failure != "" {
			file, _, _ := strings.Cut(r.Name, "/")
			names, failed = append(names, file), failed+1
		}
	}
	if failed == 0 || failed > mostRepeated {
		return results
	}
	second := map[string]result{}
	for _, r := range again(names) {
		second[r.Name] = r
	}
	for i, r := range results {
		if s, ran := second[r.Name]; r.Failure != "" && ran && s.Failure == "" {
			results[i].Failure, results[i].First = "", r.Failure
		}
	}
	return results
}

// result is how one of node's tests has ended.
type result struct {
	// Name is that of the file and the test.
	Name string `json:"name"`
	// Skipped is the reason for which it was.
	Skipped string `json:"skipped"`
	Failure string `json:"failure"`
	// First is why it has failed the first time, where it has passed then.
	First string `json:"-"`
	// Seconds is how long it took.
	Seconds json.Number `json:"seconds"`
}

func (r result) tell(t *testing.T) {
	t.Logf("%s s", r.Seconds)
	if r.First != "" {
		t.Logf("passed when it was tried again; at first: %s", r.First)
	}
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

func TestNamed(t *testing.T) {
	files := []string{"link/a.test.mjs", "link/b.test.mjs", "link/c.test.mjs"}
	for _, c := range []struct{ names, want []string }{{[]string{"c", "a", "c"}, []string{files[0], files[2]}}, {[]string{"b", "test.mjs"}, files}} {
		if got := named(files, c.names); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.names, got, c.want)
		}
	}
}

func TestRepeated(t *testing.T) {
	first := []result{{Name: "a/one"}, {Name: "a/two", Failure: "late"}, {Name: "b/three", Failure: "broken"}}
	got := repeated(first, func(names []string) []result {
		if !slices.Equal(names, []string{"a", "b"}) {
			t.Errorf("tried again: %v", names)
		}
		return []result{{Name: "a/one", Failure: "late"}, {Name: "a/two"}, {Name: "b/three", Failure: "broken"}}
	})
	if got[0].Failure != "" || got[1].Failure != "" || got[1].First != "late" || got[2].Failure != "broken" {
		t.Errorf("%+v", got)
	}
	many := []result{{Failure: "1"}, {Failure: "2"}, {Failure: "3"}, {Failure: "4"}}
	repeated(many, func([]string) []result {
		t.Error("many failures are tried again")
		return nil
	})
}

package bench

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"weft/internal/needs"
	"weft/internal/store/storetest"
)

var full = flag.Bool("full", false, "measure over 10,000 Items, in long rounds")

func TestMain(m *testing.M) {
	if kind := os.Getenv(limitVariable); kind != "" {
		if err := serveLimit(kind); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	storetest.Main(m)
}

// inShort skips a measurement where nobody asked for it: in full by -full, in short by make check, so that the harness cannot rot.
func inShort(t *testing.T) {
	t.Helper()
	if !*full && os.Getenv("WEFT_TEST_REQUIRE") == "" {
		t.Skip("measures for a minute or more: set WEFT_TEST_REQUIRE=1, or add -full for the whole")
	}
}

// size is how much is measured.
type size struct {
	items, transactions int // each Item's
	long                int // Items of a long history, on which pages of 500 are read
	connections         []int
	rounds              int
	round               time.Duration
}

func sizeOf() size {
	if *full {
		return size{10_000, 20, 20, []int{1, 16, 64}, 3, time.Second}
	}
	return size{50, 5, 2, []int{4}, 1, 50 * time.Millisecond}
}

// server is a server to be measured.
type server struct {
	address, operator string
	tokens, long      []string
	installation      installation
	// serve is what starts it over the seeded database; stop ends one that runs.
	serve func() *exec.Cmd
	stop  func()
}

const (
	clientID = "5f1a2b3c4d5e6f7a8b9c0d1e"
	secret   = "bench-sandbox-secret"
)

// installation is a program and its data.
type installation struct {
	dir, weft string
	env       []string
}

// install is weft with an empty folder of data, for a database.
func install(t *testing.T, database string) installation {
	t.Helper()
	dir := t.TempDir()
	return installation{dir, binary(t, "weft/cmd/weft"), append(os.Environ(), "WEFT_DATA="+filepath.Join(dir, "data"), "WEFT_DATABASE="+database,
		"WEFT_CLIENT_ID="+clientID, "WEFT_SANDBOX_SECRET="+secret)}
}

var building sync.Mutex

// binary is a program of this module, in bin/bench: it is built once, however many tests ask for it.
func binary(t *testing.T, of string) string {
	t.Helper()
	building.Lock()
	defer building.Unlock()
	file := filepath.Join(needs.Root(t), "bin", "bench", filepath.Base(of))
	build := exec.Command("go", "build", "-o", file, of)
	build.Dir = needs.Root(t)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return file
}

// seed adds Items and returns their tokens.
func (in installation) seed(t *testing.T, items, transactions int, more ...string) (tokens []string) {
	t.Helper()
	file := filepath.Join(in.dir, "tokens")
	cmd := exec.Command(in.weft, append([]string{"seed", "--force", "--items", strconv.Itoa(items), "--transactions-per-item", strconv.Itoa(transactions), "--tokens", file}, more...)...)
	cmd.Env = in.env
	out, err := cmd.CombinedOutput()
	text, readErr := os.ReadFile(file)
	if err != nil || readErr != nil || os.Remove(file) != nil {
		t.Fatalf("%v %v\n%s", err, readErr, out)
	}
	t.Logf("%s", lastLine(string(out)))
	for line := range strings.Lines(string(text)) {
		_, token, _ := strings.Cut(strings.TrimSpace(line), " ")
		tokens = append(tokens, token)
	}
	return tokens
}

// command is what starts a server. Plaid's limits would end a round in its first second, so requests are counted, and let through.
func (in installation) command(more ...string) *exec.Cmd {
	cmd := exec.Command(in.weft, append([]string{"serve", "--listen", "127.0.0.1:0", "--operator-listen", "127.0.0.1:0", "--log-level", "error", "--rate-limits", "100000000"}, more...)...)
	cmd.Env = in.env
	return cmd
}

// serve starts a server.
func (in installation) serve(t *testing.T, more ...string) server {
	t.Helper()
	return listening(t, in.command(more...))
}

// listening starts a server by a command.
func listening(t *testing.T, cmd *exec.Cmd) (sv server) {
	t.Helper()
	listens := regexp.MustCompile(`serves at http://(\S+)`)
	operator := regexp.MustCompile(`Metrics are at http://(\S+)/metrics`)
	started(t, cmd, func(line string) string {
		if m := listens.FindStringSubmatch(line); m != nil {
			sv.address = m[1]
		}
		if m := operator.FindStringSubmatch(line); m != nil {
			sv.operator = m[1]
		}
		return sv.operator
	})
	return sv
}

// seeded builds weft and seeds a database.
func seeded(t *testing.T, s size, database string) server {
	t.Helper()
	in := install(t, database)
	return server{tokens: in.seed(t, s.items, s.transactions), long: in.seed(t, s.long, 600), installation: in, serve: func() *exec.Cmd { return in.command() }}
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

var mallocsLine = regexp.MustCompile(`(?m)^go_memstats_mallocs_total (\S+)$`)

// mallocs is how many pieces of memory the server has allocated since its start.
func mallocs(t *testing.T, sv server) float64 {
	t.Helper()
	return figure(t, sv, mallocsLine)
}

// figure is one of those that the server tells of itself, by its line.
func figure(t *testing.T, sv server, line *regexp.Regexp) float64 {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+sv.operator+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // it has been read
	text, err := io.ReadAll(res.Body)
	m := line.FindSubmatch(text)
	if err != nil || m == nil {
		t.Fatalf("no %s in %.200s: %v", line, text, err)
	}
	n, err := strconv.ParseFloat(string(m[1]), 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

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

// read is a route that is measured.
type read struct {
	path, more string
	long       bool // over Items of a long history
	// mark is the least share of the point read's rate that is good: a read costs one point read, and what else it does must cost
	// little beside that. Pages of rows are joined of 500 rows, where the limit reads one document.
	mark float64
}

var reads = []read{
	{"/accounts/get", "", false, 0.6},
	{"/item/get", "", false, 0.6},
	{"/investments/holdings/get", "", false, 0.6},
	{"/investments/transactions/get", `,"start_date":"2020-01-01","end_date":"2030-01-01","options":{"count":500}`, true, 0.4},
	{"/transactions/sync", `,"count":500`, true, 0.4},
}

// hot is among how many Items a read is measured that finds all in the cache.
const hot = 16

// server is a server to be measured.
type server struct {
	address, operator string
	tokens, long      []string
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

// install builds weft, for a database.
func install(t *testing.T, database string) installation {
	t.Helper()
	dir := t.TempDir()
	weft := filepath.Join(dir, "weft")
	build := exec.Command("go", "build", "-o", weft, "weft/cmd/weft")
	build.Dir = needs.Root(t)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return installation{dir, weft, append(os.Environ(), "WEFT_DATA="+filepath.Join(dir, "data"), "WEFT_DATABASE="+database, "WEFT_CLIENT_ID="+clientID, "WEFT_SANDBOX_SECRET="+secret)}
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

// serve starts a server. Plaid's limits would end a round in its first second: what they cost is BenchmarkReadAccountsLimited of
// internal/server.
func (in installation) serve(t *testing.T, more ...string) (sv server) {
	t.Helper()
	cmd := exec.Command(in.weft, append([]string{"serve", "--listen", "127.0.0.1:0", "--operator-listen", "127.0.0.1:0", "--log-level", "error", "--rate-limits", "off"}, more...)...)
	cmd.Env = in.env
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

// start builds weft, seeds a database and serves it.
func start(t *testing.T, s size, database string) server {
	t.Helper()
	in := install(t, database)
	tokens, long := in.seed(t, s.items, s.transactions), in.seed(t, s.long, 600)
	sv := in.serve(t)
	sv.tokens, sv.long = tokens, long
	return sv
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

// TestTable prints the table.
func TestTable(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a while")
	}
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			s, database, limits := sizeOf(), "", ""
			if engine == "postgres" {
				database, limits = storetest.PostgresURL(t), storetest.PostgresURL(t)
			}
			sv := start(t, s, database)
			table := []string{fmt.Sprintf("%-30s %5s %9s %9s %9s %9s %9s %7s %5s %-3s %7s %9s %9s", "read of "+engine, "conns", "ours/s", "hot/s", "bare/s", "map/s", "point/s",
				"ratio", "mark", "met", "allocs", "p50", "p99")}
			for _, r := range reads {
				table = append(table, measured(t, s, sv, r, limits)...)
			}
			fmt.Println(strings.Join(table, "\n"))
		})
	}
}

// measured is a read's lines of the table. Ours is over all Items, hot over a few; the ratio is that of ours to the point read.
func measured(t *testing.T, s size, sv server, r read, database string) (lines []string) {
	tokens := sv.tokens
	if r.long {
		tokens = sv.long
	}
	requests := make([][]byte, len(tokens))
	for i, token := range tokens {
		requests[i] = request(r.path, clientID, secret, `{"access_token":"`+token+`"`+r.more+`}`)
	}
	document, err := once(t.Context(), sv.address, requests[0])
	if err != nil {
		t.Fatalf("%s: %v", r.path, err)
	}
	addresses := []string{sv.address, sv.address}
	for _, kind := range []string{"bare", "map", "read"} {
		addresses = append(addresses, startLimit(t, kind, database, document, tokens))
	}
	for _, connections := range s.connections {
		rates := make([][]float64, len(addresses))
		var ours figures
		var allocs float64
		for range s.rounds {
			for i, address := range addresses { // taking turns
				l := load{requests, connections, s.round}
				if i == 1 {
					l.requests = requests[:min(hot, len(requests))]
				}
				before := mallocs(t, sv)
				f, err := measure(t.Context(), address, l)
				if err != nil {
					t.Fatalf("%s: %v", r.path, err)
				}
				if i == 0 {
					ours, allocs = f, (mallocs(t, sv)-before)/float64(f.requests)
				}
				rates[i] = append(rates[i], f.rate)
			}
		}
		ratio, met := median(rates[0])/median(rates[4]), "yes"
		if ratio < r.mark {
			met = "NO"
		}
		lines = append(lines, fmt.Sprintf("%-30s %5d %9.0f %9.0f %9.0f %9.0f %9.0f %7.2f %5.2f %-3s %7.0f %9s %9s", fmt.Sprintf("%s %dkB", r.path, len(document)/1000), connections,
			median(rates[0]), median(rates[1]), median(rates[2]), median(rates[3]), median(rates[4]), ratio, r.mark, met, allocs,
			ours.p50.Round(time.Microsecond), ours.p99.Round(time.Microsecond)))
	}
	return lines
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

var mallocsLine = regexp.MustCompile(`(?m)^go_memstats_mallocs_total (\S+)$`)

// mallocs is how many pieces of memory the server has allocated since its start.
func mallocs(t *testing.T, sv server) float64 {
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
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	m := mallocsLine.FindSubmatch(text)
	if err != nil || m == nil {
		t.Fatalf("no figure of the memory in %.200s: %v", text, err)
	}
	n, err := strconv.ParseFloat(string(m[1]), 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

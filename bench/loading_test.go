package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"weft/internal/item"
	weft "weft/internal/server"
	"weft/internal/store/storetest"
)

// Variables by which a test is a server that loads while it answers: its folder, and its database where that is PostgreSQL.
const (
	loadingVariable  = "WEFT_BENCH_LOADING"
	loadingDatabase  = "WEFT_BENCH_LOADING_DATABASE"
	loadingRows      = "WEFT_BENCH_LOADING_ROWS"
	beginLoading     = "load"
	endLoading       = "rest"
	readConnections  = 4
	itemsThatAreRead = 16
)

// mostSlower is how many times longer reads may take at the 99th percentile while first loads are written.
const mostSlower = 2

// TestReadsWhileLoading prints how long reads take at the 99th percentile while first loads are written without a pause, and while
// nothing is written. Both are a process of its own, driven by a few connections, of which the processors are not busy by themselves.
func TestReadsWhileLoading(t *testing.T) {
	inShort(t)
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			w, database := writesOf(), ""
			if engine == "postgres" {
				database = storetest.Durable(t)
			}
			s := startLoading(t, w.rows(), database)
			var quiet, loaded, p50, busy50, rate []float64
			for range w.rounds {
				f := s.read(t, w)
				quiet, p50 = append(quiet, f.p99.Seconds()), append(p50, f.p50.Seconds())
				s.say(t, beginLoading)
				begun := time.Now()
				f = s.read(t, w)
				loaded, busy50 = append(loaded, f.p99.Seconds()), append(busy50, f.p50.Seconds())
				var rows int
				if _, err := fmt.Sscan(s.say(t, endLoading), &rows); err != nil {
					t.Fatal(err)
				}
				rate = append(rate, float64(rows)/time.Since(begun).Seconds())
			}
			ratio, met := median(loaded)/median(quiet), "yes"
			if ratio > mostSlower {
				met = "NO"
			}
			t.Logf("%s: reads of holdings over %d connections, p99 (p50) in ms\n%-8s %-16s %-16s %6s %5s %3s %14s\n%-8s %-16s %-16s %6.2f %5d %3s %14.0f", engine, readConnections,
				"", "while loading", "else", "ratio", "mark", "met", "loaded rows/s", "reads",
				fmt.Sprintf("%.2f (%.2f)", 1000*median(loaded), 1000*median(busy50)), fmt.Sprintf("%.2f (%.2f)", 1000*median(quiet), 1000*median(p50)), ratio, mostSlower, met, median(rate))
		})
	}
}

// loading is a server that loads while it is told to.
type loading struct {
	Address  string
	Requests []string

	in  io.Writer
	out *bufio.Scanner
}

func startLoading(t *testing.T, rows int, database string) *loading {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run", "^TestServerThatLoads$")
	cmd.Env = append(os.Environ(), loadingVariable+"="+t.TempDir(), loadingDatabase+"="+database, fmt.Sprintf("%s=%d", loadingRows, rows))
	cmd.Stderr = os.Stderr
	in, err1 := cmd.StdinPipe()
	out, err2 := cmd.StdoutPipe()
	if err1 != nil || err2 != nil || cmd.Start() != nil {
		t.Fatalf("%s: cannot be started: %v %v", self, err1, err2)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	l := &loading{in: in, out: bufio.NewScanner(out)}
	l.out.Buffer(nil, 1<<20)
	if err := json.Unmarshal([]byte(l.line(t)), l); err != nil {
		t.Fatal(err)
	}
	return l
}

func (l *loading) line(t *testing.T) string {
	if !l.out.Scan() {
		t.Fatalf("the server that loads has ended: %v", l.out.Err())
	}
	return l.out.Text()
}

func (l *loading) say(t *testing.T, command string) string {
	if _, err := fmt.Fprintln(l.in, command); err != nil {
		t.Fatal(err)
	}
	return l.line(t)
}

func (l *loading) read(t *testing.T, w writes) figures {
	requests := make([][]byte, len(l.Requests))
	for i, body := range l.Requests {
		requests[i] = request("/investments/holdings/get", clientID, secret, body)
	}
	f, err := measure(t.Context(), l.Address, load{requests: requests, connections: readConnections, round: w.round})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestServerThatLoads is the other process of TestReadsWhileLoading.
func TestServerThatLoads(t *testing.T) {
	dir := os.Getenv(loadingVariable)
	if dir == "" { // TestReadsWhileLoading runs it
		return
	}
	var rows int
	if _, err := fmt.Sscan(os.Getenv(loadingRows), &rows); err != nil {
		t.Fatal(err)
	}
	srv, err := newLoads(t.Context(), weft.Storage{DataDir: dir, DatabaseURL: os.Getenv(loadingDatabase), Exclusive: true}, &bank{batchOf(rows, time.Now())})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close() //nolint:errcheck // its folder goes with it
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go srv.Serve(ctx) //nolint:errcheck // until the test ends
	l := loading{Address: strings.TrimPrefix(srv.URL(), "http://")}
	for range itemsThatAreRead {
		linked, err := srv.Items.Link(ctx, sandbox, item.LinkRequest{InstitutionID: "ins_109508", Username: "user_good", Password: "pass_good", Products: []string{"investments"}})
		if err != nil {
			t.Fatal(err)
		}
		token, _, err := srv.Items.Exchange(ctx, sandbox, linked.PublicToken)
		if err != nil {
			t.Fatal(err)
		}
		l.Requests = append(l.Requests, fmt.Sprintf(`{"access_token":%q}`, token))
	}
	if _, err := firstLoad(ctx, srv); err != nil { // the first has everything begin
		t.Fatal(err)
	}
	text, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(string(text))
	obey(ctx, t, srv, rows)
}

// obey loads from one command to the other, until there are none, and says how many rows it has loaded.
func obey(ctx context.Context, t *testing.T, srv *weft.Server, rows int) {
	commands := bufio.NewScanner(os.Stdin)
	rest, loaded := func() {}, make(chan int, 1)
	for commands.Scan() {
		if commands.Text() == endLoading {
			rest()
			fmt.Println(<-loaded)
			continue
		}
		stopped := make(chan struct{})
		rest = func() { close(stopped) }
		go func() {
			n := 0
			for {
				select {
				case <-stopped:
					loaded <- n
					return
				default:
				}
				if _, err := firstLoad(ctx, srv); err != nil {
					t.Error(err)
				}
				n += rows
			}
		}()
		fmt.Println(beginLoading)
	}
}

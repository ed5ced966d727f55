package bench

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"weft/internal/needs"
	"weft/internal/store/storetest"
)

// read is a route that is measured.
type read struct {
	path, more string
	long       bool // over Items of a long history
	marks      marks
}

// marks are what is good: least shares of the limits' rates, and most times a bare server's waits; 0 is none.
type marks struct {
	ofMap   float64 // of decoding, hashing and a look-up in a map, from 16 connections on
	ofBare  float64 // of a bare server
	ofRival float64 // of what a developer would otherwise take, from 16 connections on
	ofPoint float64 // of one point read, with nothing kept in memory
}

// Waits of a warm read, in those of a bare server: the median on one connection, and the 99th percentile.
const (
	mostMedian = 1.25
	mostTail   = 1.5
)

var reads = []read{
	{"/accounts/get", "", false, marks{ofMap: 0.7, ofRival: 100, ofPoint: 0.85}},
	{"/item/get", "", false, marks{ofPoint: 0.85}},
	{"/investments/holdings/get", "", false, marks{ofMap: 0.7, ofRival: 100, ofPoint: 0.85}},
	{"/investments/transactions/get", `,"start_date":"2020-01-01","end_date":"2030-01-01","options":{"count":500}`, true, marks{ofBare: 0.5}},
	{"/transactions/sync", `,"count":500`, true, marks{ofBare: 0.5}},
}

// TestReads prints two tables for each engine: reads that find all in memory beside servers that look up nothing, and reads that find
// nothing there beside one point read. Servers take turns; only ratios travel.
func TestReads(t *testing.T) {
	inShort(t)
	rival := startRival(t)
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			s, database, limits := sizeOf(), "", ""
			if engine == "postgres" {
				database, limits = storetest.PostgresURL(t), storetest.PostgresURL(t)
			}
			sv := seeded(t, s, database)
			for _, cold := range []bool{false, true} {
				megabytes := "512" // all Items of the large size have room
				if cold {
					megabytes = "0"
				}
				// With the log on, as it is unless an operator says otherwise; it goes to a file.
				running := sv.installation.serveLogged(t, "--log-level", "info", "--cache-mb", megabytes)
				b := bench{t, s, running, limits, rival, cold}
				lines := []string{b.head(engine)}
				for _, r := range reads {
					tokens := sv.tokens
					if r.long {
						tokens = sv.long
					}
					lines = append(lines, b.measured(r, tokens)...)
				}
				running.stop()
				fmt.Println(strings.Join(lines, "\n"))
			}
		})
	}
}

// bench measures one server.
type bench struct {
	*testing.T
	size
	server
	limits string // database of point reads
	rival  string // address, empty for none
	cold   bool
}

func (b bench) head(engine string) string {
	if b.cold {
		return fmt.Sprintf("%-33s %5s %8s %8s %15s %7s  %s", "cold reads of "+engine, "conns", "ours/s", "point/s", "of point read", "allocs", "marks")
	}
	return fmt.Sprintf("%-33s %5s %8s %8s %8s %8s %7s %7s %8s %11s %11s %7s  %s", "warm reads of "+engine, "conns", "ours/s", "bare/s", "map/s", "rival/s",
		"of bare", "of map", "of rival", "median/bare", "tail/bare", "allocs", "marks")
}

// measured are a read's lines of the table.
func (b bench) measured(r read, tokens []string) (lines []string) {
	requests := make([][]byte, len(tokens))
	for i, token := range tokens {
		requests[i] = request(r.path, clientID, secret, `{"access_token":"`+token+`"`+r.more+`}`)
	}
	document, err := once(b.Context(), b.address, requests[0])
	if err != nil {
		b.Fatalf("%s: %v", r.path, err)
	}
	kinds := []string{"bare", "map"}
	if b.cold {
		kinds = []string{"read"}
	}
	addresses := []string{b.address}
	for _, kind := range kinds {
		addresses = append(addresses, startLimit(b.T, kind, b.limits, document, tokens))
	}
	if b.rival != "" && !b.cold {
		addresses = append(addresses, b.rival)
	}
	for range 3 { // what a token opens is kept from its second use on
		if err := each(b.Context(), b.address, requests); err != nil {
			b.Fatalf("%s: %v", r.path, err)
		}
	}
	name := fmt.Sprintf("%s %d kB", r.path, len(document)/1000)
	for _, connections := range b.connections {
		rounds, allocs := b.turns(r, addresses, load{requests, connections, b.round})
		lines = append(lines, b.line(name, r.marks, connections, rounds, allocs))
	}
	return lines
}

// turns has the servers take turns: figures by server, and the allocations of a request to ours.
func (b bench) turns(r read, addresses []string, l load) (all [][]figures, allocs float64) {
	all = make([][]figures, len(addresses))
	for range b.rounds {
		for i, address := range addresses {
			before := mallocs(b.T, b.server)
			f, err := measure(b.Context(), address, l)
			if err != nil {
				b.Fatalf("%s: %v", r.path, err)
			}
			if i == 0 {
				allocs = (mallocs(b.T, b.server) - before) / float64(f.requests)
			}
			all[i] = append(all[i], f)
		}
	}
	return all, allocs
}

// line compares the medians of the rounds.
func (b bench) line(name string, m marks, connections int, rounds [][]figures, allocs float64) string {
	rate := func(i int) float64 {
		if i >= len(rounds) {
			return 0
		}
		return median(of(rounds[i], func(f figures) float64 { return f.rate }))
	}
	waits := func(of99 bool) float64 {
		pick := func(f figures) float64 {
			if of99 {
				return float64(f.p99)
			}
			return float64(f.p50)
		}
		return median(of(rounds[0], pick)) / median(of(rounds[1], pick))
	}
	var missed []string
	least := func(what string, is, mark float64) {
		if mark > 0 && is < mark {
			missed = append(missed, fmt.Sprintf("%s %.2f<%.2f", what, is, mark))
		}
	}
	verdict := func() string {
		if len(missed) == 0 {
			return "met"
		}
		return "MISSED: " + strings.Join(missed, ", ")
	}
	if b.cold {
		least("of point read", rate(0)/rate(1), m.ofPoint)
		return fmt.Sprintf("%-33s %5d %8.0f %8.0f %15.2f %7.0f  %s", name, connections, rate(0), rate(1), rate(0)/rate(1), allocs, verdict())
	}
	rival := 0.0
	if rate(3) > 0 {
		rival = rate(0) / rate(3)
	}
	least("of bare", rate(0)/rate(1), m.ofBare)
	if connections >= 16 {
		least("of map", rate(0)/rate(2), m.ofMap)
		if rival > 0 {
			least("of rival", rival, m.ofRival)
		}
	}
	if connections == 1 && waits(false) > mostMedian {
		missed = append(missed, "median")
	}
	if waits(true) > mostTail {
		missed = append(missed, "tail")
	}
	return fmt.Sprintf("%-33s %5d %8.0f %8.0f %8.0f %8.0f %7.2f %7.2f %8.0f %11.2f %11.2f %7.0f  %s", name, connections, rate(0), rate(1), rate(2), rate(3),
		rate(0)/rate(1), rate(0)/rate(2), rival, waits(false), waits(true), allocs, verdict())
}

func of(all []figures, pick func(figures) float64) (values []float64) {
	for _, f := range all {
		values = append(values, pick(f))
	}
	return values
}

// each sends all requests once, one after the other.
func each(ctx context.Context, address string, requests [][]byte) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	in := bufio.NewReaderSize(conn, 64<<10)
	for _, r := range requests {
		if _, err := conn.Write(r); err != nil {
			return err
		}
		if _, err := answer(in, nil); err != nil {
			return err
		}
	}
	return nil
}

// startRival starts Prism over the published OpenAPI file: what a developer would otherwise take to stand in for Plaid. It returns its
// address, or nothing where it is not installed or the file is absent.
func startRival(t *testing.T) string {
	t.Helper()
	program := filepath.Join(needs.Root(t), "bench", "rival", "node_modules", ".bin", "prism")
	spec := filepath.Join(needs.Root(t), "..", "shared", "plaid", "2020-09-14.yml")
	if !*full {
		return ""
	}
	for _, file := range []string{program, spec} {
		if _, err := os.Stat(file); err != nil {
			fmt.Printf("without a rival: %v (npm ci in bench/rival installs Prism)\n", err)
			return ""
		}
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	_ = free.Close()
	_, port, _ := net.SplitHostPort(address)
	cmd := exec.Command(program, "mock", "-p", port, spec)
	return started(t, cmd, func(line string) string {
		if strings.Contains(line, "is listening") {
			return address
		}
		return ""
	})
}

// serveLogged starts a server whose log goes to a file, as a service's does.
func (in installation) serveLogged(t *testing.T, more ...string) server {
	t.Helper()
	log, err := os.Create(filepath.Join(in.dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	cmd := in.command(more...)
	cmd.Stderr = log
	sv := listening(t, cmd)
	sv.stop = func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	}
	return sv
}

package bench

import (
	"fmt"
	"regexp"
	"testing"
	"time"

	"weft/internal/store/storetest"
)

// TestCosts prints how much of a processor requests take, and what it makes when each of a million Items has one a day. With SQLite that is
// all; PostgreSQL's own part is not in it. A refresh asks a simulated bank, whose part is in it.
func TestCosts(t *testing.T) {
	inShort(t)
	s := size{items: 30, transactions: 100, long: 1, round: 50 * time.Millisecond}
	if *full {
		s.items, s.round = 1000, 5*time.Second
	}
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			database := ""
			if engine == "postgres" {
				database = storetest.PostgresURL(t)
			}
			in := seeded(t, s, database)
			sv := in.installation.serve(t)
			sv.tokens = in.tokens
			fmt.Printf("%-30s %10s %14s %26s\n", "request to "+engine, "requests", "CPU a request", "a million Items once a day")
			for _, path := range []string{"/accounts/get", "/investments/holdings/get", "/transactions/sync", "/transactions/refresh"} {
				requests := make([][]byte, len(sv.tokens))
				for i, token := range sv.tokens {
					requests[i] = request(path, clientID, secret, `{"access_token":"`+token+`"}`)
				}
				if _, err := once(t.Context(), sv.address, requests[0]); err != nil {
					t.Fatalf("%s: %v", path, err)
				}
				before := processor(t, sv)
				f, err := measure(t.Context(), sv.address, load{requests, 4, s.round})
				if err != nil {
					t.Fatalf("%s: %v", path, err)
				}
				each := (processor(t, sv) - before) / time.Duration(f.requests)
				fmt.Printf("%-30s %10d %14s %20.4f cores\n", path, f.requests, each, each.Seconds()*1e6/86400)
			}
		})
	}
}

var processorLine = regexp.MustCompile(`(?m)^process_cpu_seconds_total (\S+)$`)

// processor is how long the server has had a processor since its start.
func processor(t *testing.T, sv server) time.Duration {
	t.Helper()
	return time.Duration(figure(t, sv, processorLine) * float64(time.Second))
}

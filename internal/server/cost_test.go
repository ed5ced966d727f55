package server_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"weft/internal/store"
	"weft/internal/store/storetest"
	"weft/wefttest"
)

// cost is what one request may cost: statements, and allocations of the whole server but for the connection.
type cost struct{ queries, allocs int64 }

// costs are what the reads may cost: local on SQLite, which nobody else writes to, and where a read asks nothing of the database once all
// is in the cache, warm on PostgreSQL with all in the cache, and cold with nothing there. Allocations are bounds with a fifth to spare,
// since the engines' drivers differ, and the race detector has pools forget. A read that needs more must say here why.
var costs = []struct {
	path, more        string
	local, warm, cold cost
}{
	{"/accounts/get", "", cost{0, 50}, cost{1, 90}, cost{1, 310}},
	// Beside the Item itself it tells when a webhook was sent last, which is no part of its version.
	{"/item/get", "", cost{0, 85}, cost{1, 125}, cost{2, 320}},
	{"/investments/holdings/get", "", cost{0, 54}, cost{1, 92}, cost{1, 345}},
	// Cold, each row is read by itself.
	{"/investments/transactions/get", `,"start_date":"2020-01-01","end_date":"2030-01-01","options":{"count":500}`, cost{0, 74}, cost{1, 108}, cost{4, 6150}},
	{"/transactions/sync", `,"count":500`, cost{0, 56}, cost{1, 94}, cost{5, 1300}},
}

// Each read costs as many statements as it did, and not many more allocations: what is counted is the same on every machine.
func TestCostOfReads(t *testing.T) {
	for engine, database := range map[string]func(testing.TB) string{"sqlite": func(testing.TB) string { return "" }, "postgres": storetest.PostgresURL} {
		for _, warm := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s/warm=%v", engine, warm), func(t *testing.T) {
				var queries atomic.Int64
				s := wefttest.NewServerWith(t, wefttest.Options{Database: database(t), NoCache: !warm, Observe: func(query string, _ []any) {
					if query != store.Committing && query != store.Committed {
						queries.Add(1)
					}
				}})
				token := s.MustLink("ins_109508", "investments", "transactions").AccessToken
				for _, c := range costs {
					most := c.cold
					if warm {
						if most = c.warm; engine == "sqlite" {
							most = c.local
						}
					}
					body := []byte(`{"access_token":"` + token + `"` + c.more + `}`)
					serve := func() { answered(t, s, c.path, body) }
					serve()
					serve() // what a token opens is kept from its second use on
					queries.Store(0)
					serve()
					asked := queries.Load()
					allocs := int64(testing.AllocsPerRun(20, serve))
					t.Logf("%s: %d queries, %d allocations", c.path, asked, allocs)
					if asked > most.queries || allocs > most.allocs {
						t.Errorf("%s costs %d queries and %d allocations, at most %d and %d may be", c.path, asked, allocs, most.queries, most.allocs)
					}
				}
			})
		}
	}
}

// answered has the server answer a request, without a connection.
func answered(t testing.TB, s *wefttest.Server, path string, body []byte) {
	r := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("PLAID-CLIENT-ID", s.ClientID)
	r.Header.Set("PLAID-SECRET", s.Secret)
	w := &discard{header: http.Header{}}
	s.Handler().ServeHTTP(w, r)
	if w.status != http.StatusOK {
		t.Fatalf("%s: %d", path, w.status)
	}
}

// discard takes an answer and keeps its status alone.
type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(status int)      { d.status = status }

// BenchmarkCostOfReads is what the server itself costs of a read that finds all in the cache, without a connection.
func BenchmarkCostOfReads(b *testing.B) {
	s := wefttest.NewServer(b)
	token := s.MustLink("ins_109508", "investments", "transactions").AccessToken
	for _, c := range costs {
		body := []byte(`{"access_token":"` + token + `"` + c.more + `}`)
		b.Run(c.path[1:], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				answered(b, s, c.path, body)
			}
		})
	}
}

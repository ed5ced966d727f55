package limit

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"weft/internal/clock"
	"weft/internal/plaid"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

// Shares of many limits are taken, and given back, with as many statements as those of one: a new minute asks for those of every Item
// that is in use.
func TestManyLimitsCostFewStatements(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		statements := 0
		db.Observe(func(query string, _ []any) {
			if !strings.HasPrefix(query, "--") && !strings.HasPrefix(query, "delete") {
				statements++
			}
		})
		server := func(name string) *Limiter {
			l, err := New(t.Context(), Config{DB: db, Clock: c, Log: slog.New(slog.DiscardHandler), Server: name})
			if err != nil {
				t.Fatal(err)
			}
			return l
		}
		costs := func(what string, want int) {
			t.Helper()
			if statements != want {
				t.Errorf("%s costs %d statements, want %d", what, statements, want)
			}
			statements = 0
		}
		for _, items := range []int{1, 2, 37, mostTaken} {
			batch := func() map[window]*asked {
				all := map[window]*asked{}
				for i := range items {
					w := window{key{store.Tenant{Client: "client", Environment: plaid.Sandbox}, fmt.Sprintf("item%d.%d", items, i), "/accounts/get"}, minuteOf(c.Now())}
					all[w] = &asked{most: 10, answers: []chan answer{make(chan answer, 1)}}
				}
				return all
			}
			takes := func(l *Limiter, most int64) {
				t.Helper()
				all := batch()
				l.settle(t.Context(), all)
				for w, a := range all {
					if got := <-a.answers[0]; got != (answer{verdict: granted}) {
						t.Fatalf("%d Items: a request of %s is answered %+v", items, w.item, got)
					}
					if c := l.shard(w.key).counts[w.key]; c.spare != most {
						t.Fatalf("%d Items: %s has %d shares more, want %d", items, w.item, c.spare, most)
					}
				}
			}
			first, second := server("first"), server("second")
			takes(first, 4)
			costs("the first server", 1)
			takes(second, 2)
			costs("the second server", 4)
			if err := first.leave(t.Context()); err != nil {
				t.Fatal(err)
			}
			costs("the end of a server", 2)
			takes(server("third"), 2) // a half of five that are left
			costs("the third server", 4)
		}
	})
}

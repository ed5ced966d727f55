package limit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"weft/internal/clock"
	"weft/internal/plaid"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

// sharing is a server that shares its limits.
func sharing(t *testing.T, db *store.DB, c clock.Clock, name string) *Limiter {
	t.Helper()
	l, err := New(t.Context(), Config{DB: db, Clock: c, Log: slog.New(slog.DiscardHandler), Server: name})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// one is a request of each of some Items, of a limit of ten.
func one(c clock.Clock, items ...string) map[window]*asked {
	all := map[window]*asked{}
	for _, item := range items {
		w := window{key{store.Tenant{Client: "client", Environment: plaid.Sandbox}, item, "/accounts/get"}, minuteOf(c.Now())}
		all[w] = &asked{most: 10, answers: []chan answer{make(chan answer, 1)}}
	}
	return all
}

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
		costs := func(what string, want int) {
			t.Helper()
			if statements != want {
				t.Errorf("%s costs %d statements, want %d", what, statements, want)
			}
			statements = 0
		}
		for _, n := range []int{1, 2, 37, mostTaken} {
			var items []string
			for i := range n {
				items = append(items, fmt.Sprintf("item%d.%d", n, i))
			}
			takes := func(l *Limiter, most int64) {
				t.Helper()
				all := one(c, items...)
				l.settle(t.Context(), all)
				for w, a := range all {
					if got := <-a.answers[0]; got != (answer{verdict: granted}) {
						t.Fatalf("%d Items: a request of %s is answered %+v", n, w.item, got)
					}
					if c := l.shard(w.key).counts[w.key]; c.spare != most {
						t.Fatalf("%d Items: %s has %d shares more, want %d", n, w.item, c.spare, most)
					}
				}
			}
			first, second := sharing(t, db, c, "first"), sharing(t, db, c, "second")
			takes(first, 4)
			costs("the first server", 1)
			takes(second, 2)
			costs("the second server", 4)
			if err := first.leave(t.Context()); err != nil {
				t.Fatal(err)
			}
			costs("the end of a server", 2)
			takes(sharing(t, db, c, "third"), 2) // a half of five that are left
			costs("the third server", 4)
		}
	})
}

// Where only the limits that others have asked for before cannot be had, requests of others are let through.
func TestAFailureIsThatOfItsLimits(t *testing.T) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) {
		sharing(t, db, c, "first").settle(t.Context(), one(c, "old"))
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		db.Observe(func(query string, _ []any) {
			if query == store.Committed { // new limits are written down
				cancel()
			}
		})
		all := one(c, "old", "new")
		sharing(t, db, c, "second").settle(ctx, all)
		for w, a := range all {
			got := <-a.answers[0]
			if w.item == "new" && got != (answer{verdict: granted}) || w.item == "old" && !errors.Is(got.err, context.Canceled) {
				t.Errorf("a request of the %s limit is answered %+v", w.item, got)
			}
		}
	})
}

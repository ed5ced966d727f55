package limit_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weft/internal/clock"
	"weft/internal/limit"
	"weft/internal/plaid"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const path = "/accounts/get"

var tenant = store.Tenant{Client: "client", Environment: plaid.Sandbox}

// bench is a database with servers on it.
type bench struct {
	testing.TB
	db      *store.DB
	clock   *clock.Manual
	servers int
}

func each(t *testing.T, run func(b *bench)) {
	storetest.EachAt(t, func(t *testing.T, db *store.DB, c *clock.Manual) { run(&bench{TB: t, db: db, clock: c}) })
}

func rule(item, client int64) []limit.Rule {
	return []limit.Rule{{Path: path, Sandbox: limit.Most{Item: item, Client: client}, Production: limit.Most{Item: item, Client: client},
		ItemCode: "BALANCE_LIMIT", ClientCode: "ACCOUNTS_BALANCE_GET_LIMIT"}}
}

// server is a server that shares the database, and its end.
func (b *bench) server(rules []limit.Rule, sole bool) (l *limit.Limiter, stop func()) {
	b.Helper()
	b.servers++
	l, err := limit.New(b.Context(), limit.Config{DB: b.db, Clock: b.clock, Log: slog.New(slog.DiscardHandler),
		Server: fmt.Sprint("server", b.servers), Sole: sole, Rules: rules, Every: time.Millisecond})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.Run(ctx)
	}()
	return l, func() { cancel(); <-done }
}

// try sends a request and returns the code of its refusal.
func try(t rapid.TB, l *limit.Limiter, item string) plaid.Code {
	t.Helper()
	err := l.Of(path)(context.Background(), tenant, item)
	var pe *plaid.Error
	if errors.As(err, &pe) {
		return pe.Code
	}
	if err != nil {
		t.Fatal(err)
	}
	return ""
}

// In whatever order requests come to whichever server, the first N of a minute are let through and no other is.
func TestTheBoundaryIsExactInAnyOrder(t *testing.T) {
	each(t, func(b *bench) {
		runs := 0
		rapid.Check(b, func(rt *rapid.T) {
			runs++
			most := rapid.Int64Range(1, 25).Draw(rt, "most")
			rules := rule(most, 0)
			var servers []*limit.Limiter
			for range rapid.IntRange(1, 4).Draw(rt, "servers") {
				l, stop := b.server(rules, false)
				defer stop()
				servers = append(servers, l)
			}
			item := fmt.Sprint("item", runs)
			for minute := range rapid.IntRange(1, 2).Draw(rt, "minutes") {
				for n := range most + 5 {
					at := rapid.IntRange(0, len(servers)-1).Draw(rt, "server")
					if got, want := try(rt, servers[at], item), n < most; (got == "") != want {
						rt.Fatalf("minute %d: of a limit of %d, request %d at server %d is answered %q", minute, most, n+1, at, got)
					}
				}
				b.clock.Advance(time.Minute)
			}
		})
	})
}

// Of any number of requests at once, to several servers and of several Items, exactly as many are let through as the limits allow.
func TestTheBoundaryIsExactAtOnce(t *testing.T) {
	each(t, func(b *bench) {
		runs := 0
		rapid.Check(b, func(rt *rapid.T) {
			runs++
			perItem, perClient := rapid.Int64Range(1, 60).Draw(rt, "item"), rapid.Int64Range(1, 200).Draw(rt, "client")
			items := rapid.OneOf(rapid.IntRange(1, 3), rapid.IntRange(4, 70)).Draw(rt, "items")
			requests := rapid.IntRange(1, max(60/items, 3)).Draw(rt, "requests of each Item at each server")
			rules := rule(perItem, perClient)
			through, wrong := make([]atomic.Int64, items), atomic.Int64{}
			var work sync.WaitGroup
			servers := rapid.IntRange(1, 3).Draw(rt, "servers")
			for range servers {
				l, stop := b.server(rules, false)
				defer stop()
				for i := range items {
					for range requests {
						work.Go(func() {
							switch try(rt, l, fmt.Sprintf("item%d.%d", runs, i)) {
							case "":
								through[i].Add(1)
							case "BALANCE_LIMIT", "ACCOUNTS_BALANCE_GET_LIMIT":
							default:
								wrong.Add(1)
							}
						})
					}
				}
			}
			work.Wait()
			var total int64
			for i := range through {
				total += through[i].Load()
				if through[i].Load() > perItem {
					rt.Fatalf("of an Item's limit of %d, %d are let through", perItem, through[i].Load())
				}
			}
			want := min(perClient, int64(items)*min(perItem, int64(requests*servers)))
			if total != want || wrong.Load() > 0 {
				rt.Fatalf("%d requests are let through, %d wrongly refused; want %d", total, wrong.Load(), want)
			}
			b.clock.Advance(time.Minute)
		})
	})
}

// What a server held when it ended is there for others, and what it let through is not.
func TestAServerThatEndsLeavesNothingBehind(t *testing.T) {
	each(t, func(b *bench) {
		rules := rule(20, 0)
		first, stop := b.server(rules, false)
		for range 3 {
			try(b, first, "item")
		}
		stop()
		if n := b.count(`select (select count(*) from rate_limits where server_id <> '') + (select count(*) from rate_limit_shares)`); n > 0 {
			b.Errorf("of %d limits others believe that it holds shares", n)
		}
		second, stop := b.server(rules, false)
		defer stop()
		wantThrough(b, second, 17)
	})
}

// A server that crashed takes its shares along; others wait for it once, and never let too many through.
func TestACrashedServerIsNotWaitedForAgain(t *testing.T) {
	each(t, func(b *bench) {
		rules := rule(20, 0)
		crashed, err := limit.New(b.Context(), limit.Config{DB: b.db, Clock: b.clock, Log: slog.New(slog.DiscardHandler), Server: "crashed", Rules: rules})
		if err != nil {
			b.Fatal(err)
		}
		try(b, crashed, "item") // takes 1 and 9 of the 19 that are left
		second, stop := b.server(rules, false)
		defer stop()
		wantThrough(b, second, 10)
		if try(b, second, "item") == "" || b.count(`select count(*) from rate_limit_shares where wanted = 1`) != 0 {
			b.Error("the crashed server is waited for again")
		}
	})
}

// A sole server's restart is no way around a limit, and costs no more than a restart.
func TestARestartKeepsTheCounts(t *testing.T) {
	each(t, func(b *bench) {
		rules := rule(20, 0)
		for n := range 3 {
			l, stop := b.server(rules, true)
			for range 5 {
				if got := try(b, l, "item"); got != "" {
					b.Fatalf("server %d: %s", n, got)
				}
			}
			stop()
		}
		l, stop := b.server(rules, true)
		defer stop()
		wantThrough(b, l, 5)
		b.clock.Advance(time.Minute)
		wantThrough(b, l, 20)
	})
}

// A crash of a sole server leaves what came to a half of its limit, and other counts cost no write.
func TestACrashKeepsWhatWasNotedFromAHalfOn(t *testing.T) {
	for used, want := range map[int]int{1: 20, 9: 20, 10: 10, 19: 1, 20: 0} {
		each(t, func(b *bench) {
			crashed, err := limit.New(b.Context(), limit.Config{DB: b.db, Clock: b.clock, Log: slog.New(slog.DiscardHandler), Server: "crashed", Sole: true, Rules: rule(20, 0)})
			if err != nil {
				b.Fatal(err)
			}
			before := b.db.Commits()
			for range used {
				try(b, crashed, "item")
				if err := crashed.Look(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
			if writes := b.db.Commits() - before; writes != uint64(max(used-9, 0)) {
				b.Errorf("%d requests cost %d writes", used, writes)
			}
			l, stop := b.server(rule(20, 0), true)
			defer stop()
			wantThrough(b, l, want)
		})
	}
}

// wantThrough wants so many more requests of the Item "item" let through.
func wantThrough(b *bench, l *limit.Limiter, want int) {
	b.Helper()
	got := 0
	for try(b, l, "item") == "" {
		got++
	}
	if got != want {
		b.Errorf("%d more requests are let through, want %d", got, want)
	}
}

func (b *bench) count(query string) (n int) {
	b.Helper()
	if err := b.db.QueryRow(b.Context(), query).Scan(&n); err != nil {
		b.Fatal(err)
	}
	return n
}

// Requests do not cost a statement each: a sole server asks nothing, others some times a minute.
func TestRequestsCostNoStatements(t *testing.T) {
	for name, sole := range map[string]bool{"sole": true, "sharing": false} {
		t.Run(name, func(t *testing.T) {
			each(t, func(b *bench) {
				l, err := limit.New(b.Context(), limit.Config{DB: b.db, Clock: b.clock, Log: slog.New(slog.DiscardHandler), Server: "s", Sole: sole, Rules: rule(0, 15000)})
				if err != nil {
					b.Fatal(err)
				}
				before := b.db.Commits()
				for range 15000 {
					if got := try(b, l, ""); got != "" {
						b.Fatal(got)
					}
				}
				most := uint64(0)
				if !sole {
					most = 15 // half of what is left, each time
				}
				if got := b.db.Commits() - before; got > most {
					b.Errorf("15000 requests cost %d transactions, want at most %d", got, most)
				}
			})
		})
	}
}

// Every environment has its own limits and counts; so has every client.
func TestWhoseLimitItIs(t *testing.T) {
	each(t, func(b *bench) {
		l, stop := b.server([]limit.Rule{{Path: path, Sandbox: limit.Most{Client: 1}, Production: limit.Most{Client: 2}, ClientCode: "AUTH_LIMIT"}}, false)
		defer stop()
		for _, c := range []struct {
			tenant store.Tenant
			most   int
		}{{tenant, 1}, {store.Tenant{Client: "client", Environment: plaid.Production}, 2}, {store.Tenant{Client: "other", Environment: plaid.Sandbox}, 1}} {
			for n := range 3 {
				err := l.Of(path)(b.Context(), c.tenant, "item")
				if (err == nil) != (n < c.most) {
					b.Errorf("%v: request %d is answered %v", c.tenant, n+1, err)
				}
			}
		}
		if l.Of("/weft/import") != nil || (*limit.Limiter)(nil).Of(path) != nil {
			b.Error("there is a limit where there is none")
		}
	})
}

// Minutes that are over are forgotten.
func TestOldCountsAreDeleted(t *testing.T) {
	each(t, func(b *bench) {
		l, stop := b.server(rule(5, 0), false)
		defer stop()
		try(b, l, "item")
		b.clock.Advance(2 * time.Minute)
		b.forgotten()
	})
}

// forgotten waits until no counts are stored.
func (b *bench) forgotten() {
	b.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for b.count(`select (select count(*) from rate_limits) + (select count(*) from rate_limit_shares)`) > 0 {
		if time.Now().After(deadline) {
			b.Fatal("counts of minutes that are over are still there")
		}
	}
}

// Every statement is served by an index.
func TestEveryStatementUsesAnIndex(t *testing.T) {
	each(t, func(b *bench) {
		var mu sync.Mutex
		seen := map[string][]any{}
		b.db.Observe(func(query string, args []any) {
			mu.Lock()
			defer mu.Unlock()
			if query != store.Committing && query != store.Committed && !strings.HasPrefix(query, "select (select") { // the test's own
				seen[query] = args
			}
		})
		rules := rule(10, 0)
		first, stop := b.server(rules, false)
		second, stop2 := b.server(rules, false)
		crashed, err := limit.New(b.Context(), limit.Config{DB: b.db, Clock: b.clock, Log: slog.New(slog.DiscardHandler), Server: "crashed", Rules: rules})
		if err != nil {
			b.Fatal(err)
		}
		try(b, crashed, "item")
		try(b, first, "item")
		wantThrough(b, second, 4)
		b.clock.Advance(2 * time.Minute)
		b.forgotten()
		try(b, first, "item")
		stop()
		stop2()
		sole, stop := b.server(rules, true)
		try(b, sole, "item")
		stop()
		mu.Lock()
		defer mu.Unlock()
		b.db.Observe(nil)
		for query, args := range seen {
			plan, err := b.db.Explain(b.Context(), query, args...)
			if err != nil {
				b.Errorf("%s: %v", query, err)
			}
			for line := range strings.SplitSeq(plan, "\n") {
				given := line == "SCAN given" || strings.Contains(line, "CONSTANT ROW") // the rows that a statement brings along
				if strings.Contains(line, "Seq Scan") || strings.HasPrefix(line, "SCAN ") && !strings.Contains(line, "INDEX") && !given {
					b.Errorf("a whole table is read by\n%s\nplan:\n%s", query, plan)
				}
			}
		}
		if len(seen) < 13 {
			b.Errorf("only %d statements were seen", len(seen))
		}
	})
}

// BenchmarkRequest is what a limit of an Item and one of its client cost a request.
func BenchmarkRequest(b *testing.B) {
	for name, sole := range map[string]bool{"sole": true, "sharing": false} {
		b.Run(name, func(b *testing.B) {
			c := clock.NewManual(storetest.Start)
			l, err := limit.New(b.Context(), limit.Config{DB: storetest.SQLite(b, c), Clock: c, Log: slog.New(slog.DiscardHandler), Server: "s", Sole: sole, Rules: rule(1<<50, 1<<50)})
			if err != nil {
				b.Fatal(err)
			}
			admit := l.Of(path)
			b.ReportAllocs()
			for b.Loop() {
				if err := admit(b.Context(), tenant, "item"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkNewMinute is what the first requests of a minute cost a server that shares its limits on a PostgreSQL that writes to its
// disk: one, and 64 at once, of an Item each.
func BenchmarkNewMinute(b *testing.B) {
	for _, requests := range []int{1, 64} {
		b.Run(fmt.Sprint(requests), func(b *testing.B) {
			c := clock.NewManual(storetest.Start)
			db, err := store.OpenPostgres(b.Context(), store.PostgresOptions{URL: storetest.Durable(b), Now: c.Now})
			if err != nil {
				b.Fatal(err)
			}
			defer db.Close() //nolint:errcheck // a benchmark's own
			if err := db.Migrate(b.Context()); err != nil {
				b.Fatal(err)
			}
			l, err := limit.New(b.Context(), limit.Config{DB: db, Clock: c, Log: slog.New(slog.DiscardHandler), Server: "s", Rules: rule(100, 0)})
			if err != nil {
				b.Fatal(err)
			}
			minute := 0
			for b.Loop() {
				minute++ // of other Items: what was stored of those before is there, as it is of the minute before
				var work sync.WaitGroup
				for i := range requests {
					work.Go(func() { try(b, l, fmt.Sprint("item", minute, ".", i)) })
				}
				work.Wait()
			}
		})
	}
}

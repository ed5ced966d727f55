package webhook_test

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weft/internal/store"
	"weft/internal/webhook"
)

// listener reads as a program does that listens.
type listener struct {
	*bench
	of store.Tenant
	at *int64
}

func (b *bench) listener(of store.Tenant) *listener {
	b.Helper()
	l := &listener{bench: b, of: of}
	want(b, "the beginning", l.next(0), "[] false")
	return l
}

// hear asks once.
func (l *listener) hear(wait time.Duration) webhook.Hearing {
	l.Helper()
	h, err := l.service.Listen(l.Context(), l.of, l.at, wait)
	if err != nil {
		l.Fatal(err)
	}
	l.at = &h.Next
	return h
}

// next asks once and returns the numbers of what came, and whether something was missed.
func (l *listener) next(wait time.Duration) string {
	l.Helper()
	h := l.hear(wait)
	return fmt.Sprint(numbers(l, h), " ", h.Missed)
}

func numbers(t testing.TB, h webhook.Hearing) []int {
	t.Helper()
	list := []int{}
	for _, w := range h.Webhooks {
		var n int
		_, after, _ := strings.Cut(w.Body, `"n": `)
		if _, err := fmt.Sscan(after, &n); err != nil {
			t.Fatal(err)
		}
		list = append(list, n)
	}
	return list
}

func TestWhoListensHearsEverythingInOrder(t *testing.T) {
	each(t, func(b *bench) {
		r := b.receiver()
		b.tell("", 1)
		b.tell(r.URL, 2)
		l := b.listener(tenant)
		want(b, "before anything", l.next(0), "[] false")
		b.tell("", 3)
		b.tell(r.URL, 4)
		b.tellTo(store.Tenant{Client: "other", Environment: "sandbox"}, "", 5)
		b.tellTo(store.Tenant{Client: "client", Environment: "production"}, "", 6)
		b.tell("", 7)
		h := l.hear(time.Hour)
		want(b, "heard", numbers(b, h), "[3 4 7]")
		ask := func(kid string) (webhook.Key, error) { return b.service.PublicKey(b.Context(), "sandbox", kid) }
		for _, w := range h.Webhooks {
			if err := verify(w.Verification, []byte(w.Body), b.clock.Now(), ask); err != nil {
				b.Error(err)
			}
			if w.ItemID != "item" || w.Type != "TEST" || w.Code != "NUMBER" || !w.CreatedAt.Equal(b.clock.Now()) {
				b.Errorf("%+v", w)
			}
		}
		want(b, "after it", l.next(0), "[] false")
		b.settle()
		want(b, "what has an address is delivered", r.got, "[2 4]")
		if r.bodies[1] != h.Webhooks[1].Body {
			b.Errorf("delivered is %q, heard %q", r.bodies[1], h.Webhooks[1].Body)
		}
		for n := range 45 {
			b.tell("", n)
		}
		var all []int
		for range 3 {
			all = append(all, numbers(b, l.hear(0))...)
		}
		if len(all) != 45 || all[0] != 0 || all[44] != 44 {
			b.Errorf("in pages: %v", all)
		}
	})
}

// One who waits is woken by what this server writes, finds by itself what another one does, and goes when the server stops.
func TestWhoListensIsWoken(t *testing.T) {
	each(t, func(b *bench) {
		l := b.listener(tenant)
		own := func() { b.tell("", 1) }
		another := func() {
			mine := b.service
			b.start(webhook.Retries{}, true)
			b.tell("", 1)
			b.service = mine
		}
		for _, c := range []struct {
			poll  time.Duration
			write func()
		}{{time.Hour, own}, {10 * time.Millisecond, another}} {
			b.poll = c.poll
			b.start(webhook.Retries{}, true)
			service, heard := b.service, make(chan webhook.Hearing)
			go func() {
				h, err := service.Listen(context.WithoutCancel(b.Context()), tenant, l.at, time.Minute)
				if err != nil {
					b.Error(err)
				}
				heard <- h
			}()
			c.write()
			h := <-heard
			want(b, "woken", numbers(b, h), "[1]")
			l.at = &h.Next
		}
		ended := make(chan webhook.Hearing)
		go func() {
			h, err := b.service.Listen(context.WithoutCancel(b.Context()), tenant, l.at, time.Hour)
			if err != nil {
				b.Error(err)
			}
			ended <- h
		}()
		b.service.StopListening()
		b.service.StopListening()
		if h := <-ended; len(h.Webhooks) != 0 || h.Missed || h.Next != *l.at {
			b.Errorf("when the server stops: %+v", h)
		}
	})
}

// Who does not come back costs nothing after two hours, and is told what it has missed if it does.
func TestTheTapCloses(t *testing.T) {
	each(t, func(b *bench) {
		kept := func() (n int) {
			if err := b.db.QueryRow(b.Context(), `select count(*) from heard_webhooks`).Scan(&n); err != nil {
				b.Fatal(err)
			}
			return n
		}
		l, other := b.listener(tenant), b.listener(tenant)
		b.tell("", 1)
		b.clock.Advance(59 * time.Minute)
		b.tell("", 2)
		want(b, "one that comes back in time", l.next(0), "[1 2] false")
		b.clock.Advance(59 * time.Minute)
		b.tell("", 3)
		b.clock.Advance(2 * time.Minute)
		b.tell("", 4)
		want(b, "kept", kept(), 3)
		want(b, "what came before", l.next(0), "[3] false")
		want(b, "then it is told", l.next(0), "[] true")
		b.tell("", 5)
		want(b, "and goes on", l.next(0), "[5] false")
		want(b, "another reader: what came before", other.next(0), "[1 2 3] false")
		want(b, "then it is told with what follows", other.next(0), "[5] true")
		want(b, "and goes on", other.next(0), "[] false")
		if listening, err := b.service.Listening(b.Context(), tenant); err != nil || !listening {
			b.Error(listening, err)
		}
		b.clock.Advance(25 * time.Hour)
		if listening, err := b.service.Listening(b.Context(), tenant); err != nil || listening {
			b.Error(listening, err)
		}
		b.settle()
		b.settle()
		want(b, "kept after a day", kept(), 0)
		// A database that was restored from a backup has lost numbers that a listener knows.
		after := int64(1000)
		l.at = &after
		want(b, "after a restore", l.next(0), "[] true")
		b.tell("", 6)
		want(b, "and goes on", l.next(0), "[6] false")
	})
}

// However much comes while a listener is away, what is kept has a bound.
func TestWhatIsKeptHasABound(t *testing.T) {
	each(t, func(b *bench) {
		l := b.listener(tenant)
		if err := b.db.Write(b.Context(), func(tx *store.Tx) error {
			if _, err := tx.Exec(b.Context(), `update webhook_taps set last_position = 10050 where client_id = $1`, tenant.Client); err != nil {
				return err
			}
			rows := [][]any{}
			for n := 1; n <= 10050; n++ {
				rows = append(rows, []any{tenant.Client, tenant.Environment, n, "item", "TEST", "NUMBER", fmt.Sprintf(`{"n": %d}`, n), tx.Now.UnixMilli()})
			}
			return tx.Insert(b.Context(), "heard_webhooks", []string{"client_id", "environment", "position", "item_id", "webhook_type", "webhook_code", "body", "created_at"}, rows, "")
		}); err != nil {
			b.Fatal(err)
		}
		for n := 10051; n <= 10100; n++ {
			b.tell("", n)
		}
		h := l.hear(0)
		if got := numbers(b, h); !h.Missed || len(got) != 20 || got[0] != 101 {
			b.Errorf("missed %v, heard %v", h.Missed, got)
		}
	})
}

// Whatever is written at the same time, by several servers, each listener hears all of it once, and what one writer wrote in
// that writer's order.
func TestNothingIsLostBetweenWriters(t *testing.T) {
	each(t, func(b *bench) {
		rapid.Check(b.TB.(*testing.T), func(rt *rapid.T) {
			const writers = 4
			each, mixed := rapid.IntRange(1, 8).Draw(rt, "each"), rapid.Bool().Draw(rt, "mixed")
			l := &listener{bench: b, of: tenant}
			l.hear(0)
			var group sync.WaitGroup
			for w := range writers {
				group.Go(func() {
					for n := range each {
						url := ""
						if mixed && n%2 == 0 {
							url = "https://receiver.example/"
						}
						b.tellTo(tenant, url, w*1000+n)
					}
				})
			}
			next := make([]int, writers)
			for heard := 0; heard < writers*each; {
				h := l.hear(10 * time.Second)
				if h.Missed || len(h.Webhooks) == 0 {
					rt.Fatalf("after %d of %d: %+v", heard, writers*each, h)
				}
				for _, n := range numbers(b, h) {
					if w := n / 1000; next[w] != n%1000 {
						rt.Fatalf("of writer %d came %d in the place of %d", w, n%1000, next[w])
					}
					next[n/1000]++
					heard++
				}
			}
			group.Wait()
			if h := l.hear(0); len(h.Webhooks) != 0 {
				rt.Fatalf("once more: %+v", h)
			}
		})
	})
}

// Every statement of listening is served by an index, those of forgetting too.
func TestListeningUsesIndexes(t *testing.T) {
	each(t, func(b *bench) {
		var mu sync.Mutex
		seen := map[string][]any{}
		b.db.Observe(func(query string, args []any) {
			mu.Lock()
			defer mu.Unlock()
			if strings.Contains(query, "webhook_taps") || strings.Contains(query, "heard_webhooks") {
				seen[query] = args
			}
		})
		l := b.listener(tenant)
		for n := range 100 {
			b.tell("", n)
		}
		l.hear(0)
		b.settle()
		mu.Lock()
		statements := maps.Clone(seen)
		mu.Unlock()
		for query, args := range statements {
			plan, err := b.db.Explain(b.Context(), query, args...)
			if err != nil {
				b.Errorf("%s: %v", query, err)
			}
			if strings.Contains(plan, "Seq Scan") || strings.Contains(plan, "SCAN ") {
				b.Errorf("a whole table is read by\n%s\nplan:\n%s", query, plan)
			}
		}
		want(b, "statements", len(statements), 7)
	})
}

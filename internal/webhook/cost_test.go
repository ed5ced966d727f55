package webhook_test

import (
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"weft/internal/store"
	"weft/internal/webhook"
)

// statements notes what a database is asked, but for commits, which it counts.
type statements struct {
	mu      sync.Mutex
	count   int
	commits int
	args    map[string][]any
}

func observe(db *store.DB) *statements {
	s := &statements{args: map[string][]any{}}
	db.Observe(func(query string, args []any) {
		s.mu.Lock()
		defer s.mu.Unlock()
		switch query {
		case store.Committing:
		case store.Committed:
			s.commits++
		default:
			s.count++
			s.args[query] = args
		}
	})
	return s
}

// since is how many statements and commits there were since it was last asked.
func (s *statements) since() (statements, commits int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() { s.count, s.commits = 0, 0 }()
	return s.count, s.commits
}

// A webhook costs no statement of its own where several are written or delivered together: what a transaction tells a receiver is
// four, and a visit as many as pages and batches of records, however many webhooks it delivers.
func TestWebhooksAreWrittenAndRecordedTogether(t *testing.T) {
	each(t, func(b *bench) {
		r, s := b.receiver(), observe(b.db)
		b.tell(r.URL, 1) // makes the key
		b.settle()
		s.since()
		const many = 40
		b.tellMany(r.URL, many)
		if n, commits := s.since(); n > 4 || commits != 1 {
			b.Errorf("writing %d webhooks took %d statements and %d commits", many, n, commits)
		}
		b.settle()
		want(b, "got", len(r.got), 1+many)
		if n, commits := s.since(); n >= many || commits >= many {
			b.Errorf("delivering %d webhooks took %d statements and %d commits", many, n, commits)
		}
	})
}

// Every statement is served by an index, however many webhooks there are.
func TestEveryStatementUsesAnIndex(t *testing.T) {
	each(t, func(b *bench) {
		s := observe(b.db)
		r := b.receiver()
		r.set(func(n int) int { return map[bool]int{true: 400, false: 200}[n == 1] })
		b.tell(r.URL, 1, 2, 3)
		for range 5 {
			b.settle()
			b.clock.Advance(5 * time.Minute)
		}
		for _, f := range []webhook.Filter{{}, {State: webhook.Delivered}, {State: webhook.Pending}, {State: webhook.Dead}, {ItemID: "item"}, {ItemID: "item", State: webhook.Dead}} {
			f.Limit = 10
			if _, err := b.service.List(b.Context(), tenant, f); err != nil {
				b.Fatal(err)
			}
		}
		delivered := b.list(webhook.Delivered)
		if len(delivered) == 0 {
			b.Fatal("nothing was delivered")
		}
		_, _, err1 := b.service.Get(b.Context(), tenant, delivered[0].ID, 10)
		err2 := b.service.Replay(b.Context(), tenant, delivered[0].ID)
		_, _, err3 := b.service.LastSent(b.Context(), tenant, "item")
		if err1 != nil || err2 != nil || err3 != nil {
			b.Fatal(err1, err2, err3)
		}
		b.settle()
		r.always(410)
		b.tell(r.URL, 4)
		b.settle()
		s.mu.Lock()
		seen := maps.Clone(s.args)
		s.mu.Unlock()
		for query, args := range seen {
			if strings.HasPrefix(query, "select distinct") { // cleaning goes through all receivers, once a day
				continue
			}
			if !strings.Contains(query, "webhooks") && !strings.Contains(query, "webhook_attempts") && !strings.Contains(query, "webhook_receivers") {
				continue
			}
			plan, err := b.db.Explain(b.Context(), query, args...)
			if err != nil {
				b.Errorf("%s: %v", query, err)
			}
			for line := range strings.SplitSeq(plan, "\n") {
				if strings.Contains(line, "Seq Scan") || strings.HasPrefix(line, "SCAN ") && line != "SCAN v" && !strings.Contains(line, "CONSTANT ROW") {
					b.Errorf("a whole table is read by\n%.300s\nplan:\n%s", query, plan)
				}
			}
		}
	})
}

// A webhook that is delivered once more keeps what became of each attempt.
func TestAReplayKeepsTheAttemptsBefore(t *testing.T) {
	each(t, func(b *bench) {
		r := b.receiver()
		r.always(500)
		b.tell(r.URL, 1)
		b.settle()
		r.always(201)
		b.clock.Advance(time.Minute)
		b.settle()
		id := b.list("")[0].ID
		if err := b.service.Replay(b.Context(), tenant, id); err != nil {
			b.Fatal(err)
		}
		r.always(202)
		b.settle()
		w, attempts, err := b.service.Get(b.Context(), tenant, id, 10)
		if err != nil || w.Attempts != 3 || len(attempts) != 3 {
			b.Fatalf("%+v %+v %v", w, attempts, err)
		}
		for i, status := range []int{202, 201, 500} {
			want(b, "status", attempts[i].Status, status)
		}
	})
}

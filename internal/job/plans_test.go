package job_test

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"weft/internal/job"
	"weft/internal/store"
)

// Every statement is served by an index, however many jobs wait.
func TestEveryStatementUsesAnIndex(t *testing.T) {
	each(t, func(b *bench) {
		var mu sync.Mutex
		seen := map[string][]any{}
		b.db.Observe(func(query string, args []any) {
			mu.Lock()
			defer mu.Unlock()
			if query != store.Committing && query != store.Committed {
				seen[query] = args
			}
		})
		b.useEverything()
		mu.Lock()
		statements := maps.Clone(seen)
		mu.Unlock()
		for query, args := range statements {
			plan, err := b.db.Explain(b.Context(), query, args...)
			if err != nil {
				b.Errorf("%s: %v", query, err)
			}
			for line := range strings.SplitSeq(plan, "\n") {
				if strings.Contains(line, "Seq Scan") || strings.HasPrefix(line, "SCAN ") && !strings.HasPrefix(line, "SCAN chosen") && line != "SCAN CONSTANT ROW" {
					b.Errorf("a whole table is read by\n%s\nplan:\n%s", query, plan)
				}
			}
		}
		if len(statements) < 19 {
			b.Errorf("only %d statements were seen", len(statements))
		}
	})
}

// useEverything causes every statement of the package.
func (b *bench) useEverything() {
	cfg := b.config()
	cfg.Sole, cfg.Lease = true, 3*time.Millisecond
	q, begun := job.New(cfg), make(chan struct{})
	again := true
	var k *job.Kind[int]
	k = job.Register(q, job.Spec{Name: "n", Attempts: 2}, func(_ context.Context, j job.Job[int]) error {
		if j.Attempt == 1 && again {
			again = false
			enqueue(b, k, j.Args, job.Options{Lane: "a", Key: "0", Again: true})
		}
		switch j.Args {
		case 1:
			return errBroken
		case 2:
			return job.GiveUp(errBroken)
		}
		return nil
	})
	long := job.Register(q, job.Spec{Name: "long"}, func(ctx context.Context, _ job.Job[int]) error {
		before := b.leaseEnd("long")
		b.clock.Advance(time.Millisecond) // within the lease
		begun <- struct{}{}
		b.awaitLease("long", func(end int64) bool { return end > before })
		begun <- struct{}{}
		return nil
	})
	job.Register(q, job.Spec{Name: "p", Every: 1000 * time.Hour}, func(context.Context, job.Job[int]) error { return nil })
	for i := range 3 {
		enqueue(b, k, i, job.Options{Lane: "a", Key: fmt.Sprint(i)})
	}
	if waits, err := k.Pending(b.Context(), b.db, "1"); err != nil || !waits {
		b.Error("a job that waits is not pending", err)
	}
	for range 6 {
		if _, err := q.RunDue(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.clock.Advance(time.Minute)
	}
	if waits, err := k.Pending(b.Context(), b.db, "2"); err != nil || waits {
		b.Error("a job that was given up is pending", err)
	}
	b.exec(`delete from jobs where kind in ('n', 'p')`)
	_, err1 := q.RetryKind(b.Context(), "n")
	dead := b.dead(q)
	_, err2 := q.DeadJobs(b.Context(), "n", nil, 1)
	for _, d := range dead {
		_ = q.Discard(b.Context(), d.ID)
	}
	if err1 != nil || err2 != nil {
		b.Error(err1, err2)
	}
	figures, err := q.Figures(b.Context())
	if err != nil || len(figures) != 3 || figures[1].Kind != "n" || figures[1].Ready == 0 {
		b.Errorf("%+v %v", figures, err)
	}
	b.exec(`delete from jobs where kind in ('n', 'p')`)
	stop := start(b, q)
	enqueue(b, long, 1, job.Options{})
	await(b, "the long job", begun)
	await(b, "its lease's renewal", begun)
	stop()
}

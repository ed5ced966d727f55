package job_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weft/internal/job"
	"weft/internal/store"
)

// start runs a queue and returns what stops it and waits for its end.
func start(b *bench, q *job.Queue) (stop func()) {
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- q.Run(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := await(b, "the queue's end", ended); err != nil {
				b.Error(err)
			}
		})
	}
	b.Cleanup(stop)
	return stop
}

// A job that is enqueued in the same process starts at its commit: the next poll would be in an hour.
func TestCommitWakesTheQueue(t *testing.T) {
	each(t, func(b *bench) {
		cfg := b.config()
		cfg.Poll = time.Hour
		q, ran := job.New(cfg), make(chan int)
		first := job.Register(q, job.Spec{Name: "first", Workers: 1}, func(_ context.Context, j job.Job[int]) error { ran <- j.Args; return nil })
		start(b, q)
		for i := range 10 {
			enqueue(b, first, i, job.Options{Lane: "a"})
		}
		for i := range 10 {
			if got := await(b, "a job", ran); got != i {
				b.Errorf("got %d, want %d", got, i)
			}
		}
	})
}

// What another process has enqueued is found by looking.
func TestQueuePollsForJobsOfOthers(t *testing.T) {
	each(t, func(b *bench) {
		cfg := b.config()
		cfg.Poll = time.Millisecond
		q, ran := job.New(cfg), make(chan int)
		work := func(_ context.Context, j job.Job[int]) error { ran <- j.Args; return nil }
		job.Register(q, job.Spec{Name: "n"}, work)
		start(b, q)
		enqueue(b, job.Register(b.queue(), job.Spec{Name: "n"}, work), 5, job.Options{})
		await(b, "the job", ran)
	})
}

// While the database refuses a job's outcome it is written again, so that nobody waits for the end of a lease afterwards: the clock
// stands still, and so the lease never ends.
func TestOutcomesOutliveTheDatabasesFailures(t *testing.T) {
	each(t, func(b *bench) {
		refuse, admit := []string{`create trigger refuse before delete on jobs begin select raise(abort, 'away'); end`}, `drop trigger refuse`
		if b.db.Dialect() == "postgres" {
			refuse = []string{`create function refuse() returns trigger language plpgsql as $$ begin raise exception 'away'; end $$`,
				`create trigger refuse before delete on jobs for each row execute function refuse()`}
			admit = `drop trigger refuse on jobs`
		}
		tried := make(chan struct{}, 100)
		b.db.Observe(func(query string, _ []any) {
			if strings.HasPrefix(query, "delete from jobs") {
				tried <- struct{}{}
			}
		})
		for _, query := range refuse {
			b.exec(query)
		}
		q, ran := b.queue(), make(chan int, 2)
		k := job.Register(q, job.Spec{Name: "n"}, func(_ context.Context, j job.Job[int]) error { ran <- j.Args; return nil })
		enqueue(b, k, 1, job.Options{Lane: "a"})
		enqueue(b, k, 2, job.Options{Lane: "a"})
		start(b, q)
		for range 3 {
			await(b, "an attempt to complete the first", tried)
		}
		b.exec(admit)
		if one, two := await(b, "the first", ran), await(b, "the second", ran); one != 1 || two != 2 {
			b.Errorf("ran %d and %d", one, two)
		}
	})
}

func TestNoMoreRunAtOnceThanTheKindAllows(t *testing.T) {
	each(t, func(b *bench) {
		q, begun, end := b.queue(), make(chan int, 20), make(chan struct{})
		var mu sync.Mutex
		now, most := 0, 0
		k := job.Register(q, job.Spec{Name: "n", Workers: 3}, func(_ context.Context, j job.Job[int]) error {
			mu.Lock()
			now++
			most = max(most, now)
			mu.Unlock()
			begun <- j.Args
			<-end
			mu.Lock()
			now--
			mu.Unlock()
			return nil
		})
		for i := range 9 {
			enqueue(b, k, i, job.Options{})
		}
		stop := start(b, q)
		for range 3 {
			await(b, "one of three", begun)
		}
		close(end)
		for range 6 {
			await(b, "another", begun)
		}
		stop()
		if most != 3 || b.rows("jobs") != 0 {
			b.Errorf("%d at once, %d rows left", most, b.rows("jobs"))
		}
	})
}

func TestStopLetsJobsFinishThenGivesThemBack(t *testing.T) {
	each(t, func(b *bench) {
		cfg := b.config()
		cfg.Drain = time.Millisecond
		q, begun, ended := job.New(cfg), make(chan struct{}), make(chan error, 1)
		k := job.Register(q, job.Spec{Name: "n", Workers: 1, Attempts: 1}, func(ctx context.Context, _ job.Job[int]) error {
			close(begun)
			<-ctx.Done()
			ended <- ctx.Err()
			return fmt.Errorf("asking the bank: %w", ctx.Err())
		})
		enqueue(b, k, 1, job.Options{})
		enqueue(b, k, 2, job.Options{})
		stop := start(b, q)
		await(b, "the first job", begun)
		stop()
		if err := await(b, "its end", ended); !errors.Is(err, context.Canceled) {
			b.Error(err)
		}
		// Both are there again, due, and the attempt did not count: one is all they have.
		next, did := b.queue(), &record{}
		job.Register(next, job.Spec{Name: "n", Attempts: 1}, did.work)
		b.runDue(next, 2)
		slices.Sort(did.args)
		if fmt.Sprint(did.args, did.attempts) != "[1 2] [1 1]" {
			b.Errorf("did %v, attempts %v", did.args, did.attempts)
		}
	})
}

func TestStopWaitsForJobsAtWork(t *testing.T) {
	b := newBench(t, "sqlite")
	q, begun, end := b.queue(), make(chan struct{}), make(chan struct{})
	k := job.Register(q, job.Spec{Name: "n"}, func(ctx context.Context, _ job.Job[int]) error {
		close(begun)
		<-end
		return ctx.Err()
	})
	enqueue(b, k, 1, job.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() { stopped <- q.Run(ctx) }()
	await(b, "the job", begun)
	cancel()
	select {
	case <-stopped:
		t.Fatal("it did not wait")
	case <-time.After(20 * time.Millisecond):
	}
	close(end)
	if err := await(b, "the queue's end", stopped); err != nil || b.rows("jobs") != 0 {
		t.Errorf("%v; %d rows are left", err, b.rows("jobs"))
	}
}

func TestTimeout(t *testing.T) {
	each(t, func(b *bench) {
		q, ended := b.queue(), make(chan struct{}, 1)
		k := job.Register(q, job.Spec{Name: "n", Timeout: time.Millisecond, Attempts: 1}, func(ctx context.Context, _ job.Job[int]) error {
			<-ctx.Done()
			return ctx.Err()
		})
		done := job.Register(q, job.Spec{Name: "done"}, func(context.Context, job.Job[int]) error { ended <- struct{}{}; return nil })
		enqueue(b, k, 1, job.Options{})
		b.runDue(q, 1)
		enqueue(b, done, 1, job.Options{})
		b.runDue(q, 1)
		await(b, "another job", ended)
		if dead := b.dead(q); len(dead) != 1 || dead[0].Error != "it took longer than 1ms" {
			b.Errorf("%+v", dead)
		}
	})
}

// A running job keeps its lease, and is told where it has lost it all the same.
func TestLeaseIsRenewed(t *testing.T) {
	each(t, func(b *bench) {
		cfg := b.config()
		cfg.Lease = 3 * time.Millisecond // renewed each millisecond; the clock stands still between
		q, begun, lost := job.New(cfg), make(chan struct{}), make(chan error, 1)
		k := job.Register(q, job.Spec{Name: "n"}, func(ctx context.Context, _ job.Job[int]) error {
			close(begun)
			<-ctx.Done()
			lost <- context.Cause(ctx)
			return ctx.Err()
		})
		enqueue(b, k, 1, job.Options{})
		start(b, q)
		await(b, "the job", begun)
		before := b.leaseEnd("n")
		b.clock.Advance(time.Millisecond)
		b.awaitLease("n", func(end int64) bool { return end > before })
		b.exec(`update jobs set fence = fence + 1, due_at = due_at + 3600000`) // another server takes it
		if err := await(b, "the loss", lost); !errors.Is(err, job.ErrLost) {
			b.Error(err)
		}
	})
}

func (b *bench) leaseEnd(kind string) (end int64) {
	b.Helper()
	if err := b.db.QueryRow(b.Context(), `select due_at from jobs where kind = $1`, kind).Scan(&end); err != nil {
		b.Fatal(err)
	}
	return end
}

func (b *bench) awaitLease(kind string, met func(end int64) bool) {
	b.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for range 20_000 {
		if met(b.leaseEnd(kind)) {
			return
		}
		<-tick.C
	}
	b.Fatal("the lease was not renewed")
}

// Several servers at once, each with workers of its own, on jobs that fail now and then: each is done once, in its lane's
// order, of which the effects' table is the witness.
func TestServersShareTheWork(t *testing.T) {
	each(t, func(b *bench) {
		const total = 150
		for _, statement := range effectTables {
			b.exec(statement)
		}
		all := make(chan struct{})
		var done atomic.Int64
		var kinds []*job.Kind[int]
		for i := range 3 {
			cfg := b.config()
			cfg.Poll = time.Millisecond
			q := job.New(cfg)
			kinds = append(kinds, job.Register(q, job.Spec{Name: "n", Backoff: job.Backoff{First: time.Millisecond}}, func(ctx context.Context, j job.Job[int]) error {
				if j.Args%7 == 0 && j.Attempt == 1 {
					return errBroken
				}
				err := b.db.Write(ctx, func(tx *store.Tx) error { return effect(ctx, tx, j) })
				if err == nil && done.Add(1) == total {
					close(all)
				}
				return err
			}))
			if i > 0 { // the first one only enqueues
				start(b, q)
			}
		}
		var producers sync.WaitGroup
		for first := range 3 { // each lane has one producer, so that its order is known
			producers.Go(func() {
				for n := first; n < total; n += 3 {
					enqueue(b, kinds[n%2], n, job.Options{Lane: lane(n)})
				}
			})
		}
		moving, stop := context.WithCancel(b.Context())
		defer stop()
		go func() { // the clock, for those that wait
			tick := time.NewTicker(time.Millisecond)
			defer tick.Stop()
			for moving.Err() == nil {
				b.clock.Advance(time.Millisecond)
				<-tick.C
			}
		}()
		producers.Wait()
		await(b, "all jobs", all)
		if dead := b.dead(b.queue()); b.rows("effects") != total || len(dead) > 0 {
			b.Errorf("%d effects, dead %+v", b.rows("effects"), dead)
		}
	})
}

// What a killed server left is taken up at once where no other server can be running it.
func TestSoleServerTakesUpWhatItsPredecessorLeft(t *testing.T) {
	b := newBench(t, "sqlite")
	killed, begun := b.queue(), make(chan struct{})
	k := job.Register(killed, job.Spec{Name: "n"}, func(context.Context, job.Job[int]) error {
		close(begun)
		<-t.Context().Done()
		return nil
	})
	enqueue(b, k, 1, job.Options{})
	go killed.RunDue(t.Context()) //nolint:errcheck // it never ends in the test's time
	await(b, "the first server", begun)
	cfg := b.config()
	cfg.Sole = true
	q, ran := job.New(cfg), make(chan int, 1)
	job.Register(q, job.Spec{Name: "n"}, func(_ context.Context, j job.Job[int]) error { ran <- j.Attempt; return nil })
	start(b, q)
	if attempt := await(b, "the second server", ran); attempt != 2 {
		t.Errorf("attempt %d", attempt)
	}
}

// Whatever is enqueued, fails, waits and stands still, on two servers: each lane's jobs end in order, none overtakes, none
// runs beside another of its lane, and none is lost or done twice.
func TestLanesProperty(t *testing.T) {
	each(t, func(b *bench) {
		round, lost := 0, 0
		rapid.Check(b.TB.(*testing.T), func(r *rapid.T) {
			round++
			l := &laneRun{bench: b, r: r, name: fmt.Sprint("n", round)}
			l.check()
			lost += l.lost
		})
		b.Logf("%d late wakers were refused", lost)
		if lost == 0 {
			b.Error("nobody lost a lease: the test proves too little")
		}
	})
}

// laneRun is one random history.
type laneRun struct {
	*bench
	r      *rapid.T
	name   string
	queues [2]*job.Queue
	kinds  [2]*job.Kind[int]
	inside int
	lanes  []string         // of each job, by its number
	done   map[string][]int // numbers by lane
	held   map[string]*hold // by whom is at work in the lane

	draining bool
	lost     int
}

// hold is a worker's lease of a lane's head.
type hold struct{ until time.Time }

func (l *laneRun) check() {
	l.done, l.held = map[string][]int{}, map[string]*hold{}
	for i := range l.queues {
		l.queues[i] = l.queue()
		l.kinds[i] = job.Register(l.queues[i], job.Spec{Name: l.name, Attempts: 1000, Workers: 8, Backoff: job.Backoff{First: time.Second, Limit: 4 * time.Second}},
			func(ctx context.Context, j job.Job[int]) error { return l.work(ctx, j) })
	}
	for range rapid.IntRange(1, 30).Draw(l.r, "steps") {
		l.step()
	}
	l.draining = true // now nothing fails
	for range 4 {
		l.drive(l.queues[0])
		l.clock.Advance(31 * time.Second)
	}
	total := 0
	for lane, numbers := range l.done {
		total += len(numbers)
		if lane != "" && !slices.IsSorted(numbers) {
			l.r.Fatalf("lane %s ended in the order %v", lane, numbers)
		}
		slices.Sort(numbers)
		if len(slices.Compact(numbers)) != len(numbers) {
			l.r.Fatalf("lane %q did a job twice: %v", lane, numbers)
		}
	}
	if total != len(l.lanes) {
		l.r.Fatalf("%d of %d jobs were done", total, len(l.lanes))
	}
}

func (l *laneRun) step() {
	switch rapid.IntRange(0, 3).Draw(l.r, "step") {
	case 0, 1:
		lane := rapid.SampledFrom([]string{"", "a", "b"}).Draw(l.r, "lane")
		k := l.kinds[rapid.IntRange(0, 1).Draw(l.r, "by")]
		at := l.clock.Now().Add(time.Duration(rapid.IntRange(0, 2).Draw(l.r, "delay")) * time.Second)
		enqueue(l.bench, k, len(l.lanes), job.Options{Lane: lane, At: at})
		l.lanes = append(l.lanes, lane)
	case 2:
		l.clock.Advance(time.Duration(rapid.SampledFrom([]int{1, 5, 31}).Draw(l.r, "seconds")) * time.Second)
	case 3:
		l.drive(l.queues[rapid.IntRange(0, 1).Draw(l.r, "server")])
	}
}

func (l *laneRun) drive(q *job.Queue) {
	if _, err := q.RunDue(l.Context()); err != nil {
		l.r.Fatal(err)
	}
}

// work does one of many things; in the middle of it the other server, or a later one, may run.
func (l *laneRun) work(ctx context.Context, j job.Job[int]) error {
	lane := l.lanes[j.Args]
	if h := l.held[lane]; lane != "" && h != nil && l.clock.Now().Before(h.until) {
		l.r.Fatalf("two jobs of lane %s at once", lane)
	}
	mine := &hold{l.clock.Now().Add(30 * time.Second)}
	l.held[lane] = mine
	defer func() {
		if l.held[lane] == mine {
			delete(l.held, lane)
		}
	}()
	result := 2
	if !l.draining {
		if l.inside < 3 {
			l.inside++
			for range rapid.IntRange(0, 3).Draw(l.r, "steps inside") {
				l.step()
			}
			l.inside--
		}
		result = rapid.IntRange(0, 4).Draw(l.r, "result")
	}
	switch result {
	case 0:
		return errBroken
	case 1:
		return job.NotBefore(l.clock.Now().Add(time.Second))
	}
	err := l.db.Write(ctx, func(tx *store.Tx) error { return job.CompleteTx(ctx, tx, j) })
	if err == nil {
		l.done[lane] = append(l.done[lane], j.Args)
	} else {
		l.lost++
	}
	return err
}

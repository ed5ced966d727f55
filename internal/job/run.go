package job

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"weft/internal/clock"
	"weft/internal/tracing"
)

// errStopping ends the contexts of jobs that were at work for too long when the queue stopped.
var errStopping = errors.New("job: the server is stopping")

// stubborn is how long workers have to return once their contexts have ended.
const stubborn = 2 * time.Second

// Run runs jobs until ctx ends. Then it takes no more, lets those at work finish for the queue's Drain, ends their contexts
// and gives them back. It returns when none is at work, or the workers have not returned in spite of that.
func (q *Queue) Run(ctx context.Context) error {
	if err := q.prepare(ctx, q.sole); err != nil {
		return err
	}
	var workers sync.WaitGroup
	work := context.WithoutCancel(ctx)
	renewing, stopRenewing := context.WithCancel(work)
	var renewer sync.WaitGroup
	renewer.Go(func() { q.renew(renewing) })
	renewer.Go(func() { q.exchange(renewing) })
	q.takeDue(ctx, work, &workers)
	done := make(chan struct{})
	go func() { workers.Wait(); close(done) }()
	q.stop(work, done)
	stopRenewing()
	renewer.Wait()
	return nil
}

// takeDue starts jobs until ctx ends: those of a kind that was woken, and from time to time of all, since other programs enqueue too.
func (q *Queue) takeDue(ctx, work context.Context, workers *sync.WaitGroup) {
	poll := time.NewTicker(q.poll)
	defer poll.Stop()
	due := dueTimes{}
	for look := q.names(); ctx.Err() == nil; {
		q.startDue(ctx, work, workers, look, due)
		timer := time.NewTimer(due.wait(q.clock.Now(), q.poll))
		select {
		case <-ctx.Done():
		case <-q.woken:
			look = q.awake()
		case <-timer.C:
			look = q.names()
		case <-poll.C:
			look = q.names()
		}
		timer.Stop()
	}
}

// dueTimes are when the next job of a kind is due, by its name.
type dueTimes map[string]int64

// wait is how long none is due, at most a limit.
func (d dueTimes) wait(now time.Time, limit time.Duration) time.Duration {
	for _, at := range d {
		limit = min(limit, max(time.Duration(at-now.UnixMilli()), 0)*time.Millisecond)
	}
	return limit
}

func (q *Queue) prepare(ctx context.Context, recovering bool) error {
	if recovering {
		if err := q.recover(ctx); err != nil {
			return fmt.Errorf("job: %w", err)
		}
	}
	if err := q.ensurePeriodic(ctx); err != nil {
		return fmt.Errorf("job: %w", err)
	}
	return nil
}

// startDue starts what is due of some kinds and fits in, and notes when the next one of each will be due.
func (q *Queue) startDue(ctx, work context.Context, workers *sync.WaitGroup, kinds []string, due dueTimes) {
	list, err := q.next(ctx, kinds)
	if err != nil {
		q.logUnlessStopped(ctx, err)
		return
	}
	for _, name := range kinds {
		delete(due, name)
	}
	for _, w := range list {
		if w.at > q.clock.Now().UnixMilli() {
			due[w.kind.Name] = w.at
			q.crowd(w.kind, false)
			continue
		}
		n := q.free(w.kind)
		q.crowd(w.kind, n <= 0)
		if n <= 0 {
			continue // whoever ends will wake the queue
		}
		// Not with ctx: a stop in the middle of the commit would leave jobs taken that nobody runs.
		taking, cancel := context.WithTimeout(work, writeTimeout)
		jobs, err := q.take(taking, w.kind, n)
		cancel()
		if err != nil {
			q.logUnlessStopped(ctx, err)
			continue
		}
		for _, t := range jobs {
			t.stopping = ctx.Done()
			q.begin(work, t)
			workers.Go(func() { t.run(work); q.wake(t.kind.Name) })
		}
		if len(jobs) == n { // there may be more, for which those at work that only wait make place
			q.wake(w.kind.Name)
		}
	}
}

func (q *Queue) logUnlessStopped(ctx context.Context, err error) {
	if ctx.Err() == nil {
		q.log.Error("jobs could not be taken", "error", err)
	}
}

// renew keeps the leases of running jobs alive.
func (q *Queue) renew(ctx context.Context) {
	tick := time.NewTicker(q.lease / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := q.extend(ctx); err != nil {
				q.logUnlessStopped(ctx, err)
			}
		}
	}
}

func (q *Queue) stop(ctx context.Context, done <-chan struct{}) {
	if within(done, q.drain) {
		return
	}
	list := q.atWork()
	q.log.Warn("jobs at work are ended and go back to the queue", "jobs", len(list))
	for _, t := range list {
		t.cancel(errStopping)
	}
	if within(done, stubborn) {
		return
	}
	for _, t := range q.atWork() { // a worker that ends later finds that it has lost the job
		t.finish(ctx, errStopping)
	}
}

// within reports whether done is closed in time.
func within(done <-chan struct{}, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}

// RunDue runs what is due now, one job after another in the caller's goroutine, and what becomes due by that, and returns
// how many attempts it made. Tests move the clock and call it.
func (q *Queue) RunDue(ctx context.Context) (int, error) {
	if err := q.prepare(ctx, false); err != nil {
		return 0, err
	}
	count := 0
	refused := map[*kind]bool{} // kinds whose due job another server is just taking
	for {
		list, err := q.next(ctx, q.names())
		if err != nil {
			return count, err
		}
		var due *kind
		for _, w := range list {
			if w.at <= q.clock.Now().UnixMilli() && !refused[w.kind] && q.free(w.kind) > 0 {
				due = w.kind
				break
			}
		}
		if due == nil {
			return count, nil
		}
		jobs, err := q.take(ctx, due, 1)
		if err != nil {
			return count, err
		}
		refused[due] = len(jobs) == 0
		for _, t := range jobs {
			q.begin(ctx, t)
			t.run(ctx)
			count++
		}
	}
}

// begin counts the job as running and gives it the context of its attempt.
func (q *Queue) begin(ctx context.Context, t *taken) {
	t.ctx, t.cancel = context.WithCancelCause(ctx)
	t.again = make(chan struct{}, 1)
	q.began(t)
}

// run makes one attempt.
func (t *taken) run(ctx context.Context) {
	defer t.queue.ended(t)
	defer t.cancel(nil)
	if t.attempt > t.kind.Attempts {
		t.finish(ctx, t.exhausted())
		return
	}
	timed, cancel := context.WithTimeoutCause(t.ctx, t.kind.Timeout, fmt.Errorf("it took longer than %s", t.kind.Timeout))
	defer cancel()
	// The lease ends with the attempt's time, however long the worker goes on.
	stop := context.AfterFunc(timed, func() { t.cancel(context.Cause(timed)) })
	defer stop()
	watch := clock.Begin()
	traced, span := tracing.Start(timed, "job "+t.kind.Name)
	result := told(t.attemptOnce(traced), context.Cause(timed))
	outcome := t.outcome(result)
	span.End(outcome)
	t.queue.metrics.Job(t.kind.Name, outcome, watch.Elapsed())
	t.finish(ctx, result)
}

// told is a worker's error, or where its context was ended the cause of that, which says more.
func told(err, ended error) error {
	switch {
	case err == nil || ended == nil || errors.As(err, new(notBefore)) || errors.As(err, new(giveUp)):
		return err
	case errors.Is(ended, errStopping), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return ended
	default:
		return err
	}
}

// outcome is a result for the figures.
func (t *taken) outcome(result error) string {
	switch {
	case result == nil:
		return tracing.Ok
	case errors.As(result, new(notBefore)):
		return "later"
	case errors.Is(result, errStopping), errors.Is(result, ErrLost):
		return "lost"
	case t.dead(result):
		return "dead"
	}
	return "failed"
}

// attemptOnce calls the worker. A panic is a failure, and its stack is logged.
func (t *taken) attemptOnce(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			t.queue.log.Error("a job panicked", "kind", t.kind.Name, "job", t.id, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return t.kind.work(ctx, t)
}

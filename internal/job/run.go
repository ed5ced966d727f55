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
	for ctx.Err() == nil {
		wait := q.startDue(ctx, work, &workers)
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-q.woken:
		case <-timer.C:
		}
		timer.Stop()
	}
	done := make(chan struct{})
	go func() { workers.Wait(); close(done) }()
	q.stop(work, done)
	stopRenewing()
	renewer.Wait()
	return nil
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

// startDue starts what is due and fits in, and returns how long nothing more will be due.
func (q *Queue) startDue(ctx, work context.Context, workers *sync.WaitGroup) time.Duration {
	list, err := q.next(ctx)
	if err != nil {
		q.logUnlessStopped(ctx, err)
		return q.poll
	}
	wait := q.poll
	for _, w := range list {
		now := q.clock.Now().UnixMilli()
		if w.at > now {
			wait = min(wait, time.Duration(w.at-now)*time.Millisecond)
			continue
		}
		n := q.free(w.kind)
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
			q.begin(work, t)
			workers.Go(func() { t.run(work); q.wake() })
		}
	}
	return wait
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
		list, err := q.next(ctx)
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

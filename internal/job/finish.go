package job

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"weft/internal/clock"
	"weft/internal/store"
)

// CompleteTx completes a job in the transaction that writes its effect. Where the lease was lost it returns ErrLost, and the
// worker must return that, so that the transaction is rolled back. Call it last: jobs of the same lane wait for the
// transaction's end.
func CompleteTx[A any](ctx context.Context, tx *store.Tx, j Job[A]) error {
	j.taken.completed.Store(true)
	return j.taken.complete(ctx, tx)
}

// complete removes the job, or plans a periodic one's next run, and lets the next one of its lane go.
func (t *taken) complete(ctx context.Context, tx *store.Tx) error {
	if t.periodic() {
		return t.planNext(ctx, tx)
	}
	if t.lane != nil {
		if err := lockLane(ctx, tx, t.kind.Name, *t.lane); err != nil {
			return err
		}
	}
	var again *string
	err := tx.QueryRow(ctx, `delete from jobs where job_id = $1 and fence = $2 returning again`, t.id, t.fence).Scan(&again)
	if errors.Is(err, store.ErrNotFound) {
		return ErrLost
	}
	if err == nil && again != nil {
		_, err = t.queue.insert(ctx, tx, row{kind: t.kind.Name, args: *again, Options: Options{Lane: text(t.lane), Key: text(t.key)}})
	}
	if err != nil || t.lane == nil {
		return err
	}
	n, err := tx.Exec(ctx, `update jobs set due_at = run_at where due_at is null and job_id =
		(select job_id from jobs where kind = $1 and lane = $2 order by position limit 1)`, t.kind.Name, *t.lane)
	if n > 0 {
		tx.OnCommit(func() { t.queue.wake(t.kind.Name) })
	}
	return err
}

func (t *taken) planNext(ctx context.Context, tx *store.Tx) error {
	period := nextPeriod(t.runAt, t.kind.Every, t.queue.clock.Now().UnixMilli())
	due := period + t.queue.upTo(t.kind.Spread).Milliseconds()
	n, err := tx.Exec(ctx, `update jobs set run_at = $3, due_at = $4, attempts = 0, fence = fence + 1, started_at = null, error = null
		where job_id = $1 and fence = $2`, t.id, t.fence, period, due)
	if err == nil && n == 0 {
		err = ErrLost
	}
	return err
}

// bury completes the job and lists it as dead. A periodic job lives on in its next run.
func (t *taken) bury(ctx context.Context, tx *store.Tx, reason string) error {
	if err := t.complete(ctx, tx); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `insert into dead_jobs (job_id, kind, lane, unique_key, args, enqueued_at, died_at, attempts, error)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, t.queue.ids.Key(tx.Now), t.kind.Name, t.lane, optional(text(t.key)), t.args,
		t.enqueuedAt, t.queue.clock.Now().UnixMilli(), t.attempt, reason)
	return err
}

// giveBack has the job wait until a time. What was asked for in the meantime replaces it: it has not been done yet.
func (t *taken) giveBack(ctx context.Context, tx *store.Tx, until time.Time, counted bool, reason *string) error {
	uncounted := 1
	if counted {
		uncounted = 0
	}
	n, err := tx.Exec(ctx, `update jobs set due_at = $3, attempts = attempts - $4, error = coalesce(cast($5 as text), error), fence = fence + 1,
		started_at = null, args = coalesce(again, args), again = null where job_id = $1 and fence = $2`,
		t.id, t.fence, until.UnixMilli(), uncounted, reason)
	if err == nil && n == 0 {
		err = ErrLost
	}
	if err == nil {
		tx.OnCommit(func() { t.queue.wake(t.kind.Name) })
	}
	return err
}

// finish writes what becomes of the job after an attempt. Where that fails, the lease ends and the job runs again.
func (t *taken) finish(ctx context.Context, result error) {
	if result == nil && t.completed.Load() {
		return
	}
	log := t.queue.log.With("kind", t.kind.Name, "job", t.id, "attempt", t.attempt)
	err := t.written(ctx, result)
	switch {
	case errors.Is(err, ErrLost):
		if !t.completed.Load() || errors.Is(result, ErrLost) {
			log.Warn("a job was lost before its worker ended: its lease had run out", "error", result)
		}
	case err != nil:
		log.Error("a job's outcome could not be written; it will run again", "error", err)
	case t.dead(result):
		log.Error("a job is dead", "error", result)
	case result != nil && !errors.As(result, new(notBefore)) && !errors.Is(result, errStopping):
		log.Warn("a job failed", "error", result)
	}
}

// writeAgain is how long after a failure an outcome is written again, at first and at most.
const (
	writeAgain     = 100 * time.Millisecond
	longWriteAgain = 2 * time.Second
)

// written is write, and again for as long as a lease lasts: who waits for the job need not wait for that where the database was
// away for a shorter time. In RunDue, and once the queue stops, it does not wait.
func (t *taken) written(ctx context.Context, result error) error {
	err, watch, wait := t.write(ctx, result), clock.Begin(), writeAgain
	for err != nil && !errors.Is(err, ErrLost) && watch.Elapsed() < t.queue.lease && t.stopping != nil && !within(t.stopping, wait) {
		err, wait = t.write(ctx, result), min(2*wait, longWriteAgain)
	}
	return err
}

// settle decides by what the worker has returned.
func (t *taken) settle(ctx context.Context, tx *store.Tx, result error) error {
	now := t.queue.clock.Now()
	var later notBefore
	switch {
	case result == nil:
		return t.complete(ctx, tx)
	case errors.As(result, &later):
		if !later.until.After(now) { // it would come back at once, and again
			later.until = now.Add(time.Millisecond)
		}
		return t.giveBack(ctx, tx, later.until, false, nil)
	case errors.Is(result, errStopping):
		return t.giveBack(ctx, tx, now, false, nil)
	case t.dead(result):
		return t.bury(ctx, tx, readable(result))
	default:
		return t.giveBack(ctx, tx, now.Add(t.queue.spread(t.kind.Backoff.after(t.attempt))), true, optional(readable(result)))
	}
}

// dead reports whether a result is the end of the job.
func (t *taken) dead(result error) bool {
	if result == nil || errors.As(result, new(notBefore)) || errors.Is(result, errStopping) {
		return false
	}
	return errors.As(result, new(giveUp)) || t.attempt >= t.kind.Attempts
}

// exhausted is the reason of a job whose last attempts nobody saw the end of.
func (t *taken) exhausted() error {
	before := ""
	if t.error != nil {
		before = "; before that: " + *t.error
	}
	t.attempt = t.kind.Attempts
	return GiveUp(fmt.Errorf("its last attempt did not end: the server was killed or stood still%s", before))
}

// longestError bounds the text of an error in the database.
const longestError = 2000

// readable is an error's text as every database takes it.
func readable(err error) string {
	s := err.Error()
	if len(s) > longestError {
		s = s[:longestError] + "…"
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "?"), "\x00", "?")
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

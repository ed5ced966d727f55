package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"weft/internal/store"
)

// Spec says how jobs of a kind are done. What is zero has a default.
type Spec struct {
	// Name names the kind in the database.
	Name string
	// Timeout bounds one attempt; 1 minute by default.
	Timeout time.Duration
	// Attempts is how often a job is tried before it is dead; 10 by default. An attempt during which the server was killed
	// counts, so that a job which kills its server does not do so for ever.
	Attempts int
	// Backoff is how long a failed job waits.
	Backoff Backoff
	// Workers is how many jobs of the kind one server runs at once; 4 by default.
	Workers int
	// Every makes the kind periodic: one run in each period, with zero arguments. Missed periods are not made up for.
	Every time.Duration
	// Spread delays each periodic run by a random part of it.
	Spread time.Duration
}

func (s Spec) withDefaults() Spec {
	if s.Timeout == 0 {
		s.Timeout = time.Minute
	}
	if s.Attempts == 0 {
		s.Attempts = 10
	}
	if s.Workers == 0 {
		s.Workers = 4
	}
	s.Backoff = s.Backoff.withDefaults()
	return s
}

// Job is one attempt at a job.
type Job[A any] struct {
	ID string
	// Args are what was enqueued.
	Args A
	// Attempt is 1 for the first.
	Attempt int
	// EnqueuedAt is the time of the transaction that enqueued the job.
	EnqueuedAt time.Time

	taken *taken
}

// Held reports whether the job is still this server's, by the clock. A worker that has stood still for longer than its lease
// may do nothing more outside the database: another server does it.
func (j Job[A]) Held() bool {
	return j.taken.ctx.Err() == nil && j.taken.queue.clock.Now().UnixMilli() < j.taken.until.Load()
}

// kind is a registered kind without the type of its arguments.
type kind struct {
	Spec
	work func(context.Context, *taken) error
}

// Kind enqueues jobs of a registered kind.
type Kind[A any] struct {
	queue *Queue
	kind  *kind
}

// Register adds a kind to the queue with the worker of its jobs. Register all kinds before the queue runs.
func Register[A any](q *Queue, spec Spec, work func(context.Context, Job[A]) error) *Kind[A] {
	k := &kind{Spec: spec.withDefaults()}
	k.work = func(ctx context.Context, t *taken) error {
		job := Job[A]{ID: t.id, Attempt: t.attempt, EnqueuedAt: time.UnixMilli(t.enqueuedAt).UTC(), taken: t}
		if err := json.Unmarshal([]byte(t.args), &job.Args); err != nil {
			return GiveUp(fmt.Errorf("its arguments cannot be read: %w", err))
		}
		return work(ctx, job)
	}
	q.register(k)
	return &Kind[A]{q, k}
}

// Options are how a job is enqueued.
type Options struct {
	// At is the earliest time of the job; zero for now.
	At time.Time
	// Lane, if set, makes jobs of the kind and lane run one after another, in order.
	Lane string
	// Key, if set, makes the job unique: nothing is enqueued while one of the kind and key waits or runs.
	Key string
	// Again has the unique job run once more, with these arguments, where it is running now.
	Again bool
	// Soon, with Again, has the unique job that waits for a later time run at this one.
	Soon bool
}

// Enqueue writes a job in the caller's transaction. It reports whether it did, which a unique job's waiting twin prevents.
func (k *Kind[A]) Enqueue(ctx context.Context, tx *store.Tx, args A, o Options) (bool, error) {
	text, err := json.Marshal(args)
	if err != nil {
		return false, fmt.Errorf("job: enqueue %s: %w", k.kind.Name, err)
	}
	added, err := k.queue.insert(ctx, tx, row{kind: k.kind.Name, args: string(text), Options: o})
	if err != nil {
		return false, fmt.Errorf("job: enqueue %s: %w", k.kind.Name, err)
	}
	return added, nil
}

// Pending reports whether a job of a key waits or runs. One that was given up does neither.
func (k *Kind[A]) Pending(ctx context.Context, q store.Querier, key string) (bool, error) {
	var n int64
	err := q.QueryRow(ctx, `select count(*) from jobs where kind = $1 and unique_key = $2`, k.kind.Name, key).Scan(&n)
	return n > 0, err
}

// NotBefore is what a worker returns to have its job wait until a time. It does not count as an attempt.
func NotBefore(t time.Time) error { return notBefore{t} }

type notBefore struct{ until time.Time }

func (e notBefore) Error() string { return "not before " + e.until.Format(time.RFC3339) }

// GiveUp is what a worker returns to have its job dead at once.
func GiveUp(err error) error { return giveUp{err} }

type giveUp struct{ error }

func (e giveUp) Unwrap() error { return e.error }

// ErrLost says that another server has taken the job since, or that it was given back.
var ErrLost = errors.New("job: the lease was lost")

// row is a job to be written.
type row struct {
	kind, args string
	Options
}

const insertJob = `insert into jobs (job_id, kind, lane, position, unique_key, args, enqueued_at, run_at, due_at, attempts, fence)
	values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0) on conflict (kind, unique_key) do `

func (q *Queue) insert(ctx context.Context, tx *store.Tx, r row) (bool, error) {
	runAt := max(tx.Now.UnixMilli(), r.At.UnixMilli())
	due := &runAt
	var position *int64
	if r.Lane != "" {
		last, err := lastOfLane(ctx, tx, r.kind, r.Lane)
		if err != nil {
			return false, err
		}
		if last > 0 {
			due = nil
		}
		last++
		position = &last
	}
	conflict := "nothing"
	switch {
	case r.Soon && r.Again:
		conflict = `update set again = case when jobs.started_at is null then jobs.again else excluded.args end,
			due_at = case when jobs.started_at is null and jobs.due_at > excluded.due_at then excluded.due_at else jobs.due_at end`
	case r.Again:
		conflict = "update set again = excluded.args where jobs.started_at is not null"
	}
	var started *int64
	err := tx.QueryRow(ctx, insertJob+conflict+" returning started_at", q.ids.Key(tx.Now), r.kind, optional(r.Lane), position, optional(r.Key), r.args,
		tx.Now.UnixMilli(), runAt, due).Scan(&started)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return false, nil
	case err != nil:
		return false, err
	case started != nil:
		tx.OnCommit(func() { q.askAgain(unique{r.kind, r.Key}) })
	default:
		tx.OnCommit(func() { q.wake(r.kind) })
	}
	return true, nil
}

// lastOfLane locks a lane, so that nobody else puts a job behind the last one or takes that away, and returns the last
// one's position: 0 where the lane is empty.
func lastOfLane(ctx context.Context, tx *store.Tx, kind, lane string) (last int64, err error) {
	if err := lockLane(ctx, tx, kind, lane); err != nil {
		return 0, err
	}
	err = tx.QueryRow(ctx, `select coalesce(max(position), 0) from jobs where kind = $1 and lane = $2`, kind, lane).Scan(&last)
	return last, err
}

func lockLane(ctx context.Context, tx *store.Tx, kind, lane string) error {
	return tx.Lock(ctx, fmt.Sprintf("job lane %q %q", kind, lane))
}

// optional is null for an empty text.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

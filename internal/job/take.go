package job

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"weft/internal/store"
)

// taken is a job that this server has the lease of, or had.
type taken struct {
	queue      *Queue
	kind       *kind
	id         string
	fence      int64
	attempt    int
	args       string
	lane, key  *string
	enqueuedAt int64
	runAt      int64
	error      *string // of the attempt before

	ctx       context.Context
	cancel    context.CancelCauseFunc
	until     atomic.Int64 // when the lease ends
	completed atomic.Bool  // CompleteTx was called

	again    chan struct{}   // has a signal where the job was asked for again since it began
	stopping <-chan struct{} // is closed when the queue stops; nil in RunDue
}

// periodic reports whether this is the one row of a periodic kind.
func (t *taken) periodic() bool { return t.key != nil && *t.key == "" }

// waiting is a kind and when its next job is due.
type waiting struct {
	kind *kind
	at   int64
}

// next are those of some kinds that have jobs, the one whose job is due first in front.
func (q *Queue) next(ctx context.Context, names []string) ([]waiting, error) {
	if len(names) == 0 {
		return nil, nil
	}
	parts, args := make([]string, len(names)), make([]any, len(names))
	for i, name := range names {
		parts[i] = fmt.Sprintf("select cast($%d as text), min(due_at) from jobs where kind = $%d and due_at > 0", i+1, i+1)
		args[i] = name
	}
	rows, err := q.db.Query(ctx, strings.Join(parts, " union all "), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []waiting
	for rows.Next() {
		var name string
		var at *int64
		if err := rows.Scan(&name, &at); err != nil {
			return nil, err
		}
		if at != nil {
			list = append(list, waiting{q.kinds[name], *at})
		}
	}
	slices.SortStableFunc(list, func(a, b waiting) int { return cmp.Compare(a.at, b.at) })
	return list, rows.Err()
}

// takeJobs chooses before it changes: PostgreSQL may evaluate a subquery with a limit more than once. SQLite prepares a statement
// anew each time where the limit is a mere parameter.
const (
	takeJobs = `with chosen as materialized (select job_id from jobs where kind = $1 and due_at <= $2 order by due_at, job_id limit $3 + 0`
	markThem = `) update jobs set attempts = attempts + 1, fence = fence + 1, started_at = $2, due_at = $4
		where job_id in (select job_id from chosen)
		returning job_id, fence, attempts, args, lane, unique_key, enqueued_at, run_at, error`
)

// take leases up to n due jobs of a kind.
func (q *Queue) take(ctx context.Context, k *kind, n int) ([]*taken, error) {
	var list []*taken
	err := q.db.Write(ctx, func(tx *store.Tx) error {
		list = nil
		now := q.clock.Now()
		until := now.Add(q.lease).UnixMilli()
		rows, err := tx.Query(ctx, takeJobs+tx.SkipLocked()+markThem, k.Name, now.UnixMilli(), n, until)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			t := &taken{queue: q, kind: k}
			if err := rows.Scan(&t.id, &t.fence, &t.attempt, &t.args, &t.lane, &t.key, &t.enqueuedAt, &t.runAt, &t.error); err != nil {
				return err
			}
			t.until.Store(until)
			list = append(list, t)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("job: take %s: %w", k.Name, err)
	}
	return list, nil
}

// extend renews the leases of the jobs that run here. A job that has had its time is not renewed: a worker that ignores the
// end of its context holds its job no longer than that. A job that was lost has its context ended.
func (q *Queue) extend(ctx context.Context) error {
	list := slices.DeleteFunc(q.atWork(), func(t *taken) bool { return t.ctx.Err() != nil })
	if len(list) == 0 {
		return nil
	}
	until := q.clock.Now().Add(q.lease).UnixMilli()
	var lost, kept []*taken
	err := q.db.Write(ctx, func(tx *store.Tx) error {
		lost, kept = nil, nil
		for _, t := range list {
			n, err := tx.Exec(ctx, `update jobs set due_at = $3 where job_id = $1 and fence = $2`, t.id, t.fence, until)
			if err != nil {
				return err
			}
			if n == 0 {
				lost = append(lost, t)
			} else {
				kept = append(kept, t)
			}
		}
		return nil
	})
	for _, t := range lost {
		t.cancel(ErrLost)
	}
	if err == nil {
		for _, t := range kept {
			t.until.Store(until)
		}
	}
	return err
}

// recover makes due what a killed server has left running. Its leases end within one from now: what is due later was not begun,
// or else the clock was set back, and is not looked at, however much waits.
func (q *Queue) recover(ctx context.Context) error {
	return q.db.Write(ctx, func(tx *store.Tx) error {
		for _, name := range q.names() {
			now := q.clock.Now()
			_, err := tx.Exec(ctx, `update jobs set due_at = $1 where kind = $2 and due_at > $1 and due_at <= $3 and started_at is not null`,
				now.UnixMilli(), name, now.Add(q.lease).UnixMilli())
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// ensurePeriodic writes the rows of periodic kinds where they are missing, and brings forward a run that an earlier program
// with a longer period has planned.
func (q *Queue) ensurePeriodic(ctx context.Context) error {
	var periodic []*kind
	for _, name := range q.names() {
		if k := q.kinds[name]; k.Every > 0 {
			periodic = append(periodic, k)
		}
	}
	if len(periodic) == 0 {
		return nil
	}
	return q.db.Write(ctx, func(tx *store.Tx) error {
		for _, k := range periodic {
			now := q.clock.Now()
			due := now.Add(q.upTo(k.Spread)).UnixMilli()
			_, err := tx.Exec(ctx, insertJob+`update set run_at = excluded.run_at, due_at = excluded.due_at
				where jobs.started_at is null and jobs.attempts = 0 and jobs.due_at > $10`,
				q.ids.Key(now), k.Name, nil, nil, "", "null", now.UnixMilli(), now.UnixMilli(), due, now.Add(k.Every+k.Spread).UnixMilli())
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// nextPeriod is the beginning of the first period that has not begun, counted from one that has.
func nextPeriod(begun int64, every time.Duration, now int64) int64 {
	step := max(every.Milliseconds(), 1)
	return begun + ((now-begun)/step+1)*step
}

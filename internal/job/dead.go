package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"weft/internal/store"
)

// Dead is a job that was given up.
type Dead struct {
	ID         string
	Kind       string
	Lane       string
	Key        string
	Args       json.RawMessage
	Attempts   int
	Error      string
	EnqueuedAt time.Time
	DiedAt     time.Time
}

const deadColumns = `select job_id, kind, lane, unique_key, args, enqueued_at, died_at, attempts, error from dead_jobs `

// DeadJobs lists dead jobs of a kind, or of all where it is empty, the last to die first. After the first page, before is
// the last one of the page before.
func (q *Queue) DeadJobs(ctx context.Context, kind string, before *Dead, limit int) ([]Dead, error) {
	const newest = int64(1) << 62
	at, id := newest, ""
	if before != nil {
		at, id = before.DiedAt.UnixMilli(), before.ID
	}
	const order = `(died_at, job_id) < ($1, $2) order by died_at desc, job_id desc limit $3`
	query, args := deadColumns+`where `+order, []any{at, id, limit}
	if kind != "" {
		query, args = deadColumns+`where kind = $4 and `+order, append(args, kind)
	}
	rows, err := q.db.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("job: list dead jobs: %w", err)
	}
	return scanDead(rows)
}

func scanDead(rows store.Rows) ([]Dead, error) {
	defer rows.Close()
	var list []Dead
	for rows.Next() {
		var d Dead
		var lane, key *string
		var args string
		var enqueued, died int64
		if err := rows.Scan(&d.ID, &d.Kind, &lane, &key, &args, &enqueued, &died, &d.Attempts, &d.Error); err != nil {
			return nil, err
		}
		d.Lane, d.Key, d.Args = text(lane), text(key), json.RawMessage(args)
		d.EnqueuedAt, d.DiedAt = time.UnixMilli(enqueued).UTC(), time.UnixMilli(died).UTC()
		list = append(list, d)
	}
	return list, rows.Err()
}

// DeadJob is a dead job. It returns store.ErrNotFound for one that is not dead.
func (q *Queue) DeadJob(ctx context.Context, id string) (Dead, error) { return findDead(ctx, q.db, id) }

func findDead(ctx context.Context, from store.Querier, id string) (Dead, error) {
	rows, err := from.Query(ctx, deadColumns+`where job_id = $1`, id)
	if err != nil {
		return Dead{}, fmt.Errorf("job: find a dead job: %w", err)
	}
	list, err := scanDead(rows)
	if err == nil && len(list) == 0 {
		err = store.ErrNotFound
	}
	if err != nil {
		return Dead{}, err
	}
	return list[0], nil
}

// Retry enqueues a dead job anew, at the end of its lane. It returns store.ErrNotFound for one that is not dead, and
// store.ErrConflict where one with its unique key waits or runs: then the dead one stays.
func (q *Queue) Retry(ctx context.Context, id string) error {
	err := q.db.Write(ctx, func(tx *store.Tx) error {
		d, err := findDead(ctx, tx, id)
		if err != nil {
			return err
		}
		return q.retry(ctx, tx, d)
	})
	if err != nil {
		return fmt.Errorf("job: retry: %w", err)
	}
	return nil
}

func (q *Queue) retry(ctx context.Context, tx *store.Tx, d Dead) error {
	// First away, then anew: of two who retry it at once, one finds nothing.
	if err := deleteDead(ctx, tx, d.ID); err != nil {
		return err
	}
	added, err := q.insert(ctx, tx, row{kind: d.Kind, args: string(d.Args), Options: Options{Lane: d.Lane, Key: d.Key}})
	if err == nil && !added {
		err = store.ErrConflict
	}
	return err
}

// retryBatch is how many dead jobs are read at once.
const retryBatch = 100

// RetryKind retries all jobs of a kind that are dead now, the first to die first, and returns how many. Those whose unique
// key is in use stay dead.
func (q *Queue) RetryKind(ctx context.Context, kind string) (int, error) {
	count := 0
	at, id, now := int64(0), "", q.clock.Now().UnixMilli()
	for {
		rows, err := q.db.Query(ctx, deadColumns+`where kind = $1 and (died_at, job_id) > ($2, $3) and died_at <= $4
			order by died_at, job_id limit $5`, kind, at, id, now, retryBatch)
		if err != nil {
			return count, fmt.Errorf("job: retry %s: %w", kind, err)
		}
		page, err := scanDead(rows)
		if err != nil || len(page) == 0 {
			return count, err
		}
		for _, d := range page {
			err := q.Retry(ctx, d.ID)
			if err != nil && !errors.Is(err, store.ErrConflict) && !errors.Is(err, store.ErrNotFound) {
				return count, err
			}
			if err == nil {
				count++
			}
			at, id = d.DiedAt.UnixMilli(), d.ID
		}
	}
}

// Discard forgets a dead job.
func (q *Queue) Discard(ctx context.Context, id string) error {
	err := q.db.Write(ctx, func(tx *store.Tx) error { return deleteDead(ctx, tx, id) })
	if err != nil {
		return fmt.Errorf("job: discard: %w", err)
	}
	return nil
}

func deleteDead(ctx context.Context, tx *store.Tx, id string) error {
	n, err := tx.Exec(ctx, `delete from dead_jobs where job_id = $1`, id)
	if err == nil && n == 0 {
		err = store.ErrNotFound
	}
	return err
}

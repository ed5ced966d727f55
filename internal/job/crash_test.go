package job_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"weft/internal/clock"
	"weft/internal/ident"
	"weft/internal/job"
	"weft/internal/needs"
	"weft/internal/store"
	"weft/internal/store/crashtest"
)

// points are statements before which a server kills itself: in the enqueuer's transaction, at taking, at giving back, in the
// effect's transaction before and after the effect, at commits.
var points = []string{
	"insert into jobs", "insert into asked", "with chosen", "attempts = attempts -", "insert into effects", "delete from jobs",
	"due_at = run_at", "update last_statement", store.Committing, store.Committed,
}

// effects is a queue whose jobs write a row each. Every fifth job fails at first.
func effects(s crashtest.Server, db *store.DB, k clock.Clock) (*job.Queue, *job.Kind[int]) {
	q := job.New(job.Config{
		DB: db, Clock: k, IDs: ident.System(), Random: rand.Int64N, Log: slog.New(slog.DiscardHandler),
		Sole: s.Sole(), Lease: 300 * time.Millisecond, Poll: 50 * time.Millisecond,
	})
	spec := job.Spec{Name: "effect", Attempts: 10_000, Backoff: job.Backoff{First: time.Millisecond, Limit: time.Millisecond}}
	return q, job.Register(q, spec, func(ctx context.Context, j job.Job[int]) error {
		if j.Args%5 == 0 && j.Attempt == 1 {
			return errBroken
		}
		return db.Write(ctx, func(tx *store.Tx) error { return effect(ctx, tx, j) })
	})
}

// effectTables are what effects are written in.
var effectTables = []string{
	`create table effects (n bigint not null, lane text not null)`, `create index effects_lane on effects (lane, n)`,
	`create table last_statement (n bigint)`, `insert into last_statement (n) values (0)`,
}

// effect writes the job's row. A row that overtakes another of its lane, or that is there, makes the job dead.
func effect(ctx context.Context, tx *store.Tx, j job.Job[int]) error {
	var later int
	if err := tx.QueryRow(ctx, `select count(*) from effects where lane = $1 and n >= $2`, lane(j.Args), j.Args).Scan(&later); err != nil {
		return err
	}
	if later > 0 && lane(j.Args) != "" {
		return job.GiveUp(fmt.Errorf("%d jobs of lane %s have overtaken %d", later, lane(j.Args), j.Args))
	}
	if _, err := tx.Exec(ctx, `insert into effects (n, lane) values ($1, $2)`, j.Args, lane(j.Args)); err != nil {
		return err
	}
	if err := job.CompleteTx(ctx, tx, j); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `update last_statement set n = n + 1`)
	return err
}

// lane has a third of the jobs in no lane.
func lane(n int) string { return []string{"", "a", "b"}[n%3] }

// serve runs jobs and enqueues more.
func serve(ctx context.Context, s crashtest.Server, db *store.DB) (crashtest.Write, error) {
	q, k := effects(s, db, clock.System{})
	go func() { panic(q.Run(ctx)) }() // it ends by failing
	return func(ctx context.Context, tx *store.Tx, n int) error {
		_, err := k.Enqueue(ctx, tx, n, job.Options{Lane: lane(n)})
		return err
	}, nil
}

// However often and wherever servers are killed: each job that was enqueued has its effect exactly once, in its lane's order.
func TestJobsSurviveKilledServers(t *testing.T) {
	crashtest.Test{
		Points: points, Tables: effectTables,
		SQLite: needs.Cycles(40, 200), Postgres: needs.Cycles(20, 20),
		Check: func(t *testing.T, s crashtest.Server, db *store.DB, k *clock.Manual, asked []int) {
			q, _ := effects(s, db, k)
			crashtest.Finish(t, k, q.RunDue)
			if effects := crashtest.Numbers(t, db, `select n from effects`); !slices.Equal(asked, effects) {
				t.Errorf("%d jobs were enqueued, %d effects are there", len(asked), len(effects))
			}
			dead, err := q.DeadJobs(t.Context(), "", nil, 10)
			if left := crashtest.Numbers(t, db, `select attempts from jobs`); err != nil || len(dead) > 0 || len(left) > 0 {
				t.Errorf("dead %+v, %v; left %v", dead, err, left)
			}
			t.Logf("%d jobs, each done once", len(asked))
		},
	}.Run(t)
}

package job_test

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"weft/internal/clock"
	"weft/internal/job"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

func benchmarkEach(b *testing.B, run func(b *testing.B, db *store.DB)) {
	b.Run("sqlite", func(b *testing.B) { run(b, storetest.SQLite(b, clock.System{})) })
	b.Run("postgres", func(b *testing.B) { run(b, storetest.Postgres(b, clock.System{})) })
}

func benchmarkQueue(b *testing.B, db *store.DB, work func(context.Context, job.Job[int]) error) (*job.Queue, *job.Kind[int]) {
	cfg := newConfig(db, clock.System{}, slog.DiscardHandler)
	q := job.New(cfg)
	return q, job.Register(q, job.Spec{Name: "n", Workers: 16}, work)
}

func enqueueAll(b *testing.B, db *store.DB, k *job.Kind[int], n, batch int, o job.Options) {
	b.Helper()
	for i := 0; i < n; i += batch {
		err := db.Write(b.Context(), func(tx *store.Tx) error {
			for j := i; j < min(i+batch, n); j++ {
				if _, err := k.Enqueue(b.Context(), tx, j, o); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEnqueue(b *testing.B) {
	benchmarkEach(b, func(b *testing.B, db *store.DB) {
		_, k := benchmarkQueue(b, db, nil)
		enqueueAll(b, db, k, b.N, 1, job.Options{})
	})
}

func BenchmarkEnqueueHundred(b *testing.B) {
	benchmarkEach(b, func(b *testing.B, db *store.DB) {
		_, k := benchmarkQueue(b, db, nil)
		enqueueAll(b, db, k, b.N, 100, job.Options{})
	})
}

func BenchmarkEnqueueInLane(b *testing.B) {
	benchmarkEach(b, func(b *testing.B, db *store.DB) {
		_, k := benchmarkQueue(b, db, nil)
		enqueueAll(b, db, k, b.N, 1, job.Options{Lane: "a"})
	})
}

// drain runs b.N jobs that wait already.
func drain(b *testing.B, db *store.DB, o job.Options) {
	var done atomic.Int64
	all := make(chan struct{})
	q, k := benchmarkQueue(b, db, func(context.Context, job.Job[int]) error {
		if done.Add(1) == int64(b.N) {
			close(all)
		}
		return nil
	})
	enqueueAll(b, db, k, b.N, 1000, o)
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error)
	b.ResetTimer()
	go func() { ended <- q.Run(ctx) }()
	<-all
	b.StopTimer()
	cancel()
	if err := <-ended; err != nil {
		b.Fatal(err)
	}
}

func BenchmarkDrain(b *testing.B) {
	benchmarkEach(b, func(b *testing.B, db *store.DB) { drain(b, db, job.Options{}) })
}

func BenchmarkDrainLane(b *testing.B) {
	benchmarkEach(b, func(b *testing.B, db *store.DB) { drain(b, db, job.Options{Lane: "a"}) })
}

// Four producers enqueue while workers complete each job in a transaction with a row of its own.
func BenchmarkSteady(b *testing.B) {
	benchmarkEach(b, func(b *testing.B, db *store.DB) {
		if err := db.Write(b.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(b.Context(), `create table effects (n bigint)`)
			return err
		}); err != nil {
			b.Fatal(err)
		}
		var done atomic.Int64
		all := make(chan struct{})
		q, k := benchmarkQueue(b, db, func(ctx context.Context, j job.Job[int]) error {
			err := db.Write(ctx, func(tx *store.Tx) error {
				if _, err := tx.Exec(ctx, `insert into effects (n) values ($1)`, j.Args); err != nil {
					return err
				}
				return job.CompleteTx(ctx, tx, j)
			})
			if err == nil && done.Add(1) == int64(b.N/4*4) {
				close(all)
			}
			return err
		})
		ctx, cancel := context.WithCancel(b.Context())
		ended := make(chan error)
		go func() { ended <- q.Run(ctx) }()
		b.ResetTimer()
		var producers sync.WaitGroup
		for range 4 {
			producers.Go(func() { enqueueAll(b, db, k, b.N/4, 1, job.Options{}) })
		}
		producers.Wait()
		if b.N >= 4 {
			<-all
		}
		b.StopTimer()
		cancel()
		if err := <-ended; err != nil {
			b.Fatal(err)
		}
	})
}

// From the commit to the worker, of one job at a time.
func BenchmarkWake(b *testing.B) {
	benchmarkEach(b, func(b *testing.B, db *store.DB) {
		ran := make(chan struct{})
		q, k := benchmarkQueue(b, db, func(context.Context, job.Job[int]) error { ran <- struct{}{}; return nil })
		ctx, cancel := context.WithCancel(b.Context())
		ended := make(chan error)
		go func() { ended <- q.Run(ctx) }()
		var waited time.Duration
		for b.Loop() {
			enqueueAll(b, db, k, 1, 1, job.Options{})
			committed := time.Now()
			<-ran
			waited += time.Since(committed)
		}
		b.ReportMetric(float64(waited.Microseconds())/float64(b.N), "µs/wake")
		cancel()
		if err := <-ended; err != nil {
			b.Fatal(err)
		}
	})
}

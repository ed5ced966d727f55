package job_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"weft/internal/job"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

func TestEnqueueIsPartOfTheTransaction(t *testing.T) {
	each(t, func(b *bench) {
		q, did := b.queue(), &record{}
		k := job.Register(q, job.Spec{Name: "n"}, did.work)
		err := b.db.Write(b.Context(), func(tx *store.Tx) error {
			if _, err := k.Enqueue(b.Context(), tx, 1, job.Options{}); err != nil {
				return err
			}
			return errBroken
		})
		if !errors.Is(err, errBroken) {
			b.Fatal(err)
		}
		b.runDue(q, 0)
		for i := range 3 {
			enqueue(b, k, i, job.Options{})
			b.clock.Advance(time.Millisecond)
		}
		enqueue(b, k, 9, job.Options{At: b.clock.Now().Add(time.Hour)})
		b.runDue(q, 3)
		b.clock.Advance(time.Hour)
		b.runDue(q, 1)
		b.runDue(q, 0)
		if fmt.Sprint(did.args, did.attempts) != "[0 1 2 9] [1 1 1 1]" || b.rows("jobs") != 0 {
			b.Errorf("did %v, attempts %v; %d rows are left", did.args, did.attempts, b.rows("jobs"))
		}
	})
}

func TestRetriesWaitLongerAndLongerThenTheJobIsDead(t *testing.T) {
	each(t, func(b *bench) {
		q, did := b.queue(), &record{result: func(job.Job[int]) error { return errBroken }}
		k := job.Register(q, job.Spec{Name: "n", Attempts: 5, Backoff: job.Backoff{First: 30 * time.Second, Factor: 4, Limit: 10 * time.Minute}}, did.work)
		enqueue(b, k, 7, job.Options{})
		b.runDue(q, 1)
		// The bench's chance is in the middle, so that no time is spread.
		for _, wait := range []time.Duration{30 * time.Second, 2 * time.Minute, 8 * time.Minute, 10 * time.Minute} {
			b.clock.Advance(wait - time.Millisecond)
			b.runDue(q, 0)
			b.clock.Advance(time.Millisecond)
			b.runDue(q, 1)
		}
		b.clock.Advance(24 * time.Hour)
		b.runDue(q, 0)
		dead := b.dead(q)
		if len(dead) != 1 || b.rows("jobs") != 0 || fmt.Sprint(did.attempts) != "[1 2 3 4 5]" {
			b.Fatalf("dead %v, %d rows, attempts %v", dead, b.rows("jobs"), did.attempts)
		}
		died := b.clock.Now().Add(-24 * time.Hour)
		if d := dead[0]; d.Kind != "n" || string(d.Args) != "7" || d.Attempts != 5 || d.Error != "broken" || !d.DiedAt.Equal(died) ||
			!d.EnqueuedAt.Equal(died.Add(-20*time.Minute-30*time.Second)) {
			b.Errorf("%+v", d)
		}
	})
}

func TestWaitsAreSpread(t *testing.T) {
	for _, c := range []struct {
		random func(n int64) int64
		wait   time.Duration
	}{{func(int64) int64 { return 0 }, 8 * time.Second}, {func(n int64) int64 { return n - 1 }, 12 * time.Second}} {
		b := newBench(t, "sqlite")
		cfg := b.config()
		cfg.Random = c.random
		q, did := job.New(cfg), &record{result: func(job.Job[int]) error { return errBroken }}
		enqueue(b, job.Register(q, job.Spec{Name: "n", Backoff: job.Backoff{First: 10 * time.Second}}, did.work), 1, job.Options{})
		b.runDue(q, 1)
		b.clock.Advance(c.wait - time.Millisecond)
		b.runDue(q, 0)
		b.clock.Advance(time.Millisecond)
		b.runDue(q, 1)
	}
}

func TestNotBeforeIsNoAttempt(t *testing.T) {
	each(t, func(b *bench) {
		q, did := b.queue(), &record{}
		did.result = func(job.Job[int]) error {
			if len(did.args) < 4 {
				return fmt.Errorf("wrapped: %w", job.NotBefore(b.clock.Now().Add(time.Hour)))
			}
			return nil
		}
		enqueue(b, job.Register(q, job.Spec{Name: "n", Attempts: 1}, did.work), 1, job.Options{})
		for range 4 {
			b.runDue(q, 1)
			b.clock.Advance(time.Hour - time.Millisecond)
			b.runDue(q, 0)
			b.clock.Advance(time.Millisecond)
		}
		if fmt.Sprint(did.attempts) != "[1 1 1 1]" || b.rows("jobs") != 0 || len(b.dead(q)) != 0 {
			b.Errorf("attempts %v; %d rows are left", did.attempts, b.rows("jobs"))
		}
	})
}

func TestGivenUpJobsAreListedRetriedAndDiscarded(t *testing.T) {
	each(t, func(b *bench) {
		q, did := b.queue(), &record{result: func(j job.Job[int]) error { return job.GiveUp(fmt.Errorf("no use: %d", j.Args)) }}
		k := job.Register(q, job.Spec{Name: "n"}, did.work)
		for i := range 5 {
			enqueue(b, k, i, job.Options{Key: fmt.Sprint("key ", i)})
			b.runDue(q, 1)
			b.clock.Advance(time.Second)
		}
		dead := b.dead(q)
		if len(dead) != 5 || dead[0].Error != "no use: 4" || dead[0].Key != "key 4" || dead[0].Attempts != 1 {
			b.Fatalf("%+v", dead)
		}
		second, err := q.DeadJobs(b.Context(), "n", &dead[1], 2)
		if err != nil || len(second) != 2 || second[0].ID != dead[2].ID {
			b.Errorf("second page %+v, %v", second, err)
		}
		if none, err := q.DeadJobs(b.Context(), "other", nil, 10); err != nil || len(none) != 0 {
			b.Errorf("of another kind %+v, %v", none, err)
		}
		if err := q.Discard(b.Context(), dead[4].ID); err != nil {
			b.Error(err)
		}
		if err := q.Discard(b.Context(), dead[4].ID); !errors.Is(err, store.ErrNotFound) {
			b.Errorf("discarded twice: %v", err)
		}
		did.result = nil
		if err := q.Retry(b.Context(), dead[3].ID); err != nil {
			b.Error(err)
		}
		if err := q.Retry(b.Context(), dead[3].ID); !errors.Is(err, store.ErrNotFound) {
			b.Errorf("retried twice: %v", err)
		}
		enqueue(b, k, 99, job.Options{Key: "key 2", At: b.clock.Now().Add(time.Hour)})
		if err := q.Retry(b.Context(), dead[2].ID); !errors.Is(err, store.ErrConflict) {
			b.Errorf("retried beside its twin: %v", err)
		}
		if n, err := q.RetryKind(b.Context(), "n"); err != nil || n != 2 {
			b.Errorf("retried %d, %v", n, err)
		}
		did.args = nil
		b.runDue(q, 3)
		slices.Sort(did.args)
		if left := b.dead(q); fmt.Sprint(did.args) != "[1 3 4]" || len(left) != 1 || left[0].ID != dead[2].ID {
			b.Errorf("did %v; %+v is left", did.args, left)
		}
	})
}

func TestUniqueKeys(t *testing.T) {
	each(t, func(b *bench) {
		q, other, did := b.queue(), b.queue(), &record{}
		var k *job.Kind[int]
		k = job.Register(q, job.Spec{Name: "n"}, func(ctx context.Context, j job.Job[int]) error {
			if j.Args == 1 { // while this one runs
				if enqueue(b, k, 3, job.Options{Key: "a"}) {
					b.Error("a second job was enqueued while the first one ran")
				}
				b.runDue(other, 0)
				for _, n := range []int{4, 5} {
					if !enqueue(b, k, n, job.Options{Key: "a", Again: true}) {
						b.Error("the running job will not run again")
					}
				}
			}
			return did.work(ctx, j)
		})
		job.Register(other, job.Spec{Name: "n"}, did.work)
		first, twin, twinAgain := enqueue(b, k, 1, job.Options{Key: "a"}), enqueue(b, k, 2, job.Options{Key: "a"}), enqueue(b, k, 2, job.Options{Key: "a", Again: true})
		if !first || twin || twinAgain {
			b.Errorf("enqueued: first %v, twin %v, twin again %v", first, twin, twinAgain)
		}
		enqueue(b, k, 6, job.Options{Key: "b", At: b.clock.Now().Add(time.Second)})
		b.runDue(q, 2)
		b.clock.Advance(time.Second)
		b.runDue(q, 1)
		if fmt.Sprint(did.args) != "[1 5 6]" || !enqueue(b, k, 7, job.Options{Key: "a"}) {
			b.Errorf("did %v", did.args)
		}
	})
}

// What was asked for while the job ran and failed replaces what failed.
func TestFailedUniqueJobTakesTheNewerArguments(t *testing.T) {
	each(t, func(b *bench) {
		q, did := b.queue(), &record{}
		var k *job.Kind[int]
		k = job.Register(q, job.Spec{Name: "n", Attempts: 2}, func(ctx context.Context, j job.Job[int]) error {
			if len(did.args) < 2 {
				enqueue(b, k, 10*j.Args, job.Options{Key: "a", Again: true})
				return errors.Join(did.work(ctx, j), errBroken)
			}
			return did.work(ctx, j)
		})
		enqueue(b, k, 1, job.Options{Key: "a"})
		b.runDue(q, 1)
		b.clock.Advance(time.Hour)
		b.runDue(q, 2) // the second attempt buries it, and what was asked for in the meantime runs
		if dead := b.dead(q); fmt.Sprint(did.args, did.attempts) != "[1 10 100] [1 2 1]" || len(dead) != 1 || string(dead[0].Args) != "10" {
			b.Errorf("did %v, attempts %v, dead %+v", did.args, did.attempts, dead)
		}
	})
}

func TestLaneWaitsForItsHead(t *testing.T) {
	each(t, func(b *bench) {
		q, did := b.queue(), &record{}
		did.result = func(j job.Job[int]) error {
			if j.Args == 10 && j.Attempt < 3 || j.Args == 20 {
				return errBroken
			}
			return nil
		}
		k := job.Register(q, job.Spec{Name: "n", Attempts: 3, Backoff: job.Backoff{First: time.Minute, Factor: 1}}, did.work)
		b.write(func(tx *store.Tx) error { // two lanes of three jobs, enqueued at one time
			for i := range 3 {
				for _, lane := range []int{10, 20} {
					if _, err := k.Enqueue(b.Context(), tx, lane+i, job.Options{Lane: fmt.Sprint(lane)}); err != nil {
						return err
					}
				}
			}
			return nil
		})
		enqueue(b, k, 30, job.Options{Lane: "30"})
		b.runDue(q, 3) // each lane's head; two fail
		b.clock.Advance(time.Minute)
		b.runDue(q, 2)
		b.clock.Advance(time.Minute)
		b.runDue(q, 6) // 10 has its third attempt, 20 dies, and their lanes go on
		lanes := map[int][]int{}
		for _, n := range did.args {
			lanes[n/10] = append(lanes[n/10], n)
		}
		if fmt.Sprint(lanes) != "map[1:[10 10 10 11 12] 2:[20 20 20 21 22] 3:[30]]" || b.rows("jobs") != 0 || len(b.dead(q)) != 1 {
			b.Errorf("did %v", lanes)
		}
	})
}

func TestPeriodicJobsRunOnceInEachPeriod(t *testing.T) {
	each(t, func(b *bench) {
		var ran []time.Duration
		fail := false
		var queues []*job.Queue
		for range 2 {
			q := b.queue()
			job.Register(q, job.Spec{Name: "p", Every: time.Hour, Spread: 10 * time.Minute, Attempts: 2, Backoff: job.Backoff{First: time.Minute}},
				func(context.Context, job.Job[struct{}]) error {
					ran = append(ran, b.clock.Now().Sub(storetest.Start))
					if fail {
						return errBroken
					}
					return nil
				})
			queues = append(queues, q)
		}
		for range 5 * 60 { // five hours, minute by minute
			for _, q := range queues {
				if _, err := q.RunDue(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
			b.clock.Advance(time.Minute)
		}
		m := time.Minute
		if want := []time.Duration{5 * m, 65 * m, 125 * m, 185 * m, 245 * m}; !slices.Equal(ran, want) {
			b.Errorf("ran at %v, want %v", ran, want)
		}
		// Missed periods are not made up for, and what fails for good runs in the next period.
		b.clock.Advance(10*time.Hour + 10*m)
		fail, ran = true, nil
		b.runDue(queues[0], 1)
		b.clock.Advance(m)
		b.runDue(queues[1], 1)
		fail = false
		b.clock.Advance(time.Hour)
		b.runDue(queues[1], 1)
		b.runDue(queues[0], 0)
		if dead := b.dead(queues[0]); len(dead) != 1 || b.rows("jobs") != 1 {
			b.Errorf("dead %+v, %d rows", dead, b.rows("jobs"))
		}
		if n, err := queues[0].RetryKind(b.Context(), "p"); n != 1 || err != nil { // a run of its own
			b.Errorf("retried %d, %v", n, err)
		}
		b.runDue(queues[0], 1)
		if b.rows("jobs") != 1 {
			b.Errorf("%d rows", b.rows("jobs"))
		}
	})
}

func TestShorterPeriodTakesEffect(t *testing.T) {
	b := newBench(t, "sqlite")
	old, q, did := b.queue(), b.queue(), 0
	count := func(context.Context, job.Job[int]) error { did++; return nil }
	job.Register(old, job.Spec{Name: "p", Every: 24 * time.Hour}, count)
	job.Register(q, job.Spec{Name: "p", Every: time.Hour}, count)
	b.runDue(old, 1)
	b.runDue(q, 1)
	b.clock.Advance(time.Hour)
	b.runDue(old, 1)
}

// A server that stands still past its lease finds on waking that another one has done the job: what it did is undone.
func TestLateWakerIsFenced(t *testing.T) {
	each(t, func(b *bench) {
		b.exec(`create table effects (server text)`)
		effect := func(ctx context.Context, j job.Job[int], server string) error {
			return b.db.Write(ctx, func(tx *store.Tx) error {
				if _, err := tx.Exec(ctx, `insert into effects (server) values ($1)`, server); err != nil {
					return err
				}
				return job.CompleteTx(ctx, tx, j)
			})
		}
		sleeper, other := b.queue(), b.queue()
		for _, lane := range []string{"", "lane"} {
			var late error
			name := "n" + lane
			k := job.Register(sleeper, job.Spec{Name: name}, func(ctx context.Context, j job.Job[int]) error {
				b.clock.Advance(29 * time.Second)
				b.runDue(other, 0)
				b.clock.Advance(time.Second)
				b.runDue(other, 1)
				late = effect(ctx, j, "sleeper")
				return late
			})
			job.Register(other, job.Spec{Name: name}, func(ctx context.Context, j job.Job[int]) error {
				if j.Attempt != 2 {
					b.Errorf("attempt %d", j.Attempt)
				}
				return effect(ctx, j, "other")
			})
			enqueue(b, k, 1, job.Options{Lane: lane})
			b.runDue(sleeper, 1)
			if !errors.Is(late, job.ErrLost) {
				b.Errorf("the late waker got %v", late)
			}
		}
		var all, others int
		if err := b.db.QueryRow(b.Context(), `select count(*), count(*) filter (where server = 'other') from effects`).Scan(&all, &others); err != nil {
			b.Fatal(err)
		}
		if all != 2 || others != 2 || b.rows("jobs") != 0 || len(b.dead(other)) != 0 {
			b.Errorf("%d effects, %d of the other server, %d jobs left", all, others, b.rows("jobs"))
		}
	})
}

// The late waker is refused while the other one is still at work too, and its failure does not change the other's job.
func TestLateWakerIsFencedWhileTheOtherWorks(t *testing.T) {
	each(t, func(b *bench) {
		sleeper, other := b.queue(), b.queue()
		var late, late2, second error
		var first job.Job[int]
		complete := func(ctx context.Context, j job.Job[int]) error {
			return b.db.Write(ctx, func(tx *store.Tx) error { return job.CompleteTx(ctx, tx, j) })
		}
		k := job.Register(sleeper, job.Spec{Name: "n"}, func(ctx context.Context, j job.Job[int]) error {
			first = j
			b.clock.Advance(time.Minute)
			b.runDue(other, 1)
			late2 = complete(ctx, j)
			return errBroken
		})
		job.Register(other, job.Spec{Name: "n"}, func(ctx context.Context, j job.Job[int]) error {
			late = complete(ctx, first)
			second = complete(ctx, j)
			return second
		})
		enqueue(b, k, 1, job.Options{})
		b.runDue(sleeper, 1)
		if !errors.Is(late, job.ErrLost) || !errors.Is(late2, job.ErrLost) || second != nil || b.rows("jobs") != 0 {
			b.Errorf("late %v, %v; second %v; %d rows", late, late2, second, b.rows("jobs"))
		}
	})
}

func TestPanicIsAFailureWithItsStackInTheLog(t *testing.T) {
	b := newBench(t, "sqlite")
	q := b.queue()
	k := job.Register(q, job.Spec{Name: "n", Attempts: 2, Backoff: job.Backoff{First: time.Second}}, func(context.Context, job.Job[int]) error {
		panic("out of\x00 cheese")
	})
	enqueue(b, k, 1, job.Options{})
	b.runDue(q, 1)
	b.clock.Advance(time.Hour)
	b.runDue(q, 1)
	if dead := b.dead(q); len(dead) != 1 || dead[0].Error != "panic: out of? cheese" || dead[0].Attempts != 2 {
		b.Errorf("%+v", dead)
	}
	if log := b.log.String(); !strings.Contains(log, "job_test.go") || !strings.Contains(log, "a job is dead") {
		b.Errorf("log: %s", log)
	}
}

func TestUnreadableArgumentsAreDeadAtOnce(t *testing.T) {
	b := newBench(t, "sqlite")
	old, q := b.queue(), b.queue()
	k := job.Register(old, job.Spec{Name: "n"}, func(context.Context, job.Job[string]) error { return nil })
	job.Register(q, job.Spec{Name: "n"}, func(context.Context, job.Job[int]) error { return nil })
	enqueue(b, k, "one", job.Options{})
	b.runDue(q, 1)
	if dead := b.dead(q); len(dead) != 1 || !strings.Contains(dead[0].Error, "arguments") {
		b.Errorf("%+v", dead)
	}
}

// A job that takes its server down with it is dead after its last attempt, though nobody saw one end.
func TestJobThatKillsItsServerDies(t *testing.T) {
	each(t, func(b *bench) {
		attempts := 0
		var k *job.Kind[int]
		var q *job.Queue
		for i := range 4 {
			q = b.queue()
			k = job.Register(q, job.Spec{Name: "n", Attempts: 3}, func(context.Context, job.Job[int]) error {
				attempts++
				runtime.Goexit() // ends this server and leaves its job as a kill does
				return nil
			})
			if i == 0 {
				enqueue(b, k, 1, job.Options{Lane: "a"})
				enqueue(b, k, 2, job.Options{Lane: "a"})
			}
			killed := make(chan struct{})
			go func() {
				defer close(killed)
				_, _ = q.RunDue(b.Context())
			}()
			await(b, "the server's end", killed)
			b.clock.Advance(30 * time.Second)
		}
		// The fourth server buried the first job and went on to the second.
		if dead := b.dead(q); attempts != 4 || len(dead) != 1 || dead[0].Attempts != 3 || string(dead[0].Args) != "1" || !strings.Contains(dead[0].Error, "did not end") {
			b.Errorf("%d attempts, dead %+v", attempts, dead)
		}
	})
}

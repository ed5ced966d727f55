package job_test

import (
	"context"
	"testing"
	"time"

	"weft/internal/clock"
	"weft/internal/job"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

// waiter is a kind of which a worker waits for more for as long as it may, and tells each time what it was told.
func waiter(q *job.Queue, workers int) (k *job.Kind[string], begun chan string, told chan bool) {
	begun, told = make(chan string, 10), make(chan bool, 100)
	k = job.Register(q, job.Spec{Name: "waiter", Workers: workers}, func(_ context.Context, j job.Job[string]) error {
		begun <- j.Args
		for more := true; more; {
			more = j.More(20 * time.Second)
			told <- more
		}
		return nil
	})
	return k, begun, told
}

// A job that waits for more is told as soon as it is asked for again, makes place for others, and goes when the queue stops.
func TestAJobWaitsForMore(t *testing.T) {
	each(t, func(b *bench) {
		q := b.queue()
		k, begun, told := waiter(q, 1)
		stop := start(b, q)
		again := job.Options{Key: "a", Again: true}
		enqueue(b, k, "first", again)
		await(b, "the job", begun)
		for range 2 {
			enqueue(b, k, "more", again)
			if !await(b, "more", told) {
				b.Fatal("it was not told")
			}
		}
		enqueue(b, k, "other", job.Options{Key: "b", Again: true})
		if await(b, "the place", told) {
			b.Error("it was told of another job")
		}
		for range 2 { // the other one, and the first once more, since it was asked for while it ran
			if args := await(b, "the next job", begun); args == "other" {
				enqueue(b, k, "other", job.Options{Key: "b", Again: true})
			}
		}
		stop()
		if n := b.rows("jobs"); n > 2 {
			b.Errorf("%d jobs are left", n)
		}
	})
}

// Where it is run by RunDue, nobody could tell it.
func TestAJobInRunDueDoesNotWait(t *testing.T) {
	each(t, func(b *bench) {
		q := b.queue()
		k, _, told := waiter(q, 1)
		enqueue(b, k, "a", job.Options{Key: "a", Again: true})
		b.runDue(q, 1)
		if <-told {
			b.Error("it was told")
		}
	})
}

// A job is told of what happens on another server of the database.
func TestAJobHearsOfMoreOnAnotherServer(t *testing.T) {
	url, b := storetest.PostgresURL(t), &bench{TB: t, clock: clock.NewManual(storetest.Start), log: &buffer{}}
	open := func() *job.Queue {
		db, err := store.OpenPostgres(t.Context(), store.PostgresOptions{URL: url, Now: b.clock.Now})
		if err == nil {
			err = db.Migrate(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
		b.db = db
		cfg := b.config()
		cfg.Poll = time.Hour
		return job.New(cfg)
	}
	first, second := open(), open()
	k, begun, told := waiter(first, 1)
	other, _, _ := waiter(second, 1)
	again := job.Options{Key: "a", Again: true}
	enqueue(b, k, "a", again)
	start(b, first)
	await(t, "the job", begun)
	start(b, second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for heard := false; !heard; { // what is told before the other one hears is lost
		enqueue(b, other, "a", again)
		select {
		case heard = <-told:
			if !heard {
				t.Fatal("it waited no longer")
			}
		case <-tick.C:
		}
	}
}

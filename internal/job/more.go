package job

import (
	"context"
	"strings"
	"sync"
	"time"
)

// More has a worker that has nothing left to do wait for more: it reports whether the job, which must have a key, was asked for
// again since it began or was last told so. A worker that goes on spares its successor the taking of the job. It waits no longer
// than d, and leaves its place when others of its kind have none; in RunDue it does not wait.
func (j Job[A]) More(d time.Duration) bool {
	t := j.taken
	if t.stopping == nil {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-t.again:
		return true
	case <-t.queue.crowding(t.kind):
	case <-t.stopping:
	case <-t.ctx.Done():
	case <-timer.C:
	}
	return false
}

// crowding is closed when a job of the kind finds no free place.
func (q *Queue) crowding(k *kind) <-chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.crowded[k.Name] == nil {
		q.crowded[k.Name] = make(chan struct{})
	}
	return q.crowded[k.Name]
}

// crowd notes whether a job of a kind finds no free place. Until one does, whoever would wait for more does not.
func (q *Queue) crowd(k *kind, full bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	c := q.crowded[k.Name]
	if c == nil && full {
		c = make(chan struct{})
		q.crowded[k.Name] = c
	}
	switch closed := c != nil && isClosed(c); {
	case full && !closed:
		close(c)
	case !full && closed:
		delete(q.crowded, k.Name)
	}
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// mostElsewhere bounds the jobs that are told of at once. One that is not told of runs again all the same, a little later.
const mostElsewhere = 1024

// askAgain tells a running job that it was asked for again, wherever it runs.
func (q *Queue) askAgain(u unique) {
	if q.askHere(u) {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.elsewhere) < mostElsewhere {
		q.elsewhere[u] = true
		signal(q.tell)
	}
}

func (q *Queue) askHere(u unique) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	t := q.unique[u]
	if t != nil {
		signal(t.again)
	}
	return t != nil
}

// channel is where servers on one database tell each other of jobs.
const channel = "weft_jobs"

// exchange tells other servers which of their jobs were asked for again here, and hears it of them, until ctx ends.
func (q *Queue) exchange(ctx context.Context) {
	var hearing sync.WaitGroup
	defer hearing.Wait()
	hearing.Go(func() {
		q.db.Hear(ctx, channel, func(text string) {
			kind, key, _ := strings.Cut(text, " ")
			q.askHere(unique{kind, key})
		})
	})
	for {
		select {
		case <-ctx.Done():
			return
		case <-q.tell:
		}
		q.mu.Lock()
		var texts []string
		for u := range q.elsewhere {
			texts = append(texts, u.kind+" "+u.key)
		}
		clear(q.elsewhere)
		q.mu.Unlock()
		if err := q.db.Tell(ctx, channel, texts); err != nil {
			q.logUnlessStopped(ctx, err)
		}
	}
}

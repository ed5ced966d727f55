package limit

import (
	"context"
	"maps"
	"math"
	"slices"
	"time"
)

const (
	// lookEvery is the time between two looks at what other servers want back. Who wants it waits so long.
	lookEvery = 50 * time.Millisecond
	// restEvery is how many times longer it is on a server that has no requests, and the wait for its shares.
	restEvery = 10
	// noteEvery is the time between two notes of those of a sole server's counts that have come to a half of their limit. A crash
	// forgets what came after the last, and all others. What is far from its limit, as nearly everything always is, costs no write.
	noteEvery = time.Second
)

func sorted[V any](m map[window]V) []window { return slices.SortedFunc(maps.Keys(m), compare) }

// Run does what is to be done beside requests, until the context ends: then it leaves nothing in memory that others need.
func (l *Limiter) Run(ctx context.Context) {
	if l == nil {
		return
	}
	every := l.Every
	if l.Sole {
		every = max(every, noteEvery)
	}
	for over, rest := int64(0), time.Duration(0); l.wait(ctx, every, rest); { // what a server before this one has left is forgotten too
		if rest = restEvery * every; l.used.Swap(false) {
			rest = 0
		}
		l.told(ctx, "the rate limits' counts could not be written", l.Look(ctx))
		if now := minuteOf(l.Clock.Now()); now > over {
			over = now
			if now > l.begun {
				l.stored.Store(nil)
			}
			l.told(ctx, "old counts of rate limits could not be deleted", l.forget(ctx, now-1))
		}
	}
	l.told(ctx, "the rate limits' counts could not be written", l.leave(context.WithoutCancel(ctx)))
}

// wait waits for the time between two looks, after a rest that the first request ends. It reports false when the context has ended.
func (l *Limiter) wait(ctx context.Context, every, rest time.Duration) bool {
	woken := l.woken
	if rest == 0 {
		rest, woken = every, nil
	}
	timer := time.NewTimer(rest)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-timer.C:
			return true
		case <-woken:
			woken = nil
			timer.Reset(every)
		}
	}
}

func (l *Limiter) told(ctx context.Context, what string, err error) {
	if err != nil && ctx.Err() == nil {
		l.Log.WarnContext(ctx, what, "error", err.Error())
	}
}

// Look writes down a sole server's counts, or gives back what another server wants.
func (l *Limiter) Look(ctx context.Context) error {
	if l.Sole {
		return l.writeDown(ctx, func(c *count) bool { return c.spare <= c.most/2 })
	}
	if l.held.Load() < minuteOf(l.Clock.Now()) {
		return nil
	}
	l.moving.Lock()
	defer l.moving.Unlock()
	wanted, err := l.wanted(ctx)
	if err != nil || len(wanted) == 0 {
		return err
	}
	unused := map[window]int64{}
	for _, w := range wanted {
		unused[w] = l.spare(w, math.MaxInt64)
	}
	return l.giveBack(ctx, unused)
}

// leave is the end of a server.
func (l *Limiter) leave(ctx context.Context) error {
	if l.Sole {
		return l.writeDown(ctx, func(*count) bool { return true })
	}
	l.moving.Lock()
	defer l.moving.Unlock()
	unused := map[window]int64{}
	l.each(func(w window, c *count) {
		if c.spare > 0 {
			unused[w], c.spare = c.spare, 0
		}
	})
	if len(unused) == 0 {
		return nil
	}
	return l.giveBack(ctx, unused)
}

// writeDown writes those of the counts that have changed.
func (l *Limiter) writeDown(ctx context.Context, which func(c *count) bool) error {
	used := map[window]int64{}
	l.each(func(w window, c *count) {
		if c.dirty && which(c) {
			used[w], c.dirty = c.most-c.spare, false
		}
	})
	if len(used) == 0 {
		return nil
	}
	err := l.writeCounts(ctx, used)
	if err != nil {
		l.each(func(w window, c *count) {
			if _, ok := used[w]; ok {
				c.dirty = true
			}
		})
	}
	return err
}

// each sees all counts of the minutes at hand, a shard at a time.
func (l *Limiter) each(see func(w window, c *count)) {
	for i := range l.shards {
		s := &l.shards[i]
		s.mu.Lock()
		for k, c := range s.counts {
			see(window{k, s.minute}, c)
		}
		s.mu.Unlock()
	}
}

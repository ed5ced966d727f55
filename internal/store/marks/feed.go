package marks

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// Answer is what others have changed.
type Answer struct {
	// Base is up to where the answer goes, for the next question.
	Base string
	// Keys are of what has changed since the base of the question. All says that it is not known what has.
	Keys []string
	All  bool
}

// Ask asks the database what was committed since a base; an empty base is that of the first question.
type Ask func(ctx context.Context, base string) (Answer, error)

// Feed has marks know what others change. Requests that come together ask together: one asks for all who came before it began.
type Feed struct {
	marks *Marks
	ask   Ask
	// rest is for how long an answer is good enough; 0 where it must be asked for after the request has come.
	rest time.Duration

	mu     sync.Mutex
	next   *round // of those who wait, nil for none
	asking bool

	base  string                // of the next question: of who asks
	fresh atomic.Pointer[round] // the last one while its answer is good enough
}

// round is a question, and those who wait for its answer.
type round struct {
	done chan struct{}
	err  error
	old  atomic.Bool // its time of rest is over
}

// patience bounds a question.
const patience = 30 * time.Second

// NewFeed is a feed that asks for others' changes, and whose answers are good enough for some time.
func NewFeed(m *Marks, ask Ask, rest time.Duration) *Feed {
	return &Feed{marks: m, ask: ask, rest: rest}
}

// Current returns when marks tell of everything that others committed before the call, or before the feed's time of rest.
func (f *Feed) Current(ctx context.Context) error {
	if f.fresh.Load() != nil {
		return nil
	}
	f.mu.Lock()
	if f.next == nil {
		f.next = &round{done: make(chan struct{})}
	}
	r, first := f.next, !f.asking
	f.asking = true
	f.mu.Unlock()
	if first && !f.round(ctx) { // its own is the first
		go func() {
			for over := false; !over; {
				over = f.round(context.WithoutCancel(ctx))
			}
		}()
	}
	select {
	case <-r.done:
		return r.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// round asks for those who wait; over: nobody waits any more.
func (f *Feed) round(ctx context.Context) (over bool) {
	f.mu.Lock()
	r := f.next
	f.next = nil
	f.mu.Unlock()
	f.answer(ctx, r)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asking = f.next != nil
	return !f.asking
}

// answer asks, brings the marks to where the answer goes, and tells those who wait. A panic of the driver is told to them too.
func (f *Feed) answer(ctx context.Context, r *round) {
	// Whoever asks first may go away: the others wait for the answer nevertheless.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	defer close(r.done)
	defer func() {
		if p := recover(); p != nil {
			r.err = fmt.Errorf("marks: panic: %v\n%s", p, debug.Stack())
		}
		if r.err != nil {
			f.base = "" // what was missed is not known
		}
	}()
	if f.rest > 0 {
		time.AfterFunc(f.rest, func() { // counted from before the question
			r.old.Store(true)
			f.fresh.CompareAndSwap(r, nil)
		})
	}
	var a Answer
	if a, r.err = f.ask(ctx, f.base); r.err != nil {
		return
	}
	if a.All || f.base == "" {
		f.marks.voidAll()
	} else {
		f.marks.void(a.Keys)
	}
	f.base = a.Base
	if f.rest > 0 {
		if f.fresh.Store(r); r.old.Load() {
			f.fresh.CompareAndSwap(r, nil)
		}
	}
}

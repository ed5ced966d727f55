// Package giveway has long work leave its processor to requests now and then. Go's scheduler lets work that never waits run for ten
// milliseconds, and the system lets its thread run for three; where processors are few, a request that comes meanwhile waits as long.
package giveway

import (
	"runtime"
	"sync/atomic"
	"time"
)

// Long work rests for rest after each stretch of steps, such as rows of 25 us each, while requests come: until none has in calm stretches.
// What has fewer steps than short is over soon.
const (
	short   = 64
	stretch = 8
	rest    = 50 * time.Microsecond
	calm    = 250
)

// few is up to how many processors work gives way: it takes two at most, and of more there are some left.
const few = 4

// Requests are what somebody waits for.
type Requests struct{ begun, rests atomic.Uint64 }

// Begun says that one has come.
func (r *Requests) Begun() { r.begun.Add(1) }

// Count is how many have come.
func (r *Requests) Count() uint64 { return r.begun.Load() }

// Rests is how often work has rested for them.
func (r *Requests) Rests() uint64 { return r.rests.Load() }

// Long is long work.
type Long struct {
	requests *Requests
	plenty   bool   // of processors: it takes nobody's
	seen     uint64 // requests that there were at the last look
	steps    int    // of this stretch; the first is longer
	busy     int    // stretches until it goes without rests, unless another request comes
}

// Long is work that begins now. Requests which came before do not slow it: it may be one of them.
func (r *Requests) Long() Long {
	return Long{requests: r, seen: r.begun.Load(), steps: stretch - short, plenty: runtime.GOMAXPROCS(0) > few}
}

// Step is called between two steps of the work, and rests where it is time to.
func (l *Long) Step() {
	if !l.plenty && l.due() {
		l.requests.rests.Add(1)
		<-time.After(rest)
	}
}

// due reports whether it is time for a rest.
func (l *Long) due() bool {
	if l.steps++; l.steps < stretch {
		return false
	}
	l.steps = 0
	l.busy = max(0, l.busy-1)
	if begun := l.requests.begun.Load(); begun != l.seen {
		l.seen, l.busy = begun, calm
	}
	return l.busy > 0
}

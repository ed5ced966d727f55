package clock

import "time"

// Stopwatch measures how long work takes, as finely as the machine can tell. It is for figures about the work alone: what the
// work does follows a Clock.
type Stopwatch struct{ begun time.Time }

// Begin starts one.
func Begin() Stopwatch { return Stopwatch{time.Now()} }

// Elapsed is the time since it was started.
func (s Stopwatch) Elapsed() time.Duration { return time.Since(s.begun) }

// At is the machine's time so long after it was started.
func (s Stopwatch) At(elapsed time.Duration) time.Time { return s.begun.Add(elapsed) }

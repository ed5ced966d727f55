package job

import "time"

// Backoff is how long a job waits after a failed attempt: First after the first, Factor times as long after each further
// one, at most Limit, and each time up to a fifth less or more, so that jobs which failed together do not come back together.
type Backoff struct {
	First  time.Duration
	Factor int
	Limit  time.Duration
}

func (b Backoff) withDefaults() Backoff {
	if b.First == 0 {
		b.First = 5 * time.Second
	}
	if b.Factor == 0 {
		b.Factor = 2
	}
	if b.Limit == 0 {
		b.Limit = time.Hour
	}
	return b
}

// after is the wait after an attempt, without its random part.
func (b Backoff) after(attempt int) time.Duration {
	d := b.First
	for i := 1; i < attempt && d < b.Limit; i++ {
		d *= time.Duration(b.Factor)
	}
	return min(d, b.Limit)
}

// spread is a duration between four and six fifths of d.
func (q *Queue) spread(d time.Duration) time.Duration {
	return d - d/5 + q.upTo(2*d/5)
}

// upTo is a random duration from 0 to d.
func (q *Queue) upTo(d time.Duration) time.Duration {
	if d <= 0 {
		return 0
	}
	return time.Duration(q.random(int64(d) + 1))
}

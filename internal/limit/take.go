package limit

import (
	"cmp"
	"context"
	"sync"
	"time"
)

// window is a limit in one minute.
type window struct {
	key
	minute int64
}

// compare is the order in which rows are locked.
func compare(a, b window) int {
	return cmp.Or(cmp.Compare(a.tenant.Client, b.tenant.Client), cmp.Compare(a.tenant.Environment, b.tenant.Environment),
		cmp.Compare(a.path, b.path), cmp.Compare(a.item, b.item), cmp.Compare(a.minute, b.minute))
}

// takes are the requests that wait for shares. While one transaction is at work the next gathers, so that many requests cost
// one transaction.
type takes struct {
	mu      sync.Mutex
	running bool
	waiting map[window]*asked
}

// asked is what requests want of a limit.
type asked struct {
	most    int64
	answers []chan answer
}

// answer is what became of a request's wish.
type answer struct {
	verdict verdict
	err     error
}

type verdict int

const (
	refused verdict = iota
	granted
	// later: another server was asked to give back what it holds.
	later
)

const (
	// mostTaken is how many limits are dealt with together: what SQLite does for a statement grows with the square of its values.
	mostTaken = 128
	// takeTimeout bounds a transaction of takes.
	takeTimeout = 10 * time.Second
	// patience is how often a request asks whether another server has given its shares back, askAgain the time between. A server
	// that has not by then has crashed: its shares count as used.
	patience = 100
	askAgain = 20 * time.Millisecond
)

// take takes a share from the database, and reports whether there was one.
func (l *Limiter) take(ctx context.Context, w window, most int64) (bool, error) {
	for range patience {
		a, err := l.ask(ctx, w, most)
		if err != nil || a.verdict != later {
			return a.verdict == granted, err
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-time.After(askAgain):
		}
	}
	if err := l.release(ctx, w); err != nil {
		return false, err
	}
	a, err := l.ask(ctx, w, most)
	return a.verdict == granted, err
}

// ask joins the next transaction.
func (l *Limiter) ask(ctx context.Context, w window, most int64) (answer, error) {
	got := make(chan answer, 1)
	t := &l.takes
	t.mu.Lock()
	if t.waiting[w] == nil {
		t.waiting[w] = &asked{most: most}
	}
	t.waiting[w].answers = append(t.waiting[w].answers, got)
	if !t.running {
		t.running = true
		go l.drain(context.WithoutCancel(ctx))
	}
	t.mu.Unlock()
	select {
	case <-ctx.Done():
		return answer{}, ctx.Err()
	case a := <-got:
		return a, a.err
	}
}

// drain works until nobody waits.
func (l *Limiter) drain(ctx context.Context) {
	for {
		batch := l.takes.next()
		if len(batch) == 0 {
			return
		}
		l.settle(ctx, batch)
	}
}

// next is what has gathered; without any the work ends.
func (t *takes) next() map[window]*asked {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.waiting) <= mostTaken {
		batch := t.waiting
		t.waiting, t.running = map[window]*asked{}, len(batch) > 0
		return batch
	}
	batch := map[window]*asked{}
	for w, a := range t.waiting {
		if batch[w] = a; len(batch) == mostTaken {
			break
		}
	}
	for w := range batch {
		delete(t.waiting, w)
	}
	return batch
}

// settle takes shares for a batch and answers its requests.
func (l *Limiter) settle(ctx context.Context, batch map[window]*asked) {
	ctx, cancel := context.WithTimeout(ctx, takeTimeout)
	defer cancel()
	l.moving.Lock()
	defer l.moving.Unlock()
	for w, a := range batch { // an earlier transaction may have brought enough
		n := l.spare(w, int64(len(a.answers)))
		reply(a.answers[:n], answer{verdict: granted})
		if a.answers = a.answers[n:]; len(a.answers) == 0 {
			delete(batch, w)
		}
	}
	if len(batch) == 0 {
		return
	}
	got, err := l.takeAll(ctx, batch)
	for w, a := range batch {
		is, ok := got[w]
		if !ok {
			reply(a.answers, answer{err: err})
			continue
		}
		n := min(is.shares, int64(len(a.answers)))
		l.note(w, a.most, is.shares-n, n < int64(len(a.answers)) && is.short == refused)
		reply(a.answers[:n], answer{verdict: granted})
		reply(a.answers[n:], answer{verdict: is.short})
	}
}

func reply(to []chan answer, a answer) {
	for _, c := range to {
		c <- a
	}
}

// note keeps what a transaction has brought besides what was waited for.
func (l *Limiter) note(w window, most, spare int64, out bool) {
	s := l.shard(w.key)
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := l.count(s, w.key, w.minute, most); s.minute == w.minute {
		c.known, c.spare, c.out = true, c.spare+spare, out
		if spare > 0 {
			l.held.Store(max(w.minute, l.held.Load()))
		}
	}
}

// knows reports whether this server has asked the database for a limit before.
func (l *Limiter) knows(w window) bool {
	s := l.shard(w.key)
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.counts[w.key]
	return ok && s.minute == w.minute && c.known
}

// spare takes as many shares of a limit as there are in memory, but not more than n.
func (l *Limiter) spare(w window, n int64) int64 {
	s := l.shard(w.key)
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.counts[w.key]
	if !ok || s.minute != w.minute {
		return 0
	}
	n = min(n, c.spare)
	c.spare -= n
	return n
}

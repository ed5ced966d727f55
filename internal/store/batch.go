package store

import (
	"context"
	"sync"
	"time"
)

// Batch writes small changes of many goroutines: one commit serves all that have come while the one before it was under way.
// Transactions of a batch change rows in no fixed order, so what locks rows that others lock too should not be written so.
type Batch struct {
	db    *DB
	limit time.Duration

	mu      sync.Mutex
	waiting []part
	writing bool
}

type part struct {
	fn   func(ctx context.Context, tx *Tx) error
	done chan error
}

// mostParts bounds one transaction.
const mostParts = 256

// NewBatch makes a batch whose transactions may take so long.
func NewBatch(db *DB, limit time.Duration) *Batch { return &Batch{db: db, limit: limit} }

// Write has fn run in a transaction, and sends its error once that is committed or has failed. Where one of a transaction
// fails, each runs again in one of its own.
func (b *Batch) Write(fn func(ctx context.Context, tx *Tx) error) <-chan error {
	p := part{fn, make(chan error, 1)}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting = append(b.waiting, p)
	if !b.writing {
		b.writing = true
		go b.writeAll()
	}
	return p.done
}

// writeAll writes until nothing waits.
func (b *Batch) writeAll() {
	for {
		b.mu.Lock()
		list := b.waiting[:min(len(b.waiting), mostParts)]
		b.waiting = b.waiting[len(list):]
		b.writing = len(list) > 0
		b.mu.Unlock()
		if len(list) == 0 {
			return
		}
		if err := b.write(list); err == nil || len(list) == 1 {
			for _, p := range list {
				p.done <- err
			}
			continue
		}
		for _, p := range list {
			p.done <- b.write([]part{p})
		}
	}
}

func (b *Batch) write(list []part) error {
	ctx, cancel := context.WithTimeout(context.Background(), b.limit)
	defer cancel()
	return b.db.Write(ctx, func(tx *Tx) error {
		for _, p := range list {
			if err := p.fn(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
}

package store

import (
	"context"
	"sync"
	"time"
)

// Batch writes small changes of many goroutines: one commit serves all that have come while the one before it was under way.
// Transactions of a batch change rows in no fixed order, so what locks rows that others lock too should not be written so.
type Batch[T any] struct {
	db    *DB
	limit time.Duration
	write func(ctx context.Context, tx *Tx, list []T) error

	mu      sync.Mutex
	waiting []part[T]
	writing bool
}

type part[T any] struct {
	change T
	done   chan error
}

// mostTogether is how many changes a transaction has at most.
const mostTogether = 256

// NewBatch makes a batch whose transactions may take so long. Write is how changes are written.
func NewBatch[T any](db *DB, limit time.Duration, write func(ctx context.Context, tx *Tx, list []T) error) *Batch[T] {
	return &Batch[T]{db: db, limit: limit, write: write}
}

// Write has a change written, and sends its error once that is committed or has failed. Where a transaction of several fails,
// each is written again in one of its own.
func (b *Batch[T]) Write(change T) <-chan error {
	p := part[T]{change, make(chan error, 1)}
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
func (b *Batch[T]) writeAll() {
	for {
		b.mu.Lock()
		list := b.waiting[:min(len(b.waiting), mostTogether)]
		b.waiting = b.waiting[len(list):]
		b.writing = len(list) > 0
		b.mu.Unlock()
		if len(list) == 0 {
			return
		}
		if err := b.commit(list); err == nil || len(list) == 1 {
			for _, p := range list {
				p.done <- err
			}
			continue
		}
		for _, p := range list {
			p.done <- b.commit([]part[T]{p})
		}
	}
}

func (b *Batch[T]) commit(list []part[T]) error {
	ctx, cancel := context.WithTimeout(context.Background(), b.limit)
	defer cancel()
	changes := make([]T, len(list))
	for i, p := range list {
		changes[i] = p.change
	}
	return b.db.Write(ctx, func(tx *Tx) error { return b.write(ctx, tx, changes) })
}

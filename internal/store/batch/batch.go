// Package batch writes small changes of many goroutines together.
package batch

import (
	"context"
	"sync"
	"time"

	"weft/internal/store"
)

// Batch writes small changes of many goroutines: one commit serves all that have come while the one before it was under way, or
// that have been gathered. Transactions of a batch change rows in no fixed order, so what locks rows that others lock too should
// not be written so.
type Batch[T any] struct {
	db     *store.DB
	limit  time.Duration
	gather time.Duration
	write  func(ctx context.Context, tx *store.Tx, list []T) error

	mu      sync.Mutex
	waiting []part[T]
	writing bool
	urgent  bool        // Flush was called for what waits
	timer   *time.Timer // what is gathered is written when it ends; nil where nothing is
}

type part[T any] struct {
	change T
	done   chan error
}

// mostTogether is how many changes a transaction has at most.
const mostTogether = 256

// New makes a batch whose transactions may take so long. Write is how changes are written. Gather is how long a change may wait
// for others before it is written, unless somebody waits for it, who calls Flush; 0 is not at all.
func New[T any](db *store.DB, limit, gather time.Duration, write func(ctx context.Context, tx *store.Tx, list []T) error) *Batch[T] {
	return &Batch[T]{db: db, limit: limit, gather: gather, write: write}
}

// Write has a change written, and sends its error once that is committed or has failed. Where a transaction of several fails,
// each is written again in one of its own.
func (b *Batch[T]) Write(change T) <-chan error {
	p := part[T]{change, make(chan error, 1)}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting = append(b.waiting, p)
	b.start()
	return p.done
}

// Flush has what waits written now.
func (b *Batch[T]) Flush() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.urgent = len(b.waiting) > 0
	b.start()
}

// start starts the writing of what waits where it is time for it, and sees to it that it will be.
func (b *Batch[T]) start() {
	due := b.gather == 0 || b.urgent || len(b.waiting) >= mostTogether
	switch {
	case b.writing || len(b.waiting) == 0:
	case due:
		b.writing = true
		go b.writeOnce()
	case b.timer == nil:
		b.timer = time.AfterFunc(b.gather, b.Flush)
	}
}

// next is what is to be written in one transaction.
func (b *Batch[T]) next() []part[T] {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.timer != nil {
		b.timer.Stop()
		b.timer = nil
	}
	list := b.waiting[:min(len(b.waiting), mostTogether)]
	b.waiting = b.waiting[len(list):]
	b.urgent = b.urgent && len(b.waiting) > 0
	return list
}

// writeOnce writes one transaction, and has the next one written if it is time for that.
func (b *Batch[T]) writeOnce() {
	list := b.next()
	if err := b.commit(list); err == nil || len(list) == 1 {
		for _, p := range list {
			p.done <- err
		}
	} else {
		for _, p := range list {
			p.done <- b.commit([]part[T]{p})
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.writing = false
	b.start()
}

func (b *Batch[T]) commit(list []part[T]) error {
	ctx, cancel := context.WithTimeout(context.Background(), b.limit)
	defer cancel()
	changes := make([]T, len(list))
	for i, p := range list {
		changes[i] = p.change
	}
	return b.db.Write(ctx, func(tx *store.Tx) error { return b.write(ctx, tx, changes) })
}

package job

import (
	"context"
	"errors"
	"time"

	"weft/internal/store"
)

// outcome is what a worker has returned, to be written.
type outcome struct {
	taken   *taken
	result  error
	written bool
	err     error
}

// writeTimeout bounds the writing of outcomes.
const writeTimeout = 10 * time.Second

// write writes an outcome, and with it all that others have left in the meantime: one commit serves many jobs. Those of a
// lane are written alone, since one transaction that held several lanes could deadlock with another.
func (q *Queue) write(ctx context.Context, o *outcome) error {
	if o.taken.lane != nil {
		q.writeAll(ctx, []*outcome{o})
		return o.err
	}
	q.mu.Lock()
	q.pending = append(q.pending, o)
	q.mu.Unlock()
	q.writing.Lock()
	defer q.writing.Unlock()
	if o.written { // by the one that was writing before
		return o.err
	}
	q.mu.Lock()
	list := q.pending
	q.pending = nil
	q.mu.Unlock()
	q.writeAll(ctx, list)
	return o.err
}

// writeAll writes outcomes in one transaction, or where that fails each in its own.
func (q *Queue) writeAll(ctx context.Context, list []*outcome) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
	defer cancel()
	err := q.db.Write(ctx, func(tx *store.Tx) error {
		for _, o := range list {
			o.written = true
			// A job that was lost has no row to change: the transaction goes on.
			if o.err = o.taken.settle(ctx, tx, o.result); o.err != nil && !errors.Is(o.err, ErrLost) {
				return o.err
			}
		}
		return nil
	})
	if err == nil {
		return
	}
	if len(list) == 1 {
		list[0].err = err
		return
	}
	for _, o := range list {
		q.writeAll(ctx, []*outcome{o})
	}
}

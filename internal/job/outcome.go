package job

import (
	"context"
	"errors"
	"time"

	"weft/internal/store"
)

// writeTimeout bounds the writing of outcomes.
const writeTimeout = 10 * time.Second

// outcome writes what becomes of a job.
type outcome func(ctx context.Context, tx *store.Tx) error

func writeOutcomes(ctx context.Context, tx *store.Tx, list []outcome) error {
	for _, write := range list {
		if err := write(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// write writes what becomes of a job, in one transaction with those that others have left in the meantime. Those of a lane are
// written alone, since one transaction that held several lanes could deadlock with another.
func (t *taken) write(ctx context.Context, result error) (err error) {
	settle := func(ctx context.Context, tx *store.Tx) error {
		// A job that was lost has no row to change: the transaction goes on.
		if err = t.settle(ctx, tx, result); errors.Is(err, ErrLost) {
			return nil
		}
		return err
	}
	var failed error
	if t.lane == nil {
		failed = <-t.queue.outcomes.Write(settle)
	} else {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
		defer cancel()
		failed = t.queue.db.Write(ctx, func(tx *store.Tx) error { return settle(ctx, tx) })
	}
	if failed != nil {
		return failed
	}
	return err
}

// Package background does work that no request waits for.
package background

import (
	"context"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"
)

// timeout bounds one task.
const timeout = 5 * time.Minute

// Tasks are the tasks under way. The zero value has none.
type Tasks struct {
	group   sync.WaitGroup
	pending sync.Map // what ends each of them, by key
}

// Start begins a task, unless one of its key is under way. A failure is logged.
func (t *Tasks) Start(key string, log *slog.Logger, run func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	if _, running := t.pending.LoadOrStore(key, cancel); running {
		cancel()
		return
	}
	t.group.Go(func() {
		defer cancel()
		defer t.pending.Delete(key)
		defer func() {
			if p := recover(); p != nil {
				log.Error("background task panicked", "panic", p, "stack", string(debug.Stack()))
			}
		}()
		if err := run(ctx); err != nil {
			log.Error("background task failed", "error", err.Error())
		}
	})
}

// Drain waits for all tasks, and ends them where ctx ends first.
func (t *Tasks) Drain(ctx context.Context) {
	stop := context.AfterFunc(ctx, func() {
		t.pending.Range(func(_, cancel any) bool {
			cancel.(context.CancelFunc)()
			return true
		})
	})
	defer stop()
	t.group.Wait()
}

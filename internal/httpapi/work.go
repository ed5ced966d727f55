package httpapi

import (
	"context"
	"sync"
	"time"
)

// endpointTimeout bounds the work of one request, the asking of a bank included.
const endpointTimeout = 90 * time.Second

// work is the context of a request's work. The time that it has begins when somebody first waits for its end: an answer from memory
// waits for nothing, and needs no timer.
type work struct {
	parent context.Context
	call   *Call

	mu     sync.Mutex
	inner  context.Context // nil until somebody waits
	cancel context.CancelFunc
	ended  bool
}

func (w *work) limited() context.Context {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.inner == nil {
		w.inner, w.cancel = context.WithTimeout(w.parent, endpointTimeout)
		if w.ended {
			w.cancel()
		}
	}
	return w.inner
}

// begun is the context that has the timer, if there is one, or else the parent.
func (w *work) begun() context.Context {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.inner != nil:
		return w.inner
	case w.ended:
		return ended
	}
	return w.parent
}

// ended is the context of work that has ended without anybody having waited.
var ended = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// end ends the work: the request is answered.
func (w *work) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = true
	if w.cancel != nil {
		w.cancel()
	}
}

// Deadline implements context.Context.
func (w *work) Deadline() (time.Time, bool) { return w.limited().Deadline() }

// Done implements context.Context.
func (w *work) Done() <-chan struct{} { return w.limited().Done() }

// Err implements context.Context.
func (w *work) Err() error { return w.begun().Err() }

// Value implements context.Context.
func (w *work) Value(key any) any {
	if key == (callKey{}) {
		return w.call
	}
	w.mu.Lock()
	from := w.inner
	w.mu.Unlock()
	if from == nil {
		from = w.parent
	}
	return from.Value(key)
}

package httpapi

import (
	"context"
	"errors"
	"testing"
)

type aKey struct{}

// The context of a request's work ends with the request, with its client, and with those that were made of it, whoever waited first.
func TestWorkEndsWithItsRequest(t *testing.T) {
	for name, c := range map[string]struct {
		end  func(w *work, leave context.CancelFunc)
		want error
	}{
		"answered":            {func(w *work, _ context.CancelFunc) { w.end() }, context.Canceled},
		"the client has gone": {func(_ *work, leave context.CancelFunc) { leave() }, context.Canceled},
	} {
		for _, waits := range []string{"nobody", "itself", "a child"} {
			parent, leave := context.WithCancel(context.WithValue(t.Context(), aKey{}, "value"))
			call := &Call{RequestID: "r"}
			w := &work{parent: parent, call: call}
			var done <-chan struct{}
			switch waits {
			case "itself":
				done = w.Done()
			case "a child":
				child, cancel := context.WithCancel(w)
				defer cancel()
				done = child.Done()
			}
			if w.Err() != nil || w.Value(aKey{}) != "value" || CallOf(w) != call {
				t.Errorf("%s, %s waits: before its end it has the error %v, the value %v and the call %v", name, waits, w.Err(), w.Value(aKey{}), CallOf(w))
			}
			c.end(w, leave)
			if done != nil {
				<-done
			}
			if !errors.Is(w.Err(), c.want) || !errors.Is(context.Cause(w), c.want) && waits != "nobody" {
				t.Errorf("%s, %s waits: the error is %v, its cause %v", name, waits, w.Err(), context.Cause(w))
			}
			<-w.Done() // who comes late is not kept waiting
			leave()
		}
	}
}

// Work whose end nobody waits for has no timer, and one that has is bounded.
func TestWorkIsBounded(t *testing.T) {
	w := &work{parent: t.Context(), call: &Call{}}
	defer w.end()
	if w.Err() != nil || w.Value(aKey{}) != nil || w.inner != nil {
		t.Error("there is a timer before anybody waits")
	}
	if at, ok := w.Deadline(); !ok || at.IsZero() {
		t.Errorf("the work may take until %v, %v", at, ok)
	}
}

package limit

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"weft/internal/clock"
)

// A server without requests looks seldom; the first request has it look as soon as others do.
func TestLooksAreSeldomWhileNobodyAsks(t *testing.T) {
	const every = 50 * time.Millisecond
	for name, c := range map[string]struct {
		rest time.Duration
		ask  time.Duration
		want time.Duration
	}{
		"with requests":   {0, 0, every},
		"without":         {restEvery * every, 0, restEvery * every},
		"one in the rest": {restEvery * every, 3 * every, 4 * every},
		"one at once":     {time.Minute, 1, every + 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := &Limiter{Config: Config{Sole: true, Clock: clock.NewManual(time.Unix(0, 0))}, woken: make(chan struct{}, 1)}
				if c.ask > 0 {
					time.AfterFunc(c.ask, func() {
						for range 3 {
							if ok, err := l.use(t.Context(), key{item: "item"}, 5); !ok || err != nil {
								t.Errorf("a request is let through: %v, %v", ok, err)
							}
						}
					})
				}
				began := time.Now()
				if !l.wait(t.Context(), every, c.rest) {
					t.Error("the context has ended")
				}
				if took := time.Since(began); took != c.want {
					t.Errorf("the wait is %v, want %v", took, c.want)
				}
			})
		})
	}
	t.Run("the end", func(t *testing.T) {
		ended, end := context.WithCancel(t.Context())
		end()
		l := &Limiter{}
		for _, rest := range []time.Duration{0, time.Hour} {
			if l.wait(ended, time.Hour, rest) {
				t.Error("the wait goes on")
			}
		}
	})
}

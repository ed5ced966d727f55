// Package turns lets work on one thing be done by one at a time.
package turns

import "sync"

// Turns lets one user of a key at a time go on; the others wait for their turn. It keeps nothing of keys that nobody uses.
type Turns struct {
	mu   sync.Mutex
	used map[string]*turn
}

type turn struct {
	sync.Mutex
	users int
}

// Take waits for the key and returns what gives it back.
func (t *Turns) Take(key string) (release func()) {
	t.mu.Lock()
	if t.used == nil {
		t.used = map[string]*turn{}
	}
	own, ok := t.used[key]
	if !ok {
		own = &turn{}
		t.used[key] = own
	}
	own.users++
	t.mu.Unlock()

	own.Lock()
	return func() {
		own.Unlock()
		t.mu.Lock()
		defer t.mu.Unlock()
		if own.users--; own.users == 0 {
			delete(t.used, key)
		}
	}
}

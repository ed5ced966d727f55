// Package bell wakes those who wait for a tenant's webhooks in this process.
package bell

import (
	"sync"

	"weft/internal/store"
)

// Bell is rung for a tenant.
type Bell struct {
	silenced chan struct{}
	silence  func()

	mu      sync.Mutex
	waiting map[store.Tenant]chan struct{}
}

// New is a bell that nobody waits for.
func New() *Bell {
	b := &Bell{silenced: make(chan struct{}), waiting: map[store.Tenant]chan struct{}{}}
	b.silence = sync.OnceFunc(func() { close(b.silenced) })
	return b
}

// Silence has all who wait go, now and later: the server stops.
func (b *Bell) Silence() { b.silence() }

// Silenced is closed by Silence.
func (b *Bell) Silenced() <-chan struct{} { return b.silenced }

// Next is closed when the bell rings for a tenant the next time.
func (b *Bell) Next(tenant store.Tenant) <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.waiting[tenant] == nil {
		b.waiting[tenant] = make(chan struct{})
	}
	return b.waiting[tenant]
}

// Ring wakes those who wait for a tenant's webhooks.
func (b *Bell) Ring(tenant store.Tenant) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if c := b.waiting[tenant]; c != nil {
		close(c)
		delete(b.waiting, tenant)
	}
}

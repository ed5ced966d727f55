// Package cache keeps what was read of Items in memory.
package cache

import (
	"sync/atomic"

	"github.com/maypok86/otter/v2"
)

// Cache keeps what was read of Items, bounded in bytes. An entry belongs to a version of its Item, and the version is read
// with every request, so an entry is never wrong, whoever wrote last; entries of old versions fall out by themselves.
type Cache struct {
	entries      *otter.Cache[place, entry]
	hits, misses atomic.Int64
}

type place struct {
	item    string // or a key of Peek's
	version int64
	kind    string
}

type entry struct {
	value any
	size  uint32
}

// entryOverhead is about what an entry costs beside its value.
const entryOverhead = 200

// New is a cache of at most so many bytes. With 0 it keeps nothing.
func New(bytes uint64) *Cache {
	c := &Cache{}
	if bytes > 0 {
		c.entries = otter.Must(&otter.Options[place, entry]{
			MaximumWeight: bytes,
			Weigher:       func(k place, e entry) uint32 { return e.size + uint32(len(k.kind)) + entryOverhead },
		})
	}
	return c
}

// Keeps reports whether the cache keeps anything.
func (c *Cache) Keeps() bool { return c.entries != nil }

// Loaded is what was read of an Item: the value, its size in bytes, and the version that the Item had then, which may be a
// later one than that asked for.
type Loaded[V any] struct {
	Value   V
	Size    int
	Version int64
}

// Get is the cached value of a kind for an Item's version, or what load returns, which is then kept under the version
// that it was read with. The value is shared: nobody may change it.
func Get[V any](c *Cache, itemKey string, version int64, kind string, load func() (Loaded[V], error)) (V, error) {
	if c.entries != nil {
		if e, ok := c.entries.GetIfPresent(place{itemKey, version, kind}); ok {
			c.hits.Add(1)
			return e.value.(V), nil
		}
		c.misses.Add(1)
	}
	l, err := load()
	if err == nil && c.entries != nil {
		c.entries.Set(place{itemKey, l.Version, kind}, entry{l.Value, uint32(l.Size)})
	}
	return l.Value, err
}

// Peek is what was kept by a key of the caller's own, who knows whether it is still true.
func (c *Cache) Peek(key, kind string) (value any, ok bool) {
	if c.entries == nil {
		return nil, false
	}
	e, ok := c.entries.GetIfPresent(place{item: key, kind: kind})
	if !ok {
		c.misses.Add(1)
		return nil, false
	}
	c.hits.Add(1)
	return e.value, true
}

// Keep keeps a value of so many bytes for [Cache.Peek].
func (c *Cache) Keep(key, kind string, value any, size int) {
	if c.entries != nil {
		c.entries.Set(place{item: key, kind: kind}, entry{value, uint32(size)})
	}
}

// Stats are how often the cache had what was asked for, and how often not.
func (c *Cache) Stats() (hits, misses int64) { return c.hits.Load(), c.misses.Load() }

// Bytes is about how much memory the entries take.
func (c *Cache) Bytes() uint64 {
	if c.entries == nil {
		return 0
	}
	return c.entries.WeightedSize()
}

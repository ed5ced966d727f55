// Package marks tells whether what was read of a database is still what it has, without reading it again.
//
// What may change goes by keys. Each key has a mark, which is another one after each change that is known here: one's own changes when
// they are committed, those of others when a [Feed] has asked for them.
package marks

import (
	"hash/maphash"
	"sync/atomic"
)

// Marks are those of all keys.
type Marks struct {
	stripes [stripes]stripe
}

// stripes bounds the memory. Keys that share a stripe are marked together, which costs a read and is never wrong.
const stripes = 4096

type stripe struct {
	changes  atomic.Uint64
	changing atomic.Int64
}

var seed = maphash.MakeSeed()

func (m *Marks) of(key string) *stripe { return &m.stripes[maphash.String(seed, key)%stripes] }

// Mark is where the changes of what goes by a key stand. There is none (ok is false) while a change is being committed.
func (m *Marks) Mark(key string) (mark uint64, ok bool) {
	// In this order: a commit that is over has raised the mark before it stopped changing.
	s := m.of(key)
	if s.changing.Load() > 0 {
		return 0, false
	}
	return s.changes.Load(), true
}

// Begin voids the marks of keys that are about to be changed, End gives new ones when it is known how that went: also where it failed,
// since a commit whose outcome is unknown may have happened.
func (m *Marks) Begin(keys []string) {
	for _, key := range keys {
		m.of(key).changing.Add(1)
	}
}

// End is the end of what Begin has begun.
func (m *Marks) End(keys []string) {
	for _, key := range keys {
		s := m.of(key)
		s.changes.Add(1)
		s.changing.Add(-1)
	}
}

// void gives new marks to keys.
func (m *Marks) void(keys []string) {
	for _, key := range keys {
		m.of(key).changes.Add(1)
	}
}

// voidAll gives new marks to all keys.
func (m *Marks) voidAll() {
	for i := range m.stripes {
		m.stripes[i].changes.Add(1)
	}
}

package store

import (
	"hash/maphash"
	"slices"
	"sync/atomic"
)

// marks tell whether what was read of the database is still what it has, without asking it. They are of use where nobody else
// writes to the database: of a SQLite file that is locked for one server.
type marks struct {
	stripes [stripes]stripe
}

// stripes bounds the memory. Keys that share a stripe are marked together, which costs a read and is never wrong.
const stripes = 4096

type stripe struct {
	changes  atomic.Uint64
	changing atomic.Int64
}

var markSeed = maphash.MakeSeed()

func stripeOf(key string) int { return int(maphash.String(markSeed, key) % stripes) }

// Mark is where the changes of what goes by a key stand. What was read after it was taken is still true while the mark is the same.
// There is none (ok is false) while a change is being committed, and where others may change the database: then only the
// database knows. Keys are the writers' own: [Tx.Changing] names the same.
func (db *DB) Mark(key string) (mark uint64, ok bool) {
	if db.marks == nil {
		return 0, false
	}
	// In this order: a commit that is over has raised the mark before it stopped changing.
	s := &db.marks.stripes[stripeOf(key)]
	if s.changing.Load() > 0 {
		return 0, false
	}
	return s.changes.Load(), true
}

// Marked reports whether a mark is still that of its key.
func (db *DB) Marked(key string, mark uint64) bool {
	now, ok := db.Mark(key)
	return ok && now == mark
}

// Changing says that the transaction changes what goes by a key.
func (tx *Tx) Changing(key string) {
	if n := stripeOf(key); !slices.Contains(tx.changing, n) {
		tx.changing = append(tx.changing, n)
	}
}

// begin voids the marks of a transaction that is about to be committed, end gives new ones when it is known how that went: also
// where it failed, since a commit whose outcome is unknown may have happened.
func (m *marks) begin(changing []int) {
	if m != nil {
		for _, n := range changing {
			m.stripes[n].changing.Add(1)
		}
	}
}

func (m *marks) end(changing []int) {
	if m != nil {
		for _, n := range changing {
			m.stripes[n].changes.Add(1)
			m.stripes[n].changing.Add(-1)
		}
	}
}

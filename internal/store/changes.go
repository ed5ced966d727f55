package store

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"weft/internal/store/marks"
)

// changes is how a database knows whether what was read of it is still true. What may change goes by keys, which are the writers'
// own: [Tx.Changing] names them. A server that is alone with a SQLite file knows its own changes by itself. Whoever is not (any server
// on PostgreSQL, and a command beside a server) writes down in each transaction what it changes, for those who ask.
type changes struct {
	engine marks.Engine // its zero: nobody could ask
	marks  *marks.Marks // nil where none are kept
	feed   *marks.Feed
	// alone says that others write now and then only, as commands do, and that what is changed here nobody else keeps.
	alone bool
	// told ends when whoever is alone but for this command has heard of what it has written down last; nil where it has told nothing.
	told atomic.Pointer[time.Timer]
}

// lookAgain is for how long a server that is alone with its file takes it for granted that no command has changed anything. A
// command ends no sooner than that after its last change.
const lookAgain = 50 * time.Millisecond

// Mark is where the changes of what goes by a key stand, as far as they are known. What was read after it was taken is true while the
// mark is the same after [DB.Current]. There is none (ok is false) while a change is being committed, and where none are kept.
func (db *DB) Mark(key string) (mark uint64, ok bool) {
	if db.changes.marks == nil {
		return 0, false
	}
	return db.changes.marks.Mark(key)
}

// Marked reports whether a mark is still that of its key.
func (db *DB) Marked(key string, mark uint64) bool {
	now, ok := db.Mark(key)
	return ok && now == mark
}

// Current brings all marks to where the database is: afterwards they tell of everything that was acknowledged before.
func (db *DB) Current(ctx context.Context) error {
	if db.changes.feed == nil {
		return nil
	}
	return db.changes.feed.Current(ctx)
}

// keep has a database keep marks, and ask others for their changes where the last answer is older than rest.
func (c *changes) keep(rest time.Duration, query func(ctx context.Context, query string, args []any) (Rows, error)) {
	c.marks = &marks.Marks{}
	c.feed = marks.NewFeed(c.marks, c.engine.Asking(func(ctx context.Context, text string, args []any) (marks.Rows, error) {
		return query(ctx, text, args)
	}), rest)
}

// Changing says that the transaction changes what goes by a key.
func (tx *Tx) Changing(key string) {
	if !slices.Contains(tx.changing, key) {
		tx.changing = append(tx.changing, key)
	}
}

// tell writes down what a transaction changes, for others.
func (c *changes) tell(ctx context.Context, tx *Tx) error {
	if len(tx.changing) == 0 || c.alone || c.engine.Tell == "" {
		return nil
	}
	if c.feed == nil { // a command
		tx.committed = append(tx.committed, func() { c.told.Store(time.NewTimer(lookAgain)) })
	}
	_, err := tx.Exec(ctx, c.engine.Tell, strings.Join(tx.changing, "\n"))
	return err
}

// commit commits a transaction that may write, so that marks know of it.
func (c *changes) commit(ctx context.Context, tx *Tx) error {
	if c.alone {
		c.marks.Begin(tx.changing)
		defer c.marks.End(tx.changing)
	}
	return tx.engine.commit(ctx)
}

// heard returns when a server that is alone but for this command has heard of all that was written down.
func (c *changes) heard() {
	if told := c.told.Swap(nil); told != nil {
		<-told.C
	}
}

// ForgetChanges deletes what was written down of changes and could be seen when it was last called.
func (db *DB) ForgetChanges(ctx context.Context) error {
	return db.Write(ctx, func(tx *Tx) error {
		for _, query := range db.changes.engine.Forget {
			if _, err := tx.Exec(ctx, query); err != nil {
				return err
			}
		}
		return nil
	})
}

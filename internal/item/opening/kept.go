package opening

import (
	"context"
	"crypto/sha256"
	"time"

	"weft/internal/client"
	"weft/internal/item/cache"
	"weft/internal/item/rows"
	"weft/internal/store"
)

// Place is where it is kept which Item credentials have opened. It has the marks of before the database was asked; its zero keeps
// nothing.
type Place struct {
	key, known string
	keys, mark uint64
}

// opened is an Item that credentials have opened. It is true while its marks are: that of all clients' keys, and that of the Item, which
// must have been known when they were taken. One that was kept before its Item was known only tells of which to take the mark.
type opened struct {
	item       rows.Item
	known      string
	keys, mark uint64
	secret     Found // its end alone
}

const (
	openedKind = "opened"
	// openedSize is about what one costs, in bytes, beside what it shares with the Item of that version.
	openedSize = 900
)

// Known is the Item that credentials open, where that is known without asking for it, or nil and the place to keep what the database
// is going to say. The key of the place is a hash: credentials are not kept.
func Known(ctx context.Context, db *store.DB, c *cache.Cache, now time.Time, token, secret, clientID string) (Place, *rows.Item) {
	if _, ok := db.Mark(client.KeysMark); !ok || !c.Keeps() {
		return Place{}, nil
	}
	var room [256]byte // for what nearly all show
	shown := append(append(append(append(append(room[:0], token...), 0), secret...), 0), clientID...)
	hash := sha256.Sum256(shown)
	at := Place{key: string(hash[:])}
	kept, found := c.Peek(at.key, openedKind)
	if !found {
		return at.marked(db, ""), nil
	}
	if db.Current(ctx) != nil {
		return Place{}, nil // the database is asked for the Item next, and tells why
	}
	o := kept.(*opened)
	if o.known == o.item.ID && db.Marked(client.KeysMark, o.keys) && db.Marked(o.known, o.mark) && !o.secret.Over(now) {
		return Place{}, &o.item
	}
	return at.marked(db, o.item.ID), nil
}

// marked is the place with the marks of now, and of an Item if it is known; none where there are no marks.
func (at Place) marked(db *store.DB, itemID string) Place {
	keys, ok := db.Mark(client.KeysMark)
	if !ok {
		return Place{}
	}
	at.keys = keys
	if itemID != "" {
		if at.mark, ok = db.Mark(itemID); ok {
			at.known = itemID
		}
	}
	return at
}

// Keep keeps what the database has said.
func (at Place) Keep(c *cache.Cache, it rows.Item, found Found) {
	if at.key != "" {
		it.Known = true // when it is found here
		kept := &opened{item: it, known: at.known, keys: at.keys, mark: at.mark, secret: Found{Expires: found.Expires}}
		c.Keep(at.key, openedKind, kept, openedSize)
	}
}

// Over reports whether the secret has ended by itself.
func (f Found) Over(now time.Time) bool { return f.Expires != nil && *f.Expires <= now.UnixMilli() }

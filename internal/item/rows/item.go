// Package rows stores Items: each is a row with its record. What changes an Item locks its row first and writes it last, which
// raises the Item's version.
package rows

import (
	"weft/internal/item/cache"
	"weft/internal/item/document"
	"weft/internal/item/event"
	"weft/internal/item/state"
	"weft/internal/plaid"
	"weft/internal/store"
)

// Item is an Item as an endpoint is given it. It is shared between requests: treat it as read-only.
type Item struct {
	// Key is the internal key of the Item's rows; ID is the public item_id.
	Key, ID      string
	Tenant       store.Tenant
	ConnectionID string
	// Version rises with each change of anything that belongs to the Item.
	Version int64
	state.State
	// Known says that the Item was known without being read: marks (see store.DB) tell of all that was acknowledged before the request.
	Known bool
	// Tail is `,"item":` and the Item's JSON as most endpoints answer it, after the members that are theirs.
	Tail []byte

	asked *asked // nil where it was not read
	// documents were read with it.
	documents *document.Documents
}

// With is the Item with documents of its version that were read with it: those that there are of some kinds.
func (it Item) With(byKind map[string][]byte, kinds []string) Item {
	if byKind == nil {
		return it
	}
	for _, kind := range kinds {
		if byKind[kind] == nil {
			byKind[kind] = nil // there is none
		}
	}
	it.documents = &document.Documents{Version: it.Version, ByKind: byKind}
	return it
}

// Documents are those of some kinds that were read with the Item, if they were and it has not changed since. Whoever reads in a
// transaction reads them as they are there.
func (it Item) Documents(q store.Querier, kinds []string) (document.Documents, bool) {
	if _, alone := q.(*store.DB); !alone || it.documents == nil || it.documents.Version != it.Version {
		return document.Documents{}, false
	}
	for _, kind := range kinds {
		if _, read := it.documents.ByKind[kind]; !read {
			return document.Documents{}, false
		}
	}
	return *it.documents, true
}

// Target is whom events of the Item are told.
func (it Item) Target() event.Target {
	return event.Target{Tenant: it.Tenant, ItemID: it.ID, Webhook: it.Webhook, UserID: it.UserID}
}

const tailPrefix = `,"item":`

// Document is the Item's JSON as most endpoints answer it.
func (it Item) Document() []byte { return it.Tail[len(tailPrefix):] }

// Decode sets the record and what is answered of it.
func (it *Item) Decode(record string) (err error) {
	if it.State, err = state.Decode(record); err != nil {
		return err
	}
	return it.render()
}

// WithState adds an Item's record, decoded once for each version.
func WithState(c *cache.Cache, it Item, record string) (Item, error) {
	return cache.Get(c, it.Key, it.Version, "state", func() (cache.Loaded[Item], error) {
		err := it.Decode(record)
		return cache.Loaded[Item]{Value: it, Size: len(record)*2 + len(it.Tail), Version: it.Version}, err
	})
}

func (it *Item) render() error {
	doc, err := plaid.JSON(it.Wire(it.ID))
	it.Tail = append([]byte(tailPrefix), doc...)
	return err
}

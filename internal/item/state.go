package item

import (
	"weft/internal/item/event"
	"weft/internal/item/state"
	"weft/internal/plaid"
	"weft/internal/store"
)

// State is an Item's record, and History the part of it that says how much was asked for.
type (
	State   = state.State
	History = state.History
)

// Item is an Item as an endpoint is given it. It is shared between requests: treat it as read-only.
type Item struct {
	// Key is the internal key of the Item's rows; ID is the public item_id.
	Key, ID      string
	Tenant       store.Tenant
	ConnectionID string
	// Version rises with each change of anything that belongs to the Item.
	Version int64
	// refreshedAt is when the bank was asked for what was applied last, in milliseconds. It is known of a locked Item alone.
	refreshedAt int64
	State
	// Tail is `,"item":` and the Item's JSON as most endpoints answer it, after the members that are theirs.
	Tail []byte
}

// Target is whom events of the Item are told.
func (it Item) Target() event.Target {
	return event.Target{Tenant: it.Tenant, ItemID: it.ID, Webhook: it.Webhook, UserID: it.UserID}
}

const tailPrefix = `,"item":`

// Document is the Item's JSON as most endpoints answer it.
func (it Item) Document() []byte { return it.Tail[len(tailPrefix):] }

// historyDays is how far back investment transactions are kept: 24 months.
const historyDays = 731

func (it Item) tail() ([]byte, error) {
	doc, err := plaid.JSON(it.Wire(it.ID))
	return append([]byte(tailPrefix), doc...), err
}

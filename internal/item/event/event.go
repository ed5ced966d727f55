// Package event is how an Item's client is told by webhook of what has happened: whoever changes something says so in the
// transaction of the change, and package webhook listens.
package event

import (
	"context"

	"weft/internal/store"
)

// Event is one thing that has happened to an Item.
type Event struct {
	// Type and Code are the contract's webhook_type and webhook_code.
	Type, Code string
	// Members are the further members of the webhook, a struct or nil.
	Members any
	// OfAccount are the members as a processor of one account is told them, nil where there is nothing to tell it. A nil OfAccount
	// is an event that processors are not told.
	OfAccount func(accountID string) any
}

// Target is whom an event is of.
type Target struct {
	Tenant store.Tenant
	ItemID string
	// Webhook is the address that the client has given, empty for none. UserID is the user that the Item belongs to, empty for none.
	Webhook, UserID string
}

// Notifier takes events into the transaction of what has happened. Nil takes none.
type Notifier func(ctx context.Context, tx *store.Tx, to Target, e Event) error

// Tell hands an event over.
func (n Notifier) Tell(ctx context.Context, tx *store.Tx, to Target, e Event) error {
	if n == nil {
		return nil
	}
	return n(ctx, tx, to, e)
}

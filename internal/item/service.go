package item

import (
	"context"
	"log/slog"

	"weft/internal/client"
	"weft/internal/clock"
	"weft/internal/ident"
	"weft/internal/item/cache"
	"weft/internal/item/connectors"
	"weft/internal/item/ending"
	"weft/internal/item/event"
	"weft/internal/item/rows"
	"weft/internal/item/state"
	"weft/internal/item/turns"
	"weft/internal/seal"
	"weft/internal/store"
)

// Service keeps Items.
type Service struct {
	DB   *store.DB
	Keys *seal.Keys
	IDs  *ident.Source
	// LeaseIDs name who asks a bank, in the order of time rather than of requests; nil is IDs.
	LeaseIDs *ident.Source
	Clock    clock.Clock
	Clients  *client.Service
	Cache    *cache.Cache
	// Connectors are the sources of bank data, by environment.
	Connectors Connectors
	// Appliers write what products keep of a bank's answer, in the order given.
	Appliers []Applier
	// Events takes what clients are told by webhook.
	Events event.Notifier
	// Ends has Items end with their logins and consents.
	Ends *ending.Clock
	// Epoch is that of the database: another one after it was restored from a backup.
	Epoch string
	// Paced: the history of transactions comes in two steps some time after an Item is made, as banks give it.
	Paced bool
	// Log receives the failures that no answer tells.
	Log *slog.Logger

	refreshing turns.Turns // by connection: one refresh of it at a time
}

// State is an Item's record, and History the part of it that says how much was asked for.
type (
	State   = state.State
	History = state.History
)

// Item is an Item as an endpoint is given it. It is shared between requests: treat it as read-only.
type Item = rows.Item

// historyDays is how far back investment transactions are kept: 24 months.
const historyDays = 731

// Connectors are the connectors that an environment has.
type Connectors = connectors.Connectors

// Applier writes what a product keeps of a bank's answer, in the refresh's transaction. It reports whether anything
// changed; it must write nothing where nothing has.
type Applier func(ctx context.Context, tx *store.Tx, r *Refreshed) (changed bool, err error)

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
	"weft/internal/item/fetching"
	"weft/internal/item/life"
	"weft/internal/item/opening"
	"weft/internal/item/processors"
	"weft/internal/item/rows"
	"weft/internal/item/state"
	"weft/internal/item/terms"
	"weft/internal/item/tokens"
	"weft/internal/item/turns"
	"weft/internal/metrics"
	"weft/internal/store"
)

// Service keeps Items.
type Service struct {
	Life
	// LeaseIDs name who asks a bank, in the order of time rather than of requests; nil is IDs.
	LeaseIDs *ident.Source
	Clock    clock.Clock
	Clients  *client.Service
	Cache    *cache.Cache
	// Connectors are the sources of bank data, by environment.
	Connectors Connectors
	// Appliers write what products keep of a bank's answer, in the order given.
	Appliers []Applier
	// Ends has Items end with their logins and consents.
	Ends *ending.Clock
	// Epoch is that of the database: another one after it was restored from a backup.
	Epoch string
	// Paced: the history of transactions comes in two steps some time after an Item is made, as banks give it.
	Paced bool
	// Log receives the failures that no answer tells.
	Log *slog.Logger
	// Metrics counts what banks are asked; nil counts nothing.
	Metrics *metrics.Metrics

	openings   opening.Queue
	refreshing turns.Turns // by connection: one refresh of it at a time
}

// Processors are the tokens by which others read single accounts.
func (s *Service) Processors() processors.Tokens {
	return processors.Tokens{DB: s.DB, Keys: s.Keys, IDs: s.IDs, Clock: s.Clock, Clients: s.Clients, Cache: s.Cache}
}

func (s *Service) bankFetcher() fetching.Fetcher {
	return fetching.Fetcher{Metrics: s.Metrics}
}

// Life is the part of the service that keeps tokens and records.
type Life = life.Life

// PublicTokenLife is how long a public token can be exchanged.
const PublicTokenLife = tokens.PublicLife

// ErrUnlinked says that an Item's user has taken back all already.
var ErrUnlinked = life.ErrUnlinked

// Terms are what a new Item is for, and Typed what a person has typed in place of a login.
type (
	Terms = terms.Terms
	Typed = terms.Typed
)

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

package investments

import (
	"context"

	"weft/internal/item"
	"weft/internal/item/event"
	"weft/internal/plaid"
	"weft/internal/store"
)

const transactionsType = "INVESTMENTS_TRANSACTIONS"

type holdingsUpdated struct {
	Error           *plaid.ItemError `json:"error"`
	NewHoldings     int              `json:"new_holdings"`
	UpdatedHoldings int              `json:"updated_holdings"`
}

type transactionsUpdated struct {
	Error     *plaid.ItemError `json:"error"`
	New       int              `json:"new_investments_transactions"`
	Cancelled int              `json:"cancelled_investments_transactions"`
}

// tell tells the client what an answer has changed. Cancelled are the transactions that are gone, and those that a new one of
// type cancel reverses.
func (s *service) tell(ctx context.Context, tx *store.Tx, r *item.Refreshed, l *log) error {
	var events []event.Event
	if holdings := r.Report["holdings"]; holdings.Added+holdings.Changed+holdings.Removed > 0 {
		events = append(events, event.Event{Type: "HOLDINGS", Code: "DEFAULT_UPDATE",
			Members: holdingsUpdated{NewHoldings: holdings.Added, UpdatedHoldings: holdings.Changed + holdings.Removed}})
	}
	if l.changed() {
		events = append(events, event.Event{Type: transactionsType, Code: "DEFAULT_UPDATE",
			Members: transactionsUpdated{New: l.counts.Added, Cancelled: l.counts.Removed + l.reversals}})
	}
	for _, e := range events {
		if err := s.items.Events.Tell(ctx, tx, r.Item.Target(), e); err != nil {
			return err
		}
	}
	return nil
}

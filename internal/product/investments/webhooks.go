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

// tell tells the client what an answer has changed. What an Item has at first is no change.
func (s *service) tell(ctx context.Context, tx *store.Tx, r *item.Refreshed, first bool) error {
	if first {
		return nil
	}
	var events []event.Event
	holdings, log := r.Report["holdings"], r.Report[transactionsTable]
	if holdings.Added+holdings.Changed+holdings.Removed > 0 {
		events = append(events, event.Event{Type: "HOLDINGS", Code: "DEFAULT_UPDATE",
			Members: holdingsUpdated{NewHoldings: holdings.Added, UpdatedHoldings: holdings.Changed + holdings.Removed}})
	}
	if log.Added+log.Changed+log.Removed > 0 {
		events = append(events, event.Event{Type: transactionsType, Code: "DEFAULT_UPDATE",
			Members: transactionsUpdated{New: log.Added, Cancelled: log.Removed}})
	}
	for _, e := range events {
		if err := s.items.Events.Tell(ctx, tx, r.Item.Target(), e); err != nil {
			return err
		}
	}
	return nil
}

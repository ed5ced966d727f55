package investments

import (
	"context"

	"weft/internal/item"
	"weft/internal/item/event"
	"weft/internal/plaid"
	"weft/internal/store"
)

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

// tell tells the client what an answer has changed. What an Item has at first is no change; but its history is told to a
// client that has asked for it with async_update, and waits.
func (s *service) tell(ctx context.Context, tx *store.Tx, r *item.Refreshed, first bool) error {
	var events []event.Event
	add := func(kind, code string, members any) {
		events = append(events, event.Event{Type: kind, Code: code, Members: members})
	}
	holdings, log := r.Report["holdings"], r.Report[transactionsTable]
	_, waits := s.waiting.Load(r.Item.ID)
	switch {
	case first && waits:
		add("INVESTMENTS_TRANSACTIONS", "HISTORICAL_UPDATE", transactionsUpdated{New: log.Added})
		tx.OnCommit(func() { s.waiting.Delete(r.Item.ID) })
	case !first:
		if holdings.Added+holdings.Changed+holdings.Removed > 0 {
			add("HOLDINGS", "DEFAULT_UPDATE", holdingsUpdated{NewHoldings: holdings.Added, UpdatedHoldings: holdings.Changed + holdings.Removed})
		}
		if log.Added+log.Changed+log.Removed > 0 {
			add("INVESTMENTS_TRANSACTIONS", "DEFAULT_UPDATE", transactionsUpdated{New: log.Added, Cancelled: log.Removed})
		}
	}
	for _, e := range events {
		if err := s.items.Events.Tell(ctx, tx, r.Item.Target(), e); err != nil {
			return err
		}
	}
	return nil
}

package transactions

import (
	"context"

	"weft/internal/item/event"
	"weft/internal/plaid"
	"weft/internal/store"
)

const webhookType = "TRANSACTIONS"

// updated is the further members of INITIAL_UPDATE, HISTORICAL_UPDATE and DEFAULT_UPDATE.
type updated struct {
	Error           *plaid.ItemError `json:"error"`
	NewTransactions int              `json:"new_transactions"`
}

type removed struct {
	Error               *plaid.ItemError `json:"error"`
	RemovedTransactions []string         `json:"removed_transactions"`
}

type syncAvailable struct {
	InitialUpdateComplete    bool `json:"initial_update_complete"`
	HistoricalUpdateComplete bool `json:"historical_update_complete"`
}

// tell tells the client of what an answer has changed: first that the history has come, then what is new and what has gone,
// and, to clients that follow by cursor, that there is something to fetch.
func (s *service) tell(ctx context.Context, tx *store.Tx, c *change) error {
	var events []event.Event
	add := func(code string, members any) {
		events = append(events, event.Event{Type: webhookType, Code: code, Members: members})
	}
	before, now := c.reach.before, c.reach.now
	switch {
	case now.Initial && !before.Initial:
		add("INITIAL_UPDATE", updated{NewTransactions: c.counts.Added})
		if now.Historical {
			add("HISTORICAL_UPDATE", updated{})
		}
	case now.Historical && !before.Historical:
		add("HISTORICAL_UPDATE", updated{NewTransactions: c.counts.Added})
	case c.counts.Added+c.counts.Changed > 0:
		add("DEFAULT_UPDATE", updated{NewTransactions: c.counts.Added})
	}
	if len(c.removed) > 0 {
		add("TRANSACTIONS_REMOVED", removed{RemovedTransactions: c.removed})
	}
	if len(events) > 0 && c.Item.Synced {
		add("SYNC_UPDATES_AVAILABLE", syncAvailable{now.Initial, now.Historical})
	}
	for _, e := range events {
		if err := s.items.Events.Tell(ctx, tx, c.Item.Target(), e); err != nil {
			return err
		}
	}
	return nil
}

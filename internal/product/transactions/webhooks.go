package transactions

import (
	"context"

	"weft/internal/item/event"
	"weft/internal/plaid"
	"weft/internal/store"
)

const webhookType = "TRANSACTIONS"

// updated is the further members of INITIAL_UPDATE, HISTORICAL_UPDATE and DEFAULT_UPDATE. Those of a processor name its account,
// here as in the other webhooks.
type updated struct {
	Error           *plaid.ItemError `json:"error"`
	NewTransactions int              `json:"new_transactions"`
	AccountID       string           `json:"account_id,omitempty"`
}

type removed struct {
	Error               *plaid.ItemError `json:"error"`
	RemovedTransactions []string         `json:"removed_transactions"`
	AccountID           string           `json:"account_id,omitempty"`
}

type syncAvailable struct {
	InitialUpdateComplete    bool   `json:"initial_update_complete"`
	HistoricalUpdateComplete bool   `json:"historical_update_complete"`
	AccountID                string `json:"account_id,omitempty"`
}

// accountChange is what an answer has changed of one account.
type accountChange struct {
	added, changed int
	removed        []string
}

// note counts a row that is written.
func (c *change) note(account string, r row) {
	of := c.ofAccount[account]
	if of == nil {
		of = &accountChange{}
		c.ofAccount[account] = of
	}
	switch {
	case r.removed:
		of.removed = append(of.removed, r.id)
	case r.added == c.next:
		of.added++
	default:
		of.changed++
	}
}

// of is what has changed of an account, nothing where nothing is written.
func (c *change) of(account string) accountChange {
	if of := c.ofAccount[account]; of != nil {
		return *of
	}
	return accountChange{}
}

// tell tells the client of what an answer has changed: first that the history has come, then what is new and what has gone,
// and, to clients that follow by cursor, that there is something to fetch. Processors are told what of it is their account's.
func (s *service) tell(ctx context.Context, tx *store.Tx, c *change) error {
	for _, e := range c.events() {
		if err := s.items.Events.Tell(ctx, tx, c.Item.Target(), e); err != nil {
			return err
		}
	}
	return nil
}

func (c *change) events() (events []event.Event) {
	add := func(code string, members any, ofAccount func(accountID string) any) {
		events = append(events, event.Event{Type: webhookType, Code: code, Members: members, OfAccount: ofAccount})
	}
	// news of the history are told to all; of the rest those whose account has changed.
	news := func(code string, all int, of func(accountChange) int) {
		add(code, updated{NewTransactions: all}, func(id string) any {
			return updated{NewTransactions: of(c.of(id)), AccountID: id}
		})
	}
	added := func(of accountChange) int { return of.added }
	before, now := c.reach.before, c.reach.now
	switch {
	case now.Initial && !before.Initial:
		news("INITIAL_UPDATE", c.counts.Added, added)
		if now.Historical {
			news("HISTORICAL_UPDATE", 0, func(accountChange) int { return 0 })
		}
	case now.Historical && !before.Historical:
		news("HISTORICAL_UPDATE", c.counts.Added, added)
	case c.counts.Added+c.counts.Changed > 0:
		add("DEFAULT_UPDATE", updated{NewTransactions: c.counts.Added}, func(id string) any {
			if of := c.of(id); of.added+of.changed > 0 {
				return updated{NewTransactions: of.added, AccountID: id}
			}
			return nil
		})
	}
	if len(c.removed) > 0 {
		add("TRANSACTIONS_REMOVED", removed{RemovedTransactions: c.removed}, func(id string) any {
			if of := c.of(id); len(of.removed) > 0 {
				return removed{RemovedTransactions: of.removed, AccountID: id}
			}
			return nil
		})
	}
	if len(events) > 0 && c.Item.Synced {
		risen := now.Initial != before.Initial || now.Historical != before.Historical
		add("SYNC_UPDATES_AVAILABLE", syncAvailable{InitialUpdateComplete: now.Initial, HistoricalUpdateComplete: now.Historical}, func(id string) any {
			if risen || c.ofAccount[id] != nil {
				return syncAvailable{now.Initial, now.Historical, id}
			}
			return nil
		})
	}
	return events
}

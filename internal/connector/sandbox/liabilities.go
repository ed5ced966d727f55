package sandbox

import (
	"fmt"
	"time"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/custom"
	"weft/internal/connector/sandbox/custom/bank"
	"weft/internal/connector/sandbox/debt"
	"weft/internal/connector/sandbox/household"
	"weft/internal/plaid"
)

// liabilities is what the bank states of the debts of a batch, which has all transactions still.
func (c *Connector) liabilities(creds credentials, conn connector.Connection, batch connector.Batch, now time.Time) ([]connector.Liability, error) {
	terms, err := c.terms(creds, conn)
	if err != nil {
		return nil, err
	}
	today := plaid.DateOf(now)
	if creds.User == userDynamic {
		today = plaid.DateOf(conn.CreatedAt) // its bank stands still but for what clients ask for
	}
	return debt.State(batch, terms, today), nil
}

// terms is what a person has agreed on with the bank, by the keys of accounts.
func (c *Connector) terms(creds credentials, conn connector.Connection) (map[string]debt.Terms, error) {
	terms := map[string]debt.Terms{}
	switch p := c.people().static[creds.User]; {
	case creds.User == userCustom:
		cfg, err := custom.Parse(creds.Custom)
		if err != nil {
			return nil, fmt.Errorf("sandbox: the configuration of connection %s: %w", conn.ID, err)
		}
		return bank.Terms(cfg, c.world(conn, conn.CreatedAt)), nil
	case p != nil:
		for _, t := range p.Liabilities {
			terms[t.Account] = t
		}
	case c.people().households.Has(creds.User):
		plan, err := c.people().households.Plan(creds.User)
		if err != nil {
			return nil, fmt.Errorf("sandbox: %w", err)
		}
		return household.Terms(plan), nil
	}
	return terms, nil
}

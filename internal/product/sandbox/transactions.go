package sandbox

import (
	"context"
	"fmt"

	"weft/internal/connector"
	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/plaid"
)

type createTransactionsRequest struct {
	Transactions []simulated `json:"transactions" weft:"required"`
}

type simulated struct {
	DateTransacted  plaid.Date    `json:"date_transacted" weft:"required"`
	DatePosted      plaid.Date    `json:"date_posted" weft:"required"`
	Amount          plaid.Decimal `json:"amount" weft:"required"`
	Description     string        `json:"description" weft:"required"`
	ISOCurrencyCode *string       `json:"iso_currency_code"`
}

// mostCreated is how many transactions one call may make.
const mostCreated = 10

// Validate checks the fields by themselves; the rules of days are the bank's.
func (r *createTransactionsRequest) Validate(httpapi.Version) error {
	if n := len(r.Transactions); n == 0 || n > mostCreated {
		return plaid.InvalidField("transactions", fmt.Sprintf("must have between 1 and %d elements", mostCreated))
	}
	for i, t := range r.Transactions {
		if t.Description == "" {
			return plaid.InvalidField(fmt.Sprintf("transactions[%d].description", i), "must be a non-empty string")
		}
	}
	return nil
}

// createTransactions has the Item's bank state transactions, and fetches them.
func (s *service) createTransactions(ctx context.Context, it item.Item, req createTransactionsRequest) (httpapi.None, error) {
	if it.Tenant.Environment != plaid.Sandbox {
		return httpapi.None{}, plaid.Errf("SANDBOX_ONLY", "access to /sandbox/transactions/create is only available in the sandbox environment")
	}
	if err := it.Failed(); err != nil {
		return httpapi.None{}, err
	}
	list := make([]connector.SimulatedTransaction, 0, len(req.Transactions))
	for _, t := range req.Transactions {
		list = append(list, connector.SimulatedTransaction{Transacted: t.DateTransacted, Posted: t.DatePosted, Amount: t.Amount,
			Description: t.Description, ISOCurrencyCode: orDefault(t.ISOCurrencyCode, "")})
	}
	return httpapi.None{}, s.connections.CreateTransactions(ctx, it, list)
}

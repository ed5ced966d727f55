// Package terms says what a new Item is for.
package terms

import (
	"slices"
	"time"

	"weft/internal/connector"
	"weft/internal/item/rows"
	"weft/internal/item/state"
	"weft/internal/plaid"
)

// Terms are what a new Item is for.
type Terms struct {
	// Products are initialised now; Consented may be added later without asking the user again.
	Products, Consented []string
	// Accounts are the bank's keys of the accounts that the user shares; nil for all there are.
	Accounts []string
	// Typed are the numbers that the person has typed of an account, nil for none.
	Typed   *Typed
	Webhook string
	UserID  string
	History state.History
	// Statements are the days whose statements are wanted.
	Statements []state.Days
	Imported   bool
}

// Typed are account numbers that a person has typed, and how they are verified.
type Typed struct {
	AccountKey   string
	Numbers      connector.Typed
	Verification connector.Verification
}

// Number puts typed numbers into a bank's answer, and into the Item that is made of it.
func (t *Typed) Number(it *rows.Item, batch connector.Batch) {
	if t == nil {
		return
	}
	it.Typed = state.NewTyped(t.AccountKey, t.Numbers, t.Verification)
	for i := range batch.Accounts {
		if batch.Accounts[i].Key == t.AccountKey {
			batch.Accounts[i].Numbers = t.Numbers.Numbers()
		}
	}
}

// Supports refuses products that an institution does not have.
func Supports(b connector.Institution, products []string) error {
	var missing []string
	for _, p := range products {
		if !plaid.Known(b.Products, p) {
			missing = append(missing, p)
		}
	}
	if len(missing) > 0 {
		return plaid.Errf("PRODUCTS_NOT_SUPPORTED", "%s does not support the requested product(s): %s", b.Name, plaid.Quoted(missing))
	}
	return nil
}

// State is the record of a new Item.
func (t Terms) State(ins connector.Institution, opened connector.Opened, now time.Time) state.State {
	st := state.State{
		InstitutionID: ins.InstitutionID, InstitutionName: ins.Name, Supported: ins.Products,
		Products: plaid.Ordered(plaid.Products, t.Products),
		Webhook:  t.Webhook, UserID: t.UserID, History: t.History, Statements: t.Statements, CreatedAt: now.UnixMilli(),
		ConsentNeeded: plaid.Known(ins.CountryCodes, "US") || plaid.Known(ins.CountryCodes, "CA"),
	}
	st.Consented = plaid.Ordered(plaid.Products, slices.Concat(t.Products, t.Consented))
	st.Renew(opened)
	return st
}

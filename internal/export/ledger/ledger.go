// Package ledger is what is exported: accounts with all that is stored of them, as of one moment.
package ledger

import (
	"slices"
	"time"

	"weft/internal/plaid"
)

// Book is what is exported of a client's Items.
type Book struct {
	// At is the moment of the export.
	At time.Time
	// ToPresent says that no row is left out after some day, so that balances follow from the rows.
	ToPresent  bool
	Accounts   []Account
	Securities []plaid.Security
}

// Account is an account with all of its rows, oldest first.
type Account struct {
	plaid.Account
	ItemID, InstitutionID, InstitutionName string
	// AsOf is the moment that balances and holdings are of.
	AsOf         time.Time
	Transactions []Transaction
	Holdings     []plaid.Holding
	Investments  []plaid.InvestmentTransaction
}

// Transaction is a transaction as /transactions/get answers it.
type Transaction struct {
	plaid.Transaction
	OriginalDescription     *string                       `json:"original_description"`
	PersonalFinanceCategory plaid.PersonalFinanceCategory `json:"personal_finance_category"`
}

// Security is one of the book, by its id.
func (b *Book) Security(id string) *plaid.Security {
	i := slices.IndexFunc(b.Securities, func(s plaid.Security) bool { return s.SecurityID == id })
	if i < 0 {
		return nil
	}
	return &b.Securities[i]
}

// Currency is the currency of the account: dollars where its bank says none.
func (a *Account) Currency() string {
	return Currency(a.Balances.ISOCurrencyCode, a.Balances.UnofficialCurrencyCode, "USD")
}

// Currency is one of two codes, of which one at most is set.
func Currency(iso, unofficial *string, otherwise string) string {
	switch {
	case iso != nil:
		return *iso
	case unofficial != nil:
		return *unofficial
	}
	return otherwise
}

// Owed reports whether the account's balance is what its holder owes.
func (a *Account) Owed() bool { return a.Type == "credit" || a.Type == "loan" }

// IsCash reports whether a security is money.
func IsCash(s *plaid.Security) bool { return s != nil && s.Type != nil && *s.Type == "cash" }

// Days are the first and the last day that the book knows anything of an account; the last is that of its balance where no row
// is later.
func (a *Account) Days() (first, last plaid.Date) {
	first = plaid.DateOf(a.AsOf)
	last = first
	see := func(d plaid.Date) { first, last = min(first, d), max(last, d) }
	for _, t := range a.Transactions {
		see(t.Date)
	}
	for _, t := range a.Investments {
		see(t.Date)
	}
	return first, last
}

// Cash is what an investment account holds of each currency, and whether that is known: as its bank says, or what is left of its
// value when all positions are taken off.
func (b *Book) Cash(a *Account) (cash map[string]plaid.Decimal, known bool) {
	cash, positions := map[string]plaid.Decimal{}, map[string]plaid.Decimal{}
	stated := false
	for _, h := range a.Holdings {
		currency := Currency(h.ISOCurrencyCode, h.UnofficialCurrencyCode, a.Currency())
		if IsCash(b.Security(h.SecurityID)) {
			cash[currency], stated = cash[currency].Add(h.InstitutionValue), true
		} else {
			positions[currency] = positions[currency].Add(h.InstitutionValue)
		}
	}
	if stated {
		return cash, true
	}
	_, own := positions[a.Currency()]
	if a.Balances.Current == nil || len(positions) > 1 || (len(positions) == 1 && !own) {
		return nil, false
	}
	return map[string]plaid.Decimal{a.Currency(): a.Balances.Current.Sub(positions[a.Currency()])}, true
}

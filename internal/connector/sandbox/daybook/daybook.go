// Package daybook is what an account had or owed at the end of any day, found backwards from what it has now: debts and
// statements of the simulated banks are made of it, so that they agree with the balances and transactions that are fetched.
package daybook

import (
	"cmp"
	"slices"

	"weft/internal/connector"
	"weft/internal/plaid"
)

// Book is an account's posted transactions, oldest first. Transactions that are pending are not in its balance yet.
type Book struct {
	rows []connector.Transaction
	now  plaid.Decimal
	debt bool
}

// Of is the book of an account of a batch.
func Of(batch connector.Batch, a connector.Account) Book {
	b := Book{debt: a.Type == plaid.TypeCredit || a.Type == plaid.TypeLoan}
	if a.Balances.Current != nil {
		b.now = *a.Balances.Current
	}
	for _, row := range batch.Transactions {
		if row.AccountKey == a.Key && !row.Pending {
			b.rows = append(b.rows, row)
		}
	}
	slices.SortStableFunc(b.rows, func(x, y connector.Transaction) int { return cmp.Compare(x.Date, y.Date) })
	return b
}

// At is the balance at the end of a day: what the account had, or what was owed on it.
func (b Book) At(day plaid.Date) plaid.Decimal {
	at := b.now
	for _, row := range b.Between(day.AddDays(1), plaid.Date(1<<30)) {
		if b.debt {
			at = at.Sub(row.Amount)
		} else {
			at = at.Add(row.Amount)
		}
	}
	return Fit(at)
}

// Fit keeps a sum storable: a configuration may have numbers that no money has, and what they come to is nothing.
func Fit(sum plaid.Decimal) plaid.Decimal {
	if len(sum.String()) > plaid.MaxDecimalText {
		return plaid.Decimal{}
	}
	return sum
}

// Between are the transactions of some days, both included.
func (b Book) Between(from, to plaid.Date) []connector.Transaction {
	place := func(day plaid.Date) int {
		at, _ := slices.BinarySearchFunc(b.rows, day, func(row connector.Transaction, d plaid.Date) int { return cmp.Compare(row.Date, d) })
		return at
	}
	if from > to {
		return nil
	}
	return b.rows[place(from):place(to.AddDays(1))]
}

// Since is the day of the first transaction, and false where there is none.
func (b Book) Since() (plaid.Date, bool) {
	if len(b.rows) == 0 {
		return 0, false
	}
	return b.rows[0].Date, true
}

package mapping

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"weft/internal/connector"
	"weft/internal/connector/simplefin/rules"
	"weft/internal/connector/simplefin/wire"
	"weft/internal/plaid"
)

// creditLike are the loans that are drawn on and paid back like a card: their balance may truly be the customer's.
var creditLike = []string{"line of credit", "overdraft"}

// Account is an account in the contract's form.
func Account(acc wire.Account, kind rules.Kind) connector.Account {
	current, available := acc.Balance, acc.Available
	drawn := slices.Contains(creditLike, kind.Subtype)
	switch {
	case kind.Type == plaid.TypeCredit, kind.Type == plaid.TypeLoan && drawn:
		current = current.Neg()
	case kind.Type == plaid.TypeLoan: // some banks state what is owed with a minus and some without; nobody owns a mortgage
		current, available = current.Abs(), nil
	}
	a := connector.Account{Key: acc.ID, Account: plaid.Account{
		Name: cmp.Or(acc.Name, "Account"), Mask: maskOf(acc.Name), Type: kind.Type,
		Balances: plaid.Balances{Current: &current, Available: available},
	}}
	if kind.Subtype != "" {
		a.Subtype = &kind.Subtype
	}
	a.Balances.ISOCurrencyCode, a.Balances.UnofficialCurrencyCode = rules.Currency(acc.Currency)
	if acc.BalanceDate > 0 {
		at := plaid.Timestamp(time.Unix(acc.BalanceDate, 0))
		a.Balances.LastUpdatedDatetime = &at
	}
	return a
}

// maskOf is the last digits of a name that ends in some: four or more, or two and more after a mark that hides the others.
// "Roth 457" and "Fund 12" end in numbers that are none of an account's.
func maskOf(name string) *string {
	name = strings.TrimRight(name, ")] ")
	bare := strings.TrimRight(name, "0123456789")
	digits := name[len(bare):]
	if len(digits) < 4 && (len(digits) < 2 || strings.TrimRight(bare, "xX*.#•…-(") == bare) {
		return nil
	}
	digits = digits[max(0, len(digits)-4):]
	return &digits
}

// Transactions are the movements of a bank account, a card or a loan.
func Transactions(acc wire.Account, rows []wire.Transaction, now time.Time) []connector.Transaction {
	iso, unofficial := rules.Currency(acc.Currency)
	list := make([]connector.Transaction, 0, len(rows))
	for _, row := range rows {
		t := connector.Transaction{
			Key: row.ID, AccountKey: acc.ID, Pending: row.Pending, Amount: row.Amount.Neg(), Date: Day(row, now),
			ISOCurrencyCode: iso, UnofficialCurrencyCode: unofficial, Name: nameOf(row), Payee: row.Payee, Memo: row.Memo,
		}
		if row.Transacted > 0 {
			t.AuthorizedDate = plaid.DateOf(time.Unix(row.Transacted, 0)).Ptr()
		}
		list = append(list, t)
	}
	slices.SortStableFunc(list, func(a, b connector.Transaction) int {
		return cmp.Or(cmp.Compare(a.Date, b.Date), cmp.Compare(a.Key, b.Key))
	})
	return list
}

// Day is when a movement was posted, or while it is pending when it happened: today, if the bank does not say.
func Day(row wire.Transaction, now time.Time) plaid.Date {
	switch {
	case row.Posted > 0:
		return plaid.DateOf(time.Unix(row.Posted, 0))
	case row.Transacted > 0:
		return plaid.DateOf(time.Unix(row.Transacted, 0))
	}
	return plaid.DateOf(now)
}

func nameOf(row wire.Transaction) string {
	return cmp.Or(row.Description, row.Payee, row.Memo, "Transaction")
}

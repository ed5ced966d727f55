// Package journal keeps a book in double entry, and writes it for Beancount and hledger. Every entry balances exactly; what an
// account had before its first row follows from what it has today, and is an entry of its own.
//
// Signs are those of bookkeeping: assets are positive and debts negative, so an amount of the API is turned round. The other side of
// a transaction is an account of its category; moves between own accounts meet in Equity:Transfers.
package journal

import (
	"fmt"
	"slices"
	"strings"

	"weft/internal/export/ledger"
	"weft/internal/plaid"
)

// entry is one transaction of the journal.
type entry struct {
	date             plaid.Date
	pending          bool
	payee, narration string
	id               string
	postings         []posting
}

// posting moves a quantity of a commodity. Total is what it is worth in another one, where it was exchanged.
type posting struct {
	account   string
	quantity  plaid.Decimal
	commodity string
	total     *amount
}

type amount struct {
	number    plaid.Decimal
	commodity string
}

// assertion is what an account holds at the end of a day.
type assertion struct {
	date    plaid.Date
	account string
	amount
}

// price is what one of a commodity is worth on a day.
type price struct {
	date      plaid.Date
	commodity string
	amount
}

// books are a journal that is ready to be written.
type books struct {
	accounts    []string
	opened      map[string]plaid.Date
	commodities []commodity
	entries     []entry
	assertions  []assertion
	prices      []price
}

// commodity is a currency or an instrument, with the name that it has in the journal.
type commodity struct{ symbol, name, securityID string }

// Names of accounts that no bank has.
const (
	opening    = "Equity:Opening-Balances"
	transfers  = "Equity:Transfers"
	conversion = "Equity:Conversions"
	fees       = "Expenses:Fees"
)

// keep makes a journal of a book.
func keep(b *ledger.Book) *books {
	k := &keeper{book: b, names: newNames(b), out: &books{opened: map[string]plaid.Date{}}}
	for i := range b.Accounts {
		a := &b.Accounts[i]
		if a.Type == "investment" || len(a.Investments) > 0 || len(a.Holdings) > 0 {
			k.investments(a)
		} else {
			k.bank(a)
		}
	}
	k.finish()
	return k.out
}

// keeper makes a journal.
type keeper struct {
	book  *ledger.Book
	names *names
	out   *books
}

func (k *keeper) add(e entry) {
	e.postings = slices.DeleteFunc(e.postings, func(p posting) bool { return p.quantity.IsZero() })
	if len(e.postings) == 0 {
		return
	}
	k.out.entries = append(k.out.entries, e)
}

// bank keeps an account of money.
func (k *keeper) bank(a *ledger.Account) {
	name := k.names.account(a)
	first, last := a.Days()
	moved, pending := map[string]plaid.Decimal{}, map[string]plaid.Decimal{}
	for _, t := range a.Transactions {
		currency := k.names.currency(ledger.Currency(t.ISOCurrencyCode, t.UnofficialCurrencyCode, a.Currency()))
		moved[currency] = moved[currency].Sub(t.Amount)
		if t.Pending { // the bank's balance does not know of it yet, and the journal does
			pending[currency] = pending[currency].Sub(t.Amount)
		}
		k.add(entry{date: t.Date, pending: t.Pending, payee: text(t.MerchantName), narration: t.Name, id: t.TransactionID, postings: []posting{
			{account: name, quantity: t.Amount.Neg(), commodity: currency},
			{account: counter(t), quantity: t.Amount, commodity: currency},
		}})
	}
	k.open(name, first)
	if !k.book.ToPresent || a.Balances.Current == nil {
		return
	}
	balance := *a.Balances.Current
	if a.Owed() {
		balance = balance.Neg()
	}
	currency := k.names.currency(a.Currency())
	k.holds(name, first, last, amount{balance.Add(pending[currency]), currency}, moved)
}

// holds says what an account holds after its last row, and so what it had before the first.
func (k *keeper) holds(name string, first, last plaid.Date, is amount, moved map[string]plaid.Decimal) {
	before := is.number.Sub(moved[is.commodity])
	k.add(entry{date: first.AddDays(-1), narration: "Opening balance", postings: []posting{
		{account: name, quantity: before, commodity: is.commodity},
		{account: opening, quantity: before.Neg(), commodity: is.commodity},
	}})
	k.out.assertions = append(k.out.assertions, assertion{last, name, is})
}

// open notes from which day on an account is there.
func (k *keeper) open(name string, first plaid.Date) {
	day := first.AddDays(-1)
	if known, ok := k.out.opened[name]; !ok || day < known {
		k.out.opened[name] = day
	}
}

// finish puts the journal in order, and names what it uses.
func (k *keeper) finish() {
	o := k.out
	slices.SortStableFunc(o.entries, func(a, b entry) int { return int(a.date) - int(b.date) })
	for _, e := range o.entries {
		for _, p := range e.postings {
			k.open(p.account, e.date.AddDays(1))
		}
	}
	for name := range o.opened {
		o.accounts = append(o.accounts, name)
	}
	slices.Sort(o.accounts)
	o.commodities = k.names.used()
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// counter is the account of a transaction's other side.
func counter(t ledger.Transaction) string {
	c := t.PersonalFinanceCategory
	detail := strings.TrimPrefix(strings.TrimPrefix(c.Detailed, c.Primary), "_")
	switch {
	case c.Primary == "" && t.Amount.Sign() < 0:
		return "Income:Uncategorized"
	case c.Primary == "":
		return "Expenses:Uncategorized"
	case strings.HasPrefix(c.Primary, "TRANSFER") || strings.HasPrefix(c.Primary, "LOAN_"):
		return transfers
	case c.Primary == "INCOME":
		return join("Income", title(detail))
	case c.Primary == "BANK_FEES":
		return join(fees, title(detail))
	}
	return join("Expenses", title(c.Primary), title(detail))
}

func join(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ":")
}

// title is a word of a taxonomy as a part of an account's name.
func title(word string) string {
	parts := strings.Split(strings.ToLower(word), "_")
	for i, p := range parts {
		if p != "" {
			parts[i] = strings.ToUpper(p[:1]) + p[1:]
		}
	}
	return strings.Join(parts, "-")
}

// oneLine is text that a line of a journal can hold.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func (a amount) String() string { return fmt.Sprintf("%s %s", a.number, a.commodity) }

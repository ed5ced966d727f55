// Package debt is what a simulated bank states of its credit cards, mortgages and student loans. What is agreed is written
// down as terms; what moves (statements, payments, what was charged) is found in the account's book, so that it agrees with
// balances and transactions.
package debt

import (
	"errors"
	"time"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/daybook"
	"weft/internal/plaid"
)

// Terms are what is agreed on a debt. What the contract's shape leaves open is found in the account's book.
type Terms struct {
	// Account is the key of the account.
	Account string `json:"account"`
	// StatementDay is the day of the month on which a statement is made, PaymentDay that of the last payment before it, and
	// DueDay that on which the next one is due; 0 where the book decides.
	StatementDay int `json:"statement_day"`
	PaymentDay   int `json:"payment_day"`
	DueDay       int `json:"due_day"`

	Credit   *plaid.CreditCard  `json:"credit"`
	Mortgage *plaid.Mortgage    `json:"mortgage"`
	Student  *plaid.StudentLoan `json:"student"`
}

// Check says what is wrong with terms for an account of a type.
func (t *Terms) Check(accountType string) error {
	for _, day := range []int{t.StatementDay, t.PaymentDay, t.DueDay} {
		if day < 0 || day > 28 {
			return errors.New("a day of the month is from 1 to 28, or 0")
		}
	}
	if (t.Credit != nil && accountType != plaid.TypeCredit) || (t.Credit == nil && accountType != plaid.TypeLoan) || (t.Mortgage != nil && t.Student != nil) {
		return errors.New("a card has the terms of a card, and a loan those of a mortgage or of a student loan")
	}
	return nil
}

// Fits are the accounts of which there are terms.
func Fits(a connector.Account) bool {
	switch a.Type + "/" + subtype(a) {
	case "credit/credit card", "credit/paypal", "loan/mortgage", "loan/student":
		return true
	default:
		return false
	}
}

// Stated are the accounts whose debts have a day on which their last statement was made.
func Stated(a connector.Account) bool { return Fits(a) && subtype(a) != "mortgage" }

func subtype(a connector.Account) string {
	if a.Subtype == nil {
		return ""
	}
	return *a.Subtype
}

// State is what the bank states on a day of the accounts of a batch that have debts. An account without terms has those that
// its kind has by default.
func State(batch connector.Batch, terms map[string]Terms, today plaid.Date) []connector.Liability {
	var list []connector.Liability
	for _, a := range batch.Accounts {
		if !Fits(a) {
			continue
		}
		d := debt{Terms: terms[a.Key], account: a, book: daybook.Of(batch, a), today: today}
		out := connector.Liability{AccountKey: a.Key}
		switch {
		case a.Type == plaid.TypeCredit:
			out.Credit = d.card()
		case subtype(a) == "mortgage":
			out.Mortgage = d.mortgage()
		default:
			out.Student = d.student()
		}
		list = append(list, out)
	}
	return list
}

// debt is one account's debt on a day.
type debt struct {
	Terms
	account connector.Account
	book    daybook.Book
	today   plaid.Date
}

// lastOn is the last day at or before one on which a day of the month falls; nextOn the first one after it.
func lastOn(day int, from plaid.Date) plaid.Date {
	t := from.Time()
	if on := inMonth(t.Year(), t.Month(), day); on <= from {
		return on
	}
	return inMonth(t.Year(), t.Month()-1, day)
}

func nextOn(day int, from plaid.Date) plaid.Date {
	t := from.Time()
	if on := inMonth(t.Year(), t.Month(), day); on > from {
		return on
	}
	return inMonth(t.Year(), t.Month()+1, day)
}

// inMonth is a day of a month, or the last one of a month that has fewer.
func inMonth(year int, month time.Month, day int) plaid.Date {
	return min(plaid.NewDate(year, month, day), plaid.NewDate(year, month+1, 0))
}

// owed is the balance now.
func (d *debt) owed() plaid.Decimal {
	if d.account.Balances.Current == nil {
		return plaid.Decimal{}
	}
	return *d.account.Balances.Current
}

// paid is what was paid, or taken back, over some days.
func (d *debt) paid(from, to plaid.Date) plaid.Decimal {
	var sum plaid.Decimal
	for _, row := range d.book.Between(from, to) {
		if row.Amount.Sign() < 0 {
			sum = sum.Sub(row.Amount)
		}
	}
	return daybook.Fit(sum)
}

// charged is the interest that the bank charged over some days.
func (d *debt) charged(from, to plaid.Date) plaid.Decimal {
	var sum plaid.Decimal
	for _, row := range d.book.Between(from, to) {
		if row.Kind == interestKind {
			sum = sum.Add(row.Amount)
		}
	}
	return daybook.Fit(sum)
}

// interestKind is the bank's word for what it charges.
const interestKind = "INT"

// payment fills in the last payment at or before a day.
func (d *debt) payment(until plaid.Date, amount **plaid.Decimal, date **plaid.Date) {
	rows := d.book.Between(0, until)
	for i := len(rows) - 1; i >= 0 && d.PaymentDay == 0; i-- {
		if rows[i].Amount.Sign() < 0 && (rows[i].Kind == "PAYMENT" || rows[i].Kind == "") { // and no refund
			fill(amount, rows[i].Amount.Neg())
			fill(date, rows[i].Date)
			return
		}
	}
	if d.PaymentDay > 0 {
		fill(date, lastOn(d.PaymentDay, until))
	}
}

// monthly is a month's part of a yearly rate, in percent.
func monthly(on, percent plaid.Decimal) plaid.Decimal {
	return daybook.Fit(on.Mul(percent).Div(plaid.DecimalFromInt(1200), 2))
}

// fill gives a member that is open its value.
func fill[T any](to **T, value T) {
	if *to == nil {
		*to = &value
	}
}

func least(a, b plaid.Decimal) plaid.Decimal {
	if a.Cmp(b) < 0 {
		return a
	}
	return b
}

func most(a, b plaid.Decimal) plaid.Decimal {
	if a.Cmp(b) > 0 {
		return a
	}
	return b
}

// floor is an amount that is at least nothing.
func floor(a plaid.Decimal) plaid.Decimal { return most(a, plaid.Decimal{}) }

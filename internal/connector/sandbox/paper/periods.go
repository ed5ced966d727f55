// Package paper is the statements that simulated banks make of their accounts: which there are, and what stands on them. They
// are drawn from an account's book, so that they agree with its balances and transactions.
package paper

import (
	"fmt"
	"strconv"
	"time"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/daybook"
	"weft/internal/connector/sandbox/debt"
	"weft/internal/plaid"
)

// Period is the days of a statement, both included. It is made at the end of the last one.
type Period struct{ From, To plaid.Date }

// Key names the statement of a period.
func (p Period) Key() string { return p.To.String() }

// Fits are the accounts that have statements.
func Fits(a connector.Account) bool {
	return a.Type == plaid.TypeDepository || a.Type == plaid.TypeCredit || a.Type == plaid.TypeLoan
}

// List is all statements of a batch's accounts up to a day. A card's and a student loan's are made on the day that
// is told of their debts, others at the end of a month;
// the first is of the month of the first transaction.
func List(batch connector.Batch, terms map[string]debt.Terms, today plaid.Date) []connector.AccountStatement {
	var list []connector.AccountStatement
	for _, a := range batch.Accounts {
		since, any := daybook.Of(batch, a).Since()
		if !any || !Fits(a) {
			continue
		}
		for p := first(closing(a, terms), since); p.To <= today; p = next(closing(a, terms), p) {
			t := p.To.Time()
			list = append(list, connector.AccountStatement{AccountKey: a.Key, Key: p.Key(), Year: t.Year(), Month: int(t.Month()), Posted: p.To})
		}
	}
	return list
}

// Find is the period of a statement's key.
func Find(a connector.Account, terms map[string]debt.Terms, key string) (Period, error) {
	to, err := plaid.ParseDate(key)
	if err != nil {
		return Period{}, err
	}
	p := first(closing(a, terms), to)
	if p.To != to {
		return Period{}, fmt.Errorf("no statement was made on %s", key)
	}
	return p, nil
}

// lastDay is the closing day of accounts that close with the month.
const lastDay = 31

// closing is the day of the month on which an account's statements are made.
func closing(a connector.Account, terms map[string]debt.Terms) int {
	if debt.Stated(a) {
		return terms[a.Key].Closes()
	}
	return lastDay
}

// first is the period in which a day falls.
func first(day int, on plaid.Date) Period {
	t := on.Time()
	to := inMonth(t.Year(), t.Month(), day)
	if to < on {
		to = inMonth(t.Year(), t.Month()+1, day)
	}
	t = to.Time()
	return Period{From: inMonth(t.Year(), t.Month()-1, day).AddDays(1), To: to}
}

func next(day int, p Period) Period { return first(day, p.To.AddDays(1)) }

func inMonth(year int, month time.Month, day int) plaid.Date {
	return min(plaid.NewDate(year, month, day), plaid.NewDate(year, month+1, 0))
}

// days is a period for people.
func (p Period) days() string {
	return long(p.From) + " – " + long(p.To)
}

func long(d plaid.Date) string {
	t := d.Time()
	return t.Month().String() + " " + strconv.Itoa(t.Day()) + ", " + strconv.Itoa(t.Year())
}

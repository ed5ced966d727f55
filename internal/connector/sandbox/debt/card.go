package debt

import "weft/internal/plaid"

// The least payment of a card: a part of the statement, or a fixed amount, but not more than the statement.
var (
	minimumPart    = plaid.NewDecimal(4, -2)
	leastOfMinimum = plaid.NewDecimal(2500, -2)
)

// Minimum is the least payment of a card's statement.
func Minimum(statement plaid.Decimal) plaid.Decimal {
	return least(floor(statement), most(statement.Mul(minimumPart).Round(2), leastOfMinimum))
}

// usualStatementDay is when statements are made that no terms fix.
const usualStatementDay = 15

// Closes is the day of the month on which the statements of a card or a student loan are made.
func (t Terms) Closes() int {
	if t.StatementDay == 0 {
		return usualStatementDay
	}
	return t.StatementDay
}

// card states a credit card. A statement is due the day before the next one is made.
func (d *debt) card() *plaid.CreditCard {
	var c plaid.CreditCard
	if d.Credit != nil {
		c = *d.Credit
	}
	made := lastOn(d.Closes(), d.today)
	before := lastOn(d.Closes(), made.AddDays(-1))
	due := nextOn(d.Closes(), d.today).AddDays(-1)
	if d.DueDay > 0 {
		due = nextOn(d.DueDay, d.today)
	}
	until := d.today
	if d.PaymentDay > 0 {
		until = made
	}
	d.payment(until, &c.LastPaymentAmount, &c.LastPaymentDate)
	fill(&c.LastStatementIssueDate, made)
	fill(&c.LastStatementBalance, d.book.At(made))
	fill(&c.MinimumPaymentAmount, Minimum(*c.LastStatementBalance))
	fill(&c.NextPaymentDueDate, due)
	fill(&c.IsOverdue, d.missed(before))
	c.APRs = append([]plaid.APR{}, c.APRs...)
	for i := range c.APRs {
		apr := &c.APRs[i]
		if apr.Type == "purchase_apr" {
			fill(&apr.BalanceSubjectToAPR, floor(d.book.At(before).Sub(d.paid(before.AddDays(1), made))))
			fill(&apr.InterestChargeAmount, d.charged(made, made))
		}
		fill(&apr.BalanceSubjectToAPR, plaid.Decimal{})
		fill(&apr.InterestChargeAmount, plaid.Decimal{})
	}
	return &c
}

// missed reports whether the least payment of the statement of a day, whose time is over, has not come.
func (d *debt) missed(statement plaid.Date) bool {
	since, any := d.book.Since()
	if !any || statement < since {
		return false
	}
	return d.paid(statement.AddDays(1), d.today).Cmp(Minimum(d.book.At(statement))) < 0
}

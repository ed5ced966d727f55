// Package accrual counts interest by the days on which a balance stood.
package accrual

import "weft/internal/plaid"

// Accrual adds up balance x days since the last month's end, for cash and for loans.
type Accrual struct {
	Since      plaid.Date
	cash, loan plaid.Decimal
}

// Count counts the days before a day at a balance, which is negative where it is a loan.
func (a *Accrual) Count(balance plaid.Decimal, day plaid.Date) {
	if day <= a.Since {
		return // a month's end has counted its own day already
	}
	days := plaid.DecimalFromInt(int64(day - a.Since))
	a.Since = day
	if balance.Sign() >= 0 {
		a.cash = a.cash.Add(balance.Mul(days))
		return
	}
	a.loan = a.loan.Sub(balance.Mul(days))
}

// Close gives the interest on the cash and on the loan, by actual days of a year of 365, and begins anew. Both are positive.
func (a *Accrual) Close(cashPercent, loanPercent plaid.Decimal) (earned, owed plaid.Decimal) {
	percentDays := plaid.DecimalFromInt(36500)
	earned, owed = a.cash.Mul(cashPercent).Div(percentDays, 2), a.loan.Mul(loanPercent).Div(percentDays, 2)
	*a = Accrual{Since: a.Since}
	return earned, owed
}

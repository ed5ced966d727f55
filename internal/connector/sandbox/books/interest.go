package books

import "weft/internal/plaid"

// accrual adds up balance x days since the last month's end, for cash and for loans.
type accrual struct {
	since      plaid.Date
	cash, loan plaid.Decimal
}

// accrue counts the days before day at the balance of now.
func (a *account) accrue(day plaid.Date) {
	if day <= a.accrual.since {
		return // a month's end has counted its own day already
	}
	days := plaid.DecimalFromInt(int64(day - a.accrual.since))
	a.accrual.since = day
	if a.cash.Sign() >= 0 {
		a.accrual.cash = a.accrual.cash.Add(a.cash.Mul(days))
		return
	}
	a.accrual.loan = a.accrual.loan.Sub(a.cash.Mul(days))
}

// monthEnd pays the interest on cash and charges that on the loan, by actual days of a year of 365.
func (l *ledger) monthEnd(a *account) error {
	a.accrue(l.day.AddDays(1))
	percentDays := plaid.DecimalFromInt(36500)
	earned := a.accrual.cash.Mul(a.InterestPercent).Div(percentDays, 2)
	var owed plaid.Decimal
	if a.MarginPercent != nil {
		owed = a.accrual.loan.Mul(*a.MarginPercent).Div(percentDays, 2)
	}
	a.accrual = accrual{since: l.day.AddDays(1)}
	if earned.Sign() > 0 {
		l.post(a, entry{kind: "cash", subtype: "interest", text: "Interest on cash", amount: earned.Neg()})
	}
	if owed.Sign() > 0 {
		l.post(a, entry{kind: "fee", subtype: "margin expense", text: "Margin interest", amount: owed})
	}
	return nil
}

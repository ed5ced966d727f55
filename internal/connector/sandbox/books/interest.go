package books

import "weft/internal/plaid"

// monthEnd pays the interest on cash and charges that on the loan.
func (l *ledger) monthEnd(a *account) error {
	var margin plaid.Decimal
	if a.MarginPercent != nil {
		margin = *a.MarginPercent
	}
	a.accrual.Count(a.cash, l.day.AddDays(1))
	earned, owed := a.accrual.Close(a.InterestPercent, margin)
	if earned.Sign() > 0 {
		l.post(a, entry{kind: "cash", subtype: "interest", text: "Interest on cash", amount: earned.Neg()})
	}
	if owed.Sign() > 0 {
		l.post(a, entry{kind: "fee", subtype: "margin expense", text: "Margin interest", amount: owed})
	}
	return nil
}

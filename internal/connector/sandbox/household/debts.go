package household

import (
	"weft/internal/connector/sandbox/debt"
	"weft/internal/connector/sandbox/household/plan"
	"weft/internal/plaid"
)

// Terms are what is agreed on the cards and loans of a plan, by the keys of accounts: what the plan says, with the interest and
// the days by which its books are kept.
func Terms(p *plan.Plan) map[string]debt.Terms {
	all := map[string]debt.Terms{}
	for i := range p.Accounts {
		a := &p.Accounts[i]
		var t debt.Terms
		if a.Terms != nil {
			t = *a.Terms
		}
		switch {
		case a.Type == plaid.TypeCredit:
			t.StatementDay = a.Closes
			if t.Credit == nil {
				t.Credit = &plaid.CreditCard{APRs: []plaid.APR{{Percentage: a.InterestPercent, Type: "purchase_apr"}}}
			}
		case a.Type == plaid.TypeLoan && t.Mortgage != nil:
			m := *t.Mortgage
			m.InterestRate.Percentage = &a.InterestPercent
			t.Mortgage = &m
		case a.Type == plaid.TypeLoan && t.Student != nil:
			l := *t.Student
			l.InterestRatePercentage = a.InterestPercent
			t.Student = &l
		default:
			continue
		}
		all[a.Key] = t
	}
	return all
}

package household

import (
	"weft/internal/connector"
	"weft/internal/connector/sandbox/household/plan"
	"weft/internal/plaid"
)

// act has a flow come, if its account can pay it.
func (l *ledger) act(f *plan.Flow, nominal plaid.Date) {
	from, to := l.byKey[f.Account], l.byKey[f.To]
	if f.Below != nil && to.free().Cmp(*f.Below) >= 0 {
		return
	}
	amount := l.amount(f, nominal, from, to)
	if amount.IsZero() || !from.affords(f, amount) {
		return
	}
	check := 0
	if f.Check > 0 {
		check = f.Check + l.checks[f]
		l.checks[f]++
	}
	l.enter(f, nominal, from, f.Names, amount, l.pending(f, nominal), check)
	if to != nil {
		l.enter(f, nominal, to, f.ToNames, amount.Neg(), f.ToDays, 0)
	}
}

// amount is what the flow moves this time, zero if nothing.
func (l *ledger) amount(f *plan.Flow, nominal plaid.Date, from, to *account) plaid.Decimal {
	switch {
	case f.Pays != "":
		return from.payment(f, to)
	case f.Above != nil:
		return outflow(from.free().Sub(*f.Above).Div(ten, 2).Trunc(0).Mul(ten))
	}
	amount := l.size(f, nominal, l.start)
	if to != nil && to.Type == plaid.TypeLoan && amount.Cmp(to.balance) > 0 {
		return to.balance // the last rate
	}
	return amount
}

var (
	ten            = plaid.DecimalFromInt(10)
	minimumPart    = plaid.NewDecimal(4, -2)
	leastOfMinimum = plaid.NewDecimal(2500, -2)
)

// payment is what is paid of a card's statement: all of it where that is meant, or what there is, and the minimum at least.
func (a *account) payment(f *plan.Flow, card *account) plaid.Decimal {
	due := outflow(card.statement.Sub(card.paid))
	minimum := least(due, most(card.statement.Mul(minimumPart).Round(2), leastOfMinimum))
	if f.Pays == "minimum" {
		return minimum
	}
	return least(due, most(a.free().Sub(a.Floor), minimum))
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

// free is what can be spent: what pending payments leave, of the money or of the limit.
func (a *account) free() plaid.Decimal {
	if a.Type != plaid.TypeDepository && a.Limit != nil {
		return a.Limit.Sub(a.balance).Sub(a.held)
	}
	return a.balance.Sub(a.held)
}

// affords reports whether an amount can be paid. What is done by choice or moved between own accounts leaves the floor, what
// has to be paid may use the overdraft, and no card goes beyond its limit.
func (a *account) affords(f *plan.Flow, amount plaid.Decimal) bool {
	if amount.Sign() < 0 || a.Type == plaid.TypeLoan {
		return true
	}
	floor := a.Floor
	if a.Type == plaid.TypeDepository && !f.ByChance() && f.To == "" {
		floor = least(floor, a.Overdraft.Neg())
	}
	return a.free().Sub(amount).Cmp(floor) >= 0
}

// enter writes one leg of a flow: at once, or in some days, when the banks work.
func (l *ledger) enter(f *plan.Flow, nominal plaid.Date, a *account, names []string, amount plaid.Decimal, days, check int) {
	date := nominal.Time().Format("20060102")
	row := connector.Transaction{
		Key: f.ID + "-" + date, AccountKey: a.Key, Date: l.day, Amount: amount, Kind: f.Kind, Name: l.name(f, nominal, names, check),
	}
	if check > 0 {
		row.CheckNumber = number(check)
	}
	e := &entry{row: row, account: a, amount: amount, name: row.Name, posts: l.day}
	if f.Purchase {
		e.row.AuthorizedDate = l.day.Ptr()
		if a.Prefix != "" {
			e.name = l.fill(f, nominal, a.Prefix, check) + row.Name
		}
	}
	if days > 0 {
		e.posts = l.booked("after", l.day.AddDays(days))
	}
	if e.posts == l.day {
		l.post(e)
		return
	}
	if f.Purchase { // a transfer is not known to the other bank before it arrives
		e.row.Pending, e.shown = true, true
		e.amount = l.settled(f, nominal, amount)
		a.held = a.held.Add(outflow(amount))
	}
	l.waiting = append(l.waiting, e)
}

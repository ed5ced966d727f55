package books

import (
	"errors"
	"fmt"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/books/agenda"
	"weft/internal/connector/sandbox/books/persona"
	"weft/internal/plaid"
)

// run executes an order. Each verb is explained in package persona.
func (l *ledger) run(a *account, o *persona.Order) error {
	switch o.Do {
	case "deposit":
		return l.deposit(a, o)
	case "contribution":
		return l.contribute(a, o)
	case "withdrawal":
		return l.withdraw(a, o)
	case "fee":
		return l.charge(a, o)
	case "buy":
		return l.buyAs(a, o, "buy")
	case "sell":
		return l.sellAs(a, o, "sell")
	case "sell short":
		return l.sellShort(a, o)
	case "buy to cover":
		return l.buyToCover(a, o)
	case "exercise":
		return l.exercise(a, o)
	case "transfer in":
		return l.transferIn(a, o)
	case "send":
		return l.send(a, o)
	case "grant":
		return l.grant(a, o)
	case "distribution":
		return l.distribute(a, o)
	case "reward":
		return l.reward(a, o)
	default:
		return errors.New("unknown verb")
	}
}

// draw takes an amount in the currency of a from the order's other account; false if that one cannot pay it.
func (l *ledger) draw(a *account, o *persona.Order, amount plaid.Decimal) (bool, error) {
	if o.Account == "" {
		return true, nil
	}
	from := l.find(o.Account)
	if from == nil {
		return false, nil
	}
	cost, err := l.convert(amount, a, from)
	if err != nil || from.cash.Cmp(cost) < 0 {
		return false, err
	}
	l.post(from, entry{kind: "cash", subtype: "withdrawal", text: "Transfer to " + a.Name, amount: cost})
	return true, nil
}

// convert is an amount of one account in the currency of another.
func (l *ledger) convert(amount plaid.Decimal, from, to *account) (plaid.Decimal, error) {
	rate, ok := l.market.Rate(from.Currency, to.Currency, l.day)
	if !ok {
		return amount, fmt.Errorf("no rate from %s to %s", from.Currency, to.Currency)
	}
	return amount.Mul(rate).Round(2), nil
}

func (l *ledger) deposit(a *account, o *persona.Order) error {
	ok, err := l.draw(a, o, *o.Amount)
	if ok {
		l.post(a, entry{kind: "cash", subtype: "deposit", text: o.Title("Deposit"), amount: o.Amount.Neg()})
	}
	return err
}

func (l *ledger) contribute(a *account, o *persona.Order) error {
	ok, err := l.draw(a, o, *o.Amount)
	if !ok || err != nil {
		return err
	}
	l.post(a, entry{kind: "cash", subtype: "contribution", text: o.Title("Contribution"), amount: o.Amount.Neg()})
	total := *o.Amount
	if match := o.Amount.Mul(o.Match).Round(2); !match.IsZero() {
		l.post(a, entry{kind: "cash", subtype: "contribution", text: "Employer match", amount: match.Neg()})
		total = total.Add(match)
	}
	for _, part := range o.Invest {
		order := persona.Order{Security: part.Security, Amount: total.Mul(part.Share).Round(2).Ptr()}
		if err := l.buyAs(a, &order, "contribution"); err != nil {
			return err
		}
	}
	return nil
}

func (l *ledger) withdraw(a *account, o *persona.Order) error {
	amount := a.cash
	switch {
	case o.Share != nil:
		amount = a.cash.Mul(*o.Share).Round(2)
	case o.Amount != nil && o.Amount.Cmp(amount) < 0:
		amount = *o.Amount
	}
	return l.pay(a, o, amount)
}

// pay sends cash to the order's other account, or outside.
func (l *ledger) pay(a *account, o *persona.Order, amount plaid.Decimal) error {
	if amount.Sign() <= 0 {
		return nil
	}
	l.post(a, entry{kind: "cash", subtype: "withdrawal", text: o.Title("Withdrawal"), amount: amount})
	to := l.find(o.Account)
	if to == nil {
		return nil
	}
	arrives, err := l.convert(amount, a, to)
	if err != nil {
		return err
	}
	l.post(to, entry{kind: "cash", subtype: "deposit", text: "Transfer from " + a.Name, amount: arrives.Neg()})
	return nil
}

// charge posts a fee; the plan's fees are of type fee, whatever pays them.
func (l *ledger) charge(a *account, o *persona.Order) error {
	var amount plaid.Decimal
	switch {
	case o.Amount != nil:
		amount = *o.Amount
	case o.Share != nil:
		value, err := l.value(a)
		if err != nil {
			return err
		}
		amount = value.Mul(*o.Share).Round(2)
	}
	if amount.Sign() > 0 {
		l.post(a, entry{kind: "fee", subtype: o.Subtype, text: o.Title("Fee"), amount: amount, fees: amount})
	}
	return nil
}

// value is what an account is worth on the day that is played.
func (l *ledger) value(a *account) (plaid.Decimal, error) {
	sum := a.cash
	for _, key := range a.order {
		p := a.positions[key]
		if len(p.lots) == 0 {
			continue
		}
		price, err := l.price(a, p.security)
		if err != nil {
			return sum, err
		}
		sum = sum.Add(p.quantity().Mul(price).Round(2))
	}
	return sum, nil
}

func (l *ledger) transferIn(a *account, o *persona.Order) error {
	s, price, err := l.priced(a, o)
	if err != nil {
		return err
	}
	bought := l.created.AddDays(o.Bought)
	paid, _, err := l.quote(a, s, bought)
	if err != nil {
		return err
	}
	l.move(a, "transfer", o.Title("Transfer in"), s, *o.Quantity, price, plaid.Decimal{})
	in := l.newLot(a, *o.Quantity, paid, o.Quantity.Mul(paid).Round(2))
	in.at = plaid.Timestamp(bought.Time())
	p := l.position(a, s)
	p.absorb(in)
	return nil
}

func (l *ledger) send(a *account, o *persona.Order) error {
	s, price, err := l.priced(a, o)
	if err != nil {
		return err
	}
	q := l.held(a, o, s, price, 1)
	if q.Cmp(o.NetworkFee) <= 0 {
		return nil
	}
	l.move(a, "send", o.Title("Send"), s, q.Neg(), price, plaid.Decimal{})
	lots := a.positions[s.Key].remove(q)
	to := l.find(o.Account)
	if to == nil {
		return nil
	}
	l.move(to, "transfer", "Receive", s, q.Sub(o.NetworkFee), price, plaid.Decimal{})
	target := l.position(to, s)
	for _, moved := range lots {
		target.absorb(to.carry(moved, plaid.DecimalFromInt(1)))
	}
	target.remove(o.NetworkFee)
	return nil
}

func (l *ledger) reward(a *account, o *persona.Order) error {
	s, price, err := l.priced(a, o)
	if err != nil {
		return err
	}
	q := a.units(s, a.sellable(s.Key).Mul(*o.Share))
	worth := q.Mul(price).Round(2)
	if worth.IsZero() {
		return nil
	}
	// A reward is income at its value, and then a purchase: the lot begins with that value as its cost.
	l.post(a, entry{
		kind: "cash", subtype: "interest", security: s.Key, text: o.Title("Staking reward " + *s.Name), amount: worth.Neg(),
	})
	l.trade(a, trade{kind: "buy", subtype: "interest reinvestment", text: "Reward", security: s, quantity: q, price: price})
	return nil
}

func (l *ledger) distribute(a *account, o *persona.Order) error {
	s, err := l.resolve(a, o)
	if err != nil {
		return err
	}
	sale := *o
	if o.Share != nil {
		value, err := l.value(a)
		if err != nil || value.Sign() <= 0 {
			return err // an account that owes more than it has pays nothing out
		}
		sale.Amount, sale.Share = value.Mul(*o.Share).Round(2).Ptr(), nil
	}
	sale.Security, sale.Option = s.Key, nil
	before := a.cash
	if err := l.sellAs(a, &sale, "distribution"); err != nil {
		return err
	}
	proceeds := a.cash.Sub(before)
	tax := proceeds.Mul(o.Withhold).Round(2)
	if tax.Sign() > 0 {
		l.post(a, entry{kind: "cash", subtype: "tax withheld", text: "Federal tax withheld", amount: tax})
	}
	return l.pay(a, o, proceeds.Sub(tax))
}

// grant promises shares. They are in the account at once and cost nothing, but are its owner's only when they vest.
func (l *ledger) grant(a *account, o *persona.Order) error {
	s, price, err := l.priced(a, o)
	if err != nil {
		return err
	}
	p := l.position(a, s)
	if p.vested.Sign() < 0 {
		return nil
	}
	l.move(a, "transfer", o.Title("Grant"), s, *o.Quantity, price, plaid.Decimal{})
	p.granted = true
	unvested := l.newLot(a, *o.Quantity, plaid.Decimal{}, plaid.Decimal{})
	unvested.unvested, unvested.at = true, ""
	p.add(unvested)
	for i, d := range persona.Recurring(o.Vesting.Every, 0, l.day, l.today) {
		if i > 0 && i <= o.Vesting.Parts {
			l.schedule(l.market.NextTradingDay(d), agenda.Vesting, a, func() error { return l.vest(a, o, s, i) })
		}
	}
	return nil
}

// vest makes the i-th part of a grant its owner's at the day's price, and sells whole shares of it for the tax.
func (l *ledger) vest(a *account, o *persona.Order, s connector.Security, i int) error {
	price, err := l.price(a, s)
	if err != nil {
		return err
	}
	upTo := func(i int) plaid.Decimal {
		return o.Quantity.Mul(plaid.DecimalFromInt(int64(i))).Div(plaid.DecimalFromInt(int64(o.Vesting.Parts)), 9).Trunc(0)
	}
	part := upTo(i).Sub(upTo(i - 1))
	p := a.positions[s.Key]
	if part.IsZero() || !p.vest(part, l.newLot(a, part, price, part.Mul(price).Round(2))) {
		return nil
	}
	taxed := part.Mul(o.Withhold).Add(plaid.NewDecimal(999999, -6)).Trunc(0)
	before := a.cash
	l.trade(a, trade{kind: "sell", subtype: "sell", text: "Sell to cover", security: s, quantity: taxed.Neg(), price: price})
	if tax := a.cash.Sub(before); tax.Sign() > 0 {
		l.post(a, entry{kind: "cash", subtype: "tax withheld", text: "Tax withheld at vesting", amount: tax})
	}
	return nil
}

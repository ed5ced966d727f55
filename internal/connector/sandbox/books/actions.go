package books

import (
	"fmt"

	"weft/internal/connector/sandbox/books/agenda"
	"weft/internal/connector/sandbox/market"
	"weft/internal/plaid"
)

// act applies a corporate action to what an account held over night.
func (l *ledger) act(a *account, p *position, act market.Action) error {
	if p.quantity().IsZero() {
		return nil
	}
	switch act.Kind {
	case market.Dividend, market.CapitalGain:
		return l.entitle(a, p, act)
	case market.Interest:
		amount := p.vested.Mul(act.Amount).Round(2)
		l.post(a, entry{
			kind: "cash", subtype: "interest", security: p.security.Key, text: "Interest " + *p.security.Name, amount: amount.Neg(),
		})
		return nil
	case market.Maturity:
		return l.redeem(a, p, act)
	case market.Split:
		return l.split(a, p, act)
	case market.Merger:
		return l.merge(a, p, act)
	case market.SpinOff:
		return l.spinOff(a, p, act)
	default:
		return fmt.Errorf("unknown corporate action %q", act.Kind)
	}
}

// entitle notes on the ex-date what is paid on the pay date. Shares that have not vested bring nothing.
func (l *ledger) entitle(a *account, p *position, act market.Action) error {
	amount := p.vested.Mul(act.Amount).Round(2)
	if rate, ok := l.market.Rate(*p.security.ISOCurrencyCode, a.Currency, l.day); ok && *p.security.ISOCurrencyCode != a.Currency {
		amount = amount.Mul(rate).Round(2)
	}
	if !amount.IsZero() {
		l.schedule(act.PayDate, agenda.Payments, a, func() error { return l.payDividend(a, p, act, amount) })
	}
	return nil
}

// payDividend pays a dividend or capital gain, keeps a foreign state's tax back, and reinvests. The holder of a short
// position owes it to the lender of the shares instead.
func (l *ledger) payDividend(a *account, p *position, act market.Action, amount plaid.Decimal) error {
	subtype, reinvestment, text := act.PaidAs, "dividend reinvestment", "Dividend "
	if act.Kind == market.CapitalGain {
		subtype, reinvestment, text = "long-term capital gain", "long-term capital gain reinvestment", "Long-term capital gain "
	}
	kind := "cash"
	if amount.Sign() < 0 {
		kind, subtype, text = "fee", "dividend", "Dividend owed on short position "
	}
	name := *p.security.Name
	l.post(a, entry{kind: kind, subtype: subtype, security: p.security.Key, text: text + name, amount: amount.Neg()})
	if amount.Sign() < 0 {
		return nil
	}
	tax := amount.Mul(act.Withholding).Round(2)
	if !tax.IsZero() {
		l.post(a, entry{
			kind: "fee", subtype: "non-resident tax", security: p.security.Key, text: "Foreign tax withheld " + name, amount: tax,
		})
	}
	if !a.Reinvest {
		return nil
	}
	return l.reinvest(a, p, reinvestment, amount.Sub(tax))
}

// reinvest buys for an amount, in parts of shares even where the account trades whole ones.
func (l *ledger) reinvest(a *account, p *position, subtype string, amount plaid.Decimal) error {
	price, err := l.price(a, p.security)
	if err != nil || price.IsZero() || p.vested.Sign() <= 0 {
		return err // what was sold since the ex-date is not bought back
	}
	places := max(a.places(p.security), 6)
	l.trade(a, trade{
		kind: "buy", subtype: subtype, text: "Reinvestment", security: p.security,
		quantity: amount.Div(price, 12).Trunc(places), price: price,
	})
	return nil
}

// redeem pays a bill or bond back, and buys the next one where the order said so.
func (l *ledger) redeem(a *account, p *position, act market.Action) error {
	q := p.vested
	before := a.cash
	l.trade(a, trade{
		kind: "sell", subtype: "sell", text: "Redemption at maturity", security: p.security, quantity: q.Neg(), price: act.Amount,
	})
	if p.roll == nil {
		return nil
	}
	next, proceeds := *p.roll, a.cash.Sub(before)
	next.Amount, next.Quantity, next.Share = &proceeds, nil, nil
	l.schedule(l.day, agenda.Orders, a, func() error { return l.run(a, &next) })
	return nil
}

// split multiplies the units of every lot; its cost stays.
func (l *ledger) split(a *account, p *position, act market.Action) error {
	before := p.quantity()
	p.split(act.Ratio)
	l.move(a, "split", "Split", p.security, p.quantity().Sub(before), plaid.Decimal{}, plaid.Decimal{})
	return nil
}

// merge exchanges a position for the acquirer's shares and cash. Lots keep their day of purchase; the cash is taken off
// their cost, down to nothing. Parts of shares stay parts of shares.
func (l *ledger) merge(a *account, p *position, act market.Action) error {
	into, err := l.security(act.Into)
	if err != nil {
		return err
	}
	price, err := l.price(a, into)
	if err != nil {
		return err
	}
	q := p.vested
	cash := q.Mul(act.Amount).Round(2)
	l.move(a, "merger", "Merger", p.security, q.Neg(), plaid.Decimal{}, cash.Neg())
	l.move(a, "merger", "Merger into", into, q.Mul(act.Ratio), price, plaid.Decimal{})
	target := l.position(a, into)
	for _, old := range p.remove(q) {
		moved := a.carry(old, act.Ratio)
		moved.basis = old.basis.Sub(old.quantity.Mul(act.Amount).Round(2))
		if moved.basis.Sign()*old.basis.Sign() < 0 {
			moved.basis = plaid.Decimal{}
		}
		target.absorb(moved)
	}
	return nil
}

// carry is a lot that continues an old one in another security or account: with its day of purchase and, at first, its
// whole basis.
func (a *account) carry(old lot, ratio plaid.Decimal) lot {
	a.lots++
	moved := old
	moved.id = fmt.Sprintf("%s-%d", old.id, a.lots)
	moved.quantity, moved.price = old.quantity.Mul(ratio), old.price.Div(ratio, 6)
	return moved
}

// spinOff adds shares of the company that was spun off. The cost of each lot is divided by what the two are worth on the
// first day.
func (l *ledger) spinOff(a *account, p *position, act market.Action) error {
	child, err := l.security(act.Into)
	if err != nil {
		return err
	}
	parentPrice, err := l.price(a, p.security)
	if err != nil {
		return err
	}
	childPrice, err := l.price(a, child)
	if err != nil {
		return err
	}
	childWorth := childPrice.Mul(act.Ratio)
	share := childWorth.Div(childWorth.Add(parentPrice), 9)
	l.move(a, "spin off", "Spin-off", child, p.vested.Mul(act.Ratio), childPrice, plaid.Decimal{})
	target := l.position(a, child)
	for i := range p.lots {
		old := &p.lots[i]
		if old.unvested {
			continue
		}
		spun := a.carry(*old, act.Ratio)
		spun.price, spun.basis = old.price.Mul(share).Div(act.Ratio, 6), old.basis.Mul(share).Round(2)
		old.basis, old.price = old.basis.Sub(spun.basis), old.price.Sub(old.price.Mul(share).Round(6))
		target.absorb(spun)
	}
	return nil
}

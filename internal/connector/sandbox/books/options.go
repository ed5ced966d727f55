package books

import (
	"weft/internal/connector"
	"weft/internal/connector/sandbox/books/persona"
	"weft/internal/plaid"
)

// exercise of an option that is held, before its expiry.
func (l *ledger) exercise(a *account, o *persona.Order) error {
	s, err := l.resolve(a, o)
	if err != nil {
		return err
	}
	if p, ok := a.positions[s.Key]; ok && s.OptionContract != nil && p.quantity().Sign() > 0 {
		return l.exerciseLong(a, p)
	}
	return nil
}

// expire settles an option position after the close of its last trading day, as a clearing house does: what is worth
// anything is exercised or assigned, the rest lapses.
func (l *ledger) expire(a *account, p *position) error {
	q := p.quantity()
	if q.IsZero() {
		return nil
	}
	worth, err := l.price(a, p.security)
	if err != nil {
		return err
	}
	switch {
	case worth.IsZero():
		l.move(a, "expire", "Expired", p.security, q.Neg(), plaid.Decimal{}, plaid.Decimal{})
		p.remove(q)
		return nil
	case q.Sign() > 0:
		return l.exerciseLong(a, p)
	default:
		return l.assign(a, p)
	}
}

// exerciseLong exercises a call by buying and a put by selling the underlying at the strike. Where the cash or the shares
// for it are missing the broker sells the option instead.
func (l *ledger) exerciseLong(a *account, p *position) error {
	c, q := p.security.OptionContract, p.quantity()
	under, err := l.security(c.UnderlyingSecurityTicker)
	if err != nil {
		return err
	}
	call := c.ContractType == "call"
	if call && a.MarginPercent == nil && a.cash.Cmp(q.Mul(c.StrikePrice)) < 0 || !call && a.sellable(under.Key).Cmp(q) < 0 {
		price, err := l.price(a, p.security)
		if err != nil {
			return err
		}
		l.trade(a, trade{kind: "sell", subtype: "sell", text: "Sell", security: p.security, quantity: q.Neg(), price: price})
		return nil
	}
	l.move(a, "exercise", "Exercised", p.security, q.Neg(), plaid.Decimal{}, plaid.Decimal{})
	premium := basisOf(p.remove(q))
	if call {
		l.trade(a, trade{
			kind: "buy", subtype: "buy", text: "Buy on exercise", security: under,
			quantity: q, price: c.StrikePrice, premium: premium,
		})
		return nil
	}
	l.trade(a, trade{
		kind: "sell", subtype: "exercise", text: "Sell on exercise", security: under, quantity: q.Neg(), price: c.StrikePrice,
	})
	return nil
}

// assign makes the writer of an option deliver: shares are bought at a put's strike, or called away at a call's. What is
// missing of the shares is sold short.
func (l *ledger) assign(a *account, p *position) error {
	c, q := p.security.OptionContract, p.quantity().Neg()
	under, err := l.security(c.UnderlyingSecurityTicker)
	if err != nil {
		return err
	}
	l.move(a, "assignment", "Assigned", p.security, q, plaid.Decimal{}, plaid.Decimal{})
	premium := basisOf(p.remove(q.Neg())) // negative: what the writer was paid
	if c.ContractType == "put" {
		l.trade(a, trade{
			kind: "buy", subtype: "assignment", text: "Buy on assignment", security: under, quantity: q, price: c.StrikePrice, premium: premium,
		})
		return nil
	}
	l.sellOrShort(a, under, q, c.StrikePrice)
	return nil
}

// sellOrShort sells what is held and sells the rest short.
func (l *ledger) sellOrShort(a *account, s connector.Security, q, price plaid.Decimal) {
	own := a.sellable(s.Key)
	if own.Cmp(q) > 0 {
		own = q
	}
	l.trade(a, trade{kind: "sell", subtype: "sell", text: "Sell on assignment", security: s, quantity: own.Neg(), price: price})
	l.trade(a, trade{
		kind: "sell", subtype: "sell short", text: "Sell short on assignment", security: s, quantity: own.Sub(q), price: price,
	})
}

// sellable is what is held of a security and vested, never negative.
func (a *account) sellable(key string) plaid.Decimal {
	if p, ok := a.positions[key]; ok && p.vested.Sign() > 0 {
		return p.vested
	}
	return plaid.Decimal{}
}

package books

import (
	"weft/internal/connector"
	"weft/internal/connector/sandbox/books/persona"
	"weft/internal/plaid"
)

// lot is one acquisition that is still held. Short lots have a negative quantity and a negative basis: their proceeds.
type lot struct {
	id       string
	at       string // when it was acquired
	quantity plaid.Decimal
	price    plaid.Decimal // per unit
	basis    plaid.Decimal // total, with fees
	unvested bool
}

// take cuts a quantity (of the lot's sign, at most all of it) out of the lot, with its part of the basis.
func (l *lot) take(quantity plaid.Decimal) lot {
	part := *l
	part.quantity = quantity
	if !quantity.Equal(l.quantity) {
		part.basis = l.basis.Mul(quantity).Div(l.quantity, 2)
	}
	l.quantity, l.basis = l.quantity.Sub(part.quantity), l.basis.Sub(part.basis)
	return part
}

// position is what an account has of one security.
type position struct {
	security connector.Security
	lots     []lot         // oldest first
	vested   plaid.Decimal // the units that may be sold: all, but for granted shares
	unvested plaid.Decimal
	granted  bool // shares of it were granted, so that vested and unvested ones are told apart
	roll     *persona.Order
}

// quantity is all of it. The two sums are kept, as positions grow to hundreds of lots and are asked at every order.
func (p *position) quantity() plaid.Decimal { return p.vested.Add(p.unvested) }

func (p *position) count(l lot) {
	if l.unvested {
		p.unvested = p.unvested.Add(l.quantity)
		return
	}
	p.vested = p.vested.Add(l.quantity)
}

func (p *position) add(l lot) {
	p.lots = append(p.lots, l)
	p.count(l)
}

// absorb takes a lot in. Against an opposite position it closes the oldest lots first, and only the rest of it is added.
func (p *position) absorb(l lot) {
	if p.vested.Sign()*l.quantity.Sign() < 0 {
		closes := l.quantity
		if closes.Abs().Cmp(p.vested.Abs()) > 0 {
			closes = p.vested.Neg()
		}
		p.remove(closes.Neg())
		l.take(closes)
	}
	if !l.quantity.IsZero() {
		p.add(l)
	}
}

// remove takes a quantity of the position's sign off its vested lots, first in, first out, and gives what it took.
func (p *position) remove(quantity plaid.Decimal) []lot {
	var taken, kept []lot
	for _, l := range p.lots {
		if !l.unvested && !quantity.IsZero() {
			part := l.quantity
			if part.Abs().Cmp(quantity.Abs()) > 0 {
				part = quantity
			}
			quantity = quantity.Sub(part)
			p.vested = p.vested.Sub(part)
			taken = append(taken, l.take(part))
		}
		if !l.quantity.IsZero() {
			kept = append(kept, l)
		}
	}
	p.lots = kept
	return taken
}

// vest turns a quantity of unvested shares into a lot of its own; false if there are not so many.
func (p *position) vest(quantity plaid.Decimal, vested lot) bool {
	for i := range p.lots {
		l := &p.lots[i]
		if !l.unvested || l.quantity.Cmp(quantity) < 0 {
			continue
		}
		p.unvested = p.unvested.Sub(quantity)
		if l.take(quantity); l.quantity.IsZero() {
			p.lots = append(p.lots[:i], p.lots[i+1:]...)
		}
		p.add(vested)
		return true
	}
	return false
}

// split makes ratio units of each; what they cost stays.
func (p *position) split(ratio plaid.Decimal) {
	p.vested, p.unvested = plaid.Decimal{}, plaid.Decimal{}
	for i := range p.lots {
		l := &p.lots[i]
		l.quantity, l.price = l.quantity.Mul(ratio), l.price.Div(ratio, 6)
		p.count(*l)
	}
}

// basisOf is the basis of lots together.
func basisOf(lots []lot) plaid.Decimal {
	var sum plaid.Decimal
	for _, l := range lots {
		sum = sum.Add(l.basis)
	}
	return sum
}

package lots

import "weft/internal/plaid"

// exercise closes an option. What was paid for it, or received, becomes part of what is traded at its strike price: of the
// cost of what is bought, and of the proceeds of what is sold.
func (b *Book) exercise(p *position, e Event) {
	parts, all := b.lapse(p, e)
	premium := sum(parts)
	if !all {
		premium = nil
	}
	if e.Quantity.Sign() > 0 {
		premium = negative(premium)
	}
	weights := make([]plaid.Decimal, len(e.Trades))
	for i, t := range e.Trades {
		weights[i] = t.Quantity
	}
	for i, paid := range spreadKnown(premium, weights) {
		t := e.Trades[i]
		if t.Kind == Sell || t.Kind == SellShort {
			paid = negative(paid)
		}
		if t.Amount = plus(t.Amount, paid); t.Amount == nil {
			t.Why = reason(t.Why, Uncosted)
		}
		b.Apply(t)
	}
}

// expire closes an option into nothing.
func (b *Book) expire(p *position, e Event) {
	e.Amount = new(plaid.Decimal)
	b.lapse(p, e)
}

// lapse takes options off the side that the sign of the event's quantity means. It reports whether they were all known.
func (b *Book) lapse(p *position, e Event) (parts []Lot, all bool) {
	s := &p.long
	if e.Quantity.Sign() > 0 {
		s = &p.short
	}
	known, rest := parted(e.Quantity.Abs(), s.quantity)
	parts = b.close(s, e, known, e.Amount)
	b.unknown(p.other(s), e, rest, Oversold)
	return parts, rest.IsZero()
}

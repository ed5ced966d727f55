package lots

import "weft/internal/plaid"

// split gives each lot its part of the units that there are then. What they cost stays. Units that no split of what is held
// explains are unknown ones.
func (b *Book) split(p *position, e Event) {
	before := p.net()
	after := before.Add(e.Quantity)
	if e.Quantity.IsZero() && e.Old.Sign() > 0 {
		after = Short(before.Mul(e.New).Div(e.Old, mostPlaces+before.Places()))
	}
	if before.Sign()*after.Sign() > 0 {
		p.long.split(after, before)
		p.short.split(after, before)
	}
	change := after.Sub(p.net())
	e.Amount, e.Why = nil, NoSharesForIt
	if e.Kind, e.Quantity = TransferIn, change.Abs(); change.Sign() < 0 {
		e.Kind = TransferOut
		b.sell(p, e)
		return
	}
	b.buy(p, e)
}

// split makes after units of each before.
func (s *side) split(after, before plaid.Decimal) {
	if len(s.lots) == 0 {
		return
	}
	s.settle()
	total := after.Abs()
	if !before.Abs().Equal(s.quantity) { // the other side is open too
		total = Short(s.quantity.Mul(after).Div(before, mostPlaces+s.quantity.Places()))
	}
	if total.IsZero() {
		return
	}
	list, shares := folded(s.lots, Spread(total, quantities(s.lots), mostPlaces))
	for i := range list {
		list[i].Quantity, list[i].Price = Short(shares[i]), ratioed(list[i].Price, before, after)
	}
	s.lots = list
	s.restate()
}

// folded leaves out lots to whom not a unit of the last place comes: what they cost is of the first that gets any.
func folded(list []Lot, shares []plaid.Decimal) ([]Lot, []plaid.Decimal) {
	var kept []Lot
	var units []plaid.Decimal
	for i, l := range list {
		if !shares[i].IsZero() {
			kept, units = append(kept, l), append(units, shares[i])
		}
	}
	for i, l := range list {
		if shares[i].IsZero() {
			kept[0].Quantity, kept[0].Cost = kept[0].Quantity.Add(l.Quantity), plus(kept[0].Cost, l.Cost)
			if kept[0].Cost == nil {
				kept[0].Why = reason(kept[0].Why, l.Why)
			}
		}
	}
	return kept, units
}

// pricePlaces is how exact the price is that a unit of today was bought for.
const pricePlaces = 6

// ratioed is a price of which there are by where there were of.
func ratioed(price *plaid.Decimal, of, by plaid.Decimal) *plaid.Decimal {
	if price == nil || by.IsZero() {
		return nil
	}
	return Short(price.Mul(of).Div(by, pricePlaces)).Ptr()
}

// merge exchanges lots. Shares for shares keep cost and day; money alone is a sale.
func (b *Book) merge(p *position, e Event) {
	s, into := &p.long, &b.position(e.Into).long
	if s.quantity.IsZero() && !p.short.quantity.IsZero() {
		s, into = &p.short, &b.position(e.Into).short
	}
	known, rest := parted(e.Quantity, s.quantity)
	if e.Units.IsZero() {
		b.close(s, e, known, divided(e.Amount, known, rest)[0])
		b.unknown(p.other(s), e, rest, Oversold)
		return
	}
	parts := s.take(known, e.Picks, e.Date)
	if !rest.IsZero() {
		b.unknown(p.other(s), e, rest, Oversold)
		parts = append(parts, Lot{ID: e.ID, Quantity: rest, Why: Oversold})
	}
	parts, units := folded(parts, Spread(e.Units, quantities(parts), mostPlaces))
	weights := quantities(parts)
	values, money := spreadKnown(e.Value, weights), spreadKnown(e.Amount, weights)
	for i, l := range parts {
		l.Price = ratioed(l.Price, l.Quantity, units[i])
		if e.Amount != nil {
			l = b.boot(e, l, *money[i], values[i], s.owed)
		}
		l.Quantity = Short(units[i])
		b.put(into, l, e.Date)
	}
}

// boot is a lot for which money was paid beside shares: the gain is taxed as far as there is money, a loss is not taken, and
// what was taxed is part of the new cost (26 USC 356 and 358).
func (b *Book) boot(e Event, l Lot, money plaid.Decimal, value *plaid.Decimal, owed bool) Lot {
	c := Closed{Kind: Merger, Security: e.Security, Lot: l.ID, Short: owed, Opened: l.Acquired, Closed: e.Date, Proceeds: &money, Why: l.Why}
	if l.Cost == nil || value == nil || owed {
		l.Cost, l.Acquired, l.Why = nil, nil, reason(l.Why, Unvalued)
		c.Why = l.Why
	} else {
		taxed := value.Add(money).Sub(*l.Cost)
		if taxed.Cmp(money) > 0 {
			taxed = money
		}
		if taxed.Sign() < 0 {
			taxed = plaid.Decimal{}
		}
		c.Cost = money.Sub(taxed).Ptr()
		l.Cost = l.Cost.Sub(*c.Cost).Ptr()
	}
	b.note(c)
	return l
}

// other is the side that is not s.
func (p *position) other(s *side) *side {
	if s == &p.long {
		return &p.short
	}
	return &p.long
}

// spinOff divides the cost of each lot between the shares that stay and those that came. Both have its day. Where it is not
// said how it is divided, neither has a cost any more.
func (b *Book) spinOff(p *position, e Event) {
	s, into := &p.long, &b.position(e.Into).long
	if len(s.lots) == 0 {
		b.unknown(into, e, e.Units, NoSharesForIt)
		return
	}
	s.settle()
	for i, units := range Spread(e.Units, quantities(s.lots), mostPlaces) {
		l := &s.lots[i]
		if units.IsZero() {
			continue
		}
		spun := *l
		spun.Quantity, spun.Price = Short(units), nil
		switch {
		case e.Share != nil:
			stays := plaid.DecimalFromInt(1).Sub(*e.Share)
			costs := spreadKnown(l.Cost, []plaid.Decimal{*e.Share, stays})
			spun.Cost, l.Cost = costs[0], costs[1]
			spun.Price = ratioed(l.Price, e.Share.Mul(l.Quantity), units)
			l.Price = ratioed(l.Price, stays, plaid.DecimalFromInt(1))
		default:
			l.Cost, l.Why = nil, reason(l.Why, Undivided)
			spun.Cost, spun.Why = nil, l.Why
		}
		b.put(into, spun, e.Date)
	}
	s.restate()
}

// payBack takes a return of capital off the cost of each unit alike. What is paid beyond the cost of a lot is a gain.
func (b *Book) payBack(p *position, e Event) {
	s := &p.long
	if len(s.lots) == 0 { // sold since: all of it is a gain
		b.note(Closed{Kind: ReturnOfCapital, Security: e.Security, Closed: e.Date, Cost: new(plaid.Decimal), Proceeds: e.Amount, Why: e.Why})
		return
	}
	s.settle()
	for i, amount := range spreadKnown(e.Amount, quantities(s.lots)) {
		l := &s.lots[i]
		c := Closed{Kind: ReturnOfCapital, Security: e.Security, Lot: l.ID, Opened: l.Acquired, Closed: e.Date, Cost: amount, Proceeds: amount}
		switch {
		case amount == nil || l.Cost == nil:
			l.Cost, l.Why = nil, reason(l.Why, reason(e.Why, Uncosted))
			c.Cost, c.Why = nil, l.Why
		case amount.Cmp(*l.Cost) > 0:
			c.Cost, l.Cost = l.Cost, new(plaid.Decimal)
		default:
			l.Cost = l.Cost.Sub(*amount).Ptr()
		}
		b.note(c)
	}
	s.restate()
}

package lots

import (
	"slices"

	"weft/internal/plaid"
)

// Book is the holdings of an account, by the names of their securities.
type Book struct {
	// OpenOnly says that only the open lots are asked for: what was closed is forgotten.
	OpenOnly  bool
	method    Method
	positions map[string]*position
	closed    []Closed
	sequence  int
}

// position is what is held of a security and what is owed of it; both at once where it was sold short against the box.
type position struct{ long, short side }

// New is an empty book. What is sold short is always bought back oldest first.
func New(method Method) *Book {
	return &Book{method: method, positions: map[string]*position{}}
}

func (b *Book) position(security string) *position {
	p, ok := b.positions[security]
	if !ok {
		p = &position{side{method: b.method}, side{method: FIFO, owed: true}}
		b.positions[security] = p
	}
	return p
}

// Lots are the open lots of a security, oldest first: those whose day is not known before all others.
func (b *Book) Lots(security string) []Lot {
	p, ok := b.positions[security]
	if !ok {
		return nil
	}
	p.long.settle()
	list := slices.Clone(p.long.lots)
	for _, l := range p.short.lots {
		l.Quantity, l.Cost = l.Quantity.Neg(), negative(l.Cost)
		list = append(list, l)
	}
	slices.SortStableFunc(list, oldest)
	for i := range list {
		list[i].Quantity = Short(list[i].Quantity)
	}
	return list
}

// Quantity is what is held of a security, less what is owed.
func (b *Book) Quantity(security string) plaid.Decimal {
	p, ok := b.positions[security]
	if !ok {
		return plaid.Decimal{}
	}
	return p.net()
}

func (p *position) net() plaid.Decimal { return p.long.quantity.Sub(p.short.quantity) }

// note keeps what was closed.
func (b *Book) note(c Closed) {
	if !b.OpenOnly {
		b.closed = append(b.closed, c)
	}
}

// Closed are all that was closed, in the order in which it was.
func (b *Book) Closed() []Closed { return b.closed }

// Apply has an event happen. Events are given in the order of time; each is possible at any time.
func (b *Book) Apply(e Event) {
	p := b.position(e.Security)
	switch e.Kind {
	case Opening:
		b.opening(p, e)
	case Buy, TransferIn:
		b.buy(p, e)
	case Sell, TransferOut:
		b.sell(p, e)
	case SellShort:
		b.open(&p.short, e, e.Quantity, e.Amount)
	case Cover:
		b.cover(p, e)
	case Split:
		b.split(p, e)
	case Merger:
		b.merge(p, e)
	case SpinOff:
		b.spinOff(p, e)
	case ReturnOfCapital:
		b.payBack(p, e)
	case Exercise:
		b.exercise(p, e)
	case Expire:
		b.expire(p, e)
	}
}

// open adds a lot.
func (b *Book) open(s *side, e Event, quantity plaid.Decimal, cost *plaid.Decimal) {
	if quantity.IsZero() {
		return
	}
	l := Lot{ID: e.ID, Acquired: &e.Date, Quantity: quantity, Cost: cost, Price: e.Price}
	if cost == nil {
		l.Why = reason(e.Why, Uncosted)
	}
	if e.Kind == TransferIn {
		if l.Acquired = e.Acquired; l.Acquired == nil || cost == nil {
			l.Why = reason(e.Why, Transferred)
		}
	}
	b.put(s, l, e.Date)
}

func reason(said, otherwise Reason) Reason {
	if said != "" {
		return said
	}
	return otherwise
}

// put adds a lot that has come into the book on a day.
func (b *Book) put(s *side, l Lot, day plaid.Date) {
	b.sequence++
	if l.sequence == 0 || l.Acquired == nil && day < l.bound {
		l.bound = day
	}
	l.sequence = b.sequence
	s.add(l)
}

// unknown adds units of which nothing is known.
func (b *Book) unknown(s *side, e Event, quantity plaid.Decimal, why Reason) {
	if !quantity.IsZero() {
		b.put(s, Lot{ID: e.ID, Quantity: quantity, Why: why}, e.Date)
	}
}

func (b *Book) opening(p *position, e Event) {
	s := &p.long
	if e.Quantity.Sign() < 0 {
		s = &p.short
	}
	b.unknown(s, e, e.Quantity.Abs(), Before)
}

// buy adds units. Where nothing is held it first closes what was sold short.
func (b *Book) buy(p *position, e Event) {
	if !p.long.quantity.IsZero() || p.short.quantity.IsZero() {
		b.open(&p.long, e, e.Quantity, e.Amount)
		return
	}
	covers, rest := parted(e.Quantity, p.short.quantity)
	amounts := divided(e.Amount, covers, rest)
	b.close(&p.short, e, covers, amounts[0])
	b.open(&p.long, e, rest, amounts[1])
}

// parted is the part of a quantity that fits into what there is, and the rest.
func parted(quantity, there plaid.Decimal) (fits, rest plaid.Decimal) {
	if quantity.Cmp(there) > 0 {
		return there, quantity.Sub(there)
	}
	return quantity, plaid.Decimal{}
}

// divided is an amount divided by the parts of a quantity.
func divided(amount *plaid.Decimal, known, rest plaid.Decimal) []*plaid.Decimal {
	if rest.IsZero() {
		return []*plaid.Decimal{amount, nil}
	}
	return spreadKnown(amount, []plaid.Decimal{known, rest})
}

func (b *Book) sell(p *position, e Event) {
	known, rest := parted(e.Quantity, p.long.quantity)
	b.close(&p.long, e, known, divided(e.Amount, known, rest)[0])
	b.unknown(&p.short, e, rest, Oversold)
}

func (b *Book) cover(p *position, e Event) {
	known, rest := parted(e.Quantity, p.short.quantity)
	b.close(&p.short, e, known, divided(e.Amount, known, rest)[0])
	b.unknown(&p.long, e, rest, Oversold)
}

// close takes a quantity off a side for an amount of money.
func (b *Book) close(s *side, e Event, quantity plaid.Decimal, amount *plaid.Decimal) []Lot {
	parts := s.take(quantity, e.Picks, e.Date)
	if len(parts) == 0 || b.OpenOnly {
		return parts
	}
	if e.Kind == TransferOut || e.Kind == Exercise { // what it cost lives on elsewhere
		amount = nil
	}
	amounts := spreadKnown(amount, quantities(parts))
	for i, l := range parts {
		c := Closed{Kind: e.Kind, Security: e.Security, Lot: l.ID, Short: s.owed, Opened: l.Acquired, Closed: e.Date,
			Quantity: Short(l.Quantity), Cost: l.Cost, Proceeds: amounts[i], Why: l.Why}
		if s.owed {
			c.Cost, c.Proceeds = c.Proceeds, c.Cost
		}
		b.note(c)
	}
	return parts
}

// mostPlaces is how finely units are counted where they are divided.
const mostPlaces = 9

// Short is a decimal without the zeros at its end that a division adds.
func Short(d plaid.Decimal) plaid.Decimal {
	for places := d.Places() - 1; places >= 0; places-- {
		cut := d.Trunc(places)
		if !cut.Equal(d) {
			break
		}
		d = cut
	}
	return d
}

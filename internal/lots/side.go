package lots

import (
	"cmp"
	"slices"

	"weft/internal/plaid"
)

// side is what is held of a security, or what is owed of it. Quantities are positive on both.
type side struct {
	method Method
	// owed says that it is what is owed: sold short, or written.
	owed     bool
	lots     []Lot // the next that goes first
	quantity plaid.Decimal
	// pool is the cost of all, where it is one; nil where it is not known. The lots' own costs mean nothing then.
	pool *plaid.Decimal
	// why is why the pool is not known.
	why Reason
	// undated and uncosted are how many lots lack what a method may need.
	undated, uncosted int
}

// add puts a lot in its place.
func (s *side) add(l Lot) {
	if s.method == Average {
		if len(s.lots) == 0 {
			s.pool, s.why = new(plaid.Decimal), ""
		}
		if s.pool = plus(s.pool, l.Cost); s.pool == nil && s.why == "" {
			s.why = l.Why
		}
	}
	s.count(l, 1)
	s.quantity = s.quantity.Add(l.Quantity)
	at, _ := slices.BinarySearchFunc(s.lots, l, s.compare)
	s.lots = slices.Insert(s.lots, at, l)
}

func (s *side) count(l Lot, n int) {
	if l.Acquired == nil {
		s.undated += n
	}
	if l.Cost == nil {
		s.uncosted += n
	}
}

// compare is the order in which lots go. One without a day stands, where the day counts, before those with one.
func (s *side) compare(a, b Lot) int {
	switch s.method {
	case LIFO:
		return cmp.Or(cmp.Compare(b.latest(), a.latest()), cmp.Compare(b.sequence, a.sequence))
	case HIFO:
		if a.Cost == nil || b.Cost == nil {
			return cmp.Or(cmp.Compare(has(b.Cost), has(a.Cost)), cmp.Compare(a.sequence, b.sequence))
		}
		dearer := b.Cost.Mul(a.Quantity).Cmp(a.Cost.Mul(b.Quantity))
		return cmp.Or(dearer, oldest(a, b))
	}
	return oldest(a, b)
}

func oldest(a, b Lot) int {
	if a.Acquired == nil || b.Acquired == nil {
		return cmp.Or(cmp.Compare(has(a.Acquired), has(b.Acquired)), cmp.Compare(a.sequence, b.sequence))
	}
	return cmp.Or(cmp.Compare(*a.Acquired, *b.Acquired), cmp.Compare(a.sequence, b.sequence))
}

func has[T any](v *T) int {
	if v == nil {
		return 0
	}
	return 1
}

// latest is the last day on which the lot can have been acquired.
func (l Lot) latest() plaid.Date {
	if l.Acquired == nil {
		return l.bound
	}
	return *l.Acquired
}

// take takes a quantity, at most all of it, first of the lots that are named, then of those that the method says.
func (s *side) take(quantity plaid.Decimal, picks []Pick, day plaid.Date) []Lot {
	if quantity.IsZero() {
		return nil
	}
	var parts []Lot
	switch {
	case s.method == Average:
		return s.takeAverage(quantity)
	case len(picks) > 0:
		var found bool
		parts, found = s.pick(quantity, picks)
		for _, p := range parts {
			quantity = quantity.Sub(p.Quantity)
		}
		if !found {
			return s.blur(parts, quantity, Unfound, day)
		}
	}
	if s.untold(quantity) {
		return s.blur(parts, quantity, Unordered, day)
	}
	return append(parts, s.first(quantity)...)
}

// first takes of the lots in their order.
func (s *side) first(quantity plaid.Decimal) (parts []Lot) {
	gone := 0
	for !quantity.IsZero() {
		l := &s.lots[gone]
		part := cut(l, quantity)
		quantity = quantity.Sub(part.Quantity)
		s.quantity = s.quantity.Sub(part.Quantity)
		parts = append(parts, part)
		if l.Quantity.IsZero() {
			s.count(*l, -1)
			gone++
		}
	}
	s.lots = s.lots[gone:]
	return parts
}

// cut takes a quantity off a lot, or all of it.
func cut(l *Lot, quantity plaid.Decimal) Lot {
	part := *l
	if l.Quantity.Cmp(quantity) > 0 {
		part.Quantity = quantity
		rest := l.Quantity.Sub(quantity)
		costs := spreadKnown(l.Cost, []plaid.Decimal{quantity, rest})
		part.Cost, l.Cost, l.Quantity = costs[0], costs[1], rest
		return part
	}
	l.Quantity = plaid.Decimal{}
	return part
}

// pick takes the named lots; it reports whether all of them were there.
func (s *side) pick(quantity plaid.Decimal, picks []Pick) (parts []Lot, found bool) {
	found = true
	for _, p := range picks {
		want := p.Quantity
		if want.Cmp(quantity) > 0 {
			want = quantity
		}
		for i := 0; i < len(s.lots) && !want.IsZero(); i++ {
			l := &s.lots[i]
			if p.Lot != "" && p.Lot != l.ID || p.Acquired != nil && (l.Acquired == nil || *l.Acquired != *p.Acquired) {
				continue
			}
			part := cut(l, want)
			want, quantity, s.quantity = want.Sub(part.Quantity), quantity.Sub(part.Quantity), s.quantity.Sub(part.Quantity)
			parts = append(parts, part)
		}
		found = found && want.IsZero()
	}
	s.lots = slices.DeleteFunc(s.lots, func(l Lot) bool {
		if l.Quantity.IsZero() {
			s.count(l, -1)
		}
		return l.Quantity.IsZero()
	})
	return parts, found
}

// untold reports whether the method cannot tell which lots a quantity is of.
func (s *side) untold(quantity plaid.Decimal) bool {
	if quantity.IsZero() || len(s.lots) < 2 || quantity.Cmp(s.quantity) >= 0 {
		return false
	}
	switch {
	case s.method == HIFO:
		return s.uncosted > 0
	case s.method != LIFO || s.undated == 0:
		return false
	}
	var bound plaid.Date
	for _, l := range s.lots {
		if l.Acquired == nil {
			bound = max(bound, l.bound)
		}
	}
	for _, l := range s.lots { // those that came after the last one without a day are told apart
		if l.latest() <= bound {
			return true
		}
		if quantity = quantity.Sub(l.Quantity); quantity.Sign() <= 0 {
			return false
		}
	}
	return true
}

// blur takes a quantity beside parts, where nobody can tell of which lots: neither of what goes nor of what stays are day and
// cost known any more.
func (s *side) blur(parts []Lot, quantity plaid.Decimal, why Reason, day plaid.Date) []Lot {
	rest := s.quantity.Sub(quantity)
	unknown := Lot{ID: s.lots[0].ID, Why: why, sequence: s.lots[0].sequence, bound: day}
	s.lots, s.quantity, s.undated, s.uncosted = nil, plaid.Decimal{}, 0, 0
	if !rest.IsZero() {
		kept := unknown
		kept.Quantity = rest
		s.add(kept)
	}
	if quantity.IsZero() {
		return parts
	}
	unknown.Quantity = quantity
	return append(parts, unknown)
}

// takeAverage takes the oldest lots at the cost that all have on average.
func (s *side) takeAverage(quantity plaid.Decimal) []Lot {
	rest := s.quantity.Sub(quantity)
	costs := []*plaid.Decimal{s.pool, s.pool}
	if !rest.IsZero() {
		costs = spreadKnown(s.pool, []plaid.Decimal{quantity, rest})
	}
	parts := s.first(quantity)
	s.pool = costs[1]
	for i, cost := range spreadKnown(costs[0], quantities(parts)) {
		if parts[i].Cost = cost; cost == nil {
			parts[i].Why = s.why
		}
	}
	return parts
}

// settle gives each lot its part of a cost that is one.
func (s *side) settle() {
	if s.method != Average {
		return
	}
	for i, cost := range spreadKnown(s.pool, quantities(s.lots)) {
		s.lots[i].Cost = cost
		if cost == nil {
			s.lots[i].Why = s.why
		}
	}
}

// restate takes lots whose costs or quantities have changed in place.
func (s *side) restate() {
	if s.pool = sum(s.lots); s.pool == nil {
		s.why = s.lots[slices.IndexFunc(s.lots, func(l Lot) bool { return l.Cost == nil })].Why
	}
	s.quantity, s.undated, s.uncosted = plaid.Decimal{}, 0, 0
	for _, l := range s.lots {
		s.quantity = s.quantity.Add(l.Quantity)
		s.count(l, 1)
	}
}

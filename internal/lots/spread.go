package lots

import (
	"slices"

	"weft/internal/plaid"
)

// leastPlaces are those of cents.
const leastPlaces = 2

// Spread divides a total by weights, which are positive, to a number of decimal places. The parts add up to the total: what
// rounding leaves goes, a unit of the last place each, to the parts that lost most by it, and of equal ones to the first.
func Spread(total plaid.Decimal, weights []plaid.Decimal, places int32) []plaid.Decimal {
	parts := make([]plaid.Decimal, len(weights))
	if len(weights) == 1 {
		parts[0] = total
		return parts
	}
	places = max(places, total.Places())
	var whole plaid.Decimal
	for _, w := range weights {
		whole = whole.Add(w)
	}
	unit := plaid.NewDecimal(1, -places)
	if total.Sign() < 0 {
		unit = unit.Neg()
	}
	left, lost := total, make([]plaid.Decimal, len(weights))
	for i, w := range weights {
		exact := total.Mul(w)
		parts[i] = exact.Div(whole, places)
		if lost[i] = exact.Sub(parts[i].Mul(whole)); lost[i].Sign()*unit.Sign() < 0 { // rounded away from zero
			parts[i] = parts[i].Sub(unit)
			lost[i] = exact.Sub(parts[i].Mul(whole))
		}
		left = left.Sub(parts[i])
	}
	if left.IsZero() {
		return parts
	}
	order := make([]int, len(weights))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return lost[b].Abs().Cmp(lost[a].Abs()) })
	for _, i := range order {
		if left.IsZero() {
			break
		}
		parts[i], left = parts[i].Add(unit), left.Sub(unit)
	}
	return parts
}

// spreadKnown is spread of money that may not be known.
func spreadKnown(total *plaid.Decimal, weights []plaid.Decimal) []*plaid.Decimal {
	parts := make([]*plaid.Decimal, len(weights))
	if total == nil {
		return parts
	}
	for i, part := range Spread(*total, weights, leastPlaces) {
		parts[i] = &part
	}
	return parts
}

// quantities are those of lots.
func quantities(list []Lot) []plaid.Decimal {
	out := make([]plaid.Decimal, len(list))
	for i, l := range list {
		out[i] = l.Quantity
	}
	return out
}

// sum adds what is known; it is nil if anything is not.
func sum(list []Lot) *plaid.Decimal {
	var all plaid.Decimal
	for _, l := range list {
		if l.Cost == nil {
			return nil
		}
		all = all.Add(*l.Cost)
	}
	return &all
}

// plus adds what is known.
func plus(a, b *plaid.Decimal) *plaid.Decimal {
	if a == nil || b == nil {
		return nil
	}
	return a.Add(*b).Ptr()
}

func negative(d *plaid.Decimal) *plaid.Decimal {
	if d == nil {
		return nil
	}
	return d.Neg().Ptr()
}

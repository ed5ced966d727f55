package taxlots

import (
	"weft/internal/lots"
	"weft/internal/plaid"
)

// give gives a holding the lots that were found, and their cost where the bank says none. Where the bank's cost is another than
// that of the lots, one of them is not as it seems, and the bank's word stands alone.
func (e *Entry) give(h *plaid.Holding) {
	if !e.Explained {
		return
	}
	cost := costOf(e.Lots)
	if h.CostBasis != nil && cost != nil && !alike(*h.CostBasis, *cost) {
		e.Disputed = true
		return
	}
	e.GaveLots = true
	h.TaxLots = wire(e.Lots, h.InstitutionValue)
	if h.CostBasis == nil && cost != nil {
		e.GaveCost, h.CostBasis = true, cost
	}
}

// alike reports whether two costs differ by a cent at most, whichever sign a bank gives to that of a short position.
func alike(a, b plaid.Decimal) bool {
	return a.Abs().Sub(b.Abs()).Abs().Cmp(plaid.NewDecimal(1, -2)) <= 0
}

// costOf is the cost of lots together, nil where one of them is not known.
func costOf(list []lots.Lot) *plaid.Decimal {
	var all plaid.Decimal
	for _, l := range list {
		if l.Cost == nil {
			return nil
		}
		all = all.Add(*l.Cost)
	}
	return &all
}

// wire are lots as the API has them. What they are worth adds up to what the holding is worth.
func wire(list []lots.Lot, value plaid.Decimal) []plaid.TaxLot {
	units := make([]plaid.Decimal, len(list))
	for i, l := range list {
		units[i] = l.Quantity.Abs()
	}
	out := make([]plaid.TaxLot, len(list))
	for i, worth := range lots.Spread(value, units, 2) {
		l := list[i]
		side := "LONG"
		if l.Quantity.Sign() < 0 {
			side = "SHORT"
		}
		out[i] = plaid.TaxLot{Quantity: &l.Quantity, PurchasePrice: l.Price, CostBasis: l.Cost, CurrentValue: &worth, PositionType: &side}
		if l.Acquired != nil {
			at := plaid.Timestamp(l.Acquired.Time())
			out[i].OriginalPurchaseDatetime = &at
		}
	}
	return out
}

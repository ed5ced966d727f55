package market

import "weft/internal/plaid"

// Price is the close of the last trading day on or before a day, in the security's currency: per share, per unit, per
// share of an option's underlying, in percent of face for bonds and bills. It is false for an unknown ticker and for days
// before the security existed; after an expiry, a maturity or a merger it stays what it was last.
func (m *Market) Price(ticker string, day plaid.Date) (plaid.Decimal, bool) {
	p, _, ok := m.Quote(ticker, day)
	return p, ok
}

// PriceDate is the day whose close [Market.Price] gives; zero where it gives none.
func (m *Market) PriceDate(ticker string, day plaid.Date) plaid.Date {
	a, ok := m.lookup(ticker)
	if !ok {
		return 0
	}
	d, _ := a.priceDate(m, day)
	return d
}

// Quote is [Market.Price] and [Market.PriceDate] in one.
func (m *Market) Quote(ticker string, day plaid.Date) (plaid.Decimal, plaid.Date, bool) {
	a, ok := m.lookup(ticker)
	if !ok {
		return plaid.Decimal{}, 0, false
	}
	d, ok := a.priceDate(m, day)
	if !ok {
		return plaid.Decimal{}, 0, false
	}
	p, ok := a.price(m, d)
	if !ok {
		return plaid.Decimal{}, 0, false
	}
	return p, d, true
}

// Rate is the number of units of one currency that buy a unit of another on a day: Rate("EUR", "USD", day) is the price
// of a euro in dollars. Six places; false for a currency that is not in the market.
func (m *Market) Rate(of, in string, day plaid.Date) (plaid.Decimal, bool) {
	if of == in {
		return plaid.DecimalFromInt(1), true
	}
	a, ok := m.listed[of].(*instrument)
	if !ok || a.Class != "currency" {
		return plaid.Decimal{}, false
	}
	b, ok := m.listed[in].(*instrument)
	if !ok || b.Class != "currency" || day < firstDay {
		return plaid.Decimal{}, false
	}
	day = min(day, lastDay)
	if t, ok := m.calendar.onOrBefore(day); ok {
		day = t // exchange rates rest at the weekend, like the shares that they convert
	}
	worth := func(c *instrument) plaid.Decimal { return plaid.NewDecimal(int64(c.millionths(day)), -6) }
	return worth(a).Div(worth(b), 6), true
}

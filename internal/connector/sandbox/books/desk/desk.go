// Package desk answers what a broker's desk knows of an order: which contract it means, where its limit lies, and how much of
// it a day's trading fills.
package desk

import (
	"fmt"

	"weft/internal/connector/sandbox/books/persona"
	"weft/internal/connector/sandbox/market"
	"weft/internal/plaid"
)

// Contract finds the OCC symbol of the option that an order describes on a day. Strikes stand 5 dollars apart, below 100
// dollars 1 and below 10 dollars a half.
func Contract(m *market.Market, t *persona.OptionTerms, day plaid.Date) (string, error) {
	spot, ok := m.Price(t.Underlying, day)
	if !ok {
		return "", fmt.Errorf("unknown underlying %q", t.Underlying)
	}
	step := plaid.DecimalFromInt(5)
	switch {
	case spot.Cmp(plaid.DecimalFromInt(10)) < 0:
		step = plaid.NewDecimal(5, -1)
	case spot.Cmp(plaid.DecimalFromInt(100)) < 0:
		step = plaid.DecimalFromInt(1)
	}
	strike := spot.Mul(t.Strike).Div(step, 0).Mul(step)
	if strike.IsZero() {
		strike = step
	}
	return market.OCC(plaid.OptionContract{
		ContractType: t.Type, StrikePrice: strike, UnderlyingSecurityTicker: t.Underlying,
		ExpirationDate: m.Expiry(day.AddDays(t.Days)),
	}), nil
}

// Reached reports whether a price is as good as a limit: no more for a buyer, no less for a seller.
func Reached(do string, price, limit plaid.Decimal) bool {
	if do == "buy" {
		return price.Cmp(limit) <= 0
	}
	return price.Cmp(limit) >= 0
}

// Part is the share of a limit order that a day's trading fills: mostly all of it, sometimes a part. It depends on the
// order's chance and the day alone.
func Part(chance uint64, day plaid.Date) plaid.Decimal {
	switch mixed := (chance ^ uint64(day)*0x9e3779b97f4a7c15) * 0xbf58476d1ce4e5b9; mixed >> 61 {
	case 0:
		return plaid.NewDecimal(25, -2)
	case 1:
		return plaid.NewDecimal(4, -1)
	case 2:
		return plaid.NewDecimal(6, -1)
	default:
		return plaid.DecimalFromInt(1)
	}
}

// Halts reports whether a limit order ends on a day because what it was for changes: its security is split or merged.
func Halts(m *market.Market, ticker string, day plaid.Date) bool {
	for _, a := range m.Actions(ticker, day, day) {
		if a.Kind == market.Split || a.Kind == market.Merger || a.Kind == market.Maturity {
			return true
		}
	}
	return false
}

package securities

import "weft/internal/plaid"

// contractShares are the shares of an option contract that does not say.
var contractShares = plaid.DecimalFromInt(100)

// mostShares bounds the shares of a contract.
var mostShares = plaid.DecimalFromInt(1_000_000)

var (
	hundred   = plaid.DecimalFromInt(100)
	hundredth = plaid.NewDecimal(1, -2)
	two       = plaid.DecimalFromInt(2)
)

// pricePlaces is how exact a price is that has to be divided.
const pricePlaces = 10

// Normal turns the units and the price of a position or a trade into Plaid's: of an option the shares that its contracts
// stand for and the price of a share, of a bond face value divided by 100 and the percent of par. What kind of security it
// is, the element says (POSOPT) or, where that is OTHER, the security's own description: Fidelity redeems Treasury bills by
// SELLOTHER. Gross is what units and price should come to, nil if it is not known.
func (e *Entry) Normal(by Kind, units, price plaid.Decimal, gross *plaid.Decimal) (quantity, unitPrice plaid.Decimal) {
	if by != Option && by != Debt {
		by = e.Kind
	}
	switch by {
	case Option:
		quantity = units.Mul(e.multiplier)
		if gross != nil && closer(units.Mul(price), quantity.Mul(price), *gross) {
			return quantity, price.Mul(inverse(e.multiplier)) // the bank prices the contract
		}
		return quantity, price
	case Debt:
		return e.bond(units, price, gross)
	}
	return units, price
}

// bond is the units and price of debt, by the way in which they come to their value.
func (e *Entry) bond(units, price plaid.Decimal, gross *plaid.Decimal) (quantity, unitPrice plaid.Decimal) {
	if gross == nil || !closer(units.Mul(price), units.Mul(price).Mul(hundredth), *gross) {
		return units.Mul(hundredth), price // dollars of face value, percent of par
	}
	if price.Cmp(two) < 0 {
		return units.Mul(hundredth), price.Mul(hundred) // dollars of face value, dollars for a dollar
	}
	e.counted = true
	return units, price // pieces, dollars for a piece
}

// closer reports whether a is nearer to the truth than b, without regard to signs.
func closer(a, b, truth plaid.Decimal) bool {
	truth = truth.Abs()
	return a.Abs().Sub(truth).Abs().Cmp(b.Abs().Sub(truth).Abs()) < 0
}

// inverse is exact for the usual hundred.
func inverse(d plaid.Decimal) plaid.Decimal {
	if d.Equal(hundred) {
		return hundredth
	}
	return plaid.DecimalFromInt(1).Div(d, pricePlaces)
}

package investment

import (
	"strings"

	"weft/internal/connector"
	"weft/internal/connector/ofx/reader"
	"weft/internal/connector/ofx/securities"
	"weft/internal/connector/ofx/statement"
	"weft/internal/plaid"
)

var positionKinds = map[string]securities.Kind{
	"POSSTOCK": securities.Stock, "POSMF": securities.Fund, "POSDEBT": securities.Debt, "POSOPT": securities.Option,
	"POSOTHER": securities.Other,
}

// positions gathers a statement's positions: several of one security (held in cash and on margin, or of several sources of
// a 401(k)) are one holding.
type positions struct {
	*reading
	plan  plan
	at    map[*securities.Entry]*position
	order []*securities.Entry
	// value is the sum of all, in the statement's currency.
	value plaid.Decimal
}

// position is the holding that it becomes.
type position struct {
	plaid.Holding
	mixed    bool // of several prices
	unvested bool // in part of unknown vesting
	uncosted bool // in part of unknown cost
}

func (ps *positions) read(e reader.Element) {
	by, ok := positionKinds[e.Name()]
	if !ok {
		return
	}
	pos := e.Child("INVPOS")
	if !pos.OK() {
		pos = e
	}
	entry := ps.Securities.Find(pos.Child("SECID"), by)
	if entry == nil {
		ps.Report(statement.Problem{Line: e.Line(), Element: e.Name(), Expected: "a SECID with a UNIQUEID, without which it is left out"})
		return
	}
	units, counted := ps.Amount(pos, "UNITS")
	price, priced := ps.Amount(pos, "UNITPRICE")
	value, valued := ps.Amount(pos, "MKTVAL")
	if !counted && !valued {
		ps.Report(statement.Problem{Line: e.Line(), Element: e.Name(), Expected: "UNITS or MKTVAL, without which it is left out"})
		return
	}
	var gross *plaid.Decimal
	if valued && priced {
		gross = &value
	}
	quantity, price := entry.Normal(by, units, price.Abs(), gross)
	if !valued {
		value = quantity.Mul(price)
	}
	if strings.EqualFold(pos.Value("POSTYPE"), "SHORT") {
		quantity, value = quantity.Abs().Neg(), value.Abs().Neg()
	}
	one := position{Holding: plaid.Holding{Quantity: quantity, InstitutionPrice: price, InstitutionValue: value}}
	one.ISOCurrencyCode, one.UnofficialCurrencyCode = ps.Currencies(pos)
	if m, ok := ps.Moment(pos, "DTPRICEASOF"); ok {
		one.InstitutionPriceAsOf = m.Day.Ptr()
	}
	if cost, ok := ps.Amount(pos, "AVGCOSTBASIS"); ok { // of a unit
		one.CostBasis = cost.Mul(quantity.Abs()).Ptr()
	}
	if share := ps.plan.vestedShare(pos.Value("INV401KSOURCE")); ps.plan.is401k && share != nil {
		one.VestedQuantity, one.VestedValue = percent(quantity, *share), percent(value, *share)
	}
	entry.In(one.ISOCurrencyCode, one.UnofficialCurrencyCode)
	entry.Seen(price, one.InstitutionPriceAsOf)
	ps.value = ps.value.Add(ps.converted(pos, value))
	ps.add(entry, one)
}

// percent is a part of a number; of all of it, the number digit for digit.
func percent(d, share plaid.Decimal) *plaid.Decimal {
	if share.Equal(plaid.DecimalFromInt(100)) {
		return &d
	}
	return d.Mul(share).Mul(plaid.NewDecimal(1, -2)).Ptr()
}

// converted is an amount in the statement's currency. CURRATE is what one unit of CURSYM is worth in it.
func (ps *positions) converted(pos reader.Element, amount plaid.Decimal) plaid.Decimal {
	iso, code := ps.Currencies(pos)
	rate, ok := ps.Amount(pos.Child("CURRENCY"), "CURRATE")
	own := ps.Of.Account.Balances
	if iso == own.ISOCurrencyCode && code == own.UnofficialCurrencyCode || !ok || rate.Sign() <= 0 {
		return amount
	}
	return amount.Mul(rate)
}

func (ps *positions) add(entry *securities.Entry, one position) {
	one.unvested, one.uncosted = one.VestedQuantity == nil, one.CostBasis == nil
	sum := ps.at[entry]
	if sum == nil {
		ps.at[entry] = &one
		ps.order = append(ps.order, entry)
		return
	}
	sum.Quantity = sum.Quantity.Add(one.Quantity)
	sum.InstitutionValue = sum.InstitutionValue.Add(one.InstitutionValue)
	sum.mixed = sum.mixed || !sum.InstitutionPrice.Equal(one.InstitutionPrice)
	if day := one.InstitutionPriceAsOf; day != nil && (sum.InstitutionPriceAsOf == nil || *day > *sum.InstitutionPriceAsOf) {
		sum.InstitutionPriceAsOf = day
	}
	if sum.uncosted = sum.uncosted || one.uncosted; !sum.uncosted {
		sum.CostBasis = sum.CostBasis.Add(*one.CostBasis).Ptr()
	}
	if sum.unvested = sum.unvested || one.unvested; !sum.unvested {
		sum.VestedQuantity = sum.VestedQuantity.Add(*one.VestedQuantity).Ptr()
		sum.VestedValue = sum.VestedValue.Add(*one.VestedValue).Ptr()
	}
}

// hasCore reports whether cash is already among the positions, as the fund that it is swept into: Fidelity states it twice.
func (ps *positions) hasCore(cash plaid.Decimal) bool {
	var all plaid.Decimal
	for _, entry := range ps.order {
		if !entry.CashLike() {
			continue
		}
		value := ps.at[entry].InstitutionValue
		if value.Equal(cash) {
			return true
		}
		all = all.Add(value)
	}
	return all.Equal(cash)
}

// addCash states cash as a holding.
func (ps *positions) addCash(cash plaid.Decimal) {
	ps.Of.Cash = ps.Currency()
	ps.Of.Holdings = append(ps.Of.Holdings, connector.Holding{
		AccountKey: ps.Of.Account.Key, SecurityKey: securities.Cash(ps.Of.Cash).Key,
		Holding: plaid.Holding{
			Quantity: cash, InstitutionPrice: plaid.DecimalFromInt(1), InstitutionValue: cash, InstitutionPriceAsOf: ps.Of.AsOf,
			ISOCurrencyCode: ps.Of.Account.Balances.ISOCurrencyCode, UnofficialCurrencyCode: ps.Of.Account.Balances.UnofficialCurrencyCode,
		},
	})
}

// mixedPlaces is how exact the price of a holding is that was put together of several.
const mixedPlaces = 6

// state puts the holdings into the statement, before that of cash.
func (ps *positions) state() {
	holdings := make([]connector.Holding, 0, len(ps.order)+1)
	for _, entry := range ps.order {
		sum := ps.at[entry]
		if sum.mixed && !sum.Quantity.IsZero() {
			sum.InstitutionPrice = sum.InstitutionValue.Div(sum.Quantity, mixedPlaces)
		}
		if sum.unvested {
			sum.VestedQuantity, sum.VestedValue = nil, nil
		}
		if sum.uncosted {
			sum.CostBasis = nil
		}
		statement.FitAll(&sum.Quantity, &sum.InstitutionPrice, &sum.InstitutionValue, sum.CostBasis, sum.VestedQuantity, sum.VestedValue)
		holdings = append(holdings, connector.Holding{AccountKey: ps.Of.Account.Key, SecurityKey: entry.Key, Holding: sum.Holding})
	}
	ps.Of.Holdings = append(holdings, ps.Of.Holdings...)
}

package bank

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/custom"
	"weft/internal/plaid"
)

// historyDays is how far back made-up history goes: two years, as the contract's own sandbox.
const historyDays = 730

// investments states the holdings and transactions of an account and answers what they are worth together. Of the two, what
// is not given is made up to fit what is: a portfolio for the balance, or the purchases of the holdings.
func (b *builder) investments(account string, a *custom.Account, subtype, currency string, from source) plaid.Decimal {
	var holdings []connector.Holding
	var rows []connector.InvestmentTransaction
	if a.Holdings == nil {
		holdings, rows = b.portfolio(account, a, subtype, currency, from)
	} else {
		holdings = b.givenHoldings(account, a, currency, from)
		rows = b.purchases(account, holdings, from)
	}
	if a.InvestmentTransactions != nil {
		rows = b.givenRows(account, a, currency, from)
	}
	var worth plaid.Decimal
	for _, h := range holdings {
		worth = worth.Add(h.InstitutionValue)
	}
	b.batch.Holdings = append(b.batch.Holdings, holdings...)
	b.batch.InvestmentTransactions = append(b.batch.InvestmentTransactions, rows...)
	return bounded(worth)
}

// givenHoldings states the holdings of the configuration. A security that is listed twice is one position.
func (b *builder) givenHoldings(account string, a *custom.Account, currency string, from source) []connector.Holding {
	var holdings []connector.Holding
	place := map[string]int{}
	for i := range a.Holdings {
		h := b.holding(account, &a.Holdings[i], currency, from.at("holding", i))
		if have, listed := place[h.SecurityKey]; listed {
			merge(&holdings[have].Holding, h.Holding)
			continue
		}
		place[h.SecurityKey] = len(holdings)
		holdings = append(holdings, h)
	}
	return holdings
}

// merge adds a second position in the same security. The newer price stays; the values are added as they are.
func merge(to *plaid.Holding, h plaid.Holding) {
	to.Quantity = sum(to.Quantity, h.Quantity)
	to.InstitutionValue = sum(to.InstitutionValue, h.InstitutionValue)
	for _, part := range []struct{ to, more **plaid.Decimal }{
		{&to.CostBasis, &h.CostBasis}, {&to.VestedQuantity, &h.VestedQuantity}, {&to.VestedValue, &h.VestedValue},
	} {
		if *part.to != nil && *part.more != nil {
			*part.to = sum(**part.to, **part.more).Ptr()
		} else {
			*part.to = first(*part.to, *part.more)
		}
	}
	if h.InstitutionPriceAsOf != nil && to.InstitutionPriceAsOf != nil && *h.InstitutionPriceAsOf > *to.InstitutionPriceAsOf {
		to.InstitutionPrice, to.InstitutionPriceAsOf = h.InstitutionPrice, h.InstitutionPriceAsOf
		to.InstitutionPriceDatetime = h.InstitutionPriceDatetime
	}
	to.TaxLots = append(to.TaxLots, h.TaxLots...)
}

func sum(a, b plaid.Decimal) plaid.Decimal { return bounded(a.Add(b)) }

// bounded keeps a calculated number storable. Only numbers that no money has lose anything: first their last places, and
// those that are too large even so become zero.
func bounded(d plaid.Decimal) plaid.Decimal {
	if fitted, ok := custom.Fit(d); ok {
		return fitted
	}
	return plaid.Decimal{}
}

func (b *builder) holding(account string, h *custom.Holding, currency string, from source) connector.Holding {
	key := b.security(h.Security)
	out := connector.Holding{AccountKey: account, SecurityKey: key}
	out.Quantity = or(h.Quantity, plaid.DecimalFromInt(from.between("quantity", 1, 100)))
	price, asOf := b.price(key, b.Created)
	switch {
	case h.InstitutionPrice != nil:
		price, asOf = *h.InstitutionPrice, b.Created
	case h.InstitutionValue != nil && !out.Quantity.IsZero():
		price = bounded(h.InstitutionValue.Div(out.Quantity, 6))
		asOf = b.Created
	}
	out.InstitutionPrice = price
	out.InstitutionPriceDatetime = h.InstitutionPriceDatetime
	if h.InstitutionPriceDatetime != nil {
		asOf = dayOf(*h.InstitutionPriceDatetime, asOf)
	}
	out.InstitutionPriceAsOf = ref(or(h.InstitutionPriceAsOf, asOf))
	value := bounded(out.Quantity.Mul(price))
	out.InstitutionValue = or(h.InstitutionValue, value)
	cost := out.InstitutionValue.Round(2)
	if !b.cash(key) {
		cost = out.InstitutionValue.Mul(plaid.NewDecimal(from.between("cost", 70, 120), -2)).Round(2)
	}
	cost = bounded(cost)
	out.CostBasis = first(h.CostBasis, &cost)
	out.VestedQuantity, out.VestedValue = h.VestedQuantity, h.VestedValue
	out.TaxLots = []plaid.TaxLot{}
	for _, lot := range h.TaxLots {
		out.TaxLots = append(out.TaxLots, plaid.TaxLot(lot))
	}
	if h.UnofficialCurrencyCode != nil {
		out.UnofficialCurrencyCode = h.UnofficialCurrencyCode
	} else {
		code := or(first(h.Currency, h.Security.Currency), currency)
		out.ISOCurrencyCode, out.UnofficialCurrencyCode = currencyCodes(code)
	}
	if sp := b.specs[key]; sp.close == nil {
		sp.close, sp.closeAs = &out.InstitutionPrice, *out.InstitutionPriceAsOf
	}
	return out
}

// dayOf is the day that a date and time names where it was, not in UTC.
func dayOf(datetime string, otherwise plaid.Date) plaid.Date {
	t, err := time.Parse(time.RFC3339, datetime)
	if err != nil {
		return otherwise
	}
	return plaid.NewDate(t.Year(), t.Month(), t.Day())
}

func (b *builder) givenRows(account string, a *custom.Account, currency string, from source) []connector.InvestmentTransaction {
	var rows []connector.InvestmentTransaction
	equal := map[string]int{}
	for i := range a.InvestmentTransactions {
		given := &a.InvestmentTransactions[i]
		row := b.row(given, currency, from.at("transaction", i))
		row.AccountKey = account
		content := contentOf(&row)
		equal[content]++
		row.Key = content + "-" + strconv.Itoa(equal[content])
		rows = append(rows, row)
	}
	return rows
}

// contentOf names a row by what it says, so that moving it within the configuration does not change its key.
func contentOf(row *connector.InvestmentTransaction) string {
	fees := "-"
	if row.Fees != nil {
		fees = row.Fees.String()
	}
	hash := sha256.Sum256([]byte(strings.Join([]string{
		row.Date.String(), row.Name, row.Type, row.Subtype, row.Quantity.String(), row.Price.String(), row.Amount.String(), fees,
		row.SecurityKey, or(row.ISOCurrencyCode, ""), or(row.UnofficialCurrencyCode, ""), or(row.TransactionDatetime, ""),
	}, "\x1f")))
	return hex.EncodeToString(hash[:12])
}

func (b *builder) row(t *custom.InvestmentTransaction, currency string, from source) connector.InvestmentTransaction {
	out := connector.InvestmentTransaction{}
	out.TransactionDatetime = t.TransactionDatetime
	day := b.Created.AddDays(-int(from.between("day", 1, historyDays-1)))
	if t.TransactionDatetime != nil {
		day = dayOf(*t.TransactionDatetime, day)
	}
	out.Date = or(t.Date, day)
	out.Type, out.Subtype = kinds(t)
	if t.Security != nil && t.Security.Currency != nil {
		out.SecurityKey = b.security(t.Security)
		currency = or(t.Currency, *t.Security.Currency)
	}
	currency = or(t.Currency, currency)
	out.ISOCurrencyCode, out.UnofficialCurrencyCode = currencyCodes(currency)
	out.Quantity = b.quantity(t, out.Type, from)
	out.Fees = t.Fees
	fees := or(t.Fees, plaid.Decimal{})
	switch {
	case t.Price != nil:
		out.Price = *t.Price
	case t.Amount != nil && !out.Quantity.IsZero():
		out.Price = bounded(t.Amount.Sub(fees).Div(out.Quantity, 6).Abs())
	case out.SecurityKey != "" && !out.Quantity.IsZero():
		out.Price, _ = b.price(out.SecurityKey, out.Date)
	}
	out.Amount = or(t.Amount, amount(out.Type, out.Subtype, out.Quantity, out.Price, fees))
	out.Name = or(t.Name, b.rowName(out.Subtype, out.SecurityKey))
	if sp := b.specs[out.SecurityKey]; sp != nil && sp.close == nil && out.Price.Sign() > 0 {
		sp.close, sp.closeAs = &out.Price, out.Date
	}
	return out
}

// quantity of a row: a purchase or a sale of unknown size gets one, a movement of money moves no units.
func (b *builder) quantity(t *custom.InvestmentTransaction, kind string, from source) plaid.Decimal {
	if t.Quantity != nil {
		return *t.Quantity
	}
	units := plaid.DecimalFromInt(from.between("quantity", 1, 50))
	switch {
	case t.Security == nil:
		return plaid.Decimal{}
	case kind == "sell":
		return units.Neg()
	case kind == "buy", kind == "transfer":
		return units
	}
	return plaid.Decimal{}
}

// amount is quantity times price, and the fees, with the contract's signs: positive when cash leaves the account. Income
// enters and charges leave whatever the sign of their quantity; for everything else the quantity has the sign.
func amount(kind, subtype string, quantity, price, fees plaid.Decimal) plaid.Decimal {
	gross := quantity.Mul(price)
	switch {
	case kind == "fee", subtype == "withdrawal", subtype == "tax", subtype == "tax withheld", subtype == "account fee", subtype == "management fee":
		gross = gross.Abs()
	case kind == "cash" && (subtype == "deposit" || subtype == "contribution" || strings.Contains(subtype, "dividend") || subtype == "interest"):
		gross = gross.Abs().Neg()
	}
	return bounded(gross.Add(fees))
}

// kinds is the type and subtype of a row. A type that is not given follows from the quantity, a subtype from the type and
// the words of the name.
func kinds(t *custom.InvestmentTransaction) (kind, subtype string) {
	kind = "cash"
	if t.Quantity != nil && t.Quantity.Sign() > 0 {
		kind = "buy"
	} else if t.Quantity != nil && t.Quantity.Sign() < 0 {
		kind = "sell"
	}
	kind = or(t.Type, kind)
	if t.Subtype != nil {
		return kind, *t.Subtype
	}
	words := strings.ToLower(or(t.Name, ""))
	has := func(any ...string) bool {
		for _, w := range any {
			if strings.Contains(words, w) {
				return true
			}
		}
		return false
	}
	switch kind {
	case "fee":
		if has("management", "advisory", "adviser", "advisor") {
			return kind, "management fee"
		}
		return kind, "account fee"
	case "cash":
		return kind, cashSubtype(t, has)
	}
	return kind, kind
}

// cashSubtype goes by the name and then by the direction of the money: with nothing known of it, it is a deposit.
func cashSubtype(t *custom.InvestmentTransaction, has func(...string) bool) string {
	switch {
	case has("dividend", "div "):
		return "dividend"
	case has("interest"):
		return "interest"
	case has("contribution"):
		return "contribution"
	case has("deposit"):
		return "deposit"
	case has("withdraw"):
		return "withdrawal"
	}
	direction := 0
	if t.Amount != nil {
		direction = t.Amount.Sign()
	} else if t.Quantity != nil && t.Price != nil {
		direction = t.Quantity.Mul(*t.Price).Sign()
	}
	if direction > 0 {
		return "withdrawal"
	}
	return "deposit"
}

// rowName is what a bank prints on a row that has no name.
func (b *builder) rowName(subtype, securityKey string) string {
	name := strings.ToUpper(subtype)
	if sp := b.specs[securityKey]; sp != nil {
		name += " " + or(first(sp.given.Name, sp.base.Name), "")
	}
	return name
}

package mapping

import (
	"cmp"
	"strings"
	"time"

	"weft/internal/connector"
	"weft/internal/connector/simplefin/rules"
	"weft/internal/connector/simplefin/wire"
	"weft/internal/plaid"
)

// pricePlaces is to how many places a price is told that is a value by a quantity.
const pricePlaces = 6

// Holdings are an account's positions, one for each security: lots of one are added up.
func (b *Book) Holdings(acc wire.Account, totalCosts bool) []connector.Holding {
	place := map[string]int{}
	var list []connector.Holding
	for _, h := range acc.Holdings {
		currency := cmp.Or(h.Currency, acc.Currency) // empty is the account's
		s := securityOf(h, currency)
		if s.IsCashEquivalent == nil || !*s.IsCashEquivalent {
			b.remember(symbolOf(h), currency, h.Description)
		}
		held := holdingOf(h, s, acc, totalCosts)
		if held.Quantity.Sign() != 0 {
			s.ClosePrice, s.ClosePriceAsOf = held.InstitutionPrice.Ptr(), held.InstitutionPriceAsOf
		}
		if known, ok := b.all[s.Key]; !ok || known.ClosePrice == nil { // the first account's price counts
			b.add(s)
		}
		b.needed[s.Key] = true
		i, again := place[s.Key]
		if !again {
			place[s.Key] = len(list)
			list = append(list, held)
			continue
		}
		sum := &list[i]
		sum.Quantity, sum.InstitutionValue = sum.Quantity.Add(held.Quantity), sum.InstitutionValue.Add(held.InstitutionValue)
		sum.InstitutionPrice = priceOf(sum.Quantity, sum.InstitutionValue)
		if sum.CostBasis == nil || held.CostBasis == nil {
			sum.CostBasis = nil
		} else {
			sum.CostBasis = sum.CostBasis.Add(*held.CostBasis).Ptr()
		}
	}
	return list
}

func holdingOf(h wire.Holding, s connector.Security, acc wire.Account, totalCosts bool) connector.Holding {
	quantity, value := units(h)
	held := connector.Holding{AccountKey: acc.ID, SecurityKey: s.Key, Holding: plaid.Holding{
		Quantity: quantity, InstitutionValue: value, InstitutionPrice: priceOf(quantity, value), CostBasis: costOf(h, totalCosts),
		ISOCurrencyCode: s.ISOCurrencyCode, UnofficialCurrencyCode: s.UnofficialCurrencyCode, TaxLots: []plaid.TaxLot{},
	}}
	if acc.BalanceDate > 0 {
		held.InstitutionPriceAsOf = plaid.DateOf(time.Unix(acc.BalanceDate, 0)).Ptr()
	}
	return held
}

// units are a position's quantity and value. A value without a quantity is one unit of itself, except cash, which is counted
// in its currency; a short position's value is negative.
func units(h wire.Holding) (quantity, value plaid.Decimal) {
	value = *h.MarketValue
	if h.Shares == nil || (h.Shares.IsZero() && !value.IsZero()) {
		if rules.InstrumentOf(symbolOf(h), h.Description).Cash {
			return value, value
		}
		return plaid.DecimalFromInt(1), value
	}
	if h.Shares.Sign() < 0 {
		value = value.Abs().Neg()
	}
	return *h.Shares, value
}

// priceOf is the price of a unit, without the zeros that the division adds.
func priceOf(quantity, value plaid.Decimal) plaid.Decimal {
	if quantity.IsZero() {
		return plaid.Decimal{}
	}
	price := value.Div(quantity, pricePlaces)
	for places := int32(pricePlaces - 1); places >= 2; places-- {
		short := price.Trunc(places)
		if !short.Equal(price) {
			break
		}
		price = short
	}
	return price
}

// costOf is what was paid for a position in all. A cost or a purchase price of zero is one that the bank does not know.
func costOf(h wire.Holding, totalCosts bool) *plaid.Decimal {
	switch {
	case h.CostBasis != nil && !h.CostBasis.IsZero():
		if h.Shares == nil || h.Shares.IsZero() {
			return h.CostBasis
		}
		if verdict := byPurchasePrice(h); verdict != 0 {
			totalCosts = verdict > 0
		}
		if totalCosts {
			return h.CostBasis
		}
		return h.CostBasis.Mul(h.Shares.Abs()).Ptr()
	case h.PricePaid != nil && !h.PricePaid.IsZero() && h.Shares != nil:
		return h.PricePaid.Mul(h.Shares.Abs()).Ptr()
	}
	return nil
}

// TotalCosts decides whether an institution's cost_basis is that of a whole position, as it is meant and as most banks have
// it, or that of one share. Each position has a vote, and most votes win: a feed does not change its mind from one position to
// the next, while the cost of a single old position may well look like that of a share.
func TotalCosts(accounts []wire.Account) bool {
	votes := 0
	for _, acc := range accounts {
		for _, h := range acc.Holdings {
			votes += vote(h)
		}
	}
	return votes >= 0
}

// plausibleGain is by how much a position may have gained before its cost is suspected to be that of a share.
const plausibleGain = 4

// vote is 1 for the cost of the position, -1 for that of a share, 0 for no opinion: the cost of a share is nearer to the price
// than the cost by the shares is, and as a total it would mean an uncommon gain.
func vote(h wire.Holding) int {
	if h.CostBasis == nil || h.CostBasis.Sign() <= 0 || h.Shares == nil || h.MarketValue.Sign() <= 0 {
		return 0
	}
	one := plaid.DecimalFromInt(1)
	if h.Shares.Cmp(one) <= 0 { // of a single share both are the same
		return 0
	}
	if verdict := byPurchasePrice(h); verdict != 0 {
		return verdict
	}
	price, each := priceOf(*h.Shares, *h.MarketValue), h.CostBasis.Div(*h.Shares, pricePlaces)
	asTotal, asShare := each.Sub(price).Abs(), h.CostBasis.Sub(price).Abs()
	if asTotal.Cmp(asShare) <= 0 || h.MarketValue.Cmp(h.CostBasis.Mul(plaid.DecimalFromInt(plausibleGain))) <= 0 {
		return 1
	}
	return -1
}

// byPurchasePrice decides by the purchase price, where the bank knows it: it is that of a share.
func byPurchasePrice(h wire.Holding) int {
	if h.PricePaid == nil || h.PricePaid.Sign() <= 0 || h.CostBasis == nil || h.Shares == nil || h.Shares.Abs().Equal(plaid.DecimalFromInt(1)) {
		return 0
	}
	near := func(a, b plaid.Decimal) bool { // within 1 %, for rounded prices
		return a.Sub(b).Abs().Mul(plaid.DecimalFromInt(100)).Cmp(b.Abs()) <= 0
	}
	switch {
	case near(*h.CostBasis, h.PricePaid.Mul(h.Shares.Abs())):
		return 1
	case near(*h.CostBasis, *h.PricePaid):
		return -1
	}
	return 0
}

// noSymbols are what banks write where there is no symbol.
var noSymbols = []string{"N/A", "NA", "NONE", "NULL", "--", "-", "UNKNOWN", "?"}

func symbolOf(h wire.Holding) string {
	symbol := strings.ToUpper(strings.TrimSpace(h.Symbol))
	if plaid.Known(noSymbols, symbol) {
		return ""
	}
	return symbol
}

func currencyOf(code string) string {
	iso, unofficial := rules.Currency(code)
	return deref(iso) + deref(unofficial)
}

func securityKey(symbol, currency string) string { return "symbol:" + symbol + ":" + currency }

// securityOf is the security of a position, by its symbol and currency, or by its name where it has no symbol.
func securityOf(h wire.Holding, currency string) connector.Security {
	symbol, code := symbolOf(h), currencyOf(currency)
	is := rules.InstrumentOf(symbol, h.Description)
	s := connector.Security{Key: securityKey(symbol, code)}
	s.ISOCurrencyCode, s.UnofficialCurrencyCode = rules.Currency(currency)
	s.Type, s.Subtype, s.Name = optional(is.Type), optional(is.Subtype), optional(h.Description)
	s.IsCashEquivalent = &is.Cash
	switch {
	case is.Currency:
		s.Key, s.TickerSymbol = "cash:"+code, optional("CUR:"+code)
		if other := strings.TrimPrefix(symbol, "CUR:"); len(other) == len("EUR") && other != code { // cash of another currency than it is valued in
			s.Key, s.TickerSymbol = "cash:"+other+":"+code, optional("CUR:"+other)
		}
		s.Name = optional(cmp.Or(h.Description, code))
	case symbol == "":
		s.Key = "name:" + strings.TrimSpace(nameWords(h.Description)) + ":" + code
		if strings.TrimSpace(nameWords(h.Description)) == "" {
			s.Key, s.Name = "holding:"+h.ID+":"+code, optional(cmp.Or(h.Description, "Holding"))
		}
	case plaid.ValidCUSIP(symbol):
		s.CUSIP = &symbol
	case plaid.ValidISIN(symbol):
		s.ISIN = &symbol
	default:
		s.TickerSymbol = &symbol
	}
	return s
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

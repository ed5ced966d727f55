package bank

import (
	"strings"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/custom"
	"weft/internal/plaid"
)

// spec is a security as the configuration names it, in all places together, and what is known of it.
type spec struct {
	given custom.Security
	// base is the instrument without what was given.
	base connector.Security
	// ticker is the market's; empty if the market does not know the instrument.
	ticker string
	// close is the price that stands for a close where the market has none.
	close   *plaid.Decimal
	closeAs plaid.Date
}

// security notes a security and answers its key. The same instrument in the same currency has the same key wherever it is
// named. Where two places give a field differently, the first one holds.
func (b *builder) security(s *custom.Security) string {
	found, known := b.find(s)
	currency := *s.Currency
	key := ""
	switch {
	case known && or(found.ISOCurrencyCode, "") == currency:
		key = found.Key
	case known:
		key = found.Key + ":" + currency
	case s.ISIN != nil:
		key = "isin:" + *s.ISIN + ":" + currency
	case s.CUSIP != nil:
		key = "cusip:" + *s.CUSIP + ":" + currency
	case s.TickerSymbol != nil:
		key = "ticker:" + strings.TrimPrefix(*s.TickerSymbol, "CUR:") + ":" + currency
	case s.InstitutionSecurityID != nil:
		key = "id:" + *s.InstitutionSecurityID + ":" + currency
	default:
		key = "name:" + strings.ToLower(strings.Join(strings.Fields(*s.Name), " ")) + ":" + currency
	}
	have, seen := b.specs[key]
	if !seen {
		have = &spec{base: found, ticker: found.Key}
		if !known {
			have.base = invented(s, key)
		}
		b.specs[key] = have
		b.order = append(b.order, key)
	}
	complete(&have.given, s)
	return key
}

// marketSecurity notes a security of the market that the configuration does not name.
func (b *builder) marketSecurity(ticker string) (key string, ok bool) {
	found, ok := b.Market.Security(ticker)
	if !ok {
		return "", false
	}
	if _, seen := b.specs[found.Key]; !seen {
		b.specs[found.Key] = &spec{base: found, ticker: found.Key}
		b.order = append(b.order, found.Key)
	}
	return found.Key, true
}

// find is the market's instrument, unless the configuration says that it means another one: by a different ISIN or CUSIP
// under a known ticker, or by a different type.
func (b *builder) find(s *custom.Security) (connector.Security, bool) {
	found, ok := b.Market.Find(or(s.ISIN, ""), or(s.CUSIP, ""), or(s.TickerSymbol, ""))
	if !ok || differ(s.ISIN, found.ISIN) || differ(s.CUSIP, found.CUSIP) || differ(s.Type, found.Type) {
		return connector.Security{}, false
	}
	return found, true
}

func differ(a, b *string) bool { return a != nil && b != nil && *a != *b }

// complete fills fields that were not given before.
func complete(to *custom.Security, s *custom.Security) {
	to.ISIN, to.CUSIP, to.SEDOL = first(to.ISIN, s.ISIN), first(to.CUSIP, s.CUSIP), first(to.SEDOL, s.SEDOL)
	to.Name, to.TickerSymbol = first(to.Name, s.Name), first(to.TickerSymbol, s.TickerSymbol)
	to.Currency = first(to.Currency, s.Currency)
	to.Type, to.Subtype = first(to.Type, s.Type), first(to.Subtype, s.Subtype)
	to.IsCashEquivalent = first(to.IsCashEquivalent, s.IsCashEquivalent)
	to.ClosePrice, to.ClosePriceAsOf = first(to.ClosePrice, s.ClosePrice), first(to.ClosePriceAsOf, s.ClosePriceAsOf)
	to.OptionContract, to.FixedIncome = first(to.OptionContract, s.OptionContract), first(to.FixedIncome, s.FixedIncome)
	to.MarketIdentifierCode = first(to.MarketIdentifierCode, s.MarketIdentifierCode)
	to.Sector, to.Industry = first(to.Sector, s.Sector), first(to.Industry, s.Industry)
	to.CFICode = first(to.CFICode, s.CFICode)
	to.InstitutionSecurityID = first(to.InstitutionSecurityID, s.InstitutionSecurityID)
}

// writeSecurities states all securities that were noted, in the order in which they were first named.
func (b *builder) writeSecurities() {
	for _, key := range b.order {
		sp := b.specs[key]
		s := sp.base
		s.Key = key
		overlay(&s.Security, &sp.given)
		if s.ClosePrice == nil {
			if price, day, ok := b.Market.Quote(sp.ticker, b.Today); ok && sp.ticker == key {
				s.ClosePrice, s.ClosePriceAsOf = &price, first(s.ClosePriceAsOf, &day)
			} else if sp.close != nil {
				s.ClosePrice, s.ClosePriceAsOf = sp.close, first(s.ClosePriceAsOf, &sp.closeAs)
			}
		}
		b.batch.Securities = append(b.batch.Securities, s)
	}
}

// overlay puts what was given over what is known.
func overlay(s *plaid.Security, g *custom.Security) {
	s.ISIN, s.CUSIP, s.SEDOL = first(g.ISIN, s.ISIN), first(g.CUSIP, s.CUSIP), first(g.SEDOL, s.SEDOL)
	s.Name, s.TickerSymbol = first(g.Name, s.Name), first(g.TickerSymbol, s.TickerSymbol)
	s.Type, s.Subtype = first(g.Type, s.Type), first(g.Subtype, s.Subtype)
	s.IsCashEquivalent = first(g.IsCashEquivalent, s.IsCashEquivalent)
	s.ClosePrice, s.ClosePriceAsOf = g.ClosePrice, g.ClosePriceAsOf
	s.MarketIdentifierCode = first(g.MarketIdentifierCode, s.MarketIdentifierCode)
	s.Sector, s.Industry = first(g.Sector, s.Sector), first(g.Industry, s.Industry)
	s.CFICode = first(g.CFICode, s.CFICode)
	s.InstitutionSecurityID = g.InstitutionSecurityID
	if g.Currency != nil {
		s.ISOCurrencyCode, s.UnofficialCurrencyCode = currencyCodes(*g.Currency)
	}
	if o := g.OptionContract; o != nil && o.ContractType != nil {
		s.OptionContract = &plaid.OptionContract{
			ContractType: *o.ContractType, ExpirationDate: *o.ExpirationDate, StrikePrice: *o.StrikePrice,
			UnderlyingSecurityTicker: *o.UnderlyingSecurityTicker,
		}
	}
	if f := g.FixedIncome; f != nil {
		s.FixedIncome = &plaid.FixedIncome{MaturityDate: f.MaturityDate, IssueDate: f.IssueDate, FaceValue: f.FaceValue}
		if f.YieldRate != nil && f.YieldRate.Percentage != nil {
			s.FixedIncome.YieldRate = &plaid.YieldRate{Percentage: *f.YieldRate.Percentage, Type: f.YieldRate.Type}
		}
	}
}

// nameWords make the names of companies that the market does not know.
var (
	nameWords = []string{
		"Alder", "Beacon", "Cobalt", "Dunmore", "Elmstead", "Fairlane", "Granite", "Holloway", "Ironbridge", "Juniper",
		"Kestrel", "Larkfield", "Merrow", "Northgate", "Oakhurst", "Pinecrest", "Quarry", "Rowan", "Summerhill", "Thornbury",
	}
	nameForms = []string{"Holdings Inc.", "Industries Inc.", "Group Inc.", "Technologies Inc.", "Partners Corp.", "Resources Corp."}
)

// invented is an instrument that the market does not know: what its identifiers and type let on of it, else common stock.
// Its name depends on its key alone, so it is the same in every connection.
func invented(s *custom.Security, key string) connector.Security {
	symbol := strings.TrimPrefix(or(s.TickerSymbol, ""), "CUR:")
	securityType, subtype, name := "equity", "common stock", ""
	switch {
	case s.OptionContract != nil && s.OptionContract.ContractType != nil:
		securityType, subtype = "derivative", "option"
	case s.FixedIncome != nil && (s.FixedIncome.MaturityDate != nil || s.FixedIncome.YieldRate != nil):
		securityType, subtype = "fixed income", "bond"
	case cryptocurrency(symbol):
		securityType, subtype, name = "cryptocurrency", "cryptocurrency", symbol
	case symbol != "" && (symbol == or(s.Currency, "") || symbol != or(s.TickerSymbol, "")):
		securityType, subtype, name = "cash", "cash", symbol
	}
	if s.Type != nil && *s.Type != securityType {
		securityType, subtype = *s.Type, map[string]string{
			"cash": "cash", "cryptocurrency": "cryptocurrency", "derivative": "option", "equity": "common stock", "etf": "etf",
			"fixed income": "bond", "loan": "other", "mutual fund": "mutual fund", "other": "other",
		}[*s.Type]
	}
	if name == "" {
		words := source(key)
		name = words.pick("word", nameWords) + " " + words.pick("form", nameForms)
	}
	return connector.Security{Key: key, Security: plaid.Security{
		Name: &name, Type: &securityType, Subtype: &subtype, IsCashEquivalent: ref(securityType == "cash"),
	}}
}

// cryptocurrency reports whether a symbol is that of a coin. Three unofficial codes are fractions or forms of ordinary money.
func cryptocurrency(symbol string) bool {
	switch symbol {
	case "CNH", "GBX":
		return false
	case "SOL", "LTC", "USDC", "DOT", "AVAX", "MATIC", "LINK", "SHIB":
		return true
	}
	return plaid.Known(plaid.UnofficialCurrencies, symbol)
}

// price is what a unit of a security costs on a day, and the day of that price: the market's close, else a price made up
// from the security's key alone.
func (b *builder) price(key string, day plaid.Date) (plaid.Decimal, plaid.Date) {
	sp := b.specs[key]
	if price, asOf, ok := b.Market.Quote(sp.ticker, day); ok && sp.ticker == key {
		return price, asOf
	}
	if or(sp.base.Type, "") == "cash" || or(sp.given.Type, "") == "cash" {
		return plaid.DecimalFromInt(1), day
	}
	return source(key).money("price", 5, 250), day
}

// cash reports whether a security is money itself.
func (b *builder) cash(key string) bool {
	return or(first(b.specs[key].given.Type, b.specs[key].base.Type), "") == "cash"
}

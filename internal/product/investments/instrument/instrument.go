// Package instrument tells instruments apart, whichever bank names them.
package instrument

import (
	"strings"

	"weft/internal/ident"
	"weft/internal/plaid"
)

// ID is the id of an instrument: the same for the same instrument in every Item, environment and institution. It
// is derived from the strongest identifier that the bank gives and that passes its own check digit, in this order: ISIN,
// CUSIP (which is the core of a US or Canadian ISIN, so that either gives one id), option symbol, ticker with market,
// currency and crypto symbols; then, for this institution alone, its own id, the name, and last the connector's key. A
// ticker alone joins two instruments only where neither has a stronger identifier.
func ID(s plaid.Security, institutionID, nativeKey string) string {
	return ident.Derive(append([]string{"security"}, naturalKey(s, institutionID, nativeKey)...)...)
}

func naturalKey(s plaid.Security, institutionID, nativeKey string) []string {
	if isin := upper(s.ISIN); plaid.ValidISIN(isin) {
		if cusip := isin[2:11]; isin[:2] == "US" || isin[:2] == "CA" {
			return []string{"cusip", cusip}
		}
		return []string{"isin", isin}
	}
	if cusip := upper(s.CUSIP); plaid.ValidCUSIP(cusip) {
		return []string{"cusip", cusip}
	}
	ticker := upper(s.TickerSymbol)
	switch {
	case s.OptionContract != nil:
		o := s.OptionContract
		return []string{"option", upper(&o.UnderlyingSecurityTicker), o.ExpirationDate.String(), o.ContractType, normal(o.StrikePrice)}
	case is(s.Type, "cash") && is(s.Subtype, "cash"):
		return []string{"currency", currency(s)}
	case is(s.Type, "cryptocurrency") && ticker != "":
		return []string{"crypto", strings.TrimPrefix(ticker, "CUR:")}
	case ticker != "":
		return []string{"ticker", ticker, upper(s.MarketIdentifierCode), currency(s)}
	case upper(s.InstitutionSecurityID) != "":
		return []string{"institution", institutionID, *s.InstitutionSecurityID}
	case upper(s.Name) != "":
		return []string{"name", institutionID, upper(s.Name), currency(s)}
	}
	return []string{"key", institutionID, nativeKey}
}

func upper(s *string) string {
	if s == nil {
		return ""
	}
	return strings.ToUpper(strings.TrimSpace(*s))
}

func is(s *string, want string) bool { return s != nil && *s == want }

func currency(s plaid.Security) string {
	return upper(s.ISOCurrencyCode) + upper(s.UnofficialCurrencyCode)
}

// normal writes equal decimals alike: 355 and 355.00.
func normal(d plaid.Decimal) string {
	s := d.String()
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

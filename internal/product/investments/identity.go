package investments

import (
	"strings"

	"weft/internal/ident"
	"weft/internal/plaid"
)

// securityID is the id of an instrument: the same for the same instrument in every Item, environment and institution. It
// is derived from the strongest identifier that the bank gives and that passes its own check digit, in this order: ISIN,
// CUSIP (which is the core of a US or Canadian ISIN, so that either gives one id), option symbol, ticker with market,
// currency and crypto symbols; then, for this institution alone, its own id, the name, and last the connector's key. A
// ticker alone joins two instruments only where neither has a stronger identifier.
func securityID(s plaid.Security, institutionID, nativeKey string) string {
	return ident.Derive(append([]string{"security"}, naturalKey(s, institutionID, nativeKey)...)...)
}

func naturalKey(s plaid.Security, institutionID, nativeKey string) []string {
	if isin := upper(s.ISIN); validISIN(isin) {
		if cusip := isin[2:11]; isin[:2] == "US" || isin[:2] == "CA" {
			return []string{"cusip", cusip}
		}
		return []string{"isin", isin}
	}
	if cusip := upper(s.CUSIP); validCUSIP(cusip) {
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

// validISIN checks form and check digit: two letters, nine letters or digits, a digit.
func validISIN(s string) bool {
	if len(s) != 12 || !letters(s[:2]) || !alphanumeric(s) || s[11] < '0' || s[11] > '9' {
		return false
	}
	return int(s[11]-'0') == luhn(expand(s[:11]))
}

// validCUSIP checks form and check digit: eight letters or digits, a digit.
func validCUSIP(s string) bool {
	if len(s) != 9 || !alphanumeric(s) || s[8] < '0' || s[8] > '9' {
		return false
	}
	sum := 0
	for i, c := range []byte(s[:8]) {
		v := int(c - '0')
		if c >= 'A' {
			v = int(c-'A') + 10
		}
		if i%2 == 1 {
			v *= 2
		}
		sum += v/10 + v%10
	}
	return int(s[8]-'0') == (10-sum%10)%10
}

func letters(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < 'A' || r > 'Z' }) < 0
}

func alphanumeric(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return (r < 'A' || r > 'Z') && (r < '0' || r > '9') }) < 0
}

// expand writes letters as the numbers 10 to 35.
func expand(s string) []byte {
	var out []byte
	for _, c := range []byte(s) {
		if c >= 'A' {
			v := c - 'A' + 10
			out = append(out, v/10, v%10)
			continue
		}
		out = append(out, c-'0')
	}
	return out
}

// luhn is the check digit of digits.
func luhn(digits []byte) int {
	sum := 0
	for i, d := range digits {
		v := int(d)
		if (len(digits)-i)%2 == 1 {
			v *= 2
		}
		sum += v/10 + v%10
	}
	return (10 - sum%10) % 10
}

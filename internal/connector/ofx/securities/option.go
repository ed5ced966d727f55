package securities

import (
	"regexp"
	"strings"

	"weft/internal/connector/ofx/value"
	"weft/internal/plaid"
)

// occ is an option's symbol: root, date, right, strike. The strike is either the eight digits of the Options Clearing
// Corporation, in thousandths, or a plain number, as Fidelity writes it: MSFT220826C310.
var occ = regexp.MustCompile(`^-?([A-Z]{1,6}[0-9]?) *([0-9]{6})([CP])([0-9]+(?:\.[0-9]+)?)$`)

var rights = map[string]string{"C": "call", "P": "put", "CALL": "call", "PUT": "put"}

// strikeDigits is how many digits a strike in thousandths has.
const strikeDigits = 8

// Contract reads an option's symbol; nil if the text is none.
func Contract(text string) *plaid.OptionContract {
	m := occ.FindStringSubmatch(strings.ToUpper(strings.TrimSpace(text)))
	if m == nil {
		return nil
	}
	expires, ok := value.Date("20" + m[2])
	strike, err := plaid.ParseDecimal(m[4])
	if !ok || err != nil {
		return nil
	}
	if len(m[4]) == strikeDigits && !strings.Contains(m[4], ".") {
		strike = shortest(strike.Mul(plaid.NewDecimal(1, -3)))
	}
	return &plaid.OptionContract{
		ContractType: rights[m[3]], ExpirationDate: expires.Day, StrikePrice: strike, UnderlyingSecurityTicker: m[1],
	}
}

// shortest drops the zeros that a decimal ends in behind its point.
func shortest(d plaid.Decimal) plaid.Decimal {
	text := d.String()
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return plaid.Dec(text) // a decimal's own text
}

// symbol is the contract's symbol without spaces, as Plaid writes it; the bank's own where the strike has no eight digits.
func symbol(c *plaid.OptionContract, own string) string {
	thousandths := c.StrikePrice.Mul(plaid.DecimalFromInt(1000))
	digits := thousandths.Trunc(0).String()
	if !thousandths.Equal(thousandths.Trunc(0)) || len(digits) > strikeDigits {
		return own
	}
	day := strings.ReplaceAll(c.ExpirationDate.String(), "-", "")
	return c.UnderlyingSecurityTicker + day[2:] + strings.ToUpper(c.ContractType[:1]) +
		strings.Repeat("0", strikeDigits-len(digits)) + digits
}

// readContract reads an option's terms. Its symbol is the truth: of an expired option Fidelity sends a strike of 0.0, the
// wrong right and a later date.
func (e *Entry) readContract() *plaid.OptionContract {
	for _, text := range []string{e.ticker, e.id} {
		if c := Contract(text); c != nil {
			return c
		}
	}
	right := rights[strings.ToUpper(e.info.Value("OPTTYPE"))]
	strike, known := value.Amount(e.info.Value("STRIKEPRICE"))
	expires, dated := value.Date(e.info.Value("DTEXPIRE"))
	if right == "" || !known || !dated {
		return nil
	}
	c := &plaid.OptionContract{ContractType: right, ExpirationDate: expires.Day, StrikePrice: strike}
	// Options of two companies must not look like one, so where the underlying has no ticker its id stands for it.
	names := []string{e.on, e.ticker, e.id}
	if e.underlying != nil {
		names = append([]string{e.underlying.ticker}, names...)
	}
	for _, name := range names {
		if name != "" {
			c.UnderlyingSecurityTicker = name
			break
		}
	}
	return c
}

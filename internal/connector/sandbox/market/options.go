package market

import (
	"strings"
	"time"

	"weft/internal/connector"
	"weft/internal/plaid"
)

// option is a listed option, known by its OCC symbol alone.
type option struct{ plaid.OptionContract }

// ParseOCC reads an OCC option symbol: a root of 1 to 6 letters and digits that begins with a letter, alone or padded
// with blanks to six characters, the expiry as YYMMDD, C or P, and the strike in thousandths in eight digits.
func ParseOCC(symbol string) (plaid.OptionContract, bool) {
	o, ok := parseOption(symbol)
	return o.OptionContract, ok
}

func parseOption(symbol string) (option, bool) {
	const tail = 6 + 1 + 8
	if len(symbol) <= tail || len(symbol) > 6+tail {
		return option{}, false
	}
	root, rest := symbol[:len(symbol)-tail], symbol[len(symbol)-tail:]
	if trimmed := strings.TrimRight(root, " "); trimmed != root {
		if len(root) != 6 {
			return option{}, false
		}
		root = trimmed
	}
	if !optionRoot(root) {
		return option{}, false
	}
	date, ok := digits(rest[:6])
	strike, ok2 := digits(rest[7:])
	if !ok || !ok2 || strike == 0 {
		return option{}, false
	}
	year, month, day := 2000+int(date/10000), time.Month(date/100%100), int(date%100)
	expiry := plaid.NewDate(year, month, day)
	if y, mo, d := expiry.Time().Date(); y != year || mo != month || d != day {
		return option{}, false
	}
	kind := "call"
	switch rest[6] {
	case 'C':
	case 'P':
		kind = "put"
	default:
		return option{}, false
	}
	return option{plaid.OptionContract{
		ContractType: kind, ExpirationDate: expiry, StrikePrice: strikePrice(strike), UnderlyingSecurityTicker: root,
	}}, true
}

// strikePrice is a strike of thousandths with two places, or three where it needs them.
func strikePrice(thousandths int64) plaid.Decimal {
	if thousandths%10 == 0 {
		return plaid.NewDecimal(thousandths/10, -2)
	}
	return plaid.NewDecimal(thousandths, -3)
}

func optionRoot(s string) bool {
	for i := range len(s) {
		letter, digit := s[i] >= 'A' && s[i] <= 'Z', s[i] >= '0' && s[i] <= '9'
		if !letter && (!digit || i == 0) {
			return false
		}
	}
	return s != ""
}

func digits(s string) (int64, bool) {
	var n int64
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int64(s[i]-'0')
	}
	return n, true
}

// OCC writes a contract as an OCC symbol without padding. A part of the strike below a thousandth is cut.
func OCC(c plaid.OptionContract) string {
	kind := "C"
	if c.ContractType == "put" {
		kind = "P"
	}
	strike := c.StrikePrice.Mul(plaid.DecimalFromInt(1000)).Trunc(0).String()
	if len(strike) < 8 {
		strike = strings.Repeat("0", 8-len(strike)) + strike
	}
	return c.UnderlyingSecurityTicker + c.ExpirationDate.Time().Format("060102") + kind + strike
}

// Expiry is the first monthly expiration on or after a day: the third Friday, or the trading day before it if the
// exchanges are closed on it (Good Friday, Juneteenth).
func (m *Market) Expiry(day plaid.Date) plaid.Date {
	for t := day.Time(); ; t = time.Date(t.Year(), t.Month()+1, 1, 0, 0, 0, 0, time.UTC) {
		friday := nthWeekday(t.Year(), t.Month(), time.Friday, 3)
		if d, ok := m.calendar.onOrBefore(friday); ok && friday <= lastDay {
			friday = d
		}
		if friday >= day {
			return friday
		}
	}
}

func (o option) security() connector.Security {
	symbol, cash := OCC(o.OptionContract), false
	kind, cfi := "Call", "OCASPS"
	if o.ContractType == "put" {
		kind, cfi = "Put", "OPASPS"
	}
	expiry := o.ExpirationDate.Time().Format("Jan 02 2006")
	name := o.UnderlyingSecurityTicker + " " + expiry + " $" + o.StrikePrice.String() + " " + kind
	contract := o.OptionContract
	return connector.Security{Key: symbol, Security: plaid.Security{
		Name: &name, TickerSymbol: &symbol, IsCashEquivalent: &cash, Type: text("derivative"), Subtype: text("option"),
		ISOCurrencyCode: text("USD"), CFICode: &cfi, OptionContract: &contract,
	}}
}

func (o option) priceDate(m *Market, day plaid.Date) (plaid.Date, bool) {
	if _, ok := m.listed[o.UnderlyingSecurityTicker].(*instrument); !ok {
		return 0, false
	}
	return m.calendar.onOrBefore(min(day, o.ExpirationDate))
}

// price is the intrinsic value and a time value that is 0.4 S sigma sqrt(T) at the money (the Black-Scholes value there,
// to a percent) and falls with the square of the distance from it. On the last trading day nothing but the intrinsic
// value is left.
func (o option) price(m *Market, day plaid.Date) (plaid.Decimal, bool) {
	under, ok := m.listed[o.UnderlyingSecurityTicker].(*instrument)
	if !ok {
		return plaid.Decimal{}, false
	}
	spot, _ := under.price(m, day)
	intrinsic := spot.Sub(o.StrikePrice)
	if o.ContractType == "put" {
		intrinsic = intrinsic.Neg()
	}
	distance := intrinsic.Abs()
	if intrinsic.Sign() < 0 {
		intrinsic = plaid.Decimal{}
	}
	if last, ok := m.calendar.onOrBefore(o.ExpirationDate); ok && day >= last {
		return intrinsic.Round(2), true
	}
	days := uint64(o.ExpirationDate - day)
	deviation := under.noise.sigma * int64(isqrt(days*1_000_000)) / 1000 // over the days left, in nano
	atMoney := spot.Mul(plaid.NewDecimal(deviation, -9)).Mul(plaid.NewDecimal(4, -1))
	if atMoney.IsZero() {
		return intrinsic.Round(2), true
	}
	share := atMoney.Div(atMoney.Add(distance), 9)
	value := intrinsic.Add(atMoney.Mul(share).Mul(share)).Round(2)
	if value.Sign() == 0 {
		value = plaid.NewDecimal(1, -2)
	}
	return value, true
}

func (o option) actions(*Market, plaid.Date, plaid.Date) []Action { return nil }

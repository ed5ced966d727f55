package words

import (
	"strings"

	"weft/internal/plaid"
)

// Spaces that do not break. French groups digits with the narrow one.
const (
	space  = "\u00a0"
	narrow = "\u202f"
	minus  = "\u2212"
)

// style is how a language writes amounts.
type style struct {
	decimal, group string
	// first: the symbol stands before the number. gap is what is between them.
	first bool
	gap   string
	// least is the number of whole digits from which they are grouped.
	least int
}

var (
	american = style{".", ",", true, "", 4}
	german   = style{",", ".", false, space, 4}
	spaced   = style{",", space, false, space, 4}
)

var styles = map[string]style{
	"en": american, "hi": american,
	"de": german, "da": german, "ro": german, "vi": german, "it": german,
	"es": {",", ".", false, space, 5}, "pt": {",", ".", true, space, 4}, "nl": {",", ".", true, space, 4},
	"fr": {",", narrow, false, space, 4}, "sv": spaced, "no": spaced, "et": spaced, "lv": spaced, "lt": spaced,
	"pl": {",", space, false, space, 5},
}

// symbols are those of currencies; others are written with their codes.
var symbols = map[string]string{
	"USD": "$", "CAD": "CA$", "EUR": "€", "GBP": "£", "JPY": "¥", "PLN": "zł", "DKK": "kr.", "NOK": "kr", "SEK": "kr", "INR": "₹",
}

// places are the digits after the point, where they are not two.
var places = map[string]int32{"JPY": 0, "KRW": 0, "VND": 0, "ISK": 0, "HUF": 0, "CLP": 0}

// Money is an amount as people of the book's language write it: a decimal number, and its currency's code. Text that is no
// number is empty; the digits of unofficial currencies are kept.
func (b *Book) Money(amount, currency string) string {
	value, err := plaid.ParseDecimal(amount)
	if err != nil {
		return ""
	}
	how := b.style(currency)
	symbol, known := symbols[currency]
	digits, official := digitsOf(currency)
	if official {
		value = value.Round(digits)
	}
	sign := pick(value.Sign() < 0, minus, "")
	number := how.number(value.Abs().String(), int(digits))
	switch {
	case currency == "":
		return sign + number
	case !known:
		return sign + number + space + Clean(currency)
	case how.first:
		return sign + symbol + how.gap + number
	}
	return sign + number + how.gap + symbol
}

// style is the language's, but in dollars those of Spanish are written as where dollars are: in America.
func (b *Book) style(currency string) style {
	if b.Language == "es" && (currency == "USD" || currency == "MXN") {
		return american
	}
	return styles[b.Language]
}

// digitsOf is how many digits a currency has after the point. Unofficial ones have as many as there are.
func digitsOf(currency string) (digits int32, official bool) {
	if len(currency) != 3 || plaid.Known(plaid.UnofficialCurrencies, currency) {
		return 0, false
	}
	if n, ok := places[currency]; ok {
		return n, true
	}
	return 2, true
}

// number writes a plain decimal number with a language's signs, and at least so many digits after the point.
func (s style) number(plain string, least int) string {
	whole, fraction, _ := strings.Cut(plain, ".")
	for len(fraction) < least {
		fraction += "0"
	}
	if len(whole) >= s.least {
		for i := len(whole) - 3; i > 0; i -= 3 {
			whole = whole[:i] + s.group + whole[i:]
		}
	}
	if fraction == "" {
		return whole
	}
	return whole + s.decimal + fraction
}

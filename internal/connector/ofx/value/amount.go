package value

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"weft/internal/plaid"
)

// The most digits of an amount before and behind its point. What is longer is no amount, and what is computed of such ones
// can be written out.
const (
	mostWhole    = 15
	mostFraction = 20
)

// Amount reads a number, digit for digit. Beside OFX's own form (-12.34, and 12,34 with a comma) it reads
// +0000000096000.00000 (Fidelity), 1.234,56 and 1,234.56, R$ 5.326,43 (PagSeguro), 12.34- and (12.34). A single comma or
// point is always the decimal one, as OFX says: it knows no thousands separator.
func Amount(text string) (plaid.Decimal, bool) {
	text = strings.TrimSpace(text)
	negative := false
	if inner, ok := strings.CutPrefix(text, "("); ok {
		if text, ok = strings.CutSuffix(inner, ")"); !ok {
			return plaid.Decimal{}, false
		}
		negative = true
	}
	text, minus := sign(text)
	negative = negative != minus
	if !strings.ContainsAny(text, "0123456789") {
		return plaid.Decimal{}, false
	}
	text = strings.TrimLeft(text, "0")
	if text == "" || text[0] < '1' || text[0] > '9' {
		text = "0" + text // all zeros, or a decimal sign first; what is no number stays none
	}
	d, err := plaid.ParseDecimal(text)
	if err != nil {
		plain, ok := separators(strings.TrimPrefix(text, "0"))
		if !ok {
			return plaid.Decimal{}, false
		}
		if d, err = plaid.ParseDecimal(plain); err != nil {
			return plaid.Decimal{}, false
		}
	}
	if negative {
		d = d.Neg()
	}
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(d.String(), "-"), ".")
	return d, len(whole) <= mostWhole && len(fraction) <= mostFraction
}

// sign takes off a sign, before or behind, and the currency before the number.
func sign(text string) (rest string, minus bool) {
	rest, signed := text, false
	for range 2 { // -$5 and $-5
		if rest != "" && (rest[0] == '-' || rest[0] == '+') && !signed {
			minus, signed, rest = rest[0] == '-', true, rest[1:]
		}
		rest = currency(strings.TrimSpace(rest))
	}
	if cut, ok := strings.CutSuffix(rest, "-"); ok && !signed {
		rest, minus = cut, true
	}
	if rest != "" && (rest[0] == '-' || rest[0] == '+') {
		return "", false // two signs
	}
	return strings.TrimSpace(rest), minus
}

// longestCurrency is as many letters and signs as a currency may have before a number.
const longestCurrency = 4

func currency(text string) string {
	rest := text
	for range longestCurrency {
		r, size := utf8.DecodeRuneInString(rest)
		if size == 0 || !unicode.IsLetter(r) && !unicode.Is(unicode.Sc, r) {
			break
		}
		rest = rest[size:]
	}
	rest = strings.TrimSpace(rest)
	if r, _ := utf8.DecodeRuneInString(rest); !strings.ContainsRune("0123456789-+.,", r) {
		return text
	}
	return rest
}

// separators turns digits with grouping and a decimal sign into plain ones.
func separators(text string) (string, bool) {
	text = strings.Map(func(r rune) rune {
		if r == ' ' || r == '\u00a0' || r == '\u202f' || r == '\'' {
			return -1
		}
		return r
	}, text)
	if strings.Trim(text, "0123456789.,") != "" || !strings.ContainsAny(text, "0123456789") {
		return "", false
	}
	point, comma := strings.LastIndexByte(text, '.'), strings.LastIndexByte(text, ',')
	decimal, group := ".", ","
	if comma > point {
		decimal, group = ",", "."
	}
	whole, fraction, found := strings.Cut(text, decimal)
	switch {
	case strings.Contains(fraction, decimal) && strings.Contains(text, group): // 1,234.56.78
		return "", false
	case strings.Contains(fraction, decimal): // 1,234,567: the same sign twice only groups
		whole, fraction, group = text, "", decimal
	case strings.Contains(fraction, group):
		return "", false
	}
	if groups := strings.Split(whole, group); len(groups) > 1 {
		for _, g := range groups[1:] {
			if len(g) != 3 {
				return "", false
			}
		}
		whole = strings.Join(groups, "")
	}
	if whole == "" {
		whole = "0"
	}
	if found && fraction != "" {
		return whole + "." + fraction, true
	}
	return whole, true
}

package paper

import (
	"strconv"
	"strings"
	"time"

	"weft/internal/plaid"
	"weft/internal/product/assets/report"
)

// money is an amount for people: two places or as many more as it has, thousands apart, and a real minus.
func money(d plaid.Decimal) string {
	out := grouped(d)
	_, fraction, found := strings.Cut(out, ".")
	switch {
	case !found:
		return out + ".00"
	case len(fraction) == 1:
		return out + "0"
	}
	return out
}

// grouped is a number with its thousands apart.
func grouped(d plaid.Decimal) string {
	whole, fraction, found := strings.Cut(d.Abs().String(), ".")
	var out strings.Builder
	if d.Sign() < 0 {
		out.WriteString("−")
	}
	for i, digit := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			out.WriteByte(',')
		}
		out.WriteRune(digit)
	}
	if found {
		out.WriteString("." + fraction)
	}
	return out.String()
}

// amount is an amount that may not be known.
func amount(d *plaid.Decimal) string {
	if d == nil {
		return "—"
	}
	return money(*d)
}

// mostCents bounds what is drawn in charts, so that sums of it are numbers still.
const mostCents = 100_000_000_000_000_000

// cents is an amount as charts have it.
func cents(d plaid.Decimal) int64 {
	n, err := strconv.ParseInt(d.Mul(plaid.DecimalFromInt(100)).Round(0).String(), 10, 64)
	switch {
	case err != nil && d.Sign() < 0, n < -mostCents:
		return -mostCents
	case err != nil, n > mostCents:
		return mostCents
	}
	return n
}

// label is a number of cents at the side of a chart.
func label(cents int64) string {
	return strings.TrimSuffix(money(plaid.NewDecimal(cents, -2)), ".00")
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// known is a text, or a dash where there is none.
func known(s *string) string {
	if text(s) == "" {
		return "—"
	}
	return *s
}

// joined joins what is not empty.
func joined(separator string, parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, separator)
}

// moment is a time for people.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") + " UTC" }

func currency(a report.Account) string {
	if c := text(a.Balances.ISOCurrencyCode) + text(a.Balances.UnofficialCurrencyCode); c != "" {
		return c
	}
	return "—"
}

// named is an account's name with the end of its number.
func named(a report.Account) string {
	if text(a.Mask) == "" {
		return a.Name
	}
	return a.Name + " •••• " + *a.Mask
}

func kind(a report.Account) string {
	if a.Subtype == nil {
		return a.Type
	}
	return *a.Subtype
}

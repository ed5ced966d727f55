package plaid

import (
	"strconv"
	"time"
)

// What is stored of many rows is written by hand, since reflection costs half of what is made of a row. Each function here appends what
// JSON writes of the same value, byte for byte.

// AppendText appends a string.
func AppendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			text, _ := JSON(s) // it has escapes; a string always has a form
			return append(b, text...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

// AppendOptional appends a string that may be absent.
func AppendOptional(b []byte, s *string) []byte {
	if s == nil {
		return append(b, "null"...)
	}
	return AppendText(b, *s)
}

// Append appends the day in quotes.
func (d Date) Append(b []byte) []byte {
	return append(d.Time().AppendFormat(append(b, '"'), time.DateOnly), '"')
}

// Append appends the number.
func (a Decimal) Append(b []byte) []byte {
	places := -a.d.Exponent()
	if places != 2 || a.d.NumDigits() > 18 {
		return append(b, a.String()...)
	}
	n := a.d.CoefficientInt64()
	if n < 0 {
		b, n = append(b, '-'), -n
	}
	return append(strconv.AppendInt(b, n/100, 10), '.', byte('0'+n/10%10), byte('0'+n%10))
}

package plaid

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"
)

// MaxDecimalText bounds the text of a decimal from outside: longer ones are an attack or a mistake, never money.
const MaxDecimalText = 60

// Decimal is an exact decimal number. Its JSON form is a number without an exponent that keeps the digits it was parsed
// with: 100.00 stays 100.00. The zero value is 0.
type Decimal struct{ d decimal.Decimal }

// ParseDecimal reads a decimal as banks and JSON write it: "-47.74", "1e3". It refuses NaN, infinities, empty text and
// more than 60 characters, also where they come of an exponent: what is read can be written, and read again.
func ParseDecimal(s string) (Decimal, error) {
	if s == "" {
		return Decimal{}, errors.New("empty number")
	}
	if len(s) > MaxDecimalText {
		return Decimal{}, fmt.Errorf("number of %d characters (at most %d)", len(s), MaxDecimalText)
	}
	d, err := decimal.NewFromString(s)
	if err != nil {
		return Decimal{}, fmt.Errorf("%q is not a decimal number", s)
	}
	if e := d.Exponent(); e > MaxDecimalText || e < -MaxDecimalText {
		return Decimal{}, fmt.Errorf("%q is out of range", s)
	}
	v := Decimal{d}
	if len(v.String()) > MaxDecimalText {
		return Decimal{}, fmt.Errorf("%q has more than %d characters when it is written out", s, MaxDecimalText)
	}
	return v, nil
}

// Dec is ParseDecimal for constants in code and tests; it panics on text that is not a number.
func Dec(s string) Decimal {
	d, err := ParseDecimal(s)
	if err != nil {
		panic(err)
	}
	return d
}

// DecimalFromInt is the decimal of a whole number.
func DecimalFromInt(n int64) Decimal { return Decimal{decimal.NewFromInt(n)} }

// NewDecimal is value times ten to the power of exponent: NewDecimal(1234, -2) is 12.34.
func NewDecimal(value int64, exponent int32) Decimal { return Decimal{decimal.New(value, exponent)} }

func (a Decimal) Add(b Decimal) Decimal { return Decimal{a.d.Add(b.d)} }
func (a Decimal) Sub(b Decimal) Decimal { return Decimal{a.d.Sub(b.d)} }
func (a Decimal) Mul(b Decimal) Decimal { return Decimal{a.d.Mul(b.d)} }

// Div divides and rounds half away from zero to the given number of decimal places.
func (a Decimal) Div(b Decimal, places int32) Decimal { return Decimal{a.d.DivRound(b.d, places)} }
func (a Decimal) Neg() Decimal                        { return Decimal{a.d.Neg()} }
func (a Decimal) Abs() Decimal                        { return Decimal{a.d.Abs()} }

// Round rounds half away from zero to the given number of decimal places.
func (a Decimal) Round(places int32) Decimal { return Decimal{a.d.Round(places)} }

// Trunc cuts to the given number of decimal places.
func (a Decimal) Trunc(places int32) Decimal { return Decimal{a.d.Truncate(places)} }
func (a Decimal) Cmp(b Decimal) int          { return a.d.Cmp(b.d) }
func (a Decimal) Equal(b Decimal) bool       { return a.d.Equal(b.d) }
func (a Decimal) Sign() int                  { return a.d.Sign() }
func (a Decimal) IsZero() bool               { return a.d.IsZero() }

// Places is how many decimal places its text has.
func (a Decimal) Places() int32 { return max(0, -a.d.Exponent()) }

// Ptr is the decimal as a value that may be absent.
func (a Decimal) Ptr() *Decimal { return &a }

// String writes all digits, without an exponent.
func (a Decimal) String() string {
	if e := a.d.Exponent(); e < 0 {
		return a.d.StringFixed(-e)
	}
	return a.d.StringFixed(0)
}

// MarshalJSON writes a JSON number.
func (a Decimal) MarshalJSON() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalJSON reads a JSON number, digit for digit. A string is refused: Plaid's money is a number.
func (a *Decimal) UnmarshalJSON(b []byte) error {
	s := string(b)
	if strings.HasPrefix(s, `"`) {
		return errors.New("a number is expected, not a string")
	}
	d, err := ParseDecimal(s)
	if err != nil {
		return err
	}
	*a = d
	return nil
}

// Value stores the decimal as text, which both database engines keep exactly.
func (a Decimal) Value() (driver.Value, error) { return a.String(), nil }

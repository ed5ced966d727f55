package plaid

import (
	"fmt"
	"time"
)

// Date is a calendar day, counted from 1970-01-01. Its JSON and text form is YYYY-MM-DD.
type Date int32

const day = 24 * time.Hour

// ParseDate reads exactly YYYY-MM-DD and refuses days that no calendar has.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 1 {
		return 0, fmt.Errorf("%q is not a date of the form YYYY-MM-DD", s)
	}
	return DateOf(t), nil
}

// MustDate is ParseDate for constants in code and tests.
func MustDate(s string) Date {
	d, err := ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// DateOf is the UTC day of a moment.
func DateOf(t time.Time) Date {
	u := t.UTC()
	midnight := time.Date(u.Year(), u.Month(), u.Day(), 0, 0, 0, 0, time.UTC)
	return Date(midnight.Unix() / int64(day/time.Second))
}

// NewDate is the day of a year, month and day of month, normalised as time.Date does.
func NewDate(year int, month time.Month, dayOfMonth int) Date {
	return DateOf(time.Date(year, month, dayOfMonth, 0, 0, 0, 0, time.UTC))
}

// Time is the day's first moment in UTC.
func (d Date) Time() time.Time { return time.Unix(int64(d)*int64(day/time.Second), 0).UTC() }

func (d Date) String() string { return d.Time().Format(time.DateOnly) }

// AddDays is the day n days later.
func (d Date) AddDays(n int) Date { return d + Date(n) }

// Ptr is the date as a value that may be absent.
func (d Date) Ptr() *Date { return &d }

// MarshalText writes YYYY-MM-DD.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads YYYY-MM-DD.
func (d *Date) UnmarshalText(b []byte) error {
	v, err := ParseDate(string(b))
	if err != nil {
		return err
	}
	*d = v
	return nil
}

// Timestamp writes a moment as Plaid does: RFC 3339 in UTC, with milliseconds only where there are any.
func Timestamp(t time.Time) string {
	t = t.UTC()
	if t.Nanosecond() < int(time.Millisecond) {
		return t.Format("2006-01-02T15:04:05Z")
	}
	return t.Format("2006-01-02T15:04:05.000Z")
}

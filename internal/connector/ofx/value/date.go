package value

import (
	"strings"
	"time"

	"weft/internal/plaid"
)

// Moment is a date of OFX. Its day is the one that is written, whatever the time zone: banks write their own calendar day
// and then midnight of Greenwich, a zone without an offset, or none, and a day that was moved by such a zone is wrong.
type Moment struct {
	Day plaid.Date
	// Seconds is the time of day, Dated tells that there is none.
	Seconds int
	Dated   bool
}

// EndOfDay reports whether nothing of the day comes after the moment.
func (m Moment) EndOfDay() bool { return m.Seconds >= 24*3600-60 }

// Date reads YYYYMMDD, with what may follow of time, fraction and zone: HHMM, HHMMSS, .XXX, [-5:EST]. What is broken behind
// the day costs the time and not the day: 20180804093914:014, 20151006160000.000[-5:EST]160000.000[-5:EST] (Vanguard),
// 2009021100000000. Beside that it reads 2025-06-30 and, where the day cannot be the month, 30/06/2025 (PagSeguro).
// A date of zeros is an absent one.
func Date(text string) (Moment, bool) {
	text = strings.TrimSpace(text)
	digits := leadingDigits(text)
	if len(digits) < 8 {
		return separated(text)
	}
	day, ok := calendar(number(digits[:4]), number(digits[4:6]), number(digits[6:8]))
	if !ok {
		return Moment{}, false
	}
	m := Moment{Day: day, Dated: true}
	if len(digits) == 12 || len(digits) == 14 {
		h, min, s := number(digits[8:10]), number(digits[10:12]), 0
		if len(digits) == 14 {
			s = number(digits[12:])
		}
		if h < 24 && min < 60 && s < 61 {
			m.Seconds, m.Dated = h*3600+min*60+s, false
		}
	}
	return m, true
}

// separated reads dates with separators. 03/04/2025 could be two days, so it is none.
func separated(text string) (Moment, bool) {
	if at := strings.IndexAny(text, " T["); at > 0 {
		text = text[:at]
	}
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == '-' || r == '/' || r == '.' })
	if len(parts) != 3 {
		return Moment{}, false
	}
	for _, p := range parts {
		if len(p) > 4 || leadingDigits(p) != p {
			return Moment{}, false
		}
	}
	a, b, c := number(parts[0]), number(parts[1]), number(parts[2])
	year, month, day := a, b, c
	switch {
	case len(parts[0]) == 4:
	case len(parts[2]) != 4:
		return Moment{}, false
	case a > 12 || a == b:
		year, month, day = c, b, a
	case b > 12:
		year, month, day = c, a, b
	default:
		return Moment{}, false
	}
	d, ok := calendar(year, month, day)
	return Moment{Day: d, Dated: true}, ok
}

// calendar is a day that the calendar has, in years that a bank could mean.
func calendar(year, month, day int) (plaid.Date, bool) {
	if year < 1900 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31 {
		return 0, false
	}
	d := plaid.NewDate(year, time.Month(month), day)
	return d, d.Time().Day() == day
}

func leadingDigits(s string) string {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return s[:i]
		}
	}
	return s
}

func number(digits string) int {
	n := 0
	for _, c := range digits {
		n = n*10 + int(c-'0')
	}
	return n
}

package market

import (
	"time"

	"weft/internal/plaid"
)

var (
	firstDay = plaid.NewDate(2000, time.January, 1)
	lastDay  = plaid.NewDate(2099, time.December, 31)
)

// calendar gives for each day of the market's life the last trading day on or before it.
type calendar []plaid.Date

func newCalendar() calendar {
	closed := map[plaid.Date]bool{}
	for y := 2000; y <= 2100; y++ {
		for _, d := range holidays(y) {
			closed[d] = true
		}
	}
	c := make(calendar, lastDay-firstDay+1)
	last := firstDay.AddDays(-1)
	for i := range c {
		d := firstDay.AddDays(i)
		if w := d.Time().Weekday(); w != time.Saturday && w != time.Sunday && !closed[d] {
			last = d
		}
		c[i] = last
	}
	return c
}

// onOrBefore is the last trading day on or before a day; a day after the market's end counts as its last.
func (c calendar) onOrBefore(d plaid.Date) (plaid.Date, bool) {
	if d < firstDay {
		return 0, false
	}
	t := c[min(d, lastDay)-firstDay]
	return t, t >= firstDay
}

// holidays are the days of a year on which the New York exchanges are closed.
func holidays(year int) []plaid.Date {
	days := []plaid.Date{
		nthWeekday(year, time.January, time.Monday, 3),
		nthWeekday(year, time.February, time.Monday, 3),
		easter(year).AddDays(-2),
		nthWeekday(year, time.June, time.Monday, 1).AddDays(-7), // Memorial Day: the last Monday of May.
		observed(plaid.NewDate(year, time.July, 4)),
		nthWeekday(year, time.September, time.Monday, 1),
		nthWeekday(year, time.November, time.Thursday, 4),
		observed(plaid.NewDate(year, time.December, 25)),
	}
	// New Year's Day on a Saturday is not made up for: the Friday before belongs to the old year's books.
	if d := plaid.NewDate(year, time.January, 1); d.Time().Weekday() != time.Saturday {
		days = append(days, observed(d))
	}
	if year >= 2022 {
		days = append(days, observed(plaid.NewDate(year, time.June, 19)))
	}
	return days
}

// observed moves a holiday from Saturday to Friday and from Sunday to Monday.
func observed(d plaid.Date) plaid.Date {
	switch d.Time().Weekday() {
	case time.Saturday:
		return d.AddDays(-1)
	case time.Sunday:
		return d.AddDays(1)
	default:
		return d
	}
}

func nthWeekday(year int, month time.Month, weekday time.Weekday, n int) plaid.Date {
	first := plaid.NewDate(year, month, 1)
	ahead := (int(weekday-first.Time().Weekday()) + 7) % 7
	return first.AddDays(ahead + 7*(n-1))
}

// easter is Easter Sunday in the Gregorian calendar (the anonymous algorithm, also named after Meeus, Jones and Butcher).
func easter(year int) plaid.Date {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	f := (b + 8) / 25
	g := (b - f + 1) / 3
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return plaid.NewDate(year, time.Month(n/31), n%31+1)
}

// TradingDay reports whether the New York exchanges are open on a day.
func (m *Market) TradingDay(day plaid.Date) bool {
	if day < firstDay || day > lastDay {
		return false
	}
	return m.calendar[day-firstDay] == day
}

// NextTradingDay is the first trading day on or after a day; after the market's end it is the day itself.
func (m *Market) NextTradingDay(day plaid.Date) plaid.Date {
	for d := max(day, firstDay); d <= lastDay; d++ {
		if m.TradingDay(d) {
			return d
		}
	}
	return day
}

package recurring

import (
	"slices"
	"time"

	"weft/internal/plaid"
)

// fit is a rhythm that dates follow.
type fit struct {
	frequency Frequency
	// days is the length of the period of rhythms that count days, 0 for those that go by the calendar.
	days int
	// anchor is the date that the periods are counted from.
	anchor plaid.Date
	// first and second are the days of the month of rhythms that go by the calendar; second is 0 for every month.
	first, second int
	// misfit is how far the dates are from the rhythm, as a share of what it tolerates, in thousandths.
	misfit int
	// tolerance is how many days a payment may be off.
	tolerance int
}

// dayRhythms are the rhythms that count days. Four weeks and thirty days are monthly to whoever pays.
var dayRhythms = []struct {
	frequency       Frequency
	days, tolerance int
	least           int // rows that it takes
}{
	{Weekly, 7, 2, 3}, {Biweekly, 14, 3, 3}, {Monthly, 28, 1, 4}, {Monthly, 30, 1, 4}, {Annually, 365, 12, 3},
}

// rhythm is the rhythm that the dates fit best. There are three dates at least, in order.
func rhythm(dates []plaid.Date) (best fit, ok bool) {
	typical := typicalGap(dates)
	consider := func(f fit, fits bool) {
		if fits && (!ok || f.misfit < best.misfit) {
			best, ok = f, true
		}
	}
	for _, r := range dayRhythms {
		if len(dates) >= r.least && typical >= r.days-r.tolerance-1 && typical <= r.days+r.tolerance+1 {
			consider(byDays(dates, r.frequency, r.days, r.tolerance))
		}
	}
	if typical >= 26 && typical <= 35 {
		consider(byCalendar(dates, false))
	}
	if typical >= 12 && typical <= 18 {
		consider(byCalendar(dates, true))
	}
	// Any other period, such as a quarter. It takes more to believe it.
	if !ok && len(dates) >= 4 && typical >= 40 && typical <= 200 {
		consider(byDays(dates, Unknown, typical, max(3, typical/20)))
	}
	return best, ok
}

// typicalGap is the median of the days between neighbours.
func typicalGap(dates []plaid.Date) int {
	gaps := make([]int, 0, len(dates))
	for i := 1; i < len(dates); i++ {
		gaps = append(gaps, int(dates[i]-dates[i-1]))
	}
	slices.Sort(gaps)
	return gaps[len(gaps)/2]
}

// skips is how many payments of a stream may be missing.
func skips(rows int) int { return rows / 6 }

// byDays fits a period of days: one payment a period, each near the middle of all that the others say.
func byDays(dates []plaid.Date, frequency Frequency, days, tolerance int) (fit, bool) {
	slot, missing := 0, 0
	offsets := make([]int, len(dates))
	slots := make([]int, len(dates))
	for i := range dates {
		if i > 0 {
			step := (int(dates[i]-dates[i-1]) + days/2) / days
			if step < 1 {
				return fit{}, false
			}
			missing += step - 1
			slot += step
		}
		slots[i] = slot
		offsets[i] = int(dates[i]-dates[0]) - slot*days
	}
	middle := slices.Clone(offsets)
	slices.Sort(middle)
	anchor := dates[0].AddDays(middle[len(middle)/2])
	off := 0
	for i := range dates {
		d := distance(dates[i], anchor.AddDays(slots[i]*days))
		if d > tolerance {
			return fit{}, false
		}
		off += d
	}
	f := fit{frequency: frequency, days: days, anchor: anchor, tolerance: tolerance, misfit: 1000 * off / (len(dates) * max(1, tolerance))}
	return f, missing <= skips(len(dates))
}

// calendarTolerance is how far a weekend with a holiday shifts a day of the month.
const calendarTolerance = 4

// byCalendar fits a day of the month, or two that are about half a month apart.
func byCalendar(dates []plaid.Date, twice bool) (best fit, ok bool) {
	for first := 1; first <= 31; first++ {
		if !twice {
			if off, fits := offCalendar(dates, first, 0); fits && (!ok || off < best.misfit) {
				best, ok = fit{frequency: Monthly, first: first, misfit: off}, true
			}
			continue
		}
		for second := first + 12; second <= min(first+18, 31); second++ {
			if off, fits := offCalendar(dates, first, second); fits && (!ok || off < best.misfit) {
				best, ok = fit{frequency: SemiMonthly, first: first, second: second, misfit: off}, true
			}
		}
	}
	best.tolerance = calendarTolerance
	best.misfit = 1000 * best.misfit / (len(dates) * calendarTolerance)
	if twice {
		best.misfit += 150 // two days fit more easily than one period of fourteen
	}
	return best, ok
}

// offCalendar is how many days all dates together are off the days of the month. Each payment has a due date of its own.
func offCalendar(dates []plaid.Date, first, second int) (off int, ok bool) {
	previous := -1
	missing := 0
	for i, d := range dates {
		slot, away := nearest(d, first, second)
		if away > calendarTolerance || (i > 0 && slot <= previous) {
			return 0, false
		}
		if i > 0 {
			missing += slot - previous - 1
		}
		previous = slot
		off += away
	}
	return off, missing <= skips(len(dates))
}

// nearest is the number of the due date that is nearest to a day, and how far it is.
func nearest(d plaid.Date, first, second int) (slot, away int) {
	t := d.Time()
	month := t.Year()*12 + int(t.Month()) - 1
	away = 1 << 30
	for m := month - 1; m <= month+1; m++ {
		if a := distance(d, dayOf(m, first)); a < away {
			slot, away = m, a
			if second != 0 {
				slot = 2 * m
			}
		}
		if second != 0 {
			if a := distance(d, dayOf(m, second)); a < away {
				slot, away = 2*m+1, a
			}
		}
	}
	return slot, away
}

// dayOf is a day of a month, counted from the year 0; the last day where the month is shorter.
func dayOf(month, day int) plaid.Date {
	year, of := month/12, time.Month(month%12+1)
	last := plaid.NewDate(year, of+1, 0)
	return min(plaid.NewDate(year, of, day), last)
}

func distance(a, b plaid.Date) int { return max(int(a-b), int(b-a)) }

// next is the first due date after the one that the last payment met.
func (f fit) next(last plaid.Date) plaid.Date {
	if f.days > 0 {
		periods := (int(last-f.anchor) + f.days/2) / f.days
		if last < f.anchor {
			periods = 0
		}
		return f.anchor.AddDays((periods + 1) * f.days)
	}
	slot, _ := nearest(last, f.first, f.second)
	slot++
	if f.second == 0 {
		return dayOf(slot, f.first)
	}
	if slot%2 == 0 {
		return dayOf(slot/2, f.first)
	}
	return dayOf(slot/2, f.second)
}

// patience is how many days a payment may be overdue before its stream has ended.
func (f fit) patience() int {
	switch f.frequency {
	case Weekly:
		return 5
	case Biweekly, SemiMonthly:
		return 8
	case Monthly:
		return 15
	case Annually:
		return 45
	}
	return max(f.tolerance*2, f.days/4)
}

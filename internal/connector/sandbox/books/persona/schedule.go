package persona

import (
	"time"

	"weft/internal/plaid"
)

// KnownPeriod reports whether [Recurring] knows a period.
func KnownPeriod(every string) bool { return periodDays(every) > 0 || periodMonths(every) > 0 }

func periodDays(every string) int {
	switch every {
	case "week":
		return 7
	case "two weeks":
		return 14
	default:
		return 0
	}
}

func periodMonths(every string) int {
	switch every {
	case "month":
		return 1
	case "quarter":
		return 3
	case "half year":
		return 6
	case "year":
		return 12
	default:
		return 0
	}
}

// Days are the calendar days of an order up to a last one, for a connection made on created.
func (o *Order) Days(created, last plaid.Date) []plaid.Date {
	if o.Day != nil {
		return []plaid.Date{created.AddDays(*o.Day)}
	}
	if o.End != nil {
		last = min(last, created.AddDays(*o.End))
	}
	return Recurring(o.Every, o.On, created.AddDays(o.Start), last)
}

// Recurring are the days first..last of a period. Weeks count from the first day; months keep to the day on (1 to 31) of
// the month, or to the month's last where it is shorter. Without on, they keep to the day of the first.
func Recurring(every string, on int, first, last plaid.Date) []plaid.Date {
	var list []plaid.Date
	if n := periodDays(every); n > 0 {
		for d := first; d <= last; d = d.AddDays(n) {
			list = append(list, d)
		}
		return list
	}
	step, start := periodMonths(every), first.Time()
	if on == 0 {
		on = start.Day()
	}
	at := func(months int) plaid.Date {
		end := plaid.NewDate(start.Year(), start.Month()+time.Month(months)+1, 0)
		return min(end, end.AddDays(on-end.Time().Day()))
	}
	months := 0
	if at(0) < first {
		months = 1
	}
	for ; step > 0 && at(months) <= last; months += step {
		list = append(list, at(months))
	}
	return list
}

package insight

import (
	"cmp"
	"slices"

	"weft/internal/plaid"
)

// days is a number of days between two dates.
type days int32

// ago is how many days one date is after another.
func ago(later, earlier plaid.Date) days { return days(later - earlier) }

// rhythm is how often a subscription is paid: days between two payments, from least to most.
type rhythm struct {
	Name          string
	LeastGap      days  `json:"least_gap"`
	MostGap       days  `json:"most_gap"`
	PerYear       int64 `json:"per_year"`
	LeastPayments int   `json:"least_payments"`
}

func (r *rhythm) fits(gap days) bool { return r.LeastGap <= gap && gap <= r.MostGap }

// rhythmOf is the rhythm that a gap fits, nil for none.
func (r *rules) rhythmOf(gap days) *rhythm {
	for i := range r.Subscriptions.Rhythms {
		if r.Subscriptions.Rhythms[i].fits(gap) {
			return &r.Subscriptions.Rhythms[i]
		}
	}
	return nil
}

// level is the payments of one price, in order. Where two come within a few days each time, the second ones are extra: a second
// subscription, or a mistake.
type level struct {
	price       plaid.Decimal
	rows, extra []Transaction
}

func (l level) first() Transaction { return l.rows[0] }
func (l level) last() Transaction  { return l.rows[len(l.rows)-1] }

// levels are the prices of a payee's payments of one account, by their first day.
func (r *rules) levels(rows []Transaction) []level {
	at := map[string]int{}
	var all []level
	for _, t := range rows {
		key := canonical(t.Amount)
		i, known := at[key]
		if !known {
			i, at[key] = len(all), len(all)
			all = append(all, level{price: t.Amount})
		}
		l := &all[i]
		if len(l.rows) > 0 && ago(t.Date, l.last().Date) <= r.Subscriptions.Doubled.ApartDays {
			l.extra = append(l.extra, t)
			continue
		}
		l.rows = append(l.rows, t)
	}
	return all
}

// run is the end of rows that fits one rhythm, which is that of the last gap. One row has none.
func (r *rules) run(rows []Transaction) ([]Transaction, *rhythm) {
	n := len(rows)
	if n < 2 {
		return rows, nil
	}
	beat := r.rhythmOf(ago(rows[n-1].Date, rows[n-2].Date))
	if beat == nil {
		return rows[n-1:], nil
	}
	from := n - 2
	for from > 0 && beat.fits(ago(rows[from].Date, rows[from-1].Date)) {
		from--
	}
	return rows[from:], beat
}

// active reports whether a subscription's next payment is not overdue.
func (b *book) active(last Transaction, beat *rhythm) bool {
	return ago(b.in.AsOf, last.Date) <= beat.MostGap+b.rules.Subscriptions.GraceDays
}

// between is how many of the rows are of days from one to another.
func between(rows []Transaction, from, to plaid.Date) int {
	low, _ := slices.BinarySearchFunc(rows, from, func(t Transaction, d plaid.Date) int { return cmp.Compare(t.Date, d) })
	high, _ := slices.BinarySearchFunc(rows, to+1, func(t Transaction, d plaid.Date) int { return cmp.Compare(t.Date, d) })
	return max(0, high-low)
}

// Package agenda orders what happens in the books: by day, on a day by rank, and within a rank as it was put down.
package agenda

import (
	"slices"

	"weft/internal/plaid"
)

// Rank is the place of an event within its day.
type Rank int

// The ranks in their order.
const (
	Cancellations Rank = iota // of what the exchange broke over night, as if it had not been held
	Actions
	Payments
	Orders
	Vesting
	Expiry
	MonthEnd
	Broken    // trades that will be reversed: nothing of their day comes of them
	Vanishing // trades of which the next day knows nothing: nothing at all comes of them
)

// Agenda is what is to happen until a last day; the zero value is empty.
type Agenda struct {
	Last plaid.Date
	days map[plaid.Date][]event
}

type event struct {
	rank Rank
	run  func() error
}

// Put puts an event on a day; one after the last day is left out.
func (a *Agenda) Put(on plaid.Date, r Rank, run func() error) {
	if on > a.Last {
		return
	}
	if a.days == nil {
		a.days = map[plaid.Date][]event{}
	}
	a.days[on] = append(a.days[on], event{r, run})
}

// Run runs a day's events. They may put others on the same day, of their own rank or a later one.
func (a *Agenda) Run(day plaid.Date) error {
	for len(a.days[day]) > 0 {
		if err := a.next(day).run(); err != nil {
			return err
		}
	}
	delete(a.days, day)
	return nil
}

// next takes the first event of the lowest rank off a day.
func (a *Agenda) next(day plaid.Date) event {
	list := a.days[day]
	first := 0
	for i, e := range list {
		if e.rank < list[first].rank {
			first = i
		}
	}
	e := list[first]
	a.days[day] = slices.Delete(list, first, first+1)
	return e
}

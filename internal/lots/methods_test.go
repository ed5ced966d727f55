package lots

import (
	"testing"

	"weft/internal/plaid"
)

func TestMethods(t *testing.T) {
	for method, want := range map[Method][]string{
		FIFO:    {"A 2021-01-01 10 cost 300", "A 2022-01-01 10 cost 200"},
		LIFO:    {"A 2020-01-01 10 cost 100", "A 2021-01-01 10 cost 300"},
		HIFO:    {"A 2020-01-01 10 cost 100", "A 2022-01-01 10 cost 200"},
		Average: {"A 2021-01-01 10 cost 200", "A 2022-01-01 10 cost 200"},
	} {
		b := play(method, event(t, "2020-01-01 buy A 10 100"), event(t, "2021-01-01 buy A 10 300"), event(t, "2022-01-01 buy A 10 200"), event(t, "2022-06-01 sell A 10 500"))
		expect(t, string(method), open(b, "A"), want...)
	}
}

// What was named is sold, whatever the method; where it is not there, nothing is known any more of what stays.
func TestNamedLots(t *testing.T) {
	bought := []Event{event(t, "2020-01-01 buy A 10 100"), event(t, "2021-01-01 buy A 10 300"), event(t, "2022-01-01 buy A 10 200")}
	sale := func(list ...Pick) *Book {
		return play(FIFO, append(bought[:3:3], event(t, "2022-06-01 sell A 12 480", picks(list...)))...)
	}
	day, ten, two := plaid.MustDate("2021-01-01"), plaid.DecimalFromInt(10), plaid.DecimalFromInt(2)
	b := sale(Pick{Acquired: &day, Quantity: ten}, Pick{Lot: bought[2].ID, Quantity: two})
	expect(t, "named by day and by name", open(b, "A"), "A 2020-01-01 10 cost 100", "A 2022-01-01 8 cost 160")
	b = sale(Pick{Acquired: &day, Quantity: ten})
	expect(t, "the rest by the method", open(b, "A"), "A 2020-01-01 8 cost 80", "A 2022-01-01 10 cost 200")
	b = sale(Pick{Lot: "nobody's", Quantity: ten})
	expect(t, "not there", open(b, "A"), "A - 18 cost -")
	if why := b.Lots("A")[0].Why; why != Unfound {
		t.Errorf("the reason is %q", why)
	}
}

// A method that needs what is not known says nothing, unless all goes, or what goes is told apart.
func TestWhatAMethodNeeds(t *testing.T) {
	for what, c := range map[string]struct {
		method Method
		sale   string
		want   []string
	}{
		"the dearest of what has no cost":                  {HIFO, "2022-06-01 sell A 5 50", []string{"A - 25 cost -"}},
		"all, whatever it cost":                            {HIFO, "2022-06-01 sell A 30 50", nil},
		"the latest, which came after what has no day":     {LIFO, "2022-06-01 sell A 5 50", []string{"A - 10 cost -", "A 2020-01-01 10 cost 100", "A 2022-01-01 5 cost 100"}},
		"the latest of what has no day and what has one":   {LIFO, "2022-06-01 sell A 15 50", []string{"A - 15 cost -"}},
		"the oldest, which is what has no day":             {FIFO, "2022-06-01 sell A 5 50", []string{"A - 5 cost -", "A 2020-01-01 10 cost 100", "A 2022-01-01 10 cost 200"}},
		"at an average to which something is not known":    {Average, "2022-06-01 sell A 25 50", []string{"A 2022-01-01 5 cost -"}},
		"an average again after all of what was not known": {Average, "2022-06-01 sell A 30 50", nil},
	} {
		b := play(c.method, event(t, "2020-01-01 buy A 10 100"), event(t, "2021-01-01 transfer-in A 10"), event(t, "2022-01-01 buy A 10 200"), event(t, c.sale))
		expect(t, what, open(b, "A"), c.want...)
		b.Apply(event(t, "2023-01-01 buy B 1 10"))
		expect(t, what+": of another", open(b, "B"), "B 2023-01-01 1 cost 10")
	}
}

// More than is known to be there is taken from what is not known.
func TestMoreThanIsKnown(t *testing.T) {
	b := play(FIFO, event(t, "2020-01-01 buy A 10 100"), event(t, "2021-02-01 sell A 25 500"))
	expect(t, "sold", open(b, "A"), "A - -15 cost -")
	expect(t, "sold", gone(b), "A 10 cost 100 proceeds 200 gain 100 long")
	b.Apply(event(t, "2022-01-01 buy A 20 400"))
	expect(t, "and bought", open(b, "A"), "A 2022-01-01 5 cost 100")
	b = play(FIFO, event(t, "2020-01-01 split A 10"))
	expect(t, "a split of nothing", open(b, "A"), "A - 10 cost -")
	b = play(FIFO, event(t, "2020-01-01 cover A 10 100"))
	expect(t, "covered", open(b, "A"), "A - 10 cost -")
	b = play(FIFO, event(t, "2020-01-01 opening A 10"), event(t, "2020-02-01 opening B -10"))
	expect(t, "before", open(b, "A", "B"), "A - 10 cost -", "B - -10 cost -")
}

func TestTerm(t *testing.T) {
	for _, c := range []struct {
		acquired, sold string
		long           bool
	}{
		{"2022-02-05", "2023-02-05", false}, // IRS Publication 550: a year, and not more
		{"2022-02-05", "2023-02-06", true},
		{"2019-02-28", "2020-02-29", false}, // Revenue Ruling 66-7: of the last day of a month, from the first of the thirteenth
		{"2019-02-28", "2020-03-01", true},
		{"2020-02-29", "2021-02-28", false},
		{"2020-02-29", "2021-03-01", true},
	} {
		if got := LongTerm(plaid.MustDate(c.acquired), plaid.MustDate(c.sold)); got != c.long {
			t.Errorf("bought on %s and sold on %s: long-term %v", c.acquired, c.sold, got)
		}
	}
}

// What is transferred in with its cost and day is sold by them; without them it has neither.
func TestTransferred(t *testing.T) {
	b := play(FIFO, event(t, "2020-01-01 buy A 10 100"), event(t, "2021-01-01 transfer-in A 5 40", acquired("2015-06-01")), event(t, "2021-02-01 transfer-in B 5"),
		event(t, "2021-06-01 transfer-out A 7"))
	expect(t, "open", open(b, "A", "B"), "A 2020-01-01 8 cost 80", "B - 5 cost -")
	expect(t, "gone", gone(b), "A 5 cost 40 proceeds - gain - long", "A 2 cost 20 proceeds - gain - long")
}

package lots

import (
	"fmt"
	"strings"
	"testing"

	"weft/internal/plaid"
)

// event reads "2020-01-02 buy XYZ 10 100.50": day, kind with hyphens, security, quantity, and money in all if there is any. The
// rest is set by the options.
func event(t testing.TB, line string, set ...func(*Event)) Event {
	t.Helper()
	words := strings.Fields(line)
	if len(words) < 4 {
		t.Fatalf("%q says too little", line)
	}
	e := Event{ID: line, Date: plaid.MustDate(words[0]), Kind: Kind(strings.ReplaceAll(words[1], "-", " ")), Security: words[2], Quantity: plaid.Dec(words[3])}
	if len(words) > 4 {
		e.Amount = plaid.Dec(words[4]).Ptr()
		if !e.Quantity.IsZero() {
			e.Price = Short(e.Amount.Div(e.Quantity, pricePlaces)).Ptr()
		}
	}
	for _, f := range set {
		f(&e)
	}
	return e
}

func into(security, units string) func(*Event) {
	return func(e *Event) { e.Into, e.Units = security, plaid.Dec(units) }
}

func share(part string) func(*Event)    { return func(e *Event) { e.Share = plaid.Dec(part).Ptr() } }
func worth(value string) func(*Event)   { return func(e *Event) { e.Value = plaid.Dec(value).Ptr() } }
func trades(list ...Event) func(*Event) { return func(e *Event) { e.Trades = list } }
func picks(list ...Pick) func(*Event)   { return func(e *Event) { e.Picks = list } }
func acquired(day string) func(*Event) {
	return func(e *Event) { e.Acquired = plaid.MustDate(day).Ptr() }
}
func ratio(news, olds string) func(*Event) {
	return func(e *Event) { e.New, e.Old = plaid.Dec(news), plaid.Dec(olds) }
}

// play applies events to a new book.
func play(method Method, events ...Event) *Book {
	b := New(method)
	for _, e := range events {
		b.Apply(e)
	}
	return b
}

// open writes the open lots of securities: "XYZ 2020-01-02 10 cost 100.50", a dash for what is not known.
func open(b *Book, securities ...string) (lines []string) {
	for _, security := range securities {
		for _, l := range b.Lots(security) {
			lines = append(lines, fmt.Sprintf("%s %s %s cost %s", security, day(l.Acquired), l.Quantity, money(l.Cost)))
		}
	}
	return lines
}

// gone writes what was closed: "XYZ 10 cost 100 proceeds 120 gain 20 long".
func gone(b *Book) (lines []string) {
	for _, c := range b.Closed() {
		term := "-"
		if long := c.LongTerm(); long != nil {
			term = map[bool]string{true: "long", false: "short"}[*long]
		}
		lines = append(lines, fmt.Sprintf("%s %s cost %s proceeds %s gain %s %s", c.Security, c.Quantity, money(c.Cost), money(c.Proceeds), money(c.Gain()), term))
	}
	return lines
}

func day(d *plaid.Date) string {
	if d == nil {
		return "-"
	}
	return d.String()
}

func money(d *plaid.Decimal) string {
	if d == nil {
		return "-"
	}
	return Short(*d).String()
}

func expect(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s\ngot\n  %s\nwant\n  %s", what, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

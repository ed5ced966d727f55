package lots

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"weft/internal/plaid"
)

var (
	names = []string{"A", "B", "C"}
	first = plaid.MustDate("2020-01-01")
)

// units draws a quantity of up to three places.
func units(t *rapid.T, most int, what string) plaid.Decimal {
	return plaid.NewDecimal(int64(rapid.IntRange(1, most).Draw(t, what)), -int32(rapid.IntRange(0, 3).Draw(t, what+" places")))
}

func cents(t *rapid.T, what string) plaid.Decimal {
	return plaid.NewDecimal(int64(rapid.IntRange(0, 1_000_000).Draw(t, what)), -2)
}

func maybe(t *rapid.T, d plaid.Decimal, what string) *plaid.Decimal {
	if rapid.IntRange(0, 4).Draw(t, what+" known") == 0 {
		return nil
	}
	return &d
}

// anything draws an event of any kind, whether it makes sense or not, and says by how much it changes each security.
func anything(t *rapid.T, i int, b *Book) (e Event, change map[string]plaid.Decimal) {
	kinds := []Kind{Opening, Buy, Buy, Buy, Sell, Sell, SellShort, Cover, Split, Merger, SpinOff, ReturnOfCapital, TransferIn, TransferOut, Exercise, Expire}
	e = Event{ID: fmt.Sprint(i), Date: first.AddDays(i * 100), Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), Security: rapid.SampledFrom(names).Draw(t, "security"),
		Quantity: units(t, 5000, "quantity"), Amount: maybe(t, cents(t, "amount"), "amount")}
	other := names[(slices.Index(names, e.Security)+1)%len(names)]
	change = map[string]plaid.Decimal{e.Security: e.Quantity}
	switch e.Kind {
	case Sell, SellShort, TransferOut:
		change[e.Security] = e.Quantity.Neg()
	case Opening, Expire:
		if rapid.Bool().Draw(t, "short") {
			e.Quantity = e.Quantity.Neg()
		}
		change[e.Security] = e.Quantity
	case Split:
		if held := b.Quantity(e.Security); rapid.Bool().Draw(t, "ratio") && !held.IsZero() {
			e.Quantity, e.New, e.Old = plaid.Decimal{}, plaid.DecimalFromInt(3), plaid.DecimalFromInt(2)
			change[e.Security] = held.Mul(plaid.NewDecimal(5, -1))
		} else {
			e.New, e.Old = plaid.Decimal{}, plaid.Decimal{}
		}
	case Merger:
		e.Into, e.Units, e.Value = other, units(t, 5000, "units"), maybe(t, cents(t, "value"), "value")
		if !b.position(e.Security).short.quantity.IsZero() && b.position(e.Security).long.quantity.IsZero() {
			return anythingOf(e, Buy, change)
		}
		change[e.Security], change[other] = e.Quantity.Neg(), e.Units
	case SpinOff:
		e.Into, e.Units, e.Share = other, units(t, 5000, "units"), maybe(t, plaid.Dec("0.1234"), "share")
		change = map[string]plaid.Decimal{other: e.Units}
	case ReturnOfCapital:
		delete(change, e.Security)
	case TransferIn:
		if rapid.Bool().Draw(t, "dated") {
			e.Acquired = first.AddDays(-i).Ptr()
		}
	case Exercise:
		e.Quantity = e.Quantity.Neg()
		trade := Event{ID: e.ID + "t", Date: e.Date, Kind: rapid.SampledFrom([]Kind{Buy, Sell}).Draw(t, "trade"), Security: other, Quantity: e.Quantity.Abs(), Amount: e.Amount}
		e.Trades = []Event{trade}
		change[e.Security], change[other] = e.Quantity, trade.Quantity
		if trade.Kind == Sell {
			change[other] = trade.Quantity.Neg()
		}
	}
	return e, change
}

func anythingOf(e Event, kind Kind, change map[string]plaid.Decimal) (Event, map[string]plaid.Decimal) {
	e.Kind = kind
	return e, change
}

func method(t *rapid.T) Method {
	return Method(rapid.SampledFrom(Methods).Draw(t, "method"))
}

// Whatever happens, and however little sense it makes, the lots add up to the units, no lot is empty, and what is not known has
// a reason.
func TestLotsSumToHoldings(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b := New(method(rt))
		held := map[string]plaid.Decimal{}
		for i := range rapid.IntRange(1, 30).Draw(rt, "events") {
			e, change := anything(rt, i, b)
			b.Apply(e)
			for name, d := range change {
				held[name] = held[name].Add(d)
			}
			for _, name := range names {
				var all plaid.Decimal
				for _, l := range b.Lots(name) {
					all = all.Add(l.Quantity)
					if l.Quantity.IsZero() {
						rt.Fatalf("after %+v: an empty lot %+v", e, l)
					}
					if (l.Cost == nil || l.Acquired == nil) != (l.Why != "") {
						rt.Fatalf("after %+v: a lot and its reason %+v", e, l)
					}
				}
				if !all.Equal(held[name]) || !b.Quantity(name).Equal(all) {
					rt.Fatalf("after %+v: the lots of %s are %s, %s are held", e, name, all, held[name])
				}
			}
		}
	})
}

// known draws an event that is wholly known and possible, and the money that it moves: positive for what was paid.
func known(t *rapid.T, i int, b *Book) (e Event, paid plaid.Decimal) {
	e = Event{ID: fmt.Sprint(i), Date: first.AddDays(i * 100), Kind: Buy, Security: rapid.SampledFrom(names).Draw(t, "security"),
		Quantity: units(t, 5000, "quantity"), Amount: cents(t, "amount").Ptr()}
	other := names[(slices.Index(names, e.Security)+1)%len(names)]
	p := b.position(e.Security)
	kind := rapid.SampledFrom([]Kind{Buy, Sell, SellShort, Cover, Split, Merger, SpinOff, ReturnOfCapital, TransferIn, TransferOut, Exercise, Expire}).Draw(t, "kind")
	atMost := func(there plaid.Decimal) bool {
		if !there.IsZero() && e.Quantity.Cmp(there) > 0 {
			e.Quantity = there
		}
		return !there.IsZero()
	}
	paid = *e.Amount
	switch {
	case kind == Sell && atMost(p.long.quantity):
		e.Kind, paid = kind, paid.Neg()
	case kind == SellShort && p.long.quantity.IsZero():
		e.Kind, paid = kind, paid.Neg()
	case kind == Cover && atMost(p.short.quantity):
		e.Kind = kind
	case kind == Split && !p.net().IsZero() && p.long.quantity.Sign()*p.short.quantity.Sign() == 0:
		e.Kind, e.Quantity, e.New, e.Old, paid = kind, plaid.Decimal{}, plaid.DecimalFromInt(int64(rapid.IntRange(1, 9).Draw(t, "new"))), plaid.DecimalFromInt(int64(rapid.IntRange(1, 9).Draw(t, "old"))), plaid.Decimal{}
	case kind == Merger && !p.long.quantity.IsZero():
		e.Kind, e.Into, e.Units, e.Quantity, e.Value = kind, other, units(t, 5000, "units").Add(plaid.DecimalFromInt(1)), p.long.quantity, cents(t, "value").Ptr()
		if paid = paid.Neg(); rapid.Bool().Draw(t, "no money") {
			e.Amount, paid = nil, plaid.Decimal{}
		}
	case kind == SpinOff && !p.long.quantity.IsZero():
		e.Kind, e.Into, e.Units, e.Share, e.Quantity, paid = kind, other, units(t, 5000, "units").Add(plaid.DecimalFromInt(1)), plaid.NewDecimal(int64(rapid.IntRange(0, 1000).Draw(t, "share")), -3).Ptr(), plaid.Decimal{}, plaid.Decimal{}
	case kind == ReturnOfCapital:
		e.Kind, e.Quantity, paid = kind, plaid.Decimal{}, paid.Neg()
	case kind == TransferIn:
		e.Kind, e.Acquired = kind, first.AddDays(i).Ptr()
	case kind == Expire && atMost(p.long.quantity):
		e.Kind, e.Quantity, paid = kind, e.Quantity.Neg(), plaid.Decimal{}
	case kind == Exercise && atMost(p.long.quantity):
		e.Kind, e.Quantity = kind, e.Quantity.Neg()
		e.Trades = []Event{{ID: e.ID + "t", Date: e.Date, Kind: Buy, Security: other, Quantity: e.Quantity.Abs(), Amount: e.Amount}}
	case kind == TransferOut && atMost(p.long.quantity):
		e.Kind, paid = kind, plaid.Decimal{}
	}
	return e, paid
}

// Where all is known, no cent is lost: what is open has cost what was paid, less what came in, with the gains, less what was
// taken elsewhere.
func TestCostIsConserved(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b := New(method(rt))
		var want plaid.Decimal
		seen := 0
		for i := range rapid.IntRange(1, 30).Draw(rt, "events") {
			e, paid := known(rt, i, b)
			b.Apply(e)
			want = want.Add(paid)
			for ; seen < len(b.closed); seen++ {
				c := b.closed[seen]
				switch {
				case c.Kind == TransferOut:
					want = want.Sub(*c.Cost)
				case c.Gain() != nil:
					want = want.Add(*c.Gain())
				case c.Kind != Exercise:
					rt.Fatalf("after %+v: a gain that is not known: %+v", e, c)
				}
			}
			var cost plaid.Decimal
			for _, name := range names {
				for _, l := range b.Lots(name) {
					if l.Cost == nil {
						rt.Fatalf("after %+v: a cost that is not known: %+v", e, l)
					}
					cost = cost.Add(*l.Cost)
				}
			}
			if !cost.Equal(want) {
				rt.Fatalf("after %+v: what is open cost %s, want %s", e, cost, want)
			}
		}
	})
}

// A split and its reverse change nothing.
func TestSplitBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b := New(method(rt))
		for i := range rapid.IntRange(1, 10).Draw(rt, "events") {
			b.Apply(Event{ID: fmt.Sprint(i), Date: first.AddDays(i), Kind: Buy, Security: "A", Quantity: units(rt, 5000, "quantity"), Amount: cents(rt, "amount").Ptr()})
		}
		before := open(b, "A")
		n := plaid.DecimalFromInt(int64(rapid.IntRange(2, 50).Draw(rt, "n")))
		one := plaid.DecimalFromInt(1)
		b.Apply(Event{Date: first.AddDays(100), Kind: Split, Security: "A", New: n, Old: one})
		if slices.Equal(before, open(b, "A")) {
			rt.Fatal("the split did nothing")
		}
		b.Apply(Event{Date: first.AddDays(101), Kind: Split, Security: "A", New: one, Old: n})
		if after := open(b, "A"); !slices.Equal(before, after) {
			rt.Fatalf("before %q, after %q", before, after)
		}
	})
}

// The parts of what is divided add up to it, and none is further from its exact part than a unit of the last place.
func TestSpread(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		total := cents(rt, "total")
		if rapid.Bool().Draw(rt, "negative") {
			total = total.Neg()
		}
		var weights []plaid.Decimal
		var whole, got plaid.Decimal
		for i := range rapid.IntRange(1, 12).Draw(rt, "parts") {
			weights = append(weights, units(rt, 5000, fmt.Sprint("weight ", i)))
			whole = whole.Add(weights[i])
		}
		for i, part := range Spread(total, weights, leastPlaces) {
			got = got.Add(part)
			if off := part.Mul(whole).Sub(total.Mul(weights[i])).Abs(); off.Cmp(whole.Mul(plaid.NewDecimal(1, -2))) >= 0 {
				rt.Fatalf("the part %d of %s by %v is %s", i, total, weights, part)
			}
		}
		if !got.Equal(total) {
			rt.Fatalf("the parts of %s add up to %s", total, got)
		}
	})
}

package books

import (
	"slices"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/books/agenda"
	"weft/internal/connector/sandbox/books/desk"
	"weft/internal/connector/sandbox/books/persona"
	"weft/internal/plaid"
)

// working is a limit order that waits for its price. Its order has the security by name and no limit.
type working struct {
	order    persona.Order
	security connector.Security
	limit    plaid.Decimal
	left     plaid.Decimal // units
	until    plaid.Date
}

// rest begins a limit order. Its limit and size are settled by the close before; where there was none it comes to nothing.
func (l *ledger) rest(a *account, o *persona.Order) error {
	s, err := l.resolve(a, o)
	if err != nil {
		return err
	}
	if _, known := l.market.Price(s.Key, l.day.AddDays(-1)); !known {
		return nil
	}
	close, _, err := l.quote(a, s, l.day.AddDays(-1))
	if err != nil {
		return err
	}
	w := &working{order: *o, security: s, limit: close.Mul(*o.Limit).Round(2), until: l.day.AddDays(o.Good)}
	if w.limit.Sign() <= 0 {
		return nil
	}
	w.order.Security, w.order.Option, w.order.Limit, w.order.Amount, w.order.Share = s.Key, nil, nil, nil, nil
	if w.left = l.buyUnits(a, o, s, w.limit); o.Do == "sell" {
		w.left = l.held(a, o, s, w.limit, 1)
	}
	return l.try(a, w)
}

// try fills what a day's trading fills of a limit order, at the day's close, and waits for the next day with what is left.
func (l *ledger) try(a *account, w *working) error {
	if w.left.Sign() <= 0 || desk.Halts(l.market, w.security.Key, l.day) {
		return nil
	}
	price, err := l.price(a, w.security)
	if err != nil {
		return err
	}
	if desk.Reached(w.order.Do, price, w.limit) {
		part := a.units(w.security, w.left.Mul(desk.Part(w.order.Chance, l.day)))
		if part.IsZero() {
			part = w.left
		}
		fill := w.order
		fill.Quantity = &part
		if err := l.run(a, &fill); err != nil {
			return err
		}
		w.left, w.order.Fees = w.left.Sub(part), plaid.Decimal{} // the fee is for the order
	}
	next := l.day.AddDays(1)
	if !a.Coins() {
		next = l.market.NextTradingDay(next)
	}
	if next <= w.until {
		l.schedule(next, agenda.Orders, a, func() error { return l.try(a, w) })
	}
	return nil
}

// reversed plays an order whose trade the exchange breaks over night, and the cancellation that follows it, which puts the
// position back to what it was. One a day: a second would find the first one's units.
func (l *ledger) reversed(a *account, o *persona.Order) error {
	s, err := l.resolve(a, o)
	if err != nil || a.reversed == l.day {
		return err
	}
	p := l.position(a, s)
	before, count := *p, len(l.log)
	before.lots = slices.Clone(p.lots)
	if err := l.run(a, o); err != nil || len(l.log) == count {
		return err
	}
	a.reversed = l.day
	made := l.log[len(l.log)-1]
	l.schedule(l.day.AddDays(1), agenda.Cancellations, a, func() error {
		*p = before
		l.post(a, entry{
			kind: "cancel", subtype: made.Subtype, security: s.Key, text: "Cancelled: " + made.Name,
			quantity: made.Quantity.Neg(), price: made.Price, amount: made.Amount.Neg(),
		})
		return nil
	})
	return nil
}

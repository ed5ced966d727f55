package books

import (
	"fmt"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/books/desk"
	"weft/internal/connector/sandbox/books/persona"
	"weft/internal/plaid"
)

// trade is a change of a position against cash.
type trade struct {
	kind, subtype, text string
	security            connector.Security
	quantity            plaid.Decimal // of the position: positive adds units
	price, fees         plaid.Decimal
	// premium is added to the basis of what is acquired: that of an exercised option.
	premium plaid.Decimal
}

// trade posts a trade and moves lots: against an opposite position it closes lots, otherwise it adds one.
func (l *ledger) trade(a *account, t trade) {
	if t.quantity.IsZero() {
		return
	}
	amount := t.quantity.Mul(t.price).Round(2).Add(t.fees)
	l.post(a, entry{
		kind: t.kind, subtype: t.subtype, security: t.security.Key, text: t.text + " " + *t.security.Name,
		quantity: t.quantity, price: t.price, amount: amount, fees: t.fees,
	})
	l.position(a, t.security).absorb(l.newLot(a, t.quantity, t.price, amount.Add(t.premium)))
}

// move posts a change of a position without a trade.
func (l *ledger) move(a *account, subtype, text string, s connector.Security, quantity, price, amount plaid.Decimal) {
	l.post(a, entry{
		kind: "transfer", subtype: subtype, security: s.Key, text: text + " " + *s.Name,
		quantity: quantity, price: price, amount: amount,
	})
}

// places is how finely an account can buy a security.
func (a *account) places(s connector.Security) int32 {
	switch *s.Type {
	case "cryptocurrency":
		return 8
	case "mutual fund":
		return 3
	case "cash":
		return 2
	case "equity", "etf":
		if a.Fractional {
			return 6
		}
	}
	return 0
}

// units cuts a quantity to what may be bought of a security: whole contracts of options, else the account's places.
func (a *account) units(s connector.Security, quantity plaid.Decimal) plaid.Decimal {
	if s.OptionContract == nil {
		return quantity.Trunc(a.places(s))
	}
	contract := plaid.DecimalFromInt(100)
	return quantity.Div(contract, 8).Trunc(0).Mul(contract)
}

// resolve finds the security that an order means on this day, and remembers it under the order's name.
func (l *ledger) resolve(a *account, o *persona.Order) (connector.Security, error) {
	ticker, known := a.names[o.Security]
	switch {
	case o.Option != nil:
		var err error
		if ticker, err = desk.Contract(l.market, o.Option, l.day); err != nil {
			return connector.Security{}, err
		}
	case !known:
		var ok bool
		if ticker, ok = l.market.Current(o.Security, l.day); !ok {
			return connector.Security{}, fmt.Errorf("unknown security %q", o.Security)
		}
	}
	if ticker == a.Cash {
		return connector.Security{}, fmt.Errorf("%s is the account's cash", ticker)
	}
	if o.As != "" {
		a.names["@"+o.As] = ticker
	}
	return l.security(ticker)
}

// priced resolves an order's security and gives its price. Where the security is not traded any more the price is zero,
// and an order does nothing.
func (l *ledger) priced(a *account, o *persona.Order) (connector.Security, plaid.Decimal, error) {
	s, err := l.resolve(a, o)
	if err != nil {
		return s, plaid.Decimal{}, err
	}
	price, on, err := l.quote(a, s, l.day)
	if err != nil || on < l.day.AddDays(-7) {
		return s, plaid.Decimal{}, err
	}
	return s, price, nil
}

// buyUnits is what an order may buy at a price: what it asks for, cut to the cash where there is no margin.
func (l *ledger) buyUnits(a *account, o *persona.Order, s connector.Security, price plaid.Decimal) plaid.Decimal {
	var wanted plaid.Decimal
	switch {
	case o.Quantity != nil:
		wanted = *o.Quantity
	case o.Amount != nil:
		wanted = o.Amount.Sub(o.Fees).Div(price, 12)
	default:
		wanted = a.cash.Mul(*o.Share).Sub(o.Fees).Div(price, 12)
	}
	if a.MarginPercent == nil {
		if can := a.cash.Sub(o.Fees).Sub(l.accruedOn(s, wanted)).Div(price, 12); wanted.Cmp(can) > 0 {
			wanted = can
		}
	}
	if wanted.Sign() < 0 {
		return plaid.Decimal{}
	}
	return a.units(s, wanted)
}

// accruedOn is the interest that the buyer or seller of a bond settles, positive.
func (l *ledger) accruedOn(s connector.Security, quantity plaid.Decimal) plaid.Decimal {
	if s.FixedIncome == nil {
		return plaid.Decimal{}
	}
	return quantity.Abs().Mul(l.market.Accrued(s.Key, l.day)).Round(2)
}

// buyAs buys a security for cash; with the interest accrued where it is a bond, and again at each maturity if it rolls.
func (l *ledger) buyAs(a *account, o *persona.Order, subtype string) error {
	s, price, err := l.priced(a, o)
	if err != nil || price.IsZero() {
		return err
	}
	q := l.buyUnits(a, o, s, price)
	l.trade(a, trade{kind: "buy", subtype: subtype, text: "Buy", security: s, quantity: q, price: price, fees: o.Fees})
	if accrued := l.accruedOn(s, q); !accrued.IsZero() {
		l.post(a, entry{
			kind: "fee", subtype: "interest receivable", security: s.Key, text: "Accrued interest " + *s.Name, amount: accrued,
		})
	}
	if o.Roll && !q.IsZero() {
		l.position(a, s).roll = o
	}
	return nil
}

// held is the part of a position that an order means: a quantity, an amount's worth, a share, or all of it. Only a sign
// of the position is sold or covered.
func (l *ledger) held(a *account, o *persona.Order, s connector.Security, price plaid.Decimal, sign int) plaid.Decimal {
	p, ok := a.positions[s.Key]
	if !ok || p.vested.Sign() != sign {
		return plaid.Decimal{}
	}
	all := p.vested.Abs()
	q := all
	switch {
	case o.Quantity != nil:
		q = a.units(s, *o.Quantity)
	case o.Amount != nil:
		q = a.units(s, o.Amount.Div(price, 12))
	case o.Share != nil:
		q = a.units(s, all.Mul(*o.Share))
	}
	if q.Cmp(all) > 0 {
		return all
	}
	return q
}

// sellAs sells what is held.
func (l *ledger) sellAs(a *account, o *persona.Order, subtype string) error {
	s, price, err := l.priced(a, o)
	if err != nil || price.IsZero() {
		return err
	}
	q := l.held(a, o, s, price, 1)
	l.trade(a, trade{kind: "sell", subtype: subtype, text: "Sell", security: s, quantity: q.Neg(), price: price, fees: o.Fees})
	if accrued := l.accruedOn(s, q); !accrued.IsZero() {
		l.post(a, entry{kind: "cash", subtype: "interest", security: s.Key, text: "Accrued interest " + *s.Name, amount: accrued.Neg()})
	}
	return nil
}

// sellShort opens a short position, or writes an option. It does nothing while the security is held, nor with bonds, whose
// redemption a short seller would owe.
func (l *ledger) sellShort(a *account, o *persona.Order) error {
	s, price, err := l.priced(a, o)
	if err != nil || price.IsZero() {
		return err
	}
	if p, ok := a.positions[s.Key]; ok && p.quantity().Sign() > 0 || s.FixedIncome != nil {
		return nil
	}
	var q plaid.Decimal
	switch {
	case o.Quantity != nil:
		q = a.units(s, *o.Quantity)
	case o.Amount != nil:
		q = a.units(s, o.Amount.Div(price, 12))
	}
	l.trade(a, trade{
		kind: "sell", subtype: "sell short", text: "Sell short", security: s, quantity: q.Neg(), price: price, fees: o.Fees,
	})
	return nil
}

// buyToCover closes a short position, in part or whole.
func (l *ledger) buyToCover(a *account, o *persona.Order) error {
	s, price, err := l.priced(a, o)
	if err != nil || price.IsZero() {
		return err
	}
	q := l.held(a, o, s, price, -1)
	l.trade(a, trade{
		kind: "buy", subtype: "buy to cover", text: "Buy to cover", security: s, quantity: q, price: price, fees: o.Fees,
	})
	return nil
}

// Package trading decides what the sandbox's traders order. A trader has habits ([persona.Trading]); what they order on a day
// depends on the seed, the account and the day alone, never on what their orders came to: an order that cannot be executed
// comes to nothing in the books. So a day's decisions are the same however often and whenever the bank is asked, a later day
// adds orders and changes none, and nothing has to be remembered.
package trading

import (
	"slices"
	"strconv"

	"weft/internal/connector/sandbox/books/persona"
	"weft/internal/connector/sandbox/market"
	"weft/internal/plaid"
)

// settling is how many days after its opening an account is traded in: its deposits have arrived then.
const settling = 5

// Decide adds to a persona what its traders order until a last day, for a connection made on created.
func Decide(m *market.Market, seed string, p persona.Persona, created, last plaid.Date) persona.Persona {
	p.Accounts = slices.Clone(p.Accounts)
	for i := range p.Accounts {
		a := &p.Accounts[i]
		if a.Trading == nil {
			continue
		}
		t := &trader{habits: a.Trading, market: m, created: created, margin: a.MarginPercent != nil, orders: slices.Clip(a.Orders)}
		for t.day = created.AddDays(settling - a.Opened); t.day <= last; t.day++ {
			if !m.TradingDay(t.day) && !a.Coins() {
				continue
			}
			t.die = newDie(seed, a.Key, t.day)
			t.decide()
		}
		a.Orders = t.orders
	}
	return p
}

// Trades reports whether somebody trades in an account of a persona, so that each day has news.
func Trades(p persona.Persona) bool {
	return slices.ContainsFunc(p.Accounts, func(a persona.Account) bool { return a.Trading != nil })
}

// trader is one account's owner on a day.
type trader struct {
	habits       *persona.Trading
	market       *market.Market
	created, day plaid.Date
	margin       bool
	die          die
	orders       []persona.Order
}

const tradingDays = 21 // in a month

// decide makes the decisions of a day.
func (t *trader) decide() {
	h := t.habits
	count := h.PerMonth / tradingDays
	if t.die.below(tradingDays) < h.PerMonth%tradingDays {
		count++
	}
	for range count {
		t.pick([]choice{
			{len(h.Stocks), 10, t.stock}, {len(h.Options), 3, t.option}, {len(h.Covered), 2, t.buyWrite},
			{len(h.Covered), 1, t.writePut}, {len(h.Shorts), 2, t.short}, {len(h.Bonds), 2, t.bond},
		})
	}
}

// choice is a kind of decision, with its weight where there is anything to choose of.
type choice struct {
	of, weight int
	decide     func()
}

func (t *trader) pick(list []choice) {
	sum := 0
	for _, c := range list {
		if c.of > 0 {
			sum += c.weight
		}
	}
	if sum == 0 {
		return
	}
	at := t.die.below(sum)
	for _, c := range list {
		if c.of == 0 {
			continue
		}
		if at -= c.weight; at < 0 {
			c.decide()
			return
		}
	}
}

// order gives an order so many days from now.
func (t *trader) order(in int, o persona.Order) {
	day := int(t.day-t.created) + in
	o.Day, o.Chance = &day, t.die.next()
	t.orders = append(t.orders, o)
}

// percent is a whole percentage from..to as a share.
func (t *trader) percent(from, to int) *plaid.Decimal { return t.permille(10*from, 10*to) }

func (t *trader) permille(from, to int) *plaid.Decimal {
	return plaid.NewDecimal(int64(t.die.from(from, to)), -3).Ptr()
}

// stock buys or sells, at the market or with a limit; some of the trades are broken.
func (t *trader) stock() {
	o := persona.Order{Do: "buy", Security: t.die.of(t.habits.Stocks), Share: t.percent(4, 18)}
	switch {
	case t.die.below(10) < 4:
		o.Do, o.Share = "sell", t.percent(25, 100)
	case t.margin && t.die.below(25) == 0:
		o.Share = t.percent(105, 125)
	}
	roll := t.die.below(100)
	switch {
	case roll < t.habits.BrokenPercent:
		o.Broken = persona.Vanishes
		if t.die.below(2) == 0 {
			o.Broken = persona.Reversed
		}
	case roll < t.habits.BrokenPercent+t.habits.LimitPercent:
		o.Good, o.Limit = t.die.from(2, 15), t.permille(960, 998)
		if o.Do == "sell" {
			o.Limit = t.permille(1002, 1050)
		}
	}
	t.order(0, o)
}

// contracts is a number of options and what a broker takes for them.
func (t *trader) contracts(most int) (quantity *plaid.Decimal, fees plaid.Decimal) {
	n := int64(t.die.from(1, most))
	return plaid.DecimalFromInt(100 * n).Ptr(), plaid.NewDecimal(65*n, -2)
}

// option buys calls or puts, and sells half of them before they expire.
func (t *trader) option() {
	terms := &persona.OptionTerms{Underlying: t.die.of(t.habits.Options), Type: "call", Strike: *t.permille(930, 1080), Days: t.die.from(15, 60)}
	if t.die.below(3) == 0 {
		terms.Type = "put"
	}
	o := persona.Order{Do: "buy", Option: terms, As: t.name()}
	o.Quantity, o.Fees = t.contracts(3)
	t.order(0, o)
	if t.die.below(2) == 0 {
		t.order(t.die.from(3, 15), persona.Order{Do: "sell", Security: "@" + o.As, Fees: o.Fees})
	}
}

// name is one that no other order of the account has.
func (t *trader) name() string { return "trade-" + t.day.String() + "-" + strconv.Itoa(len(t.orders)) }

// buyWrite buys shares and writes a call on them. When it has expired the shares are sold, unless they were called away.
func (t *trader) buyWrite() {
	ticker, q := t.die.of(t.habits.Covered), plaid.DecimalFromInt(100).Ptr()
	terms := &persona.OptionTerms{Underlying: ticker, Type: "call", Strike: *t.permille(1000, 1060), Days: t.die.from(15, 50)}
	t.order(0, persona.Order{Do: "buy", Security: ticker, Quantity: q})
	t.order(0, persona.Order{Do: "sell short", Option: terms, Quantity: q, Fees: plaid.NewDecimal(65, -2)})
	t.after(terms)
}

// writePut writes a put; what is assigned is sold after it has expired.
func (t *trader) writePut() {
	terms := &persona.OptionTerms{Underlying: t.die.of(t.habits.Covered), Type: "put", Strike: *t.permille(930, 1010), Days: t.die.from(15, 50)}
	t.order(0, persona.Order{Do: "sell short", Option: terms, Quantity: plaid.DecimalFromInt(100).Ptr(), Fees: plaid.NewDecimal(65, -2)})
	t.after(terms)
}

// after puts right what a written option has left: shares that were delivered without being held are bought at once, those
// that are held are sold some time later.
func (t *trader) after(terms *persona.OptionTerms) {
	expired := int(t.market.Expiry(t.day.AddDays(terms.Days))-t.day) + 1
	t.order(expired, persona.Order{Do: "buy to cover", Security: terms.Underlying})
	t.order(expired+t.die.from(1, 20), persona.Order{Do: "sell", Security: terms.Underlying, Quantity: plaid.DecimalFromInt(100).Ptr()})
}

// short sells short and covers some weeks later.
func (t *trader) short() {
	ticker := t.die.of(t.habits.Shorts)
	t.order(0, persona.Order{Do: "sell short", Security: ticker, Amount: plaid.NewDecimal(int64(t.die.from(1500, 4000)), 0).Ptr()})
	t.order(t.die.from(4, 40), persona.Order{Do: "buy to cover", Security: ticker})
}

// bond buys a bill, note or bond. Half of them are sold before their end.
func (t *trader) bond() {
	o := persona.Order{Do: "buy", Security: t.die.of(t.habits.Bonds), As: t.name(), Quantity: plaid.DecimalFromInt(int64(t.die.from(10, 40))).Ptr(), Fees: plaid.NewDecimal(5, 0)}
	t.order(0, o)
	if t.die.below(2) == 0 {
		t.order(t.die.from(20, 200), persona.Order{Do: "sell", Security: "@" + o.As})
	}
}

package books

import (
	"fmt"
	"strconv"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/books/accrual"
	"weft/internal/connector/sandbox/books/agenda"
	"weft/internal/connector/sandbox/books/cashbook"
	"weft/internal/connector/sandbox/books/desk"
	"weft/internal/connector/sandbox/books/persona"
	"weft/internal/connector/sandbox/market"
	"weft/internal/plaid"
)

// Run plays a persona's orders up to and including today, the last day whose books are closed, and states the result. The
// connection's id seeds what is arbitrary: lot numbers and times of day. Created is the day on which the connection was
// made, from which the persona's days count.
func Run(m *market.Market, p persona.Persona, connectionID string, created, today plaid.Date) (connector.Batch, error) {
	l := &ledger{
		market: m, seed: connectionID, created: created, today: today,
		agenda: agenda.Agenda{Last: today}, securities: map[string]connector.Security{},
	}
	if err := l.open(p); err != nil {
		return connector.Batch{}, fmt.Errorf("persona %s: %w", p.Name, err)
	}
	for l.day = l.first(); l.day <= today; l.day++ {
		if err := l.agenda.Run(l.day); err != nil {
			return connector.Batch{}, fmt.Errorf("persona %s: %w", p.Name, err)
		}
	}
	return l.statement(p)
}

// ledger is the state of a run.
type ledger struct {
	market         *market.Market
	seed           string
	created, today plaid.Date
	day            plaid.Date // the day that is played
	accounts       []*account
	agenda         agenda.Agenda
	log            []connector.InvestmentTransaction
	cashBook       []connector.Transaction       // of accounts that are no investment accounts
	securities     map[string]connector.Security // all that occur, by key
}

// account is an account's books.
type account struct {
	persona.Account
	opened    plaid.Date
	cash      plaid.Decimal // negative: a loan
	positions map[string]*position
	order     []string          // the keys of positions, in the order of their first acquisition
	names     map[string]string // what orders named by As, to the ticker
	lots      int               // numbered so far
	lastDay   plaid.Date        // of the log, and how many transactions it has
	lastCount int
	accrual   accrual.Accrual
	reversed  plaid.Date // when a trade was last made that is reversed
}

// schedule puts something that happens in an account on the agenda.
func (l *ledger) schedule(on plaid.Date, r agenda.Rank, a *account, run func() error) {
	l.agenda.Put(on, r, func() error {
		if err := run(); err != nil {
			return fmt.Errorf("account %s on %s: %w", a.Key, l.day, err)
		}
		return nil
	})
}

// open opens the accounts and puts all orders and month's ends on the agenda.
func (l *ledger) open(p persona.Persona) error {
	for _, data := range p.Accounts {
		a := &account{
			Account: data, opened: l.created.AddDays(-data.Opened), positions: map[string]*position{}, names: map[string]string{},
		}
		if a.opened > l.today {
			continue
		}
		if a.Cash != "" {
			s, ok := l.market.Security(a.Cash)
			if !ok {
				return fmt.Errorf("account %s: unknown cash security %q", a.Key, a.Cash)
			}
			l.securities[a.Cash] = s
		}
		a.accrual.Since = a.opened
		l.accounts = append(l.accounts, a)
		for i := range data.Orders {
			l.scheduleOrder(a, &data.Orders[i])
		}
		if !a.InterestPercent.IsZero() || a.MarginPercent != nil {
			for _, d := range persona.Recurring("month", 31, a.opened, l.today) {
				l.schedule(d, agenda.MonthEnd, a, func() error { return l.monthEnd(a) })
			}
		}
	}
	return nil
}

// scheduleOrder puts each execution of an order on the agenda: on the day itself where coins are traded, elsewhere on the
// next trading day. What would fall before the account's opening is left out.
func (l *ledger) scheduleOrder(a *account, o *persona.Order) {
	for _, d := range o.Days(l.created, l.today) {
		if !a.Coins() {
			d = l.market.NextTradingDay(d)
		}
		if d < a.opened {
			continue
		}
		rank, play := agenda.Orders, l.run
		switch {
		case o.Broken == persona.Reversed:
			rank, play = agenda.Broken, l.reversed
		case o.Broken == persona.Vanishes && d < l.today:
			continue // by now nobody knows of it
		case o.Broken == persona.Vanishes:
			rank = agenda.Vanishing
		case o.Limit != nil:
			play = l.rest
		}
		l.schedule(d, rank, a, func() error {
			if err := play(a, o); err != nil {
				return fmt.Errorf("%s: %w", o.Do, err)
			}
			return nil
		})
	}
}

func (l *ledger) first() plaid.Date {
	first := l.today.AddDays(1)
	for _, a := range l.accounts {
		first = min(first, a.opened)
	}
	return first
}

// find is an account by its key; nil if it is not open yet.
func (l *ledger) find(key string) *account {
	for _, a := range l.accounts {
		if a.Key == key && a.opened <= l.day {
			return a
		}
	}
	return nil
}

// security is a security by its ticker, noted for the statement.
func (l *ledger) security(ticker string) (connector.Security, error) {
	if s, ok := l.securities[ticker]; ok {
		return s, nil
	}
	s, ok := l.market.Security(ticker)
	if !ok {
		return s, fmt.Errorf("unknown security %q", ticker)
	}
	l.securities[s.Key] = s
	return s, nil
}

// price is the price of a unit in an account's currency on the day that is played.
func (l *ledger) price(a *account, s connector.Security) (plaid.Decimal, error) {
	p, _, err := l.quote(a, s, l.day)
	return p, err
}

func (l *ledger) quote(a *account, s connector.Security, day plaid.Date) (plaid.Decimal, plaid.Date, error) {
	p, on, ok := l.market.Quote(s.Key, day)
	if !ok {
		return p, on, fmt.Errorf("%s has no price on %s", s.Key, day)
	}
	if *s.ISOCurrencyCode == a.Currency {
		return p, on, nil
	}
	rate, ok := l.market.Rate(*s.ISOCurrencyCode, a.Currency, day)
	if !ok {
		return p, on, fmt.Errorf("no rate from %s to %s", *s.ISOCurrencyCode, a.Currency)
	}
	return p.Mul(rate).Round(6), on, nil
}

// moveCash changes an account's cash; interest is counted on what it was until now.
func (l *ledger) moveCash(a *account, by plaid.Decimal) {
	a.accrual.Count(a.cash, l.day)
	a.cash = a.cash.Add(by)
}

// entry is a transaction before it is posted. Amount and quantity have Plaid's signs.
type entry struct {
	kind, subtype string
	security      string
	text          string
	quantity      plaid.Decimal
	price         plaid.Decimal
	amount        plaid.Decimal
	fees          plaid.Decimal
}

// post writes a transaction to the log, or the account's cash book, and moves its cash.
func (l *ledger) post(a *account, e entry) {
	if !e.amount.IsZero() {
		l.moveCash(a, e.amount.Neg())
	}
	if a.lastDay != l.day {
		a.lastDay, a.lastCount = l.day, 0
	}
	a.lastCount++
	key, currency := cashbook.Key(l.day, a.lastCount), a.Currency
	if a.Type != plaid.TypeInvestment {
		l.cashBook = append(l.cashBook, cashbook.Row(a.Key, key, l.day, e.text, e.subtype, e.amount, &currency))
		return
	}
	tx := connector.InvestmentTransaction{Key: key, AccountKey: a.Key, SecurityKey: e.security}
	tx.InvestmentTransaction = plaid.InvestmentTransaction{
		Date: l.day, Name: e.text, Quantity: e.quantity, Amount: e.amount, Price: e.price, Fees: e.fees.Ptr(),
		Type: e.kind, Subtype: e.subtype, ISOCurrencyCode: &currency,
	}
	if e.kind == "buy" || e.kind == "sell" {
		at := l.timeOfDay(a)
		tx.TransactionDatetime = &at
	}
	l.log = append(l.log, tx)
}

// timeOfDay is the time of the account's last transaction.
func (l *ledger) timeOfDay(a *account) string {
	return desk.TimeOfDay(l.seed, a.Key, l.day, a.lastCount)
}

// newLot is a lot that is acquired now.
func (l *ledger) newLot(a *account, quantity, price, basis plaid.Decimal) lot {
	a.lots++
	id := strconv.FormatUint(desk.Number(l.seed, a.Key, "lot", a.lots), 36)
	return lot{id: id, at: l.timeOfDay(a), quantity: quantity, price: price, basis: basis}
}

// position is an account's position in a security, made at its first acquisition. From then on the security's corporate
// actions are on the agenda.
func (l *ledger) position(a *account, s connector.Security) *position {
	if p, ok := a.positions[s.Key]; ok {
		return p
	}
	p := &position{security: s}
	a.positions[s.Key] = p
	a.order = append(a.order, s.Key)
	for _, action := range l.market.Actions(s.Key, l.day.AddDays(1), l.today) {
		l.schedule(action.Date, agenda.Actions, a, func() error { return l.act(a, p, action) })
	}
	if o := s.OptionContract; o != nil {
		last := l.market.PriceDate(s.Key, o.ExpirationDate)
		l.schedule(last, agenda.Expiry, a, func() error { return l.expire(a, p) })
	}
	return p
}

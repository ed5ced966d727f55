package books

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"time"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/books/cashbook"
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
		agenda: map[plaid.Date][]event{}, securities: map[string]connector.Security{},
	}
	if err := l.open(p); err != nil {
		return connector.Batch{}, fmt.Errorf("persona %s: %w", p.Name, err)
	}
	for l.day = l.first(); l.day <= today; l.day++ {
		// An event may put another on today's agenda, of its own rank or a later one.
		for len(l.agenda[l.day]) > 0 {
			e := l.next()
			if err := e.run(); err != nil {
				return connector.Batch{}, fmt.Errorf("persona %s: account %s on %s: %w", p.Name, e.account.Key, l.day, err)
			}
		}
		delete(l.agenda, l.day)
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
	agenda         map[plaid.Date][]event
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
	accrual   accrual
}

// event is something that happens in an account on a day.
type event struct {
	rank    rank
	account *account
	run     func() error
}

// rank orders the events of a day.
type rank int

const (
	actionRank rank = iota
	paymentRank
	orderRank
	vestingRank
	expiryRank
	monthEndRank
)

// schedule puts an event on the agenda; one after today is left out.
func (l *ledger) schedule(on plaid.Date, r rank, a *account, run func() error) {
	if on <= l.today {
		l.agenda[on] = append(l.agenda[on], event{r, a, run})
	}
}

// next takes the first event of the lowest rank off the day's agenda.
func (l *ledger) next() event {
	list := l.agenda[l.day]
	first := 0
	for i, e := range list {
		if e.rank < list[first].rank {
			first = i
		}
	}
	e := list[first]
	l.agenda[l.day] = slices.Delete(list, first, first+1)
	return e
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
		a.accrual.since = a.opened
		l.accounts = append(l.accounts, a)
		for i := range data.Orders {
			l.scheduleOrder(a, &data.Orders[i])
		}
		if !a.InterestPercent.IsZero() || a.MarginPercent != nil {
			for _, d := range persona.Recurring("month", 31, a.opened, l.today) {
				l.schedule(d, monthEndRank, a, func() error { return l.monthEnd(a) })
			}
		}
	}
	return nil
}

// scheduleOrder puts each execution of an order on the agenda: on the day itself where coins are traded, elsewhere on the
// next trading day. What would fall before the account's opening is left out.
func (l *ledger) scheduleOrder(a *account, o *persona.Order) {
	for _, d := range o.Days(l.created, l.today) {
		if !a.coins() {
			d = l.market.NextTradingDay(d)
		}
		if d < a.opened {
			continue
		}
		l.schedule(d, orderRank, a, func() error {
			if err := l.run(a, o); err != nil {
				return fmt.Errorf("%s: %w", o.Do, err)
			}
			return nil
		})
	}
}

// coins reports whether the account trades every day of the week.
func (a *account) coins() bool {
	return a.Subtype == "crypto exchange" || a.Subtype == "non-custodial wallet"
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
	a.accrue(l.day)
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

// hash is a number that depends on the connection, the account and what else is given.
func (l *ledger) hash(a *account, what string, n int) uint64 {
	h := fnv.New64a()
	for _, s := range []string{l.seed, a.Key, what, strconv.Itoa(n)} {
		h.Write([]byte(s))
		h.Write([]byte{0})
	}
	return h.Sum64()
}

// timeOfDay is the time of the account's last transaction: within the hours in which New York trades, summer or winter.
func (l *ledger) timeOfDay(a *account) string {
	const opens, seconds = 14*3600 + 30*60, 5*3600 + 30*60
	n := l.hash(a, "time", int(l.day)*100+a.lastCount) % seconds
	return plaid.Timestamp(l.day.Time().Add(time.Duration(opens+n) * time.Second))
}

// newLot is a lot that is acquired now.
func (l *ledger) newLot(a *account, quantity, price, basis plaid.Decimal) lot {
	a.lots++
	id := strconv.FormatUint(l.hash(a, "lot", a.lots), 36)
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
		l.schedule(action.Date, actionRank, a, func() error { return l.act(a, p, action) })
	}
	if o := s.OptionContract; o != nil {
		last := l.market.PriceDate(s.Key, o.ExpirationDate)
		l.schedule(last, expiryRank, a, func() error { return l.expire(a, p) })
	}
	return p
}

package household

import (
	"strconv"
	"time"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/books/persona"
	"weft/internal/connector/sandbox/household/plan"
	"weft/internal/connector/sandbox/market"
	"weft/internal/plaid"
)

// ledger is the state of a run.
type ledger struct {
	*source
	plan *plan.Plan
	open func(plaid.Date) bool // whether banks work on a day
	// start is the first day of the books, created that of the connection, and day the one that is played.
	start, created, today, day plaid.Date
	accounts                   []*account
	byKey                      map[string]*account
	agenda                     map[plaid.Date][]occurrence
	waiting                    []*entry
	rows                       []connector.Transaction
	checks                     map[*plan.Flow]int
}

// account is an account's books.
type account struct {
	*plan.Account
	// balance is what it has, or what is owed on it; held is what pending payments will take of it.
	balance, held plaid.Decimal
	// statement is what was owed when the card's statement closed, paid what has been paid since.
	statement, paid plaid.Decimal
	// spent says that money left the account on the day that is played.
	spent bool
}

// occurrence is a flow that comes on a fixed day: nominal is the day by its schedule, whatever the banks' days are.
type occurrence struct {
	flow    *plan.Flow
	nominal plaid.Date
}

// entry is a transaction that is to be posted.
type entry struct {
	row     connector.Transaction
	account *account
	amount  plaid.Decimal // when posted
	name    string        // when posted
	posts   plaid.Date
	shown   bool // it is pending until then, and not unknown
}

func newLedger(m *market.Market, p *plan.Plan, seed string, created, today plaid.Date) *ledger {
	l := &ledger{
		source: &source{seed: seed + "|" + p.Name, place: p.Place}, plan: p, open: m.TradingDay,
		start: created.AddDays(-p.Days), created: created, today: today,
		byKey: map[string]*account{}, agenda: map[plaid.Date][]occurrence{}, checks: map[*plan.Flow]int{},
	}
	for i := range p.Accounts {
		a := &account{Account: &p.Accounts[i], balance: p.Accounts[i].Opening}
		a.statement = a.balance
		l.accounts, l.byKey[a.Key] = append(l.accounts, a), a
	}
	for i := range p.Flows {
		if f := &p.Flows[i]; !f.ByChance() {
			l.schedule(f)
		}
	}
	return l
}

// schedule puts the days of a flow on the agenda, each where the banks' days have it.
func (l *ledger) schedule(f *plan.Flow) {
	first, last := l.start, l.today.AddDays(7) // what falls on a holiday may be booked before it
	if f.Start != nil {
		first = max(first, l.created.AddDays(*f.Start))
	}
	if f.End != nil {
		last = min(last, l.created.AddDays(*f.End))
	}
	on := f.On
	if f.Every == "week" || f.Every == "two weeks" {
		for weekday(first) != f.On || f.Every == "two weeks" && (first/7)%2 != 0 {
			first++
		}
	}
	for _, nominal := range persona.Recurring(f.Every, on, first, last) {
		if len(f.Months) > 0 && !contains(f.Months, int(nominal.Time().Month())) {
			continue
		}
		if day := l.booked(f.Book, nominal); day >= l.start && day <= l.today {
			l.agenda[day] = append(l.agenda[day], occurrence{f, nominal})
		}
	}
}

// weekday is 1 for Monday to 7 for Sunday.
func weekday(d plaid.Date) int {
	if w := d.Time().Weekday(); w != time.Sunday {
		return int(w)
	}
	return 7
}

// booked is the day on which banks book what falls on a day.
func (l *ledger) booked(book string, day plaid.Date) plaid.Date {
	step := plaid.Date(1)
	switch book {
	case "":
		return day
	case "before":
		step = -1
	}
	for range 10 { // no holiday is longer
		if l.open(day) {
			return day
		}
		day += step
	}
	return day
}

// play plays all days up to today.
func (l *ledger) play() {
	for l.day = l.start; l.day <= l.today; l.day++ {
		l.settle()
		for _, o := range l.agenda[l.day] {
			l.act(o.flow, o.nominal)
		}
		for i := range l.plan.Flows {
			if f := &l.plan.Flows[i]; f.ByChance() && l.lives(f) && l.comes(f, l.day) {
				l.act(f, l.day)
			}
		}
		for _, a := range l.accounts {
			l.close(a)
		}
	}
}

// lives reports whether a flow that comes by chance may come on the day that is played.
func (l *ledger) lives(f *plan.Flow) bool {
	return (f.Start == nil || l.day >= l.created.AddDays(*f.Start)) && (f.End == nil || l.day <= l.created.AddDays(*f.End))
}

// settle posts what is due.
func (l *ledger) settle() {
	kept := l.waiting[:0]
	for _, e := range l.waiting {
		if e.posts > l.day {
			kept = append(kept, e)
			continue
		}
		if e.shown {
			e.account.held = e.account.held.Sub(outflow(e.row.Amount))
		}
		l.post(e)
	}
	l.waiting = kept
}

// post writes a transaction and moves its money.
func (l *ledger) post(e *entry) {
	row := e.row
	row.Pending, row.Date, row.Amount, row.Name = false, l.day, e.amount, e.name
	if e.shown && l.day > l.created { // it may have been seen while it was pending
		row.PendingKey = pendingKey(row.Key)
	}
	a := e.account
	if a.Type == plaid.TypeDepository {
		a.balance = a.balance.Sub(e.amount)
	} else {
		a.balance = a.balance.Add(e.amount)
	}
	if e.amount.Sign() < 0 {
		a.paid = a.paid.Sub(e.amount)
	}
	a.spent = a.spent || e.amount.Sign() > 0
	l.rows = append(l.rows, row)
}

func pendingKey(key string) string { return key + "-pending" }

func outflow(amount plaid.Decimal) plaid.Decimal {
	if amount.Sign() < 0 {
		return plaid.Decimal{}
	}
	return amount
}

// close does what an account's bank does at the end of a day.
func (l *ledger) close(a *account) {
	date := l.day.Time()
	monthEnds := date.AddDate(0, 0, 1).Day() == 1
	switch {
	case a.Type == plaid.TypeCredit && date.Day() == a.Closes:
		interest := l.interest(a, a.statement.Sub(a.paid))
		if a.free().Cmp(interest) >= 0 { // a debt beyond the limit is one that the bank has given up
			l.charge(a, "interest", "INTEREST CHARGE ON PURCHASES", "INT", interest)
		}
		a.statement, a.paid = a.balance, plaid.Decimal{}
	case a.Type == plaid.TypeDepository && monthEnds:
		l.charge(a, "interest", "INTEREST PAYMENT", "INT", l.interest(a, a.balance).Neg())
	case a.Type == plaid.TypeLoan && monthEnds:
		l.charge(a, "interest", "INTEREST CHARGE", "INT", l.interest(a, a.balance))
	}
	if a.OverdraftFee != nil && a.spent && a.balance.Sign() < 0 {
		l.charge(a, "overdraft", "OVERDRAFT ITEM FEE FOR ACTIVITY OF "+date.Format("01-02"), "FEE", *a.OverdraftFee)
	}
	a.spent = false
}

// interest is a month's interest on an amount.
func (l *ledger) interest(a *account, on plaid.Decimal) plaid.Decimal {
	if on.Sign() <= 0 {
		return plaid.Decimal{}
	}
	return on.Mul(a.InterestPercent).Div(plaid.DecimalFromInt(1200), 2)
}

// charge posts what the bank itself charges or pays.
func (l *ledger) charge(a *account, what, name, kind string, amount plaid.Decimal) {
	if amount.IsZero() {
		return
	}
	if what == "interest" && a.InterestName != "" {
		name = a.InterestName
	}
	l.post(&entry{account: a, amount: amount, name: name, row: connector.Transaction{
		Key: what + "-" + l.day.Time().Format("20060102"), AccountKey: a.Key, Kind: kind,
	}})
}

func number(n int) string { return strconv.Itoa(n) }

package household

import (
	"slices"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/household/plan"
	"weft/internal/connector/sandbox/market"
	"weft/internal/connector/sandbox/numbers"
	"weft/internal/plaid"
)

// Run plays a plan up to and including today and states the result: all accounts and transactions, whatever their date. It
// declares no window. Created is the day on which the connection was made, and country the institution's.
func Run(m *market.Market, p *plan.Plan, seed, country string, created, today plaid.Date) connector.Batch {
	l := newLedger(m, p, seed, created, today)
	l.play()
	var b connector.Batch
	currencies := map[string]*string{}
	for _, a := range l.accounts {
		state := l.state(a, country)
		currencies[a.Key] = state.Balances.ISOCurrencyCode
		b.Accounts = append(b.Accounts, state)
	}
	for _, e := range l.waiting {
		if e.shown {
			row := e.row
			row.Key = pendingKey(row.Key)
			l.rows = append(l.rows, row)
		}
	}
	for i := range l.rows {
		l.rows[i].ISOCurrencyCode = currencies[l.rows[i].AccountKey]
	}
	slices.SortStableFunc(l.rows, func(a, b connector.Transaction) int { return int(a.Date - b.Date) })
	b.Transactions = l.rows
	return b
}

// Sketch makes up two years of history before a day for accounts without books: flows by chance, or every week or two. Seed
// and day decide it, so that the days between the history and the day are the same whatever the day is.
func Sketch(flows []plan.Flow, place plan.Place, seed string, created plaid.Date, days int) []connector.Transaction {
	s := &source{seed: seed, epoch: created, place: place}
	var rows []connector.Transaction
	for day := created.AddDays(-days); day < created; day++ {
		for i := range flows {
			f := &flows[i]
			if f.Every != "" && int(created-day)%period(f) != f.On || f.ByChance() && !s.comes(f, day) {
				continue
			}
			row := connector.Transaction{
				Key: f.ID + "-" + number(int(created-day)), AccountKey: f.Account, Date: day, Kind: f.Kind,
				Amount: s.settled(f, day, s.size(f, day, day)), Name: s.name(f, day, f.Names, 0),
			}
			if f.Purchase {
				row.AuthorizedDate = day.AddDays(-s.pending(f, day)).Ptr()
			}
			rows = append(rows, row)
		}
	}
	return rows
}

// period is the days between two comings of a flow of a sketch; its months have thirty days.
func period(f *plan.Flow) int {
	switch f.Every {
	case "week":
		return 7
	case "two weeks":
		return 14
	default:
		return 30
	}
}

// Draw is what a flow of a plan would be on a day, drawn by a name of its own: the pending row, and what it is when posted.
func Draw(f *plan.Flow, place plan.Place, seed string, on plaid.Date) (row connector.Transaction, settled plaid.Decimal) {
	s := &source{seed: seed, epoch: on, place: place}
	row = connector.Transaction{
		AccountKey: f.Account, Pending: true, Date: on, AuthorizedDate: on.Ptr(), Kind: f.Kind,
		Amount: s.size(f, on, on), Name: s.name(f, on, f.Names, 0),
	}
	return row, s.settled(f, on, row.Amount)
}

// state is an account with its balances.
func (l *ledger) state(a *account, country string) connector.Account {
	out := connector.Account{Key: a.Key, Account: plaid.Account{
		Name: a.Name, OfficialName: a.OfficialName, Mask: &a.Mask, Type: a.Type, Subtype: &a.Subtype,
		HolderCategory: ref(or(a.HolderCategory, "personal")),
		Balances:       plaid.Balances{Limit: a.Limit, ISOCurrencyCode: ref(or(a.Currency, numbers.Currency(country)))},
	}}
	if !a.Hidden {
		out.Balances.Current = &a.balance
		if !a.Locked && a.Type != plaid.TypeLoan {
			out.Balances.Available = a.free().Ptr()
		}
	}
	if a.Numbers != nil {
		out.Numbers = *a.Numbers
	} else {
		out.Numbers = numbers.Default(country, a.Type, a.Subtype, a.Mask)
	}
	for _, o := range a.Owners {
		out.Owners = append(out.Owners, l.plan.Owner(o, int(l.today-l.created)))
	}
	return out
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func ref[T any](v T) *T { return &v }

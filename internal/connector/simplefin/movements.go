package simplefin

import (
	"cmp"
	"slices"
	"time"

	"weft/internal/connector"
	"weft/internal/connector/simplefin/mapping"
	"weft/internal/connector/simplefin/span"
	"weft/internal/connector/simplefin/wire"
	"weft/internal/plaid"
)

// rows are an account's movements from all answers. Where windows overlap the newest answer counts, but what is posted counts
// before what is pending.
func rows(acc wire.Account, later []*group) []wire.Transaction {
	place := map[string]int{}
	var list []wire.Transaction
	add := func(rows []wire.Transaction) {
		for _, row := range rows {
			if i, ok := place[row.ID]; !ok {
				place[row.ID] = len(list)
				list = append(list, row)
			} else if list[i].Pending && !row.Pending {
				list[i] = row
			}
		}
	}
	add(acc.Transactions)
	for _, g := range later {
		for _, other := range g.accounts {
			if other.ID == acc.ID {
				add(other.Transactions)
			}
		}
	}
	return list
}

// asked reports whether a day is in one of the windows. A server that sends more than was asked for may do so once only, and
// what it sends beside the windows would never be looked at again: it is left out.
func (r *run) asked(on plaid.Date) bool {
	return slices.ContainsFunc(r.fetched, func(s span.Span) bool { return s.From <= on && on < s.To })
}

// whole is the days of which an answer can be the whole: one range without a gap, or nil. Servers do not agree on whether the
// first second of a window is in it, and each row comes to lie there once. So the first day is left out, unless nothing older
// is wanted: what is known of it stays.
func (r *run) whole() *connector.Window {
	spans := span.Merge(r.fetched)
	if len(spans) != 1 {
		return nil
	}
	w := connector.Window{From: spans[0].From, To: spans[0].To.AddDays(-1)}
	if w.From > r.wanted().From {
		w.From = w.From.AddDays(1)
	}
	if w.From > w.To {
		return nil
	}
	return &w
}

func within(w *connector.Window, on plaid.Date) bool { return w != nil && w.From <= on && on <= w.To }

// complete reports whether all answers tell, without any trouble, the movements of all accounts that are investment accounts,
// or of those that are not: what such answers do not have is gone.
func (r *run) complete(g *group, later []*group, b *connector.Batch, investment bool) bool {
	if b.Partial || g.troubled() || len(later) != len(r.answers)-1 || slices.ContainsFunc(later, (*group).troubled) {
		return false
	}
	for _, acc := range accountsOf(g, b, investment) {
		for _, each := range append([]*group{g}, later...) {
			i := slices.IndexFunc(each.accounts, func(a wire.Account) bool { return a.ID == acc.ID })
			if i < 0 || each.accounts[i].Silent || len(each.accounts[i].Rejected) > 0 {
				return false
			}
		}
	}
	return true
}

// accountsOf are the accounts of the batch that are investment accounts, or those that are not.
func accountsOf(g *group, b *connector.Batch, investment bool) []wire.Account {
	var list []wire.Account
	for _, acc := range g.accounts {
		i := slices.IndexFunc(b.Accounts, func(a connector.Account) bool { return a.Key == acc.ID })
		if i >= 0 && (b.Accounts[i].Type == plaid.TypeInvestment) == investment {
			list = append(list, acc)
		}
	}
	return list
}

// bankRows adds the movements of bank accounts, cards and loans, by the days of their [connector.Transaction], and declares
// their window where the answers are complete. An account that has become an investment account has none in it.
//
// Pending rows are of the day of which the bank says that they happened, else of the day of the fetch, which moves with every
// fetch. In a declared window one that is missing is gone: cancelled, or posted under another id. So that none stays when it is
// gone, the next fetch reaches back to the oldest (see plan), and one that is about to get out of reach, pending for 75 days, is
// not told any more.
//
// A pending row that happened before the window and was not known until now is left out for this once, and nothing is declared:
// it may be a row that was of the day of an earlier fetch, inside the window, and is not gone. The same holds for any row of
// tomorrow, where the bank's day has begun and the window's has not. Others outside the window do not count, or one old row
// would keep it from ever being declared.
func (r *run) bankRows(g *group, later []*group, im *institutionMemory, b *connector.Batch) {
	all := r.wanted()
	first, tomorrow := r.reach().AddDays(span.Resumption), all.To
	w, complete := r.whole(), r.complete(g, later, b, false)
	oldest := tomorrow
	for _, acc := range accountsOf(g, b, false) {
		var told []wire.Transaction
		for _, row := range rows(acc, later) {
			on := mapping.Day(row, r.want.Now)
			if row.Pending && on < first {
				continue
			}
			follows := row.Pending && on >= all.From && on < tomorrow
			if follows {
				oldest = min(oldest, on)
			}
			if !within(w, on) && (follows || on == tomorrow) {
				complete = false
			}
			if r.asked(on) {
				told = append(told, row)
			}
		}
		b.Transactions = append(b.Transactions, mapping.Transactions(acc, told, r.want.Now)...)
	}
	if w != nil && complete {
		b.TransactionHistory = w
		b.Transactions = slices.DeleteFunc(b.Transactions, func(t connector.Transaction) bool { return !within(w, t.Date) })
	} else if im.Pending >= r.reach() { // not known to be gone
		oldest = min(oldest, im.Pending)
	}
	im.Pending = 0
	if oldest < tomorrow {
		im.Pending = oldest
	}
}

// investmentRows adds the movements of investment accounts. Pending ones are left out: they come back under other ids.
func (r *run) investmentRows(g *group, later []*group, book *mapping.Book, b *connector.Batch) {
	tell := r.asked
	if w := r.whole(); w != nil && r.complete(g, later, b, true) {
		b.InvestmentHistory = w
		tell = func(on plaid.Date) bool { return within(w, on) }
	}
	for _, acc := range accountsOf(g, b, true) {
		for _, row := range rows(acc, later) {
			on := plaid.DateOf(time.Unix(row.Posted, 0))
			if !row.Pending && tell(on) {
				b.InvestmentTransactions = append(b.InvestmentTransactions, book.Movement(acc, row, on))
			}
		}
	}
	slices.SortStableFunc(b.InvestmentTransactions, func(x, y connector.InvestmentTransaction) int {
		return cmp.Or(cmp.Compare(x.Date, y.Date), cmp.Compare(x.AccountKey, y.AccountKey), cmp.Compare(x.Key, y.Key))
	})
}

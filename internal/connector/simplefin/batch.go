package simplefin

import (
	"cmp"
	"slices"
	"time"

	"weft/internal/connector"
	"weft/internal/connector/simplefin/mapping"
	"weft/internal/connector/simplefin/rules"
	"weft/internal/connector/simplefin/span"
	"weft/internal/connector/simplefin/wire"
	"weft/internal/plaid"
)

// batch is what the answers say of an institution. Accounts and holdings are the newest answer's; movements are gathered from
// all.
func (r *run) batch(g *group) connector.Batch {
	im := r.memory.of(g.id)
	b := connector.Batch{Partial: g.partial || (g.troubled() && r.lacks(g, im))}
	later := r.later(g)
	book := mapping.NewBook(im.Symbols)
	kept := map[string]accountMemory{}
	total := mapping.TotalCosts(g.accounts)
	for _, acc := range g.accounts {
		before, seen := im.Accounts[acc.ID]
		if before.Held && (acc.Lost || (g.failed(acc.ID) && len(acc.Holdings) == 0)) {
			kept[acc.ID] = before // its positions are not gone because the bank could not tell them
			b.Partial = true
			continue
		}
		now := r.kindOf(g.id, acc, before, seen)
		kept[acc.ID] = now
		kind := r.override(g.id, acc.ID, rules.Kind{Type: now.Type, Subtype: now.Subtype})
		b.Accounts = append(b.Accounts, mapping.Account(acc, kind))
		if kind.Type == plaid.TypeInvestment {
			if r.investments() {
				b.Holdings = append(b.Holdings, book.Holdings(acc, total)...)
			}
		} else if r.transactions() {
			b.Transactions = append(b.Transactions, mapping.Transactions(acc, r.rows(acc, later), r.want.Now)...)
		}
	}
	if r.investments() {
		r.investmentRows(g, later, book, &b)
		b.Securities = book.Used()
	}
	if b.Partial { // accounts that the batch does not name stay
		for key, was := range im.Accounts {
			if _, ok := kept[key]; !ok {
				kept[key] = was
			}
		}
	}
	im.Accounts = kept
	return b
}

// lacks reports whether an account that was known is missing.
func (r *run) lacks(g *group, im *institutionMemory) bool {
	for key := range im.Accounts {
		if !slices.ContainsFunc(g.accounts, func(a wire.Account) bool { return a.ID == key }) {
			return true
		}
	}
	return false
}

// later are the institution's groups of the answers for older windows.
func (r *run) later(g *group) []*group {
	var list []*group
	for _, answer := range r.answers[1:] {
		if own := pick(groups(answer, r.memory), g.id); own != nil {
			list = append(list, own)
		}
	}
	return list
}

// rows are an account's movements from all answers. Where windows overlap the newest answer counts, but what is posted counts
// before what is pending.
func (r *run) rows(acc wire.Account, later []*group) []wire.Transaction {
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

// kindOf infers an account's kind once and holds on to it, except that holdings make any account an investment account. Then
// its movements are of another kind than before, and are asked for again.
func (r *run) kindOf(id string, acc wire.Account, before accountMemory, seen bool) accountMemory {
	held := len(acc.Holdings) > 0 || acc.Lost
	if seen && (before.Held || !held) {
		return before
	}
	kind := rules.AccountKind(acc.Name, acc.Balance.Sign(), held)
	if seen && before.Type != kind.Type {
		r.memory.of(id).Covered = nil
	}
	return accountMemory{Type: kind.Type, Subtype: kind.Subtype, Held: held}
}

func (r *run) override(institutionID, account string, kind rules.Kind) rules.Kind {
	if o, ok := r.credentials.Overrides[institutionID][account]; ok {
		return rules.Kind{Type: o.Type, Subtype: o.Subtype}
	}
	return kind
}

// investmentRows adds the movements of investment accounts. Pending ones are left out: they come back under other ids.
func (r *run) investmentRows(g *group, later []*group, book *mapping.Book, b *connector.Batch) {
	whole := !b.Partial && !g.troubled() && len(later) == len(r.answers)-1 && !slices.ContainsFunc(later, (*group).troubled)
	spans := span.Merge(r.fetched)
	for _, acc := range g.accounts {
		i := slices.IndexFunc(b.Accounts, func(a connector.Account) bool { return a.Key == acc.ID })
		if i < 0 || b.Accounts[i].Type != plaid.TypeInvestment {
			continue
		}
		whole = whole && len(acc.Rejected) == 0
		for _, old := range later {
			for _, same := range old.accounts {
				whole = whole && (same.ID != acc.ID || len(same.Rejected) == 0)
			}
		}
		for _, row := range r.rows(acc, later) {
			on := plaid.DateOf(time.Unix(row.Posted, 0))
			asked := slices.ContainsFunc(spans, func(s span.Span) bool { return s.From <= on && on < s.To })
			if !row.Pending && asked { // a server that sends more than was asked for may do so once only
				b.InvestmentTransactions = append(b.InvestmentTransactions, book.Movement(acc, row, on))
			}
		}
	}
	slices.SortStableFunc(b.InvestmentTransactions, func(x, y connector.InvestmentTransaction) int {
		return cmp.Or(cmp.Compare(x.Date, y.Date), cmp.Compare(x.AccountKey, y.AccountKey), cmp.Compare(x.Key, y.Key))
	})
	// Only an answer without any trouble says that what it does not have is gone; and the window must be one.
	if whole && len(spans) == 1 && r.movements() {
		b.InvestmentHistory = &connector.Window{From: spans[0].From, To: spans[0].To.AddDays(-1)}
	}
}

package simplefin

import (
	"slices"

	"weft/internal/connector"
	"weft/internal/connector/simplefin/mapping"
	"weft/internal/connector/simplefin/rules"
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
		if kind.Type == plaid.TypeInvestment && r.investments() {
			b.Holdings = append(b.Holdings, book.Holdings(acc, total)...)
		}
	}
	if r.movements() && r.transactions() {
		r.bankRows(g, later, im, &b)
	}
	if r.movements() && r.investments() {
		r.investmentRows(g, later, book, &b)
	}
	if r.investments() {
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
	for _, groups := range r.groups[1:] {
		if own := pick(groups, g.id); own != nil {
			list = append(list, own)
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

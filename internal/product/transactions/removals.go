package transactions

import (
	"cmp"
	"slices"
	"strings"

	"weft/internal/plaid"
)

// settledNow are the pending rows that the answer names as settled.
func (c *change) settledNow() map[rowKey]bool {
	settled := map[rowKey]bool{}
	for i := range c.list {
		if t := &c.list[i]; t.PendingKey != "" && t.PendingKey != t.Key && !t.Pending {
			settled[rowKey{t.account, t.PendingKey}] = true
		}
	}
	return settled
}

// dropSettled leaves out pending rows that are settled, in an answer that is not all of the present: an older file may still
// state them.
func (c *change) dropSettled() error {
	pending := func(t stated) bool { return t.Pending }
	if history(c.Refreshed) != nil || !slices.ContainsFunc(c.list, pending) {
		return nil
	}
	settled := c.settledNow()
	for key, r := range c.known {
		if r.removed || !strings.Contains(r.source, `"pending_key":`) {
			continue
		}
		t, err := r.transaction()
		if err != nil {
			return err
		}
		if t.PendingKey != t.Key && !t.Pending {
			settled[rowKey{key.account, t.PendingKey}] = true
		}
	}
	c.list = slices.DeleteFunc(c.list, func(t stated) bool { return t.Pending && settled[t.rowKey()] })
	return nil
}

// takeBack removes the known rows that were corrected, that are settled, or that the bank, which has stated all of its
// window, no longer has. They stay without their text, so that clients can follow.
func (c *change) takeBack() error {
	gone := map[rowKey]bool{}
	for _, id := range c.corrections.Taken() {
		gone[rowKey{id[0], id[1]}] = true
	}
	for key := range c.settledNow() {
		r, ok := c.known[key]
		if !ok || r.removed || c.seen[key] {
			continue
		}
		t, err := r.transaction()
		if err != nil {
			return err
		}
		if t.Pending {
			gone[key] = true
		}
	}
	c.missing(gone)
	var keys []rowKey
	for key := range gone {
		if r, ok := c.known[key]; ok && !r.removed {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b rowKey) int {
		return cmp.Or(cmp.Compare(c.known[a].date, c.known[b].date), cmp.Compare(a.account, b.account), cmp.Compare(a.key, b.key))
	})
	for _, key := range keys {
		old := c.known[key]
		c.write(key, row{id: old.id, first: old.first, added: old.added, removed: true, date: old.date}, nil)
		c.counts.Removed++
		c.removed = append(c.removed, old.id)
	}
	return c.tellAgain(gone)
}

// back reports whether an account was gone and is there again.
func (c *change) back(accountID string) bool { return slices.Contains(c.Item.Gone, accountID) }

// tellAgain has the rows of accounts that are back, as far as the answer does not state them, told once more: whoever has followed
// meanwhile was not told of them. Those that it states are in put.
func (c *change) tellAgain(gone map[rowKey]bool) error {
	back := map[string]bool{}
	for _, id := range c.AccountIDs {
		back[id] = c.back(id)
	}
	var keys []rowKey
	for key, r := range c.known {
		if back[key.account] && !r.removed && !c.seen[key] && !gone[key] {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b rowKey) int { return cmp.Compare(c.known[a].added, c.known[b].added) })
	for _, key := range keys {
		if err := c.repeat(key); err != nil {
			return err
		}
	}
	return nil
}

// repeat has a known row told once more, as it is.
func (c *change) repeat(key rowKey) error {
	r := c.known[key]
	t, err := r.transaction()
	if err != nil {
		return err
	}
	c.counts.Changed++
	c.write(key, r, &stated{t, key.account})
	return nil
}

// missing adds the rows that are missing from the window, of the accounts that the answer names, and all rows of accounts
// that it now takes for investment accounts: their movements are told otherwise.
func (c *change) missing(gone map[rowKey]bool) {
	investment := map[string]bool{}
	for _, a := range c.Batch.Accounts {
		investment[c.AccountIDs[a.Key]] = a.Type == plaid.TypeInvestment
	}
	for key := range c.known {
		if investment[key.account] && !c.seen[key] {
			gone[key] = true
		}
	}
	window := history(c.Refreshed)
	if window == nil {
		return
	}
	named := map[string]bool{}
	for _, id := range c.AccountIDs {
		named[id] = true
	}
	from, to := max(window.From, c.reach.from).String(), window.To.String()
	for key, r := range c.known {
		if !c.seen[key] && named[key.account] && r.date >= from && r.date <= to {
			gone[key] = true
		}
	}
}

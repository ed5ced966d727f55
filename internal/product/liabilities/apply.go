package liabilities

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"weft/internal/connector"
	"weft/internal/item"
	"weft/internal/item/debts"
	"weft/internal/item/event"
	"weft/internal/plaid"
	"weft/internal/store"
)

// position is what an Item owes: each list is null where no account is of its kind.
type position struct {
	Credit   []plaid.CreditCard  `json:"credit"`
	Mortgage []plaid.Mortgage    `json:"mortgage"`
	Student  []plaid.StudentLoan `json:"student"`
}

// apply writes what a bank's answer states of debts, and tells the client what of it is news. An answer that was not about
// liabilities changes nothing.
func (s *service) apply(ctx context.Context, tx *store.Tx, r *item.Refreshed) (bool, error) {
	if !r.Want.Has(productName) {
		return false, nil
	}
	stored, err := s.read(ctx, tx, r.Item)
	if err != nil {
		return false, err
	}
	var before position
	first := stored == nil
	if !first {
		if err := json.Unmarshal(stored, &before); err != nil {
			return false, err
		}
	}
	after, err := before.restated(r)
	if err != nil {
		return false, err
	}
	doc, err := plaid.JSON(after)
	if err != nil || bytes.Equal(doc, stored) {
		return false, err
	}
	if err := s.write(ctx, tx, r.Item, doc); err != nil {
		return false, err
	}
	news, counts, err := compare(before, after)
	if err != nil {
		return false, err
	}
	r.Report[debts.Document] = counts
	if first || len(news.New)+len(news.Updated) == 0 { // what an Item has at first is no change
		return true, nil
	}
	return true, s.items.Events.Tell(ctx, tx, r.Item.Target(), event.Event{Type: "LIABILITIES", Code: "DEFAULT_UPDATE", Members: news})
}

// restated is the position after an answer. What a partial answer does not state, or what is known as of a later moment,
// stays.
func (p position) restated(r *item.Refreshed) (position, error) {
	stated, older := map[string]connector.Liability{}, map[string]bool{}
	for _, a := range r.Batch.Accounts {
		older[r.AccountIDs[a.Key]] = r.Older[a.Key]
	}
	for _, l := range r.Batch.Liabilities {
		id, ok := r.AccountIDs[l.AccountKey]
		if !ok {
			return p, fmt.Errorf("liabilities: debt of unknown account %q", l.AccountKey)
		}
		stated[id] = l
	}
	stays := func(id string) bool {
		_, restated := stated[id]
		return older[id] || r.Batch.Partial && !restated
	}
	var after position
	for _, c := range p.Credit {
		if stays(c.AccountID) || r.Batch.Partial && later(c, stated[c.AccountID].Credit) {
			older[c.AccountID] = true
			after.Credit = append(after.Credit, c)
		}
	}
	for _, m := range p.Mortgage {
		if stays(m.AccountID) {
			after.Mortgage = append(after.Mortgage, m)
		}
	}
	for _, l := range p.Student {
		if stays(l.AccountID) {
			after.Student = append(after.Student, l)
		}
	}
	for _, l := range r.Batch.Liabilities {
		if id := r.AccountIDs[l.AccountKey]; !older[id] {
			after.add(id, l)
		}
	}
	return after, nil
}

// later reports whether a stored card has a statement of a later day than another statement of it.
func later(stored plaid.CreditCard, c *plaid.CreditCard) bool {
	return c != nil && c.LastStatementIssueDate != nil && stored.LastStatementIssueDate != nil && *c.LastStatementIssueDate < *stored.LastStatementIssueDate
}

// add takes a debt that the bank states, with the id of its account.
func (p *position) add(id string, l connector.Liability) {
	switch {
	case l.Credit != nil:
		c := *l.Credit
		c.AccountID = id
		if c.APRs == nil {
			c.APRs = []plaid.APR{}
		}
		p.Credit = append(p.Credit, c)
	case l.Mortgage != nil:
		m := *l.Mortgage
		m.AccountID = id
		p.Mortgage = append(p.Mortgage, m)
	case l.Student != nil:
		loan := *l.Student
		loan.AccountID = id
		p.Student = append(p.Student, loan)
	}
}

// updated are the members of the webhook: accounts whose debt is new, and of others the names of the members that changed.
type updated struct {
	Error   *plaid.ItemError    `json:"error"`
	New     []string            `json:"account_ids_with_new_liabilities"`
	Updated map[string][]string `json:"account_ids_with_updated_liabilities"`
}

// compare tells two positions apart, by account.
func compare(before, after position) (news updated, counts item.Counts, err error) {
	old, err := before.members()
	if err != nil {
		return news, counts, err
	}
	now, err := after.members()
	if err != nil {
		return news, counts, err
	}
	news = updated{New: []string{}, Updated: map[string][]string{}}
	for _, id := range slices.Sorted(maps.Keys(now)) {
		was, known := old[id]
		if !known {
			news.New = append(news.New, id)
			continue
		}
		var changed []string
		for _, name := range slices.Sorted(maps.Keys(now[id])) {
			if string(was[name]) != string(now[id][name]) {
				changed = append(changed, name)
			}
		}
		if changed == nil {
			counts.Unchanged++
			continue
		}
		news.Updated[id] = changed
	}
	for id := range old {
		if _, has := now[id]; !has {
			counts.Removed++
		}
	}
	counts.Added, counts.Changed = len(news.New), len(news.Updated)
	return news, counts, nil
}

// members are the members of each account's debt, as they are answered.
func (p position) members() (map[string]map[string]json.RawMessage, error) {
	all := map[string]map[string]json.RawMessage{}
	put := func(id string, debt any) error {
		doc, err := plaid.JSON(debt)
		if err != nil {
			return err
		}
		var members map[string]json.RawMessage
		err = json.Unmarshal(doc, &members)
		all[id] = members
		return err
	}
	var err error
	for _, c := range p.Credit {
		err = errors.Join(err, put(c.AccountID, c))
	}
	for _, m := range p.Mortgage {
		err = errors.Join(err, put(m.AccountID, m))
	}
	for _, l := range p.Student {
		err = errors.Join(err, put(l.AccountID, l))
	}
	return all, err
}

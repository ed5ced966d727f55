package transactions

import (
	"cmp"
	"encoding/json"
	"slices"

	"weft/internal/connector"
	"weft/internal/item/match"
)

// recognise puts the stated transactions in the order of their dates, those that the bank names otherwise than before under
// their known keys and references.
func (c *change) recognise() error {
	slices.SortStableFunc(c.list, func(a, b stated) int { return cmp.Compare(a.Date, b.Date) })
	if len(c.known) == 0 {
		return nil
	}
	list := make([]match.Stated, len(c.list))
	for i := range c.list {
		t := &c.list[i]
		_, known := c.known[t.rowKey()]
		list[i] = match.Stated{Entry: match.Entry{Account: t.account, Key: t.Key, Date: t.Date}, Known: known, Restored: c.restored[t.rowKey()]}
		if !known {
			list[i].Content = contentOf(t.Transaction)
		}
	}
	renamed, err := c.corrections.Renamed(list, c.knownEntries, c.window)
	if err != nil {
		return err
	}
	for i := range c.list {
		t := &c.list[i]
		if key, ok := renamed[[2]string{t.account, t.Key}]; ok {
			t.Key, t.Reference = key, c.known[rowKey{t.account, key}].reference
		}
	}
	return nil
}

// knownEntries are the known transactions, with what they say where the answer lacks them. A pending one that a stated one
// names as settled is not the same as any other.
func (c *change) knownEntries(inAnswer map[[2]string]bool) ([]match.Entry, error) {
	settled := c.settledNow()
	entries := make([]match.Entry, 0, len(c.known))
	for key, row := range c.known {
		e := match.Entry{Account: key.account, Key: key.key}
		if !inAnswer[[2]string{key.account, key.key}] && !row.removed && !settled[key] {
			t, err := row.transaction()
			if err != nil {
				return nil, err
			}
			e.Date, e.Content = t.Date, contentOf(t)
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// window is the days that the answer covers of an account.
func (c *change) window(account string) *connector.Window {
	if w := history(c.Refreshed); w != nil {
		return w
	}
	return c.Window(account)
}

func (r row) transaction() (t connector.Transaction, err error) {
	err = json.Unmarshal([]byte(r.source), &t)
	return t, err
}

func contentOf(t connector.Transaction) string {
	return match.Content(t.Amount.String(), t.Name, t.Payee, t.Memo, t.CheckNumber)
}

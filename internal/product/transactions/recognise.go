package transactions

import (
	"cmp"
	"encoding/json"
	"slices"

	"weft/internal/connector"
	"weft/internal/item/match"
)

// recognise puts the stated transactions in the order of their dates, those that the bank names otherwise than before under
// their known keys and references. Rows that are taken back are neither: what looks like one of them is another.
func (c *change) recognise() error {
	slices.SortStableFunc(c.list, func(a, b stated) int { return cmp.Compare(a.Date, b.Date) })
	entries := make([]match.Entry, 0, len(c.list))
	inAnswer := make(map[rowKey]bool, len(c.list))
	news := 0
	for i := range c.list {
		t := &c.list[i]
		key := t.rowKey()
		inAnswer[key] = true
		if c.restored[key] || c.corrections.TakenBack(key.account, key.key) {
			continue
		}
		e := match.Entry{Account: key.account, Key: key.key, Date: t.Date}
		if _, ok := c.known[key]; !ok {
			news++
			e.Content = c.contentOf(key, t.Transaction)
		}
		entries = append(entries, e)
	}
	if news == 0 || len(c.known) == 0 {
		return nil
	}
	known, err := c.knownEntries(inAnswer)
	if err != nil {
		return err
	}
	renamed := match.Rows(known, entries, c.window)
	for i := range c.list {
		t := &c.list[i]
		if key, ok := renamed[[2]string{t.account, t.Key}]; ok {
			t.Key, t.Reference = key, c.known[rowKey{t.account, key}].reference
		}
	}
	return nil
}

// knownEntries are the known transactions. A pending one that a stated one names as settled is not the same as any other.
func (c *change) knownEntries(inAnswer map[rowKey]bool) ([]match.Entry, error) {
	settled := c.settledNow()
	entries := make([]match.Entry, 0, len(c.known))
	for key, row := range c.known {
		if c.corrections.TakenBack(key.account, key.key) {
			continue
		}
		e := match.Entry{Account: key.account, Key: key.key}
		if !inAnswer[key] && !row.removed && !settled[key] {
			t, err := row.transaction()
			if err != nil {
				return nil, err
			}
			e.Date, e.Content = t.Date, c.contentOf(key, t)
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

// contentOf is what a row says. What replaces another row is the same as what replaces one only.
func (c *change) contentOf(key rowKey, t connector.Transaction) string {
	content := contentOf(t)
	if c.corrections.Replacement(key.account, key.key) {
		content += "\x00replaces"
	}
	return content
}

func contentOf(t connector.Transaction) string {
	return match.Content(t.Amount.String(), t.Name, t.Payee, t.Memo, t.CheckNumber)
}

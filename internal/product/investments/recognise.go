package investments

import (
	"cmp"
	"encoding/json"
	"slices"

	"weft/internal/connector"
	"weft/internal/item/match"
	"weft/internal/plaid"
)

// recognise puts the stated transactions in the order of their dates, those that the bank names otherwise than before under
// their known keys and references. Rows that are taken back are neither: what looks like one of them is another.
func (l *log) recognise() error {
	slices.SortStableFunc(l.list, func(a, b connector.InvestmentTransaction) int { return cmp.Compare(a.Date, b.Date) })
	stated := make([]match.Entry, 0, len(l.list))
	inAnswer := make(map[rowKey]bool, len(l.list))
	news := 0
	for _, t := range l.list {
		key := keyOf(t)
		inAnswer[key] = true
		if l.restored[key] || l.corrections.TakenBack(key.account, key.key) {
			continue
		}
		e := match.Entry{Account: key.account, Key: key.key, Date: t.Date}
		if _, ok := l.known[key]; !ok {
			news++
			e.Content = l.contentOf(key, t.InvestmentTransaction)
		}
		stated = append(stated, e)
	}
	if news == 0 || len(l.known) == 0 {
		return nil
	}
	entries := make([]match.Entry, 0, len(l.known))
	for key, row := range l.known {
		if l.corrections.TakenBack(key.account, key.key) {
			continue
		}
		e := match.Entry{Account: key.account, Key: key.key}
		if !inAnswer[key] {
			var t plaid.InvestmentTransaction
			if err := json.Unmarshal([]byte(row.document), &t); err != nil {
				return err
			}
			e.Date, e.Content = t.Date, l.contentOf(key, t)
		}
		entries = append(entries, e)
	}
	renamed := match.Rows(entries, stated, l.Window)
	for i := range l.list {
		t := &l.list[i]
		if key, ok := renamed[[2]string{t.AccountID, t.Key}]; ok {
			t.Key, t.Reference = key, l.known[rowKey{t.AccountID, key}].reference
		}
	}
	return nil
}

// contentOf is what a row says. What replaces another row is the same as what replaces one only.
func (l *log) contentOf(key rowKey, t plaid.InvestmentTransaction) string {
	content := contentOf(t)
	if l.corrections.Replacement(key.account, key.key) {
		content += "\x00replaces"
	}
	return content
}

func contentOf(t plaid.InvestmentTransaction) string {
	security := ""
	if t.SecurityID != nil {
		security = *t.SecurityID
	}
	return match.Content(t.Amount.String(), t.Quantity.String(), t.Name, security)
}

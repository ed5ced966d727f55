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
// their known keys and references.
func (l *log) recognise() error {
	slices.SortStableFunc(l.list, func(a, b connector.InvestmentTransaction) int { return cmp.Compare(a.Date, b.Date) })
	if len(l.known) == 0 {
		return nil
	}
	stated := make([]match.Stated, len(l.list))
	for i, t := range l.list {
		_, known := l.known[keyOf(t)]
		stated[i] = match.Stated{Entry: match.Entry{Account: t.AccountID, Key: t.Key, Date: t.Date}, Known: known, Restored: l.restored[keyOf(t)]}
		if !known {
			stated[i].Content = contentOf(t.InvestmentTransaction)
		}
	}
	renamed, err := l.corrections.Renamed(stated, l.knownEntries, l.Window)
	if err != nil {
		return err
	}
	for i := range l.list {
		t := &l.list[i]
		if key, ok := renamed[[2]string{t.AccountID, t.Key}]; ok {
			t.Key, t.Reference = key, l.known[rowKey{t.AccountID, key}].reference
		}
	}
	return nil
}

// knownEntries are the known transactions, with what they say where the answer lacks them.
func (l *log) knownEntries(inAnswer map[[2]string]bool) ([]match.Entry, error) {
	entries := make([]match.Entry, 0, len(l.known))
	for key, row := range l.known {
		e := match.Entry{Account: key.account, Key: key.key}
		if !inAnswer[[2]string{key.account, key.key}] {
			var t plaid.InvestmentTransaction
			if err := json.Unmarshal([]byte(row.document), &t); err != nil {
				return nil, err
			}
			e.Date, e.Content = t.Date, contentOf(t)
		}
		entries = append(entries, e)
	}
	return entries, nil
}

func contentOf(t plaid.InvestmentTransaction) string {
	security := ""
	if t.SecurityID != nil {
		security = *t.SecurityID
	}
	return match.Content(t.Amount.String(), t.Quantity.String(), t.Name, security)
}

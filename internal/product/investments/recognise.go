package investments

import (
	"cmp"
	"encoding/json"
	"slices"

	"weft/internal/connector"
	"weft/internal/item"
	"weft/internal/item/match"
	"weft/internal/plaid"
)

// recognise is the stated transactions by date, those that the bank names otherwise than before under their known keys.
func recognise(r *item.Refreshed, known map[rowKey]row, securities map[string]plaid.Security) ([]connector.InvestmentTransaction, error) {
	list := slices.Clone(r.Batch.InvestmentTransactions)
	slices.SortStableFunc(list, func(a, b connector.InvestmentTransaction) int { return cmp.Compare(a.Date, b.Date) })
	stated := make([]match.Entry, len(list))
	inAnswer := make(map[rowKey]bool, len(list))
	news := 0
	for i, t := range list {
		key := rowKey{r.AccountIDs[t.AccountKey], t.Key}
		stated[i] = match.Entry{Account: key.account, Key: key.key, Date: t.Date}
		inAnswer[key] = true
		if _, ok := known[key]; !ok {
			news++
			stated[i].Content = contentOf(t.InvestmentTransaction, securities[t.SecurityKey].SecurityID)
		}
	}
	if news == 0 || news == len(list) && len(known) == 0 {
		return list, nil
	}
	entries := make([]match.Entry, 0, len(known))
	for key, row := range known {
		e := match.Entry{Account: key.account, Key: key.key}
		if !inAnswer[key] {
			var t plaid.InvestmentTransaction
			if err := json.Unmarshal([]byte(row.document), &t); err != nil {
				return nil, err
			}
			security := ""
			if t.SecurityID != nil {
				security = *t.SecurityID
			}
			e.Date, e.Content = t.Date, contentOf(t, security)
		}
		entries = append(entries, e)
	}
	renamed := match.Rows(entries, stated, r.Window)
	for i, t := range list {
		if key, ok := renamed[[2]string{r.AccountIDs[t.AccountKey], t.Key}]; ok {
			list[i].Key = key
		}
	}
	return list, nil
}

func contentOf(t plaid.InvestmentTransaction, securityID string) string {
	return match.Content(t.Amount.String(), t.Quantity.String(), t.Name, securityID)
}

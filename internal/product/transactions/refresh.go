package transactions

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"weft/internal/connector"
	"weft/internal/ident"
	"weft/internal/item"
	"weft/internal/item/match"
	"weft/internal/plaid"
	"weft/internal/product"
	"weft/internal/store"
)

// New is the product.
func New() product.Product {
	return product.Product{Name: "transactions", Apply: apply}
}

// row is a stored transaction.
type row struct {
	added, sequence int64
	removed         bool
	date, source    string
}

// rowKey is the bank's name of a transaction within the Item.
type rowKey struct{ account, key string }

var columns = []string{"item_key", "account_id", "native_key", "transaction_id", "added", "sequence", "removed", "date", "source"}

// apply brings the stored transactions to what the bank states. Each change has the Item's next sequence number; what is
// stated again as it was has none.
func apply(ctx context.Context, tx *store.Tx, r *item.Refreshed) (bool, error) {
	if len(r.Batch.Transactions) == 0 {
		return false, nil
	}
	known, next, err := knownRows(ctx, tx, r.Item.Key)
	if err != nil {
		return false, err
	}
	list, err := recognise(r, known)
	if err != nil {
		return false, err
	}
	var counts item.Counts
	var written [][]any
	seen := make(map[rowKey]bool, len(list))
	for _, t := range list {
		account, ok := r.AccountIDs[t.AccountKey]
		if !ok {
			return false, fmt.Errorf("transactions: transaction in unknown account %q", t.AccountKey)
		}
		key := rowKey{account, t.Key}
		if seen[key] {
			return false, fmt.Errorf("transactions: the bank names two transactions %q in one account", t.Key)
		}
		seen[key] = true
		source, err := plaid.JSON(t)
		if err != nil {
			return false, err
		}
		old, ok := known[key]
		switch {
		case ok && !old.removed && old.source == string(source):
			counts.Unchanged++
			continue
		case ok && !old.removed:
			counts.Changed++
		default:
			counts.Added++
			old.added = next
		}
		written = append(written, []any{r.Item.Key, account, t.Key, ident.Derive("transaction", r.Item.ID, account, t.Key), old.added, next, 0, t.Date.String(), string(source)})
		next++
	}
	r.Report["transactions"] = counts
	err = tx.Insert(ctx, "transactions", columns, written, `on conflict (item_key, account_id, native_key)
		do update set added = excluded.added, sequence = excluded.sequence, removed = 0, date = excluded.date, source = excluded.source`)
	return len(written) > 0, err
}

func knownRows(ctx context.Context, tx *store.Tx, itemKey string) (known map[rowKey]row, next int64, err error) {
	rows, err := tx.Query(ctx, `select account_id, native_key, added, sequence, removed, date, source from transactions where item_key = $1`, itemKey)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	known, next = map[rowKey]row{}, 1
	for rows.Next() {
		var key rowKey
		var r row
		var removed int64
		if err := rows.Scan(&key.account, &key.key, &r.added, &r.sequence, &removed, &r.date, &r.source); err != nil {
			return nil, 0, err
		}
		r.removed = removed != 0
		known[key] = r
		next = max(next, r.sequence+1)
	}
	return known, next, rows.Err()
}

// recognise is the stated transactions by date, those that the bank names otherwise than before under their known keys.
func recognise(r *item.Refreshed, known map[rowKey]row) ([]connector.Transaction, error) {
	list := slices.Clone(r.Batch.Transactions)
	slices.SortStableFunc(list, func(a, b connector.Transaction) int { return cmp.Compare(a.Date, b.Date) })
	stated := make([]match.Entry, len(list))
	inAnswer := make(map[rowKey]bool, len(list))
	for i, t := range list {
		stated[i] = match.Entry{Account: r.AccountIDs[t.AccountKey], Key: t.Key, Date: t.Date, Content: contentOf(t)}
		inAnswer[rowKey{stated[i].Account, t.Key}] = true
	}
	entries := make([]match.Entry, 0, len(known))
	for key, row := range known {
		e := match.Entry{Account: key.account, Key: key.key}
		if !inAnswer[key] && !row.removed {
			var t connector.Transaction
			if err := json.Unmarshal([]byte(row.source), &t); err != nil {
				return nil, err
			}
			e.Date, e.Content = t.Date, contentOf(t)
		}
		entries = append(entries, e)
	}
	renamed := match.Rows(entries, stated, r.Window)
	for i, t := range list {
		if key, ok := renamed[[2]string{stated[i].Account, t.Key}]; ok {
			list[i].Key = key
		}
	}
	return list, nil
}

func contentOf(t connector.Transaction) string {
	return match.Content(t.Amount.String(), t.Name, t.Payee, t.Memo, t.CheckNumber)
}

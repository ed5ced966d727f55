package investments

import (
	"context"
	"encoding/json"
	"fmt"

	"weft/internal/connector"
	"weft/internal/ident"
	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/store"
)

// apply writes what the product keeps of a bank's answer. An answer that was not about investments changes nothing.
func (s *service) apply(ctx context.Context, tx *store.Tx, r *item.Refreshed) (bool, error) {
	if !r.Want.Has(productName) && !r.Want.Has(authProductName) {
		return false, nil
	}
	securities, changed, err := applySecurities(ctx, tx, r)
	if err != nil {
		return false, err
	}
	did, err := applyHoldings(ctx, tx, r, securities)
	if err != nil {
		return false, err
	}
	changed = changed || did
	did, err = applyTransactions(ctx, tx, r, securities)
	return changed || did, err
}

// applySecurities writes the batch's securities and returns them, with their ids, by the bank's keys. An id once issued
// within an Item stays, even when the bank later gives a stronger identifier.
func applySecurities(ctx context.Context, tx *store.Tx, r *item.Refreshed) (map[string]plaid.Security, bool, error) {
	known, err := knownSecurities(ctx, tx, r.Item.Key)
	if err != nil {
		return nil, false, err
	}
	securities := make(map[string]plaid.Security, len(r.Batch.Securities))
	var rows [][]any
	for _, s := range r.Batch.Securities {
		if _, twice := securities[s.Key]; twice {
			return nil, false, fmt.Errorf("investments: the bank states the security %q twice", s.Key)
		}
		old, ok := known[s.Key]
		s.SecurityID = old.id
		if !ok {
			s.SecurityID = securityID(s.Security, r.Item.InstitutionID, s.Key)
		}
		if s.InstitutionSecurityID != nil {
			s.InstitutionID = &r.Item.InstitutionID
		}
		securities[s.Key] = s.Security
		doc, err := plaid.JSON(s.Security)
		if err != nil {
			return nil, false, err
		}
		if r.Batch.Partial && ok && laterPrice(old.document, s.Security) {
			continue
		}
		if string(doc) != string(old.document) {
			rows = append(rows, []any{r.Item.Key, s.Key, s.SecurityID, string(doc)})
		}
	}
	err = tx.Insert(ctx, "item_securities", []string{"item_key", "native_key", "security_id", "document"}, rows,
		"on conflict (item_key, native_key) do update set document = excluded.document")
	return securities, len(rows) > 0, err
}

// laterPrice reports whether a stored security has a price of a later day than another statement of it.
func laterPrice(stored json.RawMessage, s plaid.Security) bool {
	var old plaid.Security
	if json.Unmarshal(stored, &old) != nil || old.ClosePriceAsOf == nil {
		return false
	}
	return s.ClosePriceAsOf == nil || *s.ClosePriceAsOf < *old.ClosePriceAsOf
}

func knownSecurities(ctx context.Context, tx *store.Tx, itemKey string) (map[string]itemSecurity, error) {
	rows, err := tx.Query(ctx, `select native_key, security_id, document from item_securities where item_key = $1`, itemKey)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	known := map[string]itemSecurity{}
	for rows.Next() {
		var key, doc string
		var sec itemSecurity
		if err := rows.Scan(&key, &sec.id, &doc); err != nil {
			return nil, err
		}
		sec.document = json.RawMessage(doc)
		known[key] = sec
	}
	return known, rows.Err()
}

// applyHoldings writes the holdings and the securities behind them, each security once. What a partial answer is silent
// about stays.
func applyHoldings(ctx context.Context, tx *store.Tx, r *item.Refreshed, securities map[string]plaid.Security) (bool, error) {
	p, err := readPosition(ctx, tx, r)
	if err != nil {
		return false, err
	}
	for _, h := range r.Batch.Holdings {
		sec, ok := securities[h.SecurityKey]
		if !ok {
			return false, fmt.Errorf("investments: holding of unknown security %q", h.SecurityKey)
		}
		if h.AccountID, ok = r.AccountIDs[h.AccountKey]; !ok {
			return false, fmt.Errorf("investments: holding in unknown account %q", h.AccountKey)
		}
		if r.Older[h.AccountKey] {
			continue
		}
		h.SecurityID = sec.SecurityID
		if h.TaxLots == nil {
			h.TaxLots = []plaid.TaxLot{}
		}
		if err := p.add(h.Holding, sec); err != nil {
			return false, err
		}
	}
	r.Report["holdings"] = p.counts()
	return p.write(ctx, tx, r.Item.Key)
}

// row is a stored investment transaction.
type row struct {
	ordinal  int64
	date     string
	document string
}

// rowKey is the bank's name of a transaction within the Item.
type rowKey struct{ account, key string }

// applyTransactions brings the stored log to what the bank states: new rows are added, rows that read otherwise are
// replaced in their place, and rows that are missing from the window that the bank covered completely are cancelled.
func applyTransactions(ctx context.Context, tx *store.Tx, r *item.Refreshed, securities map[string]plaid.Security) (bool, error) {
	known, next, err := knownTransactions(ctx, tx, r.Item.Key)
	if err != nil {
		return false, err
	}
	list, err := recognise(r, known, securities)
	if err != nil {
		return false, err
	}
	var added [][]any
	var counts item.Counts
	seen := make(map[rowKey]bool, len(list))
	for _, t := range list {
		key, values, err := transactionRow(r, t, securities)
		if err != nil {
			return false, err
		}
		if seen[key] {
			return false, fmt.Errorf("investments: the bank names two transactions %q in one account", t.Key)
		}
		seen[key] = true
		old, ok := known[key]
		switch {
		case !ok:
			counts.Added++
			added = append(added, append([]any{r.Item.Key, next}, values...))
			next++
		case old.document == values[5].(string):
			counts.Unchanged++
		default:
			counts.Changed++
			if _, err := tx.Exec(ctx, `update investment_transactions set security_id = $1, date = $2, document = $3 where item_key = $4 and ordinal = $5`,
				values[3], values[4], values[5], r.Item.Key, old.ordinal); err != nil {
				return false, err
			}
		}
	}
	if err := tx.Insert(ctx, "investment_transactions", transactionColumns, added, ""); err != nil {
		return false, err
	}
	if counts.Removed, err = cancel(ctx, tx, r, known, seen); err != nil {
		return false, err
	}
	r.Report["investment_transactions"] = counts
	return counts.Added+counts.Changed+counts.Removed > 0, nil
}

var transactionColumns = []string{"item_key", "ordinal", "account_id", "native_key", "transaction_id", "security_id", "date", "document"}

// transactionRow is a transaction as it is stored: the columns after item_key and ordinal.
func transactionRow(r *item.Refreshed, t connector.InvestmentTransaction, securities map[string]plaid.Security) (rowKey, []any, error) {
	var ok bool
	if t.AccountID, ok = r.AccountIDs[t.AccountKey]; !ok {
		return rowKey{}, nil, fmt.Errorf("investments: transaction in unknown account %q", t.AccountKey)
	}
	t.SecurityID = nil
	if t.SecurityKey != "" {
		sec, ok := securities[t.SecurityKey]
		if !ok {
			return rowKey{}, nil, fmt.Errorf("investments: transaction in unknown security %q", t.SecurityKey)
		}
		t.SecurityID = &sec.SecurityID
	}
	t.InvestmentTransactionID = ident.Derive("investment transaction", r.Item.ID, t.AccountID, t.Key)
	doc, err := plaid.JSON(t.InvestmentTransaction)
	return rowKey{t.AccountID, t.Key}, []any{t.AccountID, t.Key, t.InvestmentTransactionID, t.SecurityID, t.Date.String(), string(doc)}, err
}

func knownTransactions(ctx context.Context, tx *store.Tx, itemKey string) (known map[rowKey]row, next int64, err error) {
	rows, err := tx.Query(ctx, `select account_id, native_key, ordinal, date, document from investment_transactions where item_key = $1`, itemKey)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	known = map[rowKey]row{}
	for rows.Next() {
		var key rowKey
		var r row
		if err := rows.Scan(&key.account, &key.key, &r.ordinal, &r.date, &r.document); err != nil {
			return nil, 0, err
		}
		known[key] = r
		next = max(next, r.ordinal+1)
	}
	return known, next, rows.Err()
}

// cancel removes the known transactions that the bank, which has stated all of its window, no longer has.
func cancel(ctx context.Context, tx *store.Tx, r *item.Refreshed, known map[rowKey]row, seen map[rowKey]bool) (cancelled int, err error) {
	window := r.Batch.InvestmentHistory
	if window == nil || r.Batch.Partial {
		return 0, nil
	}
	from, to := window.From.String(), window.To.String()
	for key, row := range known {
		if seen[key] || row.date < from || row.date > to {
			continue
		}
		cancelled++
		if _, err := tx.Exec(ctx, `delete from investment_transactions where item_key = $1 and ordinal = $2`, r.Item.Key, row.ordinal); err != nil {
			return 0, err
		}
	}
	return cancelled, nil
}

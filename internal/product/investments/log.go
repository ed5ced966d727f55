package investments

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"weft/internal/connector"
	"weft/internal/item"
	"weft/internal/item/match"
	"weft/internal/plaid"
	"weft/internal/product"
	"weft/internal/product/investments/rows"
	"weft/internal/store"
)

const transactionsTable = rows.Table

// row is a stored investment transaction.
type row struct {
	ordinal             int64
	id, date, reference string
	document            string
}

// rowKey is the bank's name of a transaction within the Item.
type rowKey struct{ account, key string }

func keyOf(t connector.InvestmentTransaction) rowKey { return rowKey{t.AccountID, t.Key} }

// log is a stored log on its way to what the bank states.
type log struct {
	*item.Refreshed
	known map[rowKey]row
	next  int64 // ordinal
	// corrections are those of this answer and of all before.
	corrections *match.Corrections
	list        []connector.InvestmentTransaction // with the ids of their accounts and securities
	seen        map[rowKey]bool
	restored    map[rowKey]bool // of the list, what the answer does not state
	added       [][]any
	days        product.DayChanges
	touched     map[string]bool // accounts
	gone        map[rowKey]bool // of the known
	// stated are the rows of the answer as they are stored now, by account.
	stated    map[string][]plaid.InvestmentTransaction
	counts    item.Counts
	reversals int // of the added ones: they cancel a transaction that stays
}

// applyTransactions brings the stored log to what the bank states: new rows are added, rows that read otherwise are
// replaced in their place, and rows that the bank has corrected, or that are missing from the window that it covered
// completely, are gone.
func applyTransactions(ctx context.Context, tx *store.Tx, r *item.Refreshed, securities map[string]plaid.Security) (*log, error) {
	l := &log{Refreshed: r, known: map[rowKey]row{}, restored: map[rowKey]bool{}, touched: map[string]bool{}, gone: map[rowKey]bool{},
		stated: map[string][]plaid.InvestmentTransaction{}, seen: make(map[rowKey]bool, len(r.Batch.InvestmentTransactions)), days: product.DayChanges{}}
	if err := l.read(ctx, tx); err != nil {
		return nil, err
	}
	if err := l.resolve(securities); err != nil {
		return nil, err
	}
	if err := l.settle(); err != nil {
		return nil, err
	}
	if err := l.recognise(); err != nil {
		return nil, err
	}
	if err := l.takeOver(ctx, tx); err != nil {
		return nil, err
	}
	for _, t := range l.list {
		if err := l.put(ctx, tx, t); err != nil {
			return nil, err
		}
	}
	if err := tx.Copy(ctx, transactionsTable, transactionColumns, l.added); err != nil {
		return nil, err
	}
	if err := l.cancel(ctx, tx); err != nil {
		return nil, err
	}
	if err := l.days.Write(ctx, tx, r.Item, rows.DaysDocument); err != nil {
		return nil, err
	}
	r.Report[transactionsTable] = l.counts
	return l, l.corrections.Write(ctx, tx)
}

// changed reports whether the log is not what it was.
func (l *log) changed() bool { return l.counts.Added+l.counts.Changed+l.counts.Removed > 0 }

func (l *log) read(ctx context.Context, tx *store.Tx) error {
	stored, err := tx.Query(ctx, `select account_id, native_key, ordinal, transaction_id, date, reference, document
		from investment_transactions where item_key = $1`, l.Item.Key)
	if err != nil {
		return err
	}
	defer stored.Close()
	for stored.Next() {
		var key rowKey
		var r row
		var reference *string
		if err := stored.Scan(&key.account, &key.key, &r.ordinal, &r.id, &r.date, &reference, &r.document); err != nil {
			return err
		}
		if reference != nil {
			r.reference = *reference
		}
		l.known[key] = r
		l.next = max(l.next, r.ordinal+1)
	}
	if err := stored.Err(); err != nil {
		return err
	}
	l.corrections, err = match.ReadCorrections(ctx, tx, l.Item.Key, transactionsTable)
	return err
}

// resolve makes the list of the stated transactions, with the ids of their accounts and securities.
func (l *log) resolve(securities map[string]plaid.Security) error {
	l.list = slices.Clone(l.Batch.InvestmentTransactions)
	for i := range l.list {
		t := &l.list[i]
		var ok bool
		if t.AccountID, ok = l.AccountIDs[t.AccountKey]; !ok {
			return fmt.Errorf("investments: transaction in unknown account %q", t.AccountKey)
		}
		t.SecurityID = nil
		if t.SecurityKey == "" {
			continue
		}
		sec, ok := securities[t.SecurityKey]
		if !ok {
			return fmt.Errorf("investments: transaction in unknown security %q", t.SecurityKey)
		}
		t.SecurityID = &sec.SecurityID
	}
	return nil
}

var transactionColumns = []string{"item_key", "ordinal", "account_id", "native_key", "transaction_id", "security_id", "date", "reference", "document"}

// put writes a stated transaction, if it is not what is known.
func (l *log) put(ctx context.Context, tx *store.Tx, t connector.InvestmentTransaction) error {
	key := keyOf(t)
	if l.seen[key] {
		return fmt.Errorf("investments: the bank names two transactions %q in one account", t.Key)
	}
	l.seen[key] = true
	if l.corrections.TakenBack(key.account, key.key) {
		return nil
	}
	old, ok := l.known[key]
	if t.InvestmentTransactionID = old.id; !ok {
		t.InvestmentTransactionID = l.corrections.NewID(match.IDs(l.known, func(r row) string { return r.id }), "investment transaction", l.Item.ID, key.account, key.key)
	}
	doc, err := plaid.JSON(t.InvestmentTransaction)
	if err != nil {
		return err
	}
	var reference *string
	if t.Reference != "" {
		reference = &t.Reference
	}
	switch {
	case !ok:
		l.counts.Added++
		if t.Type == "cancel" {
			l.reversals++
		}
		l.touched[key.account] = true
		l.days.Came(key.account, t.Date.String())
		l.added = append(l.added, []any{l.Item.Key, l.next, key.account, key.key, t.InvestmentTransactionID, t.SecurityID, t.Date.String(), reference, string(doc)})
		l.next++
		l.stated[key.account] = append(l.stated[key.account], t.InvestmentTransaction)
		return nil
	case old.document == string(doc):
		l.counts.Unchanged++
		l.stated[key.account] = append(l.stated[key.account], t.InvestmentTransaction)
		return nil
	case l.corrections.Outdated(key.account, key.key, t.Reference):
		l.counts.Unchanged++
		return l.keep(key.account, old)
	}
	l.stated[key.account] = append(l.stated[key.account], t.InvestmentTransaction)
	l.counts.Changed++
	l.touched[key.account] = true
	l.days.Went(key.account, old.date)
	l.days.Came(key.account, t.Date.String())
	_, err = tx.Exec(ctx, `update investment_transactions set security_id = $1, date = $2, reference = $3, document = $4 where item_key = $5 and ordinal = $6`,
		t.SecurityID, t.Date.String(), reference, string(doc), l.Item.Key, old.ordinal)
	return err
}

// keep has a stored row stand among those that the answer states.
func (l *log) keep(accountID string, r row) error {
	var t plaid.InvestmentTransaction
	if err := json.Unmarshal([]byte(r.document), &t); err != nil {
		return err
	}
	l.stated[accountID] = append(l.stated[accountID], t)
	return nil
}

// transactions are those of an account as they are stored now, in no order. Those of the answer need no decoding. It is asked once
// an account.
func (l *log) transactions(accountID string) ([]plaid.InvestmentTransaction, error) {
	for key, r := range l.known {
		if key.account != accountID || l.seen[key] || l.gone[key] {
			continue
		}
		if err := l.keep(accountID, r); err != nil {
			return nil, err
		}
	}
	return l.stated[accountID], nil
}

// cancel removes the known transactions that the bank has corrected, and those that it, having stated all of its window of
// the accounts that it names, no longer has. Of an account that it no longer takes for an investment account all go: its
// movements are told otherwise.
func (l *log) cancel(ctx context.Context, tx *store.Tx) error {
	other := map[string]bool{}
	for _, a := range l.Batch.Accounts {
		subtype := ""
		if a.Subtype != nil {
			subtype = *a.Subtype
		}
		other[l.AccountIDs[a.Key]] = !fits(a.Type, subtype)
	}
	for key := range l.known {
		if other[key.account] && !l.seen[key] {
			l.gone[key] = true
		}
	}
	for _, id := range l.corrections.Taken() {
		l.gone[rowKey{id[0], id[1]}] = true
	}
	if window := l.Batch.InvestmentHistory; window != nil && !l.Batch.Partial {
		named := map[string]bool{}
		for _, id := range l.AccountIDs {
			named[id] = true
		}
		from, to := window.From.String(), window.To.String()
		for key, row := range l.known {
			if !l.seen[key] && named[key.account] && row.date >= from && row.date <= to {
				l.gone[key] = true
			}
		}
	}
	for key := range l.gone {
		row, ok := l.known[key]
		if !ok {
			continue
		}
		l.counts.Removed++
		l.touched[key.account] = true
		l.days.Went(key.account, row.date)
		if _, err := tx.Exec(ctx, `delete from investment_transactions where item_key = $1 and ordinal = $2`, l.Item.Key, row.ordinal); err != nil {
			return err
		}
	}
	return nil
}

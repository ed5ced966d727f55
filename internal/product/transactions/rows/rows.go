package rows

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"weft/internal/item"
	"weft/internal/product"
	"weft/internal/store"
)

// log are the transactions that a range is of.
var log = product.Log{Table: "transactions", Order: "added", Where: " and t.removed = 0"}

// DaysDocument is the kind of the document that counts an Item's transactions.
const DaysDocument = "transactions_days"

// Range is a page of a range of days, and how many there are over all pages. days is the DaysDocument.
func Range(ctx context.Context, q store.Querier, it item.Item, r product.Range, days []byte, v Variants) (list []string, total int64, err error) {
	counted, err := product.ReadDays(days)
	if err != nil {
		return nil, 0, err
	}
	total, err = log.Page(ctx, q, it, r, counted, v.document(), func(row store.Rows) error {
		var doc string
		err := row.Scan(&doc)
		list = append(list, doc)
		return err
	})
	return list, total, err
}

// Each reads transactions with their category in both versions of the taxonomy, which the document lacks. days is the DaysDocument.
func Each(ctx context.Context, q store.Querier, it item.Item, r product.Range, days []byte, take func(document, v1, v2 []byte) error) error {
	counted, err := product.ReadDays(days)
	if err != nil {
		return err
	}
	_, err = log.Page(ctx, q, it, r, counted, `t.document || '}', t.category_v1, t.category_v2`, func(row store.Rows) error {
		var document, v1, v2 []byte
		if err := row.Scan(&document, &v1, &v2); err != nil {
			return err
		}
		return take(document, v1, v2)
	})
	return err
}

// Kind is what a client is told of a transaction.
type Kind int64

// Kinds of change.
const (
	Added Kind = iota
	Modified
	Removed
)

// Change is one change as a client is told of it.
type Change struct {
	At          int64 // sequence number
	Kind        Kind
	ID, Account string
	Document    string
}

// A transaction is told twice where it has changed after it came: at the place where it came and at that of its last change.
// So a client that passes the first place knows it, and is told of the change as of one of something known; one whose place
// lies between two pages is not overlooked, wherever it moves. One that came and was removed before a client passes is not
// told at all.
const (
	came = `t.added, 0, t.transaction_id, t.account_id, `
	// An index has those that have changed alone, which are few.
	changed = `t.sequence, 1 + t.removed, t.transaction_id, t.account_id, `

	ofCame    = ` where t.item_key = $1 and t.added > $4 and t.removed = 0`
	ofChanged = ` where t.item_key = $1 and t.sequence > $4 and t.sequence > t.added and (t.removed = 0 or t.first <= $4)`

	fromTransactions = ` from transactions t join items i on i.item_key = t.item_key and i.client_id = $2 and i.environment = $3`
)

// Changes are the first changes after a sequence number, of one account or, where that is empty, of all. Of accounts that the Item
// no longer has it is told alone what is removed.
func Changes(ctx context.Context, q store.Querier, it item.Item, from int64, account string, count int, v Variants) ([]Change, error) {
	args := []any{it.Key, it.Tenant.Client, it.Tenant.Environment, from, count}
	filter := ""
	if account != "" {
		args, filter = append(args, account), ` and t.account_id = $6`
	}
	there, known := "", ""
	if gone := product.NotOf(&args, it.Gone); gone != "" {
		there, known = ` and `+gone, ` and (t.removed = 1 or `+gone+`)`
	}
	list := make([]Change, 0, count)
	for _, query := range []string{
		`select ` + came + v.document() + fromTransactions + ofCame + filter + there + ` order by t.added limit $5`,
		`select ` + changed + v.document() + fromTransactions + ofChanged + filter + known + ` order by t.sequence limit $5`,
	} {
		rows, err := q.Query(ctx, query, args...)
		if err != nil {
			return nil, err
		}
		err = product.Scan(rows, func(row store.Rows) error {
			var c Change
			err := row.Scan(&c.At, &c.Kind, &c.ID, &c.Account, &c.Document)
			list = append(list, c)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(list, func(a, b Change) int { return cmp.Compare(a.At, b.At) })
	return list[:min(count, len(list))], nil
}

// Newest is the sequence number of the last change, 0 where there is none.
func Newest(ctx context.Context, q store.Querier, it item.Item) (newest int64, err error) {
	err = q.QueryRow(ctx, `select t.sequence`+fromTransactions+` where t.item_key = $1 order by t.sequence desc limit 1`,
		it.Key, it.Tenant.Client, it.Tenant.Environment).Scan(&newest)
	if errors.Is(err, store.ErrNotFound) {
		err = nil
	}
	return newest, err
}

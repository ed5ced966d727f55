package product

import (
	"context"
	"fmt"
	"strings"

	"weft/internal/item"
	"weft/internal/item/document"
	"weft/internal/plaid"
	"weft/internal/store"
)

// Bounds of a page.
const (
	defaultCount = 100
	mostCount    = 500
)

// ValidCount refuses a number of rows that a page cannot have.
func ValidCount(field string, count *int) error {
	if count != nil && (*count < 1 || *count > mostCount) {
		return plaid.InvalidField(field, fmt.Sprintf("must be between 1 and %d", mostCount))
	}
	return nil
}

// CountOf is the number of rows of a page, where a request may name it.
func CountOf(count *int) int {
	if count == nil {
		return defaultCount
	}
	return *count
}

// RangeOptions are the options of a request for a page of a range of days.
type RangeOptions struct {
	AccountIDs []string `json:"account_ids"`
	Count      *int     `json:"count"`
	Offset     int      `json:"offset"`
}

// Range is a page of the rows between two days, both included: of some accounts, or of all where none are named.
type Range struct {
	From, To      plaid.Date
	Accounts      []string
	Count, Offset int
}

// Range is the page that a request means, or what is wrong with it.
func (o RangeOptions) Range(start, end plaid.Date) (Range, error) {
	r := Range{From: start, To: end, Accounts: document.Distinct(o.AccountIDs), Count: CountOf(o.Count), Offset: o.Offset}
	if end < start {
		return r, plaid.InvalidField("end_date", "must not be before start_date")
	}
	if err := ValidCount("options.count", o.Count); err != nil {
		return r, err
	}
	if o.Offset < 0 {
		return r, plaid.InvalidField("options.offset", "must be 0 or more")
	}
	return r, nil
}

// Key names the page in the cache. The accounts are quoted: no account, and one without a name, are not the same.
func (r Range) Key() string {
	return fmt.Sprintf("%d/%d/%d/%d/%q", r.From, r.To, r.Count, r.Offset, r.Accounts)
}

// Log is a table of dated rows t that belong to Items.
type Log struct {
	Table string
	// Order is the column that orders the rows of one day, the newest last.
	Order string
	// Where is a further condition on rows that count, empty for none.
	Where string
}

// of is the part of a query that the rows and their number have in common. It joins the Item, which holds the tenant.
func (l Log) of(it item.Item, r Range, more ...any) (query string, args []any) {
	args = append([]any{it.Key, it.Tenant.Client, it.Tenant.Environment, r.From.String(), r.To.String()}, more...)
	query = ` from ` + l.Table + ` t join items i on i.item_key = t.item_key and i.client_id = $2 and i.environment = $3
		where t.item_key = $1 and t.date >= $4 and t.date <= $5` + l.Where
	return query + ofAccounts(&args, r.Accounts, it.Gone), args
}

// ofAccounts writes a filter by accounts into a query's text. No ids are all accounts. Accounts that the bank no longer has are
// left out.
func ofAccounts(args *[]any, ids, gone []string) (text string) {
	for _, condition := range []string{among(args, "in", ids), NotOf(args, gone)} {
		if condition != "" {
			text += " and " + condition
		}
	}
	return text
}

// NotOf is the condition that a row t is of none of the accounts; empty without any.
func NotOf(args *[]any, accountIDs []string) string { return among(args, "not in", accountIDs) }

// among compares with a list of parameters: both engines then use the index.
func among(args *[]any, operator string, ids []string) string {
	if len(ids) == 0 {
		return ""
	}
	marks := make([]string, len(ids))
	for i, id := range ids {
		*args = append(*args, id)
		marks[i] = fmt.Sprintf("$%d", len(*args))
	}
	return "t.account_id " + operator + " (" + strings.Join(marks, ", ") + ")"
}

// Total is how many rows a range has, over all of its pages.
func (l Log) Total(ctx context.Context, q store.Querier, it item.Item, r Range) (total int64, err error) {
	query, args := l.of(it, r)
	err = q.QueryRow(ctx, `select count(*)`+query, args...).Scan(&total)
	return total, err
}

// Page reads columns of the rows of a page, the newest first.
func (l Log) Page(ctx context.Context, q store.Querier, it item.Item, r Range, columns string, scan func(store.Rows) error) error {
	query, args := l.of(it, r, r.Count, r.Offset)
	rows, err := q.Query(ctx, `select `+columns+query+` order by t.date desc, t.`+l.Order+` desc limit $6 offset $7`, args...)
	if err != nil {
		return err
	}
	return Scan(rows, scan)
}

// Scan reads rows to their end.
func Scan(rows store.Rows, scan func(store.Rows) error) error {
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

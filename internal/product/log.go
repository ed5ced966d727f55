package product

import (
	"context"
	"fmt"
	"math"
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
	// ByAccount says that an index has an account's rows in the order of pages.
	ByAccount bool
	// Where is a further condition on rows that count, empty for none.
	Where string
}

// ofAccounts writes a filter by accounts into a query's text. No ids are all accounts. Accounts that the bank no longer has are
// left out.
func (l Log) ofAccounts(args *[]any, ids, gone []string) (text string) {
	for _, condition := range []string{among(args, l.account(), "in", ids), NotOf(args, gone)} {
		if condition != "" {
			text += " and " + condition
		}
	}
	return text
}

// NotOf is the condition that a row t is of none of the accounts; empty without any.
func NotOf(args *[]any, accountIDs []string) string {
	return among(args, "t.account_id", "not in", accountIDs)
}

// account is the column as filters name it: as an expression where the only index that has it is one in another order than that of
// pages, by which PostgreSQL would read and sort all rows of an account.
func (l Log) account() string {
	if l.ByAccount {
		return "t.account_id"
	}
	return "t.account_id || ''"
}

// among compares with a list of parameters: both engines then use the index.
func among(args *[]any, column, operator string, ids []string) string {
	if len(ids) == 0 {
		return ""
	}
	marks := make([]string, len(ids))
	for i, id := range ids {
		*args = append(*args, id)
		marks[i] = fmt.Sprintf("$%d", len(*args))
	}
	return column + " " + operator + " (" + strings.Join(marks, ", ") + ")"
}

// Page reads columns of the rows of a page, the newest first, and says how many rows the range has over all pages. By the days, which
// were read with the rows, the offset becomes a key: of the rows before the page it passes over those of one day alone, in an index.
func (l Log) Page(ctx context.Context, q store.Querier, it item.Item, r Range, days Days, columns string, scan func(store.Rows) error) (total int64, err error) {
	accounts := days.of(it, r)
	total = days.rows(accounts, r.From, r.To)
	offset := int64(r.Offset)
	if offset >= total {
		return total, nil
	}
	first, newer := days.seek(accounts, r, offset)
	last, _ := days.seek(accounts, r, min(offset+int64(r.Count), total)-1)
	key := int64(math.MaxInt64)
	if newer > 0 {
		// The Item is not joined with each row that is passed over.
		args := []any{it.Key, it.Tenant.Client, it.Tenant.Environment, first.String(), newer}
		query := `select (select t.` + l.Order + ` from ` + l.Table + ` t where t.item_key = $1` + l.Where + l.ofAccounts(&args, r.Accounts, it.Gone) +
			` and t.date = $4 order by t.` + l.Order + ` desc limit 1 offset $5) from items i where i.item_key = $1 and i.client_id = $2 and i.environment = $3`
		if err := q.QueryRow(ctx, query, args...).Scan(&key); err != nil {
			return 0, fmt.Errorf("product: row %d of %s: %w", offset, first, err)
		}
	}
	query, args := l.of(it, r, first.String(), key, last.String(), r.Count)
	rows, err := q.Query(ctx, `select `+columns+query+` and (t.date, t.`+l.Order+`) <= ($4, $5) and t.date >= $6 order by t.date desc, t.`+l.Order+` desc limit $7`, args...)
	if err != nil {
		return 0, err
	}
	return total, Scan(rows, scan)
}

// of is what queries have in common: the rows of a range's accounts, of any day. It joins the Item, which holds the tenant.
func (l Log) of(it item.Item, r Range, more ...any) (query string, args []any) {
	args = append([]any{it.Key, it.Tenant.Client, it.Tenant.Environment}, more...)
	query = ` from ` + l.Table + ` t join items i on i.item_key = t.item_key and i.client_id = $2 and i.environment = $3
		where t.item_key = $1` + l.Where
	return query + l.ofAccounts(&args, r.Accounts, it.Gone), args
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

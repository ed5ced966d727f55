package limit

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"weft/internal/store"
)

// windowColumns are a limit's in its tables.
const (
	windowColumns = "client_id, environment, item_id, path, minute"
	rowColumns    = windowColumns + ", granted, contended, server_id"
)

func (w window) values(more ...any) []any {
	return append([]any{w.tenant.Client, w.tenant.Environment, w.item, w.path, w.minute}, more...)
}

// values are those of rows, in the order in which they are locked.
func values(rows map[window]row) [][]any {
	list := make([][]any, 0, len(rows))
	for _, w := range sorted(rows) {
		contended := 0
		if rows[w].contended {
			contended = 1
		}
		list = append(list, w.values(rows[w].used, contended, rows[w].holder))
	}
	return list
}

// opening writes rows that are not there yet, locking takes rows for the rest of the transaction, saving writes them and holding writes
// which server has shares of them.
var (
	opening = inserting("rate_limits", rowColumns, "on conflict do nothing returning "+windowColumns)
	locking = inserting("rate_limits", rowColumns,
		"on conflict ("+windowColumns+") do update set contended = rate_limits.contended returning "+rowColumns)
	saving = inserting("rate_limits", rowColumns,
		"on conflict ("+windowColumns+") do update set granted = excluded.granted, contended = excluded.contended, server_id = excluded.server_id")
	holding = inserting("rate_limit_shares", windowColumns+", server_id, wanted", "on conflict do nothing")
)

// insertion is an insert of many rows in one statement: where each is a way to another machine, the Items for which a new minute's
// shares are taken cost few of them. Of each size there is a text, which the engine prepares once, so rows are filled up to a
// power of two with such as are left out for having no minute.
type insertion struct {
	into    string
	columns []string
	tail    string
	texts   sync.Map // by size
}

func inserting(into, columns, tail string) *insertion {
	return &insertion{into: into, columns: strings.Split(columns, ", "), tail: tail}
}

// numbers are those of the columns that hold one.
var numbers = []string{"minute", "granted", "contended", "wanted"}

// text inserts so many rows.
func (in *insertion) text(size int) string {
	if known, ok := in.texts.Load(size); ok {
		return known.(string)
	}
	var values strings.Builder
	for n := range size * len(in.columns) {
		column, form := n%len(in.columns), "$%d, "
		if n < len(in.columns) && slices.Contains(numbers, in.columns[column]) { // the engine takes those below to be alike
			form = "cast($%d as bigint), "
		}
		if column == 0 {
			form = "(" + form
		}
		if column == len(in.columns)-1 {
			form = strings.Replace(form, ", ", "), ", 1)
		}
		fmt.Fprintf(&values, form, n+1)
	}
	columns := strings.Join(in.columns, ", ")
	text := "with given (" + columns + ") as (values " + strings.TrimSuffix(values.String(), ", ") + ")\n\tinsert into " + in.into + " (" + columns + ") select " + columns +
		" from given where minute is not null\n\t" + in.tail
	in.texts.Store(size, text)
	return text
}

// run writes rows in their order, each of so many values as there are columns, and shows what the tail returns, in any order.
func (in *insertion) run(ctx context.Context, tx *store.Tx, rows [][]any, see func(store.Rows) error) error {
	if len(rows) == 0 {
		return nil
	}
	text, values := in.statement(rows)
	if see == nil {
		_, err := tx.Exec(ctx, text, values...)
		return err
	}
	return tx.Show(ctx, text, values, see)
}

// statement writes rows.
func (in *insertion) statement(rows [][]any) (text string, values []any) {
	size := 1
	for size < len(rows) {
		size *= 2
	}
	return in.text(size), append(slices.Concat(rows...), make([]any, (size-len(rows))*len(in.columns))...)
}

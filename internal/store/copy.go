package store

import (
	"cmp"
	"context"

	"weft/internal/store/ahead"
)

// Copy writes rows into a table as fast as the engine can; none of them may be there already. Columns may hold texts, whole numbers
// and null.
func (tx *Tx) Copy(ctx context.Context, table string, columns []string, rows [][]any) error {
	return tx.CopyMade(ctx, table, columns, len(rows), func(i int) ([]any, error) { return rows[i], nil })
}

// CopyMade is Copy of n rows that are made on the way, one after the other. Where they are many, another goroutine makes them while
// those before are written, so that what making them costs is not added to the time of the transaction; it has ended when CopyMade
// returns.
func (tx *Tx) CopyMade(ctx context.Context, table string, columns []string, n int, row func(i int) ([]any, error)) error {
	if n == 0 {
		return nil
	}
	m := ahead.Make(n, row)
	if first := m.First(); first != nil {
		tx.observe(insertQuery(table, columns, ""), first)
	}
	err := tx.engine.copy(ctx, table, columns, m.Next)
	return cmp.Or(m.End(), err) // an engine may tell of the same in its own words
}

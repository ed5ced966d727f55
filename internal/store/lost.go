package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"weft/internal/store/connection"
)

// When PostgreSQL restarts, connections lie in the pool whose ends nobody has seen yet. What was to go through one of them, and can have
// done nothing, goes through the next, until one is new.

// begun begins a transaction.
func (e *postgresEngine) begun(ctx context.Context, o pgx.TxOptions) (tx pgx.Tx, err error) {
	for range e.most + 1 {
		if tx, err = e.pool.BeginTx(ctx, o); !connection.Lost(err) {
			break
		}
	}
	return tx, err
}

// read is a query outside of transactions: it reads.
type read struct {
	engine *postgresEngine
	ctx    context.Context // of the query
	query  string
	args   []any
}

// readRow is the row of a read.
type readRow struct {
	pgRow
	read
}

// Scan implements Row.
func (r readRow) Scan(dest ...any) error {
	err := r.pgRow.Scan(dest...)
	for n := r.engine.most; n > 0 && connection.Lost(err); n-- {
		err = pgRow{r.engine.pool.QueryRow(r.ctx, r.query, r.args...)}.Scan(dest...)
	}
	return err
}

// readRows are the rows of a read.
type readRows struct {
	pgx.Rows
	read
	asked bool // for the first row
}

// Next implements Rows.
func (r *readRows) Next() bool {
	next := r.Rows.Next()
	for n := r.engine.most; n > 0 && !next && !r.asked && connection.Lost(r.Rows.Err()); n-- {
		r.Rows, _ = r.engine.pool.Query(r.ctx, r.query, r.args...) // an error is in them too
		next = r.Rows.Next()
	}
	r.asked = true
	return next
}

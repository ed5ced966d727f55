package store

import (
	"context"
	"errors"
	"io"
	"net"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// When PostgreSQL restarts, connections lie in the pool whose ends nobody has seen yet. What was to go through one of them, and can have
// done nothing, goes through the next, until one is new.

// lost reports whether a connection has ended. That none could be made is another matter: PostgreSQL is away.
func lost(err error) bool {
	var none *pgconn.ConnectError
	var said *pgconn.PgError
	var broken net.Error
	switch {
	case err == nil, errors.As(err, &none), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return false
	case errors.As(err, &said):
		return said.Code == "57P01" || said.Code == "57P02" // it was told to stop, or crashes
	}
	return pgconn.SafeToRetry(err) || errors.As(err, &broken) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}

// begun begins a transaction.
func (e *postgresEngine) begun(ctx context.Context, o pgx.TxOptions) (tx pgx.Tx, err error) {
	for range e.most + 1 {
		if tx, err = e.pool.BeginTx(ctx, o); !lost(err) {
			break
		}
	}
	return tx, err
}

// read is a query outside of transactions: it reads.
type read struct {
	engine *postgresEngine
	ctx    context.Context //nolint:containedctx // of the query
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
	for n := r.engine.most; n > 0 && lost(err); n-- {
		err = pgRow{r.engine.pool.QueryRow(r.ctx, r.query, r.args...)}.Scan(dest...)
	}
	return err
}

// readRows are the rows of a read.
type readRows struct {
	pgx.Rows
	read
	begun bool // a row was seen
}

// Next implements Rows.
func (r *readRows) Next() bool {
	next := r.Rows.Next()
	if next || r.begun {
		r.begun = true
		return next
	}
	r.begun = true
	for n := r.engine.most; n > 0 && !next && lost(r.Rows.Err()); n-- {
		r.Rows, _ = r.engine.pool.Query(r.ctx, r.query, r.args...) // an error is in them too
		next = r.Rows.Next()
	}
	return next
}

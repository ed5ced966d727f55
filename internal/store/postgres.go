package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"weft/internal/store/connection"
	"weft/internal/store/marks"
)

// PostgresOptions opens a PostgreSQL database.
type PostgresOptions struct {
	// URL is the connection string: postgres://user:password@host/database.
	URL string
	// Now is the time of transactions.
	Now func() time.Time
}

// mostConnections is how many connections a pool opens at most, where the connection string does not say and there are no more
// processors. A commit waits for the disk of another machine, and whoever has no connection waits for that too.
const mostConnections = 16

// OpenPostgres opens a PostgreSQL database, version 15 or later. It writes nothing; Migrate does.
func OpenPostgres(ctx context.Context, o PostgresOptions) (*DB, error) {
	cfg, err := pgxpool.ParseConfig(o.URL)
	if err != nil {
		// pgx's error quotes the connection string; the password in it must not reach a log.
		return nil, errors.New("store: --database is not a valid PostgreSQL connection string")
	}
	if !strings.Contains(o.URL, "pool_max_conns") {
		cfg.MaxConns = max(cfg.MaxConns, mostConnections)
	}
	connection.Settle(cfg.ConnConfig.RuntimeParams)
	newest, err := NewestVersion()
	if err != nil {
		return nil, err
	}
	if _, named := cfg.ConnConfig.RuntimeParams["application_name"]; !named {
		cfg.ConnConfig.RuntimeParams["application_name"] = fmt.Sprint(applicationName, newest)
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	var version string
	if err == nil {
		err = pool.QueryRow(ctx, "select version()").Scan(&version)
	}
	if err != nil {
		if pool != nil {
			pool.Close()
		}
		return nil, fmt.Errorf("store: connect to PostgreSQL: %w", err)
	}
	db := &DB{engine: &postgresEngine{pool: pool, most: cfg.MaxConns}, now: o.Now}
	if hasSnapshots(version) {
		db.changes.engine = marks.Postgres
		db.changes.keep(0, func(ctx context.Context, query string, args []any) (Rows, error) {
			return db.Query(ctx, query, args...)
		})
	}
	return db, nil
}

// hasSnapshots reports whether a database tells by the numbers of transactions which of them are seen, as PostgreSQL's own engine does.
// Those that speak its language above an engine of their own are asked for each Item.
func hasSnapshots(version string) bool {
	return strings.HasPrefix(version, "PostgreSQL ") && !strings.Contains(version, "-YB-")
}

type postgresEngine struct {
	pool *pgxpool.Pool
	most int32 // connections of the pool
}

func (e *postgresEngine) dialect() string { return "postgres" }

func (e *postgresEngine) queryRow(ctx context.Context, query string, args []any) Row {
	return readRow{pgRow{e.pool.QueryRow(ctx, query, args...)}, read{e, ctx, query, args}}
}

func (e *postgresEngine) query(ctx context.Context, query string, args []any) (Rows, error) {
	rows, _ := e.pool.Query(ctx, query, args...) // an error is in them too
	return &readRows{Rows: rows, read: read{e, ctx, query, args}}, nil
}

func (e *postgresEngine) begin(ctx context.Context, as access) (txEngine, error) {
	opts := pgx.TxOptions{}
	switch as {
	case reading:
		opts = pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	case relaxed: // in one way there
		opts = pgx.TxOptions{BeginQuery: "begin; set local synchronous_commit to off"}
	}
	tx, err := e.begun(ctx, opts)
	if err != nil {
		return nil, fmt.Errorf("store: begin: %w", err)
	}
	return postgresTx{tx}, nil
}

// one sends a statement along with what says that its commit waits for no disk: they are one transaction.
func (e *postgresEngine) one(ctx context.Context, query string, args []any, see func(Rows) error) error {
	var batch pgx.Batch
	batch.Queue("select set_config('synchronous_commit', 'off', true)")
	batch.Queue(query, args...)
	results := e.pool.SendBatch(ctx, &batch)
	_, err := results.Exec()
	if err == nil {
		var rows pgx.Rows
		if rows, err = results.Query(); err == nil {
			err = show(rows, see)
		}
	}
	closed := results.Close() // tells what has failed, the commit too
	return postgresError(cmp.Or(err, closed))
}

func (e *postgresEngine) explain(ctx context.Context, query string, args []any) (string, error) {
	var out []string
	err := pgx.BeginFunc(ctx, e.pool, func(tx pgx.Tx) error {
		// A small table is always scanned; what is asked is whether an index could serve at any size.
		if _, err := tx.Exec(ctx, "set local enable_seqscan = off"); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, "explain "+query, args...)
		if err != nil {
			return err
		}
		out, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return strings.Join(out, "\n"), err
}

func (e *postgresEngine) close() error {
	e.pool.Close()
	return nil
}

type postgresTx struct{ tx pgx.Tx }

func (t postgresTx) dialect() string { return "postgres" }

func (t postgresTx) exec(ctx context.Context, query string, args []any) (int64, error) {
	tag, err := t.tx.Exec(ctx, query, args...)
	return tag.RowsAffected(), postgresError(err)
}

func (t postgresTx) insert(ctx context.Context, query string, rows [][]any) error {
	var batch pgx.Batch
	for _, row := range rows {
		batch.Queue(query, row...)
	}
	return postgresError(t.tx.SendBatch(ctx, &batch).Close())
}

func (t postgresTx) copy(ctx context.Context, table string, columns []string, next func() ([]any, error)) error {
	_, err := t.tx.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromFunc(next))
	return postgresError(err)
}

// postgresError tells a row that exists already from other errors.
func postgresError(err error) error {
	var pe *pgconn.PgError
	if errors.As(err, &pe) && pe.Code == "23505" {
		return fmt.Errorf("%w: %s", ErrConflict, pe.ConstraintName)
	}
	return err
}

func (t postgresTx) queryRow(ctx context.Context, query string, args []any) Row {
	return pgRow{t.tx.QueryRow(ctx, query, args...)}
}

func (t postgresTx) query(ctx context.Context, query string, args []any) (Rows, error) {
	return t.tx.Query(ctx, query, args...)
}

func (t postgresTx) commit(ctx context.Context) error { return ofCommit(t.tx.Commit(ctx)) }

func (t postgresTx) rollback() error {
	// The caller's context may be the reason for the rollback, so it cannot bound it.
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := t.tx.Rollback(ctx); err != nil && !errors.Is(err, pgx.ErrTxClosed) {
		return fmt.Errorf("%w: %w", errEnded, err)
	}
	return nil
}

type pgRow struct{ row pgx.Row }

func (r pgRow) Scan(dest ...any) error {
	err := r.row.Scan(dest...)
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate brings the schema to the newest version. On PostgreSQL an advisory lock lets several servers start at once.
func (db *DB) Migrate(ctx context.Context) error {
	if err := db.engine.migrate(ctx); err != nil {
		return fmt.Errorf("store: migrate: %w", err)
	}
	return nil
}

// SchemaVersion is the number of the last migration that was applied, 0 for an empty database.
func (db *DB) SchemaVersion(ctx context.Context) (int64, error) { return db.engine.version(ctx) }

// NewestVersion is the number of the last migration that this program knows.
func NewestVersion() (int64, error) {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil || len(files) == 0 {
		return 0, fmt.Errorf("store: no migrations: %w", err)
	}
	return goose.NumericComponent(files[len(files)-1])
}

// Explain is the engine's plan for a query, so that a test can assert that an index serves it.
func (db *DB) Explain(ctx context.Context, query string, args ...any) (string, error) {
	return db.engine.explain(ctx, query, args)
}

func provider(dialect goose.Dialect, db *sql.DB, opts ...goose.ProviderOption) (*goose.Provider, error) {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(dialect, db, dir, opts...)
}

func (e *sqliteEngine) migrate(ctx context.Context) error {
	p, err := provider(goose.DialectSQLite3, e.writer)
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}

func (e *sqliteEngine) version(ctx context.Context) (int64, error) {
	return appliedVersion(ctx, e, `select count(*) from sqlite_master where type = 'table' and name = 'goose_db_version'`)
}

func (e *postgresEngine) migrate(ctx context.Context) error {
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return err
	}
	db := stdlib.OpenDBFromPool(e.pool)
	defer db.Close() //nolint:errcheck // the pool stays open; this is only its other face
	p, err := provider(goose.DialectPostgres, db, goose.WithSessionLocker(locker))
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}

func (e *postgresEngine) version(ctx context.Context) (int64, error) {
	return appliedVersion(ctx, e, `select count(*) from information_schema.tables
		where table_schema = current_schema() and table_name = 'goose_db_version'`)
}

// appliedVersion asks first whether the table of versions exists, since an empty database has none.
func appliedVersion(ctx context.Context, e dbEngine, tables string) (int64, error) {
	var n, version int64
	if err := e.queryRow(ctx, tables, nil).Scan(&n); err != nil {
		return 0, fmt.Errorf("store: schema version: %w", err)
	}
	if n == 0 {
		return 0, nil
	}
	if err := e.queryRow(ctx, `select coalesce(max(version_id), 0) from goose_db_version`, nil).Scan(&version); err != nil {
		return 0, fmt.Errorf("store: schema version: %w", err)
	}
	return version, nil
}

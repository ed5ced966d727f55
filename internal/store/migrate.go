package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"weft/internal/store/migrations"
)

// Schema says which migrations a database has.
type Schema struct {
	// Version is the number of the last one, 0 for an empty database.
	Version int64
	// Oldest is the lowest version that a program must know to use the database.
	Oldest int64
}

// Schema reads which migrations the database has.
func (db *DB) Schema(ctx context.Context) (Schema, error) {
	s, err := db.engine.schema(ctx)
	if err != nil {
		return Schema{}, fmt.Errorf("store: schema version: %w", err)
	}
	return s, nil
}

// ErrOutdated says that a database was changed by a newer program in a way that this one cannot go on with.
var ErrOutdated = errors.New("use a newer Weft")

// Newer reports whether the schema is one of a newer program. Where this program cannot use it, the error is ErrOutdated.
func (s Schema) Newer() (bool, error) {
	newest, err := NewestVersion()
	if err == nil && s.Oldest > newest {
		err = fmt.Errorf("the database has schema version %d, which asks for a program that knows %d; this program knows up to %d: %w", s.Version, s.Oldest, newest, ErrOutdated)
	}
	return s.Version > newest, err
}

// NewestVersion is the number of the last migration that this program knows.
func NewestVersion() (int64, error) { return migrations.Newest() }

// Migrate brings the schema to the newest version that the program knows; a newer one is left as it is. On PostgreSQL, of servers
// that start at once one migrates and the others wait for it, while older servers go on.
func (db *DB) Migrate(ctx context.Context) error {
	s, err := db.Schema(ctx)
	if err != nil {
		return err
	}
	if newer, err := s.Newer(); newer || err != nil {
		return err
	}
	if err := db.engine.migrate(ctx, s); err != nil {
		return fmt.Errorf("store: migrate: %w", err)
	}
	return nil
}

// Explain is the engine's plan for a query, so that a test can assert that an index serves it.
func (db *DB) Explain(ctx context.Context, query string, args ...any) (string, error) {
	return db.engine.explain(ctx, query, args)
}

func (e *sqliteEngine) migrate(ctx context.Context, _ Schema) error {
	p, err := goose.NewProvider(goose.DialectSQLite3, e.writer, migrations.Files)
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}

func (e *sqliteEngine) schema(ctx context.Context) (Schema, error) {
	return appliedSchema(ctx, e, `select count(*) from sqlite_master where type = 'table' and name in ('goose_db_version', 'compatible_migrations')`)
}

// How often, and in what intervals, a migration that had to wait for a table is tried again. The pause is longer than the wait: it is
// the time that requests have.
const (
	lockAttempts = 40
	lockPause    = 1500 * time.Millisecond
)

// migrationLock waits for a server that migrates, for two minutes, and asks every second.
func migrationLock() (lock.SessionLocker, error) {
	return lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 120))
}

func (e *postgresEngine) migrate(ctx context.Context, have Schema) error {
	if newest, err := NewestVersion(); err != nil || have.Version == newest {
		return err
	}
	if err := e.alone(ctx, have); err != nil {
		return err
	}
	locker, err := migrationLock()
	if err != nil {
		return err
	}
	db := stdlib.OpenDBFromPool(e.pool)
	defer db.Close() //nolint:errcheck // the pool stays open; this is only its other face
	p, err := goose.NewProvider(goose.DialectPostgres, db, migrations.Postgres(), goose.WithSessionLocker(locker))
	if err != nil {
		return err
	}
	for attempt := 1; ; attempt++ {
		_, err := p.Up(ctx)
		var pe *pgconn.PgError
		if !errors.As(err, &pe) || pe.Code != lockNotAvailable {
			return err
		}
		if attempt == lockAttempts {
			return fmt.Errorf("others have not let go of a table for a minute (see pg_stat_activity for the oldest transaction): %w", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(lockPause):
		}
	}
}

// lockNotAvailable is PostgreSQL's code for a lock that was waited for too long.
const lockNotAvailable = "55P03"

// applicationName is how the program calls itself on its connections, with the schema that it knows.
const applicationName = "weft/"

// alone refuses migrations that servers of an older version could not go on with, while there are such.
func (e *postgresEngine) alone(ctx context.Context, have Schema) error {
	all, err := migrations.All()
	if err != nil {
		return err
	}
	var oldest int64
	for _, m := range all {
		if m.Version > have.Version {
			oldest = max(oldest, m.Oldest)
		}
	}
	var sessions, knows int64
	err = e.pool.QueryRow(ctx, `select count(*), coalesce(min(knows), 0) from (
		select cast(substring(application_name from '^weft/([0-9]{1,9})$') as bigint) as knows
		from pg_stat_activity where datname = current_database()) as programs where knows < $1`, oldest).Scan(&sessions, &knows)
	if err == nil && sessions > 0 {
		err = fmt.Errorf("programs of an older version are connected (%d connections, schema version %d), and this version's changes ask for programs that know %d: "+
			"stop them all, or replace them by a version in between first", sessions, knows, oldest)
	}
	return err
}

func (e *postgresEngine) schema(ctx context.Context) (Schema, error) {
	return appliedSchema(ctx, e, `select count(*) from information_schema.tables
		where table_schema = current_schema() and table_name in ('goose_db_version', 'compatible_migrations')`)
}

// appliedSchema asks first which tables of versions there are: an empty database has none, and one in the middle of its first
// migration may have one of them.
func appliedSchema(ctx context.Context, e dbEngine, tables string) (s Schema, err error) {
	var n int64
	if err := e.queryRow(ctx, tables, nil).Scan(&n); err != nil || n == 0 {
		return Schema{}, err
	}
	query := `select coalesce(max(g.version_id), 0), coalesce(max(coalesce(c.oldest, g.version_id)), 0)
		from goose_db_version g left join compatible_migrations c on c.version = g.version_id`
	if n == 1 {
		query = `select coalesce(max(version_id), 0), coalesce(max(version_id), 0) from goose_db_version`
	}
	return s, e.queryRow(ctx, query, nil).Scan(&s.Version, &s.Oldest)
}

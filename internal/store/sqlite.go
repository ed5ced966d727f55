package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"modernc.org/sqlite" // also registers the driver
	sqlitelib "modernc.org/sqlite/lib"

	"weft/internal/store/giveway"
	"weft/internal/store/marks"
	"weft/internal/store/prepared"
)

// ErrLocked says that another server has the database file open.
var ErrLocked = errors.New("another Weft server is running on this database")

// SQLiteOptions opens a SQLite file.
type SQLiteOptions struct {
	// Path of the file. Its folder is made where it is missing.
	Path string
	// Exclusive takes the server's lock: OpenSQLite returns ErrLocked where another server has it.
	Exclusive bool
	// Now is the time of transactions.
	Now func() time.Time
}

// OpenSQLite opens a SQLite file. It writes nothing to an existing file; Migrate does.
func OpenSQLite(ctx context.Context, o SQLiteOptions) (*DB, error) {
	if err := os.MkdirAll(filepath.Dir(o.Path), 0o700); err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	e := &sqliteEngine{}
	if o.Exclusive {
		e.lock = flock.New(o.Path + ".lock")
		ok, err := e.lock.TryLock()
		if err != nil {
			return nil, fmt.Errorf("store: lock %s: %w", o.Path, err)
		}
		if !ok {
			return nil, fmt.Errorf("%w: %s", ErrLocked, o.Path)
		}
	}
	var err error
	// The writer begins its transactions as writers (immediate): a transaction that reads first and writes later could
	// otherwise fail in the middle. Readers share the log and cannot write. Their caches of pages are small, since each has its own,
	// a page takes twice its size there, and the system keeps the pages of the file once for all.
	e.writer, err = sql.Open("sqlite", sqliteDSN(o.Path, "_txlock=immediate&_pragma=cache_size(-4096)"))
	if err == nil {
		e.writer.SetMaxOpenConns(1)
		e.reader, err = sql.Open("sqlite", sqliteDSN(o.Path, "_txlock=deferred&_pragma=query_only(1)&_pragma=cache_size(-1024)"))
	}
	if err == nil {
		e.reader.SetMaxOpenConns(max(4, runtime.GOMAXPROCS(0)))
		e.reader.SetMaxIdleConns(max(4, runtime.GOMAXPROCS(0)))
		err = e.writer.PingContext(ctx)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("store: open %s: %w", o.Path, err), e.close())
	}
	if err := os.Chmod(o.Path, 0o600); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, errors.Join(fmt.Errorf("store: %w", err), e.close())
	}
	db := &DB{engine: e, now: o.Now}
	e.requests = &db.Requests
	db.changes.engine = marks.SQLite
	if db.changes.alone = o.Exclusive; o.Exclusive {
		db.changes.keep(lookAgain, e.query)
	}
	return db, nil
}

// InUse reports whether a server has the lock of a SQLite file. Where that cannot be told, it says no.
func InUse(path string) bool {
	if _, err := os.Stat(path + ".lock"); err != nil {
		return false
	}
	lock := flock.New(path + ".lock")
	defer lock.Close() //nolint:errcheck // it gives back what was taken only to look
	free, err := lock.TryLock()
	return err == nil && !free
}

func sqliteDSN(path, more string) string {
	// dqs=0 makes a double-quoted typo an error, as PostgreSQL does; secure_delete overwrites what is deleted.
	return "file:" + (&url.URL{Path: path}).EscapedPath() +
		"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)" +
		"&_pragma=secure_delete(1)&_dqs=0&" + more
}

type sqliteEngine struct {
	writer, reader *sql.DB
	lock           *flock.Flock
	reading        prepared.Reading
	writing        prepared.Writing
	requests       *giveway.Requests
}

func (e *sqliteEngine) dialect() string { return "sqlite" }

func (e *sqliteEngine) queryRow(ctx context.Context, query string, args []any) Row {
	s, err := e.reading.In(ctx, e.reader, query)
	if err != nil {
		return failedRow{err}
	}
	// A context that can end costs the driver a goroutine a query; a read of one row is over before it could be ended.
	ctx = context.WithoutCancel(ctx)
	if s == nil {
		return sqlRow{e.reader.QueryRowContext(ctx, query, args...)}
	}
	return sqlRow{s.QueryRowContext(ctx, args...)}
}

func (e *sqliteEngine) query(ctx context.Context, query string, args []any) (Rows, error) {
	s, err := e.reading.In(ctx, e.reader, query)
	if err != nil {
		return nil, err
	}
	// A context that can end costs the driver and database/sql a goroutine each; between two rows is often enough to look.
	var rows *sql.Rows
	if one := context.WithoutCancel(ctx); s == nil {
		rows, err = e.reader.QueryContext(one, query, args...)
	} else {
		rows, err = s.QueryContext(one, args...)
	}
	if err != nil {
		return nil, err
	}
	return &endingRows{sqlRows: sqlRows{rows}, ctx: ctx}, nil
}

func (e *sqliteEngine) begin(ctx context.Context, as access) (txEngine, error) {
	db, known := e.reader, (*prepared.Writing)(nil)
	if as != reading {
		db, known = e.writer, &e.writing
		known.Prepare(ctx, db)
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("store: begin: %w", err)
	}
	return sqliteTx{tx, known, map[string]bool{}, e.requests}, nil
}

func (e *sqliteEngine) again(_ context.Context, err error) bool {
	var se *sqlite.Error
	return errors.As(err, &se) && se.Code()&0xff == sqlitelib.SQLITE_BUSY
}

func (e *sqliteEngine) explain(ctx context.Context, query string, args []any) (string, error) {
	rows, err := e.reader.QueryContext(ctx, "explain query plan "+query, args...)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	var plan []string
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			return "", err
		}
		plan = append(plan, detail)
	}
	return strings.Join(plan, "\n"), rows.Err()
}

func (e *sqliteEngine) close() error {
	errs := []error{e.reading.Close(), e.writing.Close()}
	for _, db := range []*sql.DB{e.reader, e.writer} { // the writer last: it folds the log into the file
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if e.lock != nil {
		errs = append(errs, e.lock.Unlock())
	}
	return errors.Join(errs...)
}

type sqliteTx struct {
	tx    *sql.Tx
	known *prepared.Writing // nil in a transaction that reads
	// open are the texts whose rows are being read: their prepared form is taken.
	open     map[string]bool
	requests *giveway.Requests
}

// prepared is the prepared form of a text, nil where there is none that is free.
func (t sqliteTx) prepared(ctx context.Context, query string) *sql.Stmt {
	if t.known == nil || t.open[query] {
		return nil
	}
	return t.known.In(ctx, t.tx, query)
}

// statement is the prepared form of a text, made for this transaction where there is none.
func (t sqliteTx) statement(ctx context.Context, query string) (*sql.Stmt, error) {
	if s := t.prepared(ctx, query); s != nil {
		return s, nil
	}
	return t.tx.PrepareContext(ctx, query)
}

func (t sqliteTx) dialect() string { return "sqlite" }

func (t sqliteTx) exec(ctx context.Context, query string, args []any) (int64, error) {
	var res sql.Result
	var err error
	if s := t.prepared(ctx, query); s != nil {
		// A context that can end costs the driver a goroutine a statement; the transaction's end is often enough to look.
		res, err = s.ExecContext(context.WithoutCancel(ctx), args...)
	} else {
		res, err = t.tx.ExecContext(ctx, query, args...)
	}
	if err != nil {
		return 0, sqliteError(err)
	}
	return res.RowsAffected()
}

func (t sqliteTx) insert(ctx context.Context, query string, rows [][]any) error {
	return t.each(ctx, query, func() (row []any, err error) {
		if len(rows) > 0 {
			row, rows = rows[0], rows[1:]
		}
		return row, nil
	})
}

func (t sqliteTx) copy(ctx context.Context, table string, columns []string, next func() ([]any, error)) error {
	// Parameters without names: the driver asks for the name of each that has one, a row.
	marks := strings.TrimSuffix(strings.Repeat("?, ", len(columns)), ", ")
	return t.each(ctx, "insert into "+table+" ("+strings.Join(columns, ", ")+") values ("+marks+")", next)
}

// each runs a statement for each row, until there is none.
func (t sqliteTx) each(ctx context.Context, query string, next func() ([]any, error)) error {
	stmt, err := t.statement(ctx, query)
	if err != nil {
		return err
	}
	// A context that can end costs the driver a goroutine a row; between two rows is often enough to look whether it has.
	one := context.WithoutCancel(ctx)
	for work := t.requests.Long(); err == nil; work.Step() {
		var row []any
		if row, err = next(); err != nil || row == nil {
			break
		}
		if _, err = stmt.ExecContext(one, row...); err != nil {
			err = sqliteError(err)
		} else {
			err = ctx.Err()
		}
	}
	return errors.Join(err, stmt.Close())
}

// sqliteError tells a row that exists already from other errors.
func sqliteError(err error) error {
	var se *sqlite.Error
	if errors.As(err, &se) && (se.Code() == sqlitelib.SQLITE_CONSTRAINT_UNIQUE || se.Code() == sqlitelib.SQLITE_CONSTRAINT_PRIMARYKEY) {
		return fmt.Errorf("%w: %v", ErrConflict, err)
	}
	return err
}

func (t sqliteTx) queryRow(ctx context.Context, query string, args []any) Row {
	if s := t.prepared(ctx, query); s != nil {
		return sqlRow{s.QueryRowContext(context.WithoutCancel(ctx), args...)}
	}
	return sqlRow{t.tx.QueryRowContext(ctx, query, args...)}
}

func (t sqliteTx) query(ctx context.Context, query string, args []any) (Rows, error) {
	s := t.prepared(ctx, query)
	if s == nil {
		rows, err := t.tx.QueryContext(ctx, query, args...)
		return sqlRows{rows}, sqliteError(err)
	}
	rows, err := s.QueryContext(ctx, args...)
	if err != nil {
		return nil, sqliteError(err)
	}
	t.open[query] = true
	return preparedRows{sqlRows{rows}, func() { delete(t.open, query) }}, nil
}

// preparedRows give their statement back.
type preparedRows struct {
	sqlRows
	closed func()
}

func (r preparedRows) Close() {
	r.sqlRows.Close()
	r.closed()
}

func (t sqliteTx) commit(context.Context) error { return t.tx.Commit() }

func (t sqliteTx) rollback() error {
	if err := t.tx.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) {
		return err
	}
	return nil
}

type sqlRow struct{ row *sql.Row }

func (r sqlRow) Scan(dest ...any) error {
	err := r.row.Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

// sqlRows leaves the error of closing out: Err has told it before.
type sqlRows struct{ *sql.Rows }

func (r sqlRows) Err() error { return sqliteError(r.Rows.Err()) }

func (r sqlRows) Close() { r.Rows.Close() } //nolint:errcheck // see above

// endingRows end with their context.
type endingRows struct {
	sqlRows
	ctx   context.Context
	ended error
}

func (r *endingRows) Next() bool {
	if r.ended = r.ctx.Err(); r.ended != nil {
		return false
	}
	return r.sqlRows.Next()
}

func (r *endingRows) Err() error {
	if r.ended != nil {
		return r.ended
	}
	return r.sqlRows.Err()
}

type failedRow struct{ err error }

func (r failedRow) Scan(...any) error { return r.err }

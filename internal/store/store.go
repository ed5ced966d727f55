package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"weft/internal/store/giveway"
)

// ErrNotFound says that a row does not exist.
var ErrNotFound = errors.New("not found")

// ErrConflict says that a row exists already.
var ErrConflict = errors.New("conflict")

// Tenant is whose rows a query means. It is an argument of every query on a tenant's data.
type Tenant struct {
	Client      string
	Environment string
}

// Row is a query's only row. Scan returns ErrNotFound where there is none.
type Row interface {
	Scan(dest ...any) error
}

// Rows are a query's rows. Close them; Err tells after the last Next whether all were read.
type Rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
	Close()
}

// Querier reads: a DB (each query by itself) or a Tx.
type Querier interface {
	QueryRow(ctx context.Context, query string, args ...any) Row
	Query(ctx context.Context, query string, args ...any) (Rows, error)
}

// Tx is a transaction with one time.
type Tx struct {
	// Now is the time of everything that the transaction writes.
	Now time.Time

	engine    txEngine
	observed  func(query string, args []any)
	last      []func(ctx context.Context) error
	committed []func()
	own       map[any]any
	changing  []string // keys of what it changes
}

// Exec runs a statement and returns how many rows it changed. It returns ErrConflict where a unique key exists already;
// the transaction cannot go on after that.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	tx.observe(query, args)
	return tx.engine.exec(ctx, query, args)
}

// QueryRow reads one row.
func (tx *Tx) QueryRow(ctx context.Context, query string, args ...any) Row {
	tx.observe(query, args)
	return tx.engine.queryRow(ctx, query, args)
}

// Query reads rows.
func (tx *Tx) Query(ctx context.Context, query string, args ...any) (Rows, error) {
	tx.observe(query, args)
	return tx.engine.query(ctx, query, args)
}

// Show reads rows and shows them.
func (tx *Tx) Show(ctx context.Context, query string, args []any, see func(Rows) error) error {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	return show(rows, see)
}

func show(rows Rows, see func(Rows) error) error {
	defer rows.Close()
	for rows.Next() {
		if err := see(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (tx *Tx) observe(query string, args []any) {
	if tx.observed != nil {
		tx.observed(query, args)
	}
}

// DB is an open database.
type DB struct {
	// Requests are those that somebody waits for. Whoever writes many rows to a SQLite file leaves them a processor.
	Requests giveway.Requests

	engine dbEngine
	now    func() time.Time
	// observed is told of every statement; nil but in tests.
	observed func(query string, args []any)
	commits  atomic.Uint64
	changes  changes
}

// Commits is how many transactions that may write were committed since the database was opened.
func (db *DB) Commits() uint64 { return db.commits.Load() }

// What an observer is told beside statements: that a transaction is about to be committed, and that it was.
const (
	Committing = "-- committing"
	Committed  = "-- committed"
)

// Observe has a function told of every statement from now on, and of commits, so that a test can ask for the plan of each
// and stop at any point. Set it before the database is used; the function may be called by several goroutines.
func (db *DB) Observe(fn func(query string, args []any)) { db.observed = fn }

func (db *DB) observe(query string, args []any) {
	if db.observed != nil {
		db.observed(query, args)
	}
}

// Dialect is the name of the engine: "sqlite" or "postgres".
func (db *DB) Dialect() string { return db.engine.dialect() }

// Local reports whether queries are answered in this process, rather than by another one that may be far away.
func (db *DB) Local() bool { return db.engine.dialect() == "sqlite" }

// QueryRow reads one row outside any transaction.
func (db *DB) QueryRow(ctx context.Context, query string, args ...any) Row {
	db.observe(query, args)
	return db.engine.queryRow(ctx, query, args)
}

// Query reads rows outside any transaction.
func (db *DB) Query(ctx context.Context, query string, args ...any) (Rows, error) {
	db.observe(query, args)
	return db.engine.query(ctx, query, args)
}

// maxAttempts bounds how often a transaction is run that lost a race (a deadlock, a serialisation failure) or its connection.
const maxAttempts = 5

// Write runs fn in a transaction that may write and commits it if fn returns nil. Where the engine asks for it, fn runs
// again in a new transaction, so it must not keep what an earlier run has computed.
func (db *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	return db.run(ctx, writing, fn)
}

// WriteRelaxed is Write of what may be forgotten: PostgreSQL does not wait for its disk, so that a crash of it, and of nothing else,
// may undo what was committed in the last second.
func (db *DB) WriteRelaxed(ctx context.Context, fn func(*Tx) error) error {
	return db.run(ctx, relaxed, fn)
}

// WriteOne is WriteRelaxed of one statement, in one way to the database, and shows the rows that it returns. One that fails may have
// been committed.
func (db *DB) WriteOne(ctx context.Context, query string, args []any, see func(Rows) error) error {
	far, ok := db.engine.(*postgresEngine)
	if !ok {
		return db.WriteRelaxed(ctx, func(tx *Tx) error { return tx.Show(ctx, query, args, see) })
	}
	db.observe(query, args)
	db.observe(Committing, nil)
	if err := far.one(ctx, query, args, see); err != nil {
		return err
	}
	db.observe(Committed, nil)
	db.commits.Add(1)
	return nil
}

// Read runs fn in a transaction that sees one state of the database and writes nothing.
func (db *DB) Read(ctx context.Context, fn func(*Tx) error) error {
	return db.run(ctx, reading, fn)
}

// access is what a transaction may do.
type access int

const (
	reading access = iota
	writing
	relaxed
)

func (db *DB) run(ctx context.Context, as access, fn func(*Tx) error) error {
	for attempt := 1; ; attempt++ {
		err := db.once(ctx, as, fn)
		if ended := ctx.Err(); err != nil && ended != nil && !errors.Is(err, ended) {
			// The end of the context ends the transaction too, and a driver that comes later knows only that: say both.
			err = fmt.Errorf("%w: %w", ended, err)
		}
		if err == nil || attempt == maxAttempts || ctx.Err() != nil || !db.engine.again(ctx, err) {
			return err
		}
	}
}

func (db *DB) once(ctx context.Context, as access, fn func(*Tx) error) (err error) {
	engine, err := db.engine.begin(ctx, as)
	if err != nil {
		return err
	}
	done := false
	defer func() {
		if !done { // fn failed or panicked
			err = errors.Join(err, engine.rollback())
		}
	}()
	tx := &Tx{Now: db.now(), engine: engine, observed: db.observed}
	if err := fn(tx); err != nil {
		return err
	}
	for i := 0; i < len(tx.last); i++ { // one may add another
		if err := tx.last[i](ctx); err != nil {
			return err
		}
	}
	if as != reading {
		if err := db.changes.tell(ctx, tx); err != nil {
			return err
		}
	}
	done = true
	if as == reading {
		return engine.commit(ctx)
	}
	db.observe(Committing, nil)
	if err := db.changes.commit(ctx, tx); err != nil {
		return err
	}
	db.observe(Committed, nil)
	db.commits.Add(1)
	for _, fn := range tx.committed {
		fn()
	}
	return nil
}

// Close closes the database and gives up the server's lock. What a command has changed on a SQLite file holds for a server that has it
// open when Close returns.
func (db *DB) Close() error {
	db.changes.heard()
	return db.engine.close()
}

// dbEngine is what differs between the engines.
type dbEngine interface {
	dialect() string
	queryRow(ctx context.Context, query string, args []any) Row
	query(ctx context.Context, query string, args []any) (Rows, error)
	begin(ctx context.Context, as access) (txEngine, error)
	// again reports whether a failed transaction may run again.
	again(ctx context.Context, err error) bool
	migrate(ctx context.Context, have Schema) error
	schema(ctx context.Context) (Schema, error)
	explain(ctx context.Context, query string, args []any) (string, error)
	pools() []Pool
	close() error
}

type txEngine interface {
	dialect() string
	exec(ctx context.Context, query string, args []any) (int64, error)
	insert(ctx context.Context, query string, rows [][]any) error
	copy(ctx context.Context, table string, columns []string, next func() ([]any, error)) error
	queryRow(ctx context.Context, query string, args []any) Row
	query(ctx context.Context, query string, args []any) (Rows, error)
	commit(ctx context.Context) error
	rollback() error
}

// Insert writes rows into a table. Tail is what follows the values, such as an "on conflict" clause; table, columns and tail
// are the program's own text. The engines differ in how many rows are written fast: SQLite runs one prepared statement
// for each row, PostgreSQL is sent many in one round trip, but not more than the memory of a few thousand.
func (tx *Tx) Insert(ctx context.Context, table string, columns []string, rows [][]any, tail string) error {
	if len(rows) == 0 {
		return nil
	}
	query := insertQuery(table, columns, tail)
	tx.observe(query, rows[0])
	for batch := range slices.Chunk(rows, insertBatch) {
		if err := tx.engine.insert(ctx, query, batch); err != nil {
			return err
		}
	}
	return nil
}

// insertBatch is how many rows are sent at once.
const insertBatch = 2000

func insertQuery(table string, columns []string, tail string) string {
	marks := make([]string, len(columns))
	for i := range columns {
		marks[i] = fmt.Sprintf("$%d", i+1)
	}
	return fmt.Sprintf("insert into %s (%s) values (%s) %s", table, strings.Join(columns, ", "), strings.Join(marks, ", "), tail)
}

package store

import (
	"database/sql"
	"time"
)

// Pool are the connections of a pool to the database: open and in use now, the most that may be open, and how often and how long
// one was waited for since the database was opened.
type Pool struct {
	Name              string
	Open, InUse, Most int64
	Waits             int64
	Waited            time.Duration
}

// Pools are the database's: of SQLite one that reads and one that writes, of PostgreSQL one.
func (db *DB) Pools() []Pool { return db.engine.pools() }

func (e *sqliteEngine) pools() []Pool {
	return []Pool{sqlPool("reader", e.reader), sqlPool("writer", e.writer)}
}

func sqlPool(name string, db *sql.DB) Pool {
	s := db.Stats()
	return Pool{name, int64(s.OpenConnections), int64(s.InUse), int64(s.MaxOpenConnections), s.WaitCount, s.WaitDuration}
}

func (e *postgresEngine) pools() []Pool {
	s := e.pool.Stat()
	return []Pool{{"postgres", int64(s.TotalConns()), int64(s.AcquiredConns()), int64(s.MaxConns()), s.EmptyAcquireCount(), s.EmptyAcquireWaitTime()}}
}

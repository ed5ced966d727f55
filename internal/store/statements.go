package store

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// statements are the prepared forms of what SQLite's writer is often asked, since preparing costs more than writing a row. The
// writer has one connection, which a transaction holds: what it has found missing is prepared before the next one begins.
type statements struct {
	mu      sync.Mutex
	known   map[string]*sql.Stmt // nil where it is missing
	missing []string
	seen    map[string]bool // once, which is no reason to prepare it
}

// mostSeen bounds the texts that are remembered to have been seen once.
const mostSeen = 1024

// in is the prepared form of a text in a transaction; nil where there is none. The transaction's end closes it, and not the one
// that it comes from.
func (s *statements) in(ctx context.Context, tx *sql.Tx, query string) *sql.Stmt {
	s.mu.Lock()
	found, known := s.known[query]
	if !known && len(s.known) < maxPrepared {
		s.see(query)
	}
	s.mu.Unlock()
	if found == nil {
		return nil
	}
	return tx.StmtContext(ctx, found)
}

// see has a text prepared that is seen for the second time.
func (s *statements) see(query string) {
	if s.seen[query] {
		delete(s.seen, query)
		s.known[query], s.missing = nil, append(s.missing, query)
		return
	}
	if s.seen == nil || len(s.seen) >= mostSeen {
		s.seen = map[string]bool{}
	}
	if s.known == nil {
		s.known = map[string]*sql.Stmt{}
	}
	s.seen[query] = true
}

// prepare prepares what was missing. A text that cannot be prepared is forgotten: whoever runs it will be told why.
func (s *statements) prepare(ctx context.Context, writer *sql.DB) {
	s.mu.Lock()
	missing := s.missing
	s.missing = nil
	s.mu.Unlock()
	for _, query := range missing {
		made, err := writer.PrepareContext(ctx, query)
		s.mu.Lock()
		if err != nil {
			delete(s.known, query)
		} else {
			s.known[query] = made
		}
		s.mu.Unlock()
	}
}

func (s *statements) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, made := range s.known {
		if made != nil {
			errs = append(errs, made.Close())
		}
	}
	clear(s.known) // who comes late meets a database that is closed, and no panic
	return errors.Join(errs...)
}

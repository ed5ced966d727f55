// Package prepared keeps the prepared forms of what SQLite is asked, since preparing costs as much as a point read, and more than
// writing a row.
package prepared

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"sync/atomic"
)

// most bounds the statements that are kept prepared. The program has fewer texts, but for those with a list of parameters in them, of
// which there are as many as lengths of lists.
const most = 256

// Reading are the prepared forms of what is read, on as many connections as there are.
type Reading struct {
	texts sync.Map // query text -> *sql.Stmt
	count atomic.Int64
}

// In is the prepared form of a text; nil where enough are kept already.
func (r *Reading) In(ctx context.Context, db *sql.DB, query string) (*sql.Stmt, error) {
	if s, ok := r.texts.Load(query); ok {
		return s.(*sql.Stmt), nil
	}
	if r.count.Load() >= most {
		return nil, nil
	}
	s, err := db.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	if kept, loaded := r.texts.LoadOrStore(query, s); loaded {
		return kept.(*sql.Stmt), s.Close()
	}
	r.count.Add(1)
	return s, nil
}

// Close closes them.
func (r *Reading) Close() error {
	var errs []error
	r.texts.Range(func(_, s any) bool {
		errs = append(errs, s.(*sql.Stmt).Close())
		return true
	})
	return errors.Join(errs...)
}

// Writing are the prepared forms of what the writer is often asked. The writer has one connection, which a transaction holds: what it
// has found missing is prepared before the next one begins.
type Writing struct {
	mu      sync.Mutex
	known   map[string]*sql.Stmt // nil where it is missing
	missing []string
	seen    map[string]bool // once, which is no reason to prepare it
}

// mostSeen bounds the texts that are remembered to have been seen once.
const mostSeen = 1024

// In is the prepared form of a text in a transaction; nil where there is none. The transaction's end closes it, and not the one
// that it comes from.
func (w *Writing) In(ctx context.Context, tx *sql.Tx, query string) *sql.Stmt {
	w.mu.Lock()
	found, known := w.known[query]
	if !known && len(w.known) < most {
		w.see(query)
	}
	w.mu.Unlock()
	if found == nil {
		return nil
	}
	return tx.StmtContext(ctx, found)
}

// see has a text prepared that is seen for the second time.
func (w *Writing) see(query string) {
	if w.seen[query] {
		delete(w.seen, query)
		w.known[query], w.missing = nil, append(w.missing, query)
		return
	}
	if w.seen == nil || len(w.seen) >= mostSeen {
		w.seen = map[string]bool{}
	}
	if w.known == nil {
		w.known = map[string]*sql.Stmt{}
	}
	w.seen[query] = true
}

// Prepare prepares what was missing. A text that cannot be prepared is forgotten: whoever runs it will be told why.
func (w *Writing) Prepare(ctx context.Context, writer *sql.DB) {
	w.mu.Lock()
	missing := w.missing
	w.missing = nil
	w.mu.Unlock()
	for _, query := range missing {
		made, err := writer.PrepareContext(ctx, query)
		w.mu.Lock()
		if err != nil {
			delete(w.known, query)
		} else {
			w.known[query] = made
		}
		w.mu.Unlock()
	}
}

// Close closes them.
func (w *Writing) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var errs []error
	for _, made := range w.known {
		if made != nil {
			errs = append(errs, made.Close())
		}
	}
	clear(w.known) // who comes late meets a database that is closed, and no panic
	return errors.Join(errs...)
}

package store

import (
	"context"
	"errors"
)

// Copy writes rows into a table as fast as the engine can; none of them may be there already. Columns may hold texts, whole numbers
// and null.
func (tx *Tx) Copy(ctx context.Context, table string, columns []string, rows [][]any) error {
	return tx.CopyMade(ctx, table, columns, len(rows), func(i int) ([]any, error) { return rows[i], nil })
}

// CopyMade is Copy of n rows that are made on the way, one after the other. Where they are many, another goroutine makes them while
// those before are written, so that what making them costs is not added to the time of the transaction; it has ended when CopyMade
// returns.
func (tx *Tx) CopyMade(ctx context.Context, table string, columns []string, n int, row func(i int) ([]any, error)) error {
	if n == 0 {
		return nil
	}
	m := makeAhead(n, row)
	if len(m.rows) > 0 {
		tx.observe(insertQuery(table, columns, ""), m.rows[0])
	}
	err := tx.engine.copy(ctx, table, columns, m.next)
	m.stop()
	if m.panicked != nil {
		panic(m.panicked)
	}
	if m.err != nil {
		return m.err // an engine may tell of it in its own words
	}
	return err
}

// rowsAtOnce is how many rows are made at once, and mostAhead how often more than are written. They are few, so that a processor
// which makes rows is soon free for others, and so that rows lie in memory for a short time.
const (
	rowsAtOnce = 64
	mostAhead  = 4
)

// chunk is rows that were made, and why there are no more: an error or a panic.
type chunk struct {
	rows     [][]any
	err      error
	panicked any
}

var errPanicked = errors.New("store: a row could not be made")

func makeChunk(from, to int, row func(i int) ([]any, error)) (c chunk) {
	defer func() {
		if c.panicked = recover(); c.panicked != nil {
			c.err = errPanicked
		}
	}()
	c.rows = make([][]any, 0, to-from)
	for i := from; i < to; i++ {
		values, err := row(i)
		if err != nil {
			c.err = err
			return c
		}
		c.rows = append(c.rows, values)
	}
	return c
}

// making is rows that are made before they are asked for. The chunk is the one that is being written.
type making struct {
	chunk
	made    chan chunk
	stopped chan struct{}
}

// makeAhead makes the first rows at once, and the others in a goroutine of its own.
func makeAhead(n int, row func(i int) ([]any, error)) *making {
	m := &making{chunk: makeChunk(0, min(n, rowsAtOnce), row), made: make(chan chunk, mostAhead), stopped: make(chan struct{})}
	if n <= rowsAtOnce || m.err != nil {
		close(m.made)
		return m
	}
	go func() {
		defer close(m.made)
		for from := rowsAtOnce; from < n; from += rowsAtOnce {
			c := makeChunk(from, min(from+rowsAtOnce, n), row)
			select {
			case m.made <- c:
			case <-m.stopped:
				return
			}
			if c.err != nil {
				return
			}
		}
	}()
	return m
}

// next is the next row, nil behind the last.
func (m *making) next() ([]any, error) {
	if len(m.rows) == 0 && m.err == nil {
		m.chunk = <-m.made // nothing, once there are no more
	}
	if len(m.rows) == 0 {
		return nil, m.err
	}
	values := m.rows[0]
	m.rows = m.rows[1:]
	return values, nil
}

// stop waits until no more rows are made.
func (m *making) stop() {
	close(m.stopped)
	for range m.made { //nolint:revive // until it has ended
	}
}

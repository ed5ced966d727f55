package store

import "context"

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
	next, stop := ahead(n, row)
	defer stop()
	observed := false
	return tx.engine.copy(ctx, table, columns, func() ([]any, error) {
		values, err := next()
		if !observed && err == nil {
			tx.observe(insertQuery(table, columns, ""), values)
			observed = true
		}
		return values, err
	})
}

// rowsAtOnce is how many rows are made at once, and mostAhead how often more than are written. They are few, so that a processor
// which makes rows is soon free for others, and so that rows lie in memory for a short time.
const (
	rowsAtOnce = 64
	mostAhead  = 4
)

// chunk is rows that were made, and why there are no more: an error, or a panic, which goes on where the rows are written.
type chunk struct {
	rows     [][]any
	err      error
	panicked any
}

func makeChunk(from, to int, row func(i int) ([]any, error)) (c chunk) {
	defer func() { c.panicked = recover() }()
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

// ahead makes rows before they are asked for. Next returns nil behind the last; stop waits until no more are made.
func ahead(n int, row func(i int) ([]any, error)) (next func() ([]any, error), stop func()) {
	if n <= rowsAtOnce {
		i := 0
		return func() ([]any, error) {
			if i == n {
				return nil, nil
			}
			i++
			return row(i - 1)
		}, func() {}
	}
	made, stopped := make(chan chunk, mostAhead), make(chan struct{})
	go func() {
		defer close(made)
		for from := 0; from < n; from += rowsAtOnce {
			c := makeChunk(from, min(from+rowsAtOnce, n), row)
			select {
			case made <- c:
			case <-stopped:
				return
			}
			if c.err != nil || c.panicked != nil {
				return
			}
		}
	}()
	var c chunk
	next = func() ([]any, error) {
		if len(c.rows) == 0 && c.err == nil {
			c = <-made // nothing, once it is closed
		}
		if len(c.rows) == 0 {
			if c.panicked != nil {
				panic(c.panicked)
			}
			return nil, c.err
		}
		values := c.rows[0]
		c.rows = c.rows[1:]
		return values, nil
	}
	stop = func() {
		close(stopped)
		for range made { //nolint:revive // until it has ended
		}
	}
	return next, stop
}

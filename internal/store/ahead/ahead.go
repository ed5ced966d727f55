// Package ahead makes rows while those before them are written.
package ahead

import "errors"

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

var errPanicked = errors.New("ahead: a row could not be made")

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

// Rows are rows that are made before they are asked for. The chunk is the one that is being written.
type Rows struct {
	chunk
	made    chan chunk
	stopped chan struct{}
}

// Make makes the first rows at once, and the others in a goroutine of its own.
func Make(n int, row func(i int) ([]any, error)) *Rows {
	m := &Rows{chunk: makeChunk(0, min(n, rowsAtOnce), row), made: make(chan chunk, mostAhead), stopped: make(chan struct{})}
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

// Next is the next row, nil behind the last.
func (m *Rows) Next() ([]any, error) {
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

// First is the first row that is still to come of those that are made, nil where there is none.
func (m *Rows) First() []any {
	if len(m.rows) == 0 {
		return nil
	}
	return m.rows[0]
}

// End waits until no more rows are made, and tells why there were none: an error or a panic, which goes on here.
func (m *Rows) End() error {
	m.stop()
	if m.panicked != nil {
		panic(m.panicked)
	}
	return m.err
}

func (m *Rows) stop() {
	close(m.stopped)
	for range m.made { //nolint:revive // until it has ended
	}
}

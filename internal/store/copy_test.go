package store_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"weft/internal/clock"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

var clientColumns = []string{"client_id", "public_key", "name", "created_at"}

// copyClients copies n clients, as they are made.
func copyClients(ctx context.Context, tx *store.Tx, n int, row func(i int) ([]any, error)) error {
	return tx.CopyMade(ctx, "clients", clientColumns, n, row)
}

func aClient(i int) ([]any, error) {
	id := fmt.Sprintf("%06d", i)
	return []any{id, "pk-" + id, strings.Repeat("n", i%9), int64(i)}, nil
}

func clients(t *testing.T, db *store.DB) (n, sum int64) {
	t.Helper()
	if err := db.QueryRow(t.Context(), `select count(*), coalesce(sum(created_at), 0) from clients`).Scan(&n, &sum); err != nil {
		t.Fatal(err)
	}
	return n, sum
}

// All rows are written, each as it was made, whether they are one or many; and each is made once, in its order.
func TestCopyWritesAllRows(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for _, n := range []int{0, 1, 63, 64, 65, 128, 1000} {
			made := 0
			err := db.Write(t.Context(), func(tx *store.Tx) error {
				if _, err := tx.Exec(t.Context(), `delete from clients`); err != nil {
					return err
				}
				return copyClients(t.Context(), tx, n, func(i int) ([]any, error) {
					if i != made {
						t.Errorf("row %d is made as number %d", i, made)
					}
					made++
					return aClient(i)
				})
			})
			if err != nil {
				t.Fatal(err)
			}
			if got, sum := clients(t, db); got != int64(n) || sum != int64(n*(n-1)/2) || made != n {
				t.Errorf("of %d rows %d were made and %d are there, with the sum %d", n, made, got, sum)
			}
		}
	})
}

// Where a row cannot be made, or is there already, nothing is written, the reason is told, and no more rows are made.
func TestCopyWritesAllOrNothing(t *testing.T) {
	boom := errors.New("boom")
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for _, at := range []int{0, 10, 700} {
			for name, c := range map[string]struct {
				row  func() ([]any, error)
				want error
			}{
				"an error": {func() ([]any, error) { return nil, boom }, boom},
				"a conflict": {func() ([]any, error) {
					return []any{"000000", "pk", "", int64(0)}, nil
				}, store.ErrConflict},
			} {
				if at == 0 && c.want != boom {
					continue // the first is not there already
				}
				ended := atomic.Bool{}
				err := db.Write(t.Context(), func(tx *store.Tx) error {
					defer ended.Store(true)
					return copyClients(t.Context(), tx, 1000, func(i int) ([]any, error) {
						if ended.Load() {
							t.Error("a row is made for a transaction that has ended")
						}
						if i == at {
							return c.row()
						}
						return aClient(i)
					})
				})
				if n, _ := clients(t, db); !errors.Is(err, c.want) || n != 0 {
					t.Errorf("%s at %d: %v, and %d rows", name, at, err, n)
				}
			}
		}
	})
}

// A panic in the making of a row goes on where the rows are written, and can be recovered from there.
func TestCopyPanics(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for _, at := range []int{3, 500} {
			func() {
				defer func() {
					if p := recover(); p != "boom" {
						t.Errorf("recovered %v", p)
					}
				}()
				_ = db.Write(t.Context(), func(tx *store.Tx) error {
					return copyClients(t.Context(), tx, 1000, func(i int) ([]any, error) {
						if i == at {
							panic("boom")
						}
						return aClient(i)
					})
				})
			}()
			if n, _ := clients(t, db); n != 0 {
				t.Errorf("%d rows are there", n)
			}
		}
	})
}

// A copy ends with its context.
func TestCopyIsEnded(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		err := db.Write(ctx, func(tx *store.Tx) error {
			return copyClients(ctx, tx, 100_000, func(i int) ([]any, error) {
				if i == 200 {
					cancel()
				}
				return aClient(i)
			})
		})
		if n, _ := clients(t, db); !errors.Is(err, context.Canceled) || n != 0 {
			t.Errorf("%v, and %d rows", err, n)
		}
	})
}

// Whoever copies many rows to a SQLite file rests while requests come, where there are few processors, and only then.
func TestCopyGivesWayToRequests(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	const rows = 1000
	for _, test := range []struct {
		name       string
		processors int
		asked      bool
		rests      bool
	}{
		{"requests come", 2, true, true},
		{"none comes", 2, false, false},
		{"there are many processors", 16, true, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			runtime.GOMAXPROCS(test.processors)
			db := storetest.SQLite(t, clock.System{})
			err := db.Write(t.Context(), func(tx *store.Tx) error {
				return copyClients(t.Context(), tx, rows, func(i int) ([]any, error) {
					if test.asked {
						db.Requests.Begun()
					}
					return aClient(i)
				})
			})
			if err != nil {
				t.Fatal(err)
			}
			if n, _ := clients(t, db); n != rows {
				t.Errorf("%d rows of %d are there", n, rows)
			}
			if got := db.Requests.Rests(); (got > 0) != test.rests {
				t.Errorf("it rested %d times", got)
			}
		})
	}
}

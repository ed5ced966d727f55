package store_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"weft/internal/store"
	"weft/internal/store/storetest"
)

// servers are two on one database, of which the first opens its connections with settings of its own. The row "a" is there.
func servers(t *testing.T, settings string) (at string, frozen, other *store.DB) {
	t.Helper()
	at = storetest.PostgresURL(t)
	frozen, other = opened(t, at+settings), opened(t, at)
	if err := other.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := other.Write(t.Context(), func(tx *store.Tx) error { return addClient(t.Context(), tx, "a") }); err != nil {
		t.Fatal(err)
	}
	return at, frozen, other
}

func opened(t *testing.T, at string) *store.DB {
	t.Helper()
	db, err := store.OpenPostgres(t.Context(), store.PostgresOptions{URL: at, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() }) // what it has left does not matter
	return db
}

// put writes a letter behind the row's others, and letters are those that are there.
func put(ctx context.Context, tx *store.Tx, letter string) error {
	_, err := tx.Exec(ctx, `update clients set name = name || $1 where client_id = 'a'`, letter)
	return err
}

func letters(t *testing.T, db *store.DB) (all string) {
	t.Helper()
	if err := db.QueryRow(t.Context(), `select substr(name, length(name) - 1) from clients where client_id = 'a'`).Scan(&all); err != nil {
		t.Fatal(err)
	}
	return all
}

// A server that stands still in a transaction loses it to others, who wait for its rows. When it wakes it is told so, whatever it does
// next, and what it was about to do is done once, after theirs.
func TestATransactionOfAFrozenServerIsUndoneAndRunsAgain(t *testing.T) {
	for name, next := range map[string]func(ctx context.Context, tx *store.Tx) error{
		"commits":                func(context.Context, *store.Tx) error { return nil },
		"commits over a network": func(context.Context, *store.Tx) error { return nil },
		"writes": func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, `update clients set name = name where client_id = $1`, "a")
			return err
		},
		"reads": func(ctx context.Context, tx *store.Tx) error {
			var n int64
			return tx.QueryRow(ctx, `select count(*) from clients where name = $1`, "x").Scan(&n)
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			at, frozen, other := servers(t, "&idle_in_transaction_session_timeout=200ms")
			if overNetwork := strings.HasSuffix(name, "network"); overNetwork { // it reads why the connection has ended
				frozen = opened(t, relayed(t, at, &atomic.Bool{})+"&idle_in_transaction_session_timeout=200ms")
			}
			attempts := 0
			err := frozen.Write(ctx, func(tx *store.Tx) error {
				attempts++
				if err := put(ctx, tx, "f"); err != nil {
					return err
				}
				if attempts == 1 { // it stands still until another has had the row
					if err := other.Write(ctx, func(tx *store.Tx) error { return put(ctx, tx, "o") }); err != nil {
						t.Error(err)
					}
				}
				return next(ctx, tx)
			})
			if got := letters(t, frozen); err != nil || got != "of" || attempts < 2 || frozen.Commits() != 1 {
				t.Errorf("after %d attempts, %d of them committed: %q, %v", attempts, frozen.Commits(), got, err)
			}
			for begun := time.Now(); frozen.Pools()[0].InUse != 0; runtime.Gosched() { // the pool closes the one that ended meanwhile
				if time.Since(begun) > 10*time.Second {
					t.Fatal("a connection is in use still")
				}
			}
		})
	}
}

// PostgreSQL waits without end for a server that stands still in the middle of a statement. Who waits for its rows ends that.
func TestAServerFrozenInTheMiddleOfAStatementIsEnded(t *testing.T) {
	for name, last := range map[string]struct {
		statement string
		begun     func(pgproto3.BackendMessage) bool
	}{
		"statements": {`insert into clients (client_id, public_key, name, created_at) values ('f', 'f', 'f', 1)`, is[*pgproto3.CommandComplete]},
		"copy":       {`copy clients (client_id, public_key, name, created_at) from stdin`, is[*pgproto3.CopyInResponse]},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			at, waiting, other := servers(t, "&lock_timeout=300ms")
			raw, err := pgconn.Connect(ctx, at)
			if err != nil {
				t.Fatal(err)
			}
			defer raw.Close(context.Background()) //nolint:errcheck // it has been ended
			if err := raw.Exec(ctx, `begin; update clients set name = name || 'f' where client_id = 'a'`).Close(); err != nil {
				t.Fatal(err)
			}
			front := raw.Frontend()
			front.Send(&pgproto3.Parse{Query: last.statement})
			front.Send(&pgproto3.Bind{})
			front.Send(&pgproto3.Execute{})
			front.Send(&pgproto3.Flush{}) // and no Sync: more is to come
			if err := front.Flush(); err != nil {
				t.Fatal(err)
			}
			for begun := false; !begun; {
				m, err := front.Receive()
				if err != nil {
					t.Fatal(err)
				}
				begun = last.begun(m)
			}
			if err := waiting.Write(ctx, func(tx *store.Tx) error { return put(ctx, tx, "w") }); err != nil {
				t.Error(err)
			}
			if got := letters(t, other); got != "tw" {
				t.Errorf("the row ends with %q", got)
			}
		})
	}
}

func is[M pgproto3.BackendMessage](m pgproto3.BackendMessage) bool {
	_, ok := m.(M)
	return ok
}

// A server that is at work keeps its rows, however long another waits for them.
func TestAServerAtWorkIsNotEnded(t *testing.T) {
	ctx := t.Context()
	at, waiting, other := servers(t, "&lock_timeout=300ms")
	third, err := pgconn.Connect(ctx, at)
	if err != nil {
		t.Fatal(err)
	}
	defer third.Close(context.Background()) //nolint:errcheck // a test's own connection
	if err := third.Exec(ctx, `select pg_advisory_lock(hashtextextended('work', 0))`).Close(); err != nil {
		t.Fatal(err)
	}
	var refused error
	err = other.Write(ctx, func(tx *store.Tx) error {
		if err := put(ctx, tx, "o"); err != nil {
			return err
		}
		working := make(chan error, 1)
		go func() { working <- tx.Lock(ctx, "work") }()
		refused = waiting.Write(ctx, func(tx *store.Tx) error { return put(ctx, tx, "w") })
		if err := third.Exec(ctx, `select pg_advisory_unlock_all()`).Close(); err != nil {
			t.Error(err)
		}
		return <-working
	})
	var pe *pgconn.PgError
	if got := letters(t, other); err != nil || !errors.As(refused, &pe) || pe.Code != "55P03" || got != "to" {
		t.Errorf("the row ends with %q; %v; who waited was told %v", got, err, refused)
	}
}

// A commit that was sent and not answered is neither told as done nor done again.
func TestACommitWithoutAnAnswerIsAnErrorAndNotRepeated(t *testing.T) {
	ctx := t.Context()
	at, _, other := servers(t, "")
	var cut atomic.Bool
	db := opened(t, relayed(t, at, &cut))
	db.Observe(func(query string, _ []any) { cut.Store(query == store.Committing) })
	attempts := 0
	err := db.Write(ctx, func(tx *store.Tx) error {
		attempts++
		return put(ctx, tx, "c")
	})
	if got := letters(t, other); err == nil || attempts != 1 || db.Commits() != 0 || got != "tc" {
		t.Errorf("after %d attempts, %d of them committed: %q, %v", attempts, db.Commits(), got, err)
	}
	if got := letters(t, db); got != "tc" {
		t.Errorf("over another connection of the pool: %q", got)
	}
}

// relayed is the address of a database as it is reached over a network. Once cut is set, the next answer is kept and the connection
// closed.
func relayed(t *testing.T, at string, cut *atomic.Bool) string {
	t.Helper()
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() }) // nobody comes any more
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			database, err := net.Dial("unix", filepath.Join(u.Query().Get("host"), ".s.PGSQL.5432"))
			if err != nil {
				t.Error(err)
				return
			}
			go func() {
				_, _ = io.Copy(database, client) // until either ends
				_ = database.Close()
			}()
			go answers(client, database, cut)
		}
	}()
	return "postgres://" + u.Query().Get("user") + "@" + listener.Addr().String() + u.Path + "?sslmode=disable"
}

func answers(to io.WriteCloser, from io.Reader, cut *atomic.Bool) {
	defer to.Close() //nolint:errcheck // this is its end
	answer := make([]byte, 1<<16)
	for {
		n, err := from.Read(answer)
		if err != nil || cut.Load() {
			return
		}
		if _, err := to.Write(answer[:n]); err != nil {
			return
		}
	}
}

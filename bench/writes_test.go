package bench

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"weft/internal/client"
	"weft/internal/clock"
	"weft/internal/connector"
	"weft/internal/enrich"
	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/product/transactions/stored"
	weft "weft/internal/server"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

// writes is how much is written: first loads, so many of so many transactions, beside which reads are measured in so many rounds.
type writes struct {
	loads  []loads
	rounds int
	round  time.Duration
}

type loads struct{ items, rows int }

func writesOf() writes {
	if *full {
		return writes{[]loads{{100, 1_000}, {100, 10_000}}, 5, 4 * time.Second}
	}
	return writes{[]loads{{3, 1_000}}, 1, 100 * time.Millisecond}
}

// rows is how many transactions the longest loads have.
func (w writes) rows() int { return w.loads[len(w.loads)-1].rows }

// The least shares of the limits' rates that are good: of one prepared statement on SQLite, and of COPY on PostgreSQL.
var writeMarks = map[string]float64{"sqlite": 0.7, "postgres": 0.6}

const (
	writeTable = "transactions"
	// An Item that rows belong to, which the foreign key wants.
	ofItem = `insert into connections (connection_id, client_id, environment, connector, institution_id, credentials, declined, created_at, failures, rounds)
		values ($1, 'c', 'sandbox', 'bare', 'i', '', '[]', 0, 0, 0)`
	anItem       = `insert into items (item_key, item_id, client_id, environment, connection_id, version, state, created_at) values ($1, $1, 'c', 'sandbox', $1, 0, '{}', 0)`
	writeColumns = "item_key, account_id, native_key, transaction_id, first, added, sequence, removed, date, reference, source, document, original, category_v1, category_v2"
)

// TestWrites prints at which rate first loads are stored by way of a connector, an Item each: brought to our form, compared with what
// is known, numbered for clients that follow, told of in the outbox, in one transaction. Beside it are the same rows written into a
// table with the same indexes by the same driver, in transactions of the same size, each made durable.
func TestWrites(t *testing.T) {
	inShort(t)
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			l := newLoader(t, engine)
			table := fmt.Sprintf("%s\n%-24s %9s %9s %7s %5s %3s %14s %14s", engine, "", "ours/s", "limit/s", "ratio", "mark", "met", "our us CPU/row", "limit's")
			for _, w := range writesOf().loads {
				ours, limit := l.compare(t, w)
				ratios := make([]float64, w.items)
				for i := range ratios {
					ratios[i] = limit.took[i] / ours.took[i]
				}
				met, ratio := "yes", median(ratios)
				if ratio < writeMarks[engine] {
					met = "NO"
				}
				rows := float64(w.rows)
				table += fmt.Sprintf("\n%-24s %9.0f %9.0f %7.2f %5.2f %3s %14.1f %14.1f", fmt.Sprintf("%d of %d rows", w.items, w.rows), rows/median(ours.took), rows/median(limit.took),
					ratio, writeMarks[engine], met, 1e6*median(ours.processor)/rows, 1e6*median(limit.processor)/rows)
			}
			t.Log(table)
			for _, part := range l.parts(t) {
				t.Logf("of one processor's time, a row: %s", part)
			}
		})
	}
}

// newLoads is a server that loads from a bank.
func newLoads(ctx context.Context, storage weft.Storage, from *bank) (*weft.Server, error) {
	srv, err := weft.New(ctx, weft.Config{
		Storage: storage, Listen: "127.0.0.1:0", Clock: clock.System{}, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), NoRateLimits: true, HoldJobs: true,
		CacheBytes: 64 << 20, Preset: client.Preset{ClientID: clientID, Secrets: client.Secrets{plaid.Sandbox: secret}},
	})
	if err == nil {
		srv.Items.Connectors[plaid.Sandbox] = append([]connector.Connector{from}, srv.Items.Connectors[plaid.Sandbox]...)
	}
	return srv, err
}

var sandbox = store.Tenant{Client: clientID, Environment: plaid.Sandbox}

// firstLoad links an Item at the bank, whose whole history is stored at once.
func firstLoad(ctx context.Context, srv *weft.Server) (item.Item, error) {
	linked, err := srv.Items.Link(ctx, sandbox, item.LinkRequest{
		InstitutionID: bankID, Products: []string{"transactions"}, Webhook: "https://receiver.example/webhook", History: item.History{Days: 730},
	})
	return linked.Item, err
}

// loader loads the same into Weft and into a bare table.
type loader struct {
	srv  *weft.Server
	bare func(ctx context.Context, rows [][]any) error
	bank *bank
}

func newLoader(t *testing.T, engine string) *loader {
	storage, bare := weft.Storage{DataDir: t.TempDir(), Exclusive: true}, bareSQLite
	if engine == "postgres" {
		storage.DatabaseURL, bare = storetest.Durable(t), barePostgres
	}
	from := &bank{}
	srv, err := newLoads(t.Context(), storage, from)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := srv.Close(); err != nil {
			t.Error(err)
		}
	})
	return &loader{srv, bare(t), from}
}

// timed are how long loads took, and how long they kept processors busy with this program, in seconds: of PostgreSQL that leaves out
// the database.
type timed struct{ took, processor []float64 }

func (m *timed) time(t *testing.T, do func() error) {
	runtime.GC() // what one leaves is not the other's to clear away
	busy, begun := processorTime(t), time.Now()
	if err := do(); err != nil {
		t.Fatal(err)
	}
	m.took, m.processor = append(m.took, time.Since(begun).Seconds()), append(m.processor, (processorTime(t)-busy).Seconds())
}

// processorTime is how long processors were busy with this program.
func processorTime(t *testing.T) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// compare loads, taking turns.
func (l *loader) compare(t *testing.T, w loads) (ours, limit timed) {
	l.bank.answer = batchOf(w.rows, time.Now())
	for i := range w.items + 1 {
		if i == 1 { // at the first everything begins
			ours, limit = timed{}, timed{}
		}
		var it item.Item
		ours.time(t, func() (err error) {
			it, err = firstLoad(t.Context(), l.srv)
			return err
		})
		rows := l.stored(t, it)
		if len(rows) != w.rows {
			t.Fatalf("%d rows are stored, not %d", len(rows), w.rows)
		}
		limit.time(t, func() error { return l.bare(t.Context(), rows) })
	}
	return ours, limit
}

// stored are the rows of an Item, as they were written.
func (l *loader) stored(t *testing.T, it item.Item) (list [][]any) {
	rows, err := l.srv.Items.DB.Query(t.Context(), "select "+writeColumns+" from "+writeTable+" where item_key = $1 order by sequence", it.Key)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var s [11]string
		var n [4]int64
		var reference *string
		if err := rows.Scan(&s[0], &s[1], &s[2], &s[3], &n[0], &n[1], &n[2], &n[3], &s[4], &reference, &s[5], &s[6], &s[7], &s[8], &s[9]); err != nil {
			t.Fatal(err)
		}
		row := []any{s[0], s[1], s[2], s[3], n[0], n[1], n[2], n[3], s[4], nil, s[5], s[6], s[7], s[8], s[9]}
		if reference != nil {
			row[9] = *reference
		}
		list = append(list, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// bareSQLite is a database of its own with the same tables, and writes with one prepared statement.
func bareSQLite(t *testing.T) func(ctx context.Context, rows [][]any) error {
	path := filepath.Join(t.TempDir(), "bare.db")
	migrate(t, func(o func() time.Time) (*store.DB, error) {
		return store.OpenSQLite(t.Context(), store.SQLiteOptions{Path: path, Now: o})
	})
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=cache_size(-4096)&_pragma=foreign_keys(1)&_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	return func(_ context.Context, rows [][]any) error {
		tx, err := db.Begin()
		if err != nil {
			return err
		}
		for _, parent := range []string{ofItem, anItem} {
			if _, err := tx.Exec(parent, rows[0][0]); err != nil {
				return err
			}
		}
		insert, err := tx.Prepare("insert into " + writeTable + " (" + writeColumns + ") values (" + strings.Repeat("?, ", 14) + "?)")
		if err != nil {
			return err
		}
		for _, row := range rows {
			if _, err := insert.Exec(row...); err != nil {
				return err
			}
		}
		return tx.Commit()
	}
}

// barePostgres is a database of its own with the same tables, and writes with COPY.
func barePostgres(t *testing.T) func(ctx context.Context, rows [][]any) error {
	url := storetest.PostgresURL(t)
	migrate(t, func(o func() time.Time) (*store.DB, error) {
		return store.OpenPostgres(t.Context(), store.PostgresOptions{URL: url, Now: o})
	})
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return func(ctx context.Context, rows [][]any) error {
		tx, err := conn.Begin(ctx)
		if err != nil {
			return err
		}
		for _, parent := range []string{ofItem, anItem} {
			if _, err := tx.Exec(ctx, parent, rows[0][0]); err != nil {
				return err
			}
		}
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{writeTable}, strings.Split(writeColumns, ", "), pgx.CopyFromRows(rows)); err != nil {
			return err
		}
		return tx.Commit(ctx)
	}
}

func migrate(t *testing.T, open func(now func() time.Time) (*store.DB, error)) {
	db, err := open(time.Now)
	if err == nil {
		err = db.Migrate(t.Context())
	}
	if err == nil {
		err = db.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// parts are what it costs to make a row: to find what its description means, anew and where it may have been seen before, and all of
// its columns.
func (l *loader) parts(t *testing.T) (lines []string) {
	part := func(name string, do func(connector.Transaction) error) {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		begun := time.Now()
		for _, one := range l.bank.answer.Transactions {
			if err := do(one); err != nil {
				t.Fatal(err)
			}
		}
		took, n := time.Since(begun), len(l.bank.answer.Transactions)
		runtime.ReadMemStats(&after)
		lines = append(lines, fmt.Sprintf("%-60s %8.2f us %4d allocations", name, float64(took.Microseconds())/float64(n), (after.Mallocs-before.Mallocs)/uint64(n)))
	}
	enricher, account := enrich.New(), l.bank.answer.Accounts[0]
	part("enrichment, each description anew", func(one connector.Transaction) error {
		enricher.Enrich(enrich.Input{Description: one.Name, Amount: one.Amount, AccountType: account.Type})
		return nil
	})
	maker := stored.NewMaker(enricher)
	part("all that is made of a transaction, enrichment included", func(one connector.Transaction) error {
		_ = one.Source()
		_, err := maker.Columns(one, bankID, bankID, nil, account)
		return err
	})
	return lines
}

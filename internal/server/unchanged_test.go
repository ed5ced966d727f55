package server_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"weft/internal/clock"
	"weft/internal/store"
	"weft/internal/store/storetest"
	"weft/wefttest"
)

// bridgeRows is how many transactions the bridge states.
const bridgeRows = 10_000

// bridge is a SimpleFIN server with one account, which states all of its transactions at every call. It returns its setup token.
func bridge(t testing.TB, rows int) (setupToken string) {
	t.Helper()
	var transactions []map[string]any
	day := wefttest.Start.Truncate(24*time.Hour).AddDate(0, 0, -1)
	for i := range rows {
		transactions = append(transactions, map[string]any{
			"id": fmt.Sprintf("t%05d", i), "posted": day.AddDate(0, 0, -i%8).Unix() + 43200, "amount": fmt.Sprintf("-%d.%02d", 1+i%90, i%100),
			"description": fmt.Sprintf("CARD PURCHASE %04d MERCHANT %d SPRINGFIELD", i%10_000, i%977),
		})
	}
	answer, err := json.Marshal(map[string]any{
		"errlist":     []any{},
		"connections": []any{map[string]any{"conn_id": "C1", "name": "Oak", "org_id": "oak.example", "org_name": "Oak Bank", "org_url": "https://oak.example"}},
		"accounts": []any{map[string]any{"conn_id": "C1", "id": "a1", "name": "Checking", "currency": "USD", "balance": "100.00",
			"balance-date": day.Unix(), "transactions": transactions}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var srv *httptest.Server
	srv = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			fmt.Fprint(w, strings.Replace(srv.URL, "://", "://user:password@", 1)+"/simplefin")
			return
		}
		if _, err := w.Write(answer); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(srv.Close)
	return base64.StdEncoding.EncodeToString([]byte(srv.URL + "/claim/once"))
}

// connectBridge makes the bridge's Item, with a webhook, and returns what refreshes it.
func connectBridge(t testing.TB, s *wefttest.Server, rows int, webhook string) (refresh func()) {
	t.Helper()
	s.Secret = wefttest.ProductionSecret
	must := func(path string, request map[string]any, out any) {
		t.Helper()
		if err := s.Call(path, request, out); err != nil {
			t.Fatal(err)
		}
	}
	var made struct {
		Connection string `json:"connection_id"`
		Items      []struct {
			Access string `json:"access_token"`
		}
	}
	must("/weft/connections/create", map[string]any{"token": bridge(t, rows)}, &made)
	must("/item/webhook/update", map[string]any{"access_token": made.Items[0].Access, "webhook": webhook}, nil)
	var page struct {
		Total int `json:"total_transactions"`
	}
	must("/transactions/get", map[string]any{"access_token": made.Items[0].Access, "start_date": "2026-01-01", "end_date": "2026-12-31"}, &page)
	if page.Total != rows {
		t.Fatalf("%d transactions of %d", page.Total, rows)
	}
	must("/transactions/sync", map[string]any{"access_token": made.Items[0].Access}, nil)
	s.Settle()
	return func() {
		t.Helper()
		s.Advance(2 * time.Hour)
		var res struct {
			Error any
			Items []struct {
				Error   any
				Changes map[string]struct{ Added, Changed, Removed, Unchanged int }
			}
		}
		must("/weft/connections/refresh", map[string]any{"connection_id": made.Connection}, &res)
		if c := res.Items[0].Changes["transactions"]; res.Error != nil || res.Items[0].Error != nil || c.Unchanged != rows || c.Added+c.Changed+c.Removed != 0 {
			t.Fatalf("refreshed: %+v", res)
		}
	}
}

// stored is every row of the tables that a refresh may write bank data and news to; on PostgreSQL with the transaction that
// wrote it, which tells a row that was written again as it was.
func stored(t *testing.T, dir, database string) []string {
	t.Helper()
	var db *store.DB
	var err error
	written := "''"
	if database != "" {
		db, err = store.OpenPostgres(t.Context(), store.PostgresOptions{URL: database, Now: clock.System{}.Now})
		written = "cast(t.xmin as text) || ' ' || cast(t.ctid as text)"
	} else {
		db, err = store.OpenSQLite(t.Context(), store.SQLiteOptions{Path: filepath.Join(dir, "weft.db"), Now: clock.System{}.Now})
	}
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // it was only read
	var all []string
	for _, query := range []string{
		`account_id || native_key || t.transaction_id || t.first || ' ' || t.added || ' ' || t.sequence || ' ' || t.removed || t.date
			|| coalesce(t.reference, '-') || t.source || t.document || t.original || t.category_v1 || t.category_v2 from transactions t`,
		`kind || t.document from documents t`,
		`account_id || t.native_key || ' ' || t.as_of from accounts t`,
		`webhook_id || t.state || t.body from webhooks t`,
		`job_id || t.args from jobs t`,
	} {
		rows, err := db.Query(t.Context(), `select `+written+` || t.`+query)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var row string
			if err := rows.Scan(&row); err != nil {
				t.Fatal(err)
			}
			all = append(all, row)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		rows.Close()
	}
	var version int64
	if err := db.QueryRow(t.Context(), `select version from items`).Scan(&version); err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return append(all, fmt.Sprint("version ", version))
}

// A refresh in which a bank states what is known already writes nothing of it, and tells nobody.
func TestUnchangedRefreshWritesNothing(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			var mu sync.Mutex
			var writes []string
			o := wefttest.Options{DataDir: t.TempDir(), Observe: func(query string, _ []any) {
				mu.Lock()
				defer mu.Unlock()
				for _, table := range []string{"transactions", "investment_transactions", "item_securities", "corrections", "webhooks", "webhook_receivers", "jobs"} {
					if strings.HasPrefix(query, "insert into "+table+" ") || strings.HasPrefix(query, "update "+table+" ") || strings.HasPrefix(query, "delete from "+table+" ") {
						writes = append(writes, query)
					}
				}
			}}
			if engine == "postgres" {
				o.Database = storetest.PostgresURL(t)
			}
			r := wefttest.NewReceiver(t)
			refresh := connectBridge(t, wefttest.NewServerWith(t, o), bridgeRows, r.URL)
			before := stored(t, o.DataDir, o.Database)
			if len(before) < bridgeRows {
				t.Fatalf("only %d rows are stored", len(before))
			}
			seen := func() []string {
				mu.Lock()
				defer mu.Unlock()
				list := writes
				writes = nil
				return list
			}
			if len(seen()) == 0 {
				t.Fatal("the observer has seen nothing of the first fetch")
			}
			for range 2 {
				refresh()
			}
			if list := seen(); len(list) > 0 {
				t.Errorf("written: %q", list)
			}
			if after := stored(t, o.DataDir, o.Database); !slices.Equal(before, after) {
				t.Errorf("%d rows before, %d after, or others", len(before), len(after))
			}
		})
	}
}

// BenchmarkRefreshUnchanged10000 is a round in which the bank states 10,000 transactions that are all known.
func BenchmarkRefreshUnchanged10000(b *testing.B) {
	s := wefttest.NewServer(b)
	refresh := connectBridge(b, s, bridgeRows, wefttest.NewReceiver(b).URL)
	for b.Loop() {
		refresh()
	}
	b.ReportMetric(bridgeRows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

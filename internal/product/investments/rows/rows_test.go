package rows

import (
	"errors"
	"strings"
	"testing"

	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/product"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// A page begins at its key, wherever it is, and the key is found in an index alone.
func TestIndexes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		type statement struct {
			query string
			args  []any
		}
		var seen []statement
		db.Observe(func(query string, args []any) { seen = append(seen, statement{query, args}) })
		it := item.Item{Key: "k", Tenant: store.Tenant{Client: "c", Environment: "sandbox"}}
		r := product.Range{From: plaid.MustDate("2026-01-01"), To: plaid.MustDate("2026-12-31"), Count: 100}
		days := []byte(`{"a":[20500,9]}`) // of 2026-02-16
		if _, err := Range(t.Context(), db, it, r, days); err != nil {
			t.Error(err)
		}
		r.Offset = 3
		if _, err := Range(t.Context(), db, it, r, days); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a row that was counted and is not there: %v", err)
		}
		keys := []string{"item_key=? AND date>? AND (date,ordinal)<(?,?)", "COVERING INDEX investment_transactions_date (item_key=? AND date=?)"}
		if db.Dialect() == "postgres" {
			keys = []string{"ROW(date, ordinal) <= ROW(", "investment_transactions_date"}
		}
		if len(seen) != len(keys) {
			t.Fatalf("%d statements", len(seen))
		}
		for i, s := range seen {
			plan, err := db.Explain(t.Context(), s.query, s.args...)
			if err != nil || !strings.Contains(plan, keys[i]) || !strings.Contains(plan, "investment_transactions_date") || strings.Contains(plan, "Sort") || strings.Contains(plan, "TEMP B-TREE") {
				t.Errorf("%s is wanted for\n%s\nplan:\n%s %v", keys[i], s.query, plan, err)
			}
		}
	})
}

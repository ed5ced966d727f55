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

// Each query walks an index that has nothing but what it is about, in the order of the answer: what a page costs does not grow
// with the history.
func TestIndexes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		type statement struct {
			query string
			args  []any
		}
		var seen []statement
		db.Observe(func(query string, args []any) { seen = append(seen, statement{query, args}) })
		yes, v2 := true, "v2"
		it := item.Item{Key: "k", Tenant: store.Tenant{Client: "c", Environment: "sandbox"}}
		days := product.Range{From: plaid.MustDate("2026-01-01"), To: plaid.MustDate("2026-12-31"), Count: 100}
		if _, err := Newest(t.Context(), db, it); err != nil {
			t.Error(err)
		}
		if _, err := Changes(t.Context(), db, it, 0, "", 100, Variants{}); err != nil {
			t.Error(err)
		}
		without := it
		without.Gone = []string{"a"}
		if _, err := Changes(t.Context(), db, without, 0, "", 100, Variants{}); err != nil {
			t.Error(err)
		}
		counted := []byte(`{"a":[20500,9]}`) // of 2026-02-16
		if _, _, err := Range(t.Context(), db, it, days, counted, Variants{IncludeOriginalDescription: &yes, PersonalFinanceCategoryVersion: &v2}); err != nil {
			t.Error(err)
		}
		days.Offset = 3
		if _, _, err := Range(t.Context(), db, it, days, counted, Variants{}); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a row that was counted and is not there: %v", err)
		}
		indexes := []string{"transactions_sequence", "transactions_added", "transactions_changed", "transactions_added", "transactions_changed", "transactions_date", "transactions_date"}
		keys := map[int]string{5: "item_key=? AND date>? AND (date,added)<(?,?)", 6: "COVERING INDEX transactions_date (item_key=? AND date=?)"} // what SQLite seeks by
		if len(seen) != len(indexes) {
			t.Fatalf("%d statements", len(seen))
		}
		for i, s := range seen {
			plan, err := db.Explain(t.Context(), s.query, s.args...)
			if err != nil || !strings.Contains(plan, indexes[i]) || strings.Contains(plan, "Sort") || strings.Contains(plan, "TEMP B-TREE") {
				t.Errorf("%s is wanted for\n%s\nplan:\n%s %v", indexes[i], s.query, plan, err)
			}
			if key := keys[i]; key != "" && db.Dialect() == "sqlite" && !strings.Contains(plan, key) {
				t.Errorf("%s is wanted for\n%s\nplan:\n%s", key, s.query, plan)
			}
		}
	})
}

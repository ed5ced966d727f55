package investments

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"weft/internal/connector"
	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/product"
	"weft/internal/product/investments/rows"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

// stored is a row of the log.
type stored struct{ id, account, date string }

// all are an Item's rows in the order of the pages, read in one go.
func all(t *rapid.T, tx *store.Tx, it item.Item) (list []stored) {
	found, err := tx.Query(t.Context(), `select transaction_id, account_id, date from investment_transactions where item_key = $1
		order by date desc, ordinal desc`, it.Key)
	if err != nil {
		t.Fatal(err)
	}
	err = product.Scan(found, func(row store.Rows) error {
		var s stored
		err := row.Scan(&s.id, &s.account, &s.date)
		list = append(list, s)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// Every page is a slice of the sorted rows of its range and accounts, and says how many they are, whatever was written between one
// page and the next.
func TestPagesAreSlices(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		batch := answer()
		other := batch.Accounts[0]
		other.Key = "other"
		batch.Accounts = append(batch.Accounts, other)
		w.bank.batch = batch
		linked, err := w.items.Link(t.Context(), w.item.Tenant, item.LinkRequest{InstitutionID: "ins_1", Products: []string{productName}})
		if err != nil {
			t.Fatal(err)
		}
		w.item = linked.Item
		bank := map[string]connector.InvestmentTransaction{}
		first := plaid.MustDate("2026-03-01")
		rapid.Check(t, func(rt *rapid.T) {
			for range rapid.IntRange(0, 12).Draw(rt, "writes") {
				account, key := rapid.SampledFrom([]string{"acct", "other"}).Draw(rt, "account"), fmt.Sprint(rapid.IntRange(1, 40).Draw(rt, "key"))
				row := trade(key, first.AddDays(rapid.IntRange(0, 6).Draw(rt, "day")).String(), fmt.Sprint(rapid.IntRange(1, 3).Draw(rt, "amount")))
				row.AccountKey = account
				if bank[account+key] = row; rapid.IntRange(0, 2).Draw(rt, "gone") == 0 {
					delete(bank, account+key)
				}
			}
			batch.InvestmentTransactions = slices.Collect(maps.Values(bank))
			w.refresh(t, batch)
			err := db.Read(rt.Context(), func(tx *store.Tx) error {
				docs, err := item.ReadDocuments(rt.Context(), tx, w.item, item.AccountsDocument, rows.DaysDocument)
				if err != nil {
					return err
				}
				list := all(rt, tx, w.item)
				if len(list) != len(bank) {
					rt.Fatalf("%d rows are stored, the bank has %d", len(list), len(bank))
				}
				for range 8 {
					if err := w.isSlice(rt, tx, list, docs.ByKind[rows.DaysDocument]); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				rt.Fatal(err)
			}
		})
	})
}

// isSlice reads a page and holds it to the rows.
func (w *world) isSlice(t *rapid.T, tx *store.Tx, list []stored, days []byte) error {
	r := product.Range{To: plaid.MustDate("2026-03-09").AddDays(-rapid.IntRange(0, 10).Draw(t, "to")), Count: rapid.IntRange(1, 20).Draw(t, "count"),
		Offset: rapid.IntRange(0, 60).Draw(t, "offset")}
	r.From = r.To.AddDays(-rapid.IntRange(0, 10).Draw(t, "days"))
	it := w.item
	var accounts []string
	for _, s := range list {
		if !slices.Contains(accounts, s.account) {
			accounts = append(accounts, s.account)
		}
	}
	if len(accounts) > 0 {
		r.Accounts = rapid.SliceOfNDistinct(rapid.SampledFrom(accounts), 0, len(accounts), rapid.ID).Draw(t, "accounts")
		it.Gone = rapid.SliceOfN(rapid.SampledFrom(accounts), 0, 1).Draw(t, "gone")
	}
	page, err := rows.Range(t.Context(), tx, it, r, days)
	if err != nil {
		return err
	}
	want := slices.DeleteFunc(slices.Clone(list), func(s stored) bool {
		return s.date < r.From.String() || s.date > r.To.String() || slices.Contains(it.Gone, s.account) ||
			len(r.Accounts) > 0 && !slices.Contains(r.Accounts, s.account)
	})
	if page.Total != int64(len(want)) {
		t.Fatalf("%+v has %d rows, said are %d", r, len(want), page.Total)
	}
	want = want[min(r.Offset, len(want)):min(r.Offset+r.Count, len(want))]
	same := func(doc []byte, s stored) bool {
		return strings.Contains(string(doc), `"investment_transaction_id":"`+s.id+`"`)
	}
	got := make([][]byte, len(page.Documents))
	for i, doc := range page.Documents {
		got[i] = doc
	}
	if !slices.EqualFunc(got, want, same) {
		t.Fatalf("%+v is\n%s\nof\n%v", r, page.Documents, want)
	}
	return nil
}

package transactions

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/product"
	"weft/internal/product/transactions/rows"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

// live is a transaction that counts.
type live struct{ id, account, date string }

// all are an Item's transactions in the order of the pages, read in one go.
func all(t *rapid.T, tx *store.Tx, it item.Item) (list []live) {
	found, err := tx.Query(t.Context(), `select transaction_id, account_id, date from transactions where item_key = $1 and removed = 0
		order by date desc, added desc`, it.Key)
	if err != nil {
		t.Fatal(err)
	}
	err = product.Scan(found, func(row store.Rows) error {
		var l live
		err := row.Scan(&l.id, &l.account, &l.date)
		list = append(list, l)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// Every page is a slice of the sorted transactions of its range and accounts, and says how many they are, whatever was written between
// one page and the next.
func TestPagesAreSlices(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newSyncWorld(t, db)
		today := plaid.DateOf(storetest.Start)
		rapid.Check(t, func(rt *rapid.T) {
			for range rapid.IntRange(0, 12).Draw(rt, "writes") {
				w.bank.put(rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "account"), rapid.IntRange(1, 40).Draw(rt, "key"), rapid.IntRange(0, 6).Draw(rt, "day"),
					rapid.IntRange(0, 3).Draw(rt, "amount"))
			}
			w.refreshBank(t)
			err := db.Read(rt.Context(), func(tx *store.Tx) error {
				docs, err := item.ReadDocuments(rt.Context(), tx, w.item, item.AccountsDocument, rows.DaysDocument)
				if err != nil {
					return err
				}
				list := all(rt, tx, w.item)
				accounts := slices.Compact(slices.Sorted(func(yield func(string) bool) {
					for _, l := range list {
						yield(l.account)
					}
				}))
				for range 8 {
					r := product.Range{To: today.AddDays(-rapid.IntRange(-2, 8).Draw(rt, "to")), Count: rapid.IntRange(1, 20).Draw(rt, "count"),
						Offset: rapid.IntRange(0, 60).Draw(rt, "offset")}
					r.From = r.To.AddDays(-rapid.IntRange(0, 10).Draw(rt, "days"))
					it := w.item
					if len(accounts) > 0 {
						r.Accounts = rapid.SliceOfNDistinct(rapid.SampledFrom(accounts), 0, len(accounts), rapid.ID).Draw(rt, "accounts")
						it.Gone = rapid.SliceOfN(rapid.SampledFrom(accounts), 0, 1).Draw(rt, "gone")
					}
					page, total, err := rows.Range(rt.Context(), tx, it, r, docs.ByKind[rows.DaysDocument], rows.Variants{})
					if err != nil {
						return err
					}
					want := slices.DeleteFunc(slices.Clone(list), func(l live) bool {
						return l.date < r.From.String() || l.date > r.To.String() || slices.Contains(it.Gone, l.account) ||
							len(r.Accounts) > 0 && !slices.Contains(r.Accounts, l.account)
					})
					if total != int64(len(want)) {
						rt.Fatalf("%+v has %d rows, said are %d", r, len(want), total)
					}
					want = want[min(r.Offset, len(want)):min(r.Offset+r.Count, len(want))]
					if !slices.EqualFunc(page, want, func(doc string, l live) bool { return strings.Contains(doc, `"transaction_id":"`+l.id+`"`) }) {
						rt.Fatalf("%+v is\n%v\nof\n%v", r, page, want)
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

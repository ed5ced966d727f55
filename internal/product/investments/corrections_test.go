package investments

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"weft/internal/clock"
	"weft/internal/connector"
	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/product"
	"weft/internal/product/investments/rows"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

// statement imports a file with some rows, each with a reference, and corrections; it returns the Item.
func (w *world) statement(t testing.TB, institution string, rows []connector.InvestmentTransaction, corrections ...connector.Correction) item.Imported {
	t.Helper()
	batch := answer(rows...)
	batch.Partial, batch.InvestmentHistory, batch.Corrections = true, nil, corrections
	imported, err := w.items.Import(t.Context(), w.item.Tenant, "file", []connector.Statement{{Batch: batch, Institution: connector.Institution{
		Institution: plaid.Institution{InstitutionID: institution, Name: "A bank", Products: []string{productName}},
	}}}, false)
	if err != nil {
		t.Fatal(err)
	}
	w.item = imported[0].Item
	return imported[0]
}

func referenced(key, reference, date, amount string) connector.InvestmentTransaction {
	row := trade(key, date, amount)
	row.Reference = reference
	return row
}

func TestReplacementKeepsThePlace(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		wrong, later, right := referenced("a", "1", "2026-02-01", "10"), referenced("b", "2", "2026-02-01", "5"), referenced("c", "3", "2026-02-01", "11")
		ids := func() (ids []string) {
			docs, err := item.ReadDocuments(t.Context(), db, w.item, rows.DaysDocument)
			if err != nil {
				t.Fatal(err)
			}
			page, err := rows.Range(t.Context(), db, w.item, product.Range{From: plaid.MustDate("2026-01-01"), To: plaid.MustDate("2026-12-31"), Count: 500}, docs.ByKind[rows.DaysDocument])
			if err != nil {
				t.Fatal(err)
			}
			for _, doc := range page.Documents {
				ids = append(ids, string(doc[:len(`{"investment_transaction_id":"`)+37]))
			}
			return ids
		}
		w.statement(t, "ins_x", []connector.InvestmentTransaction{wrong, later})
		before := ids()
		replaced := connector.Correction{AccountKey: "acct", Reference: "1", ReplacedBy: "c"}
		one := w.statement(t, "ins_x", []connector.InvestmentTransaction{later, right}, replaced)
		expect(t, w.log(t), "2026-02-01 trade b 5", "2026-02-01 trade c 11")
		if !slices.Equal(ids(), before) || one.Report["investment_transactions"] != (item.Counts{Changed: 1, Unchanged: 1}) {
			t.Errorf("ids %q, before %q, %+v", ids(), before, one.Report)
		}
		again := w.statement(t, "ins_x", []connector.InvestmentTransaction{wrong, later})
		again = w.statement(t, "ins_x", []connector.InvestmentTransaction{later, right}, replaced)
		expect(t, w.log(t), "2026-02-01 trade b 5", "2026-02-01 trade c 11")
		if again.Item.Version != one.Item.Version || again.Report["investment_transactions"] != (item.Counts{Unchanged: 2}) {
			t.Errorf("version %d, before %d, %+v", again.Item.Version, one.Item.Version, again.Report)
		}
		gone := w.statement(t, "ins_x", nil, connector.Correction{AccountKey: "acct", Reference: "2"})
		expect(t, w.log(t), "2026-02-01 trade c 11")
		if gone.Report["investment_transactions"] != (item.Counts{Removed: 1}) {
			t.Errorf("%+v", gone.Report)
		}
		w.statement(t, "ins_x", []connector.InvestmentTransaction{wrong, later})
		expect(t, w.log(t), "2026-02-01 trade c 11")
	})
}

// What was taken for the wrong row comes back, with its security, when it shows that another was meant.
func TestTakenForAnother(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.statement(t, "ins_x", []connector.InvestmentTransaction{referenced("fee", "1", "2026-02-01", "1")})
		w.statement(t, "ins_x", []connector.InvestmentTransaction{referenced("new", "2", "2026-02-01", "11")}, connector.Correction{AccountKey: "acct", Reference: "1", ReplacedBy: "new"})
		expect(t, w.log(t), "2026-02-01 trade new 11")
		w.statement(t, "ins_x", []connector.InvestmentTransaction{referenced("buy", "1", "2026-02-01", "10")})
		expect(t, w.log(t), "2026-02-01 trade fee 1", "2026-02-01 trade new 11")
	})
}

// A window of one account says nothing of another.
func TestWindowIsOfTheNamedAccounts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.refresh(t, answer(trade("a", "2026-02-01", "10")))
		other := answer()
		other.Accounts[0].Key, other.Holdings = "other", nil
		w.refresh(t, other)
		var rows int64
		if err := db.QueryRow(t.Context(), `select count(*) from investment_transactions`).Scan(&rows); err != nil || rows != 1 {
			t.Errorf("%d rows, %v", rows, err)
		}
	})
}

// Files with corrections end in the same log in any order, and imported more than once; where each row has a reference of
// its own, in the bank's.
func TestCorrectionsInAnyOrder(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t, clock.NewManual(storetest.Start)))
	rapid.Check(t, func(rt *rapid.T) {
		type part struct {
			row        connector.InvestmentTransaction
			correction *connector.Correction
		}
		shared := rapid.Bool().Draw(rt, "shared references")
		var parts []part
		live := map[string]bool{}
		for i := range rapid.IntRange(1, 6).Draw(rt, "rows") {
			reference := fmt.Sprint("r", i)
			if shared {
				reference = fmt.Sprint("r", rapid.IntRange(0, 2).Draw(rt, "reference"))
			}
			date, amount := fmt.Sprintf("2026-02-0%d", rapid.IntRange(1, 3).Draw(rt, "day")), rapid.IntRange(1, 9).Draw(rt, "amount")
			row := referenced(fmt.Sprint("k", i), reference, date, fmt.Sprint(amount))
			parts = append(parts, part{row: row})
			line := fmt.Sprintf("%s %s %s", row.Date, row.Name, row.Amount)
			live[line] = true
			switch rapid.IntRange(0, 3).Draw(rt, "what becomes of it") {
			case 0:
				fixed := referenced(fmt.Sprint("f", i), fmt.Sprint("f", i), date, fmt.Sprint(amount+1))
				parts = append(parts, part{fixed, &connector.Correction{AccountKey: "acct", Reference: reference, ReplacedBy: fixed.Key}})
				delete(live, line)
				live[fmt.Sprintf("%s %s %s", fixed.Date, fixed.Name, fixed.Amount)] = true
			case 1:
				parts = append(parts, part{row, &connector.Correction{AccountKey: "acct", Reference: reference}})
				delete(live, line)
			}
		}
		var logs [][]string
		for range 2 {
			institution := w.items.IDs.ID()
			parts = rapid.Permutation(parts).Draw(rt, "order")
			for range 2 {
				for _, p := range parts {
					rows, corrections := []connector.InvestmentTransaction{p.row}, []connector.Correction{}
					if p.correction != nil {
						corrections = append(corrections, *p.correction)
						if p.correction.ReplacedBy == "" {
							rows = nil
						}
					}
					w.statement(t, institution, rows, corrections...)
				}
			}
			w.foundAnew(t)
			log := w.log(t)
			slices.Sort(log)
			logs = append(logs, log)
		}
		if !slices.Equal(logs[0], logs[1]) {
			rt.Fatalf("one order\n%q, another\n%q", logs[0], logs[1])
		}
		if !shared && (len(logs[0]) != len(live) || slices.ContainsFunc(logs[0], func(l string) bool { return !live[l] })) {
			rt.Fatalf("read %q, the bank has %v", logs[0], live)
		}
	})
}

package investments

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"weft/internal/connector"
	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

// lotsOf is what a client reads of the first holding: its cost, and its lots "2026-01-02 10 for 100".
func (w *world) lotsOf(t testing.TB) string {
	t.Helper()
	raw, err := w.holdings(t.Context(), w.item, holdingsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var answer struct{ Holdings []plaid.Holding }
	if err := json.Unmarshal(append(slices.Concat(raw...), '}'), &answer); err != nil {
		t.Fatal(err)
	}
	lines := []string{"cost " + decimal(answer.Holdings[0].CostBasis)}
	for _, l := range answer.Holdings[0].TaxLots {
		day := "-"
		if l.OriginalPurchaseDatetime != nil {
			day = (*l.OriginalPurchaseDatetime)[:10]
		}
		lines = append(lines, fmt.Sprintf("%s %s for %s worth %s", day, *l.Quantity, decimal(l.CostBasis), *l.CurrentValue))
	}
	return strings.Join(lines, "; ")
}

func decimal(d *plaid.Decimal) string {
	if d == nil {
		return "-"
	}
	return d.String()
}

func (w *world) holds(t testing.TB, want string) {
	t.Helper()
	if got := w.lotsOf(t); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// holding has the bank state so many units at 100.
func holding(batch connector.Batch, units string) connector.Batch {
	batch.Holdings = slices.Clone(batch.Holdings)
	batch.Holdings[0].Quantity = plaid.Dec(units)
	batch.Holdings[0].InstitutionValue = plaid.Dec(units).Mul(plaid.Dec("100"))
	return batch
}

func TestLotsFollowTheTransactions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		a, b := trade("a", "2026-02-01", "10"), trade("b", "2026-03-01", "21")
		w.refresh(t, holding(answer(a), "2"))
		w.holds(t, "cost -")
		w.refresh(t, holding(answer(a, b), "2"))
		w.holds(t, "cost 31; 2026-02-01 1 for 10 worth 100.00; 2026-03-01 1 for 21 worth 100.00")

		// A price alone changes what the lots are worth, and nothing else of them.
		dearer := holding(answer(a, b), "2")
		dearer.Holdings[0].InstitutionValue = plaid.Dec("333.33")
		w.refresh(t, dearer)
		w.holds(t, "cost 31; 2026-02-01 1 for 10 worth 166.67; 2026-03-01 1 for 21 worth 166.66")

		// What the bank corrects or takes back shows in the lots at once.
		w.refresh(t, holding(answer(a, trade("b", "2026-03-01", "20")), "2"))
		w.holds(t, "cost 30; 2026-02-01 1 for 10 worth 100.00; 2026-03-01 1 for 20 worth 100.00")
		w.refresh(t, holding(answer(a), "2"))
		w.holds(t, "cost -")
		w.refresh(t, holding(answer(a), "1"))
		w.holds(t, "cost 10; 2026-02-01 1 for 10 worth 100")
	})
}

// What the bank says of lots and of cost is never replaced, whatever the transactions say.
func TestTheBanksOwnWordStands(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		stating := func(cost string, list ...plaid.TaxLot) connector.Batch {
			batch := holding(answer(trade("a", "2026-02-01", "10")), "1")
			batch.Holdings[0].CostBasis, batch.Holdings[0].TaxLots = plaid.Dec(cost).Ptr(), list
			return batch
		}
		w.refresh(t, stating("10.00"))
		w.holds(t, "cost 10.00; 2026-02-01 1 for 10 worth 100")
		w.refresh(t, stating("12.50"))
		w.holds(t, "cost 12.50")
		own := plaid.TaxLot{Quantity: plaid.Dec("1").Ptr(), CostBasis: plaid.Dec("7").Ptr(), CurrentValue: plaid.Dec("100").Ptr()}
		w.refresh(t, stating("10.00", own))
		w.holds(t, "cost 10.00; - 1 for 7 worth 100")

		// A cost that was Weft's is not taken for the bank's once the bank is silent again.
		silent := holding(answer(trade("a", "2026-02-01", "10")), "1")
		w.refresh(t, silent)
		w.holds(t, "cost 10; 2026-02-01 1 for 10 worth 100")
		w.refresh(t, holding(answer(trade("a", "2026-02-01", "10")), "3"))
		w.holds(t, "cost -")
	})
}

// A file gives lots to the holdings of another once the transactions of both reach back to the first purchase.
func TestFilesThatReachFurtherBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		later := []connector.InvestmentTransaction{trade("b", "2026-03-01", "20")}
		imported := w.file(t, "2", later...)
		w.holds(t, "cost -")
		if imported.Report["holdings"].Added != 1 {
			t.Errorf("%+v", imported.Report)
		}
		imported = w.file(t, "", trade("a", "2026-02-01", "10"))
		w.holds(t, "cost 30; 2026-02-01 1 for 10 worth 100.00; 2026-03-01 1 for 20 worth 100.00")
		if imported.Report["holdings"].Changed != 1 {
			t.Errorf("%+v", imported.Report)
		}
		version := w.item.Version
		if w.file(t, "", trade("a", "2026-02-01", "10")); w.item.Version != version {
			t.Errorf("version %d after an equal file, before %d", w.item.Version, version)
		}
	})
}

// The method is chosen for an account, and its lots change at once.
func TestLotMethod(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		sold := trade("c", "2026-04-01", "-30")
		sold.Quantity, sold.Type, sold.Subtype = plaid.Dec("-1"), "sell", "sell"
		w.refresh(t, holding(answer(trade("a", "2026-02-01", "10"), trade("b", "2026-03-01", "20"), sold), "1"))
		w.holds(t, "cost 20; 2026-03-01 1 for 20 worth 100")
		var accounts []struct {
			AccountID string `json:"account_id"`
		}
		raw, err := w.holdings(t.Context(), w.item, holdingsRequest{})
		if err != nil {
			t.Fatal(err)
		}
		var answered struct{ Accounts json.RawMessage }
		if err := json.Unmarshal(append(slices.Concat(raw...), '}'), &answered); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(answered.Accounts, &accounts); err != nil {
			t.Fatal(err)
		}
		choose := func(method string) {
			t.Helper()
			res, err := w.lotMethod(t.Context(), w.item, lotMethodRequest{AccountID: accounts[0].AccountID, Method: &method})
			if err != nil || string(res.Method) != method || len(res.Holdings) != 1 || res.Holdings[0].Lots != 1 {
				t.Errorf("%+v %v", res, err)
			}
			if w.item, err = w.items.ItemByID(t.Context(), w.item.Tenant, w.item.ID); err != nil {
				t.Fatal(err)
			}
		}
		choose("lifo")
		w.holds(t, "cost 10; 2026-02-01 1 for 10 worth 100")
		choose("average")
		w.holds(t, "cost 15.00; 2026-03-01 1 for 15.00 worth 100")
		choose("hifo")
		w.holds(t, "cost 10; 2026-02-01 1 for 10 worth 100")
		w.refresh(t, holding(answer(trade("a", "2026-02-01", "11"), trade("b", "2026-03-01", "20"), sold), "1"))
		w.holds(t, "cost 11; 2026-02-01 1 for 11 worth 100")
	})
}

// file imports a statement of so many units, or of transactions alone where there are none.
func (w *world) file(t testing.TB, units string, txs ...connector.InvestmentTransaction) item.Imported {
	t.Helper()
	batch := answer(txs...)
	batch.Partial, batch.InvestmentHistory = true, nil
	if units == "" {
		batch.Holdings, batch.Accounts[0].HoldingsUnstated = nil, true
	} else {
		batch = holding(batch, units)
	}
	imported, err := w.items.Import(t.Context(), w.item.Tenant, "file", []connector.Statement{{Batch: batch, Institution: connector.Institution{
		Institution: plaid.Institution{InstitutionID: "ins_lots", Name: "A broker", Products: []string{productName}},
	}}}, false)
	if err != nil {
		t.Fatal(err)
	}
	w.item = imported[0].Item
	return imported[0]
}

// foundAnew checks that the lots of a refresh, which has its answer at hand, are those that the stored transactions alone give.
func (w *world) foundAnew(t testing.TB) {
	t.Helper()
	docs, err := item.ReadDocuments(t.Context(), w.items.DB, w.item, item.InvestmentAccountsDocument, holdingsDocument)
	if err != nil {
		t.Fatal(err)
	}
	var accounts []plaid.InvestmentAccount
	if err := json.Unmarshal(docs.ByKind[item.InvestmentAccountsDocument], &accounts); err != nil {
		t.Fatal(err)
	}
	for _, a := range accounts {
		if _, err := w.chooseMethod(t.Context(), w.item, a.AccountID, "fifo"); err != nil {
			t.Fatal(err)
		}
	}
	again, err := item.ReadDocuments(t.Context(), w.items.DB, w.item, holdingsDocument)
	if err != nil {
		t.Fatal(err)
	}
	if before, after := string(docs.ByKind[holdingsDocument]), string(again.ByKind[holdingsDocument]); before != after {
		t.Fatalf("found anew\n%s\nbefore\n%s", after, before)
	}
}

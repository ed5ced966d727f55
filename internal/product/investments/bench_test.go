package investments

import (
	"fmt"
	"testing"

	"weft/internal/clock"
	"weft/internal/connector"
	"weft/internal/plaid"
	"weft/internal/store/storetest"
)

// manyRows is how many transactions the account of the benchmark has: of forty years of daily trading.
const manyRows = 50_000

// busy is a bank's answer about an account with many purchases, and a sale of nearly all of them after each third.
func busy(own []plaid.TaxLot) connector.Batch {
	var txs []connector.InvestmentTransaction
	var held plaid.Decimal
	first := plaid.MustDate("2000-01-01")
	for i := range manyRows {
		t := trade(fmt.Sprint("k", i), "2026-01-01", fmt.Sprint(100+i%50))
		if t.Date = first.AddDays(i / 6); i%4 == 3 {
			t.Quantity, t.Amount, t.Type, t.Subtype = plaid.Dec("-2.99"), plaid.Dec("-330"), "sell", "sell"
		}
		held = held.Add(t.Quantity)
		txs = append(txs, t)
	}
	batch := holding(answer(txs...), held.String())
	batch.InvestmentHistory.From = first
	batch.Holdings[0].TaxLots = own
	return batch
}

// BenchmarkRefresh refreshes an Item of many transactions, for whose holding the bank states lots or leaves them to be found:
// with nothing new, with another price, and with a new transaction each time.
func BenchmarkRefresh(b *testing.B) {
	for name, own := range map[string][]plaid.TaxLot{"the bank's lots": {{}}, "lots to be found": nil} {
		batch := busy(own)
		w := newWorld(b, storetest.SQLite(b, clock.NewManual(storetest.Start)))
		w.refresh(b, batch)
		b.Run(name+"/nothing new", func(b *testing.B) {
			for b.Loop() {
				w.refresh(b, batch)
			}
		})
		n := 0
		b.Run(name+"/a new price", func(b *testing.B) {
			for b.Loop() {
				n++
				batch.Holdings[0].InstitutionValue = plaid.NewDecimal(int64(n), -2)
				w.refresh(b, batch)
			}
		})
		b.Run(name+"/a new transaction", func(b *testing.B) {
			for b.Loop() {
				n++
				batch.InvestmentTransactions = append(batch.InvestmentTransactions, trade(fmt.Sprint("new", n), "2026-06-01", "10"))
				batch.Holdings[0].Quantity = batch.Holdings[0].Quantity.Add(plaid.Dec("1"))
				w.refresh(b, batch)
			}
		})
	}
}

package contract

import (
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"weft/internal/export/ledger"
	"weft/internal/export/tables"
	"weft/internal/needs"
	"weft/internal/plaid"
)

func ptr[T any](v T) *T { return &v }

// awkward is a book with what is awkward: long numbers, negative ones, nothing, and letters from everywhere.
func awkward() *ledger.Book {
	dollars := ptr("USD")
	day := plaid.MustDate("2026-02-28")
	a := ledger.Account{Account: plaid.Account{AccountID: "acc1", Name: "Girokonto Zoë", Type: "investment", Mask: ptr("0001"),
		Balances: plaid.Balances{Current: plaid.Dec("-12.345").Ptr(), ISOCurrencyCode: dollars}},
		ItemID: "item1", InstitutionID: "ins_1", InstitutionName: "Банк", AsOf: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}
	a.Transactions = []ledger.Transaction{
		{Transaction: plaid.Transaction{TransactionID: "t1", Amount: plaid.Dec("12"), Date: day, Name: "Café", ISOCurrencyCode: dollars}},
		{Transaction: plaid.Transaction{TransactionID: "t2", Amount: plaid.Dec("-0.005"), Date: plaid.MustDate("1969-12-31"), Pending: true, ISOCurrencyCode: dollars}},
	}
	a.Holdings = []plaid.Holding{{SecurityID: "s1", Quantity: plaid.Dec("0.000000000000000001"), InstitutionPrice: plaid.Dec("64000.5"), InstitutionValue: plaid.Dec("0")}}
	a.Investments = []plaid.InvestmentTransaction{{InvestmentTransactionID: "i1", SecurityID: ptr("s1"), Date: day, Type: "sell", Subtype: "sell", Quantity: plaid.Dec("-3.5"), Amount: plaid.Dec("-7")}}
	return &ledger.Book{Accounts: []ledger.Account{a}, Securities: []plaid.Security{{SecurityID: "s1", Type: ptr("cryptocurrency"),
		OptionContract: &plaid.OptionContract{ContractType: "call", ExpirationDate: day, StrikePrice: plaid.Dec("62.5")}}}}
}

// Tables are read by another program's reader.
func TestTables(t *testing.T) {
	node := needs.Program(t, "node", "apt-get install nodejs npm")
	needs.Packages(t, "node")
	dir := t.TempDir()
	for _, table := range tables.Of(awkward()) {
		for extension, write := range map[string]func(io.Writer, tables.Table) error{".csv": tables.CSV, ".parquet": tables.Parquet} {
			f, err := os.Create(filepath.Join(dir, table.Name+extension))
			if err != nil {
				t.Fatal(err)
			}
			if err := write(f, table); err != nil {
				t.Fatal(err)
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	runNode(t, node, "tables.test.mjs", []string{"WEFT_TABLES=" + dir})
}

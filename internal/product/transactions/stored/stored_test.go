package stored_test

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"weft/internal/connector"
	"weft/internal/enrich"
	"weft/internal/plaid"
	"weft/internal/product/transactions/stored"
)

// What is remembered of descriptions changes nothing: a maker that has made others makes of a transaction what a new one does.
func TestWhatIsRememberedChangesNothing(t *testing.T) {
	enricher := enrich.New()
	old := stored.NewMaker(enricher)
	some := func(t *rapid.T, label string, list ...string) string { return rapid.SampledFrom(list).Draw(t, label) }
	rapid.Check(t, func(t *rapid.T) {
		usd, subtype := "USD", some(t, "subtype", "checking", "mortgage")
		account := connector.Account{Account: plaid.Account{Type: some(t, "type", plaid.TypeDepository, plaid.TypeCredit, plaid.TypeLoan)}}
		if rapid.Bool().Draw(t, "has subtype") {
			account.Subtype = &subtype
		}
		one := connector.Transaction{
			Key: "k", Date: plaid.Date(rapid.IntRange(0, 20_000).Draw(t, "day")), Amount: plaid.NewDecimal(rapid.Int64Range(-500, 500).Draw(t, "amount"), -2), ISOCurrencyCode: &usd,
			Name:  some(t, "name", "NETFLIX.COM 866-579-7172 CA", "STARBUCKS STORE 05521 SEATTLE WA", "CHECK 1234", "ACME PAYROLL DES:DIRECT DEP", "ATM WITHDRAWAL", "é\u2028<&>"),
			Payee: some(t, "payee", "", "Netflix"), Memo: some(t, "memo", "", "CHECK 77"), Kind: some(t, "kind", "", "ATM", "INT"), CheckNumber: some(t, "check", "", "0042"),
			Pending: rapid.Bool().Draw(t, "pending"),
		}
		got, err := old.Columns(one, "id", "account", nil, account)
		if err != nil {
			t.Fatal(err)
		}
		want, err := stored.NewMaker(enricher).Columns(one, "id", "account", nil, account)
		if err != nil || got != want {
			t.Fatalf("%+v\nis\n%+v\nanew it is\n%+v\n%v", one, got, want, err)
		}
		var w plaid.Transaction
		if err := json.Unmarshal([]byte(got.Document+"}"), &w); err != nil || w.TransactionID != "id" || w.AccountID != "account" || w.Date != one.Date || !w.Amount.Equal(one.Amount) {
			t.Fatalf("%s: %v", got.Document, err)
		}
	})
}

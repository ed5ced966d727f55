package investments

import (
	"testing"

	"weft/internal/connector"
	"weft/internal/plaid"
	"weft/internal/store"
	"weft/internal/store/storetest"
)

// The movements of an account that the bank no longer takes for an investment account go, whatever days its answer covers:
// they are told as transactions of a bank account now.
func TestAccountThatIsNoInvestmentAccountAnyMore(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.refresh(t, answer(trade("1", "2026-02-01", "10"), trade("2", "2026-03-01", "20")))
		if n := len(w.log(t)); n != 2 {
			t.Fatalf("%d transactions", n)
		}
		other := answer()
		other.InvestmentHistory, other.Holdings, other.Securities = nil, nil, nil
		other.Accounts = []connector.Account{{Key: "acct", Account: plaid.Account{Name: "Checking", Type: "depository", Subtype: text("checking")}}}
		w.refresh(t, other)
		var left int
		if err := db.QueryRow(t.Context(), `select count(*) from investment_transactions`).Scan(&left); err != nil || left != 0 {
			t.Errorf("%d are left, %v", left, err)
		}
	})
}

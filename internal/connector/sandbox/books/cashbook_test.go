package books

import (
	"strings"
	"testing"

	"weft/internal/connector/sandbox/market"
	"weft/internal/plaid"
)

// TestCashBooks: what a depository account has is what its transactions leave, at the same balances as ever.
func TestCashBooks(t *testing.T) {
	golden := map[string]string{"user_investor": "159696.85", "user_retiree": "94435.09"}
	for name, p := range load(t) {
		for _, days := range []int{0, 200} {
			b := mustRun(t, market.New("weft"), p, "x", created, created.AddDays(days))
			left, seen := map[string]plaid.Decimal{}, map[string]bool{}
			for _, row := range b.Transactions {
				left[row.AccountKey] = left[row.AccountKey].Sub(row.Amount)
				if seen[row.AccountKey+row.Key] || row.Name != strings.ToUpper(row.Name) || row.Kind == "" || row.Amount.IsZero() {
					t.Errorf("%s: %+v", name, row)
				}
				seen[row.AccountKey+row.Key] = true
			}
			for _, a := range b.Accounts {
				if a.Type != plaid.TypeInvestment && !a.Balances.Current.Equal(left[a.Key]) {
					t.Errorf("%s: %s has %s, its transactions leave %s", name, a.Key, a.Balances.Current, left[a.Key])
				}
				if want := golden[name]; days == 0 && a.Key == "checking" && a.Balances.Current.String() != want {
					t.Errorf("%s: %s has %s, it had %s", name, a.Key, a.Balances.Current, want)
				}
			}
		}
	}
}

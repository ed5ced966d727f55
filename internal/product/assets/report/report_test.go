package report

import (
	"testing"

	"pgregory.net/rapid"

	"weft/internal/plaid"
)

func account(kind, current string) Account {
	a := Account{Type: kind}
	a.Balances.Current = plaid.Dec(current).Ptr()
	return a
}

// Forward from any balance, the days' transactions lead to the balance of now.
func TestBalancesFollowFromTransactions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]string{"depository", "credit"}).Draw(t, "type")
		today := plaid.MustDate("2026-03-01")
		a := account(kind, rapid.StringMatching(`-?[1-9][0-9]{0,4}\.[0-9]{2}`).Draw(t, "current"))
		days := rapid.IntRange(0, 40).Draw(t, "days")
		var list []Transaction
		for range rapid.IntRange(0, 30).Draw(t, "transactions") {
			list = append(list, Transaction{Date: today.AddDays(-rapid.IntRange(-1, 45).Draw(t, "age")),
				Amount: plaid.Dec(rapid.StringMatching(`-?[1-9][0-9]{0,3}\.[0-9]{2}`).Draw(t, "amount")), Pending: rapid.Bool().Draw(t, "pending")})
		}
		got := Balances(a, list, today, days)
		if len(got) != days {
			t.Fatalf("%d balances for %d days", len(got), days)
		}
		for i, b := range got {
			if b.Date != today.AddDays(-i-1) {
				t.Fatalf("day %d is %s", i, b.Date)
			}
			sum := b.Current
			for _, x := range list {
				switch {
				case x.Pending || x.Date <= b.Date:
				case kind == "credit":
					sum = sum.Add(x.Amount)
				default:
					sum = sum.Sub(x.Amount)
				}
			}
			if !sum.Equal(*a.Balances.Current) {
				t.Fatalf("from %s on %s the account comes to %s, and has %s", b.Current, b.Date, sum, a.Balances.Current)
			}
		}
	})
}

func TestBalancesOfWhatTransactionsDoNotTell(t *testing.T) {
	for _, kind := range []string{"investment", "loan", "other"} {
		if got := Balances(account(kind, "5"), nil, 10, 3); len(got) != 0 || got == nil {
			t.Errorf("%s: %v", kind, got)
		}
	}
	if got := Balances(Account{Type: "depository"}, nil, 10, 3); len(got) != 0 {
		t.Errorf("without a balance: %v", got)
	}
}

func TestDays(t *testing.T) {
	list := []Transaction{{Date: 95}, {Date: 90}}
	for _, c := range []struct {
		list            []Transaction
		requested, want int
	}{{list, 60, 10}, {list, 5, 5}, {nil, 60, 60}, {[]Transaction{{Date: 101}}, 60, 0}} {
		if got := Days(c.list, 100, c.requested); got != c.want {
			t.Errorf("%v in %d days: %d, not %d", c.list, c.requested, got, c.want)
		}
	}
}

package server_test

import (
	"math"
	"testing"
	"time"

	"weft/wefttest"
)

// What an investment account is worth is what it holds but for what it owes, also after the bank was asked for balances alone.
func TestBalancesAgreeWithHoldings(t *testing.T) {
	each(t, func(t *testing.T, s *wefttest.Server) {
		item := s.MustLinkUser(wefttest.User{Name: "user_investor", Password: "x"}, "ins_109508", "investments")
		before := worth(t, item)
		s.Advance(10 * 24 * time.Hour)
		if err := item.Call("/accounts/balance/get", nil, nil); err != nil {
			t.Fatal(err)
		}
		after, moved := worth(t, item), 0
		for id, w := range after {
			if w != before[id] {
				moved++
			}
		}
		if len(after) == 0 || moved == 0 {
			t.Errorf("of %d accounts %d are worth something else after ten days", len(after), moved)
		}
	})
}

// worth is what each investment account is worth by its balance, which its holdings and its margin loan must add up to.
func worth(t *testing.T, item *wefttest.Item) map[string]float64 {
	t.Helper()
	var got struct {
		Accounts []struct {
			AccountID string `json:"account_id"`
			Type      string `json:"type"`
			Balances  struct {
				Current float64  `json:"current"`
				Margin  *float64 `json:"margin_loan_amount"`
			} `json:"balances"`
		} `json:"accounts"`
		Holdings []struct {
			AccountID string  `json:"account_id"`
			Value     float64 `json:"institution_value"`
		} `json:"holdings"`
	}
	if err := item.Call("/investments/holdings/get", nil, &got); err != nil {
		t.Fatal(err)
	}
	sums, worth := map[string]float64{}, map[string]float64{}
	for _, h := range got.Holdings {
		sums[h.AccountID] += h.Value
	}
	for _, a := range got.Accounts {
		if a.Type != "investment" {
			continue
		}
		worth[a.AccountID] = a.Balances.Current
		owed := 0.0
		if a.Balances.Margin != nil {
			owed = *a.Balances.Margin
		}
		if math.Abs(sums[a.AccountID]-owed-a.Balances.Current) > 0.005 {
			t.Errorf("account %s has %v, holds %v and owes %v", a.AccountID, a.Balances.Current, sums[a.AccountID], owed)
		}
	}
	return worth
}

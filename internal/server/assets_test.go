package server_test

import (
	"fmt"
	"testing"
	"time"

	"weft/internal/connector/sandbox/household/plan"
	"weft/internal/connector/sandbox/personas"
	"weft/internal/needs"
	"weft/internal/plaid"
	"weft/internal/product/assets/report"
	"weft/wefttest"
)

// assetReport is an answer to reading a report.
type assetReport struct {
	report.Stored
}

// createReport asks for a report and returns its token.
func createReport(t testing.TB, s *wefttest.Server, days int, options map[string]any, items ...*wefttest.Item) string {
	t.Helper()
	tokens := make([]string, len(items))
	for i, it := range items {
		tokens[i] = it.AccessToken
	}
	var made struct {
		Token string `json:"asset_report_token"`
	}
	request := map[string]any{"access_tokens": tokens, "days_requested": days, "options": options}
	if err := s.Call("/asset_report/create", request, &made); err != nil {
		t.Fatal(err)
	}
	return made.Token
}

func readReport(t testing.TB, s *wefttest.Server, token string) (a assetReport) {
	t.Helper()
	if err := s.Call("/asset_report/get", map[string]any{"asset_report_token": token}, &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// In the report of any person, whatever the seed: the days of each account go back one by one from yesterday, and each day's balance is
// that of the day after it, less what was posted then. Today's is what the account has.
func TestHistoricalBalancesReconcile(t *testing.T) {
	people, err := plan.Names(personas.FS)
	people = append(people, "user_good", "user_investor", "user_retiree", "user_crypto")
	if err != nil || len(people) < 10 {
		t.Fatalf("people: %v, %v", people, err)
	}
	balances, moved := 0, 0
	for i := range needs.Cycles(6, 50) {
		s := wefttest.NewServerWith(t, wefttest.Options{Seed: fmt.Sprint("report ", i), Now: wefttest.Start.AddDate(0, 0, -37*i).Add(time.Duration(i) * time.Hour)})
		for j := range 3 {
			user := people[(3*i+j)%len(people)]
			days := []int{731, 90, 1}[(i+j)%3]
			it := s.MustLinkUser(wefttest.User{Name: user, Password: "pass_good"}, "ins_109508", "assets")
			token := createReport(t, s, days, nil, it)
			s.Settle()
			a := readReport(t, s, token)
			if got := plaid.MustDate(a.Report.DateGenerated[:10]); got != plaid.DateOf(s.Now()) {
				t.Errorf("the report is of %s", got)
			}
			for _, account := range a.Report.Items[0].Accounts {
				moved += reconcile(t, user, plaid.DateOf(s.Now()), days, account)
				balances += len(account.HistoricalBalances)
			}
		}
		s.Stop()
	}
	t.Logf("%d balances, on %d of which something was posted", balances, moved)
	if moved < balances/20 {
		t.Error("hardly anything was posted: the test proves little")
	}
}

// reconcile checks an account, and returns on how many days something was posted.
func reconcile(t *testing.T, user string, today plaid.Date, days int, a report.Account) (moved int) {
	t.Helper()
	if (a.Type != "depository" && a.Type != "credit") || a.Balances.Current == nil {
		if len(a.HistoricalBalances) > 0 {
			t.Errorf("%s: %s has %d historical balances, and is of type %s or without a balance", user, a.Name, len(a.HistoricalBalances), a.Type)
		}
		return 0
	}
	first := today
	posted := map[plaid.Date]plaid.Decimal{}
	for _, x := range a.Transactions {
		first = min(first, x.Date)
		if x.Date < today.AddDays(-days) {
			t.Errorf("%s: %s has a transaction of %s in a report of %d days", user, a.Name, x.Date, days)
		}
		if !x.Pending {
			posted[x.Date] = posted[x.Date].Add(x.Amount)
		}
	}
	if len(a.HistoricalBalances) != a.DaysAvailable || a.DaysAvailable > days || (len(a.Transactions) > 0 && a.DaysAvailable < int(today-first)) {
		t.Errorf("%s: %s has %d balances for %d days of %d, and transactions since %s", user, a.Name, len(a.HistoricalBalances), a.DaysAvailable, days, first)
	}
	balance, sign := *a.Balances.Current, plaid.Dec("1")
	if a.Type == "credit" {
		sign = plaid.Dec("-1")
	}
	for i, b := range a.HistoricalBalances {
		day := today.AddDays(-i - 1)
		if sum := posted[day.AddDays(1)]; !sum.IsZero() {
			balance = balance.Add(sum.Mul(sign))
			moved++
		}
		if b.Date != day || !b.Current.Equal(balance) || b.ISOCurrencyCode == nil || *b.ISOCurrencyCode != *a.Balances.ISOCurrencyCode {
			t.Fatalf("%s: %s had %s on %s, and by its transactions %s on %s", user, a.Name, b.Current, b.Date, balance, day)
		}
	}
	return moved
}

// What is calculated back is what the bank said then: a report's balance of a day is what was in the account when that day ended.
func TestHistoricalBalancesAreWhatTheBankSaid(t *testing.T) {
	for _, user := range []string{"user_good", "user_yuppie", "user_small_business", "user_credit_profile_poor"} {
		s := wefttest.NewServerWith(t, wefttest.Options{Now: plaid.MustDate("2026-11-20").Time().Add(-time.Second), LastingLogins: true})
		it := s.MustLinkUser(wefttest.User{Name: user, Password: "pass_good"}, "ins_109508", "assets")
		type key struct {
			account string
			day     plaid.Date
		}
		said := map[key]plaid.Decimal{}
		for range 21 {
			var told struct{ Accounts []plaid.Account }
			if err := it.Call("/accounts/balance/get", nil, &told); err != nil {
				t.Fatal(err)
			}
			for _, a := range told.Accounts {
				if a.Balances.Current != nil {
					said[key{a.AccountID, plaid.DateOf(s.Now())}] = *a.Balances.Current
				}
			}
			s.Advance(24 * time.Hour)
		}
		token := createReport(t, s, 60, nil, it)
		s.Settle()
		compared, different := 0, map[string]bool{}
		for _, a := range readReport(t, s, token).Report.Items[0].Accounts {
			for _, b := range a.HistoricalBalances {
				was, ok := said[key{a.AccountID, b.Date}]
				if ok && !was.Equal(b.Current) {
					t.Errorf("%s: %s had %s on %s by the report, and %s by the bank", user, a.Name, b.Current, b.Date, was)
				}
				if ok {
					compared, different[was.String()] = compared+1, true
				}
			}
		}
		if compared < 21 {
			t.Errorf("%s: only %d balances were compared", user, compared)
		}
		t.Logf("%s: %d balances, %d different", user, compared, len(different))
	}
}

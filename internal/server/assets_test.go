package server_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"weft/internal/connector/sandbox/household/plan"
	"weft/internal/connector/sandbox/personas"
	"weft/internal/needs"
	"weft/internal/plaid"
	"weft/internal/product/assets/report"
	"weft/internal/store/storetest"
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

// get is a report as it is answered, to the byte but for the request's id.
func get(t testing.TB, s *wefttest.Server, token string) string {
	t.Helper()
	status, body, err := s.Post("/asset_report/get", map[string]any{"asset_report_token": token, "include_insights": true}, nil)
	if err != nil || status != 200 {
		t.Fatalf("%d %s, %v", status, body, err)
	}
	return withoutRequestID(body)
}

// A report is what it was, to the byte, whatever becomes of its Item, of the client's secret and of the server.
func TestReportsNeverChange(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			o := wefttest.Options{DataDir: t.TempDir(), LastingLogins: true}
			if engine == "postgres" {
				o.Database = storetest.PostgresURL(t)
			}
			s := wefttest.NewServerWith(t, o)
			it := s.MustLinkUser(wefttest.User{Name: "user_transactions_dynamic", Password: "pass_good"}, "ins_109508", "assets", "transactions")
			token := createReport(t, s, 90, nil, it)
			s.Settle()
			want := get(t, s, token)
			same := func(after string) {
				t.Helper()
				if got := get(t, s, token); got != want {
					t.Fatalf("after %s the report is another one", after)
				}
			}
			for range 3 {
				s.Advance(40 * 24 * time.Hour)
				if err := it.Call("/transactions/refresh", nil, nil); err != nil {
					t.Fatal(err)
				}
				s.Settle()
			}
			same("refreshes of the Item")
			newer := createReport(t, s, 90, nil, it)
			s.Settle()
			if get(t, s, newer) == want {
				t.Fatal("nothing has changed: the test proves nothing")
			}
			it.MustRemove()
			same("the removal of the Item")
			s.RotateSecret()
			same("a new secret")
			s.Stop()
			o.Now = s.Now().AddDate(2, 0, 0)
			next := wefttest.NewServerWith(t, o)
			next.Secret = s.Secret
			s = next
			same("two years and another server")
		})
	}
}

// Reports that are made while their Item is refreshed and removed are whole, or say that it is gone.
func TestReportsOfItemsThatGo(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			written := make(chan struct{}, 100)
			o := wefttest.Options{Observe: func(query string, _ []any) {
				if strings.Contains(query, "update asset_reports set document") {
					written <- struct{}{}
				}
			}}
			if engine == "postgres" {
				o.Database = storetest.PostgresURL(t)
			}
			s := wefttest.NewServerWith(t, o)
			all := 0
			for n := range 5 {
				all += removeAfter(t, s, written, n)
			}
			if all < 1+2+3 || all == 20 {
				t.Errorf("%d of 20 reports were made: the removals were all on one side of them", all)
			}
		})
	}
}

// removeAfter removes an Item once so many of its four reports are written, and returns how many are made in the end.
func removeAfter(t *testing.T, s *wefttest.Server, written <-chan struct{}, n int) (made int) {
	t.Helper()
	it := s.MustLink("ins_109508", "assets", "transactions")
	accounts := len(it.MustAccounts())
	var tokens []string
	for range 4 {
		tokens = append(tokens, createReport(t, s, 30, nil, it))
	}
	var work sync.WaitGroup
	work.Go(func() {
		for range 3 {
			var e *wefttest.Error
			if err := it.Call("/accounts/balance/get", nil, nil); err != nil && (!errors.As(err, &e) || e.Code != "ITEM_NOT_FOUND") {
				t.Error(err)
			}
		}
	})
	work.Go(s.Settle)
	work.Go(func() {
		for range n {
			<-written
		}
		it.MustRemove()
	})
	work.Wait()
	for range 4 { // attempts that met the removal are made again
		s.Advance(time.Hour)
		s.Settle()
	}
	for len(written) > 0 {
		<-written
	}
	for _, token := range tokens {
		var a assetReport
		var e *wefttest.Error
		err := s.Call("/asset_report/get", map[string]any{"asset_report_token": token}, &a)
		switch {
		case errors.As(err, &e) && e.Code == "DATA_UNAVAILABLE":
		case err != nil:
			t.Error(err)
		case len(a.Report.Items) != 1 || len(a.Report.Items[0].Accounts) != accounts || len(a.Warnings) > 0:
			t.Errorf("a report of %d Items, with the warnings %+v", len(a.Report.Items), a.Warnings)
		default:
			made++
		}
	}
	return made
}

// Of removals at once one removes; a share that is made meanwhile goes too, or is not made.
func TestRemovalsAtOnce(t *testing.T) {
	each(t, func(t *testing.T, s *wefttest.Server) {
		auditor := s.NewClient()
		it := s.MustLink("ins_109508", "assets")
		for range 6 {
			token := createReport(t, s, 3, nil, it)
			s.Settle()
			named := map[string]any{"asset_report_token": token}
			var work sync.WaitGroup
			var removed atomic.Int64
			for range 3 {
				work.Go(func() {
					var e *wefttest.Error
					switch err := s.Call("/asset_report/remove", named, nil); {
					case err == nil:
						removed.Add(1)
					case !errors.As(err, &e) || e.Code != "INVALID_FIELD":
						t.Error(err)
					}
				})
				work.Go(func() {
					var made struct {
						Token string `json:"relay_token"`
					}
					var e *wefttest.Error
					err := s.Call("/credit/relay/create", map[string]any{"report_tokens": []string{token}, "secondary_client_id": auditor.ClientID}, &made)
					if err != nil && (!errors.As(err, &e) || e.Code != "INVALID_FIELD") {
						t.Error(err)
					}
					if err != nil {
						return
					}
					relay := map[string]any{"relay_token": made.Token, "report_type": "asset"}
					if err := auditor.Call("/credit/relay/refresh", relay, nil); err != nil && (!errors.As(err, &e) || e.Code != "INVALID_FIELD") {
						t.Error(err)
					}
				})
			}
			work.Wait()
			if removed.Load() != 1 {
				t.Errorf("%d of 3 removals have removed", removed.Load())
			}
			s.Settle()
			if left := s.Count("asset_reports") + s.Count("asset_shares"); left > 0 {
				t.Errorf("%d reports and shares are left", left)
			}
		}
	})
}

// 99 Items are as many as a report may have.
func TestMostItemsOfAReport(t *testing.T) {
	s := wefttest.NewServer(t)
	tokens := make([]string, 100)
	for i := range tokens {
		tokens[i] = "access-sandbox-" + unknownUUID
	}
	for n, want := range map[int]string{99: "INVALID_ACCESS_TOKEN", 100: "INVALID_FIELD"} {
		var e *wefttest.Error
		err := s.Call("/asset_report/create", map[string]any{"access_tokens": tokens[:n], "days_requested": 1}, nil)
		if !errors.As(err, &e) || e.Code != want {
			t.Errorf("%d tokens: %v", n, err)
		}
	}
	items := make([]*wefttest.Item, needs.Cycles(20, 99))
	for i := range items {
		items[i] = s.MustLink("ins_109508", "assets")
	}
	token := createReport(t, s, 731, nil, items...)
	s.Settle()
	got := readReport(t, s, token)
	if len(got.Report.Items) != len(items) || len(got.Warnings) > 0 {
		t.Errorf("a report of %d Items has %d, and the warnings %+v", len(items), len(got.Report.Items), got.Warnings)
	}
}

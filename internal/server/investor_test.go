package server_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"weft/internal/clock"
	"weft/internal/connector"
	"weft/internal/item"
	"weft/internal/item/connections"
	"weft/internal/needs"
	"weft/internal/server"
	"weft/internal/store"
	"weft/internal/store/storetest"
	"weft/wefttest"
)

var investor = wefttest.User{Name: "user_investor", Password: "x"}

// book is what a client reads of an Item's investments: transactions in their order, and holdings by account and security.
type book struct {
	transactions []string // ids
	cancels      map[string]bool
	holdings     map[[2]string]string
	bytes        string
}

func read(t *testing.T, i *wefttest.Item, from string) book {
	t.Helper()
	b := book{cancels: map[string]bool{}, holdings: map[[2]string]string{}}
	for total := -1; len(b.transactions) != total; {
		var page struct {
			Transactions []json.RawMessage `json:"investment_transactions"`
			Securities   json.RawMessage
			Total        int `json:"total_investment_transactions"`
		}
		if err := i.Call("/investments/transactions/get", map[string]any{
			"start_date": from, "end_date": "2030-01-01", "options": map[string]any{"count": 500, "offset": len(b.transactions)},
		}, &page); err != nil || len(page.Transactions) == 0 && page.Total > 0 {
			t.Fatal(err, len(b.transactions))
		}
		total = page.Total
		for _, raw := range page.Transactions {
			var tx wefttest.InvestmentTransaction
			if err := json.Unmarshal(raw, &tx); err != nil {
				t.Fatal(err)
			}
			b.transactions = append(b.transactions, tx.InvestmentTransactionID)
			b.cancels[tx.InvestmentTransactionID] = tx.Type == "cancel"
			b.bytes += string(raw)
		}
		b.bytes += string(page.Securities)
	}
	var held struct{ Accounts, Holdings, Securities []json.RawMessage }
	if err := i.Call("/investments/holdings/get", nil, &held); err != nil {
		t.Fatal(err)
	}
	for _, raw := range held.Holdings {
		var h wefttest.Holding
		if err := json.Unmarshal(raw, &h); err != nil {
			t.Fatal(err)
		}
		b.holdings[[2]string{h.AccountID, h.SecurityID}] = string(raw)
	}
	b.bytes += fmt.Sprintf("%s%s%s", held.Accounts, held.Holdings, held.Securities)
	return b
}

// news is what webhooks should count of what has become of a book.
func news(before, now book) (added, cancelled, newHoldings, updatedHoldings int) {
	for _, id := range now.transactions {
		if _, known := before.cancels[id]; !known {
			added++
			if now.cancels[id] {
				cancelled++
			}
		}
	}
	for _, id := range before.transactions {
		if _, there := now.cancels[id]; !there {
			cancelled++
		}
	}
	for at, h := range now.holdings {
		if was, known := before.holdings[at]; !known {
			newHoldings++
		} else if was != h {
			updatedHoldings++
		}
	}
	for at := range before.holdings {
		if _, there := now.holdings[at]; !there {
			updatedHoldings++
		}
	}
	return added, cancelled, newHoldings, updatedHoldings
}

// told is a webhook of investments.
type told struct {
	Type        string `json:"webhook_type"`
	Code        string `json:"webhook_code"`
	New         int    `json:"new_investments_transactions"`
	Cancelled   int    `json:"cancelled_investments_transactions"`
	NewHoldings int    `json:"new_holdings"`
	Updated     int    `json:"updated_holdings"`
}

// The bank of somebody who trades is asked once a day by itself, and what the client is told of a day is what it then finds.
// Banks of others are not asked.
func TestEachDayOfATraderIsTold(t *testing.T) {
	for engine, database := range map[string]func() string{"sqlite": func() string { return "" }, "postgres": func() string { return storetest.PostgresURL(t) }} {
		t.Run(engine, func(t *testing.T) {
			followTrader(t, wefttest.NewServerWith(t, wefttest.Options{LastingLogins: true, Database: database()}))
		})
	}
}

func followTrader(t *testing.T, s *wefttest.Server) {
	r := wefttest.NewReceiver(t)
	i := s.MustLinkUser(investor, "ins_109508", "investments")
	other := s.MustLink("ins_109508", "investments")
	for _, one := range []*wefttest.Item{i, other} {
		if err := one.Call("/item/webhook/update", map[string]any{"webhook": r.URL}, nil); err != nil {
			t.Fatal(err)
		}
	}
	s.Settle()
	r.Take()
	s.Advance(14 * time.Hour) // from there on it is after midnight
	const recent = "2026-11-10"
	before, cancelled, quiet := read(t, i, recent), 0, 0
	for day := range 75 {
		s.Settle()
		now := read(t, i, recent)
		added, gone, newHoldings, updated := news(before, now)
		var want []told
		if newHoldings+updated > 0 {
			want = append(want, told{Type: "HOLDINGS", Code: "DEFAULT_UPDATE", NewHoldings: newHoldings, Updated: updated})
		}
		if added+gone > 0 {
			want = append(want, told{Type: "INVESTMENTS_TRANSACTIONS", Code: "DEFAULT_UPDATE", New: added, Cancelled: gone})
		} else {
			quiet++
		}
		cancelled += gone
		var got []told
		for _, w := range r.Take() {
			var one told
			if err := json.Unmarshal(w.Body, &one); err != nil || w.ItemID != i.ItemID {
				t.Errorf("%v %s", err, w.Body)
			}
			got = append(got, one)
		}
		if !slices.Equal(got, want) {
			t.Errorf("day %d: told %+v, found %+v", day, got, want)
		}
		before = now
		s.Advance(24 * time.Hour)
	}
	if quiet == 0 || cancelled == 0 {
		t.Errorf("%d days without a transaction, %d were cancelled: too little to see", quiet, cancelled)
	}
}

// An Item that was refreshed each day and one that was refreshed once show the same, to the byte.
func TestATradersStateDoesNotDependOnTheWayThere(t *testing.T) {
	days := needs.Cycles(30, 60)
	open := func() (*wefttest.Server, *wefttest.Item) {
		s := wefttest.NewServerWith(t, wefttest.Options{LastingLogins: true})
		return s, s.MustLinkUser(investor, "ins_109508", "investments")
	}
	daily, first := open()
	for range days {
		daily.Advance(24 * time.Hour)
		daily.Settle()
	}
	once, second := open()
	once.Advance(time.Duration(days) * 24 * time.Hour)
	second.MustRefresh()
	if a, b := read(t, first, "2020-01-01"), read(t, second, "2020-01-01"); a.bytes != b.bytes {
		at := 0
		for at < min(len(a.bytes), len(b.bytes)) && a.bytes[at] == b.bytes[at] {
			at++
		}
		from := max(0, at-300)
		t.Errorf("%d and %d transactions; at %d\n%s\n%s", len(a.transactions), len(b.transactions), at, a.bytes[from:min(len(a.bytes), at+300)], b.bytes[from:min(len(b.bytes), at+300)])
	}
}

// A connection whose Item needs a new login is asked no more by itself, until there is one.
func TestATraderWhoMustLogInIsLeftAlone(t *testing.T) {
	c := clock.NewManual(wefttest.Start)
	cfg := config(t.TempDir())
	var asked atomic.Int64
	cfg.Clock, cfg.HoldJobs, cfg.Observe = c, true, func(query string, _ []any) {
		if strings.Contains(query, "update connections set lease_owner") {
			asked.Add(1)
		}
	}
	srv := mustOpen(t, cfg)
	defer mustClose(t, srv)
	tenant := store.Tenant{Client: srv.Client.ClientID, Environment: "sandbox"}
	linked, err := srv.Items.Link(t.Context(), tenant, item.LinkRequest{InstitutionID: "ins_109508", Username: investor.Name, Password: "x", Products: []string{"investments"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := srv.Items.Link(t.Context(), tenant, item.LinkRequest{InstitutionID: "ins_109508", Username: "user_good", Password: "pass_good", Products: []string{"investments"}}); err != nil {
		t.Fatal(err) // whose bank is never asked by itself
	}
	due := func() (asks int64, left int) {
		t.Helper()
		before := asked.Load()
		c.Advance(25 * time.Hour)
		if err := srv.Connections.RefreshDue(t.Context()); err != nil {
			t.Fatal(err)
		}
		return asked.Load() - before, leftDue(t, srv, c.Now())
	}
	if asks, left := due(); asks != 1 || left != 0 {
		t.Errorf("on the first day the bank was asked %d times, %d are due", asks, left)
	}
	if err := srv.Items.ResetLogin(t.Context(), tenant, linked.Item.ID); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if asks, left := due(); asks != 0 || left != 0 {
			t.Errorf("without a login the bank was asked %d times, %d are due", asks, left)
		}
	}
	opened, err := srv.Items.Authenticate(t.Context(), tenant, connector.Login{InstitutionID: "ins_109508", Username: investor.Name, Password: "x"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := srv.Items.Repair(t.Context(), linked.Item, opened, item.Renewal{}, nil); err != nil {
		t.Fatal(err)
	}
	if asks, left := due(); asks != 1 || left != 0 {
		t.Errorf("after a new login the bank was asked %d times, %d are due", asks, left)
	}
}

// leftDue is how many connections are due.
func leftDue(t *testing.T, srv *server.Server, now time.Time) int {
	t.Helper()
	list, err := connections.Due(t.Context(), srv.Items.DB, now, 10)
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

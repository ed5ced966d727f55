package contract

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"
)

// Paths that many cases read.
const (
	holdingsGet     = "/investments/holdings/get"
	transactionsGet = "/investments/transactions/get"
	authGet         = "/investments/auth/get"
)

type accountsAnswer struct {
	Accounts []struct {
		ID      string  `json:"account_id"`
		Type    string  `json:"type"`
		Subtype *string `json:"subtype"`
	} `json:"accounts"`
}

// accountIDs are the ids of an Item's accounts.
func (p *probe) accountIDs(t *testing.T, token string) []string {
	t.Helper()
	var a accountsAnswer
	p.ok(t, "/accounts/get", about(token)).into(t, &a)
	ids := make([]string, len(a.Accounts))
	for i, account := range a.Accounts {
		ids[i] = account.ID
	}
	return ids
}

type holdingsAnswer struct {
	accountsAnswer
	Holdings []struct {
		AccountID  string      `json:"account_id"`
		SecurityID string      `json:"security_id"`
		Quantity   json.Number `json:"quantity"`
		Value      json.Number `json:"institution_value"`
	} `json:"holdings"`
	Securities []struct {
		ID     string  `json:"security_id"`
		Ticker *string `json:"ticker_symbol"`
	} `json:"securities"`
}

// testHoldings: all holdings, those of some accounts, and what cannot be asked.
func testHoldings(t *testing.T, p *probe) {
	token := p.link(t, login{products: everyInvestment})
	ids := p.accountIDs(t, token)
	var all holdingsAnswer
	p.ok(t, holdingsGet, about(token)).into(t, &all)
	if len(all.Holdings) == 0 || len(all.Securities) == 0 {
		t.Fatalf("%d holdings, %d securities", len(all.Holdings), len(all.Securities))
	}
	sum := 0
	for _, path := range []string{"/accounts/get", holdingsGet, authGet} {
		for _, id := range ids {
			var one holdingsAnswer
			p.ok(t, path, filtered(token, id)).into(t, &one)
			if len(one.Accounts) != 1 || one.Accounts[0].ID != id {
				t.Errorf("%s of account %s has the accounts %v", path, id, one.Accounts)
			}
			if path == holdingsGet {
				sum += len(one.Holdings)
			}
		}
		p.ok(t, path, filtered(token, ids...))
		p.ok(t, path, filtered(token, ids[0], ids[0]))
		p.ok(t, path, filtered(token))
		p.ok(t, path, about(token, "options", nil))
		p.ok(t, path, about(token, "options", map[string]any{}))
		p.ok(t, path, about(token, "options", map[string]any{"account_ids": nil}))
		p.refused(t, path, "INVALID_ACCOUNT_ID", filtered(token, "nobody's"))
		p.refused(t, path, "INVALID_ACCOUNT_ID", filtered(token, ids[0], ""))
		other := p.accountIDs(t, p.link(t, login{}))
		p.refused(t, path, "INVALID_ACCOUNT_ID", filtered(token, other[0]))
	}
	if sum != len(all.Holdings) {
		t.Errorf("the accounts have %d holdings together, the Item has %d", sum, len(all.Holdings))
	}
	p.ok(t, "/investments/refresh", about(token))
}

func filtered(token string, accountIDs ...string) map[string]any {
	return about(token, "options", map[string]any{"account_ids": accountIDs})
}

type transactionsAnswer struct {
	Total        int `json:"total_investment_transactions"`
	Transactions []struct {
		ID        string `json:"investment_transaction_id"`
		AccountID string `json:"account_id"`
		Date      string `json:"date"`
	} `json:"investment_transactions"`
}

// testTransactions: pages, spans, accounts.
func testTransactions(t *testing.T, p *probe) {
	token := p.link(t, login{})
	span := func(from, to any, options any) map[string]any {
		return about(token, "start_date", from, "end_date", to, "options", options)
	}
	total := len(p.pages(t, token, 100, nil))
	if got := len(p.pages(t, token, 500, nil)); got != total || total == 0 {
		t.Errorf("%d transactions by pages of 500, %d by pages of 100", got, total)
	}
	sum := 0
	ids := p.accountIDs(t, token)
	for _, id := range ids {
		sum += len(p.pages(t, token, 250, []string{id}))
	}
	if sum != total {
		t.Errorf("the accounts have %d transactions together, the Item has %d", sum, total)
	}
	for _, options := range []any{
		nil, map[string]any{}, map[string]any{"count": 1}, map[string]any{"count": 500, "offset": total - 1}, map[string]any{"offset": total + 1},
		map[string]any{"offset": 1_000_000_000}, map[string]any{"async_update": true}, map[string]any{"async_update": false},
		map[string]any{"account_ids": ids[:1], "count": 10}, map[string]any{"account_ids": []string{}},
	} {
		p.ok(t, transactionsGet, span("2024-11-21", "2026-11-20", options))
	}
	for _, days := range [][2]string{{"2026-11-20", "2026-11-20"}, {"1900-01-01", "1999-12-31"}, {"2030-01-01", "2100-01-01"}, {"2024-02-29", "2024-03-01"}} {
		p.ok(t, transactionsGet, span(days[0], days[1], nil))
	}
	for _, bad := range []map[string]any{
		span("2026-11-20", "2026-11-19", nil), span("2026-02-30", "2026-11-20", nil), span("20260101", "2026-11-20", nil), span("", "2026-11-20", nil),
		span("2026-01-01T00:00:00Z", "2026-11-20", nil), span("2026-01-01", "2026-11-20", map[string]any{"count": 0}),
		span("2026-01-01", "2026-11-20", map[string]any{"count": 501}), span("2026-01-01", "2026-11-20", map[string]any{"offset": -1}),
		span("2026-01-01", "2026-11-20", map[string]any{"count": 1e30}),
	} {
		p.refused(t, transactionsGet, "INVALID_FIELD", bad)
	}
	p.refused(t, transactionsGet, "INVALID_ACCOUNT_ID", span("2026-01-01", "2026-11-20", map[string]any{"account_ids": []string{"nobody's"}}))
}

// pages reads all transactions and checks what holds of pages: newest first, none twice, as many as the total says.
func (p *probe) pages(t *testing.T, token string, count int, accountIDs []string) []string {
	t.Helper()
	var ids []string
	last, total := "9999", -1
	for total < 0 || len(ids) < total {
		options := map[string]any{"count": count, "offset": len(ids)}
		if accountIDs != nil {
			options["account_ids"] = accountIDs
		}
		var page transactionsAnswer
		p.ok(t, transactionsGet, about(token, "start_date", "2024-01-01", "end_date", "2026-12-31", "options", options)).into(t, &page)
		if total >= 0 && page.Total != total {
			t.Fatalf("the total was %d and is %d", total, page.Total)
		}
		total = page.Total
		if want := min(count, total-len(ids)); len(page.Transactions) != want {
			t.Fatalf("a page has %d transactions, want %d", len(page.Transactions), want)
		}
		for _, row := range page.Transactions {
			if row.Date > last || slices.Contains(ids, row.ID) || (accountIDs != nil && !slices.Contains(accountIDs, row.AccountID)) {
				t.Fatalf("transaction %+v after %s", row, last)
			}
			last = row.Date
			ids = append(ids, row.ID)
		}
	}
	return ids
}

// testReadings: every user at institutions of every kind, read by every endpoint.
func testReadings(t *testing.T, p *probe) {
	invested := p.spec.Has(holdingsGet)
	for _, institution := range []string{usBank, usMatchBank, oauthBank, degradedBank, canadaBank} {
		for _, user := range []string{"user_good", "user_investor", "user_crypto", "user_retiree", "user_yuppie"} {
			t.Run(institution+" "+user, func(t *testing.T) {
				products := []string{"investments"}
				if institution != canadaBank {
					products = everyInvestment
				}
				token := p.link(t, login{institution: institution, user: user, password: "pass_good", products: products})
				p.readAll(t, token, invested, institution != canadaBank)
			})
		}
	}
	for _, institution := range []string{balanceBank, europeBank, ukBank} {
		t.Run(institution, func(t *testing.T) {
			p.readAll(t, p.link(t, login{institution: institution, products: []string{"transactions"}}), false, false)
		})
	}
}

// readAll reads an Item by every endpoint that it has.
func (p *probe) readAll(t *testing.T, token string, invested, transferable bool) {
	t.Helper()
	p.ok(t, "/item/get", about(token))
	p.ok(t, "/accounts/get", about(token))
	if invested {
		p.ok(t, holdingsGet, about(token))
		p.ok(t, transactionsGet, about(token, "start_date", "2024-01-01", "end_date", "2026-12-31", "options", map[string]any{"count": 500}))
	}
	if transferable {
		p.ok(t, authGet, about(token))
	}
}

// testTime: the same Items as days go by, with a refresh each time.
func testTime(t *testing.T, p *probe) {
	tokens := map[string]string{}
	for _, user := range []string{"user_good", "user_investor", "user_crypto", "user_retiree"} {
		tokens[user] = p.link(t, login{user: user, password: "pass_good", products: everyInvestment})
	}
	for _, days := range []int{1, 6, 30, 90, 300} {
		p.Advance(time.Duration(days) * 24 * time.Hour)
		for user, token := range tokens {
			t.Run(fmt.Sprint(user, " ", p.Now().Format(time.DateOnly)), func(t *testing.T) {
				p.ok(t, "/investments/refresh", about(token))
				p.readAll(t, token, true, true)
				to := p.Now().Format(time.DateOnly)
				p.ok(t, transactionsGet, about(token, "start_date", "2026-01-01", "end_date", to, "options", map[string]any{"count": 500}))
			})
		}
	}
}

package contract

import (
	"encoding/json"
	"testing"
)

type changesAnswer struct {
	Added, Modified []struct {
		ID string `json:"transaction_id"`
	}
	Removed []struct {
		ID string `json:"transaction_id"`
	} `json:"removed"`
	Cursor string `json:"next_cursor"`
	More   bool   `json:"has_more"`
}

// testBanking: the transactions of each kind of person, by range and by cursor, in both versions of the categories, while the
// bank goes on.
func testBanking(t *testing.T, p *probe) {
	for _, user := range []string{"user_good", "user_transactions_dynamic", "user_yuppie", "user_small_business", "user_ewa_user", "user_prism_1"} {
		password := "x"
		if user == "user_good" {
			password = "pass_good"
		}
		token := p.link(t, login{user: user, password: password, products: []string{"transactions"},
			options: map[string]any{"transactions": map[string]any{"days_requested": 730}}})
		held := map[string]bool{}
		cursor := p.follow(t, token, "", held)
		if len(held) < 40 {
			t.Errorf("%s has %d transactions", user, len(held))
		}
		var page struct {
			Total int `json:"total_transactions"`
		}
		for _, options := range []map[string]any{
			{"count": 500, "include_original_description": true}, {"personal_finance_category_version": "v2", "offset": 3}, {"count": 1, "account_ids": p.accountIDs(t, token)[:1]},
		} {
			p.ok(t, "/transactions/get", about(token, "start_date", "2024-01-01", "end_date", "2026-12-31", "options", options)).into(t, &page)
		}
		for _, version := range []string{"v1", "v2"} {
			var streams struct {
				Inflow  []json.RawMessage `json:"inflow_streams"`
				Outflow []json.RawMessage `json:"outflow_streams"`
			}
			p.ok(t, "/transactions/recurring/get", about(token, "options", map[string]any{"personal_finance_category_version": version})).into(t, &streams)
			if n := len(streams.Outflow); n == 0 && user == "user_yuppie" {
				t.Errorf("%s pays nothing regularly", user)
			}
		}
		for range 3 {
			p.ok(t, "/transactions/refresh", about(token))
			cursor = p.follow(t, token, cursor, held)
		}
		p.ok(t, "/transactions/get", about(token, "start_date", "2024-01-01", "end_date", "2026-12-31")).into(t, &page)
		if page.Total != len(held) {
			t.Errorf("%s: the fold of the pages has %d transactions, the bank %d", user, len(held), page.Total)
		}
	}
	token := p.link(t, login{products: []string{"transactions"}})
	p.refused(t, "/transactions/sync", "INVALID_FIELD", about(token, "cursor", "nonsense"))
	p.refused(t, "/transactions/sync", "INVALID_ACCOUNT_ID", about(token, "options", map[string]any{"account_id": "unknown"}))
	p.refused(t, "/transactions/get", "INVALID_FIELD", about(token, "start_date", "2026-02-01", "end_date", "2026-01-01"))
}

// follow folds all pages after a cursor into what a client holds, and returns the next cursor.
func (p *probe) follow(t *testing.T, token, cursor string, held map[string]bool) string {
	t.Helper()
	for more := true; more; {
		var page changesAnswer
		p.ok(t, "/transactions/sync", about(token, "cursor", cursor, "count", 100)).into(t, &page)
		for _, a := range page.Added {
			held[a.ID] = true
		}
		for _, m := range page.Modified {
			if !held[m.ID] {
				t.Errorf("%s is modified, but was never added", m.ID)
			}
		}
		for _, r := range page.Removed {
			delete(held, r.ID)
		}
		cursor, more = page.Cursor, page.More
	}
	return cursor
}

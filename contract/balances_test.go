package contract

import (
	"testing"
	"time"
)

// testBalances: balances as the bank states them now, of Items of all kinds and of a bank that tells of some once a night.
func testBalances(t *testing.T, p *probe) {
	const path = "/accounts/balance/get"
	var a struct {
		Accounts []struct {
			AccountID string `json:"account_id"`
			Type      string `json:"type"`
		} `json:"accounts"`
	}
	for _, user := range []string{"user_good", "user_yuppie", "user_investor", "user_crypto", "user_small_business"} {
		token := p.link(t, login{user: user, password: "pass_good", products: everyProduct})
		p.Advance(24 * time.Hour)
		a.Accounts = nil
		p.ok(t, path, about(token)).into(t, &a)
		p.ok(t, path, about(token, "options", map[string]any{"account_ids": []string{a.Accounts[0].AccountID}}))
		p.ok(t, "/item/get", about(token))
	}
	nightly := p.link(t, login{institution: nightlyBank})
	p.refused(t, path, "INVALID_FIELD", about(nightly))
	p.refused(t, path, "INVALID_FIELD", about(nightly, "options", map[string]any{"min_last_updated_datetime": "today"}))
	p.refused(t, path, "LAST_UPDATED_DATETIME_OUT_OF_RANGE", about(nightly, "options", map[string]any{"min_last_updated_datetime": "2040-01-01T00:00:00Z"}))
	p.ok(t, path, about(nightly, "options", map[string]any{"min_last_updated_datetime": "2020-01-01T00:00:00Z"}))
	p.refused(t, path, "INVALID_ACCOUNT_ID", about(nightly, "options", map[string]any{"account_ids": []string{"nobody"}}))
	p.ok(t, "/sandbox/item/reset_login", about(nightly))
	p.refused(t, path, "ITEM_LOGIN_REQUIRED", about(nightly, "options", map[string]any{"min_last_updated_datetime": "2020-01-01T00:00:00Z"}))
}

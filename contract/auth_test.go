package contract

import (
	"slices"
	"testing"
)

// typed makes an Item of account numbers that a person types, by a scripted session, and returns its access token and the id of its
// account.
func (p *probe) typed(t *testing.T, auth, script map[string]any) (token, accountID string) {
	t.Helper()
	var made struct {
		LinkToken string `json:"link_token"`
	}
	p.ok(t, "/link/token/create", map[string]any{
		"client_name": "Contract", "language": "en", "country_codes": []string{"US"}, "products": []string{"auth"},
		"user": map[string]any{"client_user_id": "contract-1"}, "auth": auth,
	}).into(t, &made)
	script["link_token"] = made.LinkToken
	var done struct {
		PublicToken string `json:"public_token"`
		Success     struct {
			Accounts []struct{ ID string }
		} `json:"on_success"`
	}
	if err := p.Call("/weft/sandbox/link/complete", script, &done); err != nil {
		t.Fatal(err)
	}
	if len(done.Success.Accounts) != 1 {
		t.Fatalf("%v: the session shared %d accounts", script, len(done.Success.Accounts))
	}
	p.ok(t, "/link/token/get", map[string]any{"link_token": made.LinkToken})
	var access struct {
		AccessToken string `json:"access_token"`
	}
	p.ok(t, "/item/public_token/exchange", map[string]any{"public_token": done.PublicToken}).into(t, &access)
	return access.AccessToken, done.Success.Accounts[0].ID
}

// pendingAutomatic is an Item whose bank will show a deposit.
func (p *probe) pendingAutomatic(t *testing.T) (token, accountID string) {
	return p.typed(t, map[string]any{"automated_microdeposits_enabled": true},
		map[string]any{"institution_id": "ins_109512", "password": "microdeposits_good", "accounts": []string{"0000"}})
}

// testAuth: numbers of each country, and numbers that people have typed, at each step of their verification.
func testAuth(t *testing.T, p *probe) {
	for institution, kinds := range map[string][]string{
		usBank: {"ach"}, canadaBank: {"eft"}, ukBank: {"bacs", "international"}, "ins_116834": {"bacs", "international"},
	} {
		token := p.link(t, login{institution: institution, products: []string{"auth"}})
		var got struct {
			Accounts []struct {
				AccountID string `json:"account_id"`
			}
			Numbers map[string][]struct {
				AccountID string `json:"account_id"`
			}
		}
		p.ok(t, "/auth/get", about(token)).into(t, &got)
		for kind, list := range got.Numbers {
			if want := slices.Contains(kinds, kind); want != (len(list) > 0) {
				t.Errorf("%s: %d numbers of kind %s", institution, len(list), kind)
			}
		}
		p.ok(t, "/auth/get", about(token, "options", map[string]any{"account_ids": []string{got.Accounts[0].AccountID}}))
		p.refused(t, "/auth/get", "INVALID_ACCOUNT_ID", about(token, "options", map[string]any{"account_ids": []string{"none"}}))
	}
	p.refused(t, "/auth/get", "NO_AUTH_ACCOUNTS", about(p.link(t, login{user: "user_crypto", password: "x", products: []string{"auth"}})))

	sameDay := map[string]any{"same_day_microdeposits_enabled": true}
	insights := map[string]any{"database_insights_enabled": true}
	pending, _ := p.typed(t, sameDay, map[string]any{"routing_number": "110000000"})
	p.ok(t, "/item/get", about(pending))
	p.ok(t, "/accounts/get", about(pending))
	p.refused(t, "/auth/get", "PRODUCT_NOT_READY", about(pending))
	p.refused(t, "/investments/holdings/get", "PRODUCTS_NOT_SUPPORTED", about(pending))
	for _, number := range []string{"1111222233331111", "1111222233333333", "1111222233330000"} {
		token, _ := p.typed(t, insights, map[string]any{"routing_number": "110000000", "account_number": number})
		p.ok(t, "/auth/get", about(token))
		p.ok(t, "/accounts/get", about(token))
	}
	for _, status := range []string{"automatically_verified", "verification_expired"} {
		token, account := p.pendingAutomatic(t)
		p.ok(t, "/accounts/get", about(token))
		p.refused(t, "/sandbox/item/set_verification_status", "INVALID_FIELD", about(token, "account_id", account, "verification_status", "unsent"))
		p.ok(t, "/sandbox/item/set_verification_status", about(token, "account_id", account, "verification_status", status))
		p.ok(t, "/accounts/get", about(token))
		p.either(t, "/auth/get", map[string]string{"verification_expired": "PRODUCT_NOT_READY"}[status], about(token))
	}
}

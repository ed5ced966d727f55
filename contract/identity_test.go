package contract

import "testing"

// testIdentity: owners of accounts, and how well they match what is asked about.
func testIdentity(t *testing.T, p *probe) {
	const get, match, refresh = "/identity/get", "/identity/match", "/identity/refresh"
	user := func(members map[string]any) []any { return []any{"user", members} }
	everything := map[string]any{"legal_name": "Alberta Charleson", "phone_number": "1112223333", "email_address": "accountholder0@example.com",
		"address": map[string]any{"street": "2992 Cameron Road", "city": nil, "region": nil, "postal_code": "14236", "country": "US"}}
	var a struct {
		Accounts []struct {
			AccountID string `json:"account_id"`
		} `json:"accounts"`
	}
	for _, l := range []login{
		{user: "user_good", password: "pass_good"}, {user: "user_yuppie", password: "x"}, {user: "user_investor", password: "x"},
		{user: "user_small_business", password: "x"}, {user: "user_credit_joint_account", password: "x"},
		{user: "user_custom", password: `{"override_accounts": [{"identity": {"names": ["José Núñez", "Ann O'Brien-Smith"], "phone_numbers": [], "emails": [], "addresses": []}}]}`},
	} {
		l.products = []string{"identity"}
		token := p.link(t, l)
		a.Accounts = nil
		p.ok(t, get, about(token)).into(t, &a)
		one := map[string]any{"account_ids": []string{a.Accounts[0].AccountID}}
		p.ok(t, get, about(token, "options", one))
		p.ok(t, match, about(token, user(everything)...))
		p.ok(t, match, about(token, "user", map[string]any{"legal_name": "Tectra LLC", "phone_number": nil, "address": nil}, "options", one))
		p.ok(t, refresh, about(token))
	}
	token := p.link(t, login{products: []string{"identity"}})
	for _, members := range []map[string]any{
		{"legal_name": ""}, {"phone_number": "1"}, {"email_address": "nobody"}, {"address": map[string]any{"street": 5}}, {}, nil,
	} {
		p.refused(t, match, "INVALID_FIELD", about(token, user(members)...))
	}
	unknown := map[string]any{"account_ids": []string{"nobody"}}
	p.refused(t, get, "INVALID_ACCOUNT_ID", about(token, "options", unknown))
	p.refused(t, match, "INVALID_ACCOUNT_ID", about(token, "user", everything, "options", unknown))
	without := p.link(t, login{products: []string{"auth"}})
	p.ok(t, "/sandbox/item/reset_login", about(token))
	for _, path := range []string{get, match, refresh} {
		request := func(token string) map[string]any {
			if path == match {
				return about(token, "user", everything)
			}
			return about(token)
		}
		p.refused(t, path, "ADDITIONAL_CONSENT_REQUIRED", request(without))
		p.refused(t, path, "ITEM_LOGIN_REQUIRED", request(token))
	}
}

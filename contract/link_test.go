package contract

import (
	"testing"
	"time"
)

// testLinkTokens: link tokens of every kind, and what can be read of each.
func testLinkTokens(t *testing.T, p *probe) {
	const create, get = "/link/token/create", "/link/token/get"
	token := p.link(t, login{})
	read := func(request map[string]any) string {
		t.Helper()
		var made struct {
			LinkToken string `json:"link_token"`
		}
		p.ok(t, create, request).into(t, &made)
		p.ok(t, get, map[string]any{"link_token": made.LinkToken})
		older := p.with("Plaid-Version", "2018-05-22").allowing("$.metadata.account_filters.brokerage")
		older.ok(t, get, map[string]any{"link_token": made.LinkToken})
		return made.LinkToken
	}
	with := func(pairs ...any) map[string]any {
		request := linkToken(t, p)
		for i := 0; i < len(pairs); i += 2 {
			request[pairs[i].(string)] = pairs[i+1]
		}
		return request
	}
	for _, request := range []map[string]any{
		with(), with("webhook", "https://example.com/hook"), with("webhook", nil), with("redirect_uri", "https://example.com/back"),
		with("products", []string{"auth", "transactions"}, "optional_products", []string{"investments"}, "additional_consented_products", []string{"liabilities"}),
		with("products", []string{"auth"}, "required_if_supported_products", []string{"identity"}),
		with("account_filters", map[string]any{"investment": map[string]any{"account_subtypes": []string{"ira", "401k"}}, "depository": map[string]any{"account_subtypes": []string{"all"}}}),
		with("institution_data", map[string]any{"routing_number": "021000021"}), with("android_package_name", "com.example.app"),
		with("country_codes", []string{"US", "CA", "GB"}, "language", "fr"), with("transactions", map[string]any{"days_requested": 365}),
		with("investments", map[string]any{"allow_manual_entry": true, "allow_unverified_crypto_wallets": true}),
		with("access_token", token, "products", nil), with("access_token", token, "products", []string{}, "update", map[string]any{"account_selection_enabled": true}),
		with("user", map[string]any{"client_user_id": "1", "legal_name": "Ann Onymous", "phone_number": "+1 415 5550123", "email_address": "ann@example.com"}),
		with("user", nil, "user_id", ofUser(t, p)["user_id"]), with("link_customization_name", "default"), with("appearance_mode", "DARK"),
		with("products", []string{"statements"}, "statements", map[string]any{"start_date": "2026-01-01", "end_date": "2026-06-30"}),
	} {
		read(request)
	}
	for _, c := range []struct {
		code    string
		request map[string]any
	}{
		{"INVALID_FIELD", with("client_name", "")}, {"INVALID_FIELD", with("language", "xx")}, {"INVALID_FIELD", with("country_codes", []string{"XX"})},
		{"INVALID_FIELD", with("country_codes", []string{})}, {"INVALID_FIELD", with("products", []string{})}, {"MISSING_FIELDS", with("products", nil)},
		{"MISSING_FIELDS", with("country_codes", nil)}, {"INVALID_PRODUCT", with("products", []string{"invest"})}, {"INVALID_PRODUCT", with("products", []string{"balance"})},
		{"INVALID_CONFIGURATION", with("optional_products", []string{"investments"})}, {"INVALID_FIELD", with("webhook", "ftp://example.com")},
		{"INVALID_FIELD", with("user", map[string]any{"client_user_id": ""})}, {"MISSING_FIELDS", with("user", map[string]any{})},
		{"INVALID_USER_IDENTITY_DATA", with("user", map[string]any{"client_user_id": "1", "email_address": "nobody"})},
		{"USER_NOT_FOUND", with("user", nil, "user_id", "usr_1")}, {"INVALID_USER_ID", with("user_id", "1")}, {"INVALID_USER_TOKEN", with("user_token", "1")},
		{"INVALID_ACCESS_TOKEN", with("access_token", "x", "products", nil)}, {"INVALID_LINK_CUSTOMIZATION", with("link_customization_name", "ours")},
		{"INVALID_FIELD", with("transactions", map[string]any{"days_requested": 731})}, {"INVALID_INSTITUTION", with("institution_id", "ins_0")},
	} {
		p.refused(t, create, c.code, c.request)
	}
	p.as(p.NewClient()).refused(t, create, "INVALID_ACCESS_TOKEN", with("access_token", token, "products", nil))

	testLinkSessions(t, p, with())
	made := read(with())
	of := func(token string) map[string]any { return map[string]any{"link_token": token} }
	p.as(p.NewClient()).refused(t, get, "INVALID_LINK_TOKEN", of(made))
	p.with("Plaid-Secret", "wefttest-production-secret").refused(t, get, "INVALID_LINK_TOKEN", of(made))
	for _, other := range []string{"x", "link-sandbox-00000000-0000-0000-0000-000000000000", token} {
		p.refused(t, get, "INVALID_LINK_TOKEN", of(other))
	}
	p.refused(t, get, "INVALID_FIELD", of(""))
	p.Advance(5 * time.Hour)
	p.ok(t, get, of(made))
	p.Advance(365 * 24 * time.Hour)
	p.refused(t, get, "INVALID_LINK_TOKEN", of(made))
}

// testLinkSessions: what is told of sessions that have ended, of each kind of end.
func testLinkSessions(t *testing.T, p *probe, request map[string]any) {
	const get = "/link/token/get"
	var made struct {
		LinkToken string `json:"link_token"`
	}
	p.ok(t, "/link/token/create", request).into(t, &made)
	for _, script := range []map[string]any{
		{}, {"password": "mfa_device"}, {"institution_id": "ins_127287"}, {"phone_number": "415-555-0011"},
		{"exit_on": "CONSENT"}, {"exit_on": "CREDENTIAL"}, {"password": "wrong"}, {"password": "error_ITEM_LOCKED"},
	} {
		script["link_token"] = made.LinkToken
		if err := p.Call("/weft/sandbox/link/complete", script, nil); err != nil {
			t.Fatalf("%v: %v", script, err)
		}
	}
	var told struct {
		Sessions []struct {
			Exit   map[string]any   `json:"exit"`
			Events []map[string]any `json:"events"`
			Result *struct {
				Adds []map[string]any `json:"item_add_results"`
			} `json:"results"`
		} `json:"link_sessions"`
	}
	p.ok(t, get, map[string]any{"link_token": made.LinkToken}).into(t, &told)
	linked, left := 0, 0
	for _, s := range told.Sessions {
		if s.Result != nil {
			linked += len(s.Result.Adds)
		}
		if s.Exit != nil {
			left++
		}
		if len(s.Events) == 0 {
			t.Error("a session without events")
		}
	}
	if linked != 4 || left != 4 {
		t.Errorf("%d Items and %d exits are told of 8 sessions", linked, left)
	}
}

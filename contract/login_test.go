package contract

import (
	"fmt"
	"testing"
	"time"
)

// testLogins: Items of every kind of institution, user, and option.
func testLogins(t *testing.T, p *probe) {
	for _, institution := range []string{usBank, usMatchBank, oauthBank, degradedBank, canadaBank} {
		p.publicToken(t, login{institution: institution})
	}
	for _, institution := range []string{balanceBank, europeBank, ukBank} {
		p.publicToken(t, login{institution: institution, products: []string{"transactions"}})
	}
	for _, user := range []string{
		"user_investor", "user_crypto", "user_retiree", "user_transactions_dynamic", "user_ewa_user", "user_yuppie", "user_small_business",
		"user_bank_income", "user_credit_bonus", "user_credit_joint_account", "user_credit_profile_poor", "user_prism_8",
	} {
		p.publicToken(t, login{user: user, password: "any"})
	}
	p.publicToken(t, login{user: "user_limited_purpose_checking", password: "pass_good"})
	for _, password := range []string{
		"mfa_device", "mfa_questions_1_1", "mfa_questions_2_2", "mfa_selections", "mfa_selections_1_2_3", `{"recaptcha":"good"}`,
		"microdeposits_good", "error_ITEM_LOGIN_REQUIRED",
	} {
		p.publicToken(t, login{user: "user_good", password: password})
	}
	for _, options := range []map[string]any{
		{}, nil, {"webhook": "https://example.com/hook"}, {"webhook": "webhook.example.com"}, {"webhook": nil},
		{"override_username": nil, "override_password": nil},
		{"transactions": map[string]any{"start_date": "2026-01-01", "end_date": "2026-11-20"}}, {"transactions": nil},
		{"transactions": map[string]any{"days_requested": 730}}, {"transactions": map[string]any{}},
		{"statements": map[string]any{"start_date": "2026-01-01", "end_date": "2026-06-30"}}, {"statements": nil},
		{"income_verification": map[string]any{"income_source_types": []string{"bank", "payroll"}, "bank_income": map[string]any{"days_requested": 180}}},
	} {
		p.publicToken(t, login{options: options})
	}
	p.publicToken(t, login{products: []string{"statements", "auth"}, options: map[string]any{
		"statements": map[string]any{"start_date": "2026-01-01", "end_date": "2026-06-30"},
	}})
	withUser := login{}.request()
	withUser["user_id"] = ofUser(t, p)["user_id"]
	p.ok(t, createToken, withUser)
	withoutOptions := login{}.request()
	delete(withoutOptions, "options")
	p.ok(t, createToken, withoutOptions)
	withoutOptions["options"] = nil
	p.ok(t, createToken, withoutOptions)
	p.publicToken(t, login{products: []string{"investments", "investments", "auth"}})
	everything := []string{"assets", "auth", "identity", "investments", "investments_auth", "liabilities", "transactions", "signal", "transfer"}
	p.publicToken(t, login{products: everything})
}

// testLoginsRefused: every way in which a login can fail.
func testLoginsRefused(t *testing.T, p *probe) {
	for _, code := range []string{
		"COUNTRY_NOT_SUPPORTED", "INSTITUTION_DOWN", "INSTITUTION_NOT_RESPONDING", "INSTITUTION_NO_LONGER_SUPPORTED", "INSUFFICIENT_CREDENTIALS",
		"INTERNAL_SERVER_ERROR", "INVALID_CREDENTIALS", "INVALID_MFA", "INVALID_SEND_METHOD", "ITEM_LOCKED", "ITEM_NOT_SUPPORTED",
		"MFA_NOT_SUPPORTED", "NO_ACCOUNTS", "PAYMENT_INVALID_RECIPIENT", "USER_INPUT_TIMEOUT", "USER_SETUP_REQUIRED",
	} {
		p.refused(t, createToken, code, login{user: "user_good", password: "error_" + code}.request())
	}
	for _, code := range []string{
		"INSTITUTION_NOT_RESPONDING", "INSTITUTION_NO_LONGER_SUPPORTED", "INVALID_CREDENTIALS", "INVALID_MFA", "ITEM_LOCKED", "ITEM_NOT_SUPPORTED",
		"INVALID_LINK_TOKEN", "MFA_NOT_SUPPORTED", "NO_ACCOUNTS", "PLAID_ERROR", "USER_INPUT_TIMEOUT", "USER_SETUP_REQUIRED",
	} {
		p.refused(t, createToken, code, login{user: "user_custom", password: fmt.Sprintf(`{"force_error": %q}`, code)}.request())
	}
	for _, c := range []struct {
		code  string
		login login
	}{
		{"INVALID_CREDENTIALS", login{user: "user_bad", password: "pass_bad"}},
		{"INVALID_CREDENTIALS", login{user: "user_good", password: "pass_bad"}},
		{"INVALID_CREDENTIALS", login{user: "user_good", password: "mfa_nothing"}},
		{"INVALID_CREDENTIALS", login{user: "user_good", password: "mfa_questions_0_1"}},
		{"INVALID_CREDENTIALS", login{user: "user_good", password: "error_NO_SUCH_CODE"}},
		{"INVALID_CREDENTIALS", login{user: "user_prism_9", password: "any"}},
		{"INVALID_CREDENTIALS", login{user: "user_yuppie", password: " "}},
		{"INVALID_FIELD", login{user: "user_custom", password: "not JSON"}},
		{"INVALID_FIELD", login{user: "user_custom", password: `{"overide_accounts": []}`}},
		{"INVALID_FIELD", login{user: "user_custom", password: `{"override_accounts": [{"type": "deposit"}]}`}},
		{"INVALID_FIELD", login{user: "user_custom", password: `[]`}},
		{"NO_ACCOUNTS", login{user: "user_custom", password: `{"override_accounts": []}`}},
		{"RECAPTCHA_BAD", login{user: "user_custom", password: `{"recaptcha": "bad"}`}},
		{"RECAPTCHA_BAD", login{user: "user_good", password: `{"recaptcha":"bad"}`}},
		{"INVALID_INSTITUTION", login{institution: "ins_0"}},
		{"INSTITUTION_DOWN", login{institution: downBank}},
		{"INSTITUTION_NO_LONGER_SUPPORTED", login{institution: goneBank}},
		{"PRODUCTS_NOT_SUPPORTED", login{institution: balanceBank}},
		{"PRODUCTS_NOT_SUPPORTED", login{institution: ukBank}},
		{"PRODUCTS_NOT_SUPPORTED", login{institution: canadaBank, products: everyInvestment}},
		{"INVALID_PRODUCT", login{products: []string{"invest"}}},
		{"INVALID_PRODUCT", login{products: []string{"balance"}}},
		{"INVALID_FIELD", login{products: []string{}}},
		{"INVALID_FIELD", login{options: map[string]any{"webhook": "ftp://example.com"}}},
		{"INVALID_FIELD", login{options: map[string]any{"webhook": "javascript:alert(1)"}}},
		{"INVALID_FIELD", login{options: map[string]any{"transactions": map[string]any{"days_requested": 731}}}},
		{"INVALID_FIELD", login{options: map[string]any{"transactions": map[string]any{"days_requested": 0}}}},
		{"INVALID_FIELD", login{options: map[string]any{"transactions": map[string]any{"start_date": "2026-13-01"}}}},
		{"INVALID_FIELD", login{options: map[string]any{"transactions": map[string]any{"start_date": "2026-11-20", "end_date": "2026-01-01"}}}},
		{"INVALID_FIELD", login{options: map[string]any{"statements": map[string]any{"start_date": "2026-11-20", "end_date": "2026-01-01"}}}},
		{"MISSING_FIELDS", login{products: []string{"statements"}}},
		{"INVALID_FIELD", login{options: map[string]any{"income_verification": map[string]any{"income_source_types": []string{"cash"}}}}},
	} {
		p.refused(t, createToken, c.code, c.login.request())
	}
	for _, id := range []any{"", "usr_1"} {
		both := login{}.request()
		both["user_id"], both["user_token"] = id, "user-sandbox-1"
		p.refused(t, createToken, "INVALID_USER_TOKEN", both)
	}
	empty := login{}.request()
	empty["institution_id"] = ""
	p.refused(t, createToken, "INVALID_FIELD", empty)
	p.with("Plaid-Secret", "wefttest-production-secret").refused(t, createToken, "SANDBOX_ONLY", login{}.request())
}

// testPublicTokens: a public token is exchanged once, within half an hour, by the client that it was made for.
func testPublicTokens(t *testing.T, p *probe) {
	const exchange = "/item/public_token/exchange"
	of := func(token any) map[string]any { return map[string]any{"public_token": token} }
	token := p.publicToken(t, login{})
	p.as(p.NewClient()).refused(t, exchange, "INVALID_PUBLIC_TOKEN", of(token))
	p.with("Plaid-Secret", "wefttest-production-secret").refused(t, exchange, "INVALID_PUBLIC_TOKEN", of(token))
	p.ok(t, exchange, of(token))
	p.refused(t, exchange, "INVALID_PUBLIC_TOKEN", of(token))
	for _, other := range []string{
		"x", "public-sandbox-00000000-0000-0000-0000-000000000000", "access-sandbox-00000000-0000-0000-0000-000000000000",
		"public-production-00000000-0000-0000-0000-000000000000", token + "0",
	} {
		p.refused(t, exchange, "INVALID_PUBLIC_TOKEN", of(other))
	}
	p.refused(t, exchange, "INVALID_FIELD", of(""))

	late := p.publicToken(t, login{})
	p.Advance(31 * time.Minute)
	p.refused(t, exchange, "INVALID_PUBLIC_TOKEN", of(late))

	access := p.link(t, login{})
	var made struct {
		PublicToken string `json:"public_token"`
	}
	p.ok(t, "/item/public_token/create", about(access)).into(t, &made)
	p.ok(t, exchange, of(made.PublicToken))
	left := p.publicToken(t, login{})
	p.ok(t, "/item/remove", about(p.link(t, login{})))
	p.ok(t, exchange, of(left))
}

package contract

import (
	"strings"
	"testing"
)

// itemAnswer is what the tests read of an Item.
type itemAnswer struct {
	Item struct {
		ItemID            string   `json:"item_id"`
		Webhook           *string  `json:"webhook"`
		AvailableProducts []string `json:"available_products"`
		BilledProducts    []string `json:"billed_products"`
		ConsentExpires    *string  `json:"consent_expiration_time"`
		Error             *struct {
			Code string `json:"error_code"`
		} `json:"error"`
	} `json:"item"`
	Status *struct {
		Investments, Transactions *struct {
			Last *string `json:"last_successful_update"`
		}
	} `json:"status"`
}

// testItems: the life of an Item.
func testItems(t *testing.T, p *probe) {
	token := p.link(t, login{products: []string{"investments", "transactions"}, options: map[string]any{"webhook": "https://example.com/hook"}})
	var it itemAnswer
	p.ok(t, "/item/get", about(token)).into(t, &it)
	if it.Item.Webhook == nil || *it.Item.Webhook != "https://example.com/hook" {
		t.Errorf("webhook is %v", it.Item.Webhook)
	}
	if it.Status == nil || it.Status.Investments == nil || it.Status.Investments.Last == nil || it.Status.Transactions == nil {
		t.Errorf("status is %+v", it.Status)
	}
	for _, hook := range []any{"https://example.com/other", "hook.example.com", "", nil} {
		p.ok(t, "/item/webhook/update", about(token, "webhook", hook))
		it = itemAnswer{}
		p.ok(t, "/item/get", about(token)).into(t, &it)
		if want, _ := hook.(string); (it.Item.Webhook == nil) != (want == "") || (it.Item.Webhook != nil && *it.Item.Webhook != want) {
			t.Errorf("after %v the webhook is %v", hook, it.Item.Webhook)
		}
	}
	for _, hook := range []string{"ftp://example.com", "https://user:secret@example.com", "javascript:alert(1)", "https://" + strings.Repeat("x", 3000)} {
		p.refused(t, "/item/webhook/update", "INVALID_FIELD", about(token, "webhook", hook))
	}

	var replaced struct {
		Token string `json:"new_access_token"`
	}
	p.ok(t, "/item/access_token/invalidate", about(token)).into(t, &replaced)
	p.refused(t, "/item/get", "INVALID_ACCESS_TOKEN", about(token))
	p.ok(t, "/item/get", about(replaced.Token))
	p.refused(t, "/item/remove", "INVALID_FIELD", about(replaced.Token, "reason_code", "BORED"))
	p.refused(t, "/item/remove", "INVALID_FIELD", about(replaced.Token, "reason_note", strings.Repeat("x", 513)))
	p.ok(t, "/item/remove", about(replaced.Token, "reason_code", "FRAUD_OTHER", "reason_note", strings.Repeat("é", 512)))
	p.refused(t, "/item/remove", "ITEM_NOT_FOUND", about(replaced.Token))
	p.ok(t, "/item/remove", about(p.link(t, login{}), "reason_code", nil, "reason_note", nil))

	europe := p.link(t, login{institution: europeBank, products: []string{"transactions"}})
	it = itemAnswer{}
	p.ok(t, "/item/get", about(europe)).into(t, &it)
	if it.Item.ConsentExpires == nil {
		t.Error("an Item in Europe has no consent_expiration_time")
	}
	bearer := p.with("Authorization", "Bearer "+europe)
	bearer.ok(t, "/item/get", map[string]any{})
	bearer.ok(t, "/accounts/get", `null`)
}

// testImports: Items without Link.
func testImports(t *testing.T, p *probe) {
	const path = "/item/import"
	of := func(user, token string, products ...string) map[string]any {
		return map[string]any{"products": products, "user_auth": map[string]any{"user_id": user, "auth_token": token}}
	}
	var made struct {
		Token string `json:"access_token"`
	}
	p.ok(t, path, of("user_good", "pass_good", "auth", "investments")).into(t, &made)
	p.ok(t, "/investments/holdings/get", about(made.Token))
	named := of("user_good", "pass_good", "investments")
	named["institution_id"], named["options"] = canadaBank, map[string]any{"webhook": "https://example.com/hook"}
	p.ok(t, path, named)
	for _, c := range []struct {
		code    string
		request map[string]any
	}{
		{"INVALID_CREDENTIALS", of("user_good", "pass_bad", "auth")},
		{"INVALID_CREDENTIALS", of("nobody", "pass_good", "auth")},
		{"INVALID_PRODUCT", of("user_good", "pass_good", "author")},
		{"INVALID_FIELD", of("", "pass_good", "auth")},
		{"INVALID_FIELD", of("user_good", "", "auth")},
		{"INVALID_FIELD", map[string]any{"products": []string{}, "user_auth": map[string]any{"user_id": "u", "auth_token": "t"}}},
	} {
		p.refused(t, path, c.code, c.request)
	}
	unknown := of("user_good", "pass_good", "auth")
	unknown["institution_id"] = "ins_0"
	p.refused(t, path, "INVALID_INSTITUTION", unknown)
	unfit := of("user_good", "pass_good", "investments")
	unfit["institution_id"] = ukBank
	p.refused(t, path, "PRODUCTS_NOT_SUPPORTED", unfit)
	unfit["options"] = map[string]any{"webhook": "ftp://example.com"}
	p.refused(t, path, "INVALID_FIELD", unfit)
}

// testConsent: products that an Item does not have, and whether it may get them.
func testConsent(t *testing.T, p *probe) {
	span := []any{"start_date", "2026-01-01", "end_date", "2026-11-20"}
	auth := p.link(t, login{products: []string{"auth"}})
	held := p.link(t, login{})
	balance := p.link(t, login{institution: balanceBank, products: []string{"transactions"}})
	uk := p.link(t, login{institution: ukBank, products: []string{"transactions"}})
	canada := p.link(t, login{institution: canadaBank})
	cash := `{"override_accounts": [{"type": "depository", "subtype": "checking"}]}`
	none := p.link(t, login{user: "user_custom", password: cash, products: everyInvestment})
	for _, c := range []struct{ token, holdings, transfer string }{
		{auth, "ADDITIONAL_CONSENT_REQUIRED", "ADDITIONAL_CONSENT_REQUIRED"},
		{held, "", "ADDITIONAL_CONSENT_REQUIRED"},
		{balance, "PRODUCTS_NOT_SUPPORTED", "PRODUCTS_NOT_SUPPORTED"},
		{uk, "PRODUCTS_NOT_SUPPORTED", "PRODUCTS_NOT_SUPPORTED"},
		{canada, "", "PRODUCTS_NOT_SUPPORTED"},
		{none, "NO_INVESTMENT_ACCOUNTS", "NO_INVESTMENT_AUTH_ACCOUNTS"},
	} {
		p.ok(t, "/item/get", about(c.token))
		p.ok(t, "/accounts/get", about(c.token))
		p.either(t, "/investments/holdings/get", c.holdings, about(c.token))
		p.either(t, "/investments/refresh", c.holdings, about(c.token))
		p.either(t, "/investments/transactions/get", c.holdings, about(c.token, span...))
		p.either(t, "/investments/transactions/get", c.holdings, about(c.token, append(span, "options", map[string]any{"async_update": true})...))
		p.either(t, "/investments/auth/get", c.transfer, about(c.token))
	}
}

// either wants the error, or a success where it is "".
func (p *probe) either(t *testing.T, operation, code string, request any) {
	t.Helper()
	if code == "" {
		p.ok(t, operation, request)
		return
	}
	p.refused(t, operation, code, request)
}

// testBrokenItems: an Item that needs a new login says so itself; data of it is refused.
func testBrokenItems(t *testing.T, p *probe) {
	token := p.link(t, login{user: "user_good", password: "error_ITEM_LOGIN_REQUIRED", products: everyInvestment})
	var it itemAnswer
	p.ok(t, "/item/get", about(token)).into(t, &it)
	if it.Item.Error == nil || it.Item.Error.Code != "ITEM_LOGIN_REQUIRED" {
		t.Errorf("the Item's error is %v", it.Item.Error)
	}
	p.refused(t, "/investments/holdings/get", "ITEM_LOGIN_REQUIRED", about(token))
	p.refused(t, "/investments/transactions/get", "ITEM_LOGIN_REQUIRED", about(token, "start_date", "2026-01-01", "end_date", "2026-11-20"))
	p.refused(t, "/investments/auth/get", "ITEM_LOGIN_REQUIRED", about(token))
	p.refused(t, "/investments/refresh", "ITEM_LOGIN_REQUIRED", about(token))
	p.ok(t, "/item/webhook/update", about(token, "webhook", "https://example.com/hook"))
	p.ok(t, "/item/public_token/create", about(token))
	p.ok(t, "/item/access_token/invalidate", about(token))
	gone := p.link(t, login{user: "user_good", password: "error_ITEM_LOGIN_REQUIRED"})
	p.ok(t, "/item/remove", about(gone))
}

package contract

import "testing"

// testConsentHistory: what a user agrees to share and takes back, and what the client is told of it.
func testConsentHistory(t *testing.T, p *probe) {
	token := p.link(t, login{products: []string{"transactions"}, options: map[string]any{"webhook": "https://example.com/hook"}})
	p.ok(t, "/consent/events/get", about(token))
	for _, request := range []map[string]any{about(token), about(token, "count", 1), {}, {"count": 1}, {"count": 50}} {
		var page struct {
			Cursor string `json:"cursor"`
		}
		p.ok(t, "/item/activity/list", request).into(t, &page)
		if page.Cursor != "" {
			request["cursor"] = page.Cursor
			p.ok(t, "/item/activity/list", request)
		}
	}
	for _, wrong := range []map[string]any{about(token, "count", 0), about(token, "count", 51), about(token, "cursor", "nothing"), {"cursor": "YQ"}} {
		p.refused(t, "/item/activity/list", "INVALID_FIELD", wrong)
	}
	p.refused(t, "/item/activity/list", "INVALID_ACCESS_TOKEN", about("access-sandbox-x"))
	p.ok(t, "/item/application/list", map[string]any{"access_token": nil})
	id := p.application(t, token)
	p.refused(t, "/item/application/unlink", "MISSING_FIELDS", about(token))
	p.refused(t, "/item/application/unlink", "INVALID_FIELD", about(token, "application_id", "another"))
	p.ok(t, "/item/application/unlink", about(token, "application_id", id))
	p.refused(t, "/item/application/unlink", "INVALID_FIELD", about(token, "application_id", id))
	p.refused(t, "/transactions/sync", "USER_PERMISSION_REVOKED", about(token))
	if left := p.application(t, token); left != "" {
		t.Errorf("after the unlinking %q has access", left)
	}
	p.ok(t, "/consent/events/get", about(token))
	p.ok(t, "/item/activity/list", about(token))

	p.refused(t, "/item/products/terminate", "MISSING_FIELDS", about(token))
	p.refused(t, "/item/products/terminate", "INVALID_FIELD", about(token, "reason_code", "CONNECTION_IS_NON_FUNCTIONAL"))
	p.ok(t, "/item/products/terminate", about(token, "reason_code", "CONSUMER_CHARGE_OFF", "reason_note", nil))
	p.refused(t, "/item/get", "ITEM_NOT_FOUND", about(token))
	p.ok(t, "/item/activity/list", map[string]any{})
}

// testNetwork: whether a person is known.
func testNetwork(t *testing.T, p *probe) {
	const path = "/network/status/get"
	of := func(phone string) map[string]any {
		return map[string]any{"user": map[string]any{"phone_number": phone}}
	}
	p.ok(t, path, of("+442071838750"))
	layer := of("+14155550123")
	layer["template_id"] = "template_1"
	p.ok(t, path, layer)
	p.refused(t, path, "INVALID_FIELD", of("0"))
	p.refused(t, path, "MISSING_FIELDS", map[string]any{"user": map[string]any{}})
	p.refused(t, path, "MISSING_FIELDS", map[string]any{})
}

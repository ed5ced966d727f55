package contract

import (
	"maps"
	"net/http"
	"testing"
)

// someone is an identity with every member.
var someone = map[string]any{
	"name": map[string]any{"given_name": "Alice", "family_name": "Johnson"}, "date_of_birth": "1988-07-22",
	"emails":        []map[string]any{{"data": "alice.johnson@example.com", "primary": true}, {"data": "alice.j@workmail.com", "primary": false}},
	"phone_numbers": []map[string]any{{"data": "+14155550123", "primary": true}},
	"addresses": []map[string]any{
		{"street_1": "123 Main St", "street_2": "Apt 4B", "city": "Anytown", "region": "CA", "country": "US", "postal_code": "90210", "primary": true},
		{"country": "DE", "primary": false},
	},
	"id_numbers": []map[string]any{{"value": "1234", "type": "us_ssn_last_4"}},
}

// consumer is one of the older form.
var consumer = map[string]any{
	"first_name": "Alice", "last_name": "Johnson", "phone_numbers": []string{"+14155550123"}, "emails": []string{"alice@example.com"},
	"ssn_full": "123-45-6789", "ssn_last_4": nil, "date_of_birth": "1988-07-22",
	"primary_address": map[string]any{"street": "123 Main St", "city": "Anytown", "region": "CA", "postal_code": "90210", "country": "US"},
}

// testUsers: users of both generations, with and without an identity and Items, and what is refused of them.
func testUsers(t *testing.T, p *probe) {
	make := func(status int, more map[string]any) (user map[string]any, request map[string]any) {
		t.Helper()
		request = newUser(t, p)
		maps.Copy(request, more)
		a := p.ok(t, "/user/create", request)
		if a.into(t, &user); a.status != status {
			t.Errorf("/user/create: %d, want %d: %s", a.status, status, a.body)
		}
		delete(user, "request_id")
		return user, request
	}
	plain, request := make(http.StatusCreated, nil)
	if again := p.ok(t, "/user/create", request); again.status != http.StatusOK {
		t.Errorf("a user that is made again: %d", again.status)
	}
	full, _ := make(http.StatusCreated, map[string]any{"identity": someone, "with_upgraded_user": true})
	token, spent := make(http.StatusOK, map[string]any{"consumer_report_user_identity": consumer})
	bare, _ := make(http.StatusOK, map[string]any{"with_upgraded_user": false})
	p.refused(t, "/user/create", "INVALID_FIELD", spent)
	for _, user := range []map[string]any{plain, full, {"user_token": token["user_token"]}, bare} {
		p.withItems(t, user)
	}
	p.ok(t, "/user/get", map[string]any{"user_id": token["user_token"]})
	for _, more := range []map[string]any{
		{"identity": map[string]any{"emails": []map[string]any{{"data": "x", "primary": true}}}},
		{"identity": map[string]any{"phone_numbers": []map[string]any{{"data": "+15551234567890123", "primary": true}}}},
		{"identity": map[string]any{"addresses": []map[string]any{{"country": "USA", "primary": true}}}},
		{"identity": map[string]any{"id_numbers": []map[string]any{{"value": "1", "type": "us_ssn"}}}},
		{"identity": map[string]any{"name": map[string]any{"given_name": "", "family_name": "x"}}},
		{"identity": map[string]any{"date_of_birth": "2030-01-01"}},
	} {
		refused := newUser(t, p)
		maps.Copy(refused, more)
		p.refused(t, "/user/create", "INVALID_USER_IDENTITY_DATA", refused)
		refused["user_id"] = full["user_id"]
		delete(refused, "client_user_id")
		p.refused(t, "/user/update", "INVALID_USER_IDENTITY_DATA", refused)
	}
	for _, path := range []string{"/user/get", "/user/update", "/user/items/get", "/user/remove", "/sandbox/user/reset_login"} {
		about := func(field string, value any) map[string]any {
			request := map[string]any{field: value}
			if path == "/user/update" {
				request["identity"] = someone
			}
			return request
		}
		p.refused(t, path, "USER_NOT_FOUND", about("user_id", "usr_00000000000000"))
		p.refused(t, path, "INVALID_USER_ID", about("user_id", "contract-1"))
		p.refused(t, path, "MISSING_FIELDS", about("user_id", nil))
		if path != "/user/get" {
			p.refused(t, path, "INVALID_USER_TOKEN", about("user_token", plain["user_id"]))
		}
		p.as(p.NewClient()).refused(t, path, "USER_NOT_FOUND", about("user_id", full["user_id"]))
	}
	p.with("Plaid-Secret", "wefttest-production-secret").refused(t, "/sandbox/user/reset_login", "SANDBOX_ONLY", full)
	for _, user := range []map[string]any{plain, full, bare} {
		p.ok(t, "/user/remove", user)
		p.refused(t, "/user/remove", map[bool]string{true: "INVALID_USER_TOKEN", false: "USER_NOT_FOUND"}[user["user_token"] != nil], user)
	}
}

// withItems gives a user Items, reads them well and broken, and what is known of the user.
func (p *probe) withItems(t *testing.T, user map[string]any) {
	t.Helper()
	for _, bank := range []string{usBank, europeBank} {
		request := login{institution: bank, products: []string{"transactions"}}.request()
		maps.Copy(request, user)
		p.ok(t, createToken, request)
	}
	var owned struct {
		Items []struct {
			ID    string `json:"item_id"`
			Error any    `json:"error"`
		} `json:"items"`
	}
	p.ok(t, "/user/items/get", user).into(t, &owned)
	if len(owned.Items) != 2 {
		t.Fatalf("a user with two Items has %v", owned)
	}
	request := maps.Clone(user)
	request["item_ids"] = []string{owned.Items[1].ID}
	p.ok(t, "/sandbox/user/reset_login", request)
	p.ok(t, "/user/items/get", user).into(t, &owned)
	if owned.Items[0].Error != nil || owned.Items[1].Error == nil {
		t.Errorf("after the reset of one: %v", owned)
	}
	request["item_ids"] = []string{"x"}
	p.refused(t, "/sandbox/user/reset_login", "ITEM_NOT_FOUND", request)
	request["item_ids"] = []string{}
	p.ok(t, "/sandbox/user/reset_login", request)
	if user["user_token"] != nil {
		p.ok(t, "/user/update", map[string]any{"user_token": user["user_token"], "consumer_report_user_identity": consumer})
		return
	}
	p.ok(t, "/user/update", map[string]any{"user_id": user["user_id"], "identity": someone})
	p.ok(t, "/user/get", user)
	p.refused(t, "/user/update", "INVALID_FIELD", map[string]any{"user_id": user["user_id"], "consumer_report_user_identity": consumer})
}

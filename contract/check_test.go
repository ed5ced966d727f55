package contract

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// good is an answer of /accounts/get that the file allows.
const good = `{"accounts": [{"account_id": "a", "balances": {"available": 100.5, "current": 110, "limit": null, "iso_currency_code": "USD",
	"unofficial_currency_code": null, "last_updated_datetime": "2026-11-20T12:00:00Z"}, "mask": "0000", "name": "Checking",
	"official_name": null, "type": "depository", "subtype": "checking", "holder_category": null}],
	"item": {"item_id": "i", "webhook": null, "error": null, "available_products": [], "billed_products": ["auth"],
	"consent_expiration_time": null, "update_type": "background"}, "request_id": "r"}`

const goodFault = `{"error_type": "ITEM_ERROR", "error_code": "ITEM_NOT_FOUND", "error_message": "m", "display_message": null, "request_id": "r"}`

// TestCheck breaks an answer in one place at a time: what the check would not see, no other test here could.
func TestCheck(t *testing.T) {
	spec := published(t)
	for _, c := range []struct {
		name, old, new string
		want           string // "PATH KIND", empty for nothing
	}{
		{"the answer as it is", "", "", ""},
		{"undeclared member", `"request_id"`, `"surprise": 1, "request_id"`, "$.surprise undeclared"},
		{"undeclared member in an array", `"mask"`, `"masque": "1", "mask"`, "$.accounts[0].masque undeclared"},
		{"undeclared member behind a $ref", `"available":`, `"spare": 1, "available":`, "$.accounts[0].balances.spare undeclared"},
		{"misspelt optional member", `"holder_category"`, `"holder_kategory"`, "$.accounts[0].holder_kategory undeclared"},
		{"missing member", `"mask": "0000",`, ``, "$.accounts[0].mask missing"},
		{"missing array", `"accounts"`, `"accounts_"`, "$.accounts missing"},
		{"missing request_id", `, "request_id": "r"`, ``, "$.request_id missing"},
		{"null in a text", `"name": "Checking"`, `"name": null`, "$.accounts[0].name null"},
		{"null in place of an array", `"billed_products": ["auth"]`, `"billed_products": null`, "$.item.billed_products null"},
		{"null in place of an object", `"item": {`, `"item": null, "item_": {`, "$.item null"},
		{"null in an optional member", `"holder_category": null`, `"persistent_account_id": null`, "$.accounts[0].persistent_account_id null"},
		{"wrong value of an enumeration", `"depository"`, `"deposit"`, "$.accounts[0].type enum"},
		{"wrong value in an array", `["auth"]`, `["auth", "author"]`, "$.item.billed_products[1] enum"},
		{"text in place of a number", `110`, `"110"`, "$.accounts[0].balances.current type"},
		{"number in place of a text", `"0000"`, `0`, "$.accounts[0].mask type"},
		{"a date that is none", `2026-11-20T12:00:00Z`, `2026-11-20 12:00`, "$.accounts[0].balances.last_updated_datetime format"},
		{"an error inside the Item", `"error": null`, `"error": {"error_type": "ITEM_ERROR"}`, "$.item.error.error_code missing"},
		{"a member twice", `"request_id"`, `"item": {}, "request_id"`, "$ malformed"},
		{"two values", `"r"}`, `"r"} {}`, "$ malformed"},
		{"a list", good, `[]`, "$ malformed"},
		{"nothing", good, ``, "$ malformed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			expect(t, spec.Check("/accounts/get", http.StatusOK, []byte(replace(t, good, c.old, c.new))), c.want)
		})
	}
	expect(t, spec.Check("/no/such/operation", http.StatusOK, []byte(good)), "$ unknown")
}

// TestCheckComposed breaks an answer whose schema is composed of others.
func TestCheckComposed(t *testing.T) {
	spec := published(t)
	const item = `{"item": {"item_id": "i", "webhook": null, "error": null, "available_products": [], "billed_products": [], "consent_expiration_time": null,
		"update_type": "background", "created_at": "2026-11-20T12:00:00Z", "consented_data_scopes": ["contact_info"]},
		"status": {"investments": {"last_successful_update": null}, "last_webhook": null}, "request_id": "r"}`
	for _, c := range []struct{ name, old, new, want string }{
		{"the answer as it is", "", "", ""},
		{"status may be null", `"status": {`, `"status": null, "request_id": "r"}`, "cut"},
		{"undeclared in the first part", `"webhook"`, `"webhooks": 1, "webhook"`, "$.item.webhooks undeclared"},
		{"missing of the first part", `"webhook": null,`, ``, "$.item.webhook missing"},
		{"null in the first part", `"update_type": "background"`, `"update_type": null`, "$.item.update_type null"},
		{"enumeration of the first part", `"background"`, `"foreground"`, "$.item.update_type enum"},
		{"null in the second part", `"2026-11-20T12:00:00Z"`, `null`, "$.item.created_at null"},
		{"enumeration of the second part", `"contact_info"`, `"contacts"`, "$.item.consented_data_scopes[0] enum"},
		{"undeclared below a nullable composition", `"last_webhook"`, `"last_call": 1, "last_webhook"`, "$.status.last_call undeclared"},
	} {
		t.Run(c.name, func(t *testing.T) {
			body, want := replace(t, item, c.old, c.new), c.want
			if want == "cut" {
				body, want = body[:strings.Index(body, c.new)+len(c.new)], ""
			}
			expect(t, spec.Check("/item/get", http.StatusOK, []byte(body)), want)
		})
	}
}

// TestCheckMaps: the members of a declared map have any name, and the values that the map declares.
func TestCheckMaps(t *testing.T) {
	spec := published(t)
	const institution = `{"institution": {"institution_id": "i", "name": "n", "products": [], "country_codes": ["GB"], "routing_numbers": [], "oauth": true,
		"payment_initiation_metadata": {"supports_international_payments": true, "supports_sepa_instant": true, "maximum_payment_amount": {"GBP": "100"},
		"supports_refund_details": true, "standing_order_metadata": null, "supports_payment_consents": true}}, "request_id": "r"}`
	for _, c := range []struct{ name, old, new, want string }{
		{"the answer as it is", "", "", ""},
		{"another name", `"GBP"`, `"XYZ"`, ""},
		{"a value of another type", `"100"`, `100`, "$.institution.payment_initiation_metadata.maximum_payment_amount.GBP type"},
		{"a value that is null", `"100"`, `null`, "$.institution.payment_initiation_metadata.maximum_payment_amount.GBP null"},
	} {
		t.Run(c.name, func(t *testing.T) {
			expect(t, spec.Check("/institutions/get_by_id", http.StatusOK, []byte(replace(t, institution, c.old, c.new))), c.want)
		})
	}
}

// TestCheckFaults does the same with an error.
func TestCheckFaults(t *testing.T) {
	spec := published(t)
	for _, c := range []struct{ name, old, new, want string }{
		{"the answer as it is", "", "", ""},
		{"undeclared member", `"request_id"`, `"hint": "h", "request_id"`, "$.hint undeclared"},
		{"unknown type", `"ITEM_ERROR"`, `"ITEMS_ERROR"`, "$.error_type enum"},
		{"missing code", `"error_code": "ITEM_NOT_FOUND",`, ``, "$.error_code missing"},
		{"missing display_message", `"display_message": null,`, ``, "$.display_message missing"},
		{"null message", `"error_message": "m"`, `"error_message": null`, "$.error_message null"},
		{"no request_id", `, "request_id": "r"`, ``, "$.request_id missing"},
		{"empty request_id", `"r"`, `""`, "$.request_id missing"},
		{"null", goodFault, `null`, "$ malformed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			expect(t, spec.Check("/accounts/get", http.StatusBadRequest, []byte(replace(t, goodFault, c.old, c.new))), c.want)
		})
	}
}

func replace(t *testing.T, text, old, with string) string {
	t.Helper()
	if old == "" {
		return text
	}
	if strings.Count(text, old) != 1 {
		t.Fatalf("%q is %d times in the answer", old, strings.Count(text, old))
	}
	return strings.Replace(text, old, with, 1)
}

// expect wants one violation among those that were found, or none at all.
func expect(t *testing.T, found []Violation, want string) {
	t.Helper()
	if want == "" {
		for _, v := range found {
			t.Errorf("found %s", v)
		}
		return
	}
	for _, v := range found {
		if fmt.Sprintf("%s %s", v.Path, v.Kind) == want {
			return
		}
	}
	t.Errorf("found %v, want %s", found, want)
}

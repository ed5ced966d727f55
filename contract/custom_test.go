package contract

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weft/internal/needs"
)

// customUsers are users that a developer would write, one for each part of the configuration.
var customUsers = map[string]string{
	"nothing at all": `{}`,
	"every null":     `{"version": null, "seed": null, "override_accounts": null, "mfa": null, "recaptcha": null, "force_error": null}`,
	"a seed":         `{"version": "2", "seed": "my-seed", "override_accounts": [{"type": "depository"}, {"type": "investment"}]}`,
	"every type": `{"override_accounts": [{"type": "depository", "subtype": "savings"}, {"type": "credit", "subtype": "credit card"},
		{"type": "loan", "subtype": "student"}, {"type": "loan", "subtype": "mortgage"}, {"type": "investment", "subtype": "roth 401k"},
		{"type": "depository", "subtype": "cash management"}, {"type": "other"}]}`,
	"balances": `{"override_accounts": [
		{"type": "depository", "subtype": "checking", "starting_balance": 0.1, "force_available_balance": 0},
		{"type": "depository", "subtype": "savings", "starting_balance": -1234567890.123456789, "has_null_available_balance": true},
		{"type": "credit", "subtype": "credit card", "starting_balance": 1e3, "meta": {"limit": 2500.50, "mask": "", "name": "Card «é» 卡", "official_name": "\u2028"}},
		{"type": "investment", "subtype": "brokerage", "starting_balance": 99999999999.99, "currency": "EUR", "meta": {"mask": "9876"}}]}`,
	"numbers": `{"override_accounts": [
		{"type": "depository", "subtype": "checking", "numbers": {"account": "1111222233335555", "ach_routing": "122105155", "ach_wire_routing": "122105155"}},
		{"type": "depository", "subtype": "savings", "numbers": {"account": "111122220000", "eft_institution": "114", "eft_branch": "01533"}},
		{"type": "depository", "subtype": "savings", "numbers": {"account": "123456", "bacs_sort_code": "123456"}}]}`,
	"owners": `{"override_accounts": [{"type": "investment", "subtype": "ira", "identity": {
		"names": ["Ann Onymous", "Bea Onymous"], "phone_numbers": [], "emails": [{"data": "ann@example.com", "primary": true, "type": "primary"}],
		"addresses": [{"primary": true, "data": {"city": "Malakoff", "region": "NY", "street": "2992 Cameron Road", "postal_code": "14236", "country": "US"}}]}}]}`,
	"holdings": `{"override_accounts": [{"type": "investment", "subtype": "brokerage", "holdings": [
		{"institution_price": 140.4, "institution_price_as_of": "2026-06-03", "quantity": 12, "cost_basis": 1000, "currency": "USD", "security": {"ticker_symbol": "AAPL", "currency": "USD"}},
		{"institution_price": 0.000001, "quantity": 0.00000001, "security": {"isin": "US0378331005", "currency": "USD"}},
		{"institution_price": 5, "quantity": -100, "security": {"ticker_symbol": "F241108C00005000", "currency": "USD"}},
		{"institution_price": 39358.09375, "quantity": 0.00293644, "security": {"ticker_symbol": "CUR:BTC", "currency": "USD"}},
		{"institution_price": 100, "quantity": 3, "currency": "BTC", "security": {"cusip": "037833100", "currency": "BTC"}},
		{"institution_price": 10, "quantity": 1, "security": {"name": "A private fund", "ticker_symbol": "PRIV", "sedol": "0263494", "currency": "GBP"}}]}]}`,
	"investment transactions": `{"override_accounts": [{"type": "investment", "subtype": "brokerage", "investment_transactions": [
		{"date": "2026-05-24", "name": "buy", "quantity": 10, "price": 10, "fees": 20, "type": "buy", "currency": "USD", "security": {"ticker_symbol": "PLAID", "currency": "USD"}},
		{"date": "2026-05-25", "name": "sell", "quantity": -4, "price": 11.5, "fees": 0, "type": "sell", "currency": "USD", "security": {"ticker_symbol": "PLAID", "currency": "USD"}},
		{"date": "2026-05-26", "name": "dividend", "quantity": 0, "price": 0, "type": "cash", "currency": "USD", "security": {"ticker_symbol": "PLAID", "currency": "USD"}},
		{"date": "2026-05-27", "name": "fee", "quantity": 0, "price": 1, "type": "fee", "currency": "USD", "security": {"ticker_symbol": "PLAID", "currency": "USD"}},
		{"date": "2026-05-28", "name": "in", "quantity": 5, "price": 10, "type": "transfer", "currency": "USD", "security": {"ticker_symbol": "PLAID", "currency": "USD"}},
		{"date": "2020-01-01", "name": "long ago", "quantity": 5, "price": 10, "type": "buy", "currency": "USD", "security": {"ticker_symbol": "PLAID", "currency": "USD"}}]}]}`,
	"one object in place of a list": `{"override_accounts": [{"type": "investment", "subtype": "brokerage",
		"holdings": {"institution_price": 1, "quantity": 1, "security": {"ticker_symbol": "AAPL", "currency": "USD"}}}]}`,
	"loans": `{"override_accounts": [
		{"type": "credit", "subtype": "credit card", "starting_balance": 1245.67, "liability": {"type": "credit", "purchase_apr": 16.99, "cash_apr": 24.99,
			"balance_transfer_apr": 18.99, "special_apr": 0, "last_payment_amount": 250, "minimum_payment_amount": 35, "is_overdue": false}},
		{"type": "loan", "subtype": "student", "liability": {"type": "student", "origination_date": "2022-01-01", "principal": 45123, "nominal_apr": 4.23,
			"guarantor": "DEPT OF ED", "loan_name": "Loan", "repayment_model": {"type": "standard", "non_repayment_months": 12, "repayment_months": 120}}}]}`,
	"income": `{"override_accounts": [{"type": "depository", "subtype": "checking", "inflow_model": {"type": "monthly-income", "income_amount": 5125.25,
		"payment_day_of_month": "last", "transaction_name": "PAY"}, "transactions": [{"date_transacted": "2026-08-21", "date_posted": "2026-08-22",
		"amount": 398.34, "description": "AUTOPAY", "currency": "USD"}]}]}`,
}

// testCustomUsers: each of them, at institutions of several countries.
func testCustomUsers(t *testing.T, p *probe) {
	for name, config := range customUsers {
		for _, institution := range []string{usBank, canadaBank} {
			t.Run(name+" "+institution, func(t *testing.T) { p.readCustom(t, institution, config) })
		}
	}
}

// readCustom links a user_custom and reads it by every endpoint; the investments are refused where it has none.
func (p *probe) readCustom(t *testing.T, institution, config string) {
	t.Helper()
	products := []string{"investments"}
	if institution == usBank {
		products = everyInvestment
	}
	token := p.link(t, login{institution: institution, user: "user_custom", password: config, products: products})
	var a accountsAnswer
	p.ok(t, "/accounts/get", about(token)).into(t, &a)
	invested, transferable := false, false
	for _, account := range a.Accounts {
		cash := account.Type == "depository" && account.Subtype != nil && *account.Subtype == "cash management"
		invested = invested || account.Type == "investment" || cash
		transferable = transferable || account.Type == "investment"
	}
	p.readAll(t, token, invested, transferable && institution == usBank)
	if !invested {
		p.refused(t, holdingsGet, "NO_INVESTMENT_ACCOUNTS", about(token))
	}
	p.ok(t, "/item/remove", about(token))
}

// testCustomFields: each field that the file declares for a custom user is known, whatever the sample value is worth. The
// lists of the file's required fields are left aside: no published user has them all.
func testCustomFields(t *testing.T, p *probe) {
	schema := p.spec.doc.Components.Schemas["UserCustomPassword"].Value
	for _, f := range fieldsOf(schema) {
		config := string(bodyOf(t, put(t, map[string]any{}, schema, f.path, sample(f.schema))))
		a := p.ask(t, createToken, login{user: "user_custom", password: config}.request())
		if strings.Contains(a.fault.Message, "unknown field") || a.status >= http.StatusInternalServerError && a.fault.Code != "PLAID_ERROR" {
			t.Errorf("user_custom with %s: %d %s: %s\n\t%s", f, a.status, a.fault.Code, a.fault.Message, config)
		}
	}
}

// testPublishedUsers: the custom users that Plaid publishes for its sandbox. Those without accounts are documents for
// another flow.
func testPublishedUsers(t *testing.T, p *probe) {
	root := needs.Shared(t, "plaid/custom-users")
	read := 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".json" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var config struct {
			Accounts []json.RawMessage `json:"override_accounts"`
		}
		if err := json.Unmarshal(text, &config); err != nil {
			return err
		}
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		if config.Accounts == nil {
			p.refused(t, createToken, "INVALID_FIELD", login{user: "user_custom", password: string(text)}.request())
			return nil
		}
		read++
		t.Run(name, func(t *testing.T) { p.readCustom(t, usBank, string(text)) })
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if read < 20 {
		t.Errorf("read %d custom users, there were 25 at least", read)
	}
}

package custom

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weft/internal/needs"
)

// sharedFiles are the published example configurations; the folder stands beside the project.
func sharedFiles(t *testing.T) []string {
	t.Helper()
	root := needs.Shared(t, "plaid/custom-users")
	var files []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && filepath.Ext(path) == ".json" {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestPublishedFiles(t *testing.T) {
	accepted, refused := 0, 0
	for _, path := range sharedFiles(t) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Parse(text)
		if strings.Contains(path, "document_income") {
			if err == nil || !strings.Contains(err.Error(), "Document Income") {
				t.Errorf("%s: error %v, want a clear refusal", path, err)
			}
			refused++
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
		accepted++
	}
	if accepted < 20 || refused < 5 {
		t.Errorf("%d accepted and %d refused: the folder is not what it was", accepted, refused)
	}
}

func TestRefusals(t *testing.T) {
	account := func(s string) string { return `{"override_accounts":[{` + s + `}]}` }
	holding := func(s string) string { return account(`"type":"investment","holdings":[{` + s + `}]`) }
	row := func(s string) string { return account(`"type":"investment","investment_transactions":[{` + s + `}]`) }
	for _, c := range []struct{ text, want string }{
		{``, `invalid JSON`},
		{`nonsense`, `invalid JSON at byte`},
		{`[]`, `an object is expected`},
		{`"x"`, `an object is expected`},
		{`{} {}`, `invalid JSON at byte 3`},
		{`{"seed":"a","seed":"b"}`, `seed: invalid JSON`},
		{`{"sed":"a"}`, `sed: unknown field`},
		{`{"Seed":"a"}`, `Seed: unknown field`},
		{`{"seed":1}`, `seed: a string is expected`},
		{"{\"seed\":\"a\\u0000\"}", `seed: must not contain a NUL`},
		{"{\"seed\":\"\xff\"}", `seed: invalid JSON`},
		{`{"version":"3"}`, `version: must be one of ["1","2"], not "3"`},
		{`{"recaptcha":"ugly"}`, `recaptcha: must be one of ["good","bad"]`},
		{`{"force_error":"NOPE"}`, `force_error: must be an error code`},
		{`{"mfa":{"type":"sms"}}`, `mfa.type: must be one of ["device","selections","questions"]`},
		{`{"mfa":{"type":"questions","question_rounds":2}}`, `mfa.questions_per_round: is required`},
		{`{"mfa":{"question_rounds":1.5}}`, `mfa.question_rounds: a whole number is expected`},
		{`{"override_accounts":{}}`, `override_accounts: a list is expected`},
		{`{"override_accounts":[7]}`, `override_accounts[0]: an object is expected`},
		{account(`"type":"brokerage"`), `override_accounts[0].type: must be one of ["investment","credit"`},
		{account(`"type":"depository","subtype":"ira"`), `override_accounts[0].subtype: must be one of ["checking","savings"`},
		{account(`"subtype":"chequing"`), `override_accounts[0].subtype: must be one of`},
		{account(`"starting_balance":"12"`), `override_accounts[0].starting_balance: a number is expected`},
		{account(`"starting_balance":1e61`), `override_accounts[0].starting_balance: `},
		{account(`"starting_balance":1e60`), `override_accounts[0].starting_balance: "1e60" has more than 60 characters`},
		{account(`"starting_balance":` + strings.Repeat("1", 61)), `override_accounts[0].starting_balance: number of 61`},
		{account(`"currency":"usd"`), `override_accounts[0].currency: an ISO 4217 code`},
		{account(`"force_available_balance":1,"has_null_available_balance":true`), `override_accounts[0].has_null_available_balance: cannot`},
		{account(`"has_null_available_balance":"yes"`), `override_accounts[0].has_null_available_balance: true or false is expected`},
		{account(`"meta":{"mask":"12345"}`), `override_accounts[0].meta.mask: an empty string or 2 to 4`},
		{account(`"meta":{"nick":"x"}`), `override_accounts[0].meta.nick: unknown field`},
		{account(`"meta":{"":"x"}`), `override_accounts[0].meta[""]: unknown field`},
		{account(`"numbers":{"ach_routing":"123456789"}`), `override_accounts[0].numbers.ach_routing: a routing number`},
		{account(`"numbers":{"account":"1","eft_institution":"114"}`), `override_accounts[0].numbers.eft_branch: is required with eft_institution`},
		{account(`"numbers":{"international_iban":"IE29AIBK93115212345678"}`), `override_accounts[0].numbers.international_bic: is required`},
		{account(`"transactions":[{},{"date_posted":"2026-02-30"}]`), `override_accounts[0].transactions[1].date_posted: a date of the form YYYY-MM-DD is expected, not "2026-02-30"`},
		{account(`"transactions":[{"date_posted":20260201}]`), `override_accounts[0].transactions[0].date_posted: a date of the form`},
		{holding(`"quantity":"ten"`), `override_accounts[0].holdings[0].quantity: a number is expected`},
		{account(`"type":"investment","holdings":{"quantity":true}`), `override_accounts[0].holdings.quantity: a number is expected`},
		{account(`"type":"investment","holdings":7`), `override_accounts[0].holdings: a list or an object is expected`},
		{holding(`"quantity":1`), `override_accounts[0].holdings[0].security: is required`},
		{holding(`"shares":1`), `override_accounts[0].holdings[0].shares: unknown field`},
		{holding(`"security":{"currency":"USD"}`), `override_accounts[0].holdings[0].security: one of ticker_symbol, cusip, isin`},
		{holding(`"security":{"ticker_symbol":"AAPL"}`), `override_accounts[0].holdings[0].security.currency: is required`},
		{holding(`"security":{"ticker_symbol":"AAPL","currency":"USD","type":"stock"}`), `.security.type: must be one of ["cash","cryptocurrency"`},
		{holding(`"security":{"ticker_symbol":"X","currency":"USD","option_contract":{"contract_type":"put"}}`), `.option_contract.expiration_date: is required`},
		{holding(`"tax_lots":[{"position_type":"long"}],"security":{"ticker_symbol":"X","currency":"USD"}`), `tax_lots[0].position_type: must be one of ["LONG","SHORT"]`},
		{holding(`"institution_price_datetime":"today","security":{"ticker_symbol":"X","currency":"USD"}`), `institution_price_datetime: a date and time`},
		{holding(`"quantity":1e50,"institution_price":1e50,"security":{"ticker_symbol":"X","currency":"USD"}`), `holdings[0].quantity: times institution_price`},
		{account(`"type":"depository","holdings":[{"security":{"ticker_symbol":"X","currency":"USD"}}]`), `override_accounts[0].holdings: belong to an account of type investment`},
		{account(`"subtype":"checking","holdings":[{"security":{"ticker_symbol":"X","currency":"USD"}}]`), `override_accounts[0].holdings: belong to`},
		{row(`"type":"buy","quantity":-1`), `investment_transactions[0].quantity: must be positive when type is buy`},
		{row(`"type":"sell","quantity":1`), `investment_transactions[0].quantity: must be negative when type is sell`},
		{row(`"type":"cancel"`), `investment_transactions[0].type: must be one of ["buy","sell","cash","fee","transfer"]`},
		{row(`"cancel_transaction_id":"x"`), `investment_transactions[0].cancel_transaction_id: unknown field`},
		{account(`"identity":{"emails":[{"type":"work"}]}`), `override_accounts[0].identity.emails[0].type: must be one of ["primary","secondary","other"]`},
		{account(`"liability":{"type":"mortgage"}`), `override_accounts[0].liability.type: must be one of ["credit","student"]`},
		{account(`"liability":{"type":"student","cash_apr":1}`), `override_accounts[0].liability.cash_apr: can only be set if type is credit`},
		{account(`"inflow_model":{"payment_day_of_month":29}`), `override_accounts[0].inflow_model.payment_day_of_month: a day from 1 to 28 or "last"`},
		{account(`"inflow_model":{"type":"monthly-income","transaction_name":"x"}`), `override_accounts[0].inflow_model.income_amount: is required`},
		{account(`"income":{"w2s":[{"tax_year":{}}]}`), `override_accounts[0].income.w2s[0].tax_year: a string is expected`},
		{`{"ocr_status":"SUCCESS"}`, `Document Income`},
	} {
		_, err := Parse([]byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Parse(%.120s)\n got %v\nwant %s", c.text, err, c.want)
			continue
		}
		if _, ok := errors.AsType[*Error](err); !ok {
			t.Errorf("Parse(%.80s): the error is a %T", c.text, err)
		}
	}
}

func TestSpellings(t *testing.T) {
	config, err := Parse([]byte(`{"override_accounts":[
		{"type":"investment","holdings":{"quantity":1,"security":{"ticker_symbol":"X","currency":"USD"}},
		 "investment_transactions":[null,{"name":"x"}]},
		{"type":"investment","holdings":[],"investment_transactions":[{"name":null,"security":{"isin":null}}]},
		{"inflow_model":{"payment_day_of_month":"last","statement_day_of_month":"13"},
		 "income":{"w2s":[{"tax_year":2023,"statutory_employee":true,"box_9":"nine"}]}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	first, second, third := config.Accounts[0], config.Accounts[1], config.Accounts[2]
	if len(first.Holdings) != 1 || len(first.InvestmentTransactions) != 1 {
		t.Errorf("one object: %d holdings, %d transactions", len(first.Holdings), len(first.InvestmentTransactions))
	}
	if second.Holdings == nil || second.InvestmentTransactions != nil {
		t.Errorf("an empty list must be told from a blank one: %v, %v", second.Holdings, second.InvestmentTransactions)
	}
	if m := third.InflowModel; !m.PaymentDayOfMonth.Last || m.StatementDayOfMonth.Day != 13 {
		t.Errorf("days: %+v", m)
	}
	if w := third.Income.W2s[0]; *w.TaxYear != "2023" || *w.StatutoryEmployee != "true" || *w.Box9 != "nine" {
		t.Errorf("W2: %+v", w)
	}
}

func TestLargeConfiguration(t *testing.T) {
	row := map[string]any{"date": "2026-01-01", "name": "buy", "type": "buy", "quantity": 1, "price": 2,
		"security": map[string]any{"ticker_symbol": "X", "currency": "USD"}}
	rows := make([]any, 2000)
	for i := range rows {
		rows[i] = row
	}
	accounts := make([]any, 25)
	for i := range accounts {
		accounts[i] = map[string]any{"type": "investment", "investment_transactions": rows}
	}
	text, err := json.Marshal(map[string]any{"override_accounts": accounts})
	if err != nil {
		t.Fatal(err)
	}
	config, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(config.Accounts[24].InvestmentTransactions); n != 2000 {
		t.Errorf("%d rows", n)
	}
}

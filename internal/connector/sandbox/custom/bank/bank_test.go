package bank

import (
	"encoding/json"
	"reflect"
	"strings"
	"sync"
	"testing"

	"weft/internal/connector"
	"weft/internal/connector/connectortest"
	"weft/internal/connector/sandbox/custom"
	"weft/internal/connector/sandbox/household/plan"
	"weft/internal/connector/sandbox/market"
	"weft/internal/connector/sandbox/personas"
	"weft/internal/plaid"
)

var created = plaid.MustDate("2026-05-29")

var habits = sync.OnceValue(func() map[string][]plan.Flow {
	all, err := plan.Habits(personas.FS)
	if err != nil {
		panic(err)
	}
	return all
})

var exchange = sync.OnceValue(func() *market.Market { return market.New("test") })

func world() World {
	return World{Market: exchange(), ConnectionID: "conn", Created: created, Today: created, Country: "US", Habits: habits(), Owner: plaid.Owner{
		Names: []string{"Default Holder"}, PhoneNumbers: []plaid.PhoneNumber{}, Emails: []plaid.Email{{Data: "d@example.com", Type: "primary"}},
		Addresses: []plaid.Address{},
	}}
}

func state(t *testing.T, text string) connector.Batch {
	t.Helper()
	cfg, err := custom.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return Statement(cfg, world())
}

// only is the statement of a configuration with one account.
func only(t *testing.T, account string) connector.Batch {
	t.Helper()
	return state(t, `{"override_accounts":[`+account+`]}`)
}

func TestGivenComesBackExactly(t *testing.T) {
	b := only(t, `{"type":"investment","subtype":"roth","starting_balance":1234.50,"holder_category":"business","currency":"CAD",
		"force_available_balance":0.10,"meta":{"name":"My Roth","official_name":"Official","limit":5.00,"mask":""},
		"holdings":[{"institution_price":140.40,"institution_price_as_of":"2026-06-03","institution_price_datetime":"2026-06-03T20:00:00-04:00",
			"institution_value":1684.81,"cost_basis":1000.0,"quantity":12.000,"unofficial_currency_code":"XYZ","vested_quantity":3.0,"vested_value":421.20,
			"tax_lots":[{"institution_lot_id":"L1","original_purchase_datetime":"2025-01-02T00:00:00Z","quantity":12,"purchase_price":83.33,"cost_basis":1000.0,"current_value":1684.81,"position_type":"LONG"},{"quantity":1}],
			"security":{"ticker_symbol":"ZZQX","isin":"US0000000002","cusip":"000000000","sedol":"0000000","name":"Own Name","currency":"USD",
				"type":"mutual fund","subtype":"fund of funds","is_cash_equivalent":true,"close_price":141.00,"close_price_as_of":"2026-06-02",
				"market_identifier_code":"XAAA","sector":"S","industry":"I","cfi_code":"CIOIES","institution_security_id":"own-1",
				"fixed_income":{"yield_rate":{"percentage":5.430,"type":"coupon"},"maturity_date":"2030-01-01","issue_date":"2020-01-01","face_value":100}}}],
		"investment_transactions":[{"date":"2026-05-24","name":"buy stock","quantity":10.0,"price":10.10,"fees":20.00,"type":"buy","subtype":"contribution",
			"amount":-99.999,"transaction_datetime":"2026-05-24T10:00:00Z","currency":"EUR","security":{"ticker_symbol":"ZZQX","isin":"US0000000002","currency":"USD"}}]}`)
	for _, c := range []struct {
		of   any
		want string
	}{
		{b.Accounts[0].Account, `{"account_id":"","balances":{"available":0.10,"current":1234.50,"limit":5.00,"iso_currency_code":"CAD","unofficial_currency_code":null,"last_updated_datetime":null},"mask":"","name":"My Roth","official_name":"Official","type":"investment","subtype":"roth","holder_category":"business"}`},
		{b.Holdings[0].Holding, `{"account_id":"","security_id":"","institution_price":140.40,"institution_price_as_of":"2026-06-03","institution_price_datetime":"2026-06-03T20:00:00-04:00","institution_value":1684.81,"cost_basis":1000.0,"quantity":12.000,"iso_currency_code":null,"unofficial_currency_code":"XYZ","vested_quantity":3.0,"vested_value":421.20,"tax_lots":[{"institution_lot_id":"L1","original_purchase_datetime":"2025-01-02T00:00:00Z","quantity":12,"purchase_price":83.33,"cost_basis":1000.0,"current_value":1684.81,"position_type":"LONG"},{"institution_lot_id":null,"original_purchase_datetime":null,"quantity":1,"purchase_price":null,"cost_basis":null,"current_value":null,"position_type":null}]}`},
		{b.Securities[0].Security, `{"security_id":"","isin":"US0000000002","cusip":"000000000","sedol":"0000000","institution_security_id":"own-1","institution_id":null,"proxy_security_id":null,"name":"Own Name","ticker_symbol":"ZZQX","is_cash_equivalent":true,"type":"mutual fund","subtype":"fund of funds","close_price":141.00,"close_price_as_of":"2026-06-02","update_datetime":null,"iso_currency_code":"USD","unofficial_currency_code":null,"market_identifier_code":"XAAA","sector":"S","industry":"I","cfi_code":"CIOIES","option_contract":null,"fixed_income":{"yield_rate":{"percentage":5.430,"type":"coupon"},"maturity_date":"2030-01-01","issue_date":"2020-01-01","face_value":100}}`},
		{b.InvestmentTransactions[0].InvestmentTransaction, `{"investment_transaction_id":"","cancel_transaction_id":null,"account_id":"","security_id":null,"date":"2026-05-24","transaction_datetime":"2026-05-24T10:00:00Z","name":"buy stock","quantity":10.0,"amount":-99.999,"price":10.10,"fees":20.00,"type":"buy","subtype":"contribution","iso_currency_code":"EUR","unofficial_currency_code":null}`},
	} {
		got, err := json.Marshal(c.of)
		if err != nil || string(got) != c.want {
			t.Errorf("%T\n got %s\nwant %s (%v)", c.of, got, c.want, err)
		}
	}
	if len(b.Securities) != 1 {
		t.Errorf("%d securities: the holding and the transaction are of the same one", len(b.Securities))
	}
}

func TestSecurities(t *testing.T) {
	holding := func(security string) connector.Security {
		t.Helper()
		return only(t, `{"type":"investment","holdings":[{"quantity":1,"institution_price":2,"security":`+security+`}]}`).Securities[0]
	}
	describe := func(s connector.Security) string {
		cusip := "-"
		if s.CUSIP != nil {
			cusip = *s.CUSIP
		}
		return strings.Join([]string{s.Key, *s.Type, *s.Subtype, cusip}, " ")
	}
	for _, c := range []struct{ security, want string }{
		{`{"ticker_symbol":"AAPL","currency":"USD"}`, "AAPL equity common stock 037833100"},
		{`{"isin":"US0378331005","currency":"USD"}`, "AAPL equity common stock 037833100"},
		{`{"cusip":"037833100","currency":"USD"}`, "AAPL equity common stock 037833100"},
		{`{"ticker_symbol":"AAPL","currency":"EUR"}`, "AAPL:EUR equity common stock 037833100"},
		{`{"ticker_symbol":"AAPL","isin":"US0000000002","currency":"USD"}`, "isin:US0000000002:USD equity common stock -"},
		{`{"ticker_symbol":"AAPL","type":"etf","currency":"USD"}`, "ticker:AAPL:USD etf etf -"},
		{`{"ticker_symbol":"PLAID","currency":"USD"}`, "ticker:PLAID:USD equity common stock -"},
		{`{"ticker_symbol":"CUR:BTC","currency":"USD"}`, "BTC cryptocurrency cryptocurrency -"},
		{`{"ticker_symbol":"XMR","currency":"USD"}`, "ticker:XMR:USD cryptocurrency cryptocurrency -"},
		{`{"ticker_symbol":"USD","currency":"USD"}`, "USD cash cash -"},
		{`{"ticker_symbol":"CUR:USD","currency":"USD"}`, "USD cash cash -"},
		{`{"ticker_symbol":"CUR:CHF","currency":"CHF"}`, "ticker:CHF:CHF cash cash -"},
		{`{"ticker_symbol":"F241108C00005000","currency":"USD"}`, "F241108C00005000 derivative option -"},
		{`{"name":"Private  Fund ","type":"other","currency":"USD"}`, "name:private fund:USD other other -"},
		{`{"name":"B","fixed_income":{"maturity_date":"2030-01-01"},"currency":"USD"}`, "name:b:USD fixed income bond -"},
		{`{"ticker_symbol":"QQ1","option_contract":{"contract_type":"put","expiration_date":"2027-01-15","strike_price":5,"underlying_security_ticker":"QQ"},"currency":"USD"}`, "ticker:QQ1:USD derivative option -"},
	} {
		if got := describe(holding(c.security)); got != c.want {
			t.Errorf("%s: %s, want %s", c.security, got, c.want)
		}
	}
	option := holding(`{"ticker_symbol":"F241108C00005000","currency":"USD"}`).OptionContract
	if option == nil || option.ContractType != "call" || option.ExpirationDate.String() != "2024-11-08" ||
		!option.StrikePrice.Equal(plaid.Dec("5")) || option.UnderlyingSecurityTicker != "F" {
		t.Errorf("option contract: %+v", option)
	}
	if s := holding(`{"ticker_symbol":"CUR:BTC","currency":"USD"}`); *s.TickerSymbol != "CUR:BTC" || *s.Name != "Bitcoin" {
		t.Errorf("a given ticker stays, a name is added: %s, %s", *s.TickerSymbol, *s.Name)
	}
	if a, b := holding(`{"ticker_symbol":"PLAID","currency":"USD"}`), holding(`{"ticker_symbol":"PLAID","currency":"USD"}`); *a.Name == "" || *a.Name != *b.Name {
		t.Errorf("invented names: %q and %q", *a.Name, *b.Name)
	}
}

func TestAmountsAndSubtypes(t *testing.T) {
	for _, c := range []struct{ row, want string }{
		{`"type":"buy","quantity":10,"price":10,"fees":20`, "buy buy 10 120"},
		{`"type":"sell","quantity":-4,"price":2.5,"fees":1`, "sell sell -4 -9.0"},
		{`"type":"cash","name":"Quarterly Dividend","quantity":10,"price":0.25`, "cash dividend 10 -2.50"},
		{`"type":"cash","name":"INTEREST PAID","quantity":-3,"price":1`, "cash interest -3 -3"},
		{`"type":"cash","name":"wire","amount":-50`, "cash deposit 0 -50"},
		{`"type":"cash","name":"wire","amount":50`, "cash withdrawal 0 50"},
		{`"type":"cash","name":"buy stock in cash","quantity":12,"price":80,"fees":1`, "cash withdrawal 12 961"},
		{`"type":"fee","name":"Advisory fee","quantity":-1,"price":30`, "fee management fee -1 30"},
		{`"type":"fee","name":"x","quantity":30,"price":170,"fees":4`, "fee account fee 30 5104"},
		{`"type":"transfer","quantity":7,"price":150.23,"fees":6.25`, "transfer transfer 7 1057.86"},
		{`"quantity":2,"price":3`, "buy buy 2 6"},
		{`"quantity":-2,"price":3`, "sell sell -2 -6"},
		{`"type":"buy","subtype":"contribution","quantity":-5,"price":2`, "buy contribution -5 -10"},
	} {
		b := only(t, `{"type":"investment","holdings":[],"investment_transactions":[{"date":"2026-05-01",`+c.row+`}]}`)
		row := b.InvestmentTransactions[0]
		got := strings.Join([]string{row.Type, row.Subtype, row.Quantity.String(), row.Amount.String()}, " ")
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.row, got, c.want)
		}
	}
}

func TestKeysOfEqualRows(t *testing.T) {
	row := func(name string) string {
		return `{"date":"2026-05-01","name":"` + name + `","type":"buy","quantity":1,"price":2,"security":{"ticker_symbol":"AAPL","currency":"USD"}}`
	}
	keys := func(rows ...string) []string {
		var list []string
		for _, r := range only(t, `{"type":"investment","holdings":[],"investment_transactions":[`+strings.Join(rows, ",")+`]}`).InvestmentTransactions {
			list = append(list, r.Key)
		}
		return list
	}
	first := keys(row("a"), row("a"), row("b"))
	if first[0] == first[1] || strings.TrimSuffix(first[0], "-1") != strings.TrimSuffix(first[1], "-2") {
		t.Errorf("equal rows: %v", first)
	}
	if moved := keys(row("b"), row("a"), row("a")); moved[0] != first[2] || moved[1] != first[0] || moved[2] != first[1] {
		t.Errorf("moving rows changes their keys: %v and %v", first, moved)
	}
}

func TestPortfolioExplainsItsBalance(t *testing.T) {
	for _, account := range []string{
		`{"type":"investment","subtype":"brokerage","starting_balance":120}`, `{"type":"investment","subtype":"ira","starting_balance":98765.4321}`,
		`{"type":"investment","subtype":"401k"}`, `{"type":"investment","subtype":"crypto exchange","starting_balance":5000.5}`,
		`{"type":"investment","subtype":"rrsp","currency":"CAD","starting_balance":10000}`, `{"type":"investment","subtype":"isa","currency":"JPY","starting_balance":100000}`,
	} {
		b := only(t, account)
		worth, cash := plaid.Decimal{}, plaid.Decimal{}
		units := map[string]plaid.Decimal{}
		for _, row := range b.InvestmentTransactions {
			cash = cash.Sub(row.Amount)
			units[row.SecurityKey] = units[row.SecurityKey].Add(row.Quantity)
			if row.Date >= created || row.Date < created.AddDays(-730) {
				t.Errorf("%s: a transaction on %s", account, row.Date)
			}
		}
		for _, h := range b.Holdings {
			worth = worth.Add(h.InstitutionValue)
			if strings.Contains(h.SecurityKey, *h.ISOCurrencyCode) {
				units[h.SecurityKey] = cash
			}
			if !units[h.SecurityKey].Equal(h.Quantity) {
				t.Errorf("%s: %s of %s, but the transactions add up to %s", account, h.Quantity, h.SecurityKey, units[h.SecurityKey])
			}
		}
		if current := b.Accounts[0].Balances.Current; !current.Equal(worth) || len(b.Holdings) == 0 {
			t.Errorf("%s: balance %s, %d holdings worth %s", account, current, len(b.Holdings), worth)
		}
	}
	for _, nothing := range []string{`"starting_balance":0`, `"starting_balance":0.00`, `"holdings":[]`} {
		if b := only(t, `{"type":"investment",`+nothing+`}`); len(b.Holdings)+len(b.InvestmentTransactions) != 0 {
			t.Errorf("%s: %d holdings", nothing, len(b.Holdings))
		}
	}
}

func TestHoldingsOfOneSecurityAreOnePosition(t *testing.T) {
	b := only(t, `{"type":"investment","holdings":[
		{"quantity":1,"institution_price":10,"institution_price_as_of":"2026-01-01","cost_basis":5,"security":{"ticker_symbol":"AAPL","currency":"USD"}},
		{"quantity":2.5,"institution_price":12,"institution_price_as_of":"2026-02-01","cost_basis":6,"security":{"isin":"US0378331005","currency":"USD"}}]}`)
	h := b.Holdings[0]
	if len(b.Holdings) != 1 || h.Quantity.String() != "3.5" || h.InstitutionValue.String() != "40.0" || h.CostBasis.String() != "11" || h.InstitutionPrice.String() != "12" {
		t.Errorf("%d holdings: %+v", len(b.Holdings), h.Holding)
	}
}

func TestAccountsThatAreMadeUp(t *testing.T) {
	for _, c := range []struct{ account, want string }{
		{`{}`, "Plaid Checking depository/checking"},
		{`{"type":"credit"}`, "Plaid Credit Card credit/credit card"},
		{`{"type":"loan"}`, "Plaid Student Loan loan/student"},
		{`{"subtype":"auto"}`, "Plaid Auto Loan loan/auto"},
		{`{"subtype":"roth 401k"}`, "Plaid Roth 401k investment/roth 401k"},
		{`{"type":"investment"}`, "Plaid Brokerage investment/brokerage"},
		{`{"type":"payroll","subtype":"payroll"}`, "Plaid Payroll Account other/payroll"},
		{`{"subtype":"other"}`, "Plaid Other Account other/other"},
		{`{"subtype":"hsa","holdings":[{"security":{"ticker_symbol":"AAPL","currency":"USD"}}]}`, "Plaid HSA investment/hsa"},
		{`{"type":"other"}`, "Plaid Other Account other/other"},
		{`{"liability":{"type":"student","principal":10}}`, "Plaid Student Loan loan/student"},
		{`{"holdings":[{"security":{"ticker_symbol":"AAPL","currency":"USD"}}]}`, "Plaid Brokerage investment/brokerage"},
	} {
		a := only(t, c.account).Accounts[0]
		if got := a.Name + " " + a.Type + "/" + *a.Subtype; got != c.want {
			t.Errorf("%s: %s, want %s", c.account, got, c.want)
		}
	}
	card := only(t, `{"type":"credit","starting_balance":1245.67,"force_available_balance":8754.33}`).Accounts[0].Balances
	if card.Limit.String() != "10000.00" || card.Available.String() != "8754.33" {
		t.Errorf("card: %+v", card)
	}
	if b := only(t, `{"starting_balance":5,"has_null_available_balance":true}`).Accounts[0].Balances; b.Available != nil || b.Current.String() != "5" {
		t.Errorf("null available: %+v", b)
	}
	if b := only(t, `{"type":"loan","liability":{"type":"student","principal":45123}}`).Accounts[0].Balances; b.Current.String() != "45123" {
		t.Errorf("loan: %+v", b)
	}
}

func TestNumbers(t *testing.T) {
	for _, c := range []struct{ account, want string }{
		{`{"numbers":{"account":"1111222233335555","ach_routing":"122105155"}}`, `{"ach":{"account":"1111222233335555","routing":"122105155","wire_routing":"021000021"}}`},
		{`{"numbers":{"account":"111122220000","eft_institution":"114","eft_branch":"01533"}}`, `{"eft":{"account":"111122220000","institution":"114","branch":"01533"}}`},
		{`{"numbers":{"account":"123456","bacs_sort_code":"123456"}}`, `{"bacs":{"account":"123456","sort_code":"123456"}}`},
		{`{"numbers":{"international_bic":"BOFIIE2D","international_iban":"IE29AIBK93115212345678"}}`, `{"international":{"iban":"IE29AIBK93115212345678","bic":"BOFIIE2D"}}`},
		{`{"numbers":{"account":"77"}}`, `{"ach":{"account":"77","routing":"011401533","wire_routing":"021000021"}}`},
		{`{"meta":{"mask":"4321"}}`, `{"ach":{"account":"1111222233334321","routing":"011401533","wire_routing":"021000021"}}`},
		{`{"subtype":"cd"}`, `{}`},
		{`{"subtype":"ira","numbers":{"account":"TR5555"}}`, `{"acats":{"account":"TR5555","dtc_numbers":["1111","2222","3333"]}}`},
	} {
		got, err := json.Marshal(only(t, c.account).Accounts[0].Numbers)
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %s, want %s", c.account, got, c.want)
		}
	}
	if a := only(t, `{"numbers":{"account":"111122228765"}}`).Accounts[0]; *a.Mask != "8765" {
		t.Errorf("the mask of a given account number is %s", *a.Mask)
	}
}

func TestOwners(t *testing.T) {
	b := state(t, `{"override_accounts":[{},{"identity":{"names":["A One","B Two"],"phone_numbers":[{"data":"1"},{"data":"2"}]}},{"identity":{"names":["C Three"]}}]}`)
	if got := b.Accounts[0].Owners[0]; !reflect.DeepEqual(got.Names, []string{"A One", "B Two"}) || got.Emails[0].Data != "d@example.com" {
		t.Errorf("the first account has the names of the login and else the default person's data: %+v", got)
	}
	if got := b.Accounts[1].Owners[0]; len(got.PhoneNumbers) != 2 || !got.PhoneNumbers[0].Primary || got.PhoneNumbers[1].Primary {
		t.Errorf("phones: %+v", got)
	}
	if got := b.Accounts[2].Owners[0].Names; !reflect.DeepEqual(got, []string{"C Three"}) {
		t.Errorf("given names: %v", got)
	}
	if got := only(t, `{}`).Accounts[0].Owners[0].Names; got[0] != "Default Holder" {
		t.Errorf("default names: %v", got)
	}
}

func TestSeed(t *testing.T) {
	statement := func(text, connection string) connector.Batch {
		cfg, err := custom.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		w := world()
		w.ConnectionID = connection
		return Statement(cfg, w)
	}
	if !reflect.DeepEqual(statement(`{"seed":"x"}`, "1"), statement(`{"seed":"x"}`, "2")) {
		t.Error("two connections with one seed differ")
	}
	if reflect.DeepEqual(statement(`{}`, "1"), statement(`{}`, "2")) {
		t.Error("two connections without a seed are the same")
	}
	plain, named := statement(`{"override_accounts":[{},{}]}`, "1"), statement(`{"override_accounts":[{"meta":{"name":"N"}},{}]}`, "1")
	if !plain.Accounts[0].Balances.Current.Equal(*named.Accounts[0].Balances.Current) || !reflect.DeepEqual(plain.Accounts[1], named.Accounts[1]) {
		t.Error("giving a name changes other values")
	}
	masks := map[string]bool{}
	for _, a := range statement(`{"override_accounts":[`+strings.Repeat(`{},`, 300)+`{}]}`, "1").Accounts {
		masks[*a.Mask] = true
	}
	if len(masks) != 301 {
		t.Errorf("%d masks for 301 accounts", len(masks))
	}
}

// FuzzStatement holds the statement of every valid configuration to the rules of all connectors.
func FuzzStatement(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"override_accounts":[{"type":"investment","subtype":"crypto exchange","starting_balance":1e59}]}`,
		`{"override_accounts":[{"holdings":[{"quantity":1e-59,"institution_value":9e58,"cost_basis":9e58,"security":{"name":"n","currency":"BTC"}},{"quantity":-3,"security":{"ticker_symbol":"AAPL","currency":"USD"}}]}]}`,
		`{"override_accounts":[{"investment_transactions":[{"amount":9e59,"quantity":1e-50},{"price":-0.0,"type":"sell"},{"transaction_datetime":"0001-01-01T00:00:00Z"}]}]}`,
		`{"override_accounts":[{"type":"credit","starting_balance":-0.00},{"type":"loan"},{"subtype":"payroll"},{"subtype":"hsa","holdings":[]}]}`,
		`{"override_accounts":[{"transactions":[{"date_posted":"9999-12-31"},{"date_transacted":"0001-01-01","amount":-9e58}],"inflow_model":{"type":"monthly-income","income_amount":9e59,"payment_day_of_month":"last","transaction_name":"n"}}]}`,
	} {
		f.Add([]byte(seed))
	}
	want := connector.Want{Now: created.Time(), Products: []string{"investments"}}
	f.Fuzz(func(t *testing.T, text []byte) {
		cfg, err := custom.Parse(text)
		if err != nil || len(cfg.Accounts) > 50 {
			return
		}
		batch := Statement(cfg, world())
		connectortest.Check(t, batch, want)
		if !reflect.DeepEqual(batch, Statement(cfg, world())) {
			t.Error("two statements of one configuration differ")
		}
	})
}

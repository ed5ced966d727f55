package fixed

import (
	"maps"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"weft/internal/connector"
	"weft/internal/plaid"
)

var created = plaid.MustDate("2026-03-14")

func userGood(t *testing.T) *Persona {
	t.Helper()
	all, err := Load(os.DirFS("../personas"))
	if err != nil {
		t.Fatal(err)
	}
	if all["user_good"] == nil {
		t.Fatal("no user_good")
	}
	return all["user_good"]
}

func text(d *plaid.Decimal) string {
	if d == nil {
		return "null"
	}
	return d.String()
}

func TestDefaultAccounts(t *testing.T) {
	batch := userGood(t).Statement(created, "US")
	want := strings.Split(`Plaid Checking 0000 depository/checking 100 110 null
Plaid Saving 1111 depository/savings 200 210 null
Plaid CD 2222 depository/cd null 1000 null
Plaid Credit Card 3333 credit/credit card null 410 2000
Plaid Money Market 4444 depository/money market 43200 43200 null
Plaid IRA 5555 investment/ira null 320.76 null
Plaid 401k 6666 investment/401k null 23631.9805 null
Plaid Student Loan 7777 loan/student null 65262 null
Plaid Mortgage 8888 loan/mortgage null 56302.06 null
Plaid HSA 9001 depository/hsa 6009 6009 null
Plaid Cash Management 9002 depository/cash management 12060 12060 null
Plaid Auto Loan 9003 loan/auto null 23211.33 null
Plaid Home Equity Line of Credit 9004 loan/home equity null 13500.50 null
Plaid Business Credit Card 9999 credit/credit card 4980 5020 10000`, "\n")
	if len(batch.Accounts) != len(want) {
		t.Fatalf("%d accounts", len(batch.Accounts))
	}
	for i, a := range batch.Accounts {
		got := strings.Join([]string{a.Name, *a.Mask, a.Type + "/" + *a.Subtype, text(a.Balances.Available),
			text(a.Balances.Current), text(a.Balances.Limit)}, " ")
		if got != want[i] {
			t.Errorf("got  %s\nwant %s", got, want[i])
		}
	}
	checking := batch.Accounts[0]
	if n := checking.Numbers.ACH; n == nil || n.Account != "1111222233330000" || n.Routing != "011401533" || n.WireRouting != "021000021" {
		t.Errorf("checking's numbers: %+v", checking.Numbers)
	}
	if batch.Accounts[2].Numbers.ACH != nil || batch.Accounts[10].Numbers.ACH == nil {
		t.Error("a CD has no ACH numbers, cash management has")
	}
	if checking.Owners[0].Names[0] != "Alberta Bobbeth Charleson" || len(checking.Owners[0].Emails) != 3 {
		t.Errorf("owner: %+v", checking.Owners)
	}
}

func TestDefaultHoldings(t *testing.T) {
	batch := userGood(t).Statement(created, "US")
	if len(batch.Holdings) != 13 {
		t.Fatalf("%d holdings", len(batch.Holdings))
	}
	for _, h := range batch.Holdings {
		if !h.InstitutionValue.Equal(h.Quantity.Mul(h.InstitutionPrice)) {
			t.Errorf("%s: %s x %s is not %s", h.SecurityKey, h.Quantity, h.InstitutionPrice, h.InstitutionValue)
		}
		if h.InstitutionPriceAsOf.String() != "2021-05-25" || h.CostBasis == nil {
			t.Errorf("%s: as of %v, cost %v", h.SecurityKey, h.InstitutionPriceAsOf, h.CostBasis)
		}
	}
	for _, s := range batch.Securities {
		if s.Key == "NFLX180201C00355000" && (s.OptionContract == nil || s.OptionContract.StrikePrice.String() != "355") {
			t.Errorf("option: %+v", s.OptionContract)
		}
		if s.Key == "912797HE0" && (s.FixedIncome == nil || s.FixedIncome.YieldRate.Percentage.String() != "5.43") {
			t.Errorf("bill: %+v", s.FixedIncome)
		}
	}
}

func TestHistory(t *testing.T) {
	p := userGood(t)
	batch := p.Statement(created, "US")
	count := map[string]int{}
	kinds := map[string]bool{}
	for _, row := range batch.InvestmentTransactions {
		count[row.AccountKey]++
		kinds[row.Type+"/"+row.Subtype] = true
		if age := int(created - row.Date); age < 0 || age >= 730 {
			t.Errorf("%s is %d days old", row.Key, age)
		}
		checkSigns(t, row)
	}
	if count["ira"] != 219 || count["401k"] != 948 {
		t.Errorf("rows: %v, want 219 and 948", count)
	}
	for _, kind := range []string{"buy/buy", "sell/sell", "buy/contribution", "cash/interest", "cash/dividend", "fee/account fee"} {
		if !kinds[kind] {
			t.Errorf("no %s among %v", kind, kinds)
		}
	}
	later := p.Statement(created.AddDays(10), "US").InvestmentTransactions
	if later[0].Key != batch.InvestmentTransactions[0].Key || later[0].Date != batch.InvestmentTransactions[0].Date.AddDays(10) {
		t.Error("keys must be the same for every connection, and dates follow its day")
	}
}

// TestTransactions holds the documented default transactions: 388 in 730 days, 16 in each 30, with the recorded distances.
func TestTransactions(t *testing.T) {
	p := userGood(t)
	rows := p.Statement(created, "US").Transactions
	count, ages := map[string]int{}, map[string]int{}
	recent := 0
	for _, row := range rows {
		count[row.AccountKey]++
		age := int(created - row.Date)
		if age < 1 || age >= 730 || row.Pending || row.PendingKey != "" || *row.ISOCurrencyCode != "USD" {
			t.Errorf("%+v is %d days old", row, age)
		}
		if age <= 30 {
			recent++
			ages[row.AccountKey+" "+row.Name+" "+row.Amount.String()] = age
		}
	}
	want := map[string]int{"checking": 147, "credit-card": 144, "savings": 49, "cd": 24, "money-market": 24}
	if len(rows) != 388 || !maps.Equal(count, want) || recent != 16 {
		t.Errorf("%d transactions (%d in 30 days): %v, want %v", len(rows), recent, count, want)
	}
	// The recorded order, newest first, begins elsewhere in the month; the distances are these.
	uber := ages["checking Uber 063015 SF**POOL** 5.4"]
	for name, days := range map[string]int{
		"savings CREDIT CARD 3333 PAYMENT *// 25": 0, "money-market ACH Electronic CreditGUSTO PAY 123456 5850": 1, "cd CD DEPOSIT .INITIAL. 1000": 1,
		"credit-card Touchstone Climbing 78.5": 2, "checking United Airlines -500": 2, "checking McDonald's 12": 3, "checking Starbucks 4.33": 3,
		"checking SparkFun 89.4": 4, "savings INTRST PYMNT -4.22": 5, "credit-card United Airlines 500": 15, "checking Uber 072515 SF**POOL** 6.33": 17,
		"credit-card Tectra Inc 500": 20, "credit-card AUTOMATIC PAYMENT - THANK 2078.5": 21, "credit-card KFC 500": 21, "credit-card Madison Bicycle Shop 500": 21,
	} {
		if age, ok := ages[name]; !ok || (age-uber-days)%30 != 0 {
			t.Errorf("%s is %d days old, the ride %d: %d days lie between them", name, age, uber, days)
		}
	}
	if later := p.Statement(created.AddDays(10), "GB").Transactions[0]; later.Key != rows[0].Key || later.Date != rows[0].Date.AddDays(10) || *later.ISOCurrencyCode != "GBP" {
		t.Errorf("keys must be the same for every connection, and dates follow its day: %+v", later)
	}
}

func checkSigns(t *testing.T, row connector.InvestmentTransaction) {
	t.Helper()
	quantity, amount := row.Quantity.Sign(), row.Amount.Sign()
	ok := false
	switch row.Subtype {
	case "buy":
		ok = quantity > 0 && amount > 0
	case "sell", "contribution":
		ok = quantity < 0 && amount < 0
	case "dividend", "interest":
		ok = quantity == 0 && amount < 0
	case "account fee":
		ok = quantity == 0 && amount > 0
	}
	if !ok {
		t.Errorf("%s (%s): quantity %s, amount %s", row.Key, row.Subtype, row.Quantity, row.Amount)
	}
	if quantity != 0 && !row.Amount.Equal(row.Quantity.Mul(row.Price).Add(*row.Fees).Round(2)) {
		t.Errorf("%s: amount %s", row.Key, row.Amount)
	}
}

func TestForeignInstitutions(t *testing.T) {
	p := userGood(t)
	for country, currency := range map[string]string{"CA": "CAD", "GB": "GBP", "DE": "EUR", "FR": "EUR"} {
		a := p.Statement(created, country).Accounts[0]
		if *a.Balances.ISOCurrencyCode != currency || a.Numbers.ACH != nil {
			t.Errorf("%s: %s, %+v", country, *a.Balances.ISOCurrencyCode, a.Numbers)
		}
		if a.Numbers.EFT == nil && a.Numbers.International == nil {
			t.Errorf("%s: no numbers", country)
		}
	}
}

func TestFaults(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`{"kind":"static","nam":"x"}`, `unknown field`},
		{`{"kind":"static","name":"x"}`, `an owner`},
		{`{"kind":"static","name":"x","owner":{"names":["A"]},"accounts":[{"key":"a","name":"A","type":"loan","subtype":"ira"}]}`, `loan/ira is no type`},
		{`{"kind":"static","name":"x","owner":{"names":["A"]},"holdings":[{"account":"a","security":"s"}]}`, `no such investment account`},
		{`{"kind":"static","name":"x","owner":{"names":["A"]},"history":[{"id":"r","every":0}]}`, `every is at least 1`},
		{`{"kind":"static","name":"x","owner":{"names":["A"]},"transactions":[{"id":"m","name":"M","account":"a","every":1}]}`, `transaction "m": no such account`},
	} {
		if _, err := Parse([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.text, err, c.want)
		}
	}
	misnamed := fstest.MapFS{"a.json": {Data: []byte(`{"kind":"static","name":"b","owner":{"names":["A"]}}`)}, "c.json": {Data: []byte(`{"kind":"books"}`)}}
	if _, err := Load(misnamed); err == nil || !strings.Contains(err.Error(), `a.json: the persona's name is "b"`) {
		t.Errorf("misnamed file: %v", err)
	}
}

package mapping

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weft/internal/connector"
	"weft/internal/connector/simplefin/rules"
	"weft/internal/connector/simplefin/wire"
	"weft/internal/needs"
	"weft/internal/plaid"
)

func dec(s string) *plaid.Decimal {
	if s == "" {
		return nil
	}
	return plaid.Dec(s).Ptr()
}

func text(d *plaid.Decimal) string {
	if d == nil {
		return "-"
	}
	return d.String()
}

// TestBalances: the contract's signs.
func TestBalances(t *testing.T) {
	for _, c := range []struct{ kind, subtype, balance, available, want string }{
		{"depository", "checking", "100.00", "90.00", "100.00 90.00"},
		{"depository", "checking", "-5.25", "", "-5.25 -"},
		{"credit", "credit card", "-532.69", "4321.98", "532.69 4321.98"},
		{"credit", "credit card", "12.00", "", "-12.00 -"}, // overpaid
		{"credit", "credit card", "0.00", "", "0.00 -"},
		{"loan", "mortgage", "-250000.00", "0.00", "250000.00 -"},
		{"loan", "mortgage", "7500.00", "5000.00", "7500.00 -"},          // stated without the sign
		{"loan", "line of credit", "-100.00", "900.00", "100.00 900.00"}, // what can still be drawn,
		{"loan", "line of credit", "100.00", "", "-100.00 -"},
		{"investment", "brokerage", "1000000.00", "13579.24", "1000000.00 13579.24"},
		{"other", "", "1", "", "1 -"},
	} {
		a := Account(wire.Account{ID: "A", Name: "X 1234", Currency: "USD", Balance: plaid.Dec(c.balance), Available: dec(c.available), BalanceDate: 1705413843}, rules.Kind{Type: c.kind, Subtype: c.subtype})
		if got := text(a.Balances.Current) + " " + text(a.Balances.Available); got != c.want {
			t.Errorf("%s %s of %s: %s, want %s", c.kind, c.subtype, c.balance, got, c.want)
		}
		if *a.Balances.LastUpdatedDatetime != "2024-01-16T14:04:03Z" || *a.Mask != "1234" || (a.Subtype == nil) != (c.subtype == "") || *a.Balances.ISOCurrencyCode != "USD" {
			t.Errorf("%+v", a)
		}
	}
	a := Account(wire.Account{ID: "A", Currency: "https://miles.example/m"}, rules.Kind{Type: "depository"})
	if a.Name == "" || a.Balances.LastUpdatedDatetime != nil || *a.Balances.UnofficialCurrencyCode != "miles.example/m" || a.Balances.ISOCurrencyCode != nil {
		t.Errorf("%+v", a)
	}
}

func TestMask(t *testing.T) {
	for name, want := range map[string]string{
		"Checking 1234": "1234", "Savings (5678)": "5678", "Visa ...9012": "9012", "Card x12": "12", "Card *123": "123", "Account 123456789": "6789",
		"Checking - 1234": "1234", "Roth 457": "-", "Fund 12": "-", "Checking": "-", "": "-", "401k": "-", "Card (x7)": "-", "1234": "1234", "Visa••34": "34",
	} {
		got := "-"
		if m := maskOf(name); m != nil {
			got = *m
		}
		if got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
}

func TestTransactions(t *testing.T) {
	day := func(s string) int64 { return plaid.MustDate(s).Time().Unix() + 43200 }
	acc := wire.Account{ID: "A", Currency: "USD"}
	rows := []wire.Transaction{
		{ID: "b", Posted: day("2026-10-02"), Transacted: day("2026-10-01"), Amount: plaid.Dec("-15.50"), Description: "Fishing bait", Payee: "John's", Memo: "M"},
		{ID: "a", Posted: day("2026-10-02"), Amount: plaid.Dec("2500.00"), Payee: "Acme"},
		{ID: "p", Transacted: day("2026-09-30"), Amount: plaid.Dec("-1"), Pending: true, Memo: "memo"},
		{ID: "q", Amount: plaid.Dec("0.00"), Pending: true},
	}
	got := []string{}
	for _, r := range Transactions(acc, rows, time.Date(2026, 10, 3, 23, 0, 0, 0, time.UTC)) {
		auth := "-"
		if r.AuthorizedDate != nil {
			auth = r.AuthorizedDate.String()
		}
		got = append(got, fmt.Sprint(r.AccountKey, r.Key, " ", r.Date, " ", auth, " ", r.Amount, " ", r.Name, "|", r.Payee, "|", r.Memo, " ", r.Pending, " ", *r.ISOCurrencyCode))
	}
	want := []string{
		"Ap 2026-09-30 2026-09-30 1 memo||memo true USD", "Aa 2026-10-02 - -2500.00 Acme|Acme| false USD",
		"Ab 2026-10-02 2026-10-01 15.50 Fishing bait|John's|M false USD", "Aq 2026-10-03 - 0.00 Transaction|| true USD",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func holding(symbol, shares, value, cost, price string) wire.Holding {
	return wire.Holding{ID: "H", Symbol: symbol, Shares: dec(shares), MarketValue: dec(value), CostBasis: dec(cost), PricePaid: dec(price)}
}

// TestCostBasis: the recorded quirks of banks, and made ones.
func TestCostBasis(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(needs.Shared(t, "fixtures"), "simplefin-v2/holdings_quirks.json"))
	if err != nil {
		t.Fatal(err)
	}
	var quirks []struct {
		Institution, Shares, Symbol string
		Cost                        string `json:"cost_basis"`
		Value                       string `json:"market_value"`
		Price                       string `json:"purchase_price"`
	}
	if err := json.Unmarshal(raw, &quirks); err != nil || len(quirks) != 2 {
		t.Fatal(err)
	}
	for _, q := range quirks { // all of them are of the whole position
		h := holding(q.Symbol, q.Shares, q.Value, q.Cost, q.Price)
		if got := costOf(h, TotalCosts([]wire.Account{{Holdings: []wire.Holding{h}}})); text(got) != q.Cost {
			t.Errorf("%s: %s, want %s", q.Institution, text(got), q.Cost)
		}
	}
	for name, c := range map[string]struct {
		holdings []wire.Holding
		want     string // the cost of the first
	}{
		"total":                    {[]wire.Holding{holding("A", "100", "62776.00", "3850.00", "0.00")}, "3850.00"},
		"of a share":               {[]wire.Holding{holding("A", "100", "62776.00", "38.50", "0.00")}, "3850.00"},
		"of a share, five of them": {[]wire.Holding{holding("A", "5", "200.00", "38.50", "")}, "192.50"},
		"two shares that gained":   {[]wire.Holding{holding("A", "2", "320.00", "200.00", "")}, "200.00"},
		"one share":                {[]wire.Holding{holding("A", "1", "320.00", "30.00", "")}, "30.00"},
		"half a share":             {[]wire.Holding{holding("A", "0.5", "50.00", "40.00", "")}, "40.00"},
		"price says share":         {[]wire.Holding{holding("A", "3", "30.00", "9.00", "9.00")}, "27.00"},
		"price says total":         {[]wire.Holding{holding("A", "3", "3000.00", "27.00", "9.00")}, "27.00"},
		"old gain among totals":    {[]wire.Holding{holding("A", "5", "5000.00", "500.00", ""), holding("B", "10", "1000.00", "900.00", ""), holding("C", "10", "1000.00", "950.00", "")}, "500.00"},
		"small among shares":       {[]wire.Holding{holding("A", "2", "30.00", "14.00", ""), holding("B", "100", "1000.00", "9.00", ""), holding("C", "100", "1000.00", "9.50", "")}, "28.00"},
		"unknown":                  {[]wire.Holding{holding("A", "3", "30.00", "0.00", "0.00")}, "-"},
		"absent":                   {[]wire.Holding{holding("A", "3", "30.00", "", "")}, "-"},
		"absent, but the price":    {[]wire.Holding{holding("A", "3", "30.00", "", "9.00")}, "27.00"},
		"zero, but the price":      {[]wire.Holding{holding("A", "3", "30.00", "0.00", "9.00")}, "27.00"},
		"no shares":                {[]wire.Holding{holding("A", "", "30.00", "20.00", "")}, "20.00"},
		"short":                    {[]wire.Holding{holding("A", "-10", "-300.00", "250.00", "")}, "250.00"},
	} {
		accounts := []wire.Account{{ID: "A", Currency: "USD", Holdings: c.holdings}}
		if got := text(costOf(c.holdings[0], TotalCosts(accounts))); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestHoldings: quantities, values and prices, and lots of one security.
func TestHoldings(t *testing.T) {
	acc := wire.Account{ID: "A", Currency: "USD", BalanceDate: 1705413843, Holdings: []wire.Holding{
		holding("VDE", "139.00", "22626.42", "22004.40", "0.00"),
		holding("vde", "1.00", "162.78", "100.00", ""),
		holding("SPAXX", "50.25", "50.25", "", ""),
		{ID: "C", Description: "Cash", MarketValue: dec("12.34")},
		holding("EUR", "100", "108.00", "", ""),
		{ID: "D", Description: "Mystery Partners LP", MarketValue: dec("500.00"), Currency: "EUR"},
		holding("TSLA", "-2", "500.00", "", ""),
		holding("037833100", "3", "100.00", "", ""),
		holding("US0378331005", "3", "100.00", "", ""),
		holding("N/A", "0", "0.00", "", ""),
		holding("ZERO", "0", "0.00", "", ""),
	}}
	book := NewBook(map[string]string{})
	got := []string{}
	for _, h := range book.Holdings(acc, true) {
		got = append(got, fmt.Sprint(h.SecurityKey, " ", h.Quantity, " x ", h.InstitutionPrice, " = ", h.InstitutionValue, " cost ", text(h.CostBasis), " ", *h.ISOCurrencyCode, " ", h.InstitutionPriceAsOf))
	}
	want := []string{
		"symbol:VDE:USD 140.00 x 162.78 = 22789.20 cost 22104.40 USD 2024-01-16",
		"symbol:SPAXX:USD 50.25 x 1.00 = 50.25 cost - USD 2024-01-16",
		"cash:USD 12.34 x 1.00 = 12.34 cost - USD 2024-01-16",
		"cash:EUR:USD 100 x 1.08 = 108.00 cost - USD 2024-01-16",
		"name:mystery partners lp:EUR 1 x 500.00 = 500.00 cost - EUR 2024-01-16",
		"symbol:TSLA:USD -2 x 250.00 = -500.00 cost - USD 2024-01-16",
		"symbol:037833100:USD 3 x 33.333333 = 100.00 cost - USD 2024-01-16",
		"symbol:US0378331005:USD 3 x 33.333333 = 100.00 cost - USD 2024-01-16",
		"holding:H:USD 0 x 0 = 0.00 cost - USD 2024-01-16",
		"symbol:ZERO:USD 0 x 0 = 0.00 cost - USD 2024-01-16",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	securities := map[string]connector.Security{}
	for _, s := range book.Used() {
		securities[s.Key] = s
	}
	if len(securities) != len(want) || *securities["cash:USD"].TickerSymbol != "CUR:USD" || !*securities["cash:USD"].IsCashEquivalent || *securities["symbol:SPAXX:USD"].Type != "cash" ||
		!*securities["symbol:SPAXX:USD"].IsCashEquivalent || *securities["symbol:VDE:USD"].IsCashEquivalent || *securities["symbol:VDE:USD"].TickerSymbol != "VDE" ||
		text(securities["symbol:VDE:USD"].ClosePrice) != "162.78" || *securities["symbol:037833100:USD"].CUSIP != "037833100" || *securities["symbol:US0378331005:USD"].ISIN != "US0378331005" ||
		securities["symbol:US0378331005:USD"].TickerSymbol != nil || securities["symbol:ZERO:USD"].ClosePrice != nil {
		t.Errorf("%+v", securities)
	}
}

// TestMovements: what rows of cash were, and of which security.
func TestMovements(t *testing.T) {
	acc := wire.Account{ID: "A", Currency: "USD", Holdings: []wire.Holding{
		{ID: "1", Symbol: "VOO", Description: "Vanguard S&P 500 ETF", Shares: dec("1"), MarketValue: dec("500")},
		{ID: "2", Symbol: "F", Description: "Ford", Shares: dec("1"), MarketValue: dec("10")},
		{ID: "3", Symbol: "SPAXX", Description: "FIDELITY GOVERNMENT MONEY MARKET", Shares: dec("1"), MarketValue: dec("1")},
	}}
	remembered := map[string]string{"OLD:USD": "Old Company Shares", "EUF:EUR": "European Fund"}
	for _, c := range []struct{ description, memo, amount, want string }{
		{"YOU BOUGHT VANGUARD S&P 500 (VOO) (Cash)", "", "-500.00", "buy/buy symbol:VOO:USD 0 x 0 = 500.00"},
		{"YOU BOUGHT VANGUARD (VOO)", "2 shares @ 250.00", "-500.00", "buy/buy symbol:VOO:USD 2 x 250.00 = 500.00"},
		{"YOU SOLD VANGUARD (VOO)", "2 shares @ $250.00", "499.95", "sell/sell symbol:VOO:USD -2 x 250.00 = -499.95"},
		{"YOU SOLD VANGUARD (VOO)", "2 shares @ 300.00", "499.95", "sell/sell symbol:VOO:USD 0 x 0 = -499.95"}, // does not add up
		{"Buy VOO", "", "-1.00", "buy/buy symbol:VOO:USD 0 x 0 = 1.00"},
		{"Bought Vanguard S&P 500 ETF", "", "-1.00", "buy/buy symbol:VOO:USD 0 x 0 = 1.00"},
		{"Bought Vanguard", "", "-1.00", "cash/withdrawal - 0 x 0 = 1.00"},
		{"Sold F", "", "1.00", "cash/deposit - 0 x 0 = -1.00"}, // one letter is no name
		{"Sold Ford (F)", "", "1.00", "sell/sell symbol:F:USD 0 x 0 = -1.00"},
		{"YOU SOLD GONE CO (GONE)", "", "1.00", "sell/sell symbol:GONE:USD 0 x 0 = -1.00"},
		{"DIVIDEND RECEIVED OLD", "", "1.00", "cash/dividend symbol:OLD:USD 0 x 0 = -1.00"},
		{"DIVIDEND old company shares", "", "1.00", "cash/dividend symbol:OLD:USD 0 x 0 = -1.00"},
		{"DIVIDEND EUF", "", "1.00", "cash/dividend - 0 x 0 = -1.00"},       // another currency's
		{"DIVIDEND VOO SPAXX", "", "1.00", "cash/dividend - 0 x 0 = -1.00"}, // which?
		{"REINVESTMENT FIDELITY GOVERNMENT MONEY MARKET (SPAXX)", "", "-0.12", "buy/dividend reinvestment symbol:SPAXX:USD 0 x 0 = 0.12"},
		{"Acct 123", "Interest earned", "0.12", "cash/interest - 0 x 0 = -0.12"},
		{"ADVISORY FEE", "", "-9.99", "fee/management fee - 0 x 0 = 9.99"},
		{"Something (ABC)", "", "-9.99", "cash/withdrawal - 0 x 0 = 9.99"},
		{"", "", "5", "cash/deposit - 0 x 0 = -5"},
	} {
		book := NewBook(map[string]string{"OLD:USD": remembered["OLD:USD"], "EUF:EUR": remembered["EUF:EUR"]})
		book.Holdings(acc, true)
		on := plaid.MustDate("2026-10-02")
		m := book.Movement(acc, wire.Transaction{ID: "t", Posted: 1, Amount: plaid.Dec(c.amount), Description: c.description, Memo: c.memo}, on)
		key := m.SecurityKey
		if key == "" {
			key = "-"
		}
		if got := fmt.Sprint(m.Type, "/", m.Subtype, " ", key, " ", m.Quantity, " x ", m.Price, " = ", m.Amount); got != c.want {
			t.Errorf("%s, %s: %s, want %s", c.description, c.memo, got, c.want)
		}
		if m.Key != "t" || m.AccountKey != "A" || m.Date != on || m.Name == "" || *m.ISOCurrencyCode != "USD" {
			t.Errorf("%+v", m)
		}
		found := false
		for _, s := range book.Used() {
			found = found || s.Key == m.SecurityKey
		}
		if m.SecurityKey != "" && !found {
			t.Errorf("%s: no security %s", c.description, m.SecurityKey)
		}
	}
}

// TestRememberedSecurities: what was held is found later by the name that it had.
func TestRememberedSecurities(t *testing.T) {
	symbols := map[string]string{}
	acc := wire.Account{ID: "A", Currency: "USD", Holdings: []wire.Holding{{ID: "1", Symbol: "VOO", Description: "Vanguard S&P 500 ETF", Shares: dec("1"), MarketValue: dec("500")}, {ID: "2", Symbol: "CASH", MarketValue: dec("1")}}}
	NewBook(symbols).Holdings(acc, true)
	if len(symbols) != 1 || symbols["VOO:USD"] != "Vanguard S&P 500 ETF" {
		t.Fatalf("%v", symbols)
	}
	for i := range 2 * mostSymbols {
		NewBook(symbols).remember(fmt.Sprint("S", i), "USD", "x")
	}
	if len(symbols) != mostSymbols {
		t.Errorf("%d symbols", len(symbols))
	}
	book := NewBook(symbols)
	if got := book.Movement(wire.Account{ID: "A", Currency: "USD"}, wire.Transaction{ID: "t", Amount: plaid.Dec("1"), Description: "SOLD VOO"}, 1); got.SecurityKey != "symbol:VOO:USD" || len(book.Used()) != 1 || *book.Used()[0].Name != "Vanguard S&P 500 ETF" {
		t.Errorf("%+v", got)
	}
}

package books

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/books/persona"
	"weft/internal/connector/sandbox/market"
	"weft/internal/plaid"
)

// play runs one brokerage account, opened 500 days before created with a million dollars, up to a day.
func play(t *testing.T, m *market.Market, today plaid.Date, settings string, orders ...string) connector.Batch {
	t.Helper()
	data := fmt.Sprintf(`{"kind": "books", "name": "test", "accounts": [{"key": "a", "name": "A", "type": "investment",
		"subtype": "brokerage", "opened": 500, "currency": "USD", "cash": "USD", %s "orders": [
		{"do": "deposit", "day": -500, "amount": 1000000}%s]}]}`, settings, strings.Join(append([]string{""}, orders...), ","))
	p, err := persona.Parse([]byte(data))
	if err != nil {
		t.Fatal(err)
	}
	b, err := Run(m, p, "x", created, today)
	if err != nil {
		t.Fatal(err)
	}
	report(t, "audit", examine(m, p, created, today, b))
	return b
}

func of(b connector.Batch, security, subtype string) []connector.InvestmentTransaction {
	var list []connector.InvestmentTransaction
	for _, tx := range b.InvestmentTransactions {
		if tx.SecurityKey == security && tx.Subtype == subtype {
			list = append(list, tx)
		}
	}
	return list
}

func held(t *testing.T, b connector.Batch, security string) connector.Holding {
	t.Helper()
	for _, h := range b.Holdings {
		if h.SecurityKey == security {
			return h
		}
	}
	t.Fatalf("%s is not held", security)
	return connector.Holding{}
}

func on(d plaid.Date) int { return int(d - created) }

func price(m *market.Market, ticker string, d plaid.Date) plaid.Decimal {
	p, _ := m.Price(ticker, d)
	return p
}

func equal(t *testing.T, what string, got, want plaid.Decimal) {
	t.Helper()
	if !got.Equal(want) {
		t.Errorf("%s: %s, want %s", what, got, want)
	}
}

// TestExDate: who holds on the evening before the ex-date is paid, even if he sells on it; who buys on it is not.
func TestExDate(t *testing.T) {
	m := market.New("t")
	div := m.Actions("KO", created.AddDays(-300), created)[0]
	last := div.PayDate.AddDays(1)
	sold := play(t, m, last, "", fmt.Sprintf(`{"do": "buy", "day": %d, "security": "KO", "quantity": 100}`, on(div.Date.AddDays(-5))),
		fmt.Sprintf(`{"do": "sell", "day": %d, "security": "KO"}`, on(div.Date)))
	paid := of(sold, "KO", "qualified dividend")
	if len(paid) != 1 || paid[0].Date != div.PayDate {
		t.Fatalf("%+v", paid)
	}
	equal(t, "dividend", paid[0].Amount, div.Amount.Mul(plaid.DecimalFromInt(-100)).Round(2))
	late := play(t, m, last, "", fmt.Sprintf(`{"do": "buy", "day": %d, "security": "KO", "quantity": 100}`, on(div.Date)))
	if n := len(of(late, "KO", "qualified dividend")); n != 0 {
		t.Error("a purchase on the ex-date is paid")
	}
	short := play(t, m, last, "", fmt.Sprintf(`{"do": "sell short", "day": %d, "security": "KO", "quantity": 100}`, on(div.Date.AddDays(-5))))
	if owed := of(short, "KO", "dividend"); len(owed) != 1 || owed[0].Type != "fee" || !owed[0].Amount.Equal(paid[0].Amount.Neg()) {
		t.Errorf("a short seller owes %+v", owed)
	}
}

func TestReinvestmentAfterForeignTax(t *testing.T) {
	m := market.New("t")
	div := m.Actions("NVO", created.AddDays(-300), created)[0]
	b := play(t, m, div.PayDate, `"reinvest": true,`, fmt.Sprintf(`{"do": "buy", "day": %d, "security": "NVO", "quantity": 1000}`, on(div.Date.AddDays(-9))))
	gross, tax, again := of(b, "NVO", "qualified dividend")[0], of(b, "NVO", "non-resident tax")[0], of(b, "NVO", "dividend reinvestment")[0]
	equal(t, "tax", tax.Amount, gross.Amount.Neg().Mul(plaid.Dec("0.15")).Round(2))
	net := gross.Amount.Neg().Sub(tax.Amount)
	if gap := net.Sub(again.Amount); gap.Sign() < 0 || gap.Cmp(plaid.Dec("0.01")) > 0 {
		t.Errorf("%s of %s is reinvested", again.Amount, net)
	}
}

// TestFirstInFirstOut sells across two lots: the oldest goes, the rest keeps its share of the cost and its number.
func TestFirstInFirstOut(t *testing.T) {
	m := market.New("t")
	buys := []string{
		`{"do": "buy", "day": -400, "security": "AMZN", "quantity": 10, "fees": 5}`,
		`{"do": "buy", "day": -390, "security": "AMZN", "quantity": 20, "fees": 5}`,
		`{"do": "buy", "day": -380, "security": "AMZN", "quantity": 30, "fees": 5}`,
	}
	before := held(t, play(t, m, created, "", buys...), "AMZN")
	after := held(t, play(t, m, created, "", append(buys, `{"do": "sell", "day": -300, "security": "AMZN", "quantity": 15}`)...), "AMZN")
	if len(before.TaxLots) != 3 || len(after.TaxLots) != 2 {
		t.Fatalf("%d and %d lots", len(before.TaxLots), len(after.TaxLots))
	}
	second := after.TaxLots[0]
	equal(t, "quantity", *second.Quantity, plaid.Dec("15"))
	equal(t, "basis", *second.CostBasis, before.TaxLots[1].CostBasis.Sub(before.TaxLots[1].CostBasis.Mul(plaid.Dec("5")).Div(plaid.Dec("20"), 2)))
	if *second.InstitutionLotID != *before.TaxLots[1].InstitutionLotID || !reflect.DeepEqual(second.OriginalPurchaseDatetime, before.TaxLots[1].OriginalPurchaseDatetime) {
		t.Error("the rest of a lot has another number or date")
	}
	paid := price(m, "AMZN", m.NextTradingDay(created.AddDays(-400))).Mul(plaid.Dec("10")).Add(plaid.Dec("5"))
	equal(t, "basis with fees", *before.TaxLots[0].CostBasis, paid)
}

// TestCashLimitsPurchases: without margin an order is cut to the units that the cash pays for, with margin it is not.
func TestCashLimitsPurchases(t *testing.T) {
	m := market.New("t")
	order := `{"do": "buy", "day": -400, "security": "VTI", "quantity": 100000, "fees": 7}`
	cut := held(t, play(t, m, created, "", order), "VTI").Quantity
	paid := price(m, "VTI", m.NextTradingDay(created.AddDays(-400)))
	equal(t, "without margin", cut, plaid.Dec("999993").Div(paid, 9).Trunc(0))
	b := play(t, m, created, `"margin_percent": 8,`, order)
	equal(t, "with margin", held(t, b, "VTI").Quantity, plaid.Dec("100000"))
	if b.Accounts[0].MarginLoan.Sign() <= 0 || !b.Accounts[0].Balances.Available.IsZero() {
		t.Errorf("loan %s, available %s", b.Accounts[0].MarginLoan, b.Accounts[0].Balances.Available)
	}
}

func TestOptionLives(t *testing.T) {
	m := market.New("t")
	option := func(do, kind, strike string) connector.Batch {
		return play(t, m, created, "", `{"do": "buy", "day": -499, "security": "T", "quantity": 300}`, fmt.Sprintf(
			`{"do": %q, "day": -300, "option": {"underlying": "T", "type": %q, "strike": %s, "days": 30}, "quantity": 200, "fees": 1}`, do, kind, strike))
	}
	for _, c := range []struct{ do, kind, strike, settled, leg, quantity string }{
		{"buy", "call", "0.5", "exercise", "buy/buy", "500"},
		{"buy", "call", "2", "expire", "", "300"},
		{"buy", "put", "2", "exercise", "sell/exercise", "100"},
		{"buy", "put", "0.5", "expire", "", "300"},
		{"sell short", "call", "0.5", "assignment", "sell/sell", "100"},
		{"sell short", "call", "2", "expire", "", "300"},
		{"sell short", "put", "2", "assignment", "buy/assignment", "500"},
		{"sell short", "put", "0.5", "expire", "", "300"},
	} {
		b := option(c.do, c.kind, c.strike)
		name := c.do + " " + c.kind + " " + c.strike
		var opened, settled connector.InvestmentTransaction
		var leg string
		for _, tx := range b.InvestmentTransactions {
			switch s, _ := m.Security(tx.SecurityKey); {
			case s.OptionContract == nil && !opened.Quantity.IsZero() && (tx.Type == "buy" || tx.Type == "sell"):
				leg = tx.Type + "/" + tx.Subtype
				equal(t, name+": price", tx.Price, mustOption(t, m, opened.SecurityKey).StrikePrice)
			case s.OptionContract != nil && opened.Quantity.IsZero():
				opened = tx
			case s.OptionContract != nil:
				settled = tx
				if tx.Date != s.OptionContract.ExpirationDate {
					t.Errorf("%s: settled on %s", name, tx.Date)
				}
			}
		}
		if settled.Type != "transfer" || settled.Subtype != c.settled || !settled.Quantity.Equal(opened.Quantity.Neg()) || leg != c.leg {
			t.Errorf("%s: %s/%s of %s, then %q", name, settled.Type, settled.Subtype, settled.Quantity, leg)
		}
		h := held(t, b, "T")
		equal(t, name+": shares", h.Quantity, plaid.Dec(c.quantity))
		if c.quantity == "500" { // the premium is part of what the shares cost, or saved
			strike := mustOption(t, m, opened.SecurityKey).StrikePrice
			equal(t, name+": basis", *h.TaxLots[1].CostBasis, strike.Mul(plaid.Dec("200")).Add(opened.Amount))
		}
	}
}

func mustOption(t *testing.T, m *market.Market, symbol string) plaid.OptionContract {
	t.Helper()
	o, ok := market.ParseOCC(symbol)
	if !ok {
		t.Fatalf("%q is no option", symbol)
	}
	return o
}

// TestExerciseWithoutMeans: where cash or shares are missing, the broker sells the option on its last day.
func TestExerciseWithoutMeans(t *testing.T) {
	m := market.New("t")
	for _, kind := range []string{"call", "put"} {
		strike := map[string]string{"call": "0.5", "put": "2"}[kind]
		b := play(t, m, created, "", `{"do": "withdrawal", "day": -400, "amount": 994000}`, fmt.Sprintf(
			`{"do": "buy", "day": -300, "option": {"underlying": "T", "type": %q, "strike": %s, "days": 30}, "quantity": 200}`, kind, strike),
			`{"do": "withdrawal", "day": -290, "share": 1}`)
		last := b.InvestmentTransactions[len(b.InvestmentTransactions)-1]
		if last.Type != "sell" || last.Subtype != "sell" || last.Quantity.String() != "-200" || last.Price.Sign() <= 0 {
			t.Errorf("%s: %+v", kind, last)
		}
	}
}

func TestSplitKeepsTheCost(t *testing.T) {
	m := market.New("t")
	split := m.Actions("TWFD", created.AddDays(-365), created)
	i := slices.IndexFunc(split, func(a market.Action) bool { return a.Kind == market.Split })
	at := split[i].Date
	order := fmt.Sprintf(`{"do": "buy", "day": %d, "security": "TWFD", "quantity": 7, "fees": 3}`, on(at.AddDays(-20)))
	before, after := held(t, play(t, m, at.AddDays(-1), "", order), "TWFD"), held(t, play(t, m, at, "", order), "TWFD")
	equal(t, "quantity", after.Quantity, plaid.Dec("14"))
	equal(t, "basis", *after.CostBasis, *before.CostBasis)
	equal(t, "price", *after.TaxLots[0].PurchasePrice, before.TaxLots[0].PurchasePrice.Div(plaid.Dec("2"), 6))
	if *after.TaxLots[0].InstitutionLotID != *before.TaxLots[0].InstitutionLotID {
		t.Error("the split changed the lot's number")
	}
}

func TestMergerCarriesTheCost(t *testing.T) {
	m := market.New("t")
	order := `{"do": "buy", "day": -450, "security": "HBL*", "quantity": 100}`
	ticker, _ := m.Current("HBL*", m.NextTradingDay(created.AddDays(-450)))
	deal := m.Actions(ticker, created.AddDays(-450), created.AddDays(300))[0]
	before := held(t, play(t, m, deal.Date.AddDays(-1), "", order), ticker)
	b := play(t, m, deal.Date, "", order)
	after, cash := held(t, b, deal.Into), deal.Amount.Mul(plaid.Dec("100"))
	equal(t, "quantity", after.Quantity, deal.Ratio.Mul(plaid.Dec("100")))
	equal(t, "basis", *after.CostBasis, before.CostBasis.Sub(cash))
	equal(t, "cash", of(b, ticker, "merger")[0].Amount, cash.Neg())
	if !reflect.DeepEqual(after.TaxLots[0].OriginalPurchaseDatetime, before.TaxLots[0].OriginalPurchaseDatetime) {
		t.Error("the merger changed the day of purchase")
	}
}

func TestSpinOffDividesTheCost(t *testing.T) {
	m := market.New("t")
	i, list := 0, m.Actions("ORCH", created.AddDays(-300), created)
	for list[i].Kind != market.SpinOff {
		i++
	}
	order := fmt.Sprintf(`{"do": "buy", "day": %d, "security": "ORCH", "quantity": 50}`, on(list[i].Date.AddDays(-9)))
	before := held(t, play(t, m, list[i].Date.AddDays(-1), "", order), "ORCH")
	b := play(t, m, list[i].Date, "", order)
	parent, child := held(t, b, "ORCH"), held(t, b, list[i].Into)
	equal(t, "quantity", child.Quantity, plaid.Dec("5"))
	equal(t, "basis", parent.CostBasis.Add(*child.CostBasis), *before.CostBasis)
	want := before.CostBasis.Mul(child.InstitutionValue).Div(child.InstitutionValue.Add(parent.InstitutionValue), 2)
	if gap := child.CostBasis.Sub(want).Abs(); gap.Cmp(plaid.Dec("0.05")) > 0 {
		t.Errorf("the child's basis is %s, want about %s", child.CostBasis, want)
	}
}

func TestBillsRoll(t *testing.T) {
	m := market.New("t")
	b := play(t, m, created, "", `{"do": "buy", "day": -490, "security": "UST-13W-*", "quantity": 100, "roll": true}`)
	bought, redeemed := 0, 0
	for _, tx := range b.InvestmentTransactions {
		switch tx.Type {
		case "buy":
			bought++
			if tx.Price.Cmp(plaid.Dec("100")) >= 0 {
				t.Errorf("a bill at %s", tx.Price)
			}
		case "sell":
			redeemed++
			equal(t, "redemption", tx.Amount, tx.Quantity.Mul(plaid.Dec("100")))
		}
	}
	if redeemed != 5 || bought != 6 {
		t.Errorf("%d bills bought, %d redeemed in 490 days", bought, redeemed)
	}
}

func TestBondPaysAccruedInterestAndCoupons(t *testing.T) {
	m := market.New("t")
	b := play(t, m, created, "", `{"do": "buy", "day": -300, "security": "LAKE-3.5-2050", "quantity": 10}`, `{"do": "sell", "day": -40, "security": "LAKE-3.5-2050"}`)
	at := m.NextTradingDay(created.AddDays(-300))
	equal(t, "accrued", of(b, "LAKE-3.5-2050", "interest receivable")[0].Amount, m.Accrued("LAKE-3.5-2050", at).Mul(plaid.Dec("10")).Round(2))
	coupons := of(b, "LAKE-3.5-2050", "interest")
	if len(coupons) != 3 { // two coupons, and what had accrued at the sale
		t.Fatalf("%d payments", len(coupons))
	}
	equal(t, "coupon", coupons[0].Amount, plaid.Dec("-17.5"))
}

// TestVesting follows a grant of 40 shares in four parts: what vests costs its price of that day, a third is sold for tax.
func TestVesting(t *testing.T) {
	m := market.New("t")
	b := play(t, m, created.AddDays(-200), "", `{"do": "grant", "day": -400, "security": "NFLX", "quantity": 40, "withhold": 0.33, "vesting": {"every": "quarter", "parts": 4}}`)
	h := held(t, b, "NFLX")
	equal(t, "quantity", h.Quantity, plaid.Dec("32"))
	equal(t, "vested", *h.VestedQuantity, plaid.Dec("12"))
	sales, taxes := of(b, "NFLX", "sell"), of(b, "", "tax withheld")
	if len(sales) != 2 || len(taxes) != 2 || !taxes[0].Amount.Equal(sales[0].Amount.Neg()) {
		t.Fatalf("%d sales, %d taxes", len(sales), len(taxes))
	}
	lot := h.TaxLots[len(h.TaxLots)-1]
	equal(t, "basis", *lot.CostBasis, lot.Quantity.Mul(*lot.PurchasePrice).Round(2))
	equal(t, "price", *lot.PurchasePrice, sales[1].Price)
	if h.TaxLots[0].OriginalPurchaseDatetime != nil || !h.TaxLots[0].CostBasis.IsZero() {
		t.Error("unvested shares have been bought")
	}
	all := held(t, play(t, m, created, "", `{"do": "grant", "day": -400, "security": "NFLX", "quantity": 40, "withhold": 0.33, "vesting": {"every": "quarter", "parts": 4}}`), "NFLX")
	equal(t, "in the end", *all.VestedQuantity, all.Quantity)
}

// TestInterest: a million at 3.65% earns 100 a day; a loan of 1000 at 36.5% costs 1 a day.
func TestInterest(t *testing.T) {
	m := market.New("t")
	first := plaid.MustDate("2026-03-01")
	b := play(t, m, plaid.MustDate("2026-04-30"), `"interest_percent": 3.65,`)
	paid := of(b, "", "interest")
	march, april := paid[len(paid)-2], paid[len(paid)-1]
	cash := held(t, b, "USD").Quantity.Sub(april.Amount.Neg())
	equal(t, "April", april.Amount, cash.Mul(plaid.Dec("30")).Mul(plaid.Dec("-0.0001")).Round(2))
	if march.Date != plaid.MustDate("2026-03-31") || len(paid) < 12 {
		t.Errorf("%d payments, the last but one on %s", len(paid), march.Date)
	}
	loan := play(t, m, plaid.MustDate("2026-03-31"), `"margin_percent": 36.5,`,
		fmt.Sprintf(`{"do": "fee", "day": %d, "subtype": "account fee", "amount": 1001000}`, on(first.AddDays(10))))
	expense := of(loan, "", "margin expense")
	at := m.NextTradingDay(first.AddDays(10))
	if len(expense) != 1 {
		t.Fatalf("%d payments", len(expense))
	}
	equal(t, "loan", expense[0].Amount, plaid.DecimalFromInt(int64(plaid.MustDate("2026-04-01")-at)))
	equal(t, "margin loan", *loan.Accounts[0].MarginLoan, plaid.Dec("1000").Add(expense[0].Amount))
}

// TestSendCarriesLots sends coins between accounts: the lots keep their dates and cost, the network takes its fee.
func TestSendCarriesLots(t *testing.T) {
	m := market.New("t")
	p, err := persona.Parse([]byte(`{"kind": "books", "name": "test", "accounts": [
		{"key": "x", "name": "X", "type": "investment", "subtype": "crypto exchange", "opened": 100, "currency": "USD", "cash": "USD", "orders": [
			{"do": "deposit", "day": -100, "amount": 5000},
			{"do": "buy", "day": -99, "security": "ETH", "quantity": 0.5}, {"do": "buy", "day": -90, "security": "ETH", "quantity": 0.3},
			{"do": "send", "day": -50, "security": "ETH", "quantity": 0.6, "network_fee": 0.001, "account": "w"}]},
		{"key": "w", "name": "W", "type": "investment", "subtype": "non-custodial wallet", "opened": 100, "currency": "USD"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	b, err := Run(m, p, "x", created, created)
	if err != nil {
		t.Fatal(err)
	}
	report(t, "audit", examine(m, p, created, created, b))
	var wallet connector.Holding
	for _, h := range b.Holdings {
		if h.AccountKey == "w" {
			wallet = h
		}
	}
	equal(t, "received", wallet.Quantity, plaid.Dec("0.599"))
	if len(wallet.TaxLots) != 2 || !strings.HasPrefix(*wallet.TaxLots[0].OriginalPurchaseDatetime, created.AddDays(-99).String()) {
		t.Errorf("%+v", wallet.TaxLots)
	}
	if b.Accounts[1].Balances.Available != nil || len(b.Holdings) != 3 {
		t.Error("a wallet has no cash")
	}
}

func TestMovementsBetweenAccounts(t *testing.T) {
	m := market.New("t")
	p, err := persona.Parse([]byte(`{"kind": "books", "name": "test", "accounts": [
		{"key": "c", "name": "C", "type": "depository", "subtype": "checking", "opened": 90, "currency": "USD", "cash": "USD", "orders": [
			{"do": "deposit", "day": -90, "amount": 1000}]},
		{"key": "e", "name": "E", "type": "investment", "subtype": "brokerage", "opened": 80, "currency": "EUR", "cash": "EUR", "orders": [
			{"do": "deposit", "day": -80, "account": "c", "amount": 500}, {"do": "deposit", "day": -70, "account": "c", "amount": 5000},
			{"do": "withdrawal", "day": -60, "account": "c", "amount": 100}]},
		{"key": "later", "name": "L", "type": "investment", "subtype": "ira", "opened": -30, "currency": "USD", "cash": "USD"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	b, err := Run(m, p, "x", created, created)
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Accounts) != 2 || len(b.InvestmentTransactions) != 2 {
		t.Fatalf("%d accounts, %d transactions", len(b.Accounts), len(b.InvestmentTransactions))
	}
	rate := func(d int) plaid.Decimal {
		r, _ := m.Rate("EUR", "USD", m.NextTradingDay(created.AddDays(d)))
		return r
	}
	want := plaid.Dec("1000").Sub(rate(-80).Mul(plaid.Dec("500")).Round(2)).Add(rate(-60).Mul(plaid.Dec("100")).Round(2))
	equal(t, "checking", *b.Accounts[0].Balances.Current, want)
	equal(t, "euro", *b.Accounts[1].Balances.Current, plaid.Dec("400"))
	if b, _ := Run(m, p, "x", created, created.AddDays(30)); len(b.Accounts) != 3 {
		t.Error("an account that opens after the connection is missing")
	}
}

package wefttest_test

import (
	"errors"
	"fmt"
	"time"

	"weft/wefttest"
)

// In a test function, t is the *testing.T; the examples stand outside of one.
var t = &exampleT{}

func Example() {
	weft := wefttest.NewServer(t)
	defer t.done()
	item := weft.MustLink("ins_109508", "investments")

	// A program under test is given weft.URL, weft.ClientID and weft.Secret in place of Plaid's.
	held := item.MustHoldings()
	for _, h := range held.Holdings[:2] {
		fmt.Println(h.Quantity, "at", h.InstitutionPrice, "=", h.InstitutionValue)
	}
	// Output:
	// 0.01 at 1 = 0.01
	// 10000 at 0.011 = 110
}

func ExampleServer_MustLinkUser() {
	weft := wefttest.NewServer(t)
	defer t.done()
	item := weft.MustLinkUser(wefttest.User{Name: "user_custom", Password: `{
		"override_accounts": [{
			"type": "investment", "subtype": "brokerage", "starting_balance": 1404,
			"holdings": [{"quantity": 10, "institution_price": 140.40, "currency": "USD",
				"security": {"ticker_symbol": "AAPL", "currency": "USD"}}]
		}]}`}, "ins_109508", "investments")
	for _, h := range item.MustHoldings().Holdings {
		fmt.Println(h.Quantity, "at", h.InstitutionPrice, "=", h.InstitutionValue)
	}
	// Output:
	// 10 at 140.40 = 1404.00
}

func ExampleServer_Advance() {
	weft := wefttest.NewServer(t)
	defer t.done()
	token := weft.MustPublicToken(wefttest.Good, "ins_109508", "investments")
	weft.Advance(31 * time.Minute)

	err := weft.Call("/item/public_token/exchange", map[string]any{"public_token": token}, nil)
	var e *wefttest.Error
	fmt.Println(errors.As(err, &e), e.Code)
	// Output:
	// true INVALID_PUBLIC_TOKEN
}

func ExampleItem_MustInvestmentTransactions() {
	weft := wefttest.NewServer(t)
	defer t.done()
	item := weft.MustLink("ins_109508", "investments")
	log := item.MustInvestmentTransactions(weft.Now().AddDate(-2, 0, 0), weft.Now())
	fmt.Println(log.Total, len(log.Transactions))
	// Output:
	// 1167 1167
}

func ExampleItem_MustAccounts() {
	weft := wefttest.NewServer(t)
	defer t.done()
	item := weft.MustLink("ins_109508", "investments")
	for _, a := range item.MustAccounts()[:2] {
		fmt.Println(a.Name, *a.Mask, *a.Balances.Current, *a.Balances.ISOCurrencyCode)
	}
	// Output:
	// Plaid Checking 0000 110 USD
	// Plaid Saving 1111 210 USD
}

func ExampleItem_MustGet() {
	weft := wefttest.NewServer(t)
	defer t.done()
	item := weft.MustLink("ins_109508", "investments")
	got := item.MustGet()
	fmt.Println(*got.InstitutionName, got.Products, got.Error == nil)
	// Output:
	// First Platypus Bank [investments] true
}

func ExampleItem_MustRefresh() {
	weft := wefttest.NewServer(t)
	defer t.done()
	item := weft.MustLinkUser(wefttest.User{Name: "user_investor", Password: "any"}, "ins_109508", "investments")
	year := func() (time.Time, time.Time) { return weft.Now().AddDate(-3, 0, 0), weft.Now() }
	before := item.MustInvestmentTransactions(year()).Total
	weft.Advance(45 * 24 * time.Hour)
	item.MustRefresh()
	fmt.Println("more transactions:", item.MustInvestmentTransactions(year()).Total > before)
	// Output:
	// more transactions: true
}

func ExampleItem_MustRemove() {
	weft := wefttest.NewServer(t)
	defer t.done()
	item := weft.MustLink("ins_109508", "investments")
	item.MustRemove()
	err := item.Call("/item/get", nil, nil)
	var e *wefttest.Error
	fmt.Println(errors.As(err, &e), e.Code)
	// Output:
	// true ITEM_NOT_FOUND
}

func ExampleServer_NewClient() {
	weft := wefttest.NewServer(t)
	defer t.done()
	item := weft.MustLink("ins_109508", "investments")
	other := weft.NewClient()
	err := other.Call("/accounts/get", map[string]any{"access_token": item.AccessToken}, nil)
	var e *wefttest.Error
	fmt.Println(errors.As(err, &e), e.Code)
	// Output:
	// true INVALID_ACCESS_TOKEN
}

package books

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"weft/internal/connector/sandbox/books/persona"
	"weft/internal/connector/sandbox/market"
	"weft/internal/plaid"
)

// TestRandomPersonasKeepTheBooks plays orders that make no sense together.
func TestRandomPersonasKeepTheBooks(t *testing.T) {
	m := market.New("random")
	rapid.Check(t, func(t *rapid.T) {
		p := drawPersona(t)
		today := created.AddDays(rapid.IntRange(-350, 500).Draw(t, "today"))
		b := mustRun(t, m, p, "x", created, today)
		report(t, today.String(), examine(m, p, created, today, b))
		checkPrefix(t, b, mustRun(t, m, p, "x", created, today.AddDays(rapid.IntRange(0, 90).Draw(t, "later"))))
	})
}

func drawPersona(t *rapid.T) persona.Persona {
	p := persona.Persona{Kind: persona.Kind, Name: "random"}
	margin := plaid.Dec("9")
	for _, a := range []persona.Account{
		{Key: "checking", Type: "depository", Subtype: "checking", Cash: "USD", Opened: 420},
		{Key: "broker", Type: "investment", Subtype: "brokerage", Cash: "USD", Opened: 400, Reinvest: true, MarginPercent: &margin},
		{Key: "plain", Type: "investment", Subtype: "ira", Cash: "SPAXX", Opened: 380, Fractional: true, InterestPercent: plaid.Dec("4")},
		{Key: "coins", Type: "investment", Subtype: "crypto exchange", Cash: "USD", Opened: 390},
		{Key: "wallet", Type: "investment", Subtype: "non-custodial wallet", Opened: 395},
	} {
		a.Name, a.Currency = a.Key, "USD"
		if a.Cash != "" {
			day := -380
			a.Orders = append(a.Orders, persona.Order{Do: "deposit", Day: &day, Amount: plaid.Dec("30000").Ptr()})
		}
		for range rapid.IntRange(0, 14).Draw(t, "orders") {
			if o := drawOrder(t, a); o.Do != "" {
				drawExecution(t, &o)
				a.Orders = append(a.Orders, o)
			}
		}
		p.Accounts = append(p.Accounts, a)
	}
	return p
}

func drawOrder(t *rapid.T, a persona.Account) persona.Order {
	day := rapid.IntRange(-430, 400).Draw(t, "day") // also before the account is opened: then nothing happens
	o := persona.Order{Day: &day, Fees: plaid.NewDecimal(rapid.Int64Range(0, 500).Draw(t, "fees"), -2)}
	if rapid.Bool().Draw(t, "standing") {
		o.Day, o.Start = nil, day
		o.Every = rapid.SampledFrom([]string{"week", "two weeks", "month", "quarter", "half year", "year"}).Draw(t, "every")
		o.On = rapid.IntRange(0, 31).Draw(t, "on")
	}
	amount := plaid.NewDecimal(rapid.Int64Range(1, 900_000).Draw(t, "amount"), -2)
	if a.Type != "investment" {
		o.Do, o.Amount = rapid.SampledFrom([]string{"deposit", "withdrawal"}).Draw(t, "do"), &amount
		return o
	}
	tickers := []string{"AAPL", "TWFD", "HBL*", "ORCH", "NVO", "T", "O", "AGTHX", "EUR", "CSTL"}
	verbs := []string{"buy", "sell", "sell short", "buy to cover", "transfer in", "send", "withdrawal", "deposit", "distribution", "grant", "contribution", "fee"}
	switch {
	case a.Subtype == "crypto exchange":
		tickers, verbs = []string{"BTC", "ETH", "DOGE"}, []string{"buy", "sell", "send", "reward", "deposit"}
	case a.Cash == "":
		tickers, verbs = []string{"BTC", "ETH"}, []string{"transfer in", "send", "reward"}
	}
	o.Do, o.Security = rapid.SampledFrom(verbs).Draw(t, "do"), rapid.SampledFrom(tickers).Draw(t, "ticker")
	bonds := []string{"UST-13W-*", "UST-2Y-*", "CSTL-5.25-2045"}
	if a.Cash != "" && a.Subtype != "crypto exchange" {
		switch kind := rapid.IntRange(0, 5).Draw(t, "kind"); {
		case kind == 0 && o.Do == "buy":
			o.Security, o.Roll = rapid.SampledFrom(bonds).Draw(t, "bond"), rapid.Bool().Draw(t, "roll")
		case kind < 3 && (o.Do == "buy" || o.Do == "sell short"):
			o.Security, o.Option = "", &persona.OptionTerms{
				Underlying: rapid.SampledFrom([]string{"AAPL", "T", "TSLA", "KO"}).Draw(t, "underlying"),
				Type:       rapid.SampledFrom([]string{"call", "put"}).Draw(t, "type"),
				Strike:     plaid.NewDecimal(rapid.Int64Range(60, 150).Draw(t, "strike"), -2), Days: rapid.IntRange(0, 120).Draw(t, "days"),
			}
		}
	}
	quantity := plaid.DecimalFromInt(rapid.Int64Range(1, 300).Draw(t, "quantity"))
	share := plaid.NewDecimal(rapid.Int64Range(1, 100).Draw(t, "share"), -2)
	switch o.Do {
	case "deposit", "contribution", "withdrawal", "fee":
		o.Security, o.Amount, o.Subtype = "", &amount, "account fee"
		if a.Key != "wallet" && rapid.Bool().Draw(t, "own") {
			o.Account = "checking"
		}
	case "transfer in", "grant":
		if o.Security == "HBL*" {
			o.Security = "T"
		}
		o.Quantity, o.Bought, o.Withhold = &quantity, -rapid.IntRange(500, 2000).Draw(t, "bought"), plaid.Dec("0.3")
		o.Vesting = &persona.Vesting{Every: "month", Parts: rapid.IntRange(1, 9).Draw(t, "parts")}
		if o.Do == "grant" {
			o.Security = "TWFD" // nobody writes options on it: an assignment would sell unvested shares short
		}
	case "reward":
		o.Share = &share
	case "distribution":
		o.Share, o.Withhold = &share, plaid.Dec("0.1")
	case "sell short":
		o.Quantity = &quantity
	default:
		switch rapid.IntRange(0, 2).Draw(t, "size") {
		case 0:
			o.Quantity = &quantity
		case 1:
			o.Amount = &amount
		default:
			o.Share = &share
		}
		if o.Do == "send" && a.Key == "coins" {
			o.Account, o.NetworkFee = "wallet", plaid.Dec("0.0001")
		}
	}
	return o
}

// drawExecution makes some orders limit orders and has some broken.
func drawExecution(t *rapid.T, o *persona.Order) {
	if o.Do != "buy" && o.Do != "sell" {
		return
	}
	switch rapid.IntRange(0, 5).Draw(t, "execution") {
	case 0, 1:
		o.Limit, o.Good = plaid.NewDecimal(rapid.Int64Range(900, 1100).Draw(t, "limit"), -3).Ptr(), rapid.IntRange(1, 20).Draw(t, "good")
		o.Chance, o.Roll = rapid.Uint64().Draw(t, "chance"), false
	case 2:
		if strings.HasPrefix(o.Security, "UST") || strings.Contains(o.Security, "-20") {
			return // a bond settles its interest beside the trade
		}
		o.Broken = rapid.SampledFrom([]string{persona.Vanishes, persona.Reversed}).Draw(t, "broken")
		o.Fees = plaid.Decimal{}
	}
}

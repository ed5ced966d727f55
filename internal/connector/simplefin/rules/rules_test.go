package rules

import (
	"slices"
	"strings"
	"testing"

	"weft/internal/plaid"
)

// TestTablesSpeakTheContract: every kind that a table gives is one of the contract's.
func TestTablesSpeakTheContract(t *testing.T) {
	for _, table := range [][]accountRule{debts, investments, holders, everyday} {
		for _, rule := range table {
			if !plaid.Known(plaid.SubtypesOf(rule.kind.Type), rule.kind.Subtype) {
				t.Errorf("%s: %v", rule.phrases, rule.kind)
			}
			for phrase := range strings.SplitSeq(rule.phrases, "|") {
				if words(phrase) != " "+phrase+" " {
					t.Errorf("%q is never found: names are compared as %q", phrase, words(phrase))
				}
			}
		}
	}
	for _, rule := range rows {
		subtype := rule.row.signed(true).Subtype
		if !plaid.Known(plaid.InvestmentTransactionTypes, rule.row.Type) || !plaid.Known(plaid.InvestmentTransactionSubtypes, subtype) {
			t.Errorf("%s: %v", rule.pattern(), rule.row)
		}
	}
	for _, rule := range instruments {
		if !plaid.Known(plaid.SecurityTypes, rule.is.Type) || rule.is.Subtype != "" && rule.is.Subtype != "cash" && !plaid.Known(plaid.SecuritySubtypes, rule.is.Subtype) {
			t.Errorf("%v", rule.is)
		}
	}
}

func TestAccountKind(t *testing.T) {
	for _, c := range []struct {
		name     string
		sign     int
		holdings bool
		want     string
	}{
		{"SimpleFIN Savings", 1, false, "depository/savings"},
		{"SimpleFIN Checking", 1, false, "depository/checking"},
		{"Rewards Visa", -1, false, "credit/credit card"},
		{"Costco Anywhere Visa® Card", -1, false, "credit/credit card"},
		{"Costco Anywhere Visa® Card", 1, false, "credit/credit card"},
		{"Chase Sapphire Preferred", -1, false, "credit/credit card"},
		{"Platinum Checking", -1, false, "depository/checking"},
		{"Platinum", -1, false, "credit/credit card"},
		{"Platinum", 1, false, "depository/checking"},
		{"Visa Debit Card", 1, false, "depository/prepaid"},
		{"Castle Mortgage", 1, false, "loan/mortgage"},
		{"401(k) Loan", -1, false, "loan/loan"},
		{"HELOC 1234", -1, false, "loan/home equity"},
		{"Personal Line of Credit", -1, false, "loan/line of credit"},
		{"Auto Loan - 2019 Honda", -1, false, "loan/auto"},
		{"Auto Fund", 1, false, "depository/checking"},
		{"Student Checking", 1, false, "depository/checking"},
		{"Student", -1, false, "loan/student"},
		{"Roth IRA", 1, false, "investment/roth"},
		{"Roth 401(k)", 1, true, "investment/roth 401k"},
		{"ACME Inc. 401(k) Plan", 1, true, "investment/401k"},
		{"403(b)", 1, false, "investment/403B"},
		{"Rollover IRA", 1, true, "investment/ira"},
		{"SEP-IRA", 1, true, "investment/sep ira"},
		{"SIMPLE IRA", 1, true, "investment/simple ira"},
		{"NerdCorp Series B", 1, true, "investment/brokerage"},
		{"Dr Evil", 1, true, "investment/brokerage"},
		{"Individual Brokerage", 1, false, "investment/brokerage"},
		{"Cash Management", 1, true, "investment/brokerage"},
		{"Cash Management", 1, false, "depository/cash management"},
		{"HSA", 1, false, "depository/hsa"},
		{"HSA", 1, true, "investment/hsa"},
		{"Family Trust", 1, true, "investment/trust"},
		{"Trust Checking", 1, false, "depository/checking"},
		{"12 Month CD", 1, false, "depository/cd"},
		{"Share Certificate", 1, false, "depository/cd"},
		{"High-Yield Savings", 1, false, "depository/savings"},
		{"Money Market", 1, false, "depository/money market"},
		{"TFSA", 1, false, "investment/tfsa"},
		{"Miraculous", 1, false, "depository/checking"}, // no IRA in a word
		{"Unicorn Pot", 1, false, "depository/checking"},
		{"", 0, false, "depository/checking"},
		{"", -1, false, "credit/credit card"},
	} {
		if got := AccountKind(c.name, c.sign, c.holdings); got.Type+"/"+got.Subtype != c.want {
			t.Errorf("%q, %d, %v: %v, want %s", c.name, c.sign, c.holdings, got, c.want)
		}
	}
}

func TestClassifyRow(t *testing.T) {
	for _, c := range []struct {
		text   string
		inward bool
		want   string
	}{
		{"YOU BOUGHT VANGUARD INDEX FUNDS S&P 500 ETF (VOO) (Cash)", false, "buy/buy"},
		{"YOU BOUGHT VANGUARD DIVIDEND APPRECIATION ETF (VIG)", false, "buy/buy"},
		{"YOU SOLD APPLE INC (AAPL)", true, "sell/sell"},
		{"Buy AAPL", false, "buy/buy"},
		{"Sell 10 shares of AAPL", true, "sell/sell"},
		{"SOLD SHORT TSLA", true, "sell/sell short"},
		{"BOUGHT TO COVER TSLA", false, "buy/buy to cover"},
		{"DIVIDEND RECEIVED VANGUARD INDEX FUNDS (VOO)", true, "cash/dividend"},
		{"DIVIDEND BEST BUY CO", true, "cash/dividend"},
		{"Qualified Dividend AAPL", true, "cash/qualified dividend"},
		{"REINVESTMENT VANGUARD TOTAL STOCK (VTSAX)", false, "buy/dividend reinvestment"},
		{"Dividend Reinvestment VTSAX", false, "buy/dividend reinvestment"},
		{"LONG-TERM CAP GAIN VANGUARD", true, "cash/long-term capital gain"},
		{"Reinvest Long Term Capital Gain FXAIX", false, "buy/long-term capital gain reinvestment"},
		{"SHORT-TERM CAP GAIN", true, "cash/short-term capital gain"},
		{"INTEREST EARNED CASH", true, "cash/interest"},
		{"MARGIN INTEREST", false, "cash/margin expense"},
		{"RETURN OF CAPITAL ENBRIDGE", true, "cash/return of principal"},
		{"FOREIGN TAX PAID NOVO NORDISK (NVO)", false, "fee/tax"},
		{"Tax Withholding", false, "fee/tax withheld"},
		{"NRA TAX ADJ", false, "fee/non-resident tax"},
		{"MANAGEMENT FEE", false, "fee/management fee"},
		{"ADVISORY FEE Q3", false, "fee/management fee"},
		{"ACATS FEE", false, "fee/transfer fee"},
		{"ANNUAL FEE", false, "fee/account fee"},
		{"ADR FEE", false, "fee/miscellaneous fee"},
		{"STOCK SPLIT NVIDIA", true, "transfer/split"},
		{"SPIN-OFF GE VERNOVA", true, "transfer/spin off"},
		{"TRANSFERRED FROM VS Z12-345678", true, "transfer/transfer"},
		{"JOURNALED SPP PURCHASE CREDIT", true, "transfer/transfer"},
		{"ASSIGNED PUTS", false, "transfer/assignment"},
		{"EXPIRED CALL", false, "transfer/expire"},
		{"PARTIC CONTR CURRENT", true, "cash/deposit?"},
		{"Employer Contribution", true, "cash/contribution"},
		{"NORMAL DISTRIBUTION", false, "cash/distribution"},
		{"Electronic Funds Transfer Received", true, "cash/deposit"},
		{"Electronic Funds Transfer Paid", false, "cash/withdrawal"},
		{"MONEYLINK", true, "cash/deposit"},
		{"SALESFORCE INC", false, "cash/withdrawal?"},
		{"", true, "cash/deposit?"},
	} {
		got, known := ClassifyRow(c.text, c.inward)
		text := got.Type + "/" + got.Subtype
		if !known {
			text += "?"
		}
		if text != c.want {
			t.Errorf("%q: %s, want %s", c.text, text, c.want)
		}
	}
}

func TestSymbols(t *testing.T) {
	for text, want := range map[string][]string{
		"YOU BOUGHT VANGUARD (VOO) (Cash)":     {"VOO"},
		"YOU BOUGHT BERKSHIRE (BRK.B) (CASH)":  {"BRK.B"},
		"Dividend symbol: AAPL":                {"AAPL"},
		"TICKER MSFT":                          {"MSFT"},
		"(IRA) (ETF) (voo) (TOOLONG) (12)":     nil,
		"SPAXX (SPAXX) and VOO (VOO)":          {"SPAXX", "VOO"},
		"FIDELITY GOVERNMENT MONEY MARKET (a)": nil,
	} {
		if got := Symbols(text); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
	if got := SymbolWords("Buy VOO, not VOOX; BRK.B/x é"); !slices.Equal(got, []string{"Buy", "VOO", "not", "VOOX", "BRK.B/x", "é"}) {
		t.Errorf("%q", got)
	}
}

func TestTraded(t *testing.T) {
	for text, want := range map[string]string{
		"YOU BOUGHT 10.5 shares @ $1,020.25": "10.5 1020.25", "Buy 1,000 @ 3": "1000 3", "10 sh at 2.50": "10 2.50", "no numbers": " ", "@ 5": " ",
	} {
		units, price, ok := Traded(text)
		if units+" "+price != want || ok != (want != " ") {
			t.Errorf("%q: %s %s", text, units, price)
		}
	}
}

func TestInstrumentOf(t *testing.T) {
	for _, c := range []struct{ symbol, name, want string }{
		{"CASH", "", "cash/cash cash"},
		{"USD", "US Dollar", "cash/cash cash"},
		{"", "Cash", "cash/cash cash"},
		{"", "Cash Balance", "cash/cash cash"},
		{"SPAXX", "FIDELITY GOVERNMENT MONEY MARKET", "cash/ cash"},
		{"VMFXX", "", "cash/ cash"},
		{"QABXX", "Some Fund", "cash/ cash"},
		{"", "Vanguard Federal Money Market Fund", "cash/ cash"},
		{"", "Settlement fund", "cash/ cash"},
		{"", "Cashmere Goods", "/"},
		{"VOO", "Vanguard S&P 500 ETF", "etf/etf"},
		{"VTSAX", "Vanguard Total Stock", "mutual fund/mutual fund"},
		{"FGKFX", "Fantastic FID GROWTH CO K6", "mutual fund/mutual fund"},
		{"", "VANG TARGET RET FUND", "mutual fund/mutual fund"},
		{"AAPL", "APPLE INC", "equity/common stock"},
		{"EXAMPLE", "", "/"},
		{"F", "", "equity/"},
		{"NVO", "NOVO NORDISK ADR", "equity/depositary receipt"},
		{"BTC", "Bitcoin", "cryptocurrency/cryptocurrency"},
		{"BTC", "Grayscale Bitcoin Mini Trust ETF", "etf/etf"},
		{"ETH", "Ethereum", "cryptocurrency/cryptocurrency"},
		{"", "US TREASURY BILL 0% 12/01/26", "fixed income/bill"},
		{"", "MUNICIPAL BOND NY", "fixed income/municipal bond"},
		{"AAPL  260116C00150000", "", "derivative/option"},
		{"-AAPL260116C150", "AAPL Jan 16 2026 150 Call", "derivative/option"},
		{"", "", "/"},
	} {
		got := InstrumentOf(strings.ReplaceAll(c.symbol, "  ", " "), c.name)
		text := got.Type + "/" + got.Subtype
		if got.Cash {
			text += " cash"
		}
		if text != c.want {
			t.Errorf("%q %q: %s, want %s", c.symbol, c.name, text, c.want)
		}
	}
}

func TestCurrency(t *testing.T) {
	text := func(s *string) string {
		if s == nil {
			return "-"
		}
		return *s
	}
	for code, want := range map[string]string{
		"USD": "USD -", "eur": "EUR -", " GBP ": "GBP -", "": "XXX -", "BTC": "- BTC", "usdt": "- USDT", "FOO": "- FOO", "GBX": "- GBX",
		"https://airline.example/miles": "- airline.example/miles", "https://user:secret@airline.example/miles/?key=secret#x": "- airline.example/miles",
	} {
		iso, unofficial := Currency(code)
		if got := text(iso) + " " + text(unofficial); got != want {
			t.Errorf("%q: %s, want %s", code, got, want)
		}
	}
	if len(official) < 150 || !slices.IsSorted(official) {
		t.Errorf("%d codes", len(official))
	}
}

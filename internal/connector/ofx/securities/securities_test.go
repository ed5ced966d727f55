package securities

import (
	"testing"

	"weft/internal/connector/ofx/reader"
	"weft/internal/plaid"
)

// list reads a security list.
func list(t *testing.T, text string) (*List, []reader.Problem) {
	t.Helper()
	doc, err := reader.Read([]byte("<SECLIST>" + text + "</SECLIST>"))
	if err != nil {
		t.Fatal(err)
	}
	var problems []reader.Problem
	l := New()
	l.Read(doc.Root().Child("SECLIST"), func(p reader.Problem) { problems = append(problems, p) })
	return l, problems
}

// info is one entry of a list.
func info(element, id, idType, name, ticker, more string) string {
	return "<" + element + "><SECINFO><SECID><UNIQUEID>" + id + "<UNIQUEIDTYPE>" + idType + "</SECID><SECNAME>" + name + "<TICKER>" + ticker + "</SECINFO>" +
		more + "</" + element + ">"
}

func text(p *string) string {
	if p == nil {
		return "-"
	}
	return *p
}

func TestIdentifiers(t *testing.T) {
	for _, c := range []struct{ id, idType, ticker, cusip, isin, own, symbol string }{
		{"037833100", "CUSIP", "AAPL", "037833100", "-", "-", "AAPL"},
		{"037833101", "CUSIP", "AAPL", "-", "-", "037833101", "AAPL"}, // a wrong check digit
		{"OAEL", "CUSIP", "OAEL", "-", "-", "OAEL", "-"},
		{"FED12Q45Q", "CUSIP", "FED12Q45Q", "-", "-", "FED12Q45Q", "-"},
		{"6018649IE", "CUSIP", "N/A", "-", "-", "6018649IE", "-"},
		{"912810RW0", "CUSIP", "912810RW0", "912810RW0", "-", "-", "-"},
		{"G7945E105", "CUSIP", "SDRL", "G7945E105", "-", "-", "SDRL"},
		{"US0378331005", "ISIN", "AAPL", "037833100", "US0378331005", "-", "AAPL"},
		{"us0378331005", "CUSIP", "", "037833100", "US0378331005", "-", "-"},
		{"DE0007164600", "ISIN", "SAP", "-", "DE0007164600", "-", "SAP"},
		{"DE0007164601", "ISIN", "SAP", "-", "-", "DE0007164601", "SAP"},
		{"LLPC", "TICKER", "", "-", "-", "-", "LLPC"},
		{"LLPC", "TICKER", "LLPC", "-", "-", "-", "LLPC"},
		{"037833100", "PRIVATE", "FOO", "-", "-", "037833100", "FOO"}, // a number that only looks like a CUSIP
		{"BAR", "PRIVATE", "BAR", "-", "-", "BAR", "BAR"},
		{"320227571", "CONID", "XYZ", "-", "-", "320227571", "XYZ"},
		{"X1", "CUSIP", "037833100", "-", "-", "X1", "-"},
	} {
		l, problems := list(t, info("STOCKINFO", c.id, c.idType, "A", c.ticker, ""))
		if len(problems) > 0 || len(l.All) != 1 {
			t.Errorf("%s: %v", c.id, problems)
			continue
		}
		s := l.All[0].Describe("USD")
		if text(s.CUSIP) != c.cusip || text(s.ISIN) != c.isin || text(s.InstitutionSecurityID) != c.own || text(s.TickerSymbol) != c.symbol {
			t.Errorf("%s %s: cusip %s, isin %s, own %s, ticker %s", c.idType, c.id, text(s.CUSIP), text(s.ISIN), text(s.InstitutionSecurityID), text(s.TickerSymbol))
		}
	}
}

func TestTypes(t *testing.T) {
	for _, c := range []struct {
		element, id, name, ticker, more string
		typ, subtype                    string
		cash                            bool
	}{
		{"STOCKINFO", "037833100", "APPLE INC", "AAPL", "<STOCKTYPE>COMMON", "equity", "common stock", false},
		{"STOCKINFO", "1", "A", "A", "<STOCKTYPE>PREFERRED", "equity", "preferred equity", false},
		{"STOCKINFO", "1", "A", "A", "<STOCKTYPE>CONVERTIBLE", "equity", "convertible equity", false},
		{"STOCKINFO", "1", "A", "A", "<STOCKTYPE>OTHER", "equity", "-", false},
		{"STOCKINFO", "1", "A", "A", "", "equity", "-", false},
		{"STOCKINFO", "78462F103", "SPDR S&amp;P 500 ETF TRUST", "SPY", "<STOCKTYPE>COMMON", "etf", "etf", false},
		{"STOCKINFO", "1", "20SPDR SERIES TRUST SP DIVIDEND", "", "", "etf", "etf", false},
		{"STOCKINFO", "1", "ISHARES 7-10 YEAR TREASURY BOND ETF", "IEF", "", "etf", "etf", false},
		{"STOCKINFO", "1", "NETFLIX INC", "NFLX", "", "equity", "-", false},
		{"MFINFO", "1", "VANGUARD TOTAL BOND MARKET ETF", "BND", "", "etf", "etf", false},
		{"MFINFO", "1", "Total Stock Market Index Fund", "VTSAX", "", "mutual fund", "mutual fund", false},
		{"MFINFO", "922906300", "Federal Fund", "VMFXX", "", "cash", "mutual fund", true},
		{"MFINFO", "1", "VANGUARD PRIME MONEY MARKET FU", "", "", "cash", "mutual fund", true},
		{"MFINFO", "1", "MONEY MARKET GROWTH", "ABCDX", "<UNITPRICE>17", "cash", "mutual fund", true}, // outside SECINFO: no price of it
		{"OTHERINFO", "1", "CREF Money Market R3", "QCMMIX", "", "other", "other", false},
		{"OTHERINFO", "1", "TIAA Traditional", "TIAAtrad", "", "other", "other", false},
		{"OTHERINFO", "912796XY0", "A BILL", "", "", "fixed income", "bill", false},
		{"OTHERINFO", "1", "US TREASURY BILL 3 MONTH ETF", "TBIL", "", "other", "other", false},
		{"DEBTINFO", "912797TB3", "UNITED STATES TREAS BILLS ZERO CPN 0.00000% 06/25/2026", "", "<DEBTTYPE>COUPON", "fixed income", "bill", false},
		{"DEBTINFO", "912810RW0", "US Treasury 2047", "912810RW0", "<DEBTTYPE>ZERO", "fixed income", "bond", false},
		{"DEBTINFO", "1", "UNITED STATES TREAS NTS SER D-2032", "", "", "fixed income", "note", false},
		{"DEBTINFO", "1", "UNITED STATES TREAS BDS 02/15/2042 TIPS", "", "", "fixed income", "treasury inflation protected securities", false},
		{"DEBTINFO", "1", "CITY OF X", "", "<DEBTCLASS>MUNICIPAL", "fixed income", "municipal bond", false},
		{"DEBTINFO", "1", "GOVT", "", "<DEBTCLASS>TREASURY<COUPONRT>0", "fixed income", "bill", false},
		{"DEBTINFO", "1", "GOVT", "", "<DEBTCLASS>TREASURY<COUPONRT>4", "fixed income", "bond", false},
		{"DEBTINFO", "1", "ACME 5%", "", "<DEBTCLASS>CORPORATE", "fixed income", "bond", false},
		{"DEBTINFO", "1", "BANK CERTIFICATE OF DEPOSIT", "", "", "fixed income", "-", false},
		{"OPTINFO", "1", "CALL", "MSFT260116C310", "", "derivative", "option", false},
	} {
		l, _ := list(t, info(c.element, c.id, "CUSIP", c.name, c.ticker, c.more))
		s := l.All[0].Describe("USD")
		if text(s.Type) != c.typ || text(s.Subtype) != c.subtype || *s.IsCashEquivalent != c.cash {
			t.Errorf("%s %s: %s/%s, cash %v, want %s/%s", c.element, c.name, text(s.Type), text(s.Subtype), *s.IsCashEquivalent, c.typ, c.subtype)
		}
	}
	l, _ := list(t, info("MFINFO", "1", "PRIVATE", "X MONEY MARKET", "", ""))
	if l.All[0].Seen(plaid.Dec("10.5"), nil); l.All[0].CashLike() {
		t.Error("a fund at 10.5 is taken for a money-market fund")
	}
	l, _ = list(t, info("OTHERINFO", "1", "PRIVATE", "BANK DEPOSIT SWEEP", "", ""))
	if l.All[0].Seen(plaid.Dec("1.00"), nil); !l.All[0].CashLike() {
		t.Error("a bank sweep at 1 is not taken for cash")
	}
}

func TestContracts(t *testing.T) {
	for symbol, want := range map[string]string{
		"MSFT220826C310":        "MSFT 2022-08-26 call 310",
		"-MSFT220826P310.5":     "MSFT 2022-08-26 put 310.5",
		"SPXW  260715P07400000": "SPXW 2026-07-15 put 7400",
		"NFLX180201C00355000":   "NFLX 2018-02-01 call 355",
		"XYZ   260117C00150500": "XYZ 2026-01-17 call 150.5",
		"aapl240119c00000500":   "AAPL 2024-01-19 call 0.5",
		"TSLA1250117C00150000":  "TSLA1 2025-01-17 call 150",
		"F250117P8":             "F 2025-01-17 put 8",
		"LUAXX":                 "",
		"MSFT221326C310":        "", // no thirteenth month
		"MSFT220826X310":        "",
		"":                      "",
	} {
		got := ""
		if c := Contract(symbol); c != nil {
			got = c.UnderlyingSecurityTicker + " " + c.ExpirationDate.String() + " " + c.ContractType + " " + c.StrikePrice.String()
		}
		if got != want {
			t.Errorf("%q: %q, want %q", symbol, got, want)
		}
	}
}

func TestOptions(t *testing.T) {
	// What an expired option of Fidelity looks like: no strike, the wrong right, a later date; only the symbol is true.
	l, problems := list(t,
		info("OPTINFO", "594918ABC", "CUSIP", "PUT MSFT", "-MSFT220826C310", "<OPTTYPE>PUT<STRIKEPRICE>0.0<DTEXPIRE>20220902<SHPERCTRCT>100")+
			info("OPTINFO", "OPT2", "PRIVATE", "X", "LUAXX", "<OPTTYPE>PUT<STRIKEPRICE>35.00<DTEXPIRE>20250121<SHPERCTRCT>10<SECID><UNIQUEID>U1<UNIQUEIDTYPE>PRIVATE</SECID>")+
			info("OPTINFO", "OPT3", "PRIVATE", "X", "", "<OPTTYPE>CALL<STRIKEPRICE>5<DTEXPIRE>20250121<SECID><UNIQUEID>U2<UNIQUEIDTYPE>PRIVATE</SECID>")+
			info("OPTINFO", "OPT4", "PRIVATE", "X", "", "<OPTTYPE>CALL")+
			info("STOCKINFO", "U1", "PRIVATE", "Lucky Airlines", "LUA", ""))
	if len(problems) != 1 || problems[0].Element != "OPTINFO" {
		t.Errorf("problems %v", problems)
	}
	for i, want := range []string{"MSFT 2022-08-26 call 310", "LUA 2025-01-21 put 35.00", "U2 2025-01-21 call 5", ""} {
		got, c := "", l.All[i].Describe("USD").OptionContract
		if l.All[i].Key == "PRIVATE:U1" {
			t.Fatal("the underlying of an option comes before it")
		}
		if c != nil {
			got = c.UnderlyingSecurityTicker + " " + c.ExpirationDate.String() + " " + c.ContractType + " " + c.StrikePrice.String()
		}
		if got != want {
			t.Errorf("option %d: %q, want %q", i, got, want)
		}
	}
	if got := text(l.All[0].Describe("USD").TickerSymbol); got != "MSFT220826C00310000" {
		t.Errorf("symbol %s", got)
	}
	if q, p := l.All[1].Normal(Option, plaid.Dec("3"), plaid.Dec("2"), nil); q.String() != "30" || p.String() != "2" {
		t.Errorf("3 contracts of 10 are %s at %s", q, p)
	}
}

func TestUnits(t *testing.T) {
	for name, c := range map[string]struct {
		by                  Kind
		units, price, gross string
		quantity, unit      string
	}{
		"stock":                           {Stock, "3", "10", "30", "3", "10"},
		"option, price of a share":        {Option, "2", "5", "1000", "200", "5"},
		"option, price of a contract":     {Option, "2", "500", "1000", "200", "5"},
		"option, nothing to compare with": {Option, "2", "5", "", "200", "5"},
		"bond, percent of par":            {Debt, "96000", "99.292", "95320.32", "960", "99.292"},
		"bond with accrued interest":      {Debt, "96000", "99.292", "96010.11", "960", "99.292"},
		"bond at par":                     {Debt, "1000", "100", "1000", "10", "100"},
		"redemption at a dollar":          {Debt, "96000", "1", "96000", "960", "100"},
		"bonds in pieces":                 {Debt, "5", "990", "4950", "5", "990"},
		"bond, nothing to compare with":   {Debt, "1000", "98", "", "10", "98"},
		"worthless bond":                  {Debt, "1000", "0", "0", "10", "0"},
	} {
		e := New().Find(secid(t), Stock)
		var gross *plaid.Decimal
		if c.gross != "" {
			gross = plaid.Dec(c.gross).Ptr()
		}
		q, p := e.Normal(c.by, plaid.Dec(c.units), plaid.Dec(c.price), gross)
		if !q.Equal(plaid.Dec(c.quantity)) || !p.Equal(plaid.Dec(c.unit)) {
			t.Errorf("%s: %s at %s, want %s at %s", name, q, p, c.quantity, c.unit)
		}
	}
}

func secid(t *testing.T) reader.Element {
	doc, err := reader.Read([]byte("<SECID><UNIQUEID>X<UNIQUEIDTYPE>PRIVATE</SECID>"))
	if err != nil {
		t.Fatal(err)
	}
	return doc.Root().Child("SECID")
}

func TestFixedIncome(t *testing.T) {
	l, _ := list(t,
		info("DEBTINFO", "912797TB3", "CUSIP", "UNITED STATES TREAS BILLS ZERO CPN 0.00000% 06/25/2026", "", "<PARVALUE>1000<DEBTTYPE>COUPON<COUPONRT>0.00000")+
			info("DEBTINFO", "B", "PRIVATE", "ACME 5.125% 12/15/2026", "", "<PARVALUE>1000<COUPONRT>5.125<YIELDTOMAT>6.0<DTMAT>20271215")+
			info("DEBTINFO", "C", "PRIVATE", "ZERO", "", "<YIELDTOMAT>6.0"))
	bill, bond, zero := l.All[0].Describe("USD").FixedIncome, l.All[1], l.All[2].Describe("USD").FixedIncome
	if bill.MaturityDate.String() != "2026-06-25" || bill.YieldRate != nil || bill.FaceValue.String() != "100" {
		t.Errorf("bill %+v", bill)
	}
	if zero.MaturityDate != nil || zero.YieldRate.Percentage.String() != "6.0" || *zero.YieldRate.Type != "yield" {
		t.Errorf("zero bond %+v", zero)
	}
	bond.Normal(Debt, plaid.Dec("5"), plaid.Dec("990"), plaid.Dec("4950").Ptr())
	f := bond.Describe("USD").FixedIncome
	if f.MaturityDate.String() != "2027-12-15" || f.YieldRate.Percentage.String() != "5.125" || *f.YieldRate.Type != "coupon" || f.FaceValue.String() != "1000" {
		t.Errorf("bond counted in pieces %+v", f)
	}
}

func TestTwice(t *testing.T) {
	l, problems := list(t, info("MFINFO", "1", "CUSIP", "One", "ONE", "")+info("MFINFO", "1", "CUSIP", "Two", "TWO", "")+
		"<STOCKINFO><SECINFO><SECNAME>No id</SECINFO></STOCKINFO>")
	if len(l.All) != 1 || l.All[0].Name() != "One" || len(problems) != 2 {
		t.Errorf("%d entries, problems %v", len(l.All), problems)
	}
	if a, b := l.Find(secid(t), Stock), l.Find(secid(t), Fund); a != b || a.Kind != Stock {
		t.Error("a SECID is two entries")
	}
}

func TestCurrencies(t *testing.T) {
	for code, want := range map[string]string{"usd": "USD -", " EUR ": "EUR -", "BTC": "- BTC", "": "- -", "US": "- -", "U$D": "- -", "GBX": "- GBX"} {
		iso, unofficial := Currency(code)
		if got := text(iso) + " " + text(unofficial); got != want {
			t.Errorf("%q: %s, want %s", code, got, want)
		}
	}
	if s := Cash("EUR"); s.Key != "cash:EUR" || text(s.TickerSymbol) != "CUR:EUR" || text(s.ISOCurrencyCode) != "EUR" || !*s.IsCashEquivalent {
		t.Errorf("cash %+v", s)
	}
}

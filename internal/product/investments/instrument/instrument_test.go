package instrument

import (
	"testing"

	"weft/internal/plaid"
)

// Each row's securities are one instrument, and no two rows' are.
func TestSecurityIdentity(t *testing.T) {
	usd := text("USD")
	option := func(strike string) plaid.Security {
		return plaid.Security{TickerSymbol: text("AAPL261218C00" + strike), OptionContract: &plaid.OptionContract{
			ContractType: "call", ExpirationDate: plaid.MustDate("2026-12-18"), StrikePrice: plaid.Dec(strike), UnderlyingSecurityTicker: "AAPL",
		}}
	}
	instruments := map[string][]plaid.Security{
		"apple": {
			{ISIN: text("US0378331005")}, {CUSIP: text("037833100")}, {ISIN: text(" us0378331005 "), TickerSymbol: text("XXXX")},
			{ISIN: text("US0378331005"), CUSIP: text("037833100"), ISOCurrencyCode: text("EUR")},
		},
		"a Canadian": {{ISIN: text("CA82509L1076")}, {CUSIP: text("82509L107")}},
		"a German":   {{ISIN: text("DE0007236101")}, {ISIN: text("DE0007236101"), CUSIP: text("")}},
		// Numbers that fail their check digit are no identifiers.
		"by ticker":         {{TickerSymbol: text("OAEL"), ISOCurrencyCode: usd}, {TickerSymbol: text("oael"), CUSIP: text("OAEL"), ISOCurrencyCode: usd}, {TickerSymbol: text("OAEL"), ISIN: text("US0378331006"), ISOCurrencyCode: usd}},
		"by ticker, in CAD": {{TickerSymbol: text("OAEL"), ISOCurrencyCode: text("CAD")}},
		"dollars":           {{Type: text("cash"), Subtype: text("cash"), TickerSymbol: text("USD"), ISOCurrencyCode: usd}, {Type: text("cash"), Subtype: text("cash"), TickerSymbol: text("CUR:USD"), ISOCurrencyCode: usd}},
		"bitcoin":           {{Type: text("cryptocurrency"), TickerSymbol: text("BTC"), ISOCurrencyCode: usd}, {Type: text("cryptocurrency"), TickerSymbol: text("CUR:BTC"), UnofficialCurrencyCode: text("BTC")}},
		"an option":         {option("355"), option("355.00")},
		"another strike":    {option("350")},
		"a bank's own":      {{InstitutionSecurityID: text("77"), ISOCurrencyCode: usd}, {InstitutionSecurityID: text("77"), Name: text("renamed")}},
		"only a name":       {{Name: text("Stable Value Fund"), ISOCurrencyCode: usd}, {Name: text("STABLE VALUE FUND "), ISOCurrencyCode: usd}},
	}
	seen := map[string]string{}
	for name, same := range instruments {
		id := ID(same[0], "ins_1", "k0")
		if other, ok := seen[id]; ok {
			t.Errorf("%s and %s have one id", name, other)
		}
		seen[id] = name
		for i, s := range same {
			if got := ID(s, "ins_1", "k1"); got != id {
				t.Errorf("%s: form %d has another id: %v", name, i, naturalKey(s, "ins_1", "k1"))
			}
		}
	}
	// What only one bank knows is another thing at another bank.
	own := plaid.Security{InstitutionSecurityID: text("77")}
	if ID(own, "ins_1", "k") == ID(own, "ins_2", "k") {
		t.Error("two banks' own numbers have one id")
	}
	if ID(plaid.Security{}, "ins_1", "k") == ID(plaid.Security{}, "ins_1", "l") {
		t.Error("two securities of which nothing is known have one id")
	}
}

func text(s string) *string { return &s }

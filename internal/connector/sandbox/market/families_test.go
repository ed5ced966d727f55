package market

import (
	"testing"

	"weft/internal/plaid"
)

func TestParseOCC(t *testing.T) {
	for _, c := range []struct{ symbol, root, expiry, kind, strike, canonical string }{
		{"AAPL271217C00200000", "AAPL", "2027-12-17", "call", "200.00", "AAPL271217C00200000"},
		{"AAPL  271217C00200000", "AAPL", "2027-12-17", "call", "200.00", "AAPL271217C00200000"},
		{"F241108C00005000", "F", "2024-11-08", "call", "5.00", "F241108C00005000"},
		{"NFLX180201C00355000", "NFLX", "2018-02-01", "call", "355.00", "NFLX180201C00355000"},
		{"TSLA1260116P00012345", "TSLA1", "2026-01-16", "put", "12.345", "TSLA1260116P00012345"},
		{"GOOGLE260116P99999999", "GOOGLE", "2026-01-16", "put", "99999.999", "GOOGLE260116P99999999"},
		{"SPY280229P00000500", "SPY", "2028-02-29", "put", "0.50", "SPY280229P00000500"},
	} {
		o, ok := ParseOCC(c.symbol)
		if !ok || o.UnderlyingSecurityTicker != c.root || o.ExpirationDate != day(c.expiry) || o.ContractType != c.kind ||
			o.StrikePrice.String() != c.strike || OCC(o) != c.canonical {
			t.Errorf("%s: %+v %t", c.symbol, o, ok)
		}
	}
	for _, bad := range []string{
		"", "AAPL", "271217C00200000", "AAPL271317C00200000", "AAPL270229C00200000", "AAPL271217X00200000",
		"AAPL271217C0020000", "AAPL271217C00000000", "AAPL 271217C00200000", "aapl271217C00200000", "1APL271217C00200000",
		"AAPLAAP271217C00200000", "AAPL271217C0020000A", "AAPL2712 7C00200000", "      271217C00200000", " AAPL 271217C00200000",
	} {
		if o, ok := ParseOCC(bad); ok {
			t.Errorf("%q is understood as %+v", bad, o)
		}
	}
}

func FuzzParseOCC(f *testing.F) {
	f.Add("AAPL271217C00200000")
	f.Add("F     241108P00005500")
	f.Add("TSLA1260116P00012345")
	f.Add("AAPL270229C00200000")
	m := New("weft")
	f.Fuzz(func(t *testing.T, symbol string) {
		o, ok := ParseOCC(symbol)
		if !ok {
			return
		}
		again, ok := ParseOCC(OCC(o))
		if !ok || OCC(again) != OCC(o) || again.ExpirationDate != o.ExpirationDate || !again.StrikePrice.Equal(o.StrikePrice) {
			t.Fatalf("%q: %+v, read again %+v", symbol, o, again)
		}
		if s, ok := m.Security(symbol); !ok || s.Key != OCC(o) {
			t.Fatalf("%q: security %q", symbol, s.Key)
		}
		m.Price(symbol, o.ExpirationDate.AddDays(-30))
	})
}

func FuzzLookup(f *testing.F) {
	for _, s := range []string{"UST-13W-20261029", "UST-2Y-20271031", "HBL26", "UST-30Y-20540815", "ORC99"} {
		f.Add(s)
	}
	m := New("weft")
	f.Fuzz(func(t *testing.T, ticker string) {
		if s, ok := m.Security(ticker); ok {
			m.Price(ticker, day("2026-01-01"))
			m.Actions(ticker, firstDay, lastDay)
			if again, ok := m.Security(s.Key); !ok || again.Key != s.Key {
				t.Fatalf("%q: key %q is not known", ticker, s.Key)
			}
		}
	})
}

func TestOptionPrices(t *testing.T) {
	m := New("weft")
	expiry := m.Expiry(day("2026-06-01"))
	if expiry.String() != "2026-06-18" {
		t.Errorf("expiry %s: the third Friday of June 2026 is Juneteenth", expiry)
	}
	for _, kind := range []string{"call", "put"} {
		for _, strike := range []string{"50", "200", "260", "500"} {
			o := plaid.OptionContract{ContractType: kind, ExpirationDate: expiry, StrikePrice: plaid.Dec(strike), UnderlyingSecurityTicker: "AAPL"}
			for d := expiry.AddDays(-200); d <= expiry.AddDays(5); d++ {
				p, ok := m.Price(OCC(o), d)
				if !ok {
					t.Fatalf("%s has no price on %s", OCC(o), d)
				}
				spot, _ := m.Price("AAPL", min(d, expiry))
				intrinsic := spot.Sub(o.StrikePrice)
				if kind == "put" {
					intrinsic = intrinsic.Neg()
				}
				if intrinsic.Sign() < 0 {
					intrinsic = plaid.Decimal{}
				}
				if d >= expiry && !p.Equal(intrinsic) || p.Cmp(intrinsic) < 0 || p.Sub(intrinsic).Cmp(spot) > 0 {
					t.Fatalf("%s on %s: %s, intrinsic %s, spot %s", OCC(o), d, p, intrinsic, spot)
				}
			}
		}
	}
	// Expiries were once Saturdays, and some fall on holidays: the last trading day before it settles the option.
	spot, _ := m.Price("AAPL", day("2026-04-04"))
	for _, expiry := range []string{"260404", "260403"} {
		p, ok := m.Price("AAPL"+expiry+"C00001000", day("2026-04-02"))
		if !ok || !p.Equal(spot.Sub(plaid.Dec("1"))) || m.PriceDate("AAPL"+expiry+"C00001000", day("2026-04-09")) != day("2026-04-02") {
			t.Errorf("%s: %s with the share at %s", expiry, p, spot)
		}
		if p, _ := m.Price("AAPL"+expiry+"C"+"00900000", day("2026-04-02")); !p.IsZero() {
			t.Errorf("%s: %s is left on the last day", expiry, p)
		}
	}
	if _, ok := m.Price("ZZZZ271217C00200000", day("2026-01-01")); ok {
		t.Error("an option on an unknown share has a price")
	}
	if s, ok := m.Security("ZZZZ271217C00200000"); !ok || s.OptionContract == nil {
		t.Error("an option on an unknown share is not described")
	}
}

// TestDebtPullsToPar follows each kind of debt through its life: in the end its price is 100, and until then a bill's is
// below and a note's near it.
func TestDebtPullsToPar(t *testing.T) {
	m := New("weft")
	for _, pattern := range []string{"UST-4W-*", "UST-13W-*", "UST-52W-*", "UST-2Y-*", "UST-5Y-*", "UST-10Y-*", "UST-30Y-*"} {
		for d := day("2024-02-28"); d < day("2024-03-20"); d++ {
			ticker, ok := m.Current(pattern, d)
			s, ok2 := m.Security(ticker)
			if !ok || !ok2 || *s.FixedIncome.IssueDate > d || *s.FixedIncome.MaturityDate <= d {
				t.Fatalf("%s on %s: %s %+v", pattern, d, ticker, s.FixedIncome)
			}
		}
		ticker, _ := m.Current(pattern, day("2024-03-11"))
		s, _ := m.Security(ticker)
		end, low, high := *s.FixedIncome.MaturityDate, plaid.Dec("55"), plaid.Dec("145")
		for d := m.NextTradingDay(*s.FixedIncome.IssueDate); d < end; d++ {
			p, ok := m.Price(ticker, d)
			if !ok || p.Cmp(low) < 0 || p.Cmp(high) > 0 || *s.Subtype == "bill" && p.Cmp(plaid.Dec("100")) >= 0 {
				t.Fatalf("%s on %s: %s %t", ticker, d, p, ok)
			}
		}
		near, _ := m.Price(ticker, end.AddDays(-1))
		if gap := near.Sub(plaid.Dec("100")).Abs(); gap.Cmp(plaid.Dec("0.1")) > 0 {
			t.Errorf("%s: %s on the last day", ticker, near)
		}
		if p, _ := m.Price(ticker, end.AddDays(99)); p.String() != "100" {
			t.Errorf("%s: %s after its maturity", ticker, p)
		}
		if _, ok := m.Price(ticker, s.FixedIncome.IssueDate.AddDays(-1)); ok {
			t.Errorf("%s has a price before its issue", ticker)
		}
	}
}

func TestCoupons(t *testing.T) {
	m := New("weft")
	list := m.Actions("UST-2Y-20271031", firstDay, lastDay)
	if len(list) != 5 {
		t.Fatalf("%d actions: %+v", len(list), list)
	}
	for i, want := range []string{"2026-04-30", "2026-11-02", "2027-04-30", "2027-11-01", "2027-11-01"} {
		if list[i].Date != day(want) {
			t.Errorf("action %d on %s, want %s", i, list[i].Date, want)
		}
	}
	if list[4].Kind != Maturity || list[3].Kind != Interest {
		t.Error("the last coupon comes before the redemption")
	}
	if n := len(m.Actions("UST-2Y-20271031", day("2026-11-01"), day("2026-11-30"))); n != 1 {
		t.Errorf("%d actions in November 2026: a coupon due on Saturday is paid on Monday", n)
	}
	half := list[0].Amount
	if a := m.Accrued("UST-2Y-20271031", day("2026-07-30")); a.Cmp(half.Mul(plaid.Dec("0.48"))) < 0 || a.Cmp(half.Mul(plaid.Dec("0.52"))) > 0 {
		t.Errorf("half-way through a coupon of %s, %s has accrued", half, a)
	}
	for _, none := range []string{"AAPL", "UST-13W-20261029", "NONE"} {
		if !m.Accrued(none, day("2026-07-30")).IsZero() {
			t.Errorf("%s accrues interest", none)
		}
	}
}

// TestAnyTwoYearsHaveAllActions is the promise that personas build on.
func TestAnyTwoYearsHaveAllActions(t *testing.T) {
	m := New("weft")
	for from := day("2015-01-01"); from < day("2035-01-01"); from += 17 {
		to := from.AddDays(730)
		held, ok := m.Current("HBL*", from)
		if !ok {
			t.Fatalf("no HBL on %s", from)
		}
		for ticker, kind := range map[string]ActionKind{
			"TWFD": Split, "AAPL": Dividend, "AGTHX": CapitalGain, "ORCH": SpinOff, held: Merger,
		} {
			n := 0
			for _, a := range m.Actions(ticker, from, to) {
				if a.Date < from || a.Date > to || !m.TradingDay(a.Date) || a.PayDate < a.Date {
					t.Fatalf("%+v is not in %s..%s", a, from, to)
				}
				if a.Kind == kind {
					n++
				}
			}
			if n == 0 {
				t.Errorf("no %s of %s in %s..%s", kind, ticker, from, to)
			}
		}
	}
}

func TestActionsDoNotDependOnTheWindow(t *testing.T) {
	m := New("weft")
	for _, ticker := range []string{"TWFD", "AGTHX", "ORCH", "HBL25", "UST-30Y-20540815", "O", "CSTL-5.25-2045"} {
		whole := m.Actions(ticker, day("2023-01-01"), day("2027-12-31"))
		var parts []Action
		for d := day("2023-01-01"); d <= day("2027-12-31"); d++ {
			parts = append(parts, m.Actions(ticker, d, d)...)
		}
		if len(whole) != len(parts) || len(whole) == 0 {
			t.Fatalf("%s: %d actions in all, %d day by day", ticker, len(whole), len(parts))
		}
		for i := range whole {
			if whole[i].Date != parts[i].Date || whole[i].Kind != parts[i].Kind || whole[i].Amount.String() != parts[i].Amount.String() {
				t.Errorf("%s: %+v or %+v", ticker, whole[i], parts[i])
			}
		}
	}
}

func TestSplitHalvesThePrice(t *testing.T) {
	m := New("weft")
	for y := 2005; y < 2060; y++ {
		a := m.Actions("TWFD", yearly(y, "06-01"), yearly(y, "06-30"))
		if len(a) != 1 {
			t.Fatalf("%d: %d actions", y, len(a))
		}
		before, _ := m.Price("TWFD", a[0].Date.AddDays(-1))
		after, _ := m.Price("TWFD", a[0].Date)
		ratio := before.Div(after, 4)
		if ratio.Cmp(plaid.Dec("1.6")) < 0 || ratio.Cmp(plaid.Dec("2.5")) > 0 {
			t.Errorf("%s: from %s to %s", a[0].Date, before, after)
		}
		if before.Cmp(plaid.Dec("30")) < 0 || before.Cmp(plaid.Dec("800")) > 0 {
			t.Errorf("%s: price %s", a[0].Date, before)
		}
	}
}

func TestMergerTerms(t *testing.T) {
	m := New("weft")
	a := m.Actions("HBL25", day("2026-01-01"), day("2026-12-31"))
	if len(a) != 1 || a[0].Kind != Merger || a[0].Into != "CSTL" {
		t.Fatalf("%+v", a)
	}
	last, _ := m.Price("HBL25", a[0].Date)
	into, _ := m.Price("CSTL", a[0].Date.AddDays(-1))
	offer := into.Mul(a[0].Ratio).Add(a[0].Amount)
	if gap := last.Sub(offer).Abs(); gap.Cmp(offer.Mul(plaid.Dec("0.05"))) > 0 {
		t.Errorf("the last price is %s, the offer %s", last, offer)
	}
	if m.PriceDate("HBL25", day("2027-05-05")) >= a[0].Date {
		t.Error("HBL25 trades after its merger")
	}
	if _, ok := m.Price("HBL25", day("2025-01-15")); ok {
		t.Error("HBL25 has a price before it was listed")
	}
}

func TestCheckDigits(t *testing.T) {
	for _, s := range []string{"037833100", "02079K305", "88160R101", "912797HE0", "G3323L100"} {
		if !plaid.ValidCUSIP(s) {
			t.Errorf("CUSIP %s", s)
		}
	}
	for _, s := range []string{"037833101", "03783310", "0378331000", "02079k305", ""} {
		if plaid.ValidCUSIP(s) {
			t.Errorf("CUSIP %s passes", s)
		}
	}
	for _, s := range []string{"US0378331005", "IE00BK5BQT80", "DE0007236101", "KYG3323L1005", "US912797HE05"} {
		if s == "US912797HE05" {
			s = isinOfCUSIP("912797HE0")
		}
		if !plaid.ValidISIN(s) {
			t.Errorf("ISIN %s", s)
		}
	}
	for _, s := range []string{"US0378331006", "0S0378331005", "US037833100", ""} {
		if plaid.ValidISIN(s) {
			t.Errorf("ISIN %s passes", s)
		}
	}
	for _, n := range []int{0, 1, 33, 34, 1_336_335} {
		c := derivedCUSIP(treasuryFamily, n)
		if f, got, ok := derivedNumber(c); !ok || got != n || f != treasuryFamily {
			t.Errorf("%s: %d", c, got)
		}
	}
}

func TestScaleExp(t *testing.T) {
	for _, c := range []struct {
		base    uint64
		x, dbl  int64
		want    uint64
		epsilon uint64
	}{
		{1_000_000_000, 0, 0, 1_000_000_000, 0},
		{1_000_000_000, nano, 0, 2_718_281_828, 20},
		{1_000_000_000, -nano, 0, 367_879_441, 5},
		{1_000_000_000, 693_147_181, -1, 1_000_000_000, 5},
		{1_000_000_000, 10 * nano, 0, 22_026_465_794_806, 200_000},
		{1, -60 * nano, 0, 0, 0},
		{1 << 60, 10 * nano, 0, 1 << 62, 0},
		{5, 0, -200, 0, 0},
	} {
		got := scaleExp(c.base, c.x, c.dbl)
		if got > c.want+c.epsilon || got+c.epsilon < c.want {
			t.Errorf("%d x exp(%d) = %d, want %d", c.base, c.x, got, c.want)
		}
	}
}

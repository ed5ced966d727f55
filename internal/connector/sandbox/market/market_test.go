package market

import (
	"fmt"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"weft/internal/plaid"
)

var day = plaid.MustDate

func tickers() []string {
	m := New("x")
	list := []string{
		"AAPL271217C00200000", "F241108C00005000", "NFLX180201C00355000", "TSLA261218P00150000",
		"UST-13W-20261029", "UST-52W-20260402", "UST-2Y-20271031", "UST-10Y-20350215", "UST-30Y-20540815",
		"HBL24", "HBL25", "HBL26", "ORC24", "ORC25",
	}
	for t := range m.listed {
		list = append(list, t)
	}
	return list
}

// TestMasterData holds every security to the contract's enumerations and its identifiers to their check digits.
func TestMasterData(t *testing.T) {
	m := New("seed")
	cusips := map[string]string{}
	for _, ticker := range tickers() {
		s, ok := m.Security(ticker)
		if !ok {
			t.Fatalf("%s: unknown", ticker)
		}
		if s.Key != ticker || *s.TickerSymbol != ticker || *s.Name == "" || s.IsCashEquivalent == nil {
			t.Errorf("%s: incomplete: %+v", ticker, s)
		}
		if !plaid.Known(plaid.SecurityTypes, *s.Type) || !plaid.Known(plaid.SecuritySubtypes, *s.Subtype) {
			t.Errorf("%s: %s/%s is not in the contract", ticker, *s.Type, *s.Subtype)
		}
		if s.CFICode != nil && len(*s.CFICode) != 6 {
			t.Errorf("%s: cfi_code %s", ticker, *s.CFICode)
		}
		if s.ISOCurrencyCode == nil || s.UnofficialCurrencyCode != nil || s.ClosePrice != nil {
			t.Errorf("%s: currency or close price", ticker)
		}
		if s.ISIN != nil && !plaid.ValidISIN(*s.ISIN) {
			t.Errorf("%s: ISIN %s", ticker, *s.ISIN)
		}
		if s.CUSIP == nil {
			continue
		}
		if !plaid.ValidCUSIP(*s.CUSIP) || cusips[*s.CUSIP] != "" {
			t.Errorf("%s: CUSIP %s is wrong or also that of %q", ticker, *s.CUSIP, cusips[*s.CUSIP])
		}
		cusips[*s.CUSIP] = ticker
		for _, found := range []func() string{
			func() string { f, _ := m.Find(*s.ISIN, "", ""); return f.Key },
			func() string { f, _ := m.Find("", *s.CUSIP, "NONE"); return f.Key },
			func() string { f, _ := m.Find("", "", ticker); return f.Key },
		} {
			if got := found(); got != ticker {
				t.Errorf("%s: found as %q", ticker, got)
			}
		}
	}
}

func TestFind(t *testing.T) {
	m := New("seed")
	for _, c := range []struct{ isin, cusip, ticker, want string }{
		{"US0378331005", "", "", "AAPL"},
		{"us0378331005", "", "", "AAPL"},
		{"", "", "CUR:BTC", "BTC"},
		{"", "", "CUR:USD", "USD"},
		{"US0000000000", "594918104", "AAPL", "MSFT"},
		{"", "", "F     241108C00005000", "F241108C00005000"},
		{"", "", "", ""},
		{"", "", "NYA", ""},
	} {
		s, ok := m.Find(c.isin, c.cusip, c.ticker)
		if s.Key != c.want || ok != (c.want != "") {
			t.Errorf("Find(%q, %q, %q) = %q, want %q", c.isin, c.cusip, c.ticker, s.Key, c.want)
		}
	}
}

// TestGoldenPrices fixes the bytes of a few prices: they must be the same on every platform and after every change.
func TestGoldenPrices(t *testing.T) {
	m := New("weft")
	for _, c := range []struct{ ticker, day, price, on string }{
		{"AAPL", "2026-01-15", "324.17", "2026-01-15"},
		{"AAPL", "2026-10-11", "235.88", "2026-10-09"},
		{"BTC", "2026-10-11", "278601.63", "2026-10-11"},
		{"TWFD", "2026-06-12", "111.85", "2026-06-12"},
		{"TWFD", "2026-06-15", "53.33", "2026-06-15"},
		{"HBL25", "2026-09-30", "21.16", "2026-09-30"},
		{"ORC26", "2026-09-30", "32.88", "2026-09-30"},
		{"AAPL271217C00200000", "2026-09-30", "56.62", "2026-09-30"},
		{"UST-13W-20261029", "2026-09-30", "99.675", "2026-09-30"},
		{"UST-10Y-20350215", "2026-09-30", "103.138", "2026-09-30"},
		{"DOGE", "2021-05-25", "0.326336", "2021-05-25"},
		{"EUR", "2026-01-01", "1", "2026-01-01"},
		{"SPAXX", "2026-01-03", "1.00", "2026-01-03"},
	} {
		p, ok := m.Price(c.ticker, day(c.day))
		on := m.PriceDate(c.ticker, day(c.day))
		if !ok || p.String() != c.price || on.String() != c.on {
			t.Errorf("{%q, %q, %q, %q},", c.ticker, c.day, p.String(), on)
		}
	}
}

// TestPricesAreStable asks two markets of one seed in different orders: an answer depends on nothing but its question.
func TestPricesAreStable(t *testing.T) {
	a, all := New("weft"), tickers()
	other := New("other")
	differs := false
	rapid.Check(t, func(t *rapid.T) {
		ticker := rapid.SampledFrom(all).Draw(t, "ticker")
		d := plaid.Date(rapid.IntRange(int(firstDay)-400, int(lastDay)+400).Draw(t, "day"))
		p, on, ok := a.Quote(ticker, d)
		a.Price(ticker, d.AddDays(500))
		q, on2, ok2 := New("weft").Quote(ticker, d)
		if p.String() != q.String() || on != on2 || ok != ok2 {
			t.Fatalf("%s on %s: %s and %s", ticker, d, p, q)
		}
		if !ok {
			return
		}
		if on > d || on == 0 {
			t.Fatalf("%s on %s: close of %s", ticker, d, on)
		}
		if s, _ := a.Security(ticker); p.Sign() < 0 || p.Sign() == 0 && *s.Type != "derivative" {
			t.Fatalf("%s on %s: price %s", ticker, d, p)
		}
		if r, _, _ := a.Quote(ticker, on); r.String() != p.String() {
			t.Fatalf("%s: %s on %s but %s on its price date %s", ticker, p, d, r, on)
		}
		if z, _ := other.Price(ticker, d); !z.Equal(p) {
			differs = true
		}
	})
	if !differs {
		t.Error("the seed has no effect")
	}
}

// TestVolatilityIsPlausible measures the daily steps of a stock against the volatility it is given.
func TestVolatilityIsPlausible(t *testing.T) {
	w := newWalk("weft", "AAPL", 150*volatilityUnit)
	var squares, n int64
	for d := day("2015-01-01"); d < day("2030-01-01"); d++ {
		step := (w.at(d+1) - w.at(d)) / 1000 // micro
		squares += step * step
		n++
		if level := w.at(d); level > nano || level < -nano {
			t.Fatalf("%s: level %d", d, level)
		}
	}
	if got := isqrt(uint64(squares / n)); got < 14_000 || got > 16_000 {
		t.Errorf("a day's standard deviation is %d millionths, want about 15000", got)
	}
}

func TestWeekendsAndHolidays(t *testing.T) {
	m := New("weft")
	for _, d := range []string{
		"2025-01-01", "2025-01-20", "2025-02-17", "2025-04-18", "2025-05-26", "2025-06-19", "2025-07-04", "2025-09-01",
		"2025-11-27", "2025-12-25", "2024-03-29", "2026-07-03", "2027-12-24", "2023-01-02", "2026-04-03", "2026-10-10",
	} {
		if m.TradingDay(day(d)) {
			t.Errorf("%s is a trading day", d)
		}
	}
	for _, d := range []string{"2021-06-18", "2021-12-31", "2025-11-28", "2025-12-24", "2026-10-12", "2026-01-02"} {
		if !m.TradingDay(day(d)) {
			t.Errorf("%s is no trading day", d)
		}
	}
	friday, _ := m.Price("AAPL", day("2026-10-09"))
	sunday, _ := m.Price("AAPL", day("2026-10-11"))
	if !friday.Equal(sunday) || m.PriceDate("AAPL", day("2026-10-11")) != day("2026-10-09") {
		t.Error("AAPL moved at the weekend")
	}
	saturday, _ := m.Price("BTC", day("2026-10-10"))
	if next, _ := m.Price("BTC", day("2026-10-11")); next.Equal(saturday) {
		t.Error("BTC rests on Sundays")
	}
}

func TestRates(t *testing.T) {
	m := New("weft")
	eur, ok := m.Rate("EUR", "USD", day("2026-05-05"))
	back, ok2 := m.Rate("USD", "EUR", day("2026-05-05"))
	if !ok || !ok2 || eur.Mul(back).Round(4).String() != "1.0000" {
		t.Errorf("EUR %s and back %s", eur, back)
	}
	if one, ok := m.Rate("XXX", "XXX", day("2026-05-05")); !ok || one.String() != "1" {
		t.Error("a currency is worth itself")
	}
	if _, ok := m.Rate("AAPL", "USD", day("2026-05-05")); ok {
		t.Error("AAPL is no currency")
	}
	if p, _ := m.Price("EUR", day("2026-05-05")); p.String() != "1" {
		t.Errorf("a euro costs %s euros", p)
	}
}

func TestConcurrentUse(t *testing.T) {
	m := New("weft")
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for d := range 200 {
				m.Price(fmt.Sprintf("HBL%02d", 20+i), day("2026-01-01").AddDays(d))
				m.Actions("TWFD", day("2020-01-01"), day("2026-01-01"))
			}
		})
	}
	wg.Wait()
}

func BenchmarkPrice(b *testing.B) {
	m := New("weft")
	for b.Loop() {
		m.Price("AAPL", day("2026-05-05"))
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		New("weft")
	}
}

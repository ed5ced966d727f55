package recurring_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weft/internal/enrich/recurring"
	"weft/internal/plaid"
)

var today = plaid.MustDate("2026-06-30")

// rowsOn are rows of one payee on dates.
func rowsOn(name, amount string, dates ...string) (rows []recurring.Row) {
	for i, d := range dates {
		rows = append(rows, recurring.Row{ID: fmt.Sprintf("%s-%d", name, i), Date: plaid.MustDate(d), Amount: plaid.Dec(amount), Name: name, Merchant: name})
	}
	return rows
}

func TestStreams(t *testing.T) {
	for _, c := range []struct {
		name      string
		rows      []recurring.Row
		frequency recurring.Frequency
		status    recurring.Status
		next      string
	}{
		{"rent on the first, or the Monday after", rowsOn("rent", "1500", "2026-01-02", "2026-02-02", "2026-03-02", "2026-04-01", "2026-05-01", "2026-06-01"), recurring.Monthly, recurring.Mature, "2026-07-01"},
		{"the end of the month", rowsOn("gym", "30", "2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"), recurring.Monthly, recurring.Mature, "2026-06-30"},
		{"every other Friday, once on Thursday", rowsOn("pay", "-2000", "2026-04-10", "2026-04-24", "2026-05-07", "2026-05-22", "2026-06-05", "2026-06-19"), recurring.Biweekly, recurring.Mature, "2026-07-03"},
		{"the 15th and the last", rowsOn("pay", "-800", "2026-02-27", "2026-03-13", "2026-03-31", "2026-04-15", "2026-04-30", "2026-05-15", "2026-05-29", "2026-06-15"), recurring.SemiMonthly, recurring.Mature, "2026-06-30"},
		{"every Monday", rowsOn("class", "12", "2026-05-25", "2026-06-01", "2026-06-08", "2026-06-15", "2026-06-22", "2026-06-29"), recurring.Weekly, recurring.Mature, "2026-07-06"},
		{"every year", rowsOn("club", "120", "2023-07-01", "2024-07-01", "2025-07-02"), recurring.Annually, recurring.Mature, "2026-07-01"},
		{"every quarter", rowsOn("water", "60", "2025-07-01", "2025-10-01", "2026-01-02", "2026-04-01"), recurring.Unknown, recurring.Mature, "2026-07-04"},
		{"twice so far", rowsOn("music", "10.99", "2026-05-20", "2026-06-20"), recurring.Monthly, recurring.EarlyDetection, "2026-07-20"},
		{"ended", rowsOn("phone", "45", "2025-10-05", "2025-11-05", "2025-12-05", "2026-01-05"), recurring.Monthly, recurring.Tombstoned, ""},
		{"one month missing", rowsOn("save", "50", "2025-10-05", "2025-11-05", "2026-01-05", "2026-02-05", "2026-03-05", "2026-04-05", "2026-05-05", "2026-06-05"), recurring.Monthly, recurring.Mature, "2026-07-05"},
	} {
		found := recurring.Find("account", c.rows, today)
		list := append(found.Inflow, found.Outflow...)
		if len(list) != 1 {
			t.Errorf("%s: %d streams", c.name, len(list))
			continue
		}
		s := list[0]
		next := ""
		if s.Next != nil {
			next = s.Next.String()
		}
		if s.Frequency != c.frequency || s.Status != c.status || next != c.next || s.Active != (c.next != "") || len(s.TransactionIDs) != len(c.rows) {
			t.Errorf("%s: %s %s, next %q, active %t, %d rows", c.name, s.Frequency, s.Status, next, s.Active, len(s.TransactionIDs))
		}
		if (len(found.Inflow) == 1) != (c.rows[0].Amount.Sign() < 0) {
			t.Errorf("%s: the wrong direction", c.name)
		}
	}
}

// Amounts are exact, with Plaid's sign.
func TestAmounts(t *testing.T) {
	rows := rowsOn("power", "1", "2026-03-10", "2026-04-10", "2026-05-11", "2026-06-10")
	for i, a := range []string{"80.10", "95.35", "61.004", "88.2"} {
		rows[i].Amount = plaid.Dec(a)
	}
	found := recurring.Find("account", rows, today)
	if len(found.Outflow) != 1 {
		t.Fatalf("%+v", found)
	}
	if s := found.Outflow[0]; s.AverageAmount.String() != "81.164" || s.LastAmount.String() != "88.2" || s.FirstDate.String() != "2026-03-10" || s.LastDate.String() != "2026-06-10" {
		t.Errorf("%+v", s)
	}
	pay := recurring.Find("account", rowsOn("pay", "-10.01", "2026-04-01", "2026-05-01", "2026-06-01"), today).Inflow
	if len(pay) != 1 || pay[0].AverageAmount.String() != "-10.01" {
		t.Errorf("%+v", pay)
	}
}

// A subscription at a shop that is visited at other times too, and one whose price rose, are found by their amounts.
func TestAmongOtherPurchases(t *testing.T) {
	rows := rowsOn("shop", "14.99", "2025-12-09", "2026-01-09", "2026-02-09", "2026-03-09")
	rows = append(rows, rowsOn("shop ", "16.99", "2026-04-09", "2026-05-09", "2026-06-09")...)
	for i, d := range []string{"2025-12-20", "2026-01-03", "2026-01-05", "2026-02-27", "2026-04-11", "2026-05-30", "2026-06-02"} {
		rows = append(rows, recurring.Row{ID: fmt.Sprint("other", i), Date: plaid.MustDate(d), Amount: plaid.NewDecimal(int64(2117+i*i*733), -2), Name: "shop"})
	}
	for i := range rows {
		rows[i].Merchant = "Shop"
	}
	found := recurring.Find("account", rows, today)
	if len(found.Outflow) != 1 || len(found.Outflow[0].TransactionIDs) != 7 || found.Outflow[0].LastAmount.String() != "16.99" || found.Outflow[0].Frequency != recurring.Monthly {
		t.Fatalf("%+v", found.Outflow)
	}
}

// Rows without a merchant belong together by their names without numbers.
func TestNames(t *testing.T) {
	rows := rowsOn("x", "-900", "2026-04-01", "2026-05-01", "2026-06-01")
	for i := range rows {
		rows[i].Merchant, rows[i].Name = "", fmt.Sprintf("ACME CO DES:PAYROLL ID:%d99X PPD", i)
	}
	if found := recurring.Find("account", rows, today); len(found.Inflow) != 1 || found.Inflow[0].Description != rows[2].Name {
		t.Errorf("%+v", found)
	}
}

func TestTwoRowsProveLittle(t *testing.T) {
	for name, rows := range map[string][]recurring.Row{
		"other amounts": {{ID: "a", Date: today.AddDays(-31), Amount: plaid.Dec("10"), Name: "kiosk"}, {ID: "b", Date: today, Amount: plaid.Dec("11"), Name: "kiosk"}},
		"three weeks":   rowsOn("x", "10", "2026-06-01", "2026-06-22"),
		"one":           rowsOn("x", "10", "2026-06-01"),
		"same day":      rowsOn("x", "10", "2026-06-01", "2026-06-01", "2026-06-01"),
		"zero":          rowsOn("x", "0", "2026-04-01", "2026-05-01", "2026-06-01"),
	} {
		if found := recurring.Find("account", rows, today); len(found.Inflow)+len(found.Outflow) != 0 {
			t.Errorf("%s: %+v", name, found)
		}
	}
	bill := []recurring.Row{{ID: "a", Date: today.AddDays(-31), Amount: plaid.Dec("100"), Name: "water", Category: "RENT_AND_UTILITIES_WATER"},
		{ID: "b", Date: today, Amount: plaid.Dec("115"), Name: "water", Category: "RENT_AND_UTILITIES_WATER"}}
	if found := recurring.Find("account", bill, today); len(found.Outflow) != 1 {
		t.Errorf("a bill: %+v", found)
	}
}

// dueDates are n due dates of a frequency, with what each may be off.
func dueDates(frequency recurring.Frequency, start plaid.Date, n int) (dates []plaid.Date, jitter int) {
	at := start.Time()
	for i := range n {
		switch frequency {
		case recurring.Weekly:
			dates, jitter = append(dates, start.AddDays(7*i)), 1
		case recurring.Biweekly:
			dates, jitter = append(dates, start.AddDays(14*i)), 1
		case recurring.SemiMonthly:
			day := 3
			if i%2 == 1 {
				day = 18
			}
			dates, jitter = append(dates, plaid.NewDate(at.Year(), at.Month()+time.Month(i/2), day)), 1
		case recurring.Monthly:
			dates, jitter = append(dates, plaid.NewDate(at.Year(), at.Month()+time.Month(i), 11)), 2
		case recurring.Annually:
			dates, jitter = append(dates, plaid.NewDate(at.Year()+i, at.Month(), 11)), 3
		}
	}
	return dates, jitter
}

func drawStream(t *rapid.T) (rows []recurring.Row, frequency recurring.Frequency) {
	frequency = rapid.SampledFrom([]recurring.Frequency{recurring.Weekly, recurring.Biweekly, recurring.SemiMonthly, recurring.Monthly, recurring.Annually}).Draw(t, "frequency")
	// Fewer rows of two weeks may as well be twice a month.
	least := 5
	if frequency == recurring.Biweekly || frequency == recurring.SemiMonthly {
		least = 9
	}
	n := rapid.IntRange(least, 20).Draw(t, "rows")
	start := plaid.MustDate("2020-01-01").AddDays(rapid.IntRange(0, 400).Draw(t, "start"))
	cents := rapid.Int64Range(500, 200000).Draw(t, "cents")
	dates, jitter := dueDates(frequency, start, n)
	for i, d := range dates {
		off := rapid.IntRange(-jitter, jitter).Draw(t, "off")
		amount := plaid.NewDecimal(cents+rapid.Int64Range(0, cents/10).Draw(t, "more"), -2)
		rows = append(rows, recurring.Row{ID: fmt.Sprint("stream", i), Date: d.AddDays(off), Amount: amount, Name: "STREAM", Merchant: "Stream"})
	}
	return rows, frequency
}

// drawNoise draws rows of other payees: any dates, any amounts.
func drawNoise(t *rapid.T, label string) (rows []recurring.Row) {
	for i := range rapid.IntRange(0, 60).Draw(t, label) {
		who := rapid.SampledFrom([]string{"Alpha", "Beta", "Gamma", "Delta"}).Draw(t, "who")
		rows = append(rows, recurring.Row{ID: fmt.Sprint(label, i), Date: plaid.MustDate("2019-06-01").AddDays(rapid.IntRange(0, 700).Draw(t, "day")),
			Amount: plaid.NewDecimal(rapid.Int64Range(100, 90000).Draw(t, "amount"), -2), Name: who, Merchant: who})
	}
	return rows
}

// A regular series with jitter and changing amounts is found whole among noise, with its frequency, in whatever order the
// rows come; and older noise changes neither it nor its id.
func TestRegularSeriesIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		series, frequency := drawStream(t)
		day := series[len(series)-1].Date.AddDays(1)
		rows := append(slices.Clone(series), drawNoise(t, "noise")...)
		rows = rapid.Permutation(rows).Draw(t, "order")
		s, ok := streamOf(recurring.Find("account", rows, day), "Stream")
		if !ok || s.Frequency != frequency || len(s.TransactionIDs) != len(series) || s.Status != recurring.Mature || !s.Active {
			t.Fatalf("found %t: %+v", ok, s)
		}
		if s.Next == nil || *s.Next <= s.LastDate {
			t.Fatalf("the next date %v is not after %s", s.Next, s.LastDate)
		}
		older := append(rows, drawNoise(t, "older")...)
		if again, _ := streamOf(recurring.Find("account", older, day), "Stream"); again.ID != s.ID {
			t.Fatalf("the id changed from %s to %s", s.ID, again.ID)
		}
		if early, ok := streamOf(recurring.Find("account", series[:len(series)-1], day), "Stream"); ok && early.ID != s.ID {
			t.Fatalf("the id was %s before its last row", early.ID)
		}
		if other, _ := streamOf(recurring.Find("another", rows, day), "Stream"); other.ID == s.ID {
			t.Fatal("another account's stream has the same id")
		}
	})
}

func streamOf(found recurring.Streams, merchant string) (recurring.Stream, bool) {
	for _, s := range slices.Concat(found.Inflow, found.Outflow) {
		if s.Merchant == merchant {
			return s, true
		}
	}
	return recurring.Stream{}, false
}

// Payments at random times of random amounts are no streams: hardly one in a hundred lists of them has any.
func TestNoiseIsNoStream(t *testing.T) {
	lists, with := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		rows := noise(seed)
		lists++
		if found := recurring.Find("account", rows, plaid.MustDate("2021-06-01")); len(found.Inflow)+len(found.Outflow) > 0 {
			with++
		}
	})
	t.Logf("%d of %d lists of noise have a stream", with, lists)
	if with*100 > lists*3 {
		t.Errorf("%d of %d lists of noise have a stream", with, lists)
	}
}

// noise is a list of evenly random rows. (rapid prefers small numbers, which are no noise.)
func noise(seed uint64) (rows []recurring.Row) {
	next := func(n uint64) int64 {
		seed ^= seed << 13
		seed ^= seed >> 7
		seed ^= seed << 17
		return int64(seed % n)
	}
	seed = seed*2862933555777941757 + 3037000493
	for i := range 20 + next(60) {
		who := string(rune('A' + next(6)))
		rows = append(rows, recurring.Row{ID: fmt.Sprint(i), Date: plaid.MustDate("2019-06-01").AddDays(int(next(730))),
			Amount: plaid.NewDecimal(100+next(40000), -2), Name: who, Merchant: who})
	}
	return rows
}

func BenchmarkFind(b *testing.B) {
	rows := noise(7)
	for i := range 200 {
		rows = append(rows, rowsOn(fmt.Sprint("s", i%20), "10", plaid.MustDate("2024-01-01").AddDays(30*(i/20)).String())...)
	}
	b.ReportAllocs()
	for b.Loop() {
		recurring.Find("account", rows, today)
	}
}

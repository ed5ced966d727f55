package plaid_test

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weft/internal/plaid"
)

var (
	firstDate = plaid.MustDate("0001-01-01")
	lastDate  = plaid.MustDate("9999-12-31")
)

func drawDate(t *rapid.T) plaid.Date {
	return plaid.Date(rapid.Int32Range(int32(firstDate), int32(lastDate)).Draw(t, "day"))
}

func TestDateRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawDate(t)
		again, err := plaid.ParseDate(d.String())
		if err != nil || again != d {
			t.Fatalf("day %d is %s, and that is read as %d, %v", d, d, again, err)
		}
		if got := plaid.DateOf(d.Time()); got != d {
			t.Fatalf("the date of %s is %s", d.Time(), got)
		}
		if y, m, dd := d.Time().Date(); plaid.NewDate(y, m, dd) != d || *d.Ptr() != d {
			t.Fatalf("%s is not its own year, month and day", d)
		}
	})
}

func TestDateIsCountedFrom1970(t *testing.T) {
	for text, want := range map[string]plaid.Date{
		"1970-01-01": 0, "1969-12-31": -1, "2000-02-29": 11016, "0001-01-01": -719162, "9999-12-31": 2932896,
	} {
		if got := plaid.MustDate(text); got != want {
			t.Errorf("%s is day %d, want %d", text, got, want)
		}
	}
	if got := plaid.NewDate(2026, time.February, 30).String(); got != "2026-03-02" {
		t.Errorf("30 February is normalised to %s", got)
	}
}

func TestParseDateRefuses(t *testing.T) {
	for _, text := range []string{
		"", "2026", "2026-02", "2026-02-30", "2025-02-29", "1900-02-29", "2026-13-01", "2026-00-01", "2026-01-00", "2026-01-32", "2026-2-3", "2026-02-3",
		"26-02-03", "02026-02-03", "10000-01-01", "0000-01-01", "-001-01-01", "+2026-01-01", "2026-02-03T00:00:00Z", "2026-02-03 00:00:00", "2026-02-03 ", " 2026-02-03",
		"2026/02/03", "03-02-2026", "20260203", "2026-Feb-03", "２０２６-02-03", "2026-02-03\x00", "today", "null",
	} {
		if d, err := plaid.ParseDate(text); err == nil {
			t.Errorf("%q was read as %s", text, d)
		}
	}
}

func TestMustDatePanicsOnWhatIsNoDate(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	plaid.MustDate("2026-02-30")
}

func TestAddDays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, n := drawDate(t), rapid.IntRange(-400_000, 400_000).Draw(t, "n")
		if got, want := d.AddDays(n), plaid.DateOf(d.Time().AddDate(0, 0, n)); got != want {
			t.Fatalf("%s and %d days is %s, want %s", d, n, got, want)
		}
	})
}

// A moment's date is its day in UTC, wherever the moment was told.
func TestDateOfIsInUTC(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawDate(t)
		within := time.Duration(rapid.Int64Range(0, int64(24*time.Hour)-1).Draw(t, "within"))
		zone := time.FixedZone("zone", rapid.IntRange(-14*3600, 14*3600).Draw(t, "zone"))
		if got := plaid.DateOf(d.Time().Add(within).In(zone)); got != d {
			t.Fatalf("%s after the midnight of %s is %s", within, d, got)
		}
	})
}

func TestDateJSON(t *testing.T) {
	type body struct {
		Date plaid.Date  `json:"date"`
		None *plaid.Date `json:"none"`
	}
	rapid.Check(t, func(t *rapid.T) {
		in := body{Date: drawDate(t)}
		b, err := json.Marshal(in)
		if want := `{"date":"` + in.Date.String() + `","none":null}`; err != nil || string(b) != want {
			t.Fatalf("got %s, %v; want %s", b, err, want)
		}
		var out body
		if err := json.Unmarshal(b, &out); err != nil || out != in {
			t.Fatalf("%s was read as %v, %v", b, out, err)
		}
	})
	for _, text := range []string{`{"date":20260203}`, `{"date":"2026-2-3"}`, `{"date":""}`, `{"date":true}`} {
		out := body{Date: firstDate}
		if err := json.Unmarshal([]byte(text), &out); err == nil || out.Date != firstDate {
			t.Errorf("%s was read as %v, %v", text, out, err)
		}
	}
}

func TestTimestamp(t *testing.T) {
	base := time.Date(2026, 11, 20, 9, 30, 1, 0, time.FixedZone("CET", 3600))
	for after, want := range map[time.Duration]string{
		0: "2026-11-20T08:30:01Z", 20 * time.Millisecond: "2026-11-20T08:30:01.020Z", 999 * time.Microsecond: "2026-11-20T08:30:01Z",
		1_999_999: "2026-11-20T08:30:01.001Z",
	} {
		if got := plaid.Timestamp(base.Add(after)); got != want {
			t.Errorf("%s later: got %s, want %s", after, got, want)
		}
	}
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"2026-02-03", "0001-01-01", "9999-12-31", "2026-02-30", "2026-2-3", "2024-02-29", "2026-02-03T00:00:00Z"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := plaid.ParseDate(s)
		if err != nil {
			if d != 0 {
				t.Fatalf("%q is refused, but gives %s", s, d)
			}
			return
		}
		if d.String() != s {
			t.Fatalf("%q was read as %s", s, d)
		}
		if d < firstDate || d > lastDate {
			t.Fatalf("%q is day %d", s, d)
		}
	})
}

package persona

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"weft/internal/connector/sandbox/personas"
	"weft/internal/plaid"
)

func TestLoadEmbedded(t *testing.T) {
	all, err := Load(personas.FS)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"user_investor", "user_crypto", "user_retiree"} {
		p, ok := all[name]
		if !ok || p.Description == "" {
			t.Errorf("%s is missing or says nothing of itself", name)
		}
		for _, a := range p.Accounts {
			if a.Opened < 730 {
				t.Errorf("%s: account %s has less than two years of history", name, a.Key)
			}
		}
	}
}

// TestLoadIsTolerant: other files may lie beside, even ones that are no JSON; a file of this kind must be right.
func TestLoadIsTolerant(t *testing.T) {
	good := `{"kind": "books", "name": "x", "accounts": [{"key": "a", "name": "A", "type": "depository", "subtype": "checking", "currency": "USD", "cash": "USD"}]}`
	fs := fstest.MapFS{
		"user_good.json": {Data: []byte(`{"kind": "static", "anything": 1}`)}, "list.json": {Data: []byte(`[1]`)},
		"broken.json": {Data: []byte(`{`)}, "x.json": {Data: []byte(good)},
	}
	all, err := Load(fs)
	if err != nil || len(all) != 1 || all["x"].Accounts[0].Key != "a" {
		t.Errorf("%v %v", all, err)
	}
	fs["y.json"] = &fstest.MapFile{Data: []byte(good)}
	if _, err := Load(fs); err == nil || !strings.Contains(err.Error(), "y.json") {
		t.Errorf("a persona under another name: %v", err)
	}
}

func TestParseNamesAllFaults(t *testing.T) {
	account := func(kind, orders string) string {
		return `{"kind": "books", "name": "x", "accounts": [{"key": "a", "name": "A", ` + kind + `, "currency": "USD", "cash": "USD", "orders": [` + orders + `]}]}`
	}
	broker, bank := `"type": "investment", "subtype": "ira"`, `"type": "depository", "subtype": "savings"`
	for data, want := range map[string]string{
		`{"kind": "books", "name": "x", "accounts": [], "colour": 1}`:                                                  "colour",
		`{"kind": "other", "name": "x", "accounts": []}`:                                                               "kind",
		account(`"type": "bank", "subtype": "ira"`, ``):                                                                "no type",
		account(broker, `{"do": "dance", "day": 1}`):                                                                   "unknown verb",
		account(broker, `{"do": "deposit", "amount": 1}`):                                                              "either day or every",
		account(broker, `{"do": "deposit", "day": 1, "every": "month", "amount": 1}`):                                  "either day or every",
		account(broker, `{"do": "deposit", "every": "fortnight", "amount": 1}`):                                        "unknown period",
		account(broker, `{"do": "deposit", "day": 1}`):                                                                 "0 sizes",
		account(broker, `{"do": "deposit", "day": 1, "share": 0.5}`):                                                   "an amount is needed",
		account(broker, `{"do": "deposit", "day": 1, "amount": -5}`):                                                   "positive",
		account(broker, `{"do": "deposit", "day": 1, "amount": "5"}`):                                                  "not a string",
		account(broker, `{"do": "deposit", "day": 1, "amount": 5, "account": "b"}`):                                    `no other account "b"`,
		account(broker, `{"do": "buy", "day": 1, "security": "AAPL", "amount": 5, "quantity": 1}`):                     "2 sizes",
		account(broker, `{"do": "buy", "day": 1, "amount": 5}`):                                                        "either security or option",
		account(bank, `{"do": "buy", "day": 1, "security": "AAPL", "amount": 5}`):                                      "only investment accounts",
		account(broker, `{"do": "buy", "day": 1, "option": {"underlying": "T", "type": "both"}, "quantity": 1}`):       "a call or a put",
		account(broker, `{"do": "fee", "day": 1, "amount": 5, "subtype": "tip"}`):                                      "no subtype of a fee",
		account(broker, `{"do": "grant", "day": 1, "security": "AAPL", "quantity": 5}`):                                "vesting",
		account(broker, `{"do": "transfer in", "day": 1, "security": "AAPL", "amount": 5}`):                            "a quantity is needed",
		account(broker, `{"do": "distribution", "day": 1, "security": "AAPL", "quantity": 5}`):                         "no meaning",
		account(broker, `{"do": "reward", "day": 1, "security": "AAPL", "quantity": 5}`):                               "a reward is a share",
		account(broker, `{"do": "sell short", "day": 1, "security": "AAPL", "quantity": 5, "limit": 1.1, "good": 3}`):  "only buying and selling",
		account(broker, `{"do": "buy", "day": 1, "security": "AAPL", "quantity": 5, "limit": 0.9}`):                    "good for days",
		account(broker, `{"do": "buy", "day": 1, "security": "AAPL", "quantity": 5, "broken": "soon"}`):                "vanishes or is reversed",
		account(broker, `{"do": "buy", "day": 1, "security": "AAPL", "quantity": 5, "broken": "vanishes", "fees": 1}`): "has no fees",
	} {
		if _, err := Parse([]byte(data)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", data, err, want)
		}
	}
	two := account(broker, `{"do": "dance", "day": 1}, {"do": "deposit", "day": 1}`)
	if _, err := Parse([]byte(two)); err == nil || !strings.Contains(err.Error(), "order 1") || !strings.Contains(err.Error(), "order 2") {
		t.Errorf("both faults: %v", err)
	}
}

func TestRecurring(t *testing.T) {
	day := plaid.MustDate
	for _, c := range []struct {
		every       string
		on          int
		first, last string
		want        string
	}{
		{"week", 0, "2026-01-01", "2026-01-20", "2026-01-01 2026-01-08 2026-01-15"},
		{"two weeks", 9, "2026-01-01", "2026-01-20", "2026-01-01 2026-01-15"},
		{"month", 31, "2026-01-15", "2026-04-30", "2026-01-31 2026-02-28 2026-03-31 2026-04-30"},
		{"month", 10, "2026-01-15", "2026-03-10", "2026-02-10 2026-03-10"},
		{"month", 0, "2026-01-30", "2026-04-01", "2026-01-30 2026-02-28 2026-03-30"},
		{"quarter", 1, "2025-12-01", "2026-08-01", "2025-12-01 2026-03-01 2026-06-01"},
		{"half year", 2, "2025-12-03", "2026-08-01", "2026-01-02 2026-07-02"},
		{"year", 29, "2024-02-29", "2026-03-01", "2024-02-29 2025-02-28 2026-02-28"},
		{"year", 1, "2026-02-02", "2026-02-20", ""},
	} {
		var got []string
		for _, d := range Recurring(c.every, c.on, day(c.first), day(c.last)) {
			got = append(got, d.String())
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s on %d from %s to %s: %v", c.every, c.on, c.first, c.last, got)
		}
	}
}

// TestDaysOnlyGrow: a later last day adds days and changes none.
func TestDaysOnlyGrow(t *testing.T) {
	end, made := 300, plaid.MustDate("2026-10-01")
	for _, every := range []string{"week", "two weeks", "month", "quarter", "half year", "year"} {
		o := Order{Every: every, On: 31, Start: -700, End: &end}
		var before []plaid.Date
		for last := made.AddDays(-710); last < made.AddDays(400); last++ {
			now := o.Days(made, last)
			if len(now) < len(before) || !slices.Equal(now[:len(before)], before) {
				t.Fatalf("%s: %v, then %v", every, before, now)
			}
			before = now
		}
		if len(before) == 0 || before[len(before)-1] > made.AddDays(end) {
			t.Errorf("%s: %v", every, before)
		}
	}
}

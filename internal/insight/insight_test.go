package insight_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"weft/internal/insight"
	"weft/internal/plaid"
)

// plain is an input of one checking account in dollars with these rows.
func plain(rows ...series) insight.Input {
	h := household{Name: "h", AsOf: plaid.MustDate("2026-06-30"), Rows: rows,
		Accounts: []insight.Account{{ID: "chk", Name: "Checking", Type: "depository", Subtype: "checking", Currency: "USD"}}}
	return h.input()
}

func subscription(merchant, from string, times int, price string) series {
	return series{Merchant: merchant, Category: "ENTERTAINMENT_TV_AND_MOVIES", From: plaid.MustDate(from), Times: times, Months: 1, Amount: plaid.Dec(price)}
}

// An insight tells all that there is to tell, and proves it.
func TestAnInsightIsWhole(t *testing.T) {
	in := plain(subscription("Netflix", "2025-10-05", 5, "1015.49"), subscription("Netflix", "2026-03-05", 4, "1045.49"))
	in.Options = insight.Options{CTABase: "https://app.example/money/", ImageBase: "https://weft.example/images/"}
	found := insight.Find(in)
	if len(found) != 1 {
		t.Fatalf("%+v", found)
	}
	want := insight.Insight{Kind: insight.PriceRise, UID: found[0].UID, CTAURL: "https://app.example/money/subscription_price_rise",
		Text:  "Netflix rose from 1,015.49 USD to 1,045.49 USD on 2026-03-05. Over 12 payments a year that is 360.00 USD more.",
		Image: "https://weft.example/images/price-rise.svg", About: "Netflix", Recommendation: "Netflix", AmountFound: plaid.Dec("360.00"), Currency: "USD",
		Date: plaid.MustDate("2026-03-05"), TransactionID: "h-01-00", Proof: insight.Proof{AccountIDs: []string{"chk"},
			TransactionIDs: []string{"h-00-00", "h-00-01", "h-00-02", "h-00-03", "h-00-04", "h-01-00", "h-01-01", "h-01-02", "h-01-03"}}}
	if got, _ := json.Marshal(found[0]); found[0].UID == "" || !sameJSON(got, want) {
		t.Errorf("%s", got)
	}
	in.Options = insight.Options{}
	if bare := insight.Find(in)[0]; bare.CTAURL != "" || bare.Image != "price-rise.svg" || bare.UID != found[0].UID {
		t.Errorf("%+v", bare)
	}
	// The next payment changes nothing but the proof.
	in.AsOf = in.AsOf.AddDays(31)
	next := in.Transactions[len(in.Transactions)-1]
	next.ID, next.Date = "next", plaid.MustDate("2026-07-05")
	in.Transactions = append(in.Transactions, next)
	if later := insight.Find(in); len(later) != 1 || later[0].UID != found[0].UID || later[0].TransactionID != "h-01-00" || len(later[0].Proof.TransactionIDs) != 10 {
		t.Errorf("%+v", later)
	}
}

func sameJSON(got []byte, want any) bool {
	text, _ := json.Marshal(want)
	return string(got) == string(text)
}

// What nearly is one, and is none; each beside what is one.
func TestNearMisses(t *testing.T) {
	rent := series{Merchant: "Landlord", Category: "RENT_AND_UTILITIES_RENT", From: plaid.MustDate("2026-01-01"), Times: 5, Months: 1, Amount: plaid.Dec("900")}
	for name, c := range map[string]struct {
		rows []series
		want string
	}{
		"two payments are no habit":  {[]series{subscription("Hulu", "2026-02-10", 2, "10"), subscription("Hulu", "2026-04-10", 3, "12")}, ""},
		"three are":                  {[]series{subscription("Hulu", "2026-01-10", 3, "10"), subscription("Hulu", "2026-04-10", 3, "12")}, "subscription_price_rise 24.00"},
		"one at the new price":       {[]series{subscription("Hulu", "2026-03-10", 3, "10"), subscription("Hulu", "2026-06-10", 1, "10.50")}, "subscription_price_rise 6.00"},
		"it fell":                    {[]series{subscription("Hulu", "2026-01-10", 3, "12"), subscription("Hulu", "2026-04-10", 3, "10")}, ""},
		"a few cents":                {[]series{subscription("Hulu", "2026-01-10", 3, "10"), subscription("Hulu", "2026-04-10", 3, "10.05")}, ""},
		"two years ago":              {[]series{subscription("Hulu", "2024-01-10", 3, "10"), subscription("Hulu", "2024-04-10", 27, "12")}, ""},
		"it ended":                   {[]series{subscription("Hulu", "2025-10-10", 3, "10"), subscription("Hulu", "2026-01-10", 3, "12")}, ""},
		"both prices stay":           {[]series{subscription("Hulu", "2026-01-10", 6, "10"), subscription("Hulu", "2026-04-12", 3, "12")}, ""},
		"a rent is no subscription":  {[]series{rent, {Merchant: "Landlord", Category: rent.Category, On: []plaid.Date{plaid.MustDate("2026-06-01")}, Amount: plaid.Dec("950")}}, ""},
		"equal amounts with zeros":   {[]series{subscription("Hulu", "2026-01-10", 2, "10"), subscription("Hulu", "2026-03-10", 1, "10.00"), subscription("Hulu", "2026-04-10", 3, "12")}, "subscription_price_rise 24.00"},
		"three charges are a habit":  {[]series{shop("2026-06-10", 3, "70.10")}, ""},
		"two charges":                {[]series{shop("2026-06-10", 2, "70.10")}, "duplicate_charge 70.10"},
		"two long ago":               {[]series{shop("2026-03-10", 2, "70.10")}, ""},
		"two small ones":             {[]series{shop("2026-06-10", 2, "7.10")}, ""},
		"two round ones":             {[]series{shop("2026-06-10", 2, "45.00")}, ""},
		"two large round ones":       {[]series{shop("2026-06-10", 2, "450")}, "duplicate_charge 450.00"},
		"what comes often in double": {[]series{shop("2026-06-10", 2, "70.10"), shop("2026-05-10", 2, "12.33"), shop("2026-04-10", 2, "33.33")}, ""},
		"trials are not for years":   {[]series{subscription("Hulu", "2026-02-01", 1, "1"), subscription("Hulu", "2026-03-01", 2, "12")}, ""},
		"a fee of a few cents":       {[]series{{Name: "ATM FEE", Category: "BANK_FEES_ATM_FEES", On: []plaid.Date{plaid.MustDate("2026-06-01")}, Amount: plaid.Dec("0.50")}}, ""},
		"a fee of last year":         {[]series{{Name: "ATM FEE", Category: "BANK_FEES_ATM_FEES", On: []plaid.Date{plaid.MustDate("2025-06-30")}, Amount: plaid.Dec("5")}}, ""},
		"a fee within the year":      {[]series{{Name: "ATM FEE", Category: "BANK_FEES_ATM_FEES", On: []plaid.Date{plaid.MustDate("2025-07-01")}, Amount: plaid.Dec("5")}}, "avoidable_fee 5.00"},
		"of tomorrow":                {[]series{{Name: "ATM FEE", Category: "BANK_FEES_ATM_FEES", On: []plaid.Date{plaid.MustDate("2026-07-01")}, Amount: plaid.Dec("5")}}, ""},
	} {
		var got []string
		for _, i := range insight.Find(plain(c.rows...)) {
			got = append(got, fmt.Sprintf("%s %s", i.Kind, i.AmountFound))
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: %q, not %q", name, got, c.want)
		}
	}
}

func shop(day string, times int, amount string) series {
	return series{Merchant: "Hardware Store", Category: "HOME_IMPROVEMENT_HARDWARE", On: slices.Repeat([]plaid.Date{plaid.MustDate(day)}, times), Amount: plaid.Dec(amount)}
}

// Amounts of two currencies are never one.
func TestCurrenciesStayApart(t *testing.T) {
	in := plain(shop("2026-06-10", 2, "70.10"))
	in.Transactions[1].Currency = "CAD"
	if found := insight.Find(in); len(found) != 0 {
		t.Errorf("%+v", found)
	}
	for _, r := range []insight.Transaction{{Currency: "JPY"}, {Currency: "USD"}} {
		in := plain(shop("2026-06-10", 2, "801"))
		for i := range in.Transactions {
			in.Transactions[i].Currency = r.Currency
		}
		if found := insight.Find(in); (len(found) == 0) != (r.Currency == "JPY") {
			t.Errorf("801 %s: %+v", r.Currency, found)
		}
	}
}

// The order of what is given does not matter, nor that a row is given twice.
func TestOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := generate(rapid.Uint64().Draw(t, "seed")).input()
		want := insight.Find(in)
		mixed := in
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "order"), 1))
		mixed.Transactions = append(slices.Clone(in.Transactions), in.Transactions[:len(in.Transactions)/2]...)
		mixed.Accounts, mixed.Holdings = slices.Clone(in.Accounts), slices.Clone(in.Holdings)
		r.Shuffle(len(mixed.Transactions), func(i, j int) {
			mixed.Transactions[i], mixed.Transactions[j] = mixed.Transactions[j], mixed.Transactions[i]
		})
		r.Shuffle(len(mixed.Accounts), func(i, j int) { mixed.Accounts[i], mixed.Accounts[j] = mixed.Accounts[j], mixed.Accounts[i] })
		slices.Reverse(mixed.Holdings)
		if got := insight.Find(mixed); !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v\nin order: %+v", got, want)
		}
	})
}

// Rows of others on an account of its own take no insight away and change none.
func TestOthersRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := generate(rapid.Uint64().Draw(t, "seed")).input()
		want := insight.Find(in)
		in.Accounts = append(slices.Clone(in.Accounts), insight.Account{ID: "other", Name: "Other", Type: "credit", Subtype: "credit card", Currency: "USD"})
		for i := range rapid.IntRange(1, 40).Draw(t, "rows") {
			in.Transactions = append(in.Transactions, insight.Transaction{ID: fmt.Sprint("other", i), Account: "other", Currency: "USD",
				Date: in.AsOf.AddDays(-rapid.IntRange(0, 400).Draw(t, "age")), Amount: plaid.NewDecimal(rapid.Int64Range(-90000, 90000).Draw(t, "amount"), -2),
				Name: "SOMETHING ELSE", Merchant: rapid.SampledFrom([]string{"", "Lidl", "Aldi"}).Draw(t, "merchant"), Category: "FOOD_AND_DRINK_GROCERIES"})
		}
		got := insight.Find(in)
		for _, i := range want {
			if !slices.ContainsFunc(got, func(g insight.Insight) bool { return reflect.DeepEqual(g, i) }) {
				t.Fatalf("lost: %+v", i)
			}
		}
	})
}

// Ten times the money is the same insights at ten times the figure.
func TestScale(t *testing.T) {
	ten := plaid.DecimalFromInt(10)
	times := func(d *plaid.Decimal) *plaid.Decimal {
		if d == nil {
			return nil
		}
		return d.Mul(ten).Ptr()
	}
	rapid.Check(t, func(t *rapid.T) {
		in := generate(rapid.Uint64().Draw(t, "seed")).input()
		small := insight.Find(in)
		in.Accounts = slices.Clone(in.Accounts)
		for i, a := range in.Accounts {
			in.Accounts[i].Available, in.Accounts[i].Current = times(a.Available), times(a.Current)
		}
		for i := range in.Transactions {
			in.Transactions[i].Amount = in.Transactions[i].Amount.Mul(ten)
		}
		for i := range in.Holdings {
			in.Holdings[i].Value = in.Holdings[i].Value.Mul(ten)
		}
		large := insight.Find(in)
		for _, s := range small {
			if s.Kind == insight.Trial {
				continue // what begins at ten dollars is no trial
			}
			at := slices.IndexFunc(large, func(l insight.Insight) bool { return l.UID == s.UID })
			if at < 0 || large[at].AmountFound.Sub(s.AmountFound.Mul(ten)).Abs().Cmp(plaid.Dec("0.05")) > 0 {
				t.Fatalf("%+v\nlarge: %+v", s, large)
			}
		}
	})
}

// Whatever is given, every insight is whole: its proofs are of the input, its figure is positive and in its text, its image is there.
func holds(t interface{ Fatalf(string, ...any) }, in insight.Input) {
	rows, accounts := map[string]bool{}, map[string]bool{}
	for _, r := range in.Transactions {
		rows[r.ID] = true
	}
	for _, a := range in.Accounts {
		accounts[a.ID] = true
	}
	uids := map[string]bool{}
	for _, i := range insight.Find(in) {
		_, err := fs.Stat(insight.Images(), i.Image)
		if uids[i.UID] || err != nil || i.AmountFound.Sign() <= 0 || strings.ContainsAny(i.Text, "{}") || len(i.Proof.AccountIDs) == 0 {
			t.Fatalf("%+v: %v", i, err)
		}
		uids[i.UID] = true
		for _, id := range i.Proof.TransactionIDs {
			if !rows[id] {
				t.Fatalf("%s proves %s", id, i.Kind)
			}
		}
		for _, id := range i.Proof.AccountIDs {
			if !accounts[id] {
				t.Fatalf("%s proves %s", id, i.Kind)
			}
		}
		if i.TransactionID != "" && !slices.Contains(i.Proof.TransactionIDs, i.TransactionID) {
			t.Fatalf("%s hangs on %s", i.Kind, i.TransactionID)
		}
	}
}

func TestInsightsHold(t *testing.T) {
	for seed := range uint64(100) {
		holds(t, generate(seed).input())
	}
	holds(t, insight.Input{})
}

func FuzzFind(f *testing.F) {
	f.Add([]byte("\x01\x02\x03\x04"), int32(20000))
	for seed := range byte(8) {
		var data []byte
		for i := range 200 {
			data = append(data, seed, byte(i*7), byte(i), seed^byte(i))
		}
		f.Add(data, int32(20600))
	}
	categories := []string{"ENTERTAINMENT_TV_AND_MOVIES", "BANK_FEES_ATM_FEES", "BANK_FEES_INTEREST_CHARGE", "FOOD_AND_DRINK_GROCERIES", "RENT_AND_UTILITIES_TELEPHONE", "", "x"}
	amounts := []string{"15.49", "15.490", "17.99", "0", "1", "-15.49", "3.00", "-3", "99999999999999999999999999.99", "0.0000000001", "300"}
	f.Fuzz(func(t *testing.T, data []byte, today int32) {
		in := insight.Input{AsOf: plaid.Date(today)}
		for i, kind := range []string{"depository", "credit", "investment"} {
			in.Accounts = append(in.Accounts, insight.Account{ID: fmt.Sprint(i), Type: kind, Subtype: "checking", Currency: "USD", Current: plaid.Dec("9000").Ptr()})
		}
		for i := 0; i+4 <= len(data); i += 4 {
			b := data[i : i+4]
			in.Transactions = append(in.Transactions, insight.Transaction{ID: fmt.Sprint(i), Account: fmt.Sprint(b[0] % 4), Currency: []string{"USD", "JPY", ""}[b[0]/4%3],
				Date: plaid.Date(today).AddDays(-int(b[1]) * int(1+b[3]/64)), Amount: plaid.Dec(amounts[int(b[2])%len(amounts)]), Name: strings.NewReplacer("{", "", "}", "").Replace(string(data[i:])),
				Merchant: []string{"", "Netflix", "\xff"}[b[2]/16%3], Category: categories[int(b[3])%len(categories)], Pending: b[0] > 240})
		}
		holds(t, in)
	})
}

func BenchmarkFind(b *testing.B) {
	var in insight.Input
	for seed := uint64(0); len(in.Transactions) < 10000; seed++ {
		h := generate(seed).input()
		in.AsOf = h.AsOf
		prefix := fmt.Sprint(seed)
		for _, a := range h.Accounts {
			a.ID = prefix + a.ID
			in.Accounts = append(in.Accounts, a)
		}
		for _, t := range h.Transactions {
			t.ID, t.Account = prefix+t.ID, prefix+t.Account
			in.Transactions = append(in.Transactions, t)
		}
	}
	in.Transactions = in.Transactions[:10000]
	b.Run("households", func(b *testing.B) {
		for b.Loop() {
			insight.Find(in)
		}
	})
	alike := in
	alike.Transactions = slices.Clone(in.Transactions)
	for i := range alike.Transactions {
		t := &alike.Transactions[i]
		t.Account, t.Merchant, t.Category = in.Accounts[0].ID, "Netflix", "ENTERTAINMENT_TV_AND_MOVIES"
	}
	b.Run("one payee", func(b *testing.B) {
		for b.Loop() {
			insight.Find(alike)
		}
	})
}

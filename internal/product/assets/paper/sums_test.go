package paper

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"weft/internal/plaid"
	"weft/internal/product/assets/report"
)

var dollars, euros = "USD", "EUR"

// account is an account with a balance of now and those of the days before, newest first.
func account(kind string, currency *string, now string, before ...string) report.Account {
	a := report.Account{Type: kind, Name: kind}
	a.Balances.ISOCurrencyCode, a.Balances.Current = currency, plaid.Dec(now).Ptr()
	for i, b := range before {
		a.HistoricalBalances = append(a.HistoricalBalances, report.Balance{Date: plaid.MustDate("2026-03-01").AddDays(-i), Current: plaid.Dec(b), ISOCurrencyCode: currency})
	}
	return a
}

func reportWith(accounts ...report.Account) report.Report {
	return report.Report{DateGenerated: "2026-03-02T00:00:00Z", Items: []report.Item{{Accounts: accounts}}}
}

// Debts are taken off, currencies stand apart, and a chart begins where all of its accounts have begun.
func TestTotals(t *testing.T) {
	r := reportWith(account("depository", &dollars, "100", "90", "80", "70"), account("credit", &dollars, "30", "20.5", "10"), account("loan", &dollars, "1000"),
		account("investment", &dollars, "500"), account("depository", &euros, "-5", "7"))
	totals := totalsOf(r)
	if len(totals) != 2 || totals[0].assets.String() != "600" || totals[0].debts.String() != "1030" || totals[1].assets.String() != "-5" || !totals[1].debts.IsZero() {
		t.Fatalf("%+v", totals)
	}
	got := totals[0].over(r)
	if !slices.Equal(got.values, []int64{7000, 6950, 7000}) || !slices.Equal(got.days, []string{"2026-02-28", "2026-03-01", "2026-03-02"}) ||
		got.counted != 2 || got.left != 2 || !got.shorter {
		t.Errorf("%+v", got)
	}
	if got := totals[1].over(r); !slices.Equal(got.values, []int64{700, -500}) || got.shorter || got.left != 0 {
		t.Errorf("%+v", got)
	}
}

// What came in and what went out leave out what is pending, and what is in other currencies.
func TestMoved(t *testing.T) {
	a := account("depository", &dollars, "1")
	for _, x := range []struct {
		amount   string
		currency *string
		pending  bool
	}{{"10", &dollars, false}, {"-2500.5", &dollars, false}, {"3", &dollars, true}, {"8", &euros, false}} {
		a.Transactions = append(a.Transactions, report.Transaction{Amount: plaid.Dec(x.amount), ISOCurrencyCode: x.currency, Pending: x.pending})
	}
	const want = "4 transactions: 2,500.50 USD in, 10.00 USD out. 1 pending, of 3.00 in all, in neither sum. 1 in other currencies, in neither sum."
	if got := moved(a); got != want {
		t.Error(got)
	}
}

func TestMoney(t *testing.T) {
	for in, want := range map[string]string{"0": "0.00", "-0.5": "−0.50", "1234567.891": "1,234,567.891", "999": "999.00", "1000": "1,000.00"} {
		if got := money(plaid.Dec(in)); got != want {
			t.Errorf("%s is %s, not %s", in, got, want)
		}
	}
	for in, want := range map[string]int64{"1.005": 101, "-2": -200, "9e50": mostCents, "-9e50": -mostCents} {
		if got := cents(plaid.Dec(in)); got != want {
			t.Errorf("%s is %d cents, not %d", in, got, want)
		}
	}
}

// Whatever a report has, there is a document, and it is the same each time.
func TestAnyReport(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		texts := rapid.OneOf(rapid.Just[*string](nil), rapid.Ptr(rapid.String(), false))
		amounts := rapid.Custom(func(t *rapid.T) plaid.Decimal {
			return plaid.NewDecimal(rapid.Int64().Draw(t, "digits"), rapid.Int32Range(-30, 30).Draw(t, "exponent"))
		})
		days := rapid.Custom(func(t *rapid.T) plaid.Date {
			return plaid.MustDate("2026-03-02").AddDays(-rapid.IntRange(0, 800).Draw(t, "age"))
		})
		accounts := rapid.Custom(func(t *rapid.T) report.Account {
			a := report.Account{Type: rapid.SampledFrom([]string{"depository", "credit", "loan", "investment", "brokerage", "other", ""}).Draw(t, "type"), Name: rapid.String().Draw(t, "name"),
				Mask: texts.Draw(t, "mask"), OfficialName: texts.Draw(t, "official name"), Subtype: texts.Draw(t, "subtype"), OwnershipType: texts.Draw(t, "ownership")}
			a.Balances.ISOCurrencyCode, a.Balances.Current = texts.Draw(t, "currency"), rapid.Ptr(amounts, true).Draw(t, "current")
			for i := range rapid.IntRange(0, 5).Draw(t, "days") {
				a.HistoricalBalances = append(a.HistoricalBalances, report.Balance{Date: plaid.MustDate("2026-03-01").AddDays(-i), Current: amounts.Draw(t, "balance")})
			}
			for range rapid.IntRange(0, 4).Draw(t, "transactions") {
				x := report.Transaction{Date: days.Draw(t, "date"), Amount: amounts.Draw(t, "amount"), OriginalDescription: texts.Draw(t, "description"), Pending: rapid.Bool().Draw(t, "pending")}
				if rapid.Bool().Draw(t, "insights") {
					x.Insights = &report.Insights{CreditCategory: &report.CreditCategory{Primary: rapid.String().Draw(t, "primary"), Detailed: rapid.String().Draw(t, "detailed")}}
				}
				a.Transactions = append(a.Transactions, x)
			}
			for range rapid.IntRange(0, 2).Draw(t, "owners") {
				a.Owners = append(a.Owners, plaid.Owner{Names: []string{rapid.String().Draw(t, "owner")}, Addresses: []plaid.Address{{Data: plaid.AddressData{Street: rapid.String().Draw(t, "street")}}}})
			}
			if rapid.Bool().Draw(t, "invested") {
				id := rapid.String().Draw(t, "security")
				a.Investments = &report.Investments{Holdings: []report.Holding{{SecurityID: id, Quantity: amounts.Draw(t, "quantity"), InstitutionValue: amounts.Draw(t, "value")}},
					Transactions: []report.InvestmentTransaction{{SecurityID: &id, Date: days.Draw(t, "day"), Name: rapid.String().Draw(t, "event"), Amount: amounts.Draw(t, "cash")}}}
			}
			return a
		})
		r := reportWith(rapid.SliceOfN(accounts, 0, 4).Draw(rt, "accounts")...)
		r.User.FirstName, r.ClientReportID, r.Items[0].InstitutionName = texts.Draw(rt, "first name"), texts.Draw(rt, "client's id"), rapid.String().Draw(rt, "institution")
		s := Sheet{Report: r, Warnings: []report.Warning{{WarningCode: rapid.String().Draw(rt, "warning")}}, Days: rapid.Ptr(rapid.IntRange(0, 731), true).Draw(rt, "included")}
		first, err := s.Draw()
		if err != nil || !bytes.HasPrefix(first, []byte("%PDF-")) {
			rt.Fatal(err)
		}
		text, err := json.Marshal(r)
		if err != nil {
			rt.Fatal(err)
		}
		var stored report.Report
		if err := json.Unmarshal(text, &stored); err != nil {
			rt.Fatal(err)
		}
		s.Report = stored
		if again, err := s.Draw(); err != nil || !bytes.Equal(first, again) {
			rt.Fatalf("the same report is other bytes: %v", err)
		}
	})
}

package enrich_test

import (
	"reflect"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"weft/internal/enrich"
	"weft/internal/enrich/taxonomy"
	"weft/internal/plaid"
)

func enrichLine(description, amount, account string) enrich.Result {
	return enrich.New().Enrich(enrich.Input{Description: description, Amount: plaid.Dec(amount), AccountType: account})
}

func TestNames(t *testing.T) {
	for description, want := range map[string]string{
		"PURCHASE AUTHORIZED ON 09/16 BLUE DOOR BAR SEATTLE WA S386259123456789 CARD 1234": "BLUE DOOR BAR SEATTLE WA",
		"POS PURCHASE STARBUCKS STORE 00123":                                               "Starbucks",
		"CHECKCARD 0102 SOME SHOP OAKLAND CA 24164070001234567":                            "SOME SHOP OAKLAND CA",
		"ACME WIDGETS DES:PAYROLL ID:12345 INDN:DOE CO ID:1234567890 PPD":                  "ACME WIDGETS DES:PAYROLL ID:12345 INDN:DOE CO ID:1234567890 PPD",
		"  TWO   SPACES  ": "TWO SPACES",
		"PURCHASE":         "PURCHASE",
		"***":              "***",
		"":                 "",
	} {
		if got := enrichLine(description, "1", "depository").Name; got != want {
			t.Errorf("%q is named %q, not %q", description, got, want)
		}
	}
}

func TestLocation(t *testing.T) {
	for description, want := range map[string]enrich.Location{
		"PURCHASE AUTHORIZED ON 09/16 STARBUCKS STORE 00123 SEATTLE WA S386259123456789 CARD 1234": {City: "Seattle", Region: "WA", Country: "US", StoreNumber: "00123"},
		"WALGREENS #4123 LAKE FOREST IL":          {City: "Lake Forest", Region: "IL", Country: "US", StoreNumber: "4123"},
		"WAL-MART #2341 TULSA OK 74101 US":        {City: "Tulsa", Region: "OK", PostalCode: "74101", Country: "US", StoreNumber: "2341"},
		"SOME SMALL SHOP        PORT TOWNSEND WA": {City: "Port Townsend", Region: "WA", Country: "US"},
		"SOME SMALL SHOP PORT TOWNSEND WA":        {Region: "WA", Country: "US"}, // where the city begins cannot be told
		"TIM HORTONS #1234 TORONTO ON":            {City: "Toronto", Region: "ON", Country: "CA", StoreNumber: "1234"},
		"NETFLIX.COM LOS GATOS CA":                {},
		"AMZN MKTP US*AB12 AMZN.COM/BILL WA":      {},
		"PAYPAL *STEAM GAMES 402-935-7733 WA":     {},
		"7-Eleven":                                {},
	} {
		if got := enrichLine(description, "10", "depository").Location; got != want {
			t.Errorf("%s: %+v, not %+v", description, got, want)
		}
	}
}

func TestPaymentMeta(t *testing.T) {
	for _, c := range []struct {
		description, amount string
		want                enrich.PaymentMeta
	}{
		{"CHASE CREDIT CRD AUTOPAY 240315 PPD ID: 4760039224", "10", enrich.PaymentMeta{PPDID: "4760039224", PaymentMethod: "ACH"}},
		{"GUSTO DES:PAYROLL ID:6sem INDN:JANE DOE CO ID:9138864001 PPD", "-10", enrich.PaymentMeta{PPDID: "9138864001", PaymentMethod: "ACH"}},
		{"WT FED#12345 TD BANK, NA /ORG=ACME CORP SRF# 1234 TRN#220102 RFB# 1", "-10", enrich.PaymentMeta{ByOrderOf: "ACME CORP", ReferenceNumber: "220102", PaymentMethod: "WIRE"}},
		{"Zelle payment to Maria Lopez Conf# abc123xyz", "10", enrich.PaymentMeta{Payee: "Maria Lopez", ReferenceNumber: "abc123xyz", PaymentProcessor: "Zelle"}},
		{"Zelle payment from JOHN Q PUBLIC Conf# t0q1w2e3r", "-10", enrich.PaymentMeta{Payer: "JOHN Q PUBLIC", ReferenceNumber: "t0q1w2e3r", PaymentProcessor: "Zelle"}},
		{"PAYPAL *SPOTIFY", "10", enrich.PaymentMeta{PaymentProcessor: "PayPal"}},
		{"PURCHASE AUTHORIZED ON 09/16 REF: 12 STARBUCKS", "10", enrich.PaymentMeta{}},
		{"Starbucks", "10", enrich.PaymentMeta{}},
	} {
		if got := enrichLine(c.description, c.amount, "depository").PaymentMeta; got != c.want {
			t.Errorf("%s: %+v, not %+v", c.description, got, c.want)
		}
	}
}

func TestCheckNumber(t *testing.T) {
	for description, want := range map[string]string{"CHECK 1042": "1042", "Check Paid #0000001001": "1001", "CHECK # 2217": "2217", "SHARE DRAFT 1123": "1123", "CHECK": "", "STARBUCKS 1042": ""} {
		if got := enrichLine(description, "10", "depository").CheckNumber; got != want {
			t.Errorf("%s: check number %q, not %q", description, got, want)
		}
	}
	r := enrich.New().Enrich(enrich.Input{Description: "Withdrawal", CheckNumber: "77", Kind: "CHECK", Amount: plaid.Dec("5")})
	if r.CheckNumber != "77" || r.LegacyCategoryID != "21012001" || r.V1.Detailed != "TRANSFER_OUT_OTHER_TRANSFER_OUT" {
		t.Errorf("%+v", r)
	}
}

// What the account, the bank's kind and the card network's code tell where the words do not.
func TestContext(t *testing.T) {
	e := enrich.New()
	for _, c := range []struct {
		in         enrich.Input
		v1, v2     string
		confidence enrich.Confidence
	}{
		{enrich.Input{Description: "BRANCH 12", Kind: "ATM", Amount: plaid.Dec("60")}, "TRANSFER_OUT_WITHDRAWAL", "TRANSFER_OUT_WITHDRAWAL", "HIGH"},
		{enrich.Input{Description: "BRANCH 12", Kind: "int", Amount: plaid.Dec("-0.10")}, "INCOME_INTEREST_EARNED", "INCOME_INTEREST_EARNED", "VERY_HIGH"},
		{enrich.Input{Description: "BRANCH 12", Kind: "INT", Amount: plaid.Dec("3")}, "BANK_FEES_INTEREST_CHARGE", "BANK_FEES_INTEREST_CHARGE", "VERY_HIGH"},
		{enrich.Input{Description: "QZX 12", Kind: "DIV", Amount: plaid.Dec("-3")}, "INCOME_DIVIDENDS", "INCOME_DIVIDENDS", "VERY_HIGH"},
		{enrich.Input{Description: "QZX 12", Kind: "SRVCHG", Amount: plaid.Dec("3")}, "BANK_FEES_OTHER_BANK_FEES", "BANK_FEES_OTHER_BANK_FEES", "HIGH"},
		{enrich.Input{Description: "QZX 12", Kind: "DIRECTDEP", AccountType: "depository", Amount: plaid.Dec("-900")}, "INCOME_WAGES", "INCOME_SALARY", "MEDIUM"},
		{enrich.Input{Description: "QZX 12", Kind: "POS", Amount: plaid.Dec("3")}, "GENERAL_MERCHANDISE_OTHER_GENERAL_MERCHANDISE", "OTHER_OTHER", "LOW"},
		{enrich.Input{Description: "QZX 12", Amount: plaid.Dec("3")}, "GENERAL_MERCHANDISE_OTHER_GENERAL_MERCHANDISE", "OTHER_OTHER", "LOW"},
		{enrich.Input{Description: "QZX 12", AccountType: "depository", Amount: plaid.Dec("-3")}, "TRANSFER_IN_OTHER_TRANSFER_IN", "OTHER_OTHER", "LOW"},
		{enrich.Input{Description: "QZX 12", AccountType: "credit", Amount: plaid.Dec("-3")}, "GENERAL_MERCHANDISE_OTHER_GENERAL_MERCHANDISE", "OTHER_OTHER", "LOW"},
		{enrich.Input{Description: "QZX 12", MCC: "5411", Amount: plaid.Dec("3")}, "FOOD_AND_DRINK_GROCERIES", "FOOD_AND_DRINK_GROCERIES", "HIGH"},
		{enrich.Input{Description: "QZX 12", MCC: "5816", Amount: plaid.Dec("3")}, "ENTERTAINMENT_VIDEO_GAMES", "ENTERTAINMENT_VIDEO_GAMES", "HIGH"},
		{enrich.Input{Description: "QZX", AccountType: "loan", AccountSubtype: "student", Amount: plaid.Dec("-90")}, "LOAN_PAYMENTS_STUDENT_LOAN_PAYMENT", "LOAN_PAYMENTS_STUDENT_LOAN_PAYMENT", "HIGH"},
		{enrich.Input{Description: "QZX", AccountType: "loan", AccountSubtype: "auto", Amount: plaid.Dec("-90")}, "LOAN_PAYMENTS_CAR_PAYMENT", "LOAN_PAYMENTS_CAR_PAYMENT", "HIGH"},
		{enrich.Input{Description: "WELLS FARGO BANK PMT", AccountType: "credit", Amount: plaid.Dec("-90")}, "LOAN_PAYMENTS_CREDIT_CARD_PAYMENT", "LOAN_PAYMENTS_CREDIT_CARD_PAYMENT", "HIGH"},
		{enrich.Input{Description: "TARGET 00012345", AccountType: "credit", Amount: plaid.Dec("-20")}, "GENERAL_MERCHANDISE_SUPERSTORES", "GENERAL_MERCHANDISE_SUPERSTORES", "VERY_HIGH"},
		{enrich.Input{Description: "CHECKCARD 0102", Memo: "TRADER JOE'S #541", Amount: plaid.Dec("20")}, "FOOD_AND_DRINK_GROCERIES", "FOOD_AND_DRINK_GROCERIES", "VERY_HIGH"},
		{enrich.Input{Description: "0012345", Payee: "Netflix", Amount: plaid.Dec("20")}, "ENTERTAINMENT_TV_AND_MOVIES", "ENTERTAINMENT_TV_AND_MOVIES", "VERY_HIGH"},
		{enrich.Input{Description: "Walmart DES:PAYROLL ID:1", AccountType: "depository", Amount: plaid.Dec("-900")}, "INCOME_WAGES", "INCOME_SALARY", "HIGH"},
		{enrich.Input{}, "GENERAL_MERCHANDISE_OTHER_GENERAL_MERCHANDISE", "OTHER_OTHER", "LOW"},
	} {
		r := e.Enrich(c.in)
		if r.V1.Detailed != c.v1 || r.V2.Detailed != c.v2 || r.V2.Confidence != c.confidence || r.V1.Confidence != c.confidence {
			t.Errorf("%+v: %+v, %+v", c.in, r.V1, r.V2)
		}
	}
}

// Who pays someone is an income source; a shop with a cash machine is no merchant of the withdrawal.
func TestCounterparties(t *testing.T) {
	r := enrichLine("WALMART DES:PAYROLL ID:1", "-900", "depository")
	if len(r.Counterparties) != 1 || r.Counterparties[0].Type != "income_source" || r.MerchantName != "Walmart" || r.EntityID == "" {
		t.Errorf("%+v", r)
	}
	r = enrichLine("ATM WITHDRAWAL 002342 01/05 7-ELEVEN OAKLAND CA", "60", "depository")
	if r.MerchantName != "" || r.PaymentChannel != "other" {
		t.Errorf("%+v", r)
	}
	a, b := enrichLine("STARBUCKS STORE 1", "5", "credit"), enrichLine("SBUX 22", "5", "credit")
	if a.EntityID != b.EntityID || len(a.EntityID) != 37 || a.LogoURL != "" {
		t.Errorf("%q and %q", a.EntityID, b.EntityID)
	}
	r = enrichLine("SQ *NEVER HEARD OF IT", "5", "credit")
	if len(r.Counterparties) != 2 || r.Counterparties[0].Type != "payment_terminal" || r.Counterparties[1].Confidence != "LOW" || r.MerchantName != "Never Heard Of It" {
		t.Errorf("%+v", r)
	}
	memo := enrich.New().Enrich(enrich.Input{Description: "SQ *NEVER HEARD OF IT", Memo: "POS 0012", Amount: plaid.Dec("5")})
	if !reflect.DeepEqual(memo.Counterparties, r.Counterparties) {
		t.Errorf("with a memo: %+v", memo)
	}
	if r = enrichLine("GITHUB.COM 877-448-4820 CA", "4", "credit"); r.PhoneNumber != "+18774484820" || r.PaymentChannel != "online" {
		t.Errorf("%+v", r)
	}
}

// Goroutines share an Enricher, and the same gives the same.
func TestConcurrent(t *testing.T) {
	e := enrich.New()
	lines := readLabelled(t)
	want := make([]enrich.Result, len(lines))
	for i, l := range lines {
		want[i] = e.Enrich(l.in)
	}
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for i, l := range lines {
				if got := e.Enrich(l.in); !reflect.DeepEqual(got, want[i]) {
					t.Errorf("%s: %+v, not %+v", l.in.Description, got, want[i])
				}
			}
		})
	}
	wait.Wait()
}

// valid holds any answer against what every answer must be.
func valid(t testing.TB, r enrich.Result) {
	v := reflect.ValueOf(r)
	var check func(v reflect.Value)
	check = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.String:
			if s := v.String(); !utf8.ValidString(s) || len(s) > 1600 || strings.ContainsAny(s, "\x00\n\r") {
				t.Errorf("the text %q", s)
			}
		case reflect.Struct:
			for i := range v.NumField() {
				check(v.Field(i))
			}
		case reflect.Slice:
			if v.Len() > 3 {
				t.Errorf("a list of %d", v.Len())
			}
			for i := range v.Len() {
				check(v.Index(i))
			}
		}
	}
	check(v)
	for _, version := range []taxonomy.Version{taxonomy.V1, taxonomy.V2} {
		c := r.Category(version)
		if d, ok := taxonomy.Find(c.Detailed); !ok || d.In(version).Name != c.Detailed || d.Primary != c.Primary || c.Confidence == "" {
			t.Errorf("%s: %+v", version, c)
		}
	}
	if r.PaymentChannel != enrich.Online && r.PaymentChannel != enrich.InStore && r.PaymentChannel != enrich.Other {
		t.Errorf("the channel %q", r.PaymentChannel)
	}
	if r.LegacyCategoryID == "" || len(r.LegacyCategory) == 0 {
		t.Error("no legacy category")
	}
}

func FuzzEnrich(f *testing.F) {
	for _, l := range readLabelled(f) {
		f.Add(l.in.Description, "", "", l.in.AccountType, "", "5411", l.in.Amount.Sign() < 0)
	}
	f.Add("caf\xe9 \xff *", "Crème & Brûlée\u2019s", "\x00\x01 x* 0 / : # ORG= BNF=", "loan", "CHECK", "x", true)
	f.Add(strings.Repeat("ß", 400), strings.Repeat("SQ *", 200), strings.Repeat("x ", 900), "credit", "ATM", "-1", false)
	e := enrich.New()
	f.Fuzz(func(t *testing.T, description, payee, memo, account, kind, code string, arrives bool) {
		in := enrich.Input{Description: description, Payee: payee, Memo: memo, AccountType: account, Kind: kind, MCC: code, CheckNumber: memo, Amount: plaid.Dec("12.34")}
		if arrives {
			in.Amount = in.Amount.Neg()
		}
		r := e.Enrich(in)
		valid(t, r)
		if again := e.Enrich(in); !reflect.DeepEqual(r, again) {
			t.Errorf("%+v, then %+v", r, again)
		}
	})
}

func BenchmarkEnrich(b *testing.B) {
	e := enrich.New()
	lines := readLabelled(b)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		e.Enrich(lines[i%len(lines)].in)
		i++
	}
}

// A common word within other words is no merchant of that name, nor is a word of banks the beginning of one's name.
func TestCommonWords(t *testing.T) {
	for _, description := range []string{"SEA SHELL GIFT SHOP", "FRED'S TARGET RANGE", "NEW SUBWAY TILE DEPOT", "OLD GAP ROAD FARM", "BIG LIME TAVERN", "THE NEXT CHAPTER BOOKS",
		"LITTLE ACORNS PRESCHOOL", "TRANSFER", "STUDENT LOAN REPAYMENT", "MAX SMITH", "CALM WATERS SPA", "KING STREET DINER"} {
		if r := enrichLine(description, "10", "depository"); r.MerchantName != "" {
			t.Errorf("%s: %s", description, r.MerchantName)
		}
	}
}

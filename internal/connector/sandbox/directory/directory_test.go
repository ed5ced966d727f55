package directory

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"image/png"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weft/internal/connector"
	"weft/internal/plaid"
)

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

func find(t *testing.T, list []connector.Institution, id string) connector.Institution {
	t.Helper()
	i := slices.IndexFunc(list, func(in connector.Institution) bool { return in.InstitutionID == id })
	if i < 0 {
		t.Fatalf("no institution %s", id)
	}
	return list[i]
}

func TestDocumentedInstitutionsHaveTheirPublishedIDsAndNames(t *testing.T) {
	list := New("seed").Institutions(noon)
	for _, c := range []struct {
		id, name string
		country  string
		oauth    bool
	}{
		{"ins_109508", "First Platypus Bank", "US", false},
		{"ins_130016", "First Platypus Balance Bank", "US", false},
		{"ins_109509", "First Gingham Credit Union", "US", false},
		{"ins_109510", "Tattersall Federal Credit Union", "US", false},
		{"ins_109511", "Tartan Bank", "US", false},
		{"ins_109512", "Houndstooth Bank", "US", false},
		{"ins_43", "Tartan-Dominion Bank of Canada", "CA", false},
		{"ins_116834", "Flexible Platypus Open Banking", "GB", true},
		{"ins_117650", "Royal Bank of Plaid", "GB", true},
		{"ins_127287", "Platypus OAuth Bank", "US", true},
		{"ins_132241", "First Platypus OAuth App2App Bank", "US", true},
		{"ins_117181", "Flexible Platypus Open Banking", "DE", true},
		{"ins_135858", "Windowpane Bank", "US", false},
		{"ins_132363", "Unhealthy Platypus Bank - Degraded", "US", false},
		{"ins_132361", "Unhealthy Platypus Bank - Down", "US", false},
		{"ins_133402", "Unsupported Platypus Bank - Institution Not Supported", "US", false},
		{"ins_133502", "Platypus Bank RUX Auth", "US", false},
		{"ins_133503", "Platypus Bank RUX Match", "US", false},
		{"ins_128026", "Capital One", "US", true},
	} {
		in := find(t, list, c.id)
		if in.Name != c.name || in.OAuth != c.oauth || !slices.Contains(in.CountryCodes, c.country) {
			t.Errorf("%s is %q in %v, oauth %v; want %q in %s, oauth %v", c.id, in.Name, in.CountryCodes, in.OAuth, c.name, c.country, c.oauth)
		}
		if wantDown, wantDegraded := c.id == "ins_132361", c.id == "ins_132363"; in.Down != wantDown || in.Degraded != wantDegraded {
			t.Errorf("%s: down %v, degraded %v", c.id, in.Down, in.Degraded)
		}
		if in.Supported != (c.id != "ins_133402") {
			t.Errorf("%s: supported %v", c.id, in.Supported)
		}
		if (in.PaymentInitiationMetadata != nil) != slices.Contains(in.Products, "payment_initiation") {
			t.Errorf("%s: payment metadata %v with products %v", c.id, in.PaymentInitiationMetadata, in.Products)
		}
	}
}

func TestDocumentedAuthMethods(t *testing.T) {
	list := New("seed").Institutions(noon)
	for id, want := range map[string]plaid.AuthSupportedMethods{
		"ins_109508": {InstantAuth: true},
		"ins_109512": {InstantMatch: true, AutomatedMicroDeposits: true},
		"ins_135858": {InstantMicroDeposits: true},
	} {
		if got := *find(t, list, id).AuthMetadata.SupportedMethods; got != want {
			t.Errorf("%s supports %+v, want %+v", id, got, want)
		}
	}
	for id, number := range map[string]string{"ins_109512": "021000021", "ins_135858": "333333334", "ins_109508": "011401533"} {
		if in := find(t, list, id); !slices.Contains(in.RoutingNumbers, number) {
			t.Errorf("%s has routing numbers %v, want %s among them", id, in.RoutingNumbers, number)
		}
	}
}

func TestDirectoryIsLargeAndCoversEveryCountry(t *testing.T) {
	list := New("seed").Institutions(noon)
	if len(list) != 2419 {
		t.Errorf("%d institutions, want 2419", len(list))
	}
	count := map[string]int{}
	for _, in := range list {
		for _, c := range in.CountryCodes {
			count[c]++
		}
	}
	for _, c := range plaid.CountryCodes {
		if count[c] < 10 {
			t.Errorf("%d institutions in %s, want 10 or more", count[c], c)
		}
	}
	if count["US"] < 1600 {
		t.Errorf("%d institutions in the US, want most of them", count["US"])
	}
	if len(count) != len(plaid.CountryCodes) {
		t.Errorf("countries %v are not those of the contract", count)
	}
}

func TestNothingOccursTwice(t *testing.T) {
	list := New("seed").Institutions(noon)
	ids, names, urls, routing, dtc := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	once := func(seen map[string]bool, what, value string) {
		if seen[value] {
			t.Errorf("%s %s occurs twice", what, value)
		}
		seen[value] = true
	}
	for i, in := range list {
		once(ids, "id", in.InstitutionID)
		once(urls, "url", *in.URL)
		if in.InstitutionID != "ins_117181" { // documented under the same name as ins_116834
			once(names, "name", hostName(in.Name))
		}
		for _, n := range in.DTCNumbers {
			once(dtc, "DTC number", n)
		}
		for _, n := range in.RoutingNumbers {
			if i < documentedCount { // the documented ones share the numbers of the test instructions
				routing[n] = true
				continue
			}
			once(routing, "routing number", n)
		}
	}
}

const documentedCount = 19

func TestFieldsAreAsTheContractHasThem(t *testing.T) {
	id, url := regexp.MustCompile(`^ins_[1-9][0-9]*$`), regexp.MustCompile(`^https://(www|qr)(\.[a-z0-9]+(-[a-z0-9]+)*)+\.example$`)
	color, dtc := regexp.MustCompile(`^#[0-9a-f]{6}$`), regexp.MustCompile(`^[0-9]{4}$`)
	for _, in := range New("seed").Institutions(noon) {
		if !id.MatchString(in.InstitutionID) || !url.MatchString(*in.URL) || !color.MatchString(*in.PrimaryColor) {
			t.Errorf("%s: %s %s %s", in.InstitutionID, in.Name, *in.URL, *in.PrimaryColor)
		}
		if len(in.Products) == 0 || !slices.Equal(in.Products, inOrder(plaid.Products, in.Products)) {
			t.Errorf("%s: products %v", in.InstitutionID, in.Products)
		}
		if !slices.Contains(in.Products, "balance") {
			t.Errorf("%s has no balance, which is always available", in.InstitutionID)
		}
		if in.RoutingNumbers == nil || in.DTCNumbers == nil || in.Logo != nil {
			t.Errorf("%s: a list is null, or the logo is not", in.InstitutionID)
		}
		for _, n := range in.DTCNumbers {
			if !dtc.MatchString(n) || !slices.Contains(in.Products, "investments") {
				t.Errorf("%s: DTC number %s with products %v", in.InstitutionID, n, in.Products)
			}
		}
		if m := in.AuthMetadata.SupportedMethods; m.InstantAuth && !slices.Contains(in.Products, "auth") {
			t.Errorf("%s supports instant auth but not the product", in.InstitutionID)
		}
		if p := in.PaymentInitiationMetadata; p != nil && (len(p.MaximumPaymentAmount) == 0 || !in.OAuth) {
			t.Errorf("%s: payment metadata %+v", in.InstitutionID, p)
		}
	}
}

// validRouting checks a routing number by the published rule, without the code under test.
func validRouting(n string) bool {
	if len(n) != 9 {
		return false
	}
	d := make([]int, 9)
	for i := range n {
		d[i], _ = strconv.Atoi(n[i : i+1])
	}
	return (3*(d[0]+d[3]+d[6])+7*(d[1]+d[4]+d[7])+d[2]+d[5]+d[8])%10 == 0
}

func TestRoutingNumbersAreValid(t *testing.T) {
	for i, in := range New("seed").Institutions(noon) {
		if !slices.Contains(in.CountryCodes, "US") && len(in.RoutingNumbers) > 0 {
			t.Errorf("%s has routing numbers outside the US", in.InstitutionID)
		}
		for _, n := range in.RoutingNumbers {
			if !validRouting(n) {
				t.Errorf("%s: routing number %s", in.InstitutionID, n)
			}
			if district, _ := strconv.Atoi(n[:2]); i >= documentedCount && (district < 1 || district > 32 || district > 12 && district < 21 || n[2] != '9') {
				t.Errorf("%s: routing number %s of no district, or of a real one", in.InstitutionID, n)
			}
		}
	}
}

// brandWords are words by which real banks are known. The catalogue is invented: none of them may be in it.
var brandWords = strings.Fields(`chase citi citibank wells fargo barclays hsbc lloyds natwest santander bbva caixabank sabadell
	bnp paribas agricole lyonnais desjardins scotia scotiabank rbc bmo cibc tangerine schwab fidelity vanguard etrade
	robinhood coinbase kraken binance gemini betterment wealthfront empower amex discover capitalone ally chime monzo
	starling revolut wise n26 bunq commerzbank postbank raiffeisen erste unicredit intesa fineco pekao mbank danske nordea
	swedbank handelsbanken seb dnb luminor citadele millennium novobanco kbc belfius ing rabobank abn amro aib permanent
	ulster halifax nationwide navy usaa truist regions pnc suntrust keybank citizens huntington`)

func TestCatalogueHasNoRealBrands(t *testing.T) {
	for _, in := range New("seed").Institutions(noon)[documentedCount:] {
		for _, w := range strings.Split(hostName(in.Name), "-") {
			if slices.Contains(brandWords, w) {
				t.Errorf("%s %q has the word of a real bank", in.InstitutionID, in.Name)
			}
		}
	}
}

// The catalogue is kept in other people's tests: this sum changes only when someone decides that it must.
func TestCatalogueNeverChanges(t *testing.T) {
	h := sha256.New()
	for _, in := range New("seed").Institutions(noon)[documentedCount:] {
		fmt.Fprintln(h, in.InstitutionID, in.Name, in.CountryCodes, in.Products, in.RoutingNumbers, in.DTCNumbers, in.OAuth, *in.URL)
	}
	sum := h.Sum(nil)
	const want = "e3b33f5eef43405e"
	if got := hex.EncodeToString(sum[:8]); got != want {
		t.Errorf("the catalogue's sum is %s, was %s", got, want)
	}
}

func TestSameSeedAndTimeGiveTheSameList(t *testing.T) {
	a, b := New("one"), New("one")
	a.Institutions(noon.AddDate(0, 0, -400)) // what was asked before makes no difference
	if !reflect.DeepEqual(a.Institutions(noon), b.Institutions(noon.Add(3*time.Hour))) {
		t.Error("two directories of one seed differ on one day")
	}
	other := New("two").Institutions(noon)
	for i, in := range b.Institutions(noon) {
		in.Status, other[i].Status = nil, nil
		if !reflect.DeepEqual(in, other[i]) {
			t.Fatalf("the seed changes %s in more than its status", in.InstitutionID)
		}
	}
}

func TestInstitutionsOfADayAreBuiltOnce(t *testing.T) {
	d := New("seed")
	d.Institutions(noon)
	if n := testing.AllocsPerRun(10, func() { d.Institutions(noon.Add(time.Hour)) }); n != 0 {
		t.Errorf("a second call on the same day allocates %v times", n)
	}
}

func TestConcurrentCallersSeeOneList(t *testing.T) {
	d := New("seed")
	want := New("seed").Institutions(noon)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			d.Institutions(noon.AddDate(0, 0, i%2))
			if got := d.Institutions(noon); !reflect.DeepEqual(got[0], want[0]) || len(got) != len(want) {
				t.Error("a concurrent caller sees another list")
			}
			d.Logo(want[i].InstitutionID)
		})
	}
	wg.Wait()
}

func TestKindsHavePlausibleProducts(t *testing.T) {
	list := New("seed").Institutions(noon)
	for _, c := range []struct {
		word        string
		has, hasNot []string
	}{
		{"Retirement", []string{"investments"}, []string{"transactions", "auth"}},
		{"Crypto Exchange", []string{"investments"}, []string{"auth", "liabilities"}},
		{"Card Services", []string{"liabilities", "transactions"}, []string{"auth", "investments"}},
		{"Student Loans", []string{"liabilities"}, []string{"transactions", "auth"}},
		{"Wealth Management", []string{"investments", "investments_auth"}, []string{"liabilities"}},
		{"Federal Credit Union", []string{"transactions", "identity"}, []string{"payment_initiation"}},
		{"Sparkasse", []string{"payment_initiation", "transactions"}, []string{"transfer", "investments"}},
	} {
		found := 0
		for _, in := range list[documentedCount:] {
			if !strings.Contains(in.Name, c.word) {
				continue
			}
			found++
			for _, p := range c.has {
				if !slices.Contains(in.Products, p) {
					t.Errorf("%s has no %s", in.Name, p)
				}
			}
			for _, p := range c.hasNot {
				if slices.Contains(in.Products, p) {
					t.Errorf("%s has %s", in.Name, p)
				}
			}
		}
		if found < 3 {
			t.Errorf("%d institutions with %q, want some", found, c.word)
		}
	}
}

func TestSomeUSBanksNeedMatchingOrOAuth(t *testing.T) {
	matching, oauth := 0, 0
	for _, in := range New("seed").Institutions(noon)[documentedCount:] {
		if in.CountryCodes[0] != "US" {
			continue
		}
		if m := in.AuthMetadata.SupportedMethods; m.AutomatedMicroDeposits && !m.InstantAuth {
			matching++
		}
		if in.OAuth {
			oauth++
		}
	}
	if matching < 100 || oauth < 100 {
		t.Errorf("%d need matching, %d have OAuth; want at least 100 of each", matching, oauth)
	}
}

func TestLogosArePNGsOfTheContractsSize(t *testing.T) {
	d := New("seed")
	list := d.Institutions(noon)
	for i := 0; i < len(list); i += 97 {
		id := list[i].InstitutionID
		text, ok := d.Logo(id)
		if !ok {
			t.Fatalf("no logo of %s", id)
		}
		raw, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(raw))
		if err != nil {
			t.Fatalf("logo of %s: %v", id, err)
		}
		if b := img.Bounds(); b.Dx() != 152 || b.Dy() != 152 {
			t.Errorf("logo of %s is %v", id, b)
		}
		if len(raw) > 1024 {
			t.Errorf("logo of %s has %d bytes", id, len(raw))
		}
		if again, _ := New("other").Logo(id); again != text {
			t.Errorf("logo of %s is not always the same", id)
		}
		r, g, b, _ := img.At(1, 75).RGBA()
		if got := fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8); i == 0 && got != *list[i].PrimaryColor {
			t.Errorf("the ground of %s is %s, its colour %s", id, got, *list[i].PrimaryColor)
		}
	}
	if _, ok := d.Logo("ins_0"); ok {
		t.Error("an unknown id has a logo")
	}
}

func TestEveryGlyphHasSevenRowsOfFive(t *testing.T) {
	seen := map[string]byte{}
	for letter := byte('a'); letter <= '{'; letter++ {
		g := glyph(letter)
		rows := strings.Fields(g)
		if len(rows) != 7 || slices.ContainsFunc(rows, func(r string) bool { return len(r) != 5 || strings.Trim(r, "#.") != "" }) {
			t.Errorf("glyph %q is %q", letter, g)
		}
		if other, ok := seen[g]; ok {
			t.Errorf("%q looks like %q", letter, other)
		}
		seen[g] = letter
	}
}

func TestHostName(t *testing.T) {
	for name, want := range map[string]string{
		"Caisse d'économie de Baie-d'Érin": "caisse-deconomie-de-baie-derin",
		"  & Łęgowóżka  (k)":               "legowozka-k",
		"Sæby Ørsted A/S":                  "saeby-orsted-a-s",
		"":                                 "",
		"&":                                "",
	} {
		if got := hostName(name); got != want {
			t.Errorf("hostName(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestDrawStaysInRangeAndReachesAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "n")
		d := newDraw(rapid.String().Draw(t, "name"))
		seen := map[int]bool{}
		for range n * 40 {
			v := d.below(n)
			if v < 0 || v >= n {
				t.Fatalf("below(%d) = %d", n, v)
			}
			seen[v] = true
		}
		if len(seen) < n/2 {
			t.Fatalf("%d of %d values", len(seen), n)
		}
	})
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		New("seed")
	}
}

func BenchmarkInstitutionsOfANewDay(b *testing.B) {
	d, day := New("seed"), noon
	for b.Loop() {
		day = day.AddDate(0, 0, 1)
		d.Institutions(day)
	}
}

func BenchmarkLogo(b *testing.B) {
	p := painter{}
	for b.Loop() {
		p.logo("ins_109511", "Tartan Bank", "#2f6b3c")
	}
}

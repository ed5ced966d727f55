package institutions

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"weft/internal/connector"
	"weft/internal/plaid"
)

func TestLookup(t *testing.T) {
	c := newCatalogue(few())
	if in, ok := c.lookup("ins_6"); !ok || in.Name != "Houndstooth Bank" {
		t.Errorf("ins_6 is %q, %v", in.Name, ok)
	}
	if _, ok := c.lookup("INS_6"); ok {
		t.Error("ids are found in another case")
	}
	if _, ok := newCatalogue(nil).lookup(""); ok {
		t.Error("an empty catalogue has an institution")
	}
}

func TestOfTwoInstitutionsWithOneIDTheFirstCounts(t *testing.T) {
	c := newCatalogue([]connector.Institution{institution("ins_1", "One"), institution("ins_1", "Two"), institution("ins_2", "Three")})
	if in, _ := c.lookup("ins_1"); in.Name != "One" {
		t.Errorf("ins_1 is %q", in.Name)
	}
	if list, total := c.page(filter{}, 0, 10); total != 2 || len(list) != 2 {
		t.Errorf("%d of %d listed", len(list), total)
	}
	if got := c.search("two", filter{}); len(got) != 0 {
		t.Errorf("search finds %v", ids(got))
	}
}

func TestAuthCountsWhereMatchingOrMicroDepositsGiveNumbers(t *testing.T) {
	with := func(m plaid.AuthSupportedMethods) func(*connector.Institution) {
		return func(in *connector.Institution) { in.AuthMetadata = &plaid.AuthMetadata{SupportedMethods: &m} }
	}
	c := newCatalogue([]connector.Institution{
		institution("ins_1", "Match", with(plaid.AuthSupportedMethods{InstantMatch: true})),
		institution("ins_2", "Automated", with(plaid.AuthSupportedMethods{AutomatedMicroDeposits: true})),
		institution("ins_3", "Instant micro-deposits", with(plaid.AuthSupportedMethods{InstantMicroDeposits: true})),
		institution("ins_4", "Product", func(in *connector.Institution) { in.Products = []string{"auth"} }),
		institution("ins_5", "None"),
	})
	list, _ := c.page(filter{products: []string{"auth"}}, 0, 10)
	if got := ids(list); !slices.Equal(got, []string{"ins_1", "ins_2", "ins_4"}) {
		t.Errorf("auth is found at %v", got)
	}
}

func TestUnknownFilterValuesFindNothing(t *testing.T) {
	c := newCatalogue(few())
	for _, f := range []filter{{countries: []string{"XX"}}, {products: []string{"gold"}}, {products: []string{"balance", "gold"}},
		{routingNumbers: []string{"1"}}} {
		if _, total := c.page(f, 0, 10); total != 0 {
			t.Errorf("%+v finds %d", f, total)
		}
	}
}

func TestMasksHaveRoomForTheContract(t *testing.T) {
	if len(plaid.CountryCodes) > 32 || len(plaid.Products) > 64 {
		t.Errorf("%d countries, %d products", len(plaid.CountryCodes), len(plaid.Products))
	}
}

func drawFilter(t *rapid.T) filter {
	f := filter{
		countries: rapid.SliceOfN(rapid.SampledFrom(plaid.CountryCodes), 0, 3).Draw(t, "countries"),
		products:  rapid.SliceOfN(rapid.SampledFrom([]string{"balance", "investments", "auth"}), 0, 2).Draw(t, "products"),
	}
	if rapid.Bool().Draw(t, "by routing number") {
		f.routingNumbers = rapid.SliceOfN(rapid.SampledFrom([]string{"010000000", "010000040", "010001001", "1"}), 0, 3).Draw(t, "numbers")
	}
	if oauth := rapid.Bool().Draw(t, "oauth"); rapid.Bool().Draw(t, "by oauth") {
		f.oauth = &oauth
	}
	return f
}

// allowedBy is a filter by its words, without masks.
func allowedBy(f filter, in connector.Institution) bool {
	has := func(list []string) func(string) bool {
		return func(v string) bool { return slices.Contains(list, v) }
	}
	return (len(f.countries) == 0 || slices.ContainsFunc(f.countries, has(in.CountryCodes))) &&
		!slices.ContainsFunc(f.products, func(p string) bool { return !has(in.Products)(p) }) &&
		(len(f.routingNumbers) == 0 || slices.ContainsFunc(f.routingNumbers, has(in.RoutingNumbers))) &&
		(f.oauth == nil || *f.oauth == in.OAuth)
}

// The pages of a filter, one after the other, are all institutions that it lets through, in the order of the directory.
func TestPagesAreTheWholeList(t *testing.T) {
	list := sample()
	c := newCatalogue(list)
	rapid.Check(t, func(t *rapid.T) {
		f, size := drawFilter(t), rapid.IntRange(1, 500).Draw(t, "size")
		want := []string{}
		for _, in := range list {
			if allowedBy(f, in) {
				want = append(want, in.InstitutionID)
			}
		}
		got := []string{}
		for offset := 0; ; offset += size {
			page, total := c.page(f, offset, size)
			if total != len(want) {
				t.Fatalf("total %d at offset %d, want %d", total, offset, len(want))
			}
			if len(page) == 0 {
				break
			}
			if len(page) > size {
				t.Fatalf("a page of %d, asked for %d", len(page), size)
			}
			got = append(got, ids(page)...)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("pages are %s, want %s", strings.Join(got, " "), strings.Join(want, " "))
		}
	})
}

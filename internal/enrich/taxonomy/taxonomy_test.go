package taxonomy_test

import (
	"slices"
	"strings"
	"testing"

	"weft/internal/enrich/taxonomy"
)

func TestCounts(t *testing.T) {
	for _, c := range []struct {
		version             taxonomy.Version
		primaries, detailed int
	}{{taxonomy.V1, 16, 104}, {taxonomy.V2, 18, 127}} {
		if got := len(taxonomy.Primaries(c.version)); got != c.primaries {
			t.Errorf("%s has %d primary categories, not %d", c.version, got, c.primaries)
		}
		if got := len(taxonomy.DetailedOf(c.version)); got != c.detailed {
			t.Errorf("%s has %d detailed categories, not %d", c.version, got, c.detailed)
		}
	}
	if got := len(taxonomy.LegacyCategories()); got != 602 {
		t.Errorf("%d legacy categories", got)
	}
}

// How many detailed categories each primary one has, as Plaid's tables count them.
func TestCountsByPrimary(t *testing.T) {
	want := map[taxonomy.Version]map[string]int{
		taxonomy.V1: {"INCOME": 7, "TRANSFER_IN": 6, "TRANSFER_OUT": 5, "LOAN_PAYMENTS": 6, "BANK_FEES": 6, "ENTERTAINMENT": 6, "FOOD_AND_DRINK": 7,
			"GENERAL_MERCHANDISE": 14, "HOME_IMPROVEMENT": 5, "MEDICAL": 7, "PERSONAL_CARE": 4, "GENERAL_SERVICES": 9,
			"GOVERNMENT_AND_NON_PROFIT": 4, "TRANSPORTATION": 7, "TRAVEL": 4, "RENT_AND_UTILITIES": 7},
		taxonomy.V2: {"INCOME": 13, "LOAN_DISBURSEMENTS": 7, "TRANSFER_IN": 7, "TRANSFER_OUT": 8, "LOAN_PAYMENTS": 9, "BANK_FEES": 8, "ENTERTAINMENT": 6,
			"FOOD_AND_DRINK": 7, "GENERAL_MERCHANDISE": 14, "HOME_IMPROVEMENT": 5, "MEDICAL": 7, "PERSONAL_CARE": 4, "GENERAL_SERVICES": 9,
			"GOVERNMENT_AND_NON_PROFIT": 4, "TRANSPORTATION": 7, "TRAVEL": 4, "RENT_AND_UTILITIES": 7, "OTHER": 1},
	}
	for version, counts := range want {
		got := map[string]int{}
		for _, d := range taxonomy.DetailedOf(version) {
			got[d.Primary]++
		}
		for primary, n := range counts {
			if got[primary] != n {
				t.Errorf("%s: %s has %d, not %d", version, primary, got[primary], n)
			}
		}
		if len(got) != len(counts) {
			t.Errorf("%s: %d primary categories are used, not %d", version, len(got), len(counts))
		}
	}
}

func TestDetailed(t *testing.T) {
	seen := map[string]bool{}
	for _, version := range []taxonomy.Version{taxonomy.V1, taxonomy.V2} {
		var primaries []string
		for _, p := range taxonomy.Primaries(version) {
			primaries = append(primaries, p.Name)
			if p.Description == "" || taxonomy.Icon(p.Name) != "PFC_"+p.Name+".png" {
				t.Errorf("%s lacks a description or icon", p.Name)
			}
		}
		for _, d := range taxonomy.DetailedOf(version) {
			if !strings.HasPrefix(d.Name, d.Primary+"_") || !slices.Contains(primaries, d.Primary) {
				t.Errorf("%s: %s is in the primary category %q", version, d.Name, d.Primary)
			}
			if _, ok := taxonomy.FindLegacy(d.Legacy); !ok {
				t.Errorf("%s has the unknown legacy category %s", d.Name, d.Legacy)
			}
			if d.Description == "" {
				t.Errorf("%s has no description", d.Name)
			}
			for _, in := range []taxonomy.Version{taxonomy.V1, taxonomy.V2} {
				if other := d.In(in); !slices.Contains(other.Versions, in) || (slices.Contains(d.Versions, in) && other.Name != d.Name) {
					t.Errorf("%s in %s is %q", d.Name, in, other.Name)
				}
			}
			seen[d.Name] = true
		}
	}
	if len(seen) != 130 {
		t.Errorf("%d names in both versions together", len(seen))
	}
}

func TestLegacy(t *testing.T) {
	previous := ""
	names := map[string]bool{}
	for _, c := range taxonomy.LegacyCategories() {
		if len(c.ID) != 8 || c.ID <= previous {
			t.Errorf("%q comes after %q", c.ID, previous)
		}
		previous = c.ID
		if !slices.Contains([]string{"place", "special", "digital"}, c.Group) {
			t.Errorf("%s is in the group %q", c.ID, c.Group)
		}
		// The levels of the id are the levels of the names, and the level above exists.
		parent := c.ID[:2] + "000000"
		depth := 1
		if c.ID[2:5] != "000" {
			depth = 2
		}
		if c.ID[5:] != "000" {
			parent, depth = c.ID[:5]+"000", 3
		}
		above, ok := taxonomy.FindLegacy(parent)
		if len(c.Hierarchy) != depth || !ok || (depth > 1 && !slices.Equal(above.Hierarchy, c.Hierarchy[:depth-1])) {
			t.Errorf("%s %q is below %q", c.ID, c.Hierarchy, above.Hierarchy)
		}
		name := strings.Join(c.Hierarchy, " > ")
		if names[name] {
			t.Errorf("%s occurs twice", name)
		}
		names[name] = true
	}
	// Ids that recorded answers of Plaid's sandbox name.
	for id, name := range map[string]string{"13005043": "Coffee Shop", "13005032": "Fast Food", "22016000": "Taxi", "22001000": "Airlines and Aviation Services",
		"22006001": "Ride Share", "19046000": "Sporting Goods", "17018000": "Gyms and Fitness Centers", "16001000": "Credit Card", "21007000": "Deposit",
		"18020004": "Loans and Mortgages", "19025004": "Beer, Wine and Spirits", "21012002": "ATM", "18068005": "Electric"} {
		if c, _ := taxonomy.FindLegacy(id); len(c.Hierarchy) == 0 || c.Hierarchy[len(c.Hierarchy)-1] != name {
			t.Errorf("%s is %q, not %s", id, c.Hierarchy, name)
		}
	}
}

func TestUnknown(t *testing.T) {
	if _, ok := taxonomy.Find("INCOME_LUCK"); ok {
		t.Error("an unknown category is found")
	}
	if _, ok := taxonomy.FindLegacy("99999999"); ok {
		t.Error("an unknown legacy category is found")
	}
	if taxonomy.Icon("LUCK") != "" {
		t.Error("an unknown category has an icon")
	}
}

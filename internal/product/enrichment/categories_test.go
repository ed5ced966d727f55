package enrichment

import (
	"slices"
	"testing"

	"weft/internal/httpapi"
)

func TestCategories(t *testing.T) {
	res, err := categories(t.Context(), httpapi.None{})
	if err != nil || len(res.Categories) < 500 {
		t.Fatalf("%d categories, %v", len(res.Categories), err)
	}
	at := slices.IndexFunc(res.Categories, func(c legacyCategory) bool { return c.CategoryID == "13005043" })
	if at < 0 || res.Categories[at].Group != "place" || !slices.Equal(res.Categories[at].Hierarchy, []string{"Food and Drink", "Restaurants", "Coffee Shop"}) {
		t.Errorf("coffee shops: %d", at)
	}
	seen := map[string]bool{}
	for _, c := range res.Categories {
		if seen[c.CategoryID] || len(c.Hierarchy) == 0 {
			t.Errorf("%s is there twice, or has no name", c.CategoryID)
		}
		seen[c.CategoryID] = true
	}
}

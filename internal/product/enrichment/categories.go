package enrichment

import (
	"context"

	"weft/internal/enrich/taxonomy"
	"weft/internal/httpapi"
)

type categoriesResponse struct {
	Categories []legacyCategory `json:"categories"`
}

// legacyCategory is a category of the older taxonomy, with its names from the top.
type legacyCategory struct {
	CategoryID string   `json:"category_id"`
	Group      string   `json:"group"`
	Hierarchy  []string `json:"hierarchy"`
}

// categories answers the older taxonomy whole.
func categories(context.Context, httpapi.None) (categoriesResponse, error) {
	res := categoriesResponse{Categories: []legacyCategory{}}
	for _, c := range taxonomy.LegacyCategories() {
		res.Categories = append(res.Categories, legacyCategory{c.ID, c.Group, c.Hierarchy})
	}
	return res, nil
}

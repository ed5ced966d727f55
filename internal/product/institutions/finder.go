package institutions

import (
	"context"
	"slices"

	"weft/internal/connector"
	"weft/internal/store"
)

// Finder finds institutions for people.
type Finder struct{ s *service }

// firstShown is how many institutions are listed where nothing was typed.
const firstShown = 40

// Find is the institutions that a text finds in the countries, and those that come first for an empty text. Those that have
// all products come before the others.
func (f *Finder) Find(ctx context.Context, tenant store.Tenant, query string, countries, products []string) ([]connector.Institution, error) {
	c, err := f.s.known(ctx, tenant)
	if err != nil {
		return nil, err
	}
	able := filter{countries: countries, products: products}
	if query == "" {
		list, _ := c.page(able, 0, firstShown)
		return list, nil
	}
	list := c.search(query, able)
	for _, other := range c.search(query, filter{countries: countries}) {
		if !slices.ContainsFunc(list, func(in connector.Institution) bool { return in.InstitutionID == other.InstitutionID }) {
			list = append(list, other)
		}
	}
	return list, nil
}

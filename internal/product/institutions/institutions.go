package institutions

import (
	"context"
	"slices"
	"sync"
	"time"

	"weft/internal/connector"
	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/item/institutions"
	"weft/internal/plaid"
	"weft/internal/product"
	"weft/internal/store"
)

// catalogueLife is how long a catalogue answers before the connectors are asked anew.
const catalogueLife = time.Minute

// New is the product, and what finds institutions for others.
func New(items *item.Service) (product.Product, *Finder) {
	s := &service{items: items, catalogues: map[string]dated{}}
	return product.Product{Name: "institutions", Routes: []httpapi.Route{
		{Path: "/institutions/get", Summary: "Institutions by pages, filtered by country, product, routing number and login", Endpoint: product.Endpoint(items.Clients, items.Clock, s.get)},
		{Path: "/institutions/get_by_id", Summary: "One institution, with its health if wanted", Endpoint: product.Endpoint(items.Clients, items.Clock, s.getByID)},
		{Path: "/institutions/search", Summary: "Institutions by what a person types", Endpoint: product.Endpoint(items.Clients, items.Clock, s.find)},
	}}, &Finder{s}
}

type service struct {
	items *item.Service

	mu         sync.Mutex
	catalogues map[string]dated // by environment
}

// dated is a catalogue and when it was made.
type dated struct {
	*catalogue
	made time.Time
}

// known is the catalogue of an environment with the institutions that came with the tenant's own data, which are few.
func (s *service) known(ctx context.Context, tenant store.Tenant) (*catalogue, error) {
	listed := s.catalogue(tenant.Environment)
	own, err := institutions.List(ctx, s.items.DB, tenant)
	if len(own) == 0 || err != nil {
		return listed, err
	}
	return newCatalogue(slices.Concat(listed.list, own)), nil
}

// catalogue is the institutions of an environment's connectors. It is made anew when it is old, or when the clock was set
// back.
func (s *service) catalogue(environment string) *catalogue {
	now := s.items.Clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	have, ok := s.catalogues[environment]
	if ok && !now.Before(have.made) && now.Sub(have.made) < catalogueLife {
		return have.catalogue
	}
	var list []connector.Institution
	for _, con := range s.items.Connectors[environment] {
		if dir, ok := con.(connector.Directory); ok {
			list = append(list, dir.Institutions(now)...)
		}
	}
	made := newCatalogue(list)
	s.catalogues[environment] = dated{made, now}
	return made
}

// include is what an answer has of an institution beyond the plain facts.
type include struct{ metadata, status, auth, payments bool }

// present is an institution with only what was asked for.
func (s *service) present(environment string, in connector.Institution, with include) plaid.Institution {
	out := in.Institution
	if !with.metadata {
		out.URL, out.PrimaryColor, out.Logo = nil, nil, nil
	} else if out.Logo == nil {
		out.Logo = s.logo(environment, out.InstitutionID)
	}
	if !with.status {
		out.Status = nil
	}
	if !with.auth {
		out.AuthMetadata = nil
	}
	if !with.payments {
		out.PaymentInitiationMetadata = nil
	}
	return out
}

func (s *service) presentAll(environment string, list []connector.Institution, with include) []plaid.Institution {
	out := make([]plaid.Institution, len(list))
	for i, in := range list {
		out[i] = s.present(environment, in, with)
	}
	return out
}

func (s *service) logo(environment, institutionID string) *string {
	for _, con := range s.items.Connectors[environment] {
		if logos, ok := con.(connector.Logos); ok {
			if logo, found := logos.Logo(institutionID); found {
				return &logo
			}
		}
	}
	return nil
}

// resolveCountries is the countries that a request is about. They are required since 2020-09-14; before that they were an
// option, which stood for the US where it was left out.
func resolveCountries(v httpapi.Version, codes, option []string) ([]string, error) {
	field := "country_codes"
	if v.Before(httpapi.Version20200914) {
		if codes == nil && option != nil {
			field, codes = "options.country_codes", option
		}
		if codes == nil {
			return []string{"US"}, nil
		}
		return codes, product.ValidCountryCodes(field, codes)
	}
	if option != nil {
		return nil, plaid.UnknownFields("options.country_codes")
	}
	if codes == nil {
		return nil, plaid.MissingFields(field)
	}
	return codes, product.ValidCountryCodes(field, codes)
}

// validProducts checks a filter by products: null for none, or known names. Unlike a request for products it may name
// balance, which every institution has.
func validProducts(field string, products []string) error {
	if products == nil {
		return nil
	}
	if len(products) == 0 {
		return plaid.InvalidField(field, "must be null or a non-empty array of products")
	}
	return product.KnownProducts(field, slices.DeleteFunc(slices.Clone(products), func(p string) bool { return p == "balance" }))
}

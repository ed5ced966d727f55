package institutions

import (
	"context"

	"weft/internal/httpapi"
	"weft/internal/plaid"
	"weft/internal/store"
)

// maxPage is the most institutions that one page has.
const maxPage = 500

type getRequest struct {
	Count  int `json:"count" weft:"required"`
	Offset int `json:"offset" weft:"required"`
	// CountryCodes are required, but not in versions before 2020-09-14: Validate sees to it.
	CountryCodes []string   `json:"country_codes" weft:"required 2020-09-14"`
	Options      getOptions `json:"options"`
}

type getOptions struct {
	CountryCodes                     []string `json:"country_codes"` // before 2020-09-14
	Products                         []string `json:"products"`
	RoutingNumbers                   []string `json:"routing_numbers"`
	OAuth                            *bool    `json:"oauth"`
	IncludeOptionalMetadata          bool     `json:"include_optional_metadata"`
	IncludeAuthMetadata              bool     `json:"include_auth_metadata"`
	IncludePaymentInitiationMetadata bool     `json:"include_payment_initiation_metadata"`
}

// Validate checks the fields by themselves, and fills in the countries of older versions.
func (r *getRequest) Validate(v httpapi.Version) (err error) {
	if r.Count < 1 || r.Count > maxPage {
		return plaid.InvalidField("count", "must be between 1 and 500")
	}
	if r.Offset < 0 {
		return plaid.InvalidField("offset", "must be 0 or greater")
	}
	if r.CountryCodes, err = resolveCountries(v, r.CountryCodes, r.Options.CountryCodes); err != nil {
		return err
	}
	return validProducts("options.products", r.Options.Products)
}

type getResponse struct {
	Institutions []plaid.Institution `json:"institutions"`
	Total        int                 `json:"total"`
}

// get answers a page of the institutions that fit, and how many fit in all.
func (s *service) get(ctx context.Context, tenant store.Tenant, req getRequest) (getResponse, error) {
	o := req.Options
	known, err := s.known(ctx, tenant)
	if err != nil {
		return getResponse{}, err
	}
	list, total := known.page(filter{
		countries: req.CountryCodes, products: o.Products, routingNumbers: o.RoutingNumbers, oauth: o.OAuth,
	}, req.Offset, req.Count)
	with := include{metadata: o.IncludeOptionalMetadata, auth: o.IncludeAuthMetadata, payments: o.IncludePaymentInitiationMetadata}
	return getResponse{s.presentAll(tenant.Environment, list, with), total}, nil
}

type getByIDRequest struct {
	InstitutionID string         `json:"institution_id" weft:"required"`
	CountryCodes  []string       `json:"country_codes" weft:"required 2020-09-14"` // as in getRequest
	Options       getByIDOptions `json:"options"`
}

type getByIDOptions struct {
	CountryCodes                     []string `json:"country_codes"` // before 2020-09-14
	IncludeOptionalMetadata          bool     `json:"include_optional_metadata"`
	IncludeStatus                    bool     `json:"include_status"`
	IncludeAuthMetadata              bool     `json:"include_auth_metadata"`
	IncludePaymentInitiationMetadata bool     `json:"include_payment_initiation_metadata"`
}

// Validate checks the fields by themselves, and fills in the countries of older versions.
func (r *getByIDRequest) Validate(v httpapi.Version) (err error) {
	if r.InstitutionID == "" {
		return plaid.InvalidField("institution_id", "must be a non-empty string")
	}
	r.CountryCodes, err = resolveCountries(v, r.CountryCodes, r.Options.CountryCodes)
	return err
}

type getByIDResponse struct {
	Institution plaid.Institution `json:"institution"`
}

// getByID answers one institution. One that is in none of the countries asked for is as unknown as one that is nowhere.
func (s *service) getByID(ctx context.Context, tenant store.Tenant, req getByIDRequest) (getByIDResponse, error) {
	known, err := s.known(ctx, tenant)
	if err != nil {
		return getByIDResponse{}, err
	}
	in, ok := known.lookup(req.InstitutionID)
	if !ok || countriesOf(&in)&countryMask(req.CountryCodes) == 0 {
		return getByIDResponse{}, plaid.Err("INVALID_INSTITUTION")
	}
	o := req.Options
	return getByIDResponse{s.present(tenant.Environment, in, include{
		metadata: o.IncludeOptionalMetadata, status: o.IncludeStatus, auth: o.IncludeAuthMetadata,
		payments: o.IncludePaymentInitiationMetadata,
	})}, nil
}

package institutions

import (
	"context"

	"weft/internal/httpapi"
	"weft/internal/plaid"
	"weft/internal/store"
)

type searchRequest struct {
	Query        string        `json:"query" weft:"required"`
	Products     []string      `json:"products"`
	CountryCodes []string      `json:"country_codes" weft:"required 2020-09-14"` // as in getRequest
	Options      searchOptions `json:"options"`
}

type searchOptions struct {
	CountryCodes                     []string          `json:"country_codes"` // before 2020-09-14
	OAuth                            *bool             `json:"oauth"`
	IncludeOptionalMetadata          bool              `json:"include_optional_metadata"`
	IncludeAuthMetadata              bool              `json:"include_auth_metadata"`
	IncludePaymentInitiationMetadata bool              `json:"include_payment_initiation_metadata"`
	PaymentInitiation                *paymentSelection `json:"payment_initiation"`
}

// paymentSelection narrows a search to the institutions that can make a payment.
type paymentSelection struct {
	PaymentID *string `json:"payment_id"`
	ConsentID *string `json:"consent_id"`
}

// Validate checks the fields by themselves, and fills in the countries of older versions.
func (r *searchRequest) Validate(v httpapi.Version) (err error) {
	if r.Query == "" {
		return plaid.InvalidField("query", "must be a non-empty string")
	}
	if err := validProducts("products", r.Products); err != nil {
		return err
	}
	if r.CountryCodes, err = resolveCountries(v, r.CountryCodes, r.Options.CountryCodes); err != nil {
		return err
	}
	return r.Options.PaymentInitiation.validate()
}

// validate refuses all ids: this server makes no payments, so none is known to it. To ignore them would answer another
// question than the one that was asked.
func (p *paymentSelection) validate() error {
	const field = "options.payment_initiation."
	switch {
	case p == nil:
	case p.PaymentID != nil:
		return plaid.InvalidField(field+"payment_id", "names no known payment")
	case p.ConsentID != nil:
		return plaid.InvalidField(field+"consent_id", "names no known payment consent")
	}
	return nil
}

type searchResponse struct {
	Institutions []plaid.Institution `json:"institutions"`
}

// find answers the institutions that fit what a person typed, best first.
func (s *service) find(ctx context.Context, tenant store.Tenant, req searchRequest) (searchResponse, error) {
	o := req.Options
	known, err := s.known(ctx, tenant)
	if err != nil {
		return searchResponse{}, err
	}
	list := known.search(req.Query, filter{countries: req.CountryCodes, products: req.Products, oauth: o.OAuth})
	with := include{metadata: o.IncludeOptionalMetadata, auth: o.IncludeAuthMetadata, payments: o.IncludePaymentInitiationMetadata}
	return searchResponse{s.presentAll(tenant.Environment, list, with)}, nil
}

// Package network is the product of people who are known: whether Link has met a person before.
package network

import (
	"context"

	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/product"
	"weft/internal/store"
	"weft/internal/user/identity"
)

// Known reports whether a tenant's Link remembers the person with a phone number, which is in E.164.
type Known func(ctx context.Context, tenant store.Tenant, phone string) (bool, error)

// New is the product.
func New(items *item.Service, known Known) product.Product {
	s := &service{known}
	return product.Product{Name: "network", Routes: []httpapi.Route{
		{Path: "/network/status/get", Summary: "Whether a person with a phone number is known", Endpoint: product.Endpoint(items.Clients, items.Clock, s.status)},
	}}
}

type service struct{ known Known }

type statusRequest struct {
	User struct {
		PhoneNumber *string `json:"phone_number"`
	} `json:"user" weft:"required"`
	TemplateID *string `json:"template_id"`
}

// Validate brings the number into its normal form.
func (r *statusRequest) Validate(httpapi.Version) error {
	if r.User.PhoneNumber == nil {
		return plaid.MissingFields("user.phone_number")
	}
	*r.User.PhoneNumber = identity.CanonicalPhone(*r.User.PhoneNumber)
	if !identity.IsPhone(*r.User.PhoneNumber) {
		return plaid.InvalidField("user.phone_number", "must be a valid phone number in E.164 format, such as +14155550123")
	}
	if r.TemplateID != nil && *r.TemplateID == "" {
		return plaid.InvalidField("template_id", "must be a non-empty string")
	}
	return nil
}

type statusResponse struct {
	Status string `json:"network_status"`
	Layer  *layer `json:"layer"`
}

type layer struct {
	Eligible bool `json:"eligible"`
}

// status answers for a template of Layer that nobody is eligible, since there is no Layer.
func (s *service) status(ctx context.Context, tenant store.Tenant, req statusRequest) (statusResponse, error) {
	res := statusResponse{Status: "UNKNOWN"}
	if req.TemplateID != nil {
		res.Layer = &layer{}
	}
	known, err := s.known(ctx, tenant, *req.User.PhoneNumber)
	if known {
		res.Status = "RETURNING_USER"
	}
	return res, err
}

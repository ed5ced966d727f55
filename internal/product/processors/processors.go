// Package processors is the product of processor tokens: a client makes them for an account and somebody who is to read it, and
// limits them to products. What they read is with the products themselves, as mirrors of their endpoints.
package processors

import (
	"context"
	"encoding/json"

	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/item/processors"
	"weft/internal/item/rows"
	"weft/internal/plaid"
	"weft/internal/product"
	"weft/internal/store"
)

// New is the product.
func New(items *item.Service) product.Product {
	s := &service{items}
	return product.Product{Name: "processors", Routes: []httpapi.Route{
		{Path: "/processor/token/create", Summary: "Make a token by which a processor reads an account", Endpoint: item.Endpoint(items, s.create)},
		{Path: "/processor/stripe/bank_account_token/create", Summary: "Make a bank account token in the form of Stripe's", Endpoint: item.Endpoint(items, s.createStripe)},
		{Path: "/processor/apex/processor_token/create", Summary: "Make a processor token for Apex", Endpoint: item.Endpoint(items, s.createApex)},
		{Path: "/processor/token/permissions/set", Summary: "Limit a processor token to products", Endpoint: product.Processor(items, s.setPermissions)},
		{Path: "/processor/token/permissions/get", Summary: "The products that a processor token is limited to", Endpoint: product.Processor(items, s.permissions)},
		{Path: "/processor/token/webhook/update", Summary: "Change the address where a processor is told of an account", Endpoint: product.Processor(items, s.updateWebhook)},
	}}
}

type service struct{ items *item.Service }

type createRequest struct {
	AccountID string `json:"account_id" weft:"required"`
	Processor string `json:"processor" weft:"required"`
}

// Validate checks the processor's name.
func (r *createRequest) Validate(httpapi.Version) error {
	if !plaid.Known(plaid.Processors, r.Processor) {
		return plaid.InvalidField("processor", "must be the name of a processor, such as dwolla")
	}
	return nil
}

type tokenResponse struct {
	ProcessorToken string `json:"processor_token"`
}

func (s *service) create(ctx context.Context, it item.Item, req createRequest) (tokenResponse, error) {
	if _, err := s.account(ctx, it, req.AccountID); err != nil {
		return tokenResponse{}, err
	}
	token, err := s.make(ctx, it, func(tx *store.Tx) (string, error) {
		return s.items.Processors().Create(ctx, tx, it, req.AccountID, req.Processor)
	})
	return tokenResponse{token}, err
}

// accountRequest is that of processors with a request of their own.
type accountRequest struct {
	AccountID string `json:"account_id" weft:"required"`
}

func (s *service) createApex(ctx context.Context, it item.Item, req accountRequest) (tokenResponse, error) {
	return s.create(ctx, it, createRequest{req.AccountID, plaid.Apex})
}

type stripeResponse struct {
	BankAccountToken string `json:"stripe_bank_account_token"`
}

// payable are the accounts that Stripe pays from and to.
func payable(a plaid.Account) bool {
	return a.Type == plaid.TypeDepository && a.Subtype != nil && (*a.Subtype == "checking" || *a.Subtype == "savings")
}

func (s *service) createStripe(ctx context.Context, it item.Item, req accountRequest) (stripeResponse, error) {
	a, err := s.account(ctx, it, req.AccountID)
	if err != nil {
		return stripeResponse{}, err
	}
	fits := func(string, string) bool { return payable(a) }
	if err := s.items.MayAdd(it, "auth", fits, "NO_AUTH_ACCOUNTS"); err != nil {
		return stripeResponse{}, err
	}
	if it.Typed.Unverified() { // the token stands for the numbers
		return stripeResponse{}, plaid.Err("PRODUCT_NOT_READY")
	}
	token, err := s.make(ctx, it, func(tx *store.Tx) (string, error) {
		return s.items.Processors().CreateStripe(ctx, tx, it, req.AccountID)
	})
	return stripeResponse{token}, err
}

// account finds an account of the Item.
func (s *service) account(ctx context.Context, it item.Item, id string) (a plaid.Account, err error) {
	if err := it.Revoked(); err != nil {
		return a, err
	}
	docs, err := item.ReadDocuments(ctx, s.items.DB, it, item.AccountsDocument)
	if err != nil {
		return a, err
	}
	var list []plaid.Account
	if err := json.Unmarshal(docs.ByKind[item.AccountsDocument], &list); err != nil {
		return a, err
	}
	for _, a := range list {
		if a.AccountID == id {
			return a, nil
		}
	}
	return a, plaid.Err("INVALID_ACCOUNT_ID")
}

// make makes a token with the Item locked: one that is removed meanwhile gets none.
func (s *service) make(ctx context.Context, it item.Item, insert func(tx *store.Tx) (string, error)) (token string, err error) {
	err = s.items.DB.Write(ctx, func(tx *store.Tx) error {
		if _, err := rows.Lock(ctx, tx, it.Tenant, it.ID); err != nil {
			return err
		}
		token, err = insert(tx)
		return err
	})
	return token, err
}

type permissionsRequest struct {
	Products []string `json:"products" weft:"required"`
}

// Validate checks the products; none are all.
func (r *permissionsRequest) Validate(httpapi.Version) error {
	for _, p := range r.Products {
		if !plaid.Known(plaid.Products, p) {
			return plaid.Errf("INVALID_PRODUCT", "products: the following products are not known: %s", plaid.Quoted([]string{p}))
		}
	}
	return nil
}

// setPermissions is the right of the client that made the token: a processor does not widen what it was given.
func (s *service) setPermissions(ctx context.Context, g processors.Grant, req permissionsRequest) (httpapi.None, error) {
	if !g.Own() {
		return httpapi.None{}, plaid.Err("UNAUTHORIZED_ROUTE_ACCESS")
	}
	return httpapi.None{}, s.items.Processors().Limit(ctx, g, plaid.Ordered(plaid.Products, req.Products))
}

type permissionsResponse struct {
	Products []string `json:"products"`
}

func (s *service) permissions(_ context.Context, g processors.Grant, _ httpapi.None) (permissionsResponse, error) {
	return permissionsResponse{g.Products}, nil
}

type webhookRequest struct {
	Webhook *string `json:"webhook" weft:"nullable"`
}

// Validate accepts null and "", which both mean no webhook.
func (r *webhookRequest) Validate(httpapi.Version) error {
	if r.Webhook == nil || *r.Webhook == "" {
		return nil
	}
	return product.ValidWebhook("webhook", *r.Webhook)
}

func (s *service) updateWebhook(ctx context.Context, g processors.Grant, req webhookRequest) (httpapi.None, error) {
	address := ""
	if req.Webhook != nil {
		address = *req.Webhook
	}
	return httpapi.None{}, s.items.Processors().SetWebhook(ctx, s.items.Events, g, address)
}

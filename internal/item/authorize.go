package item

import (
	"context"
	"errors"
	"strings"

	"weft/internal/httpapi"
	"weft/internal/item/opening"
	"weft/internal/item/rows"
	"weft/internal/item/tokens"
	"weft/internal/plaid"
	"weft/internal/store"
)

// Endpoint is an endpoint that is given the Item of its access_token. Kinds are the documents that it answers of, up to three: where the
// database is asked for the Item, they are read with it.
func Endpoint[Req, Res any](s *Service, fn func(context.Context, Item, Req) (Res, error), kinds ...string) httpapi.Endpoint {
	return httpapi.NewEndpoint("access_token", func(ctx context.Context, call *httpapi.Call) (Item, error) { return s.Authorize(ctx, call, kinds) }, fn)
}

// Authorize finds the Item of a call, and with it whether the call may be made at all.
func (s *Service) Authorize(ctx context.Context, call *httpapi.Call, kinds []string) (Item, error) {
	if g := call.Granted(); g != nil {
		call.Tenant, call.ItemID = g.Tenant, g.ItemID
		return s.ItemByID(ctx, g.Tenant, g.ItemID)
	}
	place, known := opening.Known(ctx, s.DB, s.Cache, s.Clock.Now(), call.AccessToken, call.Secret, call.ClientID)
	if known != nil {
		call.Tenant, call.ItemID = known.Tenant, known.ID
		return *known, nil
	}
	ask := opening.Ask{Token: s.Tokens().Hash(call.AccessToken), Secret: s.Clients.Hash(call.Secret), Client: call.ClientID, Kinds: kinds}
	found, err := s.openings.Find(ctx, s.DB, ask)
	if errors.Is(err, store.ErrNotFound) || err == nil && found.Over(s.Clock.Now()) {
		return Item{}, plaid.Err("INVALID_API_KEYS")
	}
	if err != nil {
		return Item{}, err
	}
	call.Tenant = store.Tenant{Client: call.ClientID, Environment: found.Environment}
	switch {
	case found.ItemID == nil:
		return Item{}, tokens.AccessProblem(call.AccessToken, found.Environment)
	case found.Removed != nil || found.Key == nil:
		return Item{}, plaid.Err("ITEM_NOT_FOUND")
	}
	call.ItemID = *found.ItemID
	it, err := rows.WithState(s.Cache, Item{
		Key: *found.Key, ID: *found.ItemID, Tenant: call.Tenant, ConnectionID: *found.Connection, Version: *found.Version,
	}, *found.Record)
	if it = it.Asked(found.Refreshed, found.Failed); err == nil {
		place.Keep(s.Cache, it, found)
	}
	return it.With(found.Documents, kinds), err
}

// MayAdd checks that an Item works, has fitting accounts, and has a product or may have it added: the institution supports
// it and the user's consent covers it. Unfit is the code for an Item without fitting accounts.
func (s *Service) MayAdd(it Item, product string, fits func(accountType, subtype string) bool, unfit plaid.Code) error {
	if err := it.Failed(); err != nil {
		return err
	}
	if !it.Has(product) {
		switch {
		case !plaid.Known(it.Supported, product):
			return plaid.Errf("PRODUCTS_NOT_SUPPORTED", "the institution does not support the requested product(s): %s", plaid.Quoted([]string{product}))
		case it.ConsentNeeded && !plaid.Known(it.Consented, product):
			return plaid.Errf("ADDITIONAL_CONSENT_REQUIRED", "client does not have user consent to access the PRODUCT_%s product", strings.ToUpper(product))
		}
	}
	if !it.HasAccounts(fits) {
		return plaid.Err(unfit)
	}
	return nil
}

// WithProduct is the Item ready for an endpoint of a product, which is added now where MayAdd allows it.
func (s *Service) WithProduct(ctx context.Context, it Item, product string, fits func(accountType, subtype string) bool, unfit plaid.Code) (Item, error) {
	if err := s.MayAdd(it, product, fits, unfit); err != nil {
		return Item{}, err
	}
	if it.Has(product) {
		return it, nil
	}
	return s.AddProduct(ctx, it, product, 0)
}

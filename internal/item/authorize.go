package item

import (
	"context"
	"errors"
	"strings"

	"weft/internal/httpapi"
	"weft/internal/item/rows"
	"weft/internal/item/tokens"
	"weft/internal/plaid"
	"weft/internal/store"
)

// Endpoint is an endpoint that is given the Item of its access_token.
func Endpoint[Req, Res any](s *Service, fn func(context.Context, Item, Req) (Res, error)) httpapi.Endpoint {
	return httpapi.NewEndpoint("access_token", s.Authorize, fn)
}

// authorizeQuery finds a secret's tenant, an access token of that tenant and the token's Item, in one point read. A token
// of another tenant or environment does not join, so it looks like an unknown one.
const authorizeQuery = `select k.environment, t.item_id, t.removed_at, i.item_key, i.connection_id, i.version, i.state
	from client_keys k
	left join access_tokens t on t.token_hash = $1 and t.client_id = k.client_id and t.environment = k.environment
	left join items i on i.item_id = t.item_id and i.client_id = k.client_id and i.environment = k.environment
	where k.secret_hash = $2 and k.client_id = $3 and k.revoked_at is null and (k.expires_at is null or k.expires_at > $4)`

// Authorize finds the Item of a call, and with it whether the call may be made at all.
func (s *Service) Authorize(ctx context.Context, call *httpapi.Call) (Item, error) {
	if g := call.Granted(); g != nil {
		call.Tenant, call.ItemID = g.Tenant, g.ItemID
		return s.ItemByID(ctx, g.Tenant, g.ItemID)
	}
	var environment string
	var itemID, key, connection, record *string
	var removed, version *int64
	err := s.DB.QueryRow(ctx, authorizeQuery, s.Tokens().Hash(call.AccessToken), s.Clients.Hash(call.Secret), call.ClientID,
		s.Clock.Now().UnixMilli()).Scan(&environment, &itemID, &removed, &key, &connection, &version, &record)
	if errors.Is(err, store.ErrNotFound) {
		return Item{}, plaid.Err("INVALID_API_KEYS")
	}
	if err != nil {
		return Item{}, err
	}
	call.Tenant = store.Tenant{Client: call.ClientID, Environment: environment}
	switch {
	case itemID == nil:
		return Item{}, tokens.AccessProblem(call.AccessToken, environment)
	case removed != nil || key == nil:
		return Item{}, plaid.Err("ITEM_NOT_FOUND")
	}
	call.ItemID = *itemID
	it := Item{Key: *key, ID: *itemID, Tenant: call.Tenant, ConnectionID: *connection, Version: *version}
	return rows.WithState(s.Cache, it, *record)
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

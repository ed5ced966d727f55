package item

import (
	"context"
	"errors"

	"weft/internal/httpapi"
	"weft/internal/item/rows"
	"weft/internal/item/tokens"
	"weft/internal/plaid"
	"weft/internal/store"
)

// accessTokenQuery finds the Item of a tenant's access token, in one point read. As in authorizeQuery, what belongs to
// another tenant or environment does not join.
const accessTokenQuery = `select t.item_id, t.removed_at, i.item_key, i.connection_id, i.version, i.state
	from access_tokens t
	left join items i on i.item_id = t.item_id and i.client_id = t.client_id and i.environment = t.environment
	where t.token_hash = $1 and t.client_id = $2 and t.environment = $3`

// ItemOf is the Item of an access token that a request names beside its own credentials, with the answers of [Authorize]
// for tokens that are not the tenant's or whose Item is gone.
func (s *Service) ItemOf(ctx context.Context, tenant store.Tenant, accessToken string) (Item, error) {
	if g := httpapi.CallOf(ctx).Granted(); g != nil && g.Items[accessToken] != "" {
		return s.ItemByID(ctx, tenant, g.Items[accessToken])
	}
	it := Item{Tenant: tenant}
	var removed, version *int64
	var key, connection, state *string
	err := s.DB.QueryRow(ctx, accessTokenQuery, s.Tokens().Hash(accessToken), tenant.Client, tenant.Environment).
		Scan(&it.ID, &removed, &key, &connection, &version, &state)
	if errors.Is(err, store.ErrNotFound) {
		return Item{}, tokens.AccessProblem(accessToken, tenant.Environment)
	}
	if err != nil {
		return Item{}, err
	}
	if removed != nil || key == nil {
		return Item{}, plaid.Err("ITEM_NOT_FOUND")
	}
	it.Key, it.ConnectionID, it.Version = *key, *connection, *version
	return rows.WithState(s.Cache, it, *state)
}

// itemQuery finds an Item of a tenant by its public id.
const itemQuery = `select item_key, connection_id, version, state from items
	where item_id = $1 and client_id = $2 and environment = $3`

// ItemByID is the tenant's Item with a public id; every other id, also one of another tenant, is ITEM_NOT_FOUND.
func (s *Service) ItemByID(ctx context.Context, tenant store.Tenant, itemID string) (Item, error) {
	return s.ItemIn(ctx, s.DB, tenant, itemID)
}

// ItemIn is ItemByID as a transaction sees it.
func (s *Service) ItemIn(ctx context.Context, q store.Querier, tenant store.Tenant, itemID string) (Item, error) {
	it := Item{ID: itemID, Tenant: tenant}
	var state string
	err := q.QueryRow(ctx, itemQuery, itemID, tenant.Client, tenant.Environment).
		Scan(&it.Key, &it.ConnectionID, &it.Version, &state)
	if errors.Is(err, store.ErrNotFound) {
		return Item{}, plaid.Err("ITEM_NOT_FOUND")
	}
	if err != nil {
		return Item{}, err
	}
	return rows.WithState(s.Cache, it, state)
}

// listQuery lists a client's Items in an environment, oldest first.
const listQuery = `select item_id, item_key, connection_id, version, state from items
	where client_id = $1 and environment = $2 order by item_key`

// List is every Item of a tenant, oldest first.
func (s *Service) List(ctx context.Context, tenant store.Tenant) ([]Item, error) {
	found, err := s.DB.Query(ctx, listQuery, tenant.Client, tenant.Environment)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	var items []Item
	for found.Next() {
		it := Item{Tenant: tenant}
		var state string
		if err := found.Scan(&it.ID, &it.Key, &it.ConnectionID, &it.Version, &state); err != nil {
			return nil, err
		}
		if it, err = rows.WithState(s.Cache, it, state); err != nil {
			return nil, err
		}
		items = append(items, it)
	}
	return items, found.Err()
}

// bearerQuery finds whose an access token is by itself, in one point read.
const bearerQuery = `select client_id, environment, item_id from access_tokens where token_hash = $1 and removed_at is null`

// Bearer is whose an access token is, and its Item, for those who let it open its Item without the client's secret.
func (s *Service) Bearer(ctx context.Context, accessToken string) (tenant store.Tenant, itemID string, err error) {
	err = s.DB.QueryRow(ctx, bearerQuery, s.Tokens().Hash(accessToken)).Scan(&tenant.Client, &tenant.Environment, &itemID)
	if errors.Is(err, store.ErrNotFound) {
		err = plaid.Err("INVALID_ACCESS_TOKEN")
	}
	return tenant, itemID, err
}

// Package users is the product of users: the end users of a client, what it tells of them, and the Items that they have.
package users

import (
	"context"

	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/item/ofuser"
	"weft/internal/plaid"
	"weft/internal/product"
	"weft/internal/store"
	"weft/internal/user"
	"weft/internal/user/identity"
)

// New is the product.
func New(items *item.Service) product.Product {
	s := &service{items, &user.Service{DB: items.DB, Keys: items.Keys, IDs: items.IDs}}
	return product.Product{Name: "users", Routes: []httpapi.Route{
		{Path: "/user/create", Summary: "Make a user, or find the one of a client_user_id", Endpoint: product.Endpoint(items.Clients, items.Clock, s.create)},
		{Path: "/user/get", Summary: "What is known of a user", Endpoint: product.Endpoint(items.Clients, items.Clock, s.get)},
		{Path: "/user/update", Summary: "Change what is known of a user", Endpoint: product.Endpoint(items.Clients, items.Clock, s.update)},
		{Path: "/user/remove", Summary: "Remove a user with all of their Items", Endpoint: product.Endpoint(items.Clients, items.Clock, s.remove)},
		{Path: "/user/items/get", Summary: "The Items of a user", Endpoint: product.Endpoint(items.Clients, items.Clock, s.getItems)},
	}}
}

type service struct {
	items *item.Service
	users *user.Service
}

type getRequest struct {
	UserID string `json:"user_id" weft:"required"`
}

type getResponse struct {
	UserID       string             `json:"user_id"`
	ClientUserID string             `json:"client_user_id"`
	CreatedAt    string             `json:"created_at"`
	UpdatedAt    string             `json:"updated_at"`
	Identity     *identity.Identity `json:"identity"`
}

func (s *service) get(ctx context.Context, tenant store.Tenant, req getRequest) (getResponse, error) {
	u, err := s.users.Get(ctx, tenant, req.UserID)
	if err != nil {
		return getResponse{}, err
	}
	return getResponse{
		UserID: u.Name(), ClientUserID: u.ClientUserID, CreatedAt: plaid.Timestamp(u.CreatedAt), UpdatedAt: plaid.Timestamp(u.UpdatedAt), Identity: u.Identity,
	}, nil
}

// named is a request that names a user and says nothing else.
type named struct {
	UserID    *string `json:"user_id"`
	UserToken *string `json:"user_token"`
}

// linkTokensQuery ends the link tokens of a user, which hold what the client told of them for Link.
const linkTokensQuery = `delete from link_tokens where user_id = $1 and client_id = $2 and environment = $3`

// remove deletes a user with all of their Items and link tokens in one transaction: a crash leaves all or nothing of them. An
// Item that is being made meanwhile is made before, and removed too, or fails.
func (s *service) remove(ctx context.Context, tenant store.Tenant, req named) (httpapi.None, error) {
	return httpapi.None{}, s.items.DB.Write(ctx, func(tx *store.Tx) error {
		id, err := s.users.Find(ctx, tx, tenant, req.UserID, req.UserToken)
		if err != nil {
			return err
		}
		if err := user.Hold(ctx, tx, tenant, id); err != nil {
			return err
		}
		owned, err := ofuser.Items(ctx, tx, tenant, id)
		if err != nil {
			return err
		}
		for _, it := range owned {
			if err := s.items.RemoveIn(ctx, tx, item.Item{ID: it.ID, Tenant: tenant}); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, linkTokensQuery, id, tenant.Client, tenant.Environment); err != nil {
			return err
		}
		return s.users.Remove(ctx, tx, tenant, id)
	})
}

type itemsResponse struct {
	Items []plaid.Item `json:"items"`
}

func (s *service) getItems(ctx context.Context, tenant store.Tenant, req named) (itemsResponse, error) {
	res := itemsResponse{Items: []plaid.Item{}}
	err := s.items.DB.Read(ctx, func(tx *store.Tx) error {
		id, err := s.users.Find(ctx, tx, tenant, req.UserID, req.UserToken)
		if err != nil {
			return err
		}
		owned, err := ofuser.Items(ctx, tx, tenant, id)
		for _, it := range owned {
			res.Items = append(res.Items, it.Wire(it.ID))
		}
		return err
	})
	return res, err
}

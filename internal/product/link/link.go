// Package link is the token side of Link: /link/token/create checks and stores what Link is to do, /link/token/get tells
// what was stored. Of a token the database has a keyed hash; of a request, everything but its secrets ([Token]).
//
// A request's rules stand where its fields are: the tags of [Request] are the rules of single fields, the tables of the
// validate files are the rules between fields.
package link

import (
	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/product"
	"weft/internal/user"
)

// New is the product.
func New(items *item.Service) product.Product {
	s := &service{items, &user.Service{DB: items.DB, Keys: items.Keys, IDs: items.IDs}}
	return product.Product{Name: "link", Routes: []httpapi.Route{
		{Path: "/link/token/create", Summary: "Make a token that opens Link, for a new Item or in update mode", Endpoint: product.Endpoint(items.Clients, items.Clock, s.create)},
		{Path: "/link/token/get", Summary: "What a link token was made for", Endpoint: product.Endpoint(items.Clients, items.Clock, s.get)},
	}}
}

type service struct {
	items *item.Service
	users *user.Service
}

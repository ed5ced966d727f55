// Package token is the token side of Link: /link/token/create checks and stores what Link is to do, /link/token/get tells
// what was stored. Of a token the database has a keyed hash; of a request, everything but its secrets ([Token]).
//
// A request's rules stand where its fields are: the tags of [Request] are the rules of single fields, the tables of the
// validate files are the rules between fields.
package token

import (
	"context"
	"encoding/json"

	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/product"
	"weft/internal/user"
)

// Sessions are what came of a token's sessions, in the JSON of /link/token/get.
type Sessions func(ctx context.Context, t Token) ([]json.RawMessage, error)

// Routes are the endpoints of a server that clients reach at baseURL.
func Routes(items *item.Service, baseURL string, sessions Sessions) []httpapi.Route {
	s := &service{items, &user.Service{DB: items.DB, Keys: items.Keys, IDs: items.IDs}, baseURL, sessions}
	return []httpapi.Route{
		{Path: "/link/token/create", Summary: "Make a token that opens Link, for a new Item or in update mode", Endpoint: product.Endpoint(items.Clients, items.Clock, s.create)},
		{Path: "/link/token/get", Summary: "What a link token was made for", Endpoint: product.Endpoint(items.Clients, items.Clock, s.get)},
	}
}

type service struct {
	items    *item.Service
	users    *user.Service
	baseURL  string
	sessions Sessions
}

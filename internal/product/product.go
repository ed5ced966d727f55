// Package product says what a slice of the API hands to the server: its routes, and what it keeps of a bank's answer. Each
// product is a folder below this one, with its wire types, endpoints, SQL and tests; products do not import each other.
package product

import (
	"context"
	"net/http"

	"weft/internal/client"
	"weft/internal/clock"
	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/store"
)

// Product is one slice of the API.
type Product struct {
	// Name is the folder's.
	Name   string
	Routes []httpapi.Route
	// Pages are handlers of other shapes than the API's, by method and path.
	Pages map[string]http.Handler
	// Apply, if set, writes what the product keeps of a bank's answer, in the refresh's transaction.
	Apply item.Applier
}

// Endpoint is an endpoint that acts for a client, not on an Item.
func Endpoint[Req, Res any](clients *client.Service, c clock.Clock, fn func(context.Context, store.Tenant, Req) (Res, error)) httpapi.Endpoint {
	return httpapi.NewEndpoint("", authorize(clients, c), fn)
}

// Upload is an endpoint that acts for a client and is given files.
func Upload[Res any](clients *client.Service, c clock.Clock, fn func(context.Context, store.Tenant, httpapi.Upload) (Res, error)) httpapi.Endpoint {
	return httpapi.NewUpload(authorize(clients, c), fn)
}

func authorize(clients *client.Service, c clock.Clock) func(context.Context, *httpapi.Call) (store.Tenant, error) {
	return func(ctx context.Context, call *httpapi.Call) (store.Tenant, error) {
		if g := call.Granted(); g != nil {
			call.Tenant = g.Tenant
			return g.Tenant, nil
		}
		tenant, err := clients.Authorize(ctx, call.ClientID, call.Secret, c.Now())
		call.Tenant = tenant
		return tenant, err
	}
}

package settings

import (
	"context"

	"weft/internal/client"
	"weft/internal/clock"
	"weft/internal/httpapi"
	"weft/internal/product"
	"weft/internal/store"
)

// Routes are the endpoints.
func Routes(db *store.DB, clients *client.Service, c clock.Clock) []httpapi.Route {
	s := &service{db}
	return []httpapi.Route{
		{Path: "/weft/link/settings/get", Summary: "How Link is for the client: allowed pages, redirect URIs, customizations", Endpoint: product.Endpoint(clients, c, s.get)},
		{Path: "/weft/link/settings/update", Summary: "Change how Link is for the client", Endpoint: product.Endpoint(clients, c, s.update)},
	}
}

type service struct{ db *store.DB }

func (s *service) get(ctx context.Context, tenant store.Tenant, _ httpapi.None) (Settings, error) {
	return Read(ctx, s.db, tenant)
}

func (s *service) update(ctx context.Context, tenant store.Tenant, req Change) (out Settings, err error) {
	return Update(ctx, s.db, tenant, req)
}

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

// updateRequest has the settings that are to change; what is left out stays.
type updateRequest struct {
	AllowedOrigins  []string                 `json:"allowed_origins"`
	RedirectURIs    []string                 `json:"redirect_uris"`
	PublicKey       *bool                    `json:"public_key_enabled"`
	SessionWebhooks *bool                    `json:"session_webhooks_enabled"`
	Customizations  map[string]Customization `json:"customizations"`
}

// Validate checks the fields by themselves.
func (r *updateRequest) Validate(httpapi.Version) error {
	return Settings{AllowedOrigins: r.AllowedOrigins, RedirectURIs: r.RedirectURIs, Customizations: r.Customizations}.Validate()
}

func (s *service) get(ctx context.Context, tenant store.Tenant, _ httpapi.None) (Settings, error) {
	return Read(ctx, s.db, tenant)
}

func (s *service) update(ctx context.Context, tenant store.Tenant, req updateRequest) (out Settings, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		if out, err = Read(ctx, tx, tenant); err != nil {
			return err
		}
		if req.AllowedOrigins != nil {
			out.AllowedOrigins = req.AllowedOrigins
		}
		if req.RedirectURIs != nil {
			out.RedirectURIs = req.RedirectURIs
		}
		if req.PublicKey != nil {
			out.PublicKey = *req.PublicKey
		}
		if req.SessionWebhooks != nil {
			out.SessionWebhooks = *req.SessionWebhooks
		}
		if req.Customizations != nil {
			out.Customizations = req.Customizations
		}
		return Write(ctx, tx, tenant, out)
	})
	return out.whole(), err
}

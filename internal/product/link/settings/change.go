package settings

import (
	"context"

	"weft/internal/httpapi"
	"weft/internal/store"
)

// Change is the settings that are to change; what is left out stays.
type Change struct {
	AllowedOrigins  []string                 `json:"allowed_origins"`
	RedirectURIs    []string                 `json:"redirect_uris"`
	PublicKey       *bool                    `json:"public_key_enabled"`
	SessionWebhooks *bool                    `json:"session_webhooks_enabled"`
	PortalProducts  []string                 `json:"portal_products"`
	PortalWebhook   *string                  `json:"portal_webhook"`
	Customizations  map[string]Customization `json:"customizations"`
}

// Validate checks the fields by themselves.
func (c *Change) Validate(httpapi.Version) error {
	return c.on(Settings{}).Validate()
}

// on is what settings become.
func (c *Change) on(s Settings) Settings {
	if c.AllowedOrigins != nil {
		s.AllowedOrigins = c.AllowedOrigins
	}
	if c.RedirectURIs != nil {
		s.RedirectURIs = c.RedirectURIs
	}
	if c.PublicKey != nil {
		s.PublicKey = *c.PublicKey
	}
	if c.SessionWebhooks != nil {
		s.SessionWebhooks = *c.SessionWebhooks
	}
	if c.PortalProducts != nil {
		s.PortalProducts = c.PortalProducts
	}
	if c.PortalWebhook != nil {
		s.PortalWebhook = *c.PortalWebhook
	}
	if c.Customizations != nil {
		s.Customizations = c.Customizations
	}
	return s
}

// Update changes a tenant's settings, and is what they are then.
func Update(ctx context.Context, db *store.DB, tenant store.Tenant, c Change) (out Settings, err error) {
	err = db.Write(ctx, func(tx *store.Tx) error {
		if out, err = Read(ctx, tx, tenant); err != nil {
			return err
		}
		out = c.on(out)
		return Write(ctx, tx, tenant, out)
	})
	return out.whole(), err
}

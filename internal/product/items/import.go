package items

import (
	"context"

	"weft/internal/connector"
	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/product"
	"weft/internal/store"
)

type importRequest struct {
	InstitutionID *string  `json:"institution_id"`
	Products      []string `json:"products" weft:"required"`
	UserAuth      struct {
		UserID    *string `json:"user_id"`
		AuthToken *string `json:"auth_token"`
	} `json:"user_auth" weft:"required"`
	Options struct {
		Webhook *string `json:"webhook"`
	} `json:"options"`
}

// Validate checks the fields by themselves.
func (r *importRequest) Validate(httpapi.Version) error {
	if err := product.ValidProducts("products", r.Products); err != nil {
		return err
	}
	var missing []string
	for _, f := range []struct {
		name  string
		value *string
	}{{"user_auth.user_id", r.UserAuth.UserID}, {"user_auth.auth_token", r.UserAuth.AuthToken}} {
		if f.value == nil {
			missing = append(missing, f.name)
		} else if *f.value == "" {
			return plaid.InvalidField(f.name, "must be a non-empty string")
		}
	}
	if len(missing) > 0 {
		return plaid.MissingFields(missing...)
	}
	if r.Options.Webhook != nil {
		return product.ValidWebhook("options.webhook", *r.Options.Webhook)
	}
	return nil
}

type importResponse struct {
	AccessToken string `json:"access_token"`
}

// importItem makes an Item without Link: user_id and auth_token are what the institution knows the user by (in the
// sandbox, a user name and its password). Without institution_id it is the first institution that has the products.
func (s *service) importItem(ctx context.Context, tenant store.Tenant, req importRequest) (importResponse, error) {
	link := item.LinkRequest{Products: req.Products, Username: *req.UserAuth.UserID, Password: *req.UserAuth.AuthToken, Imported: true}
	if req.Options.Webhook != nil {
		link.Webhook = *req.Options.Webhook
	}
	if req.InstitutionID != nil {
		link.InstitutionID = *req.InstitutionID
	} else if link.InstitutionID = s.firstInstitution(tenant.Environment, req.Products); link.InstitutionID == "" {
		return importResponse{}, plaid.Errf("PRODUCTS_NOT_SUPPORTED", "no institution supports the requested product(s): %s", plaid.Quoted(req.Products))
	}
	linked, err := s.items.Link(ctx, tenant, link)
	if err != nil {
		return importResponse{}, err
	}
	token, _, err := s.items.Exchange(ctx, tenant, linked.PublicToken)
	return importResponse{token}, err
}

func (s *service) firstInstitution(environment string, products []string) string {
	for _, con := range s.items.Connectors[environment] {
		dir, ok := con.(connector.Directory)
		if !ok {
			continue
		}
		for _, ins := range dir.Institutions(s.items.Clock.Now()) {
			if ins.Supported && !ins.Down && hasAll(ins.Products, products) {
				return ins.InstitutionID
			}
		}
	}
	return ""
}

func hasAll(have, want []string) bool {
	for _, p := range want {
		if !plaid.Known(have, p) {
			return false
		}
	}
	return true
}

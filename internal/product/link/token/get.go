package token

import (
	"context"
	"encoding/json"

	"weft/internal/httpapi"
	"weft/internal/plaid"
	"weft/internal/store"
)

type getRequest struct {
	LinkToken string `json:"link_token" weft:"required"`
}

// Validate refuses an empty token; whether it is one of ours is found by looking it up.
func (r *getRequest) Validate(httpapi.Version) error {
	if r.LinkToken == "" {
		return plaid.InvalidField("link_token", "must be a non-empty string")
	}
	return nil
}

// getResponse has no link_sessions before a session has ended.
type getResponse struct {
	LinkToken  string            `json:"link_token"`
	CreatedAt  string            `json:"created_at"`
	Expiration string            `json:"expiration"`
	Sessions   []json.RawMessage `json:"link_sessions,omitempty"`
	Metadata   metadata          `json:"metadata"`
	UserID     *string           `json:"user_id,omitempty"`
}

type metadata struct {
	InitialProducts []string         `json:"initial_products"`
	Webhook         *string          `json:"webhook"`
	CountryCodes    []string         `json:"country_codes"`
	Language        string           `json:"language"`
	InstitutionData *InstitutionData `json:"institution_data,omitempty"`
	AccountFilters  *AccountFilters  `json:"account_filters,omitempty"`
	RedirectURI     *string          `json:"redirect_uri"`
	ClientName      string           `json:"client_name"`
}

// get tells what a link token was made for. A token can be read for some hours after its end, so that a client that comes
// late still learns what came of it.
func (s *service) get(ctx context.Context, tenant store.Tenant, req getRequest) (getResponse, error) {
	t, err := Find(ctx, s.items.DB, s.items.Keys, tenant, req.LinkToken)
	if err != nil {
		return getResponse{}, err
	}
	if !s.items.Clock.Now().Before(t.ExpiresAt.Add(Readable)) {
		return getResponse{}, plaid.Err("INVALID_LINK_TOKEN")
	}
	sessions, err := s.sessions(ctx, t)
	if err != nil {
		return getResponse{}, err
	}
	r := t.Request
	return getResponse{
		Sessions:  sessions,
		LinkToken: req.LinkToken, CreatedAt: plaid.Timestamp(t.CreatedAt), Expiration: plaid.Timestamp(t.ExpiresAt), UserID: r.UserID,
		Metadata: metadata{
			InitialProducts: append([]string{}, r.Products...), Webhook: r.Webhook, CountryCodes: r.CountryCodes, Language: r.Language,
			InstitutionData: r.InstitutionData, AccountFilters: r.AccountFilters.forVersion(httpapi.CallOf(ctx).Version),
			RedirectURI: r.RedirectURI, ClientName: r.ClientName,
		},
	}, nil
}

package flow

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"weft/internal/httpapi"
	"weft/internal/plaid"
	"weft/internal/product/link/settings"
	"weft/internal/product/link/token"
	"weft/internal/store"
)

// shortestNonce is how many characters an oauthNonce has at least.
const shortestNonce = 16

// legacyToken makes a link token of the configuration of the older form, which has the client's public key in its place. So
// everything else is the same for both.
func (s *Service) legacyToken(ctx context.Context, config map[string]any) (token.Token, error) {
	tenant := store.Tenant{Environment: word(config, "env")}
	err := s.Items.DB.QueryRow(ctx, `select client_id from clients where public_key = $1`, word(config, "key")).Scan(&tenant.Client)
	if errors.Is(err, store.ErrNotFound) {
		return token.Token{}, plaid.Errf("PUBLIC_KEY_NOT_ENABLED", "key must be the public_key of a client; or open Link with a link_token, given as token")
	}
	if err != nil {
		return token.Token{}, err
	}
	if _, known := s.Items.Connectors[tenant.Environment]; !known {
		return token.Token{}, plaid.InvalidField("env", "must be sandbox, development or production")
	}
	set, err := settings.Read(ctx, s.Items.DB, tenant)
	if err != nil {
		return token.Token{}, err
	}
	if !set.PublicKey {
		return token.Token{}, plaid.Errf("PUBLIC_KEY_NOT_ENABLED", "Link is opened with a link_token: make one with /link/token/create and give it as token, in place of key; or switch public_key_enabled on with /weft/link/settings/update")
	}
	redirect, nonce := word(config, "oauthRedirectUri"), word(config, "oauthNonce")
	if (redirect != "" || nonce != "") && len([]rune(nonce)) < shortestNonce {
		return token.Token{}, plaid.InvalidField("oauthNonce", fmt.Sprintf("must have at least %d characters", shortestNonce))
	}
	user := "public_key"
	req := token.Request{
		ClientName: word(config, "clientName"), Language: "en", CountryCodes: []string{"US"}, Products: words(config, "product"),
		User: &token.User{ClientUserID: &user},
	}
	if language := word(config, "language"); language != "" {
		req.Language = language
	}
	if countries := words(config, "countryCodes"); len(countries) > 0 {
		req.CountryCodes = countries
	}
	for _, optional := range []struct {
		name string
		to   **string
	}{{"webhook", &req.Webhook}, {"oauthRedirectUri", &req.RedirectURI}, {"linkCustomizationName", &req.LinkCustomizationName}} {
		if text := word(config, optional.name); text != "" {
			*optional.to = &text
		}
	}
	if err := req.Validate(httpapi.Version20200914); err != nil {
		return token.Token{}, err
	}
	made, err := token.Make(ctx, s.Items, tenant, req)
	if err != nil {
		return token.Token{}, err
	}
	return token.Open(ctx, s.Items.DB, s.Items.Keys, made)
}

func word(config map[string]any, name string) string {
	text, _ := config[name].(string)
	return strings.TrimSpace(text)
}

// words is a list, which may stand as one text with commas.
func words(config map[string]any, name string) []string {
	var list []string
	switch v := config[name].(type) {
	case string:
		for part := range strings.SplitSeq(v, ",") {
			if part = strings.TrimSpace(part); part != "" {
				list = append(list, part)
			}
		}
	case []any:
		for _, part := range v {
			if text, ok := part.(string); ok {
				list = append(list, text)
			}
		}
	}
	return list
}

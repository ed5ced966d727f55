package token

import (
	"context"
	"encoding/json"
	"reflect"
	"time"

	"weft/internal/item"
	"weft/internal/item/ofuser"
	"weft/internal/plaid"
	"weft/internal/product/link/settings"
	"weft/internal/product/link/token/rules"
	"weft/internal/store"
	"weft/internal/user"
)

type createResponse struct {
	LinkToken  string  `json:"link_token"`
	Expiration string  `json:"expiration"`
	HostedURL  *string `json:"hosted_link_url,omitempty"`
	UserID     *string `json:"user_id,omitempty"`
}

// create makes a link token.
func (s *service) create(ctx context.Context, tenant store.Tenant, req Request) (createResponse, error) {
	now := s.items.Clock.Now()
	if err := req.checkNow(tenant.Environment, now); err != nil {
		return createResponse{}, err
	}
	if req.InstitutionID != nil {
		if _, _, err := s.items.Connectors.Institution(tenant.Environment, *req.InstitutionID, now); err != nil {
			return createResponse{}, err
		}
	}
	if err := s.checkSettings(ctx, tenant, req); err != nil {
		return createResponse{}, err
	}
	terms, err := s.terms(ctx, tenant, req)
	if err != nil {
		return createResponse{}, err
	}
	if req.HostedLink != nil && text(req.HostedLink.DeliveryMethod) != "" {
		return createResponse{}, plaid.InvalidField("hosted_link.delivery_method", "cannot be used: this server sends neither texts nor mail; send the hosted_link_url to the user yourself")
	}
	res := createResponse{LinkToken: s.items.IDs.Token(tokenKind, tenant.Environment), UserID: req.UserID}
	hosted := ""
	if req.HostedLink != nil {
		hosted = s.items.IDs.Hex(hostedBytes)
		address := s.baseURL + HostedPath + hosted
		res.HostedURL = &address
	}
	expires, err := s.store(ctx, tenant, res.LinkToken, hosted, terms, func(*store.Tx) error { return nil })
	res.Expiration = plaid.Timestamp(expires)
	return res, err
}

// checkSettings checks what the client has to have settled beforehand.
func (s *service) checkSettings(ctx context.Context, tenant store.Tenant, req Request) error {
	set, err := settings.Read(ctx, s.items.DB, tenant)
	if err != nil {
		return err
	}
	if req.RedirectURI != nil && !set.AllowsRedirect(tenant.Environment, *req.RedirectURI) {
		return plaid.InvalidField("redirect_uri", "must be one of the client's redirect_uris: set them with /weft/link/settings/update")
	}
	if name := req.LinkCustomizationName; name != nil {
		if _, found := set.Customization(*name, req.Language, req.CountryCodes); !found || *name == "" {
			return plaid.Errf("INVALID_LINK_CUSTOMIZATION", "link_customization_name: there is no customization %q; leave it out, use %q, or set one with /weft/link/settings/update", *name, settings.DefaultCustomization)
		}
	}
	return nil
}

// HostedPath is what the path of a hosted page begins with. Its end is a secret of so many random bytes.
const (
	HostedPath  = "/link/hosted/"
	hostedBytes = 20
)

// Make makes a link token for a request that is valid by itself.
func Make(ctx context.Context, items *item.Service, tenant store.Tenant, req Request) (linkToken string, err error) {
	s := &service{items: items, users: &user.Service{DB: items.DB, Keys: items.Keys, IDs: items.IDs}}
	res, err := s.create(ctx, tenant, req)
	return res.LinkToken, err
}

// Page makes a link token for a user who comes to a hosted page without their client, and is the page's path. The terms are ours: they
// are not checked. Admit says whether there may be one more; no other is made for the user meanwhile.
func Page(ctx context.Context, items *item.Service, tenant store.Tenant, terms Terms, admit func(*store.Tx) error) (path string, err error) {
	hosted := items.IDs.Hex(hostedBytes)
	_, err = (&service{items: items}).store(ctx, tenant, items.IDs.Token(tokenKind, tenant.Environment), hosted, terms, admit)
	return HostedPath + hosted, err
}

// Made is how many link tokens a tenant's user was made since a moment.
func Made(ctx context.Context, q store.Querier, tenant store.Tenant, userID string, since time.Time) (n int, err error) {
	err = q.QueryRow(ctx, madeQuery, userID, tenant.Client, tenant.Environment, since.UnixMilli()).Scan(&n)
	return n, err
}

// terms finds the user and the Items that a request names, and takes the secrets out of it.
func (s *service) terms(ctx context.Context, tenant store.Tenant, req Request) (Terms, error) {
	var terms Terms
	var err error
	if req.namesUser() {
		if terms.UserID, err = s.users.Find(ctx, s.items.DB, tenant, req.UserID, req.UserToken); err != nil {
			return Terms{}, err
		}
	}
	tokens := req.AccessTokens
	if req.AccessToken != nil {
		tokens = []string{*req.AccessToken}
	}
	if terms.ItemIDs, err = s.itemIDs(ctx, tenant, tokens); err != nil {
		return Terms{}, err
	}
	if req.Update != nil && len(req.Update.ItemIDs) > 0 {
		if err := s.checkItems(ctx, tenant, terms.UserID, req.Update.ItemIDs); err != nil {
			return Terms{}, err
		}
		terms.ItemIDs = req.Update.ItemIDs
	}
	if req.IncomeVerification != nil {
		if terms.IncomeItemIDs, err = s.itemIDs(ctx, tenant, req.IncomeVerification.AccessTokens); err != nil {
			return Terms{}, err
		}
	}
	terms.Request = req
	terms.Withheld = rules.Withhold(requestRules, reflect.ValueOf(&terms.Request).Elem(), "")
	if req.UserID != nil && *req.UserID != terms.UserID { // it is the token of a user of the older kind
		terms.Request.UserID, terms.Withheld = nil, append(terms.Withheld, "user_id")
	}
	return terms, nil
}

// itemIDs are the Items of access tokens.
func (s *service) itemIDs(ctx context.Context, tenant store.Tenant, accessTokens []string) ([]string, error) {
	var ids []string
	for _, token := range accessTokens {
		it, err := s.items.ItemOf(ctx, tenant, token)
		if err != nil {
			return nil, err
		}
		ids = append(ids, it.ID)
	}
	return ids, nil
}

// checkItems checks that the Items of update.item_ids are the user's.
func (s *service) checkItems(ctx context.Context, tenant store.Tenant, userID string, itemIDs []string) error {
	for _, id := range itemIDs {
		it, err := s.items.ItemByID(ctx, tenant, id)
		if err != nil {
			return err
		}
		if it.UserID != userID {
			return plaid.Err("ITEM_NOT_FOUND")
		}
	}
	return nil
}

// store writes a token's hash and terms, and the hash of its hosted page's id, which is empty for none, if admit lets it. The
// user is held meanwhile.
func (s *service) store(ctx context.Context, tenant store.Tenant, token, hosted string, terms Terms, admit func(*store.Tx) error) (expires time.Time, err error) {
	document, err := json.Marshal(terms)
	if err != nil {
		return time.Time{}, err
	}
	hash := s.items.Keys.Hash(tokenKind, token)
	sealed, err := s.items.Keys.Seal([]byte(token), place(tenant, "sealed", hash))
	if err != nil {
		return time.Time{}, err
	}
	request, err := s.items.Keys.Seal(document, place(tenant, "request", hash))
	if err != nil {
		return time.Time{}, err
	}
	var hostedHash *string
	if hosted != "" {
		h := s.items.Keys.Hash(hostedKind, hosted)
		hostedHash = &h
	}
	life := terms.life()
	var itemID *string
	if len(terms.ItemIDs) > 0 {
		itemID = &terms.ItemIDs[0]
	}
	err = s.items.DB.Write(ctx, func(tx *store.Tx) error {
		expires = tx.Now.Add(life)
		userID, err := ofuser.Hold(ctx, tx, tenant, terms.UserID)
		if err != nil {
			return err
		}
		if err := admit(tx); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, cleanQuery, tx.Now.Add(-Readable).UnixMilli()); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, insertQuery, hash, tenant.Client, tenant.Environment, itemID, userID,
			request, sealed, hostedHash, tx.Now.UnixMilli(), expires.UnixMilli())
		return err
	})
	return expires, err
}

// life is how long the token opens Link.
func (t Terms) life() time.Duration {
	switch h := t.Request.HostedLink; {
	case h != nil && h.URLLifetimeSeconds != nil:
		return time.Duration(*h.URLLifetimeSeconds) * time.Second
	case h != nil || t.UpdateMode():
		return UpdateLife
	}
	return Life
}

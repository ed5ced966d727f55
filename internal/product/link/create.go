package link

import (
	"context"
	"encoding/json"
	"reflect"
	"time"

	"weft/internal/item/ofuser"
	"weft/internal/plaid"
	"weft/internal/store"
)

type createResponse struct {
	LinkToken  string  `json:"link_token"`
	Expiration string  `json:"expiration"`
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
	terms, err := s.terms(ctx, tenant, req)
	if err != nil {
		return createResponse{}, err
	}
	if req.HostedLink != nil {
		return createResponse{}, plaid.InvalidField("hosted_link", "cannot be used yet: this server does not serve hosted Link; open Link with the link_token")
	}
	token := s.items.IDs.Token(tokenKind, tenant.Environment)
	expires, err := s.store(ctx, tenant, token, terms)
	return createResponse{LinkToken: token, Expiration: plaid.Timestamp(expires), UserID: req.UserID}, err
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
	terms.Withheld = withhold(requestRules, reflect.ValueOf(&terms.Request).Elem(), "")
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

// store writes a token's hash and terms.
func (s *service) store(ctx context.Context, tenant store.Tenant, token string, terms Terms) (expires time.Time, err error) {
	document, err := json.Marshal(terms)
	if err != nil {
		return time.Time{}, err
	}
	life := Life
	if terms.UpdateMode() {
		life = UpdateLife
	}
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
		if _, err := tx.Exec(ctx, cleanQuery, tx.Now.Add(-Readable).UnixMilli()); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, insertQuery, s.items.Keys.Hash(tokenKind, token), tenant.Client, tenant.Environment, itemID, userID,
			string(document), tx.Now.UnixMilli(), expires.UnixMilli())
		return err
	})
	return expires, err
}

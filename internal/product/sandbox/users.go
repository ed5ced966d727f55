package sandbox

import (
	"context"
	"slices"

	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/item/ofuser"
	"weft/internal/plaid"
	"weft/internal/store"
)

type resetUserRequest struct {
	UserID    *string `json:"user_id"`
	UserToken *string `json:"user_token"`
	// ItemIDs are those of the user's Items that are meant: all where it is empty.
	ItemIDs []string `json:"item_ids"`
}

// resetUserLogin does to a user's Items what resetLogin does to one, each in a transaction of its own. Where one that is named
// is not the user's, nothing is done to any.
func (s *service) resetUserLogin(ctx context.Context, tenant store.Tenant, req resetUserRequest) (httpapi.None, error) {
	if err := sandboxOnly(tenant, "/sandbox/user/reset_login"); err != nil {
		return httpapi.None{}, err
	}
	id, err := s.users.Find(ctx, s.items.DB, tenant, req.UserID, req.UserToken)
	if err != nil {
		return httpapi.None{}, err
	}
	owned, err := ofuser.Items(ctx, s.items.DB, tenant, id)
	if err != nil {
		return httpapi.None{}, err
	}
	for _, named := range req.ItemIDs {
		if !slices.ContainsFunc(owned, func(it ofuser.Item) bool { return it.ID == named }) {
			return httpapi.None{}, plaid.Err("ITEM_NOT_FOUND")
		}
	}
	for _, it := range owned {
		if len(req.ItemIDs) > 0 && !slices.Contains(req.ItemIDs, it.ID) {
			continue
		}
		if err := s.reset(ctx, item.Item{ID: it.ID, Tenant: tenant}); err != nil {
			return httpapi.None{}, err
		}
	}
	return httpapi.None{}, nil
}

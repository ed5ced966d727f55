package sandbox

import (
	"context"
	"slices"

	"weft/internal/httpapi"
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

// resetUserLogin does to a user's Items what resetLogin does to one, all in one transaction. Where one that is named
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
	ids := req.ItemIDs
	if len(ids) == 0 {
		for _, it := range owned {
			ids = append(ids, it.ID)
		}
	}
	return httpapi.None{}, s.items.ResetLogin(ctx, tenant, ids...)
}

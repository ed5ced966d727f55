package item

import (
	"context"

	"weft/internal/store"
)

// listQuery lists a client's Items in an environment, oldest first.
const listQuery = `select item_id, item_key, connection_id, version, state from items
	where client_id = $1 and environment = $2 order by item_key`

// List is every Item of a tenant, oldest first.
func (s *Service) List(ctx context.Context, tenant store.Tenant) ([]Item, error) {
	rows, err := s.DB.Query(ctx, listQuery, tenant.Client, tenant.Environment)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var items []Item
	for rows.Next() {
		it := Item{Tenant: tenant}
		var state string
		if err := rows.Scan(&it.ID, &it.Key, &it.ConnectionID, &it.Version, &state); err != nil {
			return nil, err
		}
		if it, err = s.withState(it, state); err != nil {
			return nil, err
		}
		items = append(items, it)
	}
	return items, rows.Err()
}

// NewAccessToken makes one more access token of an Item. Those that it has stay valid.
func (s *Service) NewAccessToken(ctx context.Context, it Item) (token string, err error) {
	err = s.DB.Write(ctx, func(tx *store.Tx) error {
		if _, err := s.lock(ctx, tx, it.Tenant, it.ID); err != nil {
			return err
		}
		token, err = s.accessToken(ctx, tx, it.Tenant, it.ID)
		return err
	})
	return token, err
}

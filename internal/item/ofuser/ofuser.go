// Package ofuser finds the Items of a user.
package ofuser

import (
	"context"

	"weft/internal/item/state"
	"weft/internal/store"
	"weft/internal/user"
)

// Item is one of a user's Items.
type Item struct {
	ID string
	state.State
}

// query lists the Items of a user, oldest first.
const query = `select item_id, state from items where user_id = $1 and client_id = $2 and environment = $3 order by item_key`

// Items are those of a tenant's user, oldest first.
func Items(ctx context.Context, q store.Querier, tenant store.Tenant, userID string) ([]Item, error) {
	rows, err := q.Query(ctx, query, userID, tenant.Client, tenant.Environment)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var items []Item
	for rows.Next() {
		var it Item
		var record string
		if err := rows.Scan(&it.ID, &record); err != nil {
			return nil, err
		}
		if it.State, err = state.Decode(record); err != nil {
			return nil, err
		}
		items = append(items, it)
	}
	return items, rows.Err()
}

// Hold takes the row of the user that a new row is to belong to, and is the user's id as that row has it: null for none.
func Hold(ctx context.Context, tx *store.Tx, tenant store.Tenant, userID string) (*string, error) {
	if userID == "" {
		return nil, nil
	}
	return &userID, user.Hold(ctx, tx, tenant, userID)
}

// Give gives an Item that belongs to nobody yet to a user; an empty id gives it to nobody.
func Give(ctx context.Context, tx *store.Tx, tenant store.Tenant, itemKey, userID string) error {
	id, err := Hold(ctx, tx, tenant, userID)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `update items set user_id = $1 where item_key = $2 and client_id = $3 and environment = $4`, id, itemKey, tenant.Client, tenant.Environment)
	return err
}

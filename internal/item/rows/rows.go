package rows

import (
	"context"
	"errors"
	"time"

	"weft/internal/clock"
	"weft/internal/item/ofuser"
	"weft/internal/plaid"
	"weft/internal/store"
)

// Insert writes a new Item.
func Insert(ctx context.Context, tx *store.Tx, it Item) error {
	record, err := it.State.Encode()
	if err != nil {
		return err
	}
	user, err := ofuser.Hold(ctx, tx, it.Tenant, it.UserID)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into items (item_key, item_id, client_id, environment, connection_id, version, state, user_id, created_at)
		values ($1, $2, $3, $4, $5, 0, $6, $7, $8)`, it.Key, it.ID, it.Tenant.Client, it.Tenant.Environment, it.ConnectionID, record, user, tx.Now.UnixMilli())
	return err
}

// Lock takes the Item's row for the rest of the transaction and returns the Item as it is now. All changes of an Item pass
// here, so they happen one after the other. An Item that is gone is ITEM_NOT_FOUND.
func Lock(ctx context.Context, tx *store.Tx, tenant store.Tenant, itemID string) (Item, error) {
	it := Item{ID: itemID, Tenant: tenant}
	var record string
	err := tx.QueryRow(ctx, `update items set version = version where item_id = $1 and client_id = $2 and environment = $3
		returning item_key, connection_id, version, state`, itemID, tenant.Client, tenant.Environment).
		Scan(&it.Key, &it.ConnectionID, &it.Version, &record)
	if errors.Is(err, store.ErrNotFound) {
		return Item{}, plaid.Err("ITEM_NOT_FOUND")
	}
	if err != nil {
		return Item{}, err
	}
	return it, it.Decode(record)
}

// Save writes the record of an Item that is locked, and raises its version: what was cached of it is void.
func Save(ctx context.Context, tx *store.Tx, it *Item) error {
	record, err := it.State.Encode()
	if err != nil {
		return err
	}
	if err := it.render(); err != nil {
		return err
	}
	tx.Changing(it.ID)
	return tx.QueryRow(ctx, `update items set state = $1, version = version + 1
		where item_key = $2 and client_id = $3 and environment = $4 returning version`,
		record, it.Key, it.Tenant.Client, it.Tenant.Environment).Scan(&it.Version)
}

// childTables are the tables whose rows belong to an Item.
var childTables = []string{"corrections", "transactions", "investment_transactions", "item_securities", "documents", "accounts"}

// Delete deletes a locked Item with everything that belongs to it. Its tokens are dead, but remembered.
func Delete(ctx context.Context, tx *store.Tx, it Item) error {
	tx.Changing(it.ID)
	for _, table := range childTables {
		if _, err := tx.Exec(ctx, `delete from `+table+` where item_key = $1`, it.Key); err != nil {
			return err
		}
	}
	for _, table := range []string{"access_tokens", "processor_tokens"} {
		if _, err := tx.Exec(ctx, `update `+table+` set removed_at = $1 where item_id = $2 and client_id = $3 and environment = $4`,
			tx.Now.UnixMilli(), it.ID, it.Tenant.Client, it.Tenant.Environment); err != nil {
			return err
		}
	}
	for _, table := range []string{"public_tokens", "link_tokens", "link_phones", "items"} {
		if _, err := tx.Exec(ctx, `delete from `+table+` where item_id = $1 and client_id = $2 and environment = $3`,
			it.ID, it.Tenant.Client, it.Tenant.Environment); err != nil {
			return err
		}
	}
	return nil
}

// OfConnection are the Items of a connection, oldest first.
func OfConnection(ctx context.Context, q store.Querier, tenant store.Tenant, id string) ([]Item, error) {
	found, err := q.Query(ctx, `select item_id, item_key, connection_id, version, state from items
		where connection_id = $1 and client_id = $2 and environment = $3 order by item_key`, id, tenant.Client, tenant.Environment)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	var items []Item
	for found.Next() {
		it := Item{Tenant: tenant}
		var record string
		if err := found.Scan(&it.ID, &it.Key, &it.ConnectionID, &it.Version, &record); err != nil {
			return nil, err
		}
		if err := it.Decode(record); err != nil {
			return nil, err
		}
		items = append(items, it)
	}
	return items, found.Err()
}

// Refreshed notes when the bank was asked for what was applied last.
func Refreshed(ctx context.Context, tx *store.Tx, it Item, at time.Time) error {
	return note(ctx, tx, it, "refreshed_at", at)
}

// Failed notes when a refresh has failed.
func Failed(ctx context.Context, tx *store.Tx, it Item) error {
	return note(ctx, tx, it, "failed_at", tx.Now)
}

func note(ctx context.Context, tx *store.Tx, it Item, column string, at time.Time) error {
	tx.Changing(it.ID)
	_, err := tx.Exec(ctx, `update items set `+column+` = $1 where item_key = $2 and client_id = $3 and environment = $4`,
		at.UnixMilli(), it.Key, it.Tenant.Client, it.Tenant.Environment)
	return err
}

// Status is when an Item's data was last brought up to date, and when that has last failed, each nil for never.
func Status(ctx context.Context, q store.Querier, it Item) (refreshed, failed *time.Time, err error) {
	if it.asked != nil {
		return clock.Moment(it.asked.refreshed), clock.Moment(it.asked.failed), nil
	}
	var r, f *int64
	err = q.QueryRow(ctx, `select refreshed_at, failed_at from items where item_key = $1 and client_id = $2 and environment = $3`,
		it.Key, it.Tenant.Client, it.Tenant.Environment).Scan(&r, &f)
	return clock.Moment(r), clock.Moment(f), err
}

// asked are the moments of Status, which are no part of an Item's version.
type asked struct{ refreshed, failed *int64 }

// Asked is the Item with the moments of [Status], in milliseconds, for a query that has read them with it.
func (it Item) Asked(refreshed, failed *int64) Item {
	it.asked = &asked{refreshed, failed}
	return it
}

// Package phones recognises people by their phone: within one client, and in the sandbox alone, where the code is known. Nowhere
// else are phones sent any.
package phones

import (
	"context"
	"errors"
	"time"

	"weft/internal/connector"
	"weft/internal/item"
	"weft/internal/item/connections"
	"weft/internal/plaid"
	"weft/internal/product/link/session/saved"
	"weft/internal/seal"
	"weft/internal/store"
)

// hashKind keeps the hashes of phone numbers apart.
const hashKind = "link-phone"

// hash recognises a number within one tenant.
func hash(keys *seal.Keys, tenant store.Tenant, phone string) string {
	return keys.Hash(hashKind, tenant.Client+"\x00"+tenant.Environment+"\x00"+phone)
}

// First Platypus Bank and Platypus OAuth Bank, at which simulated people are.
const (
	platypus      = "ins_109508"
	platypusOAuth = "ins_127287"
)

// people are simulated owners of phones. They are always as they are here, whatever they link.
var people = map[string][]saved.Login{
	"+14155550010": {}, // a new one
	"+14155550011": {good(platypus)},
	"+14155550012": {{InstitutionID: platypus, Username: "user_good", Password: "pass_good", Accounts: []string{"0000", "1111"}}}, // the bank has others by now
	"+14155550013": {good(platypusOAuth)},
	"+14155550014": {{InstitutionID: platypus, Username: "user_good", Password: "mfa_device"}}, // on a device that the bank does not know
	"+14155550015": {{InstitutionID: platypus, Username: "user_good", Password: "pass_good", Accounts: []string{"0000", "1111"}, Auto: true}},
}

func good(institutionID string) saved.Login {
	return saved.Login{InstitutionID: institutionID, Username: "user_good", Password: "pass_good"}
}

// Remember has a phone's owner recognised by an Item.
func Remember(ctx context.Context, tx *store.Tx, keys *seal.Keys, tenant store.Tenant, phone, itemID string) error {
	if _, simulated := people[phone]; simulated {
		return nil
	}
	_, err := tx.Exec(ctx, `insert into link_phones (client_id, environment, phone_hash, item_id, saved_at) values ($1, $2, $3, $4, $5)
		on conflict (client_id, environment, phone_hash, item_id) do update set saved_at = excluded.saved_at`,
		tenant.Client, tenant.Environment, hash(keys, tenant, phone), itemID, tx.Now.UnixMilli())
	return err
}

// mostSaved bounds what a person is shown.
const mostSaved = 12

// Recall is what a phone's owner is recognised by: their last Item at each institution, the newest first.
func Recall(ctx context.Context, items *item.Service, tenant store.Tenant, phone string) ([]saved.Login, error) {
	if list, simulated := people[phone]; simulated {
		return list, nil
	}
	ids, err := itemIDs(ctx, items, tenant, phone)
	if err != nil {
		return nil, err
	}
	var list []saved.Login
	seen := map[string]bool{}
	for _, id := range ids {
		it, err := items.ItemByID(ctx, tenant, id)
		var gone *plaid.Error
		if errors.As(err, &gone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if !seen[it.InstitutionID] {
			seen[it.InstitutionID] = true
			list = append(list, saved.Login{InstitutionID: it.InstitutionID, ItemID: it.ID, Accounts: it.Shared})
		}
	}
	return list[:min(len(list), mostSaved)], nil
}

// Known reports whether a phone's owner is recognised.
func Known(items *item.Service) func(ctx context.Context, tenant store.Tenant, phone string) (bool, error) {
	return func(ctx context.Context, tenant store.Tenant, phone string) (bool, error) {
		if tenant.Environment != plaid.Sandbox {
			return false, nil
		}
		list, err := Recall(ctx, items, tenant, phone)
		return len(list) > 0, err
	}
}

func itemIDs(ctx context.Context, items *item.Service, tenant store.Tenant, phone string) (ids []string, err error) {
	rows, err := items.DB.Query(ctx, `select item_id from link_phones where client_id = $1 and environment = $2 and phone_hash = $3
		order by saved_at desc, item_id limit 100`, tenant.Client, tenant.Environment, hash(items.Keys, tenant, phone))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// Open is the login of an Item that works, for another one.
func Open(ctx context.Context, items *item.Service, tenant store.Tenant, itemID string) (connector.Opened, error) {
	it, err := items.ItemByID(ctx, tenant, itemID)
	if err == nil {
		err = it.Failed()
	}
	if err != nil {
		return connector.Opened{}, err
	}
	conn, err := connections.Read(ctx, items.DB, items.Keys, tenant, it.ConnectionID)
	if errors.Is(err, store.ErrNotFound) {
		err = plaid.Err("ITEM_NOT_FOUND")
	}
	return connector.Opened{Credentials: conn.Credentials, LoginEnds: moment(it.LoginEnds), ConsentEnds: moment(it.ConsentExpires)}, err
}

// moment is a time in milliseconds; 0 is none.
func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// Package accounts stores accounts: how the bank's keys and the public ids belong together, the sealed numbers, and the documents
// that are answered.
package accounts

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"weft/internal/connector"
	"weft/internal/item/rows"
	"weft/internal/seal"
	"weft/internal/store"
)

// Row is what the table has of an account: its public id, its place among the Item's accounts, the moment in milliseconds
// that its balances and holdings are of, and its numbers, sealed.
type Row struct {
	ID       string
	Position int64
	AsOf     int64
	numbers  *string
}

// Known are an Item's accounts by the bank's keys.
func Known(ctx context.Context, q store.Querier, itemKey string) (map[string]Row, error) {
	found, err := q.Query(ctx, `select native_key, account_id, position, as_of, numbers from accounts where item_key = $1`, itemKey)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	known := map[string]Row{}
	for found.Next() {
		var key string
		var row Row
		if err := found.Scan(&key, &row.ID, &row.Position, &row.AsOf, &row.numbers); err != nil {
			return nil, err
		}
		known[key] = row
	}
	return known, found.Err()
}

// Same reports whether a batch has one of an Item's accounts at least, where it has any.
func Same(ctx context.Context, q store.Querier, itemKey string, batch connector.Batch) (bool, error) {
	known, err := Known(ctx, q, itemKey)
	if err != nil || len(known) == 0 {
		return err == nil, err
	}
	return slices.ContainsFunc(batch.Keys(), func(key string) bool { return known[key].ID != "" }), nil
}

// open are the numbers of the row, nil where there are none yet.
func (r Row) open(keys *seal.Keys, tenant store.Tenant) (*connector.Numbers, error) {
	if r.numbers == nil {
		return nil, nil
	}
	plain, err := keys.Open(*r.numbers, place(tenant, r.ID))
	if err != nil {
		return nil, err
	}
	var n connector.Numbers
	if err := json.Unmarshal(plain, &n); err != nil {
		return nil, fmt.Errorf("accounts: stored numbers: %w", err)
	}
	return &n, nil
}

// put writes an account's row where it differs from the old one, whose id stays. Sealing gives other bytes each time, so numbers are
// compared open: before are those of the old row.
func put(ctx context.Context, tx *store.Tx, keys *seal.Keys, it rows.Item, a connector.Account, before *connector.Numbers, old, row Row) (bool, error) {
	same := before != nil && reflect.DeepEqual(*before, a.Numbers)
	if same && old.Position == row.Position && old.AsOf == row.AsOf {
		return false, nil
	}
	sealed := old.numbers
	if !same {
		numbers, err := json.Marshal(a.Numbers)
		if err != nil {
			return false, err
		}
		text, err := keys.Seal(numbers, place(it.Tenant, old.ID))
		if err != nil {
			return false, err
		}
		sealed = &text
	}
	_, err := tx.Exec(ctx, `insert into accounts (item_key, native_key, account_id, position, as_of, numbers) values ($1, $2, $3, $4, $5, $6)
		on conflict (item_key, native_key) do update set position = excluded.position, as_of = excluded.as_of, numbers = excluded.numbers`,
		it.Key, a.Key, old.ID, row.Position, row.AsOf, sealed)
	return true, err
}

// SealText and OpenText are the form in which an account's numbers are stored, for those who copy one.
func SealText(keys *seal.Keys, tenant store.Tenant, accountID string, numbers []byte) (string, error) {
	return keys.Seal(numbers, place(tenant, accountID))
}

// OpenText opens what SealText has sealed.
func OpenText(keys *seal.Keys, tenant store.Tenant, accountID, sealed string) ([]byte, error) {
	return keys.Open(sealed, place(tenant, accountID))
}

func place(tenant store.Tenant, accountID string) seal.Place {
	return seal.Place{Tenant: tenant.Client + "/" + tenant.Environment, Table: "accounts", Column: "numbers", Row: accountID}
}

// numbersQuery reads the numbers of an Item's accounts, in the accounts' order.
const numbersQuery = `select a.account_id, a.numbers from accounts a
	join items i on i.item_key = a.item_key and i.client_id = $2 and i.environment = $3
	where a.item_key = $1 order by a.position`

// Numbers are the numbers of one account.
type Numbers struct {
	AccountID string
	connector.Numbers
}

// ReadNumbers opens the routing and account numbers of an Item.
func ReadNumbers(ctx context.Context, q store.Querier, keys *seal.Keys, tenant store.Tenant, itemKey string) ([]Numbers, error) {
	found, err := q.Query(ctx, numbersQuery, itemKey, tenant.Client, tenant.Environment)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	var out []Numbers
	for found.Next() {
		var row Row
		if err := found.Scan(&row.ID, &row.numbers); err != nil {
			return nil, err
		}
		opened, err := row.open(keys, tenant)
		if err != nil {
			return nil, err
		}
		one := Numbers{AccountID: row.ID}
		if opened != nil {
			one.Numbers = *opened
		}
		out = append(out, one)
	}
	return out, found.Err()
}

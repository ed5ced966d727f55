package simplefin

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"weft/internal/clock"
	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/store"
)

// Life is how long a setup token can be claimed.
const Life = 7 * 24 * time.Hour

// Kinds of secrets, which keep their hashes apart.
const (
	setupKind  = "simplefin setup"
	secretKind = "simplefin"
)

// secretBytes are the random bytes of a setup token and of a password.
const secretBytes = 16

// Accesses are who may read Items over SimpleFIN.
type Accesses struct{ Items *item.Service }

// Access is one of them. Its times are nil for never.
type Access struct {
	ID, Name string
	ItemIDs  []string
	// CreatedAt is when it was made, ExpiresAt until when its setup token can be claimed.
	CreatedAt, ExpiresAt time.Time
	ClaimedAt, UsedAt    *time.Time
}

// Created is a new access. The setup token is shown this once.
type Created struct {
	ID, SetupToken string
	ExpiresAt      time.Time
}

// Create makes an access to Items of a tenant, which the caller has found to be the tenant's. Programs reach the server at
// baseURL.
func (a Accesses) Create(ctx context.Context, tenant store.Tenant, baseURL, name string, itemIDs []string) (Created, error) {
	items, err := json.Marshal(itemIDs)
	if err != nil {
		return Created{}, err
	}
	made := Created{ID: a.Items.IDs.ID()}
	token := a.Items.IDs.Hex(secretBytes)
	made.SetupToken = base64.StdEncoding.EncodeToString([]byte(strings.TrimSuffix(baseURL, "/") + root + "/claim/" + token))
	err = a.Items.DB.Write(ctx, func(tx *store.Tx) error {
		made.ExpiresAt = tx.Now.Add(Life)
		_, err := tx.Exec(ctx, `insert into simplefin_access (access_id, client_id, environment, name, items, setup_hash, created_at, expires_at)
			values ($1, $2, $3, $4, $5, $6, $7, $8)`, made.ID, tenant.Client, tenant.Environment, name, string(items),
			a.Items.Keys.Hash(setupKind, token), tx.Now.UnixMilli(), made.ExpiresAt.UnixMilli())
		return err
	})
	return made, err
}

// List is a tenant's accesses, oldest first.
func (a Accesses) List(ctx context.Context, tenant store.Tenant) ([]Access, error) {
	rows, err := a.Items.DB.Query(ctx, `select access_id, name, items, created_at, expires_at, claimed_at, used_at from simplefin_access
		where client_id = $1 and environment = $2 order by created_at, access_id`, tenant.Client, tenant.Environment)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Access
	for rows.Next() {
		var one Access
		var items []byte
		var created, expires int64
		var claimed, used *int64
		if err := rows.Scan(&one.ID, &one.Name, &items, &created, &expires, &claimed, &used); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(items, &one.ItemIDs); err != nil {
			return nil, fmt.Errorf("simplefin: stored items: %w", err)
		}
		one.CreatedAt, one.ExpiresAt = time.UnixMilli(created).UTC(), time.UnixMilli(expires).UTC()
		one.ClaimedAt, one.UsedAt = clock.Moment(claimed), clock.Moment(used)
		list = append(list, one)
	}
	return list, rows.Err()
}

// Remove ends an access of a tenant at once, also one that was not claimed yet.
func (a Accesses) Remove(ctx context.Context, tenant store.Tenant, accessID string) error {
	return a.Items.DB.Write(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(ctx, `delete from simplefin_access where access_id = $1 and client_id = $2 and environment = $3`,
			accessID, tenant.Client, tenant.Environment)
		if err == nil && n == 0 {
			err = plaid.InvalidField("access_id", "is none of the client's")
		}
		return err
	})
}

// errRefused says that a setup token or a password opens nothing. Why is not told: it may be somebody's guess.
var errRefused = errors.New("simplefin: refused")

// claim spends a setup token for a password. Of any number of claims at once, one wins.
func (a Accesses) claim(ctx context.Context, token string) (accessID, password string, err error) {
	hash := a.Items.Keys.Hash(setupKind, token)
	// A guess costs a read, and not a turn of the only writer.
	err = a.Items.DB.QueryRow(ctx, `select access_id from simplefin_access where setup_hash = $1 and claimed_at is null and expires_at > $2`,
		hash, a.Items.Clock.Now().UnixMilli()).Scan(&accessID)
	if err == nil {
		err = a.Items.DB.Write(ctx, func(tx *store.Tx) error {
			var tenant store.Tenant
			err := tx.QueryRow(ctx, `update simplefin_access set claimed_at = $1
				where setup_hash = $2 and claimed_at is null and expires_at > $1 returning access_id, client_id, environment`,
				tx.Now.UnixMilli(), hash).Scan(&accessID, &tenant.Client, &tenant.Environment)
			if err != nil {
				return err
			}
			password = a.Items.IDs.Hex(secretBytes)
			_, err = tx.Exec(ctx, `update simplefin_access set secret_hash = $1 where access_id = $2 and client_id = $3 and environment = $4`,
				a.Items.Keys.Hash(secretKind, password), accessID, tenant.Client, tenant.Environment)
			return err
		})
	}
	if errors.Is(err, store.ErrNotFound) {
		err = errRefused
	}
	return accessID, password, err
}

// usedEvery is how often it is noted that an access was used: a read need not write each time.
const usedEvery = time.Minute

// open finds the access of a user name and password, and whose it is.
func (a Accesses) open(ctx context.Context, accessID, password string) (tenant store.Tenant, itemIDs []string, err error) {
	var items []byte
	var used int64
	err = a.Items.DB.QueryRow(ctx, `select client_id, environment, items, coalesce(used_at, 0) from simplefin_access
		where secret_hash = $1 and access_id = $2`, a.Items.Keys.Hash(secretKind, password), accessID).
		Scan(&tenant.Client, &tenant.Environment, &items, &used)
	if errors.Is(err, store.ErrNotFound) {
		return tenant, nil, errRefused
	}
	if err != nil {
		return tenant, nil, err
	}
	if err := json.Unmarshal(items, &itemIDs); err != nil {
		return tenant, nil, fmt.Errorf("simplefin: stored items: %w", err)
	}
	now := a.Items.Clock.Now()
	if now.Sub(time.UnixMilli(used)) < usedEvery {
		return tenant, itemIDs, nil
	}
	return tenant, itemIDs, a.Items.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `update simplefin_access set used_at = $1 where access_id = $2 and client_id = $3 and environment = $4`,
			now.UnixMilli(), accessID, tenant.Client, tenant.Environment)
		return err
	})
}

package item

import (
	"context"
	"errors"
	"time"

	"weft/internal/item/connections"
	"weft/internal/item/event"
	"weft/internal/item/state"
	"weft/internal/plaid"
	"weft/internal/store"
)

// Kinds of tokens: their first word, and what keeps their hashes apart.
const (
	accessKind = "access"
	publicKind = "public"
)

// PublicTokenLife is how long a public token can be exchanged.
const PublicTokenLife = 30 * time.Minute

// publicTokenMemory is how long an expired public token is known as such.
const publicTokenMemory = 24 * time.Hour

// PublicToken makes a token that can be exchanged once for an access token of the Item.
func (s *Service) PublicToken(ctx context.Context, tx *store.Tx, tenant store.Tenant, itemID string) (token string, expires time.Time, err error) {
	token, expires = s.IDs.Token(publicKind, tenant.Environment), tx.Now.Add(PublicTokenLife)
	// Expired tokens, of whatever tenant, are told apart from unknown ones for a day.
	if _, err := tx.Exec(ctx, `delete from public_tokens where expires_at <= $1`, tx.Now.Add(-publicTokenMemory).UnixMilli()); err != nil {
		return "", time.Time{}, err
	}
	_, err = tx.Exec(ctx, `insert into public_tokens (token_hash, client_id, environment, item_id, created_at, expires_at)
		values ($1, $2, $3, $4, $5, $6)`, s.Keys.Hash(publicKind, token), tenant.Client, tenant.Environment, itemID, tx.Now.UnixMilli(), expires.UnixMilli())
	return token, expires, err
}

func (s *Service) accessToken(ctx context.Context, tx *store.Tx, tenant store.Tenant, itemID string) (string, error) {
	token := s.IDs.Token(accessKind, tenant.Environment)
	_, err := tx.Exec(ctx, `insert into access_tokens (token_hash, client_id, environment, item_id, created_at) values ($1, $2, $3, $4, $5)`,
		s.Keys.Hash(accessKind, token), tenant.Client, tenant.Environment, itemID, tx.Now.UnixMilli())
	return token, err
}

// Exchange spends a public token for an access token of its Item. Of any number of exchanges at once, one wins.
func (s *Service) Exchange(ctx context.Context, tenant store.Tenant, publicToken string) (accessToken, itemID string, err error) {
	hash := s.Keys.Hash(publicKind, publicToken)
	err = s.DB.Write(ctx, func(tx *store.Tx) error {
		err := tx.QueryRow(ctx, `update public_tokens set used_at = $1
			where token_hash = $2 and client_id = $3 and environment = $4 and used_at is null and expires_at > $1 returning item_id`,
			tx.Now.UnixMilli(), hash, tenant.Client, tenant.Environment).Scan(&itemID)
		if errors.Is(err, store.ErrNotFound) {
			return s.publicTokenError(ctx, tx, tenant, hash, publicToken)
		}
		if err != nil {
			return err
		}
		accessToken, err = s.accessToken(ctx, tx, tenant, itemID)
		return err
	})
	return accessToken, itemID, err
}

// publicTokenError tells why a public token of the tenant's own cannot be exchanged.
func (s *Service) publicTokenError(ctx context.Context, tx *store.Tx, tenant store.Tenant, hash, token string) error {
	var expires int64
	err := tx.QueryRow(ctx, `select expires_at from public_tokens where token_hash = $1 and client_id = $2 and environment = $3`,
		hash, tenant.Client, tenant.Environment).Scan(&expires)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return tokenError("INVALID_PUBLIC_TOKEN", publicKind, "public token", token, tenant.Environment)
	case err != nil:
		return err
	case expires <= tx.Now.UnixMilli():
		return plaid.Errf("INVALID_PUBLIC_TOKEN", "provided public token is expired. Public tokens expire 30 minutes after creation at which point they can no longer be exchanged")
	}
	return plaid.Errf("INVALID_PUBLIC_TOKEN", "provided public token was exchanged already. Public tokens can be exchanged once")
}

// Invalidate gives the Item a new access token and ends all that it had.
func (s *Service) Invalidate(ctx context.Context, it Item) (accessToken string, err error) {
	err = s.DB.Write(ctx, func(tx *store.Tx) error {
		if _, err := s.lock(ctx, tx, it.Tenant, it.ID); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `delete from access_tokens where item_id = $1 and client_id = $2 and environment = $3`,
			it.ID, it.Tenant.Client, it.Tenant.Environment); err != nil {
			return err
		}
		accessToken, err = s.accessToken(ctx, tx, it.Tenant, it.ID)
		return err
	})
	return accessToken, err
}

// childTables are the tables whose rows belong to an Item.
var childTables = []string{"corrections", "transactions", "investment_transactions", "item_securities", "documents", "accounts"}

// Remove deletes an Item with everything that belongs to it, and its connection where no other Item uses it. Its access
// tokens are dead at once; they are remembered, so that they answer ITEM_NOT_FOUND.
func (s *Service) Remove(ctx context.Context, it Item) error {
	return s.DB.Write(ctx, func(tx *store.Tx) error { return s.RemoveIn(ctx, tx, it) })
}

// RemoveIn is Remove as a part of a transaction.
func (s *Service) RemoveIn(ctx context.Context, tx *store.Tx, it Item) error {
	it, err := s.lock(ctx, tx, it.Tenant, it.ID)
	if err != nil {
		return err
	}
	for _, table := range childTables {
		if _, err := tx.Exec(ctx, `delete from `+table+` where item_key = $1`, it.Key); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, `update access_tokens set removed_at = $1 where item_id = $2 and client_id = $3 and environment = $4`,
		tx.Now.UnixMilli(), it.ID, it.Tenant.Client, it.Tenant.Environment); err != nil {
		return err
	}
	for _, table := range []string{"public_tokens", "link_tokens", "items"} {
		if _, err := tx.Exec(ctx, `delete from `+table+` where item_id = $1 and client_id = $2 and environment = $3`,
			it.ID, it.Tenant.Client, it.Tenant.Environment); err != nil {
			return err
		}
	}
	return s.leave(ctx, tx, it)
}

// leave ends what an Item has of its connection: the connection itself where no other Item uses it, else the wish to have
// the institution's data.
func (s *Service) leave(ctx context.Context, tx *store.Tx, it Item) error {
	if gone, err := connections.Remove(ctx, tx, it.Tenant, it.ConnectionID); gone || err != nil {
		return err
	}
	declined, err := connections.Declined(ctx, tx, it.Tenant, it.ConnectionID)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil || plaid.Known(declined, it.InstitutionID) {
		return err
	}
	return connections.SetDeclined(ctx, tx, it.Tenant, it.ConnectionID, append(declined, it.InstitutionID))
}

// lock takes the Item's row for the rest of the transaction and returns the Item as it is now. All changes of an Item pass
// here, so they happen one after the other. An Item that is gone is ITEM_NOT_FOUND.
func (s *Service) lock(ctx context.Context, tx *store.Tx, tenant store.Tenant, itemID string) (Item, error) {
	it := Item{ID: itemID, Tenant: tenant}
	var record string
	err := tx.QueryRow(ctx, `update items set version = version where item_id = $1 and client_id = $2 and environment = $3
		returning item_key, connection_id, version, state, coalesce(refreshed_at, 0)`, itemID, tenant.Client, tenant.Environment).
		Scan(&it.Key, &it.ConnectionID, &it.Version, &record, &it.refreshedAt)
	if errors.Is(err, store.ErrNotFound) {
		return Item{}, plaid.Err("ITEM_NOT_FOUND")
	}
	if err != nil {
		return Item{}, err
	}
	it.State, err = state.Decode(record)
	return it, err
}

// Update changes an Item's record, and tells its client of it where there are events. It returns the Item as it is then.
func (s *Service) Update(ctx context.Context, it Item, change func(*State), events ...event.Event) (updated Item, err error) {
	err = s.DB.Write(ctx, func(tx *store.Tx) error {
		if updated, err = s.lock(ctx, tx, it.Tenant, it.ID); err != nil {
			return err
		}
		change(&updated.State)
		if err := s.save(ctx, tx, &updated); err != nil {
			return err
		}
		for _, e := range events {
			if err := s.Events.Tell(ctx, tx, updated.Target(), e); err != nil {
				return err
			}
		}
		return nil
	})
	return updated, err
}

// save writes the record of an Item that is locked, and raises its version: what was cached of it is void.
func (s *Service) save(ctx context.Context, tx *store.Tx, it *Item) error {
	record, err := it.State.Encode()
	if err != nil {
		return err
	}
	if it.Tail, err = it.tail(); err != nil {
		return err
	}
	return tx.QueryRow(ctx, `update items set state = $1, version = version + 1
		where item_key = $2 and client_id = $3 and environment = $4 returning version`,
		record, it.Key, it.Tenant.Client, it.Tenant.Environment).Scan(&it.Version)
}

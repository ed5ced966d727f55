// Package life is what happens to Items apart from their data: their tokens are made, spent and ended, their records change, and
// they are removed.
package life

import (
	"context"
	"errors"
	"time"

	"weft/internal/ident"
	"weft/internal/item/connections"
	"weft/internal/item/consent"
	"weft/internal/item/ending"
	"weft/internal/item/event"
	"weft/internal/item/rows"
	"weft/internal/item/state"
	"weft/internal/item/tokens"
	"weft/internal/plaid"
	"weft/internal/seal"
	"weft/internal/store"
)

// Life is what Items live on.
type Life struct {
	DB   *store.DB
	Keys *seal.Keys
	IDs  *ident.Source
	// Events takes what clients are told by webhook.
	Events event.Notifier
}

// Tokens are those of Items.
func (s *Life) Tokens() tokens.Tokens { return tokens.Tokens{Keys: s.Keys, IDs: s.IDs} }

// PublicToken makes a token that can be exchanged once for an access token of the Item.
func (s *Life) PublicToken(ctx context.Context, tx *store.Tx, tenant store.Tenant, itemID string) (token string, expires time.Time, err error) {
	return s.Tokens().Public(ctx, tx, tenant, itemID)
}

// Exchange spends a public token for an access token of its Item. Of any number of exchanges at once, one wins.
func (s *Life) Exchange(ctx context.Context, tenant store.Tenant, publicToken string) (accessToken, itemID string, err error) {
	err = s.DB.Write(ctx, func(tx *store.Tx) error {
		accessToken, itemID, err = s.Tokens().Exchange(ctx, tx, tenant, publicToken)
		return err
	})
	return accessToken, itemID, err
}

// NewAccessToken makes one more access token of an Item. Those that it has stay valid.
func (s *Life) NewAccessToken(ctx context.Context, it rows.Item) (token string, err error) {
	err = s.DB.Write(ctx, func(tx *store.Tx) error {
		if _, err := rows.Lock(ctx, tx, it.Tenant, it.ID); err != nil {
			return err
		}
		token, err = s.Tokens().Access(ctx, tx, it.Tenant, it.ID)
		return err
	})
	return token, err
}

// Invalidate gives the Item a new access token and ends all that it had.
func (s *Life) Invalidate(ctx context.Context, it rows.Item) (accessToken string, err error) {
	err = s.DB.Write(ctx, func(tx *store.Tx) error {
		if _, err := rows.Lock(ctx, tx, it.Tenant, it.ID); err != nil {
			return err
		}
		if err := s.Tokens().Forget(ctx, tx, it.Tenant, it.ID); err != nil {
			return err
		}
		accessToken, err = s.Tokens().Access(ctx, tx, it.Tenant, it.ID)
		return err
	})
	return accessToken, err
}

// Remove deletes an Item with everything that belongs to it, and its connection where no other Item uses it. Its access
// tokens are dead at once; they are remembered, so that they answer ITEM_NOT_FOUND.
func (s *Life) Remove(ctx context.Context, it rows.Item) error {
	return s.DB.Write(ctx, func(tx *store.Tx) error { return s.RemoveIn(ctx, tx, it) })
}

// RemoveIn is Remove as a part of a transaction.
func (s *Life) RemoveIn(ctx context.Context, tx *store.Tx, it rows.Item) error {
	it, err := rows.Lock(ctx, tx, it.Tenant, it.ID)
	if err != nil {
		return err
	}
	if err := rows.Delete(ctx, tx, it); err != nil {
		return err
	}
	if err := consent.End(ctx, tx, it); err != nil {
		return err
	}
	return s.leave(ctx, tx, it)
}

// ErrUnlinked says that an Item's user has taken back all already.
var ErrUnlinked = errors.New("unlinked already")

// Unlink has an Item's user take back all that they share.
func (s *Life) Unlink(ctx context.Context, it rows.Item) error {
	return s.DB.Write(ctx, func(tx *store.Tx) error {
		it, err := rows.Lock(ctx, tx, it.Tenant, it.ID)
		if err != nil {
			return err
		}
		if it.Revoked() != nil {
			return ErrUnlinked
		}
		return ending.Unlink(ctx, tx, s.Events, &it)
	})
}

// leave ends what an Item has of its connection: the connection itself where no other Item uses it, else the wish to have
// the institution's data.
func (s *Life) leave(ctx context.Context, tx *store.Tx, it rows.Item) error {
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

// Update changes an Item's record, and tells its client of it where there are events. It returns the Item as it is then.
func (s *Life) Update(ctx context.Context, it rows.Item, change func(*state.State), events ...event.Event) (updated rows.Item, err error) {
	err = s.DB.Write(ctx, func(tx *store.Tx) error {
		if updated, err = rows.Lock(ctx, tx, it.Tenant, it.ID); err != nil {
			return err
		}
		change(&updated.State)
		if err := rows.Save(ctx, tx, &updated); err != nil {
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

package item

import (
	"context"
	"errors"
	"slices"

	"weft/internal/connector"
	"weft/internal/item/ending"
	"weft/internal/item/rows"
	"weft/internal/item/state"
	"weft/internal/plaid"
	"weft/internal/store"
)

// Renewal is what a person changes of an Item in update mode besides logging in anew.
type Renewal struct {
	// Consented are further products that the user agrees to share data for.
	Consented []string
	// Accounts are the bank's keys of all accounts that the user shares from now on; nil leaves them as they are.
	Accounts []string
}

// repair is a new login of an Item, on its way into the store.
type repair struct {
	opened connector.Opened
	Renewal
	then   Then
	linked Linked
}

// Reopening is a new login of an Item that there is. One of another user is INVALID_UPDATED_USERNAME.
func (s *Service) Reopening(ctx context.Context, it Item, opened connector.Opened) (Opening, error) {
	conn, con, err := s.connection(ctx, asking{tenant: it.Tenant, connection: it.ConnectionID})
	if errors.Is(err, store.ErrNotFound) {
		return Opening{}, plaid.Err("ITEM_NOT_FOUND")
	}
	if err != nil {
		return Opening{}, err
	}
	if identifying, ok := con.(connector.Identifying); ok {
		same, err := identifying.SameUser(conn.Credentials, opened.Credentials)
		if err != nil {
			return Opening{}, err
		}
		if !same {
			return Opening{}, plaid.Err("INVALID_UPDATED_USERNAME")
		}
	}
	return Opening{InstitutionID: it.InstitutionID, ConnectionID: it.ConnectionID, Opened: opened}, nil
}

// Repair is update mode: the Item goes on with a new login. The bank is asked with it, and all is written in one transaction,
// with what the caller writes: credentials, new ends of login and consent, what the user shares, and the bank's answer. The
// Item's error passes, what it has missed comes, and its ids, tokens and cursors stay. Where the bank refuses, nothing changes.
func (s *Service) Repair(ctx context.Context, it Item, opened connector.Opened, renewal Renewal, then Then) (Linked, error) {
	o, err := s.Reopening(ctx, it, opened)
	if err != nil {
		return Linked{}, err
	}
	r := &repair{opened: opened, Renewal: renewal, then: then}
	_, err = s.ask(ctx, asking{tenant: it.Tenant, connection: o.ConnectionID, item: it.ID, step: state.StepWhole, repair: r, waits: true})
	if errors.Is(err, store.ErrNotFound) {
		err = plaid.Err("ITEM_NOT_FOUND")
	}
	return r.linked, err
}

// renew changes the record of a locked Item as its new login says.
func (r *repair) renew(it *Item, batch connector.Batch) error {
	it.Renew(r.opened)
	it.Consented = plaid.Ordered(plaid.Products, slices.Concat(it.Consented, r.Consented))
	if r.Accounts != nil && !it.Share(r.Accounts, batch.Keys()) || len(batch.Accounts) == 0 {
		return plaid.Err("NO_ACCOUNTS")
	}
	return nil
}

// ResetLogin has Items need a new login, as a changed password at the bank does: all of them in one transaction.
func (s *Service) ResetLogin(ctx context.Context, tenant store.Tenant, itemIDs ...string) error {
	return s.DB.Write(ctx, func(tx *store.Tx) error {
		for _, id := range slices.Sorted(slices.Values(itemIDs)) {
			it, err := rows.Lock(ctx, tx, tenant, id)
			if err == nil && it.InstitutionID != "" { // account numbers alone have no login
				err = ending.Fall(ctx, tx, s.Events, &it, ending.LoginRequired)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

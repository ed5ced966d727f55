package item

import (
	"context"
	"encoding/json"
	"errors"

	"weft/internal/connector"
	"weft/internal/item/connections"
	"weft/internal/item/consent"
	"weft/internal/item/institutions"
	"weft/internal/item/ofuser"
	"weft/internal/item/rows"
	"weft/internal/item/state"
	"weft/internal/plaid"
	"weft/internal/store"
)

// ThenAll is what a caller writes in the transaction that makes several Items.
type ThenAll func(ctx context.Context, tx *store.Tx, linked []Linked) error

// ImportNew makes an Item of each statement of a file that one of a client's users has brought. Unlike [Service.Import] it
// touches no Item that there is: that may be another user's. Nor do later imports find the Items.
func (s *Service) ImportNew(ctx context.Context, tenant store.Tenant, from string, statements []connector.Statement, terms Terms, then ThenAll) error {
	return s.DB.Write(ctx, func(tx *store.Tx) error {
		var list []Linked
		for _, st := range statements {
			if len(st.Batch.Accounts) == 0 {
				return plaid.Err("NO_ACCOUNTS")
			}
			one, err := s.importNew(ctx, tx, tenant, from, st, terms)
			if err != nil {
				return err
			}
			list = append(list, one)
		}
		return then(ctx, tx, list)
	})
}

func (s *Service) importNew(ctx context.Context, tx *store.Tx, tenant store.Tenant, from string, st connector.Statement, terms Terms) (Linked, error) {
	want := s.want(productsOf(st.Batch), "")
	it := s.ownItem(tenant, s.IDs.Key(want.Now), st.Institution, want.Now)
	it.Webhook, it.UserID = terms.Webhook, terms.UserID
	it.Add(want.Products)
	// Without an institution the connection is not the one that imports of the client itself look for.
	err := connections.Insert(ctx, tx, s.Keys, connections.Connection{Tenant: tenant, Connector: from,
		Connection: connector.Connection{ID: it.ConnectionID, Credentials: json.RawMessage(`{}`)}})
	if err != nil {
		return Linked{}, err
	}
	if err := rows.Insert(ctx, tx, it); err != nil {
		return Linked{}, err
	}
	if err := institutions.Put(ctx, tx, tenant, st.Institution); err != nil {
		return Linked{}, err
	}
	r, err := s.apply(ctx, tx, it, want, st.Batch, state.StepWhole, true)
	if err == nil {
		err = consent.Note(ctx, tx, r.Item, consent.Imported)
	}
	if err != nil {
		return Linked{}, err
	}
	return s.finish(ctx, tx, r, nil)
}

// Adopt gives Items that a connection has just made to a client's user: their webhooks go where the client says. It returns
// public tokens for them.
func (s *Service) Adopt(ctx context.Context, tx *store.Tx, tenant store.Tenant, itemIDs []string, terms Terms) ([]Linked, error) {
	var list []Linked
	for _, id := range itemIDs {
		it, err := rows.Lock(ctx, tx, tenant, id)
		if err != nil {
			return nil, err
		}
		it.Webhook, it.UserID = terms.Webhook, terms.UserID
		if err := errors.Join(rows.Save(ctx, tx, &it), ofuser.Give(ctx, tx, tenant, it.Key, it.UserID)); err != nil {
			return nil, err
		}
		one := Linked{Item: it}
		if one.PublicToken, _, err = s.PublicToken(ctx, tx, tenant, id); err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

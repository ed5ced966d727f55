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
	want := s.want(st.Batch.Products(), "")
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

// ImportTo applies a file that a person has brought to an Item that there is: what the file has of the Item's institution. It
// heals the Item, whose ids and tokens stay.
func (s *Service) ImportTo(ctx context.Context, to Item, statements []connector.Statement, then ThenAll) error {
	return s.DB.Write(ctx, func(tx *store.Tx) error {
		it, err := rows.Lock(ctx, tx, to.Tenant, to.ID)
		if err != nil {
			return gone(err)
		}
		it.Renew(connector.Opened{})
		var r *Refreshed
		for _, st := range statements {
			if st.Institution.InstitutionID != it.InstitutionID || len(st.Batch.Accounts) == 0 {
				continue
			}
			want := s.want(st.Batch.Products(), "")
			it.Add(want.Products)
			if r, err = s.apply(ctx, tx, it, want, st.Batch, state.StepWhole, true); err != nil {
				return err
			}
			it = r.Item
		}
		if r == nil {
			return plaid.Err("INVALID_UPDATED_USERNAME")
		}
		linked, err := s.finish(ctx, tx, r, nil)
		if err != nil {
			return err
		}
		return then(ctx, tx, []Linked{linked})
	})
}

// Bring makes an Item of each institution that new credentials reach, for one of a client's users. The banks are asked with no
// transaction open; the connection, its Items and what the caller writes are written in one.
func (s *Service) Bring(ctx context.Context, tenant store.Tenant, from string, o Opening, terms Terms, then ThenAll) error {
	con, err := s.Connectors.Find(tenant.Environment, from)
	if err != nil {
		return err
	}
	want := s.wantOf(nil, asking{}, true)
	conn := connections.Connection{Tenant: tenant, Connector: from,
		Connection: connector.Connection{ID: o.ConnectionID, Credentials: o.Opened.Credentials, CreatedAt: want.Now}}
	answers, memory, err := s.bankFetcher().All(ctx, con, conn.Connection, want)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *store.Tx) error {
		if err := connections.Insert(ctx, tx, s.Keys, conn); err != nil {
			return err
		}
		lease, _, err := connections.Take(ctx, tx, tenant, conn.ID, s.IDs.UUID())
		if err != nil {
			return err
		}
		round, err := s.applyRound(ctx, tx, asking{tenant: tenant, connection: conn.ID}, con, want, answers)
		if err != nil {
			return err
		}
		list, err := s.adopt(ctx, tx, round, terms)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return connector.Nothing(answers)
		}
		if err := lease.End(ctx, tx, connections.Outcome{Memory: memory, Due: connections.NextDue(con, conn.Connection, want.Now, 0), Asked: true}); err != nil {
			return err
		}
		return then(ctx, tx, list)
	})
}

// adopt gives the Items of a new connection to a client's user: their webhooks go where the client says.
func (s *Service) adopt(ctx context.Context, tx *store.Tx, round Round, terms Terms) (list []Linked, err error) {
	for _, result := range round.Results {
		one := Linked{Item: result.Item}
		one.Item.Webhook, one.Item.UserID = terms.Webhook, terms.UserID
		err = errors.Join(rows.Save(ctx, tx, &one.Item), ofuser.Give(ctx, tx, one.Item.Tenant, one.Item.Key, one.Item.UserID))
		if err == nil {
			one.PublicToken, _, err = s.PublicToken(ctx, tx, one.Item.Tenant, one.Item.ID)
		}
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

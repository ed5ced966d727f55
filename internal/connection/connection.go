// Package connection is what people do with logins at banks that are more than one Item: connect a token, look how it stands,
// ask the bank now, correct what was inferred, disconnect. It also has connections asked from time to time by themselves.
package connection

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"weft/internal/connector"
	"weft/internal/item"
	"weft/internal/item/connections"
	"weft/internal/plaid"
	"weft/internal/store"
)

// Service keeps connections.
type Service struct {
	Items *item.Service
	Log   *slog.Logger
	// Serial has connections that are due asked one after the other, so that tests see the same each time.
	Serial bool
}

// Connected is a new connection. Err is why its banks could not be asked yet: the connection is there all the same, and asks
// them by itself later.
type Connected struct {
	ID    string
	Round item.Round
	Err   *plaid.Error
}

// Connect opens a connection with a token, and makes an Item of each of its institutions. The token is spent by that, so
// what it gives is written down before anything else.
func (s *Service) Connect(ctx context.Context, tenant store.Tenant, connectorName, token string) (Connected, error) {
	con, err := s.Items.Connectors.Find(tenant.Environment, connectorName)
	tokens, ok := con.(connector.Tokens)
	if err != nil || !ok {
		return Connected{}, plaid.InvalidField("connector", "must be a source of data that "+tenant.Environment+" has and that is connected with a token, such as simplefin")
	}
	done, err := s.claim(ctx, tenant, tokens, connectorName, token)
	if err != nil {
		return Connected{}, err
	}
	done.Round, err = s.Items.RefreshConnection(ctx, tenant, done.ID)
	if err != nil && !errors.As(err, &done.Err) {
		return done, unknown(err)
	}
	return done, nil
}

// Bounds of a claim, and of the time in which somebody who has claimed asks themselves.
const (
	claimTimeout = time.Minute
	takeUpAfter  = 2 * time.Minute
)

// claim spends a token and writes down what it gives, also where nobody waits for it any more: it is good for one claim.
func (s *Service) claim(ctx context.Context, tenant store.Tenant, tokens connector.Tokens, connectorName, token string) (Connected, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), claimTimeout)
	defer cancel()
	credentials, err := tokens.Claim(ctx, token)
	if err != nil {
		return Connected{}, err
	}
	now := s.Items.Clock.Now()
	due := now.Add(takeUpAfter)
	done := Connected{ID: s.Items.IDs.Key(now)}
	err = s.Items.DB.Write(ctx, func(tx *store.Tx) error {
		return connections.Insert(ctx, tx, s.Items.Keys, connections.Connection{Tenant: tenant, Connector: connectorName, Due: &due,
			Connection: connector.Connection{ID: done.ID, Credentials: credentials}})
	})
	return done, err
}

// Status is a connection as it stands.
type Status struct {
	connections.Connection
	Items []item.Item
	// Notes are what is worth telling of the last fetch.
	Notes []connector.Note
}

// List is all connections of a tenant that were opened with a token, oldest first.
func (s *Service) List(ctx context.Context, tenant store.Tenant) ([]Status, error) {
	items, err := s.Items.List(ctx, tenant)
	if err != nil {
		return nil, err
	}
	var list []Status
	for _, con := range s.Items.Connectors[tenant.Environment] {
		if _, ok := con.(connector.Tokens); !ok {
			continue
		}
		all, err := connections.List(ctx, s.Items.DB, s.Items.Keys, tenant, con.Name())
		if err != nil {
			return nil, err
		}
		for _, c := range all {
			list = append(list, status(c, con, items))
		}
	}
	return list, nil
}

func status(c connections.Connection, con connector.Connector, items []item.Item) Status {
	st := Status{Connection: c}
	for _, it := range items {
		if it.ConnectionID == c.ID {
			st.Items = append(st.Items, it)
		}
	}
	slices.SortFunc(st.Items, func(x, y item.Item) int { return cmp.Compare(x.InstitutionID, y.InstitutionID) })
	if noting, ok := con.(connector.Noting); ok {
		st.Notes = noting.Notes(c.Memory)
	}
	return st
}

// unknown is the error for a connection that the tenant does not have.
func unknown(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return plaid.InvalidField("connection_id", "names no connection of yours")
	}
	return err
}

// own refuses a connection that is not the tenant's, or that no token has opened: those end with their Items.
func (s *Service) own(ctx context.Context, tenant store.Tenant, id string) error {
	c, err := connections.Read(ctx, s.Items.DB, s.Items.Keys, tenant, id)
	if err != nil {
		return unknown(err)
	}
	con, err := s.Items.Connectors.Find(tenant.Environment, c.Connector)
	if _, ok := con.(connector.Tokens); err != nil || !ok {
		return unknown(store.ErrNotFound)
	}
	return nil
}

// Refresh asks a connection's banks now.
func (s *Service) Refresh(ctx context.Context, tenant store.Tenant, id string) (item.Round, error) {
	if err := s.own(ctx, tenant, id); err != nil {
		return item.Round{}, err
	}
	round, err := s.Items.RefreshConnection(ctx, tenant, id)
	return round, unknown(err)
}

// Remove ends a connection and removes its Items. What the other side knows of the token is not ours to delete: there it has
// to be disabled by the person.
func (s *Service) Remove(ctx context.Context, tenant store.Tenant, id string) error {
	if err := s.own(ctx, tenant, id); err != nil {
		return err
	}
	return s.Items.DB.Write(ctx, func(tx *store.Tx) error {
		// With the connection's row locked, nobody can make another Item of it.
		if _, err := connections.Declined(ctx, tx, tenant, id); err != nil {
			return unknown(err)
		}
		items, err := s.Items.OfConnection(ctx, tx, tenant, id)
		if err != nil {
			return err
		}
		for _, it := range items {
			if err := s.Items.RemoveIn(ctx, tx, it); err != nil {
				return err
			}
		}
		_, err = connections.Remove(ctx, tx, tenant, id) // the last Item has taken it along, if there was one
		return err
	})
}

// Correct tells of what type an account truly is, where that was inferred, and asks the bank again. Later is why the bank
// could not be asked: the account is corrected with its next answer then.
func (s *Service) Correct(ctx context.Context, it item.Item, accountID, accountType, subtype string) (corrected item.Item, later *plaid.Error, err error) {
	err = s.Items.DB.Write(ctx, func(tx *store.Tx) error {
		native, err := s.keyOf(ctx, tx, it, accountID)
		if err != nil {
			return err
		}
		c, err := connections.Read(ctx, tx, s.Items.Keys, it.Tenant, it.ConnectionID)
		if err != nil {
			return unknown(err)
		}
		con, err := s.Items.Connectors.Find(it.Tenant.Environment, c.Connector)
		if err != nil {
			return err
		}
		correctable, ok := con.(connector.Correctable)
		if !ok {
			return plaid.Errf("PRODUCTS_NOT_SUPPORTED", "the bank states what type its accounts are of: there is nothing to correct")
		}
		credentials, err := correctable.Correct(c.Credentials, it.InstitutionID, native, accountType, subtype)
		if err != nil {
			return err
		}
		return connections.SetCredentials(ctx, tx, s.Items.Keys, it.Tenant, c.ID, credentials)
	})
	if err != nil {
		return item.Item{}, nil, err
	}
	corrected, err = s.Items.Refresh(ctx, it)
	if errors.As(err, &later) {
		return it, later, nil
	}
	return corrected, nil, err
}

const (
	lookEvery = 15 * time.Second // for connections that are due
	mostAsked = 4                // at the same time
	mostDue   = 64               // in one look
)

// Run has connections asked when they are due, until the context ends. What is at work then ends first.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		if err := s.RefreshDue(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("connections that are due could not be refreshed", "error", err.Error())
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// RefreshDue asks all connections that are due now.
func (s *Service) RefreshDue(ctx context.Context) error {
	list, err := connections.Due(ctx, s.Items.DB, s.Items.Clock.Now(), mostDue)
	if err != nil {
		return err
	}
	most := mostAsked
	if s.Serial {
		most = 1
	}
	slots := make(chan struct{}, most)
	for _, ref := range list {
		slots <- struct{}{}
		go func() {
			defer func() { <-slots }()
			s.refreshOne(ctx, ref)
		}()
	}
	for range most { // all slots are free when all are done
		slots <- struct{}{}
	}
	return nil
}

func (s *Service) refreshOne(ctx context.Context, ref connections.Ref) {
	defer func() {
		if p := recover(); p != nil {
			s.Log.Error("refresh panicked", "connection_id", ref.ID, "panic", p)
		}
	}()
	round, err := s.Items.RefreshDue(ctx, ref)
	switch {
	case errors.Is(err, connections.ErrBusy) || errors.Is(err, store.ErrNotFound) || ctx.Err() != nil:
	case err != nil:
		s.Log.Warn("a connection could not be refreshed", "connection_id", ref.ID, "error", err.Error())
	default:
		failed := 0
		for _, r := range round.Results {
			if r.Err != nil {
				failed++
				s.Log.Warn("an institution could not be refreshed", "connection_id", ref.ID, "item_id", r.Item.ID, "error", r.Err.Error())
			}
		}
		s.Log.Info("connection refreshed", "connection_id", ref.ID, "items", len(round.Results), "failed", failed)
	}
}

package item

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"weft/internal/connector"
	"weft/internal/item/connections"
	"weft/internal/item/consent"
	"weft/internal/item/rows"
	"weft/internal/item/state"
	"weft/internal/item/terms"
	"weft/internal/plaid"
	"weft/internal/store"
)

// LinkRequest is what Link makes an Item of: a login at an institution, and what it is for.
type LinkRequest struct {
	InstitutionID      string
	Username, Password string
	Products           []string
	Consented          []string
	Webhook            string
	UserID             string
	History            History
	Statements         []state.Days
	// Imported: a program has brought the login, and not a person.
	Imported bool
}

// Opening is a login that was just made: of an Item that is to be, or anew of one that there is. It holds credentials, so
// whoever keeps it seals it.
type Opening struct {
	InstitutionID string           `json:"institution_id"`
	ConnectionID  string           `json:"connection_id"`
	Opened        connector.Opened `json:"opened"`
}

// Linked is what became of a login: an Item, a public token for it, and the accounts that the user shares, with their ids.
type Linked struct {
	Item        Item
	PublicToken string
	Accounts    []connector.Account
}

// Then is what a caller writes in the transaction that makes or repairs an Item. It runs again where the transaction does. Nil
// writes nothing.
type Then func(ctx context.Context, tx *store.Tx, linked Linked) error

// Link makes an Item of a login, with all accounts that there are.
func (s *Service) Link(ctx context.Context, tenant store.Tenant, req LinkRequest) (Linked, error) {
	b, err := s.bank(tenant, req.InstitutionID)
	if err != nil {
		return Linked{}, err
	}
	if err := terms.Supports(b.Institution, req.Products); err != nil {
		return Linked{}, err
	}
	opened, err := b.auth.Authenticate(ctx, connector.Login{InstitutionID: req.InstitutionID, Username: req.Username, Password: req.Password, Now: b.now})
	if err != nil {
		return Linked{}, err
	}
	return s.open(ctx, tenant, b, s.Opening(req.InstitutionID, opened), Terms{
		Products: req.Products, Consented: req.Consented, Webhook: req.Webhook, UserID: req.UserID, History: req.History, Imported: req.Imported,
		Statements: req.Statements,
	}, nil)
}

// Authenticate logs in at an institution with what a person has typed, and keeps nothing.
func (s *Service) Authenticate(ctx context.Context, tenant store.Tenant, login connector.Login) (connector.Opened, error) {
	b, err := s.bank(tenant, login.InstitutionID)
	if err != nil {
		return connector.Opened{}, err
	}
	login.Now = b.now
	return b.auth.Authenticate(ctx, login)
}

// Opening is a login of which an Item may be made.
func (s *Service) Opening(institutionID string, opened connector.Opened) Opening {
	return Opening{InstitutionID: institutionID, ConnectionID: s.IDs.Key(s.Clock.Now()), Opened: opened}
}

// Look asks the bank which accounts a login reaches, for some products, and writes nothing.
func (s *Service) Look(ctx context.Context, tenant store.Tenant, o Opening, products []string) ([]connector.Account, error) {
	want := s.want(products, "")
	conn, con, err := s.connection(ctx, asking{tenant: tenant, connection: o.ConnectionID})
	switch {
	case err == nil:
		want.Renewed = true
	case errors.Is(err, store.ErrNotFound):
		if _, con, err = s.Connectors.Institution(tenant.Environment, o.InstitutionID, want.Now); err != nil {
			return nil, err
		}
		conn.Connection = connector.Connection{ID: o.ConnectionID, InstitutionID: o.InstitutionID, CreatedAt: want.Now}
	default:
		return nil, err
	}
	conn.Credentials = o.Opened.Credentials
	batch, err := s.bankFetcher().One(ctx, con, conn.Connection, want)
	if err == nil && len(batch.Accounts) == 0 {
		err = plaid.Err("NO_ACCOUNTS")
	}
	return batch.Accounts, err
}

// Make makes an Item of a login: it fetches all data with no transaction open, and writes everything in one, with what the
// caller writes. A crash leaves a whole Item or none.
func (s *Service) Make(ctx context.Context, tenant store.Tenant, o Opening, t Terms, then Then) (Linked, error) {
	b, err := s.bank(tenant, o.InstitutionID)
	if err != nil {
		return Linked{}, err
	}
	if t.Typed != nil { // the bank need not give them
		b.Products = plaid.Ordered(plaid.Products, append([]string{"auth"}, b.Products...))
	}
	if err := terms.Supports(b.Institution, t.Products); err != nil {
		return Linked{}, err
	}
	return s.open(ctx, tenant, b, o, t, then)
}

func (s *Service) open(ctx context.Context, tenant store.Tenant, b bank, o Opening, t Terms, then Then) (linked Linked, err error) {
	it := Item{ID: s.IDs.ID(), Key: s.IDs.Key(b.now), Tenant: tenant, ConnectionID: o.ConnectionID, State: t.State(b.Institution, o.Opened, b.now)}
	conn := connector.Connection{ID: it.ConnectionID, InstitutionID: o.InstitutionID, Credentials: o.Opened.Credentials, CreatedAt: b.now}
	want := s.want(t.Products, "")
	batch, err := s.bankFetcher().One(ctx, b.con, conn, want)
	if err != nil {
		return Linked{}, err
	}
	if !it.Share(t.Accounts, batch.Keys()) {
		return Linked{}, plaid.Err("NO_ACCOUNTS")
	}
	t.Typed.Number(&it, batch)
	err = s.DB.Write(ctx, func(tx *store.Tx) error {
		if err := s.insert(ctx, tx, it, b.con.Name(), connections.NextDue(b.con, conn, b.now, 0), o.Opened.Credentials); err != nil {
			return err
		}
		r, err := s.apply(ctx, tx, it, want, batch, s.first(), true)
		if err == nil {
			err = consent.Note(ctx, tx, r.Item, consent.Beginning(t.Imported))
		}
		if err != nil {
			return err
		}
		linked, err = s.finish(ctx, tx, r, then)
		return err
	})
	return linked, err
}

// finish plans what time does to an Item that was made or repaired, and lets the caller write.
func (s *Service) finish(ctx context.Context, tx *store.Tx, r *Refreshed, then Then) (linked Linked, err error) {
	linked.Item = r.Item
	for _, a := range r.Batch.Accounts {
		a.AccountID = r.AccountIDs[a.Key]
		linked.Accounts = append(linked.Accounts, a)
	}
	if err := s.Ends.Plan(ctx, tx, r.Item); err != nil {
		return linked, err
	}
	if linked.PublicToken, _, err = s.PublicToken(ctx, tx, r.Item.Tenant, r.Item.ID); err != nil || then == nil {
		return linked, err
	}
	return linked, then(ctx, tx, linked)
}

// bank is an institution at which people log in. Of account numbers alone there is none, and all but con and now says so.
type bank struct {
	connector.Institution
	con  connector.Connector
	auth connector.Authenticator
	now  time.Time
}

// bank is the institution with an id, or what stands in its place where account numbers are typed without a login.
func (s *Service) bank(tenant store.Tenant, institutionID string) (b bank, err error) {
	b.now = s.Clock.Now()
	if institutionID == "" {
		b.Products, b.CountryCodes = []string{"auth"}, []string{"US"}
		b.con, err = s.Connectors.Numbered(tenant.Environment)
		return b, err
	}
	if b.Institution, b.con, err = s.Connectors.Institution(tenant.Environment, institutionID, b.now); err != nil {
		return b, err
	}
	var ok bool
	if b.auth, ok = b.con.(connector.Authenticator); !ok {
		err = plaid.Err("INSTITUTION_NOT_ENABLED_IN_ENVIRONMENT")
	}
	return b, err
}

// insert writes the rows of a new connection and Item.
func (s *Service) insert(ctx context.Context, tx *store.Tx, it Item, connectorName string, due *time.Time, credentials json.RawMessage) error {
	err := connections.Insert(ctx, tx, s.Keys, connections.Connection{Tenant: it.Tenant, Connector: connectorName, Due: due,
		Connection: connector.Connection{ID: it.ConnectionID, InstitutionID: it.InstitutionID, Credentials: credentials}})
	if err != nil {
		return err
	}
	return rows.Insert(ctx, tx, it)
}

// Status is when an Item's data was last brought up to date, and when that has last failed, each nil for never.
func (s *Service) Status(ctx context.Context, it Item) (refreshed, failed *time.Time, err error) {
	return rows.Status(ctx, s.DB, it)
}

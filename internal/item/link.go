package item

import (
	"context"
	"encoding/json"
	"time"

	"weft/internal/clock"
	"weft/internal/connector"
	"weft/internal/item/connections"
	"weft/internal/item/ofuser"
	"weft/internal/plaid"
	"weft/internal/store"
)

// LinkRequest is what a new Item is made of: a login at an institution, and what it is for.
type LinkRequest struct {
	InstitutionID      string
	Username, Password string
	// Products are initialised now; Consented may be added later without asking the user again.
	Products, Consented []string
	Webhook             string
	UserID              string
	History             History
}

// Linked is a new Item and a token for it.
type Linked struct {
	Item        Item
	PublicToken string
}

// Link makes an Item: it logs in, fetches all data with no transaction open, and writes everything in one. A crash
// leaves a whole Item or none.
func (s *Service) Link(ctx context.Context, tenant store.Tenant, req LinkRequest) (Linked, error) {
	now := s.Clock.Now()
	ins, con, err := s.Connectors.Institution(tenant.Environment, req.InstitutionID, now)
	if err != nil {
		return Linked{}, err
	}
	auth, ok := con.(connector.Authenticator)
	if !ok {
		return Linked{}, plaid.Err("INSTITUTION_NOT_ENABLED_IN_ENVIRONMENT")
	}
	if err := supported(ins, req.Products); err != nil {
		return Linked{}, err
	}
	opened, err := auth.Authenticate(ctx, connector.Login{InstitutionID: req.InstitutionID, Username: req.Username, Password: req.Password, Now: now})
	if err != nil {
		return Linked{}, err
	}
	it := Item{ID: s.IDs.ID(), Key: s.IDs.Key(now), Tenant: tenant, ConnectionID: s.IDs.Key(now), State: newState(ins, req, opened, now)}
	conn := connector.Connection{ID: it.ConnectionID, InstitutionID: req.InstitutionID, Credentials: opened.Credentials, CreatedAt: now}
	want := s.want(req.Products, "")
	batch, err := con.Fetch(ctx, conn, want)
	if err != nil {
		return Linked{}, err
	}
	if len(batch.Accounts) == 0 {
		return Linked{}, plaid.Err("NO_ACCOUNTS")
	}
	var linked Linked
	err = s.DB.Write(ctx, func(tx *store.Tx) error {
		if err := s.insert(ctx, tx, it, con.Name(), connections.NextDue(con, it.ConnectionID, now, 0), opened.Credentials); err != nil {
			return err
		}
		r, err := s.apply(ctx, tx, it, want, batch, s.first(), true)
		if err != nil {
			return err
		}
		linked.Item = r.Item
		linked.PublicToken, _, err = s.PublicToken(ctx, tx, tenant, it.ID)
		return err
	})
	return linked, err
}

// supported refuses products that the institution does not have.
func supported(ins connector.Institution, products []string) error {
	var missing []string
	for _, p := range products {
		if !plaid.Known(ins.Products, p) {
			missing = append(missing, p)
		}
	}
	if len(missing) > 0 {
		return plaid.Errf("PRODUCTS_NOT_SUPPORTED", "%s does not support the requested product(s): %s", ins.Name, plaid.Quoted(missing))
	}
	return nil
}

// consentDays is how long consent lasts where the law limits it.
const consentDays = 180

func newState(ins connector.Institution, req LinkRequest, opened connector.Opened, now time.Time) State {
	st := State{
		InstitutionID: ins.InstitutionID, InstitutionName: ins.Name, Supported: ins.Products,
		Products: plaid.Ordered(plaid.Products, req.Products),
		Webhook:  req.Webhook, UserID: req.UserID, History: req.History, CreatedAt: now.UnixMilli(),
	}
	st.Consented = plaid.Ordered(plaid.Products, append(append([]string{}, req.Products...), req.Consented...))
	for _, country := range ins.CountryCodes {
		if country == "US" || country == "CA" {
			st.ConsentNeeded = true
		}
	}
	if !st.ConsentNeeded { // UK and EU: consent ends by law, and covers what the institution gives
		st.ConsentExpires = now.AddDate(0, 0, consentDays).UnixMilli()
	}
	if opened.ItemError != nil {
		st.Error = opened.ItemError.Code
	}
	return st
}

// insert writes the rows of a new connection and Item.
func (s *Service) insert(ctx context.Context, tx *store.Tx, it Item, connectorName string, due *time.Time, credentials json.RawMessage) error {
	err := connections.Insert(ctx, tx, s.Keys, connections.Connection{Tenant: it.Tenant, Connector: connectorName, Due: due,
		Connection: connector.Connection{ID: it.ConnectionID, InstitutionID: it.InstitutionID, Credentials: credentials}})
	if err != nil {
		return err
	}
	return s.insertItem(ctx, tx, it)
}

func (s *Service) insertItem(ctx context.Context, tx *store.Tx, it Item) error {
	record, err := it.State.Encode()
	if err != nil {
		return err
	}
	user, err := ofuser.Hold(ctx, tx, it.Tenant, it.UserID)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into items (item_key, item_id, client_id, environment, connection_id, version, state, user_id, created_at)
		values ($1, $2, $3, $4, $5, 0, $6, $7, $8)`, it.Key, it.ID, it.Tenant.Client, it.Tenant.Environment, it.ConnectionID, record, user, tx.Now.UnixMilli())
	return err
}

// Status is when an Item's data was last brought up to date, each nil for never.
func (s *Service) Status(ctx context.Context, it Item) (refreshed, failed *time.Time, err error) {
	var r, f *int64
	err = s.DB.QueryRow(ctx, `select refreshed_at, failed_at from items where item_key = $1 and client_id = $2 and environment = $3`,
		it.Key, it.Tenant.Client, it.Tenant.Environment).Scan(&r, &f)
	return clock.Moment(r), clock.Moment(f), err
}

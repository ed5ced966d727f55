package consent

import (
	"context"
	"errors"
	"time"

	"weft/internal/item"
	"weft/internal/item/consent"
	"weft/internal/plaid"
	"weft/internal/store"
)

type applicationsRequest struct {
	AccessToken *string `json:"access_token"`
}

// Application is an API client that has access.
type Application struct {
	ApplicationID   string  `json:"application_id"`
	Name            string  `json:"name"`
	DisplayName     *string `json:"display_name"`
	LogoURL         *string `json:"logo_url"`
	ApplicationURL  *string `json:"application_url"`
	ReasonForAccess *string `json:"reason_for_access"`
	CreatedAt       string  `json:"created_at"`
	Scopes          *Scopes `json:"scopes"`
}

// Scopes are what an application may read.
type Scopes struct {
	ProductAccess ProductAccess   `json:"product_access"`
	Accounts      []AccountAccess `json:"accounts"`
	NewAccounts   bool            `json:"new_accounts"`
}

// ProductAccess is the data of all accounts that may be read.
type ProductAccess struct {
	Statements   bool `json:"statements"`
	Identity     bool `json:"identity"`
	Auth         bool `json:"auth"`
	Transactions bool `json:"transactions"`
}

// AccountAccess is an account that may be seen.
type AccountAccess struct {
	UniqueID   string `json:"unique_id"`
	Authorized bool   `json:"authorized"`
}

// scopes are a consent as applications are told of it; nil for none.
func scopes(c *consent.Consent) *Scopes {
	if c == nil {
		return nil
	}
	has := func(scope string) bool { return plaid.Known(c.Scopes, scope) }
	s := &Scopes{NewAccounts: c.NewAccounts, Accounts: []AccountAccess{}, ProductAccess: ProductAccess{
		Statements: has("bank_statements"), Identity: has("contact_info"), Auth: has("account_routing_number"), Transactions: has("transactions"),
	}}
	for _, a := range c.Accounts {
		s.Accounts = append(s.Accounts, AccountAccess{UniqueID: a.AccountID, Authorized: true})
	}
	return s
}

type applicationsResponse struct {
	Applications []Application `json:"applications"`
}

// applications are those that have access to the Item or, where none is named, to any Item. Clients see nothing of each other, so
// that is the client itself or nobody.
func (s *service) applications(ctx context.Context, tenant store.Tenant, req applicationsRequest) (applicationsResponse, error) {
	res := applicationsResponse{Applications: []Application{}}
	it, named, err := s.named(ctx, tenant, req.AccessToken)
	if err != nil {
		return res, err
	}
	app := Application{ApplicationID: tenant.Client}
	var has bool
	if named {
		has, err = s.ofItem(ctx, it, &app)
	} else {
		has, err = s.ofAny(ctx, tenant, &app)
	}
	if err != nil || !has {
		return res, err
	}
	app.Name, err = s.items.Clients.Name(ctx, tenant.Client)
	res.Applications = append(res.Applications, app)
	return res, err
}

func (s *service) ofItem(ctx context.Context, it item.Item, app *Application) (bool, error) {
	if it.Revoked() != nil {
		return false, nil
	}
	c, err := consent.Of(ctx, s.items.DB, it)
	app.CreatedAt, app.Scopes = plaid.Timestamp(time.UnixMilli(it.CreatedAt)), scopes(&c)
	return true, err
}

// oldestQuery finds a tenant's oldest Item.
const oldestQuery = `select created_at from items where client_id = $1 and environment = $2 order by item_key limit 1`

func (s *service) ofAny(ctx context.Context, tenant store.Tenant, app *Application) (bool, error) {
	var at int64
	err := s.items.DB.QueryRow(ctx, oldestQuery, tenant.Client, tenant.Environment).Scan(&at)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	app.CreatedAt = plaid.Timestamp(time.UnixMilli(at))
	return true, err
}

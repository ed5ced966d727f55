package linkmoney

import (
	"context"

	"weft/internal/httpapi"
	"weft/internal/plaid"
	"weft/internal/store"
	"weft/internal/user"
	"weft/internal/user/identity"
)

// portalPath is where people link their banks, below the server's base URL.
const portalPath = "/portal"

type registerRequest struct {
	ClientUserID string             `json:"client_user_id" weft:"required"`
	Identity     *identity.Identity `json:"identity"`
}

// registered is a user with a new token, which is answered this once. PortalURL is where the user goes with it.
type registered struct {
	UserID      string `json:"user_id"`
	AccessToken string `json:"access_token"`
	PortalURL   string `json:"portal_url"`
}

// register makes a user, or finds the one of the client_user_id, and mints one more token.
func (d *Dialect) register(ctx context.Context, c caller, req registerRequest) (registered, error) {
	body := httpapi.Members{}
	for name, value := range map[string]any{"client_user_id": req.ClientUserID, "identity": req.Identity} {
		text, err := plaid.JSON(value)
		if err != nil {
			return registered{}, err
		}
		body[name] = text
	}
	made, err := ask[struct {
		UserID string `json:"user_id"`
	}](ctx, d, "/user/create", httpapi.Grant{Tenant: c.Tenant}, body)
	if err != nil {
		return registered{}, err
	}
	token, err := d.bearers.Mint(ctx, c.Tenant, made.UserID)
	return registered{made.UserID, token, d.baseURL + portalPath}, err
}

// ofOneUser is a request that names a user by the id that registering has answered.
type ofOneUser struct {
	UserID string `json:"user_id" weft:"required"`
}

// rotate replaces all tokens of a user by a new one.
func (d *Dialect) rotate(ctx context.Context, c caller, req ofOneUser) (registered, error) {
	id, err := d.find(ctx, d.items.DB, c.Tenant, req)
	if err != nil {
		return registered{}, err
	}
	token, err := d.bearers.Rotate(ctx, c.Tenant, id)
	return registered{id, token, d.baseURL + portalPath}, err
}

// revoke ends all tokens of a user, who stays with their Items.
func (d *Dialect) revoke(ctx context.Context, c caller, req ofOneUser) (none, error) {
	return none{}, d.items.DB.Write(ctx, func(tx *store.Tx) error {
		id, err := d.find(ctx, tx, c.Tenant, req)
		if err != nil {
			return err
		}
		return d.bearers.Revoke(ctx, tx, c.Tenant, id)
	})
}

func (d *Dialect) find(ctx context.Context, q store.Querier, tenant store.Tenant, req ofOneUser) (string, error) {
	users := user.Service{DB: d.items.DB, Keys: d.items.Keys, IDs: d.items.IDs}
	return users.Find(ctx, q, tenant, &req.UserID, nil)
}

package linkmoney

import (
	"context"
	"encoding/json"
	"slices"

	"weft/internal/httpapi"
	"weft/internal/item/ofuser"
	"weft/internal/plaid"
	"weft/internal/store"
	"weft/internal/user/bearer"
)

// caller is whose a call is.
type caller struct {
	store.Tenant
	// userID is the user whose token was sent, itemID the Item whose token was; both are empty where the client has come alone.
	userID, itemID string
	// client: the client's own credentials were there.
	client bool
}

// credentials are what a request brings in its headers or takes precedence with in its body.
type credentials struct{ clientID, secret, token string }

// take removes a string from a body. A null leaves what is there already in force.
func take(body httpapi.Members, name string, into *string) error {
	text, there := body[name]
	delete(body, name)
	if !there || string(text) == "null" {
		return nil
	}
	if err := json.Unmarshal(text, into); err != nil {
		return plaid.InvalidField(name, "must be a string")
	}
	return nil
}

func readCredentials(call *httpapi.Call, body httpapi.Members) (c credentials, err error) {
	c = credentials{call.ClientID, call.Secret, call.AccessToken}
	for _, m := range []struct {
		name string
		into *string
	}{{"client_id", &c.clientID}, {"secret", &c.secret}, {"client_secret", &c.secret}, {"access_token", &c.token}} {
		if err := take(body, m.name, m.into); err != nil {
			return c, err
		}
	}
	return c, nil
}

// open finds whose a call is: by the token of a user or of an Item, with or without the client's credentials, or by these alone.
// An error does not tell what is somebody else's from what is nobody's.
func (d *Dialect) open(ctx context.Context, call *httpapi.Call, body httpapi.Members) (c caller, err error) {
	cred, err := readCredentials(call, body)
	if err != nil {
		return c, err
	}
	switch {
	case cred.clientID != "" && cred.secret != "":
		c.client = true
		if c.Tenant, err = d.items.Clients.Authorize(ctx, cred.clientID, cred.secret, d.items.Clock.Now()); err != nil {
			return c, err
		}
	case cred.clientID != "":
		return c, plaid.InvalidField("secret", "must be there where client_id is")
	case cred.secret != "":
		return c, plaid.InvalidField("client_id", "must be there where secret is")
	case cred.token == "":
		return c, plaid.MissingFields("access_token")
	}
	if cred.token != "" {
		if err := d.openToken(ctx, cred.token, &c); err != nil {
			return c, err
		}
	}
	call.Tenant, call.ItemID = c.Tenant, c.itemID
	return c, nil
}

// errAlone is the answer to a token that is no user's and came without the client's credentials, whether there is such an Item or
// not.
func errAlone() error {
	return plaid.Errf("INVALID_ACCESS_TOKEN", "provided access token opens nothing by itself: send the token of a user, or client_id and secret beside an Item's; "+
		"a client may let its Items' tokens open them alone (item_tokens_alone of its configuration)")
}

func (d *Dialect) openToken(ctx context.Context, token string, c *caller) error {
	if bearer.Is(token) {
		tenant, userID, err := d.bearers.Find(ctx, d.items.DB, token)
		if err != nil {
			return err
		}
		if c.client && tenant != c.Tenant {
			return plaid.Err("INVALID_ACCESS_TOKEN")
		}
		c.Tenant, c.userID = tenant, userID
		return nil
	}
	if c.client {
		it, err := d.items.ItemOf(ctx, c.Tenant, token)
		c.itemID = it.ID
		return err
	}
	tenant, itemID, err := d.items.Bearer(ctx, token)
	if codeOf(err) == "INVALID_ACCESS_TOKEN" {
		return errAlone()
	}
	if err != nil {
		return err
	}
	conf, err := d.configurations.Read(ctx, d.items.DB, tenant)
	if err != nil {
		return err
	}
	if !conf.ItemTokensAlone {
		return errAlone()
	}
	c.Tenant, c.itemID = tenant, itemID
	return nil
}

// itemsOf are the Items that a call is for: those of the user, or the one of them that the body names.
func (d *Dialect) itemsOf(ctx context.Context, c caller, body httpapi.Members) ([]string, error) {
	var named string
	if err := take(body, "item_id", &named); err != nil {
		return nil, err
	}
	var ids []string
	switch {
	case c.itemID != "":
		ids = []string{c.itemID}
	case c.userID != "":
		owned, err := ofuser.Items(ctx, d.items.DB, c.Tenant, c.userID)
		if err != nil {
			return nil, err
		}
		for _, it := range owned {
			ids = append(ids, it.ID)
		}
	default:
		return nil, plaid.MissingFields("access_token")
	}
	switch {
	case named != "" && !slices.Contains(ids, named):
		return nil, plaid.Errf("ITEM_NOT_FOUND", "item_id is none of the Items that the access token opens")
	case named != "":
		return []string{named}, nil
	case len(ids) == 0:
		return nil, plaid.Errf("ITEM_NOT_FOUND", "the user has no Items yet: send them to the portal")
	}
	return ids, nil
}

// itemOf is the one Item that a call is for.
func (d *Dialect) itemOf(ctx context.Context, c caller, body httpapi.Members) (string, error) {
	ids, err := d.itemsOf(ctx, c, body)
	if err != nil {
		return "", err
	}
	if len(ids) > 1 {
		return "", plaid.Errf("MISSING_FIELDS", "item_id must name one of the user's Items, which are %s", plaid.Quoted(ids))
	}
	return ids[0], nil
}

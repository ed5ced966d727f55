package linkmoney

import (
	"context"
	"encoding/json"
	"strings"

	"weft/internal/dialect/linkmoney/developer"
	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/product"
	"weft/internal/user/bearer"
)

// Dialect serves the table over routes.
type Dialect struct {
	items          *item.Service
	routes         *httpapi.Dispatcher
	bearers        *bearer.Service
	configurations developer.Configurations
	baseURL        string
}

// New is the dialect over routes. Clients and their users reach the server at baseURL.
func New(items *item.Service, routes *httpapi.Dispatcher, baseURL string) product.Product {
	d := &Dialect{items: items, routes: routes, bearers: &bearer.Service{DB: items.DB, Keys: items.Keys, IDs: items.IDs},
		configurations: developer.Configurations{DB: items.DB, Events: items.Events}, baseURL: baseURL}
	p := product.Product{Name: "linkmoney"}
	for _, c := range d.collections() {
		for _, version := range c.versions {
			for _, r := range c.rows {
				for _, path := range r.paths {
					p.Routes = append(p.Routes, httpapi.Route{Path: "/" + version + "/" + c.name + path, Summary: r.summary, Endpoint: r.endpoint})
				}
			}
		}
	}
	return p
}

// client is an endpoint for a developer with the client's own credentials.
func client[Req, Res any](d *Dialect, fn func(context.Context, caller, Req) (Res, error)) httpapi.Endpoint {
	return httpapi.NewForeign[Req, Res](func(ctx context.Context, call *httpapi.Call, body httpapi.Members) (any, error) {
		c, err := d.open(ctx, call, body)
		if err != nil {
			return nil, err
		}
		if !c.client {
			return nil, errNotClient()
		}
		req, err := httpapi.Decode[Req](body)
		if err != nil {
			return nil, err
		}
		return fn(ctx, c, req)
	})
}

// errNotClient is the answer to a token where the client's own credentials are needed.
func errNotClient() error {
	return plaid.Errf("MISSING_FIELDS", "the following required fields are missing: client_id, secret; a token alone does not do here")
}

// ofReport is an endpoint of Asset Reports. To make one, the tokens of users stand for all of their Items.
func (d *Dialect) ofReport(path string) httpapi.Endpoint {
	e := d.before(path, httpapi.NewForeign[httpapi.None, raw](func(ctx context.Context, call *httpapi.Call, body httpapi.Members) (any, error) {
		c, err := d.open(ctx, call, body)
		if err != nil {
			return nil, err
		}
		if !c.client {
			return nil, errNotClient()
		}
		if _, err := d.wanted(ctx, c, "assets"); err != nil {
			return nil, err
		}
		grant := httpapi.Grant{Tenant: c.Tenant, Items: map[string]string{}}
		if strings.HasSuffix(path, "/create") && body["access_tokens"] != nil {
			if err := d.standIn(ctx, c, body, grant.Items); err != nil {
				return nil, err
			}
		}
		if path == "/asset_report/get" {
			return ask[reportAnswer](ctx, d, path, grant, body)
		}
		reply, err := d.routes.Call(ctx, path, grant, body)
		if err != nil {
			return nil, err
		}
		if reply.File != nil {
			return *reply.File, nil
		}
		return raw(reply.JSON), nil
	}))
	// The answer is the route's own; of one that is read, the dialect leaves out some.
	if behind, there := d.routes.Find(path); there {
		e.Response = behind.Response
	}
	return e
}

// standIn replaces the tokens of users in access_tokens by words for each of their Items.
func (d *Dialect) standIn(ctx context.Context, c caller, body httpapi.Members, items map[string]string) error {
	var given, tokens []string
	if err := json.Unmarshal(body["access_tokens"], &given); err != nil {
		return plaid.InvalidField("access_tokens", "must be an array of strings")
	}
	for _, token := range given {
		if !bearer.Is(token) {
			tokens = append(tokens, token)
			continue
		}
		tenant, userID, err := d.bearers.Find(ctx, d.items.DB, token)
		if err != nil {
			return err
		}
		if tenant != c.Tenant {
			return plaid.Err("INVALID_ACCESS_TOKEN")
		}
		ids, err := d.itemsOf(ctx, caller{Tenant: tenant, userID: userID}, httpapi.Members{})
		if err != nil {
			return err
		}
		for _, id := range ids {
			items["item "+id] = id
			tokens = append(tokens, "item "+id)
		}
	}
	text, err := plaid.JSON(tokens)
	body["access_tokens"] = text
	return err
}

type configured struct {
	Configuration developer.Configuration `json:"configuration"`
}

// configure answers the configuration, changed where the request says so.
func (d *Dialect) configure(ctx context.Context, c caller, req developer.Change) (configured, error) {
	if req == (developer.Change{}) {
		conf, err := d.configurations.Read(ctx, d.items.DB, c.Tenant)
		return configured{conf}, err
	}
	conf, err := d.configurations.Change(ctx, c.Tenant, req)
	return configured{conf}, err
}

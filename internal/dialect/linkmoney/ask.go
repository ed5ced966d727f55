package linkmoney

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"

	"weft/internal/dialect/linkmoney/developer"
	"weft/internal/httpapi"
	"weft/internal/plaid"
)

// answer is a pointer to an answer of this dialect, which what another Item has answered can be added to.
type answer[T any] interface {
	*T
	join(*T)
}

// finisher is an answer of which something has another name at the route that was asked.
type finisher interface{ finish() error }

// ask calls a route and reads of its answer what the dialect tells. A file is handed on as it is.
func ask[T any](ctx context.Context, d *Dialect, path string, grant httpapi.Grant, body httpapi.Members) (a *T, err error) {
	reply, err := d.routes.Call(ctx, path, grant, body)
	if err != nil {
		return nil, err
	}
	a = new(T)
	if err := json.Unmarshal(reply.JSON, a); err != nil {
		return nil, err
	}
	if f, ok := any(a).(finisher); ok {
		err = f.finish()
	}
	return a, err
}

// before is an endpoint that asks a route, and takes what that takes.
func (d *Dialect) before(path string, e httpapi.Endpoint) httpapi.Endpoint {
	if behind, there := d.routes.Find(path); there {
		e.Behind = behind.Request
	}
	return e
}

// ofAnyone is an endpoint for all who may call at all. Fill completes the request.
func ofAnyone[T any](d *Dialect, path string, fill ...func(httpapi.Members) error) httpapi.Endpoint {
	return d.before(path, httpapi.NewForeign[httpapi.None, T](func(ctx context.Context, call *httpapi.Call, body httpapi.Members) (any, error) {
		c, err := d.open(ctx, call, body)
		if err != nil {
			return nil, err
		}
		for _, f := range fill {
			if err := f(body); err != nil {
				return nil, err
			}
		}
		return ask[T](ctx, d, path, httpapi.Grant{Tenant: c.Tenant}, body)
	}))
}

// ofNobody is an endpoint whose answer is the same for all, so nobody's credentials are looked at.
func (d *Dialect) ofNobody(path string) httpapi.Endpoint {
	e := httpapi.NewForeign[httpapi.None, raw](func(ctx context.Context, call *httpapi.Call, body httpapi.Members) (any, error) {
		if _, err := readCredentials(call, body); err != nil {
			return nil, err
		}
		reply, err := d.routes.Call(ctx, path, httpapi.Grant{}, body)
		return raw(reply.JSON), err
	})
	e.Open = true
	return e
}

// ofItem is an endpoint for one Item.
func ofItem[T any](d *Dialect, path string) httpapi.Endpoint {
	return d.before(path, httpapi.NewForeign[oneItem, T](func(ctx context.Context, call *httpapi.Call, body httpapi.Members) (any, error) {
		c, err := d.open(ctx, call, body)
		if err != nil {
			return nil, err
		}
		itemID, err := d.itemOf(ctx, c, body)
		if err != nil {
			return nil, err
		}
		call.ItemID = itemID
		return ask[T](ctx, d, path, httpapi.Grant{Tenant: c.Tenant, ItemID: itemID}, body)
	}))
}

// oneItem is what requests for Items may have besides the members of the route that is asked.
type oneItem struct {
	AccessToken *string `json:"access_token"`
	ItemID      *string `json:"item_id"`
}

// everything is the data type of what every configuration wants.
const everything = ""

// ofUser is an endpoint over all Items of a user, or one of them: their answers are joined. It is of a data type that the
// developer's configuration must want.
func ofUser[T any, P answer[T]](d *Dialect, dataType, path string) httpapi.Endpoint {
	return d.before(path, over(d, dataType, func(ctx context.Context, s *span) (*T, error) {
		return gather[T, P](s.parts, func(p part) (*T, error) { return ask[T](ctx, d, path, s.grant(p), p.body) })
	}))
}

// over is an endpoint over Items.
func over[T any](d *Dialect, dataType string, do func(context.Context, *span) (*T, error)) httpapi.Endpoint {
	return httpapi.NewForeign[oneItem, T](func(ctx context.Context, call *httpapi.Call, body httpapi.Members) (any, error) {
		c, err := d.open(ctx, call, body)
		if err != nil {
			return nil, err
		}
		conf, err := d.wanted(ctx, c, dataType)
		if err != nil {
			return nil, err
		}
		ids, err := d.itemsOf(ctx, c, body)
		if err != nil {
			return nil, err
		}
		if len(ids) == 1 {
			call.ItemID = ids[0]
		}
		parts, err := d.split(ctx, c, ids, body)
		if err != nil {
			return nil, err
		}
		return do(ctx, &span{caller: c, conf: conf, parts: parts, body: body})
	})
}

// wanted is the developer's configuration, or why there is no data of a type.
func (d *Dialect) wanted(ctx context.Context, c caller, dataType string) (developer.Configuration, error) {
	conf, err := d.configurations.Read(ctx, d.items.DB, c.Tenant)
	if err == nil && dataType != everything && !slices.Contains(conf.DataTypes, dataType) {
		err = plaid.Errf("INVALID_PRODUCT", "data_types of the configuration does not have %q", dataType)
	}
	return conf, err
}

// span is what a call is over.
type span struct {
	caller
	conf  developer.Configuration
	parts []part
	body  httpapi.Members
}

func (s *span) grant(p part) httpapi.Grant { return httpapi.Grant{Tenant: s.Tenant, ItemID: p.itemID} }

// part is what is asked of one Item.
type part struct {
	itemID string
	body   httpapi.Members
}

// options are those of the requests over Items that the dialect has to understand.
type options struct {
	AccountIDs *[]string `json:"account_ids"`
}

// split is what to ask of each Item. Where accounts are named, each Item is asked for its own, and Items without any are not: of
// an Item that does not tell its accounts nothing is asked either, unless one is named that no other has.
func (d *Dialect) split(ctx context.Context, c caller, ids []string, body httpapi.Members) (parts []part, err error) {
	var o options
	malformed := json.Unmarshal(body["options"], &o) != nil // which the route tells
	if malformed || len(ids) == 1 || o.AccountIDs == nil || len(*o.AccountIDs) == 0 {
		for _, id := range ids {
			parts = append(parts, part{id, body})
		}
		return parts, nil
	}
	left := map[string]bool{}
	for _, account := range *o.AccountIDs {
		left[account] = true
	}
	var silent error
	for _, id := range ids {
		own, err := d.ownAccounts(ctx, c, id, left)
		if codeOf(err) != "" {
			silent = cmp.Or(silent, caused(id, err))
			continue
		}
		if err != nil {
			return nil, err
		}
		if len(own) == 0 {
			continue
		}
		with, err := withOptions(body, map[string]any{"account_ids": own})
		if err != nil {
			return nil, err
		}
		parts = append(parts, part{id, with})
	}
	if len(left) > 0 {
		return nil, cmp.Or(silent, error(plaid.Errf("INVALID_ACCOUNT_ID", "options.account_ids has an account that is none of the user's")))
	}
	return parts, nil
}

// ownAccounts takes an Item's own accounts from those that are named.
func (d *Dialect) ownAccounts(ctx context.Context, c caller, itemID string, named map[string]bool) (own []string, err error) {
	all, err := ask[struct {
		Accounts []struct {
			AccountID string `json:"account_id"`
		} `json:"accounts"`
	}](ctx, d, "/accounts/get", httpapi.Grant{Tenant: c.Tenant, ItemID: itemID, Admitted: true}, httpapi.Members{})
	if err != nil {
		return nil, err
	}
	for _, a := range all.Accounts {
		if named[a.AccountID] {
			own = append(own, a.AccountID)
			delete(named, a.AccountID)
		}
	}
	return own, nil
}

// withOptions is a body with other options.
func withOptions(body httpapi.Members, change map[string]any) (httpapi.Members, error) {
	all := map[string]any{}
	var given map[string]json.RawMessage
	if err := json.Unmarshal(body["options"], &given); err == nil {
		for name, value := range given {
			all[name] = value
		}
	}
	for name, value := range change {
		all[name] = value
	}
	text, err := plaid.JSON(all)
	if err != nil {
		return nil, err
	}
	out := httpapi.Members{"options": text}
	for name, value := range body {
		if name != "options" {
			out[name] = value
		}
	}
	return out, nil
}

// unfit are the errors of Items that have nothing of what is asked: a user's other Items may have it.
var unfit = []plaid.Code{"PRODUCTS_NOT_SUPPORTED", "NO_ACCOUNTS", "NO_AUTH_ACCOUNTS", "NO_INVESTMENT_ACCOUNTS", "NO_LIABILITY_ACCOUNTS", "ADDITIONAL_CONSENT_REQUIRED"}

// codeOf is the contract's code of an error, empty for those that have none.
func codeOf(err error) plaid.Code {
	var pe *plaid.Error
	if errors.As(err, &pe) {
		return pe.Code
	}
	return ""
}

// caused is an error with the Item that it is of.
func caused(itemID string, err error) error {
	var pe *plaid.Error
	if !errors.As(err, &pe) || len(pe.Causes) > 0 {
		return err
	}
	named := *pe
	named.Causes = []plaid.ItemCause{plaid.CauseOf(itemID, pe)}
	return &named
}

// gather joins what all parts answer. Items that have nothing of it are left out, as long as one has; every other error is that
// of the whole, and names its Item: an answer without it would look complete.
func gather[T any, P answer[T]](parts []part, of func(part) (*T, error)) (all *T, err error) {
	var first error
	for _, p := range parts {
		one, err := of(p)
		switch {
		case err == nil && all == nil:
			all = one
		case err == nil:
			P(all).join(one)
		case len(parts) == 1:
			return nil, err
		case !slices.Contains(unfit, codeOf(err)):
			return nil, caused(p.itemID, err)
		case first == nil:
			first = caused(p.itemID, err)
		}
	}
	if all == nil {
		return nil, first
	}
	return all, nil
}

// united are securities without those that are there already: of an instrument that several Items hold, the first is told.
func united(have, more []security) []security {
	known := map[string]bool{}
	for _, s := range have {
		known[s.SecurityID] = true
	}
	for _, s := range more {
		if !known[s.SecurityID] {
			known[s.SecurityID] = true
			have = append(have, s)
		}
	}
	return have
}

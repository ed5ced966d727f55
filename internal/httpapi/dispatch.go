package httpapi

import (
	"bytes"
	"context"
	"fmt"
	"reflect"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"weft/internal/plaid"
	"weft/internal/store"
)

// Members are those of a JSON object, each as it was written.
type Members map[string]jsontext.Value

// NewForeign is an endpoint that finds out by itself whose a call is, as those of other dialects do. It is handed the members of
// the body; a body that is empty has none. Request and Response are types that say what the body and its answer are like.
func NewForeign[Req, Res any](fn func(ctx context.Context, call *Call, body Members) (any, error)) Endpoint {
	return Endpoint{
		Request: reflect.TypeFor[Req](), Response: reflect.TypeFor[Res](),
		call: func(ctx context.Context, call *Call, body []byte) (any, error) {
			call.Version = Version20200914 // dialects have no versions of Plaid's
			members := Members{}
			if len(bytes.TrimSpace(body)) == 0 {
				return fn(ctx, call, members)
			}
			if err := precheck(body); err != nil {
				return nil, err
			}
			if err := json.Unmarshal(body, &members); err != nil {
				return nil, bodyError(err)
			}
			return fn(ctx, call, members)
		},
	}
}

// Grant lets a call through that was not authorized by a client's secret and an access token: a dialect has found whose it is.
type Grant struct {
	Tenant store.Tenant
	// ItemID is the Item that the call is for, empty for none.
	ItemID string
	// Items are Items by the words that stand for their access tokens in the request.
	Items map[string]string
	// Admitted: the call is a part of one that was counted by the limits already.
	Admitted bool
}

// Granted is what lets the call through in place of its credentials, nil for none. A request cannot bring it about by itself.
func (c *Call) Granted() *Grant { return c.granted }

// Dispatcher calls routes on behalf of a dialect, which is a table over them.
type Dispatcher struct{ routes map[string]Endpoint }

// NewDispatcher is a dispatcher over routes.
func NewDispatcher(routes []Route) *Dispatcher {
	d := &Dispatcher{routes: map[string]Endpoint{}}
	for _, r := range routes {
		d.routes[r.Path] = r.Endpoint
	}
	return d
}

// Find is the endpoint of a path, and whether there is one.
func (d *Dispatcher) Find(path string) (Endpoint, bool) {
	e, ok := d.routes[path]
	return e, ok
}

// Reply is an answer without its request_id, or a file.
type Reply struct {
	JSON []byte
	File *File
}

// Call calls a route for whom a grant lets through. The request is checked as if it had come from a client.
func (d *Dispatcher) Call(ctx context.Context, path string, grant Grant, request Members) (Reply, error) {
	e, ok := d.routes[path]
	if !ok {
		return Reply{}, fmt.Errorf("httpapi: a dialect calls %s, which is no route", path)
	}
	body, err := plaid.JSON(request)
	if err != nil {
		return Reply{}, err
	}
	from := CallOf(ctx)
	call := &Call{RequestID: from.RequestID, Version: Version20200914, granted: &grant, limits: from.limits}
	if call.limits != nil && !grant.Admitted {
		call.admit = call.limits(path)
	}
	result, err := e.call(context.WithValue(ctx, callKey{}, call), call, body)
	if err != nil {
		return Reply{}, err
	}
	switch r := result.(type) {
	case File:
		return Reply{File: &r}, nil
	case Raw:
		return Reply{JSON: append(bytes.Join(r, nil), '}')}, nil
	}
	body, err = plaid.JSON(result)
	return Reply{JSON: body}, err
}

// Decode reads members into a request and checks it, as an endpoint's own are.
func Decode[Req any](body Members) (req Req, err error) {
	text, err := plaid.JSON(body)
	if err != nil {
		return req, err
	}
	call := &Call{Version: Version20200914, granted: &Grant{}}
	if err := fieldsOf(reflect.TypeFor[Req]()).decode(text, reflect.ValueOf(&req).Elem(), call, ""); err != nil {
		return req, err
	}
	if v, ok := any(&req).(Validator); ok {
		err = v.Validate(call.Version)
	}
	return req, err
}

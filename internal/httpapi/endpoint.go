package httpapi

import (
	"context"
	"reflect"

	"weft/internal/metrics"
	"weft/internal/store"
)

// Route is one operation of the API.
type Route struct {
	// Path, such as /accounts/get. All routes are POST.
	Path string
	// Summary says in a line what the operation does.
	Summary string
	Endpoint
}

// Endpoint is a typed function behind the adapter.
type Endpoint struct {
	// Request and Response are the types of the bodies, without the credentials and the request_id.
	Request, Response reflect.Type
	// Token is the member by which the request names an Item, such as access_token; empty for none.
	Token string
	// Open says that it needs no credentials.
	Open bool

	call func(ctx context.Context, call *Call, body []byte) (any, error)
	// unknown says that it answers for paths that do not exist.
	unknown bool
	// upload says that the body is a form with files, and may be larger. Who may send one is found before it is read.
	upload func(ctx context.Context, call *Call) error
	// path and counted are for the figures: the route's path, and what counts its requests.
	path    string
	counted *metrics.Route
	// admit is the API's limit of the route, nil for none.
	admit func(ctx context.Context, tenant store.Tenant, itemID string) error
}

// Validator is a request that checks its fields by themselves; rules about stored state are the endpoint's.
type Validator interface {
	Validate(v Version) error
}

// Raw is a response that is ready but for its request_id: the pieces of a JSON object without its closing brace, not empty.
// The pieces are sent as they are, without being copied, so they may be shared: nobody may change them.
type Raw [][]byte

// File is a response that is no JSON object.
type File struct {
	// Type is its Content-Type.
	Type string
	// Header are further headers of the answer, by name.
	Header  map[string]string
	Content []byte
}

// NewEndpoint puts a typed function behind the adapter. Authorize finds the principal from the call's credentials, after
// the body's shape is known to be right and before its values are validated. Token is that of the Endpoint.
func NewEndpoint[P, Req, Res any](token string, authorize func(context.Context, *Call) (P, error), fn func(context.Context, P, Req) (Res, error)) Endpoint {
	fields := fieldsOf(reflect.TypeFor[Req]())
	return Endpoint{
		Request: reflect.TypeFor[Req](), Response: reflect.TypeFor[Res](), Token: token,
		call: func(ctx context.Context, call *Call, body []byte) (any, error) {
			var req Req
			if err := fields.decode(body, reflect.ValueOf(&req).Elem(), call, token); err != nil {
				return nil, err
			}
			if err := call.credentials(); err != nil {
				return nil, err
			}
			principal, err := authorize(ctx, call)
			if err != nil {
				return nil, err
			}
			if call.admit != nil {
				if err := call.admit(ctx, call.Tenant, call.ItemID); err != nil {
					return nil, err
				}
			}
			if v, ok := any(&req).(Validator); ok {
				if err := v.Validate(call.Version); err != nil {
					return nil, err
				}
			}
			return fn(ctx, principal, req)
		},
	}
}

// NewOpen is an endpoint that needs no credentials: what it answers is no secret, and the same for all.
func NewOpen[Req, Res any](fn func(context.Context, Req) (Res, error)) Endpoint {
	fields := fieldsOf(reflect.TypeFor[Req]())
	return Endpoint{
		Request: reflect.TypeFor[Req](), Response: reflect.TypeFor[Res](), Open: true,
		call: func(ctx context.Context, call *Call, body []byte) (any, error) {
			var req Req
			if err := fields.decode(body, reflect.ValueOf(&req).Elem(), call, ""); err != nil {
				return nil, err
			}
			return fn(ctx, req)
		},
	}
}

// None is the response of an endpoint that answers with its request_id alone.
type None struct{}

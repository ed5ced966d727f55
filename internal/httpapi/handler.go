package httpapi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path"
	"runtime/debug"
	"strings"

	"weft/internal/clock"
	"weft/internal/ident"
	"weft/internal/metrics"
	"weft/internal/plaid"
	"weft/internal/store"
	"weft/internal/tracing"
)

// API serves routes.
type API struct {
	Log   *slog.Logger
	Clock clock.Clock
	IDs   *ident.Source
	// BaseURL is where clients reach the server; documentation_url begins with it.
	BaseURL func() string
	// Limit is what lets requests of a path through once it is known who sends them, or refuses them; it is nil for a path without
	// a limit. Without Limit there is none.
	Limit func(path string) func(ctx context.Context, tenant store.Tenant, itemID string) error

	// Asked, if set, is told of each request as it comes.
	Asked func()
	// Metrics counts requests; nil counts nothing.
	Metrics *metrics.Metrics
	// Tracer tells of requests; nil tells nothing.
	Tracer *tracing.Tracer

	mux *http.ServeMux
}

// Handler serves the routes and answers everything else with the contract's NOT_FOUND. It sends no CORS headers: secrets
// do not belong into browsers.
func (a *API) Handler(routes []Route, pages map[string]http.Handler) http.Handler {
	a.mux = http.NewServeMux()
	byPath := make(map[string]http.Handler, len(routes))
	for _, r := range routes {
		byPath[r.Path] = a.route(r)
		a.mux.Handle("POST "+r.Path, byPath[r.Path])
	}
	for pattern, page := range pages {
		a.mux.Handle(pattern, page)
	}
	unknown := a.Metrics.Route("unknown")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if route := byPath[r.URL.Path]; route != nil && r.Method == http.MethodPost && r.URL.RawPath == "" { // nearly every request: nothing to match
			route.ServeHTTP(w, r)
			return
		}
		_, pattern := a.mux.Handler(r)
		if pattern == "" || path.Clean(r.URL.Path) != r.URL.Path { // no such path, or not by this method
			a.serve(w, r, Endpoint{unknown: true, path: "unknown", counted: unknown, call: func(context.Context, *Call, []byte) (any, error) {
				return nil, plaid.Errf("NOT_FOUND", "not found: %s %s", r.Method, printable(r.URL.Path))
			}})
			return
		}
		a.mux.ServeHTTP(w, r)
	})
}

func (a *API) route(route Route) http.Handler {
	if a.Limit != nil {
		route.admit = a.Limit(route.Path)
	}
	route.path, route.counted = route.Path, a.Metrics.Route(route.Path)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { a.serve(w, r, route.Endpoint) })
}

// serve is the way of every request: read, call, answer, log.
func (a *API) serve(w http.ResponseWriter, r *http.Request, e Endpoint) {
	start, watch := a.Clock.Now(), clock.Begin()
	if a.Asked != nil {
		a.Asked()
	}
	call := &Call{RequestID: a.IDs.RequestID(), Status: http.StatusOK, admit: e.admit, limits: a.Limit}
	traced, span := tracing.Serve(a.Tracer.In(r.Context()), e.path, r.Header)
	ctx := &work{parent: traced, call: call}
	defer ctx.end()

	body, err := a.run(ctx, call, w, r, e)
	status := call.Status
	if err != nil {
		status, body = a.failure(ctx, call, r, err)
	}
	write(w, r, call, status, body)
	code, took := codeOf(err), watch.Elapsed()
	e.counted.Answered(status, string(code), limited(err), took)
	span.End(cmp.Or(string(code), tracing.Ok))
	if log := a.Log.Handler(); log.Enabled(ctx, slog.LevelInfo) {
		line := slog.NewRecord(watch.At(took), slog.LevelInfo, "request", 0) // who writes it is known: the stack is not looked at
		line.AddAttrs(slog.String("request_id", call.RequestID), slog.String("method", r.Method),
			slog.String("path", logged(r.URL.Path, e)), slog.Int("status", status), slog.Duration("took", a.Clock.Now().Sub(start)),
			slog.Int("bytes", sizeOf(body)), slog.String("client_id", call.Tenant.Client), slog.String("environment", call.Tenant.Environment),
			slog.String("item_id", call.ItemID))
		if code != "" {
			line.AddAttrs(slog.String("error_code", string(code)))
		}
		_ = log.Handle(ctx, line) // who cannot write the log can tell nobody
	}
}

// logged is a path for the log. One that is no route's may have a secret in it, such as a token in a place where it does not
// belong, and is cut after its second part.
func logged(path string, e Endpoint) string {
	if parts := strings.SplitN(path, "/", 4); e.unknown && len(parts) == 4 {
		return strings.Join(parts[:3], "/") + "/…"
	}
	return path
}

// run reads the request, calls the endpoint and encodes its answer; a panic becomes an error.
func (a *API) run(ctx context.Context, call *Call, w http.ResponseWriter, r *http.Request, e Endpoint) (answer [][]byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &panicError{value: p, stack: debug.Stack()}
		}
	}()
	media, most := "application/json", int64(maxBody)
	if e.upload != nil {
		media, most = "multipart/form-data", maxUpload
	}
	if err := call.readHeaders(r.Header, media); err != nil {
		return nil, err
	}
	if e.upload != nil {
		if err := e.upload(ctx, call); err != nil {
			return nil, err
		}
	}
	body, err := readBody(w, r, most)
	if err != nil {
		return nil, err
	}
	result, err := e.call(ctx, call, body)
	if err != nil {
		return nil, err
	}
	return encode(result, call)
}

type panicError struct {
	value any
	stack []byte
}

func (p *panicError) Error() string { return fmt.Sprintf("panic: %v", p.value) }

func readBody(w http.ResponseWriter, r *http.Request, most int64) ([]byte, error) {
	if r.ContentLength >= 0 && r.ContentLength <= min(most, maxBody) { // nearly every request tells
		body := make([]byte, r.ContentLength)
		if _, err := io.ReadFull(r.Body, body); err != nil {
			return nil, unreadable(err)
		}
		return body, nil
	}
	size := max(min(r.ContentLength, maxBody), 0)
	body := make([]byte, 0, size+512)
	reader := http.MaxBytesReader(w, r.Body, most)
	for {
		n, err := reader.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		var tooLarge *http.MaxBytesError
		switch {
		case err == nil:
		case errors.Is(err, io.EOF):
			return body, nil
		case errors.As(err, &tooLarge):
			return nil, plaid.Errf("INVALID_BODY", "body is larger than %d bytes", most)
		default:
			return nil, unreadable(err)
		}
		if len(body) == cap(body) {
			body = append(body, 0)[:len(body)]
		}
	}
}

func unreadable(err error) error {
	return &plaid.Error{Definition: plaid.Errf("INVALID_BODY", "body could not be read").Definition, Cause: err}
}

// failure is the answer to an error. What is not a *plaid.Error is the server's own fault: it is logged with its cause,
// and the client learns the request_id.
func (a *API) failure(ctx context.Context, call *Call, r *http.Request, err error) (int, [][]byte) {
	var pe *plaid.Error
	if !errors.As(err, &pe) {
		pe = plaid.Err(plaid.InternalServerError)
	}
	if pe.Cause != nil && pe.Type == "INSTITUTION_ERROR" {
		a.Log.LogAttrs(ctx, slog.LevelWarn, "institution failed", slog.String("request_id", call.RequestID), slog.String("error", pe.Error()))
	}
	if pe.Status >= 500 && r.Context().Err() == nil { // a client that has gone is no fault of ours
		attrs := []slog.Attr{slog.String("request_id", call.RequestID), slog.String("path", r.URL.Path), slog.String("error", err.Error())}
		var p *panicError
		if errors.As(err, &p) {
			attrs = append(attrs, slog.String("stack", string(p.stack)))
		}
		a.Log.LogAttrs(ctx, slog.LevelError, "request failed", attrs...)
	}
	return pe.Status, [][]byte{encodeError(pe, call.RequestID, a.BaseURL())}
}

// limited reports whether an error is that of a request over a limit.
func limited(err error) bool {
	if err == nil {
		return false
	}
	var pe *plaid.Error
	return errors.As(err, &pe) && pe.Type == "RATE_LIMIT_EXCEEDED"
}

func codeOf(err error) plaid.Code {
	if err == nil {
		return ""
	}
	var pe *plaid.Error
	if errors.As(err, &pe) {
		return pe.Code
	}
	return plaid.InternalServerError
}

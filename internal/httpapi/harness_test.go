package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"weft/internal/clock"
	"weft/internal/httpapi"
	"weft/internal/ident"
	"weft/internal/plaid"
	"weft/internal/store"
)

const baseURL = "https://weft.example"

// order is a request with a field of every kind that the products use.
type order struct {
	AccountID string            `json:"account_id" weft:"required"`
	Count     int               `json:"count" weft:"required"`
	When      plaid.Date        `json:"when" weft:"required"`
	Until     *plaid.Date       `json:"until"`
	Amount    *plaid.Decimal    `json:"amount"`
	Price     plaid.Decimal     `json:"price"`
	Flag      *bool             `json:"flag"`
	Small     int32             `json:"small"`
	Tags      []string          `json:"tags"`
	Names     map[string]string `json:"names"`
	Options   *options          `json:"options"`
}

type options struct {
	AccountIDs []string `json:"account_ids"`
	Offset     int      `json:"offset"`
	Inner      struct {
		Deep *bool `json:"deep"`
	} `json:"inner"`
	List []struct {
		ID string `json:"id"`
	} `json:"list"`
}

func (o *order) Validate(v httpapi.Version) error {
	if o.Count < 0 {
		return plaid.InvalidField("count", "must not be negative in "+string(v))
	}
	return nil
}

const good = `"account_id":"a","count":1,"when":"2026-01-02"`

// rig is an API of a few small endpoints.
type rig struct {
	handler http.Handler
	log     lockedBuffer
	clock   *clock.Manual

	placed []order         // what /order/place was given
	caller httpapi.Call    // who called last
	ctx    context.Context // of the last call
	tells  func() (any, error)
}

// lockedBuffer is a log that several requests may write.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// records are the lines of the log.
func (r *rig) records(t testing.TB) []map[string]any {
	t.Helper()
	var out []map[string]any
	for line := range bytes.Lines(r.log.b.Bytes()) {
		var record map[string]any
		if err := json.Unmarshal(line, &record); err != nil {
			t.Fatalf("the log has the line %q: %v", line, err)
		}
		out = append(out, record)
	}
	return out
}

type nothing struct{}

func newRig() *rig {
	r := &rig{clock: clock.NewManual(time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC))}
	authorize := func(ctx context.Context, call *httpapi.Call) (store.Tenant, error) {
		if httpapi.CallOf(ctx) != call {
			return store.Tenant{}, errors.New("the context is of another call")
		}
		r.caller = *call
		if call.Secret != "right" {
			return store.Tenant{}, plaid.Err("INVALID_API_KEYS")
		}
		call.Tenant = store.Tenant{Client: call.ClientID, Environment: "sandbox"}
		call.ItemID = "item-of-" + call.AccessToken
		return call.Tenant, nil
	}
	tell := func(ctx context.Context, _ store.Tenant, _ nothing) (any, error) {
		r.ctx = ctx
		r.clock.Advance(1500 * time.Millisecond)
		if r.tells == nil {
			return httpapi.None{}, nil
		}
		return r.tells()
	}
	api := &httpapi.API{
		Log: slog.New(slog.NewJSONHandler(&r.log, nil)), Clock: r.clock, IDs: ident.Seeded("httpapi_test"), BaseURL: func() string { return baseURL },
	}
	r.handler = api.Handler([]httpapi.Route{
		{Path: "/order/place", Endpoint: httpapi.NewEndpoint("", authorize, func(_ context.Context, _ store.Tenant, o order) (httpapi.None, error) {
			r.placed = append(r.placed, o)
			return httpapi.None{}, nil
		})},
		{Path: "/item/look", Endpoint: httpapi.NewEndpoint("access_token", authorize, tell)},
		{Path: "/tell", Endpoint: httpapi.NewEndpoint("", authorize, tell)},
	}, httpapi.ErrorPages(slog.New(slog.NewJSONHandler(&r.log, nil))))
	return r
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) fields(t testing.TB) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(a.body, &m); err != nil {
		t.Fatalf("status %d, body %q: %v", a.status, a.body, err)
	}
	return m
}

func (r *rig) do(req *http.Request) answer {
	w := httptest.NewRecorder()
	r.handler.ServeHTTP(w, req)
	return answer{w.Code, w.Header(), w.Body.Bytes()}
}

// send posts a body without any header but those that are given as names and values.
func (r *rig) send(path, body string, header ...string) answer {
	req := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return r.do(req)
}

// post sends a body with the right credentials in the headers.
func (r *rig) post(path, body string, header ...string) answer {
	return r.send(path, body, append([]string{"Content-Type", "application/json", "PLAID-CLIENT-ID", "client", "PLAID-SECRET", "right"}, header...)...)
}

var errorKeys = []string{"display_message", "documentation_url", "error_code", "error_message", "error_type", "request_id", "suggested_action"}

// problem checks that an answer is an error in the contract's shape, and returns it as "CODE: message".
func problem(t testing.TB, a answer) string {
	t.Helper()
	m := a.fields(t)
	if got := slices.Sorted(maps.Keys(m)); !slices.Equal(got, errorKeys) {
		t.Errorf("an error with the members %v", got)
	}
	code, _ := m["error_code"].(string)
	def, ok := plaid.Lookup(plaid.Code(code))
	if !ok || def.Status != a.status || m["error_type"] != def.Type {
		t.Errorf("status %d and type %v with code %s", a.status, m["error_type"], code)
	}
	if m["documentation_url"] != baseURL+"/weft/errors/"+code {
		t.Errorf("documentation_url %v", m["documentation_url"])
	}
	checkHeaders(t, a, m)
	return fmt.Sprintf("%s: %s", code, m["error_message"])
}

func checkHeaders(t testing.TB, a answer, m map[string]any) {
	t.Helper()
	id, _ := m["request_id"].(string)
	if len(id) != 15 || a.header.Get("Plaid-Request-ID") != id {
		t.Errorf("request_id %q in the body, %q in the header", id, a.header.Get("Plaid-Request-ID"))
	}
	for name, want := range map[string]string{
		"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Vary": "Accept-Encoding",
		"Access-Control-Allow-Origin": "",
	} {
		if got := a.header.Get(name); got != want {
			t.Errorf("header %s: %q, want %q", name, got, want)
		}
	}
	if got := a.header.Get("Content-Length"); got != fmt.Sprint(len(a.body)) {
		t.Errorf("Content-Length %s of %d bytes", got, len(a.body))
	}
}

// succeeds checks that an answer is no error.
func succeeds(t testing.TB, what string, a answer) map[string]any {
	t.Helper()
	m := a.fields(t)
	if a.status != http.StatusOK || m["error_code"] != nil {
		t.Errorf("%s: status %d, %s", what, a.status, a.body)
	}
	checkHeaders(t, a, m)
	return m
}

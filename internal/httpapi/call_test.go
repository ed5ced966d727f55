package httpapi_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"weft/internal/clock"
	"weft/internal/httpapi"
	"weft/internal/ident"
	"weft/internal/store"
)

func request(path, body string) *http.Request {
	req := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	req.Header.Set("PLAID-CLIENT-ID", "client")
	req.Header.Set("PLAID-SECRET", "right")
	return req
}

// broken is a body whose connection breaks.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("the wire is cut") }
func (broken) Close() error             { return nil }

func endpointOf[Req any]() httpapi.Endpoint {
	return httpapi.NewEndpoint("", func(context.Context, *httpapi.Call) (store.Tenant, error) { return store.Tenant{}, nil },
		func(context.Context, store.Tenant, Req) (httpapi.None, error) { return httpapi.None{}, nil })
}

const (
	noClientID = invalid + "client_id must be a properly formatted, non-empty string"
	noSecret   = invalid + "secret must be a properly formatted, non-empty string"
	wrongKeys  = "INVALID_API_KEYS: invalid client_id or secret provided"
)

func TestCredentials(t *testing.T) {
	id, secret := "PLAID-CLIENT-ID", "PLAID-SECRET"
	for _, c := range []struct {
		what, body string
		header     []string
		client     string // who called; empty where the call is refused
		want       string
	}{
		{"in the headers", `{}`, []string{id, "h", secret, "right"}, "h", ""},
		{"in the body", `{"client_id":"b","secret":"right"}`, nil, "b", ""},
		{"the body wins", `{"client_id":"b","secret":"right"}`, []string{id, "h", secret, "wrong"}, "b", ""},
		{"the body wins, though it is wrong", `{"client_id":"b","secret":"wrong"}`, []string{id, "h", secret, "right"}, "", wrongKeys},
		{"one of each", `{"secret":"right"}`, []string{id, "h"}, "h", ""},
		{"one of each, the other way", `{"client_id":"b"}`, []string{secret, "right"}, "b", ""},
		{"null leaves the header's", `{"client_id":null,"secret":null}`, []string{id, "h", secret, "right"}, "h", ""},
		{"a null body", `null`, []string{id, "h", secret, "right"}, "h", ""},
		{"none", `{}`, nil, "", noClientID},
		{"no secret", `{"client_id":"b"}`, nil, "", noSecret},
		{"no client_id", `{"secret":"right"}`, nil, "", noClientID},
		{"empty client_id", `{"client_id":""}`, []string{id, "h", secret, "right"}, "", noClientID},
		{"empty secret", `{"secret":""}`, []string{id, "h", secret, "right"}, "", noSecret},
		{"empty headers", `{}`, []string{id, "", secret, ""}, "", noClientID},
		{"wrong secret", `{}`, []string{id, "h", secret, "wrong"}, "", wrongKeys},
		{"a bearer token is no secret", `{}`, []string{"Authorization", "Bearer right", id, "h"}, "", noSecret},
	} {
		r := newRig()
		a := r.send("/tell", c.body, c.header...)
		if c.want != "" {
			if got := problem(t, a); got != c.want {
				t.Errorf("%s: got %s, want %s", c.what, got, c.want)
			}
			continue
		}
		succeeds(t, c.what, a)
		if r.caller.ClientID != c.client || r.caller.Secret != "right" {
			t.Errorf("%s: called by %q", c.what, r.caller.ClientID)
		}
	}
}

func TestAccessToken(t *testing.T) {
	for _, c := range []struct{ what, body, authorization, want string }{
		{"in the body", `{"access_token":"b"}`, "", "b"},
		{"bearer", `{}`, "Bearer h", "h"},
		{"any case", `{}`, "bEARER   h ", "h"},
		{"the body wins", `{"access_token":"b"}`, "Bearer h", "b"},
		{"null leaves the bearer's", `{"access_token":null}`, "Bearer h", "h"},
		{"none", `{}`, "", missing + "access_token"},
		{"null", `{"access_token":null}`, "", missing + "access_token"},
		{"empty", `{"access_token":""}`, "", invalid + "access_token must be a non-empty string"},
		{"empty, with a bearer", `{"access_token":""}`, "Bearer h", invalid + "access_token must be a non-empty string"},
		{"another scheme", `{}`, "Basic h", missing + "access_token"},
		{"no scheme", `{}`, "h", missing + "access_token"},
		{"an empty bearer", `{}`, "Bearer ", missing + "access_token"},
		{"a number", `{"access_token":5}`, "", invalid + "access_token must be a string"},
		{"unknown and missing", `{"x":1}`, "", unknown + "x"},
	} {
		r := newRig()
		a := r.post("/item/look", c.body, "Authorization", c.authorization)
		if strings.Contains(c.want, ": ") {
			if got := problem(t, a); got != c.want {
				t.Errorf("%s: got %s, want %s", c.what, got, c.want)
			}
			continue
		}
		succeeds(t, c.what, a)
		if r.caller.AccessToken != c.want {
			t.Errorf("%s: the token is %q, want %q", c.what, r.caller.AccessToken, c.want)
		}
	}
}

// Shape, credentials, authorization, fields: in this order, so that who may not call learns nothing of the rules.
func TestOrderOfChecks(t *testing.T) {
	r := newRig()
	negative := `{"account_id":"a","count":-1,"when":"2026-01-02"}`
	for _, c := range []struct{ body, secret, want string }{
		{`{"x":1}`, "", unknown + "x"},
		{`{}`, "", missing + "account_id, count, when"},
		{negative, "", noSecret},
		{negative, "wrong", wrongKeys},
		{negative, "right", invalid + "count must not be negative in 2020-09-14"},
	} {
		if got := problem(t, r.send("/order/place", c.body, "PLAID-CLIENT-ID", "client", "PLAID-SECRET", c.secret)); got != c.want {
			t.Errorf("%s with secret %q: got %s, want %s", c.body, c.secret, got, c.want)
		}
	}
	if len(r.placed) != 0 {
		t.Errorf("the endpoint was called with %v", r.placed)
	}
}

func TestContentType(t *testing.T) {
	body := `{` + good + `}`
	for header, ok := range map[string]bool{
		"": true, "application/json": true, "application/json; charset=utf-8": true, "application/json;charset=UTF-8": true, "APPLICATION/JSON": true,
		"application/json ; charset=utf-8": true, "text/plain": false, "application/x-www-form-urlencoded": false, "multipart/form-data; boundary=x": false,
		"application/jsonx": false, "json": false, "application/json, text/plain": false, "application/problem+json": false, "text/html\"<script>": false,
	} {
		a := newRig().post("/order/place", body, "Content-Type", header)
		if ok {
			succeeds(t, header, a)
			continue
		}
		if got := problem(t, a); !strings.HasPrefix(got, "INVALID_HEADERS: Content-Type must be application/json, not ") {
			t.Errorf("%q: got %s", header, got)
		}
	}
}

func TestVersions(t *testing.T) {
	for header, want := range map[string]httpapi.Version{
		"": httpapi.Version20200914, "2020-09-14": httpapi.Version20200914, "2019-05-29": httpapi.Version20190529, "2018-05-22": httpapi.Version20180522,
	} {
		r := newRig()
		r.tells = func() (any, error) {
			return httpapi.Raw{[]byte(`{"accounts":[{"type":"investment","subtype":"brokerage"},{"type":"inv`), []byte(`estment"}],"text":"\"type\":\"investment\""`)}, nil
		}
		m := succeeds(t, header, r.post("/tell", `{}`, "Plaid-Version", header))
		if r.caller.Version != want {
			t.Errorf("%q is version %q", header, r.caller.Version)
		}
		name := "investment"
		if want == httpapi.Version20180522 {
			name = "brokerage"
		}
		for _, account := range m["accounts"].([]any) {
			if got := account.(map[string]any)["type"]; got != name {
				t.Errorf("%q: the account type is %v", header, got)
			}
		}
		if m["text"] != `"type":"investment"` {
			t.Errorf("%q: a text became %q", header, m["text"])
		}
	}
	for _, header := range []string{"2017-03-08", "2026-01-01", "latest", "2020-09-14 x", "2020-9-14"} {
		got := problem(t, newRig().post("/tell", `{}`, "Plaid-Version", header))
		if want := `INVALID_HEADERS: Plaid-Version "` + header + `" is not a version of this API; use 2020-09-14, 2019-05-29, 2018-05-22`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if !httpapi.Version20180522.Before(httpapi.Version20190529) || httpapi.Version20200914.Before(httpapi.Version20200914) {
		t.Error("versions are in another order")
	}
	// Outside any call, the newest.
	if c := httpapi.CallOf(t.Context()); c.Version != httpapi.Version20200914 || c.RequestID != "" {
		t.Errorf("no call is %+v", c)
	}
}

// A field that a newer version has made necessary may be left out in older ones.
func TestFieldsThatNewVersionsRequire(t *testing.T) {
	type body struct {
		Always string `json:"always" weft:"required"`
		New    string `json:"new" weft:"required 2020-09-14"`
		Newer  string `json:"newer" weft:"required 2019-05-29"`
		Not    string `json:"not"`
	}
	api := &httpapi.API{Log: slog.New(slog.DiscardHandler), Clock: clock.System{}, IDs: ident.System(), BaseURL: func() string { return baseURL }}
	r := &rig{handler: api.Handler([]httpapi.Route{{Path: "/new", Endpoint: endpointOf[body]()}}, nil)}
	for version, want := range map[string]string{
		"": "always, new, newer", "2020-09-14": "always, new, newer", "2019-05-29": "always, newer", "2018-05-22": "always",
	} {
		if got := problem(t, r.post("/new", `{}`, "Plaid-Version", version)); got != missing+want {
			t.Errorf("%q: got %s", version, got)
		}
	}
	succeeds(t, "oldest", r.post("/new", `{"always":"a"}`, "Plaid-Version", "2018-05-22"))
}

package httpapi_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http/httptest"
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

func TestAnswers(t *testing.T) {
	type thing struct {
		Name string         `json:"name"`
		Sum  plaid.Decimal  `json:"sum"`
		None *plaid.Decimal `json:"none"`
	}
	for name, c := range map[string]struct {
		tells any
		want  string // before the request_id
	}{
		"none":    {httpapi.None{}, `{`},
		"struct":  {thing{"a <b> & \u2028", plaid.Dec("100.00"), nil}, `{"name":"a <b> & \u2028","sum":100.00,"none":null,`},
		"pointer": {&thing{"a", plaid.Dec("1"), nil}, `{"name":"a","sum":1,"none":null,`},
		"raw":     {httpapi.Raw{[]byte(`{"a":[1,`), []byte(`2.50]`), nil, []byte(`,"b":"<é>"`)}, `{"a":[1,2.50],"b":"<é>",`},
	} {
		r := newRig()
		r.tells = func() (any, error) { return c.tells, nil }
		a := r.post("/tell", `{}`)
		m := succeeds(t, name, a)
		if want := c.want + `"request_id":"` + m["request_id"].(string) + `"}`; string(a.body) != want {
			t.Errorf("%s: got %s, want %s", name, a.body, want)
		}
	}
}

// The pieces of a Raw are shared with other answers, so nobody writes into them, nor behind them.
func TestRawIsNotChanged(t *testing.T) {
	text := `{"accounts":[{"type":"investment"}],"more":"` + strings.Repeat("x", 5000) + `"`
	store := append([]byte(text), "behind"...)
	shared := [][]byte{store[:len(text)], nil}[:1]
	r := newRig()
	r.tells = func() (any, error) { return httpapi.Raw(shared), nil }
	for _, header := range [][]string{nil, {"Plaid-Version", "2018-05-22"}, {"Accept-Encoding", "gzip"}, {"Plaid-Version", "2018-05-22", "Accept-Encoding", "gzip"}} {
		r.post("/tell", `{}`, header...)
		if string(store) != text+"behind" || shared[:2][1] != nil {
			t.Fatalf("%v: the stored document was changed", header)
		}
	}
}

// Every request has an id of its own; it is in the body, the header and the log.
func TestRequestIDs(t *testing.T) {
	r := newRig()
	var ids []string
	for _, a := range []answer{
		r.post("/tell", `{}`), r.post("/tell", `{}`), r.post("/tell", `{"x":1}`), r.post("/nowhere", `{}`), r.send("/tell", `{}`), r.post("/tell", `{}`, "Plaid-Version", "x"),
	} {
		m := a.fields(t)
		checkHeaders(t, a, m)
		ids = append(ids, m["request_id"].(string))
	}
	records := r.records(t)
	if len(records) != len(ids) {
		t.Fatalf("%d lines for %d requests", len(records), len(ids))
	}
	seen := map[string]bool{}
	for i, record := range records {
		if record["request_id"] != ids[i] || seen[ids[i]] {
			t.Errorf("request %d was answered as %s and logged as %v", i, ids[i], record["request_id"])
		}
		seen[ids[i]] = true
	}
}

// A line tells who asked for what, how long it took, and what came of it; it has no secret and no token.
func TestLog(t *testing.T) {
	r := newRig()
	a := r.send("/item/look", `{"access_token":"canary-token","client_id":"client","secret":"right"}`, "Authorization", "Bearer canary-bearer")
	succeeds(t, "look", a)
	problem(t, r.send("/item/look", `{"access_token":"canary-token","client_id":"client","secret":"canary-secret"}`))
	problem(t, r.send("/order/place", `{`+good+`,"when":"canary-value"}`, "PLAID-CLIENT-ID", "client", "PLAID-SECRET", "canary-secret"))
	problem(t, r.send("/order/place?access_token=canary-query", `{"canary-name":1}`, "PLAID-SECRET", "canary-secret"))
	records := r.records(t)
	want := map[string]any{
		"level": "INFO", "msg": "request", "method": "POST", "path": "/item/look", "status": 200.0, "took": 1.5e9, "bytes": float64(len(a.body)),
		"client_id": "client", "environment": "sandbox",
	}
	for name, v := range want {
		if records[0][name] != v {
			t.Errorf("%s: %v, want %v", name, records[0][name], v)
		}
	}
	for i, code := range []any{nil, "INVALID_API_KEYS", "INVALID_FIELD", "UNKNOWN_FIELDS"} {
		if records[i]["error_code"] != code || records[i]["msg"] != "request" {
			t.Errorf("line %d: %v", i, records[i])
		}
	}
	log := strings.ReplaceAll(r.log.b.String(), "item-of-canary-token", "") // the rig's own item_id
	if strings.Contains(log, "canary") {
		t.Errorf("the log has a secret:\n%s", log)
	}
}

type odd struct{}

func (odd) MarshalJSON() ([]byte, error) { panic("canary of an answer") }

// What goes wrong inside is told to the log alone; the client has the request_id to ask with.
func TestInnerErrorsAreHidden(t *testing.T) {
	for name, c := range map[string]struct {
		tells func() (any, error)
		log   string
		stack bool
	}{
		"error":           {func() (any, error) { return nil, errors.New("canary: select * from secrets") }, "canary: select * from secrets", false},
		"wrapped":         {func() (any, error) { return nil, fmt.Errorf("canary: %w", io.ErrUnexpectedEOF) }, "canary: unexpected EOF", false},
		"panic":           {func() (any, error) { panic("canary") }, "panic: canary", true},
		"panic, error":    {func() (any, error) { panic(errors.New("canary")) }, "panic: canary", true},
		"panic, of plaid": {func() (any, error) { panic(plaid.Errf("ITEM_LOCKED", "canary")) }, "panic: ITEM_LOCKED: canary", true},
		"runtime":         {func() (any, error) { var o *order; return o.Count, nil }, "nil pointer dereference", true},
		"unknown code":    {func() (any, error) { return nil, plaid.Err("CANARY") }, "CANARY", false},
		"with a cause": {func() (any, error) {
			return nil, &plaid.Error{Definition: plaid.Err(plaid.InternalServerError).Definition, Cause: errors.New("canary")}
		}, "canary", false},
		"no JSON":       {func() (any, error) { return struct{ F float64 }{math.NaN()}, nil }, "encode response", false},
		"panic, answer": {func() (any, error) { return struct{ O odd }{}, nil }, "canary of an answer", true},
	} {
		r := newRig()
		r.tells = c.tells
		a := r.post("/tell", `{}`)
		if got := problem(t, a); got != "INTERNAL_SERVER_ERROR: an unexpected error occurred" || a.status != 500 {
			t.Errorf("%s: status %d, %s", name, a.status, got)
		}
		for _, leak := range []string{"canary", "CANARY", "goroutine", ".go", "panic", "nil"} {
			if bytes.Contains(a.body, []byte(leak)) {
				t.Errorf("%s: the client is told %s", name, a.body)
			}
		}
		records := r.records(t)
		if len(records) != 2 {
			t.Fatalf("%s: the log has %v", name, records)
		}
		failed, line := records[0], records[1]
		id := a.fields(t)["request_id"]
		if failed["level"] != "ERROR" || failed["msg"] != "request failed" || failed["request_id"] != id || failed["path"] != "/tell" || !strings.Contains(fmt.Sprint(failed["error"]), c.log) {
			t.Errorf("%s: logged %v", name, failed)
		}
		if stack, _ := failed["stack"].(string); strings.Contains(stack, "respond_test.go") != c.stack {
			t.Errorf("%s: the stack is %q", name, stack)
		}
		if line["msg"] != "request" || line["request_id"] != id || line["status"] != 500.0 || line["error_code"] != "INTERNAL_SERVER_ERROR" {
			t.Errorf("%s: logged %v", name, line)
		}
		// The server goes on.
		r.tells = nil
		succeeds(t, name, r.post("/tell", `{}`))
	}
}

// An error of the contract is answered as it is, however it is wrapped; its cause is not.
func TestErrorsOfTheContract(t *testing.T) {
	r := newRig()
	for _, c := range []struct {
		err    error
		want   string
		status int
	}{
		{plaid.Err("ITEM_LOGIN_REQUIRED"), "ITEM_LOGIN_REQUIRED: the login details of this item have changed (credentials, MFA, or required user action) and a user login is required to update this information. use Link's update mode to restore the item to a good state", 400},
		{fmt.Errorf("read: %w", plaid.Errf("INVALID_ACCOUNT_ID", `a <b> "c" \ d`)), `INVALID_ACCOUNT_ID: a <b> "c" \ d`, 400},
		{errors.Join(io.EOF, plaid.Err("RATE_LIMIT")), "RATE_LIMIT: rate limit exceeded. please try again later", 429},
		{&plaid.Error{Definition: plaid.Err("INSTITUTION_DOWN").Definition, Cause: errors.New("canary")}, "INSTITUTION_DOWN: this institution is not currently responding to this request. please try again soon", 400},
	} {
		r.tells = func() (any, error) { return nil, c.err }
		a := r.post("/tell", `{}`)
		if got := problem(t, a); got != c.want || a.status != c.status || bytes.Contains(a.body, []byte("canary")) {
			t.Errorf("%v: status %d, %s", c.err, a.status, a.body)
		}
	}
	causes := 0
	for _, record := range r.records(t) {
		if record["msg"] == "institution failed" { // what a bank has said is for the log alone
			causes++
		} else if record["msg"] != "request" {
			t.Errorf("a client's error is logged as the server's: %v", record)
		}
	}
	if causes != 1 {
		t.Errorf("%d causes of an institution's failure are logged, want 1", causes)
	}
	r.tells = func() (any, error) {
		e := plaid.Err("ITEM_LOGIN_REQUIRED")
		e.Reason = "OAUTH_CONSENT_EXPIRED"
		return nil, e
	}
	m := r.post("/tell", `{}`).fields(t)
	if m["error_code_reason"] != "OAUTH_CONSENT_EXPIRED" || m["display_message"] != nil || m["suggested_action"] == nil {
		t.Errorf("got %v", m)
	}
	// Each code of the catalogue is answered with its own status and texts.
	for _, d := range plaid.Catalogue() {
		r.tells = func() (any, error) { return nil, plaid.Err(d.Code) }
		a := r.post("/tell", `{}`)
		if got, want := problem(t, a), string(d.Code)+": "+d.Message; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestCompression(t *testing.T) {
	long := `{"text":"` + strings.Repeat("abc ", 400) + `"`
	for header, want := range map[string]bool{
		"gzip": true, "GZIP": true, "gzip, deflate, br": true, "br, gzip": true, "deflate,gzip;q=0.5": true, "gzip;q=1": true, "gzip;q=1.000": true, "gzip ; q=0.001": true,
		"gzip;Q=0.5": true, " gzip ": true,
		"": false, "identity": false, "br": false, "gzip;q=0": false, "gzip;q=0.0": false, "gzip;q=0.000": false, "gzip; q=0": false, "gzip;Q=0": false, "gzip ;q=0 ": false,
		"br, gzip;q=0": false, "gzipped": false, "x-gzip2": false, "*;q=0": false, "notgzip, br": false,
	} {
		r := newRig()
		r.tells = func() (any, error) { return httpapi.Raw{[]byte(long)}, nil }
		a := r.post("/tell", `{}`, "Accept-Encoding", header)
		compressed := a.header.Get("Content-Encoding") == "gzip"
		if compressed != want {
			t.Errorf("Accept-Encoding %q: compressed %v", header, compressed)
		}
		if compressed {
			if got := a.header.Get("Content-Length"); got != fmt.Sprint(len(a.body)) || len(a.body) > len(long)/2 {
				t.Errorf("Content-Length %s of %d bytes", got, len(a.body))
			}
			a.body = unzip(t, a.body)
			a.header.Set("Content-Length", fmt.Sprint(len(a.body)))
		}
		if m := succeeds(t, header, a); len(m["text"].(string)) != 1600 {
			t.Errorf("Accept-Encoding %q: %d bytes of text", header, len(m["text"].(string)))
		}
	}
	// What is small is not worth it.
	r := newRig()
	if a := r.post("/tell", `{}`, "Accept-Encoding", "gzip"); a.header.Get("Content-Encoding") != "" {
		t.Errorf("%d bytes were compressed", len(a.body))
	}
}

func unzip(t *testing.T, b []byte) []byte {
	t.Helper()
	zr, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(zr)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Compressed answers that are made at once do not mix.
func TestConcurrentAnswers(t *testing.T) {
	echo := httpapi.NewEndpoint("", func(context.Context, *httpapi.Call) (store.Tenant, error) { return store.Tenant{}, nil },
		func(_ context.Context, _ store.Tenant, o order) (order, error) { return o, nil })
	var log lockedBuffer
	api := &httpapi.API{Log: slog.New(slog.NewTextHandler(&log, nil)), Clock: clock.System{}, IDs: ident.System(), BaseURL: func() string { return baseURL }}
	srv := httptest.NewServer(api.Handler([]httpapi.Route{{Path: "/echo", Endpoint: echo}}, nil))
	defer srv.Close()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := range 10 {
				text := strings.Repeat(fmt.Sprint(i, ".", n, " "), 500)
				res, err := srv.Client().Post(srv.URL+"/echo", "application/json", strings.NewReader(`{`+good+`,"client_id":"c","secret":"s","tags":["`+text+`"]}`))
				if err != nil {
					t.Error(err)
					return
				}
				body, err := io.ReadAll(res.Body) // which the transport has unpacked
				if err != nil || !res.Uncompressed || !bytes.Contains(body, []byte(`["`+text+`"]`)) || !bytes.Contains(body, []byte(res.Header.Get("Plaid-Request-ID"))) {
					t.Errorf("%d.%d: unpacked %v, %.100s, %v", i, n, res.Uncompressed, body, err)
				}
			}
		})
	}
	wg.Wait()
}

// The work of a request has an end, also where its client would wait for ever.
func TestRequestsHaveADeadline(t *testing.T) {
	r := newRig()
	before := time.Now()
	succeeds(t, "tell", r.post("/tell", `{}`))
	deadline, ok := r.ctx.Deadline()
	if left := deadline.Sub(before); !ok || left < 60*time.Second || left > 120*time.Second {
		t.Errorf("the deadline is in %s", left)
	}
	if r.ctx.Err() == nil {
		t.Error("the context goes on after the request")
	}
	r.tells = func() (any, error) { return nil, fmt.Errorf("query: %w", r.ctx.Err()) }
	req := request("/tell", `{}`)
	ctx, cancel := cancelled(req)
	defer cancel()
	if got := problem(t, r.do(req.WithContext(ctx))); !strings.HasPrefix(got, "INTERNAL_SERVER_ERROR") {
		t.Errorf("got %s", got)
	}
}

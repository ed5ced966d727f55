package httpapi_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"weft/internal/clock"
	"weft/internal/httpapi"
	"weft/internal/ident"
	"weft/internal/plaid"
)

// cancelled is the context of a request whose client has gone.
func cancelled(req *http.Request) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(req.Context())
	cancel()
	return ctx, cancel
}

// What is no route is NOT_FOUND in the contract's shape: no redirect, no page, and no other status.
func TestNotFound(t *testing.T) {
	for _, c := range []struct{ method, path, echoed string }{
		{"GET", "/tell", "GET /tell"}, {"PUT", "/tell", "PUT /tell"}, {"DELETE", "/order/place", "DELETE /order/place"}, {"OPTIONS", "/tell", "OPTIONS /tell"},
		{"HEAD", "/tell", ""}, {"PATCH", "/tell", "PATCH /tell"}, {"CONNECT", "/tell", "CONNECT /tell"}, {"TRACE", "/tell", "TRACE /tell"},
		{"POST", "/", "POST /"}, {"GET", "/", "GET /"}, {"POST", "/nowhere", "POST /nowhere"}, {"POST", "/tell/", "POST /tell/"}, {"POST", "/TELL", "POST /TELL"},
		{"POST", "//tell", "POST //tell"}, {"POST", "/order//place", "POST /order//place"}, {"POST", "/order/../tell", "POST /order/../tell"},
		{"POST", "/./tell", "POST /./tell"}, {"POST", "/tell/.", "POST /tell/."}, {"POST", "//evil.example/../tell", "POST //evil.example/../tell"},
		{"GET", "//weft/errors", "GET //weft/errors"}, {"GET", "/weft/errors/", "GET /weft/errors/"}, {"GET", "/weft/errors/A/B", "GET /weft/errors/A/B"},
		{"POST", "/weft/errors", "POST /weft/errors"}, {"GET", "/weft", "GET /weft"}, {"POST", "/tell%2f", "POST /tell/"}, {"POST", "/order%2fplace", "POST /order/place"},
		{"POST", "/a<script>&\"", `POST /a<script>&"`},
	} {
		r := newRig()
		req := request("/", `{}`)
		req.Method = c.method
		req.URL.Path, req.URL.RawPath = unescaped(t, c.path), ""
		if strings.Contains(c.path, "%") {
			req.URL.RawPath = c.path
		}
		a := r.do(req)
		if a.status != 404 || a.header.Get("Location") != "" || a.header.Get("Allow") != "" {
			t.Errorf("%s %s: status %d, headers %v", c.method, c.path, a.status, a.header)
			continue
		}
		if got, want := problem(t, a), "NOT_FOUND: not found: "+c.echoed; c.echoed != "" && got != want {
			t.Errorf("%s %s: got %s", c.method, c.path, got)
		}
		if records := r.records(t); len(records) != 1 || records[0]["status"] != 404.0 || records[0]["error_code"] != "NOT_FOUND" {
			t.Errorf("%s %s: logged %v", c.method, c.path, records)
		}
	}
	// Names in percent are the same names.
	req := request("/", `{}`)
	req.URL.Path, req.URL.RawPath = "/tell", "/%74ell"
	succeeds(t, "percent", newRig().do(req))
}

func unescaped(t *testing.T, path string) string {
	t.Helper()
	s, err := url.PathUnescape(path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A path is echoed as text that can be read, and not at any length.
func TestEchoedPaths(t *testing.T) {
	for path, want := range map[string]string{
		"/a\r\nSet-Cookie: x\x1b[31m\x00": "/aSet-Cookie: x[31m",
		"/" + strings.Repeat("x", 200):    "/" + strings.Repeat("x", 99),
		"/a" + strings.Repeat("日", 200):   "/a" + strings.Repeat("日", 32),
		"/" + strings.Repeat("é", 200):    "/" + strings.Repeat("é", 49),
		"/\u202e\u200b\u2028x":            "/x",
		"/\xff\xfe":                       "/\ufffd\ufffd",
	} {
		req := request("/", `{}`)
		req.URL.Path = path
		a := newRig().do(req)
		if got := problem(t, a); got != "NOT_FOUND: not found: POST "+want || !utf8.Valid(a.body) {
			t.Errorf("%q: got %q", path, got)
		}
	}
}

// A path that is no route's may have a token in it, and is not logged whole.
func TestUnknownPathsAreCutInTheLog(t *testing.T) {
	for path, want := range map[string]string{
		"/simplefin/claim/s3cret/": "/simplefin/claim/…", "//simplefin/claim/s3cret": "//simplefin/…", "/items": "/items", "/item/gone": "/item/gone",
	} {
		r := newRig()
		r.do(request(path, `{}`))
		if records := r.records(t); len(records) != 1 || records[0]["path"] != want {
			t.Errorf("%s: logged as %v", path, records)
		}
	}
}

// Who can write a path can write no line of the log, in either form.
func TestLogInjection(t *testing.T) {
	evil := "/x\r\nlevel=ERROR msg=\"request failed\" \x1b[31m\u2028\x00\x07 =\"{}"
	for _, format := range []string{"text", "json"} {
		var log lockedBuffer
		handler := slog.Handler(slog.NewTextHandler(&log, nil))
		if format == "json" {
			handler = slog.NewJSONHandler(&log, nil)
		}
		api := &httpapi.API{Log: slog.New(handler), Clock: clock.System{}, IDs: ident.System(), BaseURL: func() string { return baseURL }}
		req := request("/", `{}`)
		req.URL.Path = evil
		req.Header.Set("Plaid-Version", evil)
		api.Handler([]httpapi.Route{{Path: "/tell", Endpoint: endpointOf[nothing]()}}, nil).ServeHTTP(httptest.NewRecorder(), req)
		out := log.b.String()
		if strings.Count(out, "\n") != 1 || strings.ContainsAny(strings.TrimSuffix(out, "\n"), "\r\n\x1b\x00\x07\u2028") {
			t.Errorf("%s: %q", format, out)
		}
		if format == "json" {
			var record map[string]any
			if err := json.Unmarshal([]byte(out), &record); err != nil || record["path"] != evil {
				t.Errorf("%q, %v", out, err)
			}
		}
	}
}

func TestErrorPages(t *testing.T) {
	r := newRig()
	get := func(path, accept string) answer {
		req := httptest.NewRequest(http.MethodGet, path, nil)
		req.Header.Set("Accept", accept)
		return r.do(req)
	}
	list := get("/weft/errors", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
	checkPage(t, "list", list, 200)
	for _, d := range plaid.Catalogue() {
		if !strings.Contains(string(list.body), ">"+string(d.Code)+"<") {
			t.Errorf("the list has no %s", d.Code)
		}
		one := get("/weft/errors/"+string(d.Code), "")
		checkPage(t, string(d.Code), one, 200)
		text := string(one.body)
		for _, part := range []string{"<title>" + string(d.Code) + " · Weft errors</title>", "<dd>" + d.Type + "</dd>", "<dd>" + html(d.Message) + "</dd>", html(d.Display), html(d.Action)} {
			if !strings.Contains(text, part) {
				t.Errorf("the page of %s has no %q", d.Code, part)
			}
		}
		if strings.Count(text, "<article>") != 1 {
			t.Errorf("the page of %s has %d articles", d.Code, strings.Count(text, "<article>"))
		}
	}
	for _, code := range []string{"NO_SUCH_CODE", "invalid_field", "%3Cscript%3Ealert(1)%3C%2Fscript%3E", "%22%3E"} {
		a := get("/weft/errors/"+code, "")
		checkPage(t, code, a, 404)
		if body := string(a.body); !strings.Contains(body, "No such error code") || strings.Contains(body, "<script") || strings.Contains(body, "alert") || strings.Contains(body, "<article>") {
			t.Errorf("%s: %s", code, a.body)
		}
	}
}

// html is a text as the template writes it.
func html(s string) string {
	return strings.NewReplacer("'", "&#39;", `"`, "&#34;", "<", "&lt;", ">", "&gt;", "&", "&amp;", "+", "&#43;").Replace(s)
}

func checkPage(t *testing.T, what string, a answer, status int) {
	t.Helper()
	if a.status != status || a.header.Get("Content-Type") != "text/html; charset=utf-8" || a.header.Get("X-Content-Type-Options") != "nosniff" ||
		!strings.Contains(a.header.Get("Content-Security-Policy"), "default-src 'none'") || !strings.HasSuffix(string(a.body), "</html>\n") {
		t.Errorf("%s: status %d, headers %v, %d bytes", what, a.status, a.header, len(a.body))
	}
}

func TestErrorListAsJSON(t *testing.T) {
	for accept, wantJSON := range map[string]bool{
		"application/json": true, "application/json, text/plain, */*": true, "application/json;q=0.9": true, "application/json, text/html": true,
		"": false, "*/*": false, "text/html": false, "text/html, application/json;q=0.1": false,
	} {
		req := httptest.NewRequest(http.MethodGet, "/weft/errors", nil)
		req.Header.Set("Accept", accept)
		a := newRig().do(req)
		if !wantJSON {
			checkPage(t, accept, a, 200)
			continue
		}
		var list struct {
			Errors []plaid.Definition `json:"errors"`
		}
		if err := json.Unmarshal(a.body, &list); err != nil || a.status != 200 || a.header.Get("Content-Type") != "application/json; charset=utf-8" {
			t.Errorf("%q: status %d, %v", accept, a.status, err)
		}
		want := plaid.Catalogue()
		if len(list.Errors) != len(want) || list.Errors[3] != want[3] {
			t.Errorf("%q: %d codes", accept, len(list.Errors))
		}
	}
}

// Each documentation_url leads to the page of its code.
func TestDocumentationURLs(t *testing.T) {
	r := newRig()
	m := r.post("/tell", `{"x":1}`).fields(t)
	link, ok := strings.CutPrefix(m["documentation_url"].(string), baseURL)
	if !ok || httpapi.ErrorURL(baseURL, "UNKNOWN_FIELDS") != m["documentation_url"] {
		t.Fatalf("documentation_url %v", m["documentation_url"])
	}
	if a := r.do(httptest.NewRequest(http.MethodGet, link, nil)); a.status != 200 || !strings.Contains(string(a.body), "UNKNOWN_FIELDS") {
		t.Errorf("%s: status %d", link, a.status)
	}
}

package web_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"html"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"weft/internal/ident"
	"weft/internal/product/link/web"
)

const base = "https://weft.example"

// site is the pages with a scripted flow.
type site struct {
	*script
	t    *testing.T
	mux  *http.ServeMux
	log  bytes.Buffer
	last *httptest.ResponseRecorder
}

func newSite(t *testing.T) *site {
	s := &site{script: newScript(), t: t, mux: http.NewServeMux()}
	for pattern, page := range web.New(s.script, slog.New(slog.NewJSONHandler(&s.log, nil)), ident.Seeded("web"), base) {
		s.mux.Handle(pattern, page)
	}
	return s
}

// ask sends a request with headers in pairs, and checks what holds for every answer.
func (s *site) ask(method, target, body string, headers ...string) *httptest.ResponseRecorder {
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), method, target, strings.NewReader(body))
	r.Host = "weft.example"
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	s.last = httptest.NewRecorder()
	s.mux.ServeHTTP(s.last, r)
	h := s.last.Header()
	if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Cache-Control") == "" || h.Get("Weft-Request-Id") == "" {
		s.t.Errorf("%s %s: headers %v", method, target, h)
	}
	if h.Get("Set-Cookie") != "" || h.Get("Access-Control-Allow-Origin") != "" {
		s.t.Errorf("%s %s: cookies or CORS: %v", method, target, h)
	}
	return s.last
}

const formMedia = "application/x-www-form-urlencoded"

// open posts the form that opens Link, as the first document does.
func (s *site) open(form url.Values, headers ...string) *httptest.ResponseRecorder {
	s.t.Helper()
	return s.ask("POST", "/link/v2/open", form.Encode(), append([]string{"Content-Type", formMedia, "Sec-Fetch-Site", "same-origin"}, headers...)...)
}

var bootShape = regexp.MustCompile(`<meta id="boot" name="weft-link" content="([^"]*)">`)

// boot is what a document's script begins with.
func (s *site) boot() map[string]any {
	s.t.Helper()
	m := bootShape.FindStringSubmatch(s.last.Body.String())
	if m == nil {
		s.t.Fatalf("no boot in %s", s.last.Body)
	}
	var boot map[string]any
	if err := json.Unmarshal([]byte(html.UnescapeString(m[1])), &boot); err != nil {
		s.t.Fatal(err)
	}
	return boot
}

// act does an action and gives the answer's members.
func (s *site) act(key, body string, headers ...string) map[string]any {
	s.t.Helper()
	w := s.ask("POST", "/link/v2/act", body, append([]string{"Content-Type", "application/json", "Weft-Link-Session", key, "Sec-Fetch-Site", "same-origin"}, headers...)...)
	var answer map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		s.t.Fatalf("%d %s", w.Code, w.Body)
	}
	return answer
}

func (s *site) csp(name string) string {
	for part := range strings.SplitSeq(s.last.Header().Get("Content-Security-Policy"), ";") {
		if value, ok := strings.CutPrefix(strings.TrimSpace(part), name+" "); ok {
			return value
		}
	}
	return ""
}

func TestTheFirstDocumentKnowsNothing(t *testing.T) {
	s := newSite(t)
	w := s.ask("GET", "/link/v2/frame", "")
	tag := w.Header().Get("ETag")
	if w.Code != 200 || !strings.HasPrefix(s.csp("frame-ancestors"), "* ") || w.Header().Get("Referrer-Policy") != "same-origin" || tag == "" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	body := w.Body.String()
	if s.ask("GET", "/link/v2/frame", "", "If-None-Match", tag); s.last.Code != 304 {
		t.Errorf("known: %d", s.last.Code)
	}
	// The pages of their own are the same, whatever their address says, and are not kept.
	for _, at := range []string{"/link/v2/stable/link.html?isWebview=true&token=link-sandbox-1", "/link/hosted/abc"} {
		w := s.ask("GET", at, "")
		if w.Code != 200 || w.Header().Get("Cache-Control") != "no-store" || s.csp("frame-ancestors") != "'none'" || strings.Contains(w.Body.String(), "link-sandbox-1") {
			t.Errorf("%s: %d %v %s", at, w.Code, w.Header(), w.Body)
		}
		if strings.ReplaceAll(w.Body.String(), `class="page"`, `class="frame"`) != body {
			t.Errorf("%s: another document", at)
		}
	}
	if len(s.opened) != 0 {
		t.Errorf("a mere look opened %v", s.opened)
	}
}

// TestDocumentsLoadWhatThereIs: every address in the documents is served, and no document has what its policy forbids.
func TestDocumentsLoadWhatThereIs(t *testing.T) {
	s := newSite(t)
	total := 0
	seen := map[string]bool{}
	for _, open := range []func(){
		func() { s.ask("GET", "/link/v2/frame", "") },
		func() { s.open(url.Values{"link_token": {"x"}, "origin": {"https://shop.example"}}) },
		func() { s.ask("GET", "/link/v2/oauth/return?state=window", "") },
	} {
		open()
		text := s.last.Body.String()
		total += len(text)
		if s.csp("default-src") != "'none'" || s.csp("script-src") != "'self'" || s.csp("style-src") != "'self'" || s.csp("base-uri") != "'none'" {
			t.Errorf("policy %s", s.last.Header().Get("Content-Security-Policy"))
		}
		if regexp.MustCompile(`(?i) style=| on[a-z]+="|<style|<script>|javascript:`).MatchString(text) {
			t.Errorf("the policy forbids a part of %s", text)
		}
		for _, m := range regexp.MustCompile(`(?:href|src)="(/link/v2/assets/[^"]+)"`).FindAllStringSubmatch(text, -1) {
			w := s.ask("GET", m[1], "", "Accept-Encoding", "br, gzip")
			if w.Code != 200 || w.Header().Get("Content-Encoding") != "gzip" || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
				t.Errorf("%s: %d %v", m[1], w.Code, w.Header())
			}
			if !seen[m[1]] {
				total += w.Body.Len()
			}
			seen[m[1]] = true
		}
	}
	if len(seen) != 5 || total > 60<<10 {
		t.Errorf("%d files, %d bytes in all", len(seen), total)
	}
}

func TestAssets(t *testing.T) {
	s := newSite(t)
	s.ask("GET", "/link/v2/frame", "")
	at := regexp.MustCompile(`/link/v2/assets/link\.[0-9a-f]{16}\.css`).FindString(s.last.Body.String())
	for accepted, zipped := range map[string]bool{"": false, "gzip": true, "gzip;q=0": false, "deflate": false, "gzip;q=0.5, br": true} {
		w := s.ask("GET", at, "", "Accept-Encoding", accepted)
		if got := w.Header().Get("Content-Encoding") == "gzip"; got != zipped || w.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q: %v", accepted, w.Header())
		}
		reader := io.Reader(w.Body)
		if zipped {
			var err error
			if reader, err = gzip.NewReader(w.Body); err != nil {
				t.Fatal(err)
			}
		}
		if text, err := io.ReadAll(reader); err != nil || !strings.Contains(string(text), ".stage") {
			t.Errorf("%q: %v", accepted, err)
		}
	}
	if w := s.ask("GET", "/link/v2/assets/link.0000000000000000.css", ""); w.Code != 404 {
		t.Errorf("an old address: %d", w.Code)
	}
}

// TestOpenAnswersWithTheSessionsDocument: only the page that opened it may show it, and what is secret is in it alone.
func TestOpenAnswersWithTheSessionsDocument(t *testing.T) {
	s := newSite(t)
	w := s.open(url.Values{"link_token": {"link-sandbox-1"}, "origin": {"https://shop.example:8443"}, "nonce": {"n1"}, "received_redirect_uri": {"https://shop.example/back?oauth_state_id=1"}, "touch": {"true"}})
	if w.Code != 200 || s.csp("frame-ancestors") != "https://shop.example:8443" || w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	o := s.opened[0]
	if o.LinkToken != "link-sandbox-1" || o.Origin != "https://shop.example:8443" || !o.Touch || o.Embedded || o.RedirectURI != "https://shop.example/back?oauth_state_id=1" {
		t.Errorf("opened %+v", o)
	}
	boot := s.boot()
	if boot["key"] != "key-0" || boot["nonce"] != "n1" || boot["parent"] != "https://shop.example:8443" || boot["pane"] != "consent" {
		t.Errorf("boot %v", boot)
	}
	events := boot["events"].([]any)
	event := events[0].(map[string]any)
	metadata := event["metadata"].(map[string]any)
	if len(events) != 1 || event["name"] != "OPEN" || metadata["view_name"] != "CONSENT" || metadata["timestamp"] != "2026-11-20T12:00:00.000Z" {
		t.Errorf("events %v", events)
	}
	if _, has := metadata["error_code"]; !has {
		t.Error("metadata without value are missing, not null")
	}
	if !strings.Contains(w.Body.String(), `data-pane="consent"`) || strings.Contains(w.Body.String(), "link-sandbox-1") {
		t.Error("the first pane is missing, or the token is there")
	}
}

func TestOpenAsAPageOfItsOwn(t *testing.T) {
	s := newSite(t)
	w := s.open(url.Values{"hosted_id": {"a/b"}})
	if boot := s.boot(); boot["address"] != "/link/hosted/a%2Fb" || boot["parent"] != nil {
		t.Errorf("boot %v", boot)
	}
	if s.csp("frame-ancestors") != "'none'" || w.Header().Get("Cross-Origin-Opener-Policy") != "same-origin-allow-popups" || s.opened[0].HostedID != "a/b" {
		t.Errorf("%v %+v", w.Header(), s.opened)
	}
	s.open(url.Values{"link_token": {"x"}, "webview": {"true"}})
	if boot := s.boot(); boot["webview"] != true || boot["address"] != nil {
		t.Errorf("boot %v", boot)
	}
	s.open(url.Values{"legacy": {`{"key":"k","product":["auth"]}`}, "origin": {"https://shop.example"}, "embedded": {"true"}})
	if o := s.opened[2]; o.Legacy["key"] != "k" || !o.Embedded || strings.Contains(s.last.Body.String(), `id="close-button"`) {
		t.Errorf("%+v", o)
	}
}

// TestOriginsOfAllKinds: a page without an origin is a matter of the flow, and cannot be named in the policy.
func TestOriginsOfAllKinds(t *testing.T) {
	for origin, want := range map[string]string{
		"null": "", "file://": "", "capacitor://localhost": "capacitor://localhost", "http://localhost:3000": "http://localhost:3000", "http://[::1]:80": "http://[::1]:80",
		"chrome-extension://abcdef": "chrome-extension://abcdef",
	} {
		s := newSite(t)
		if w := s.open(url.Values{"link_token": {"x"}, "origin": {origin}}); w.Code != 200 || s.csp("frame-ancestors") != want {
			t.Errorf("%s: %d, ancestors %q", origin, w.Code, s.csp("frame-ancestors"))
		}
		if got := s.opened[0].Origin; want == "" && got != "null" {
			t.Errorf("%s: opened from %q", origin, got)
		}
	}
	for _, origin := range []string{"https://a.example; script-src *", "https://a.example https://b.example", "*", "'self'", "https://a.example/path", "https://*.example", "x", "https://a.example\r\nX: y"} {
		s := newSite(t)
		w := s.open(url.Values{"link_token": {"x"}, "origin": {origin}})
		if w.Code != 400 || len(s.opened) != 0 || s.csp("frame-ancestors") != "'none'" || s.csp("script-src") != "'self'" {
			t.Errorf("%q: %d %v", origin, w.Code, w.Header())
		}
	}
}

func TestOpenRefusesOtherPages(t *testing.T) {
	form := url.Values{"link_token": {"x"}, "origin": {"https://shop.example"}}.Encode()
	for _, c := range []struct {
		headers []string
		status  int
	}{
		{nil, 400},
		{[]string{"Sec-Fetch-Site", "cross-site", "Origin", base}, 400},
		{[]string{"Sec-Fetch-Site", "same-site"}, 400},
		{[]string{"Sec-Fetch-Site", "none"}, 400},
		{[]string{"Origin", "https://evil.example"}, 400},
		{[]string{"Origin", "null"}, 400},
		{[]string{"Sec-Fetch-Site", "same-origin"}, 200},
		{[]string{"Origin", base}, 200},
		{[]string{"Origin", "http://weft.example"}, 200},
	} {
		s := newSite(t)
		w := s.ask("POST", "/link/v2/open", form, append([]string{"Content-Type", formMedia}, c.headers...)...)
		if w.Code != c.status || (c.status != 200) != (len(s.opened) == 0) {
			t.Errorf("%v: %d, opened %v", c.headers, w.Code, s.opened)
		}
	}
	s := newSite(t)
	if s.open(url.Values{"link_token": {strings.Repeat("x", 70<<10)}, "origin": {"https://shop.example"}}); s.last.Code != 400 || len(s.opened) != 0 {
		t.Errorf("a form of 70 kB: %d", s.last.Code)
	}
	if s.open(url.Values{"legacy": {"[1]"}, "origin": {"https://shop.example"}}); s.last.Code != 400 || len(s.opened) != 0 {
		t.Errorf("a list for a configuration: %d", s.last.Code)
	}
}

// TestErrorsBeforeASession: the page shows what is wrong, and has what onExit is told when it is closed.
func TestErrorsBeforeASession(t *testing.T) {
	s := newSite(t)
	w := s.open(url.Values{"link_token": {"bad"}, "origin": {"https://shop.example"}, "nonce": {"n"}}, "Accept-Language", "xx, fr-CA;q=0.8")
	boot := s.boot()
	finished := boot["finished"].(map[string]any)
	failure, exit := finished["error"].(map[string]any), finished["exit"].(map[string]any)
	if w.Code != 400 || boot["offline"] != true || failure["error_code"] != "INVALID_LINK_TOKEN" || failure["error_type"] != "INVALID_INPUT" || exit["request_id"] != w.Header().Get("Weft-Request-Id") {
		t.Errorf("%d %v", w.Code, boot)
	}
	if !strings.Contains(w.Body.String(), "Cette page a expiré") || !strings.Contains(w.Body.String(), `<html lang="fr"`) || s.csp("frame-ancestors") != "https://shop.example" {
		t.Errorf("%s", w.Body)
	}
	w = s.open(url.Values{"link_token": {"broken"}, "origin": {"https://shop.example"}})
	if w.Code != 500 || strings.Contains(w.Body.String(), "s3cr3t") || !strings.Contains(s.log.String(), w.Header().Get("Weft-Request-Id")) {
		t.Errorf("%d %s", w.Code, s.log.String())
	}
}

// TestTheWholeWay goes from the first pane to the end, as the script does.
func TestTheWholeWay(t *testing.T) {
	s := newSite(t)
	s.open(url.Values{"link_token": {"x"}, "origin": {"https://shop.example"}})
	key := s.boot()["key"].(string)
	a := s.act(key, `{"name":"accept","step":1,"values":{}}`)
	if a["pane"] != "institutions" || a["title"] != "Choose your bank" || !strings.Contains(a["html"].(string), `id="search-input"`) || len(a["events"].([]any)) != 1 {
		t.Errorf("%v", a)
	}
	if a = s.act(key, `{"name":"search","values":{"query":["gingham"]}}`); strings.Count(a["html"].(string), `data-action="select"`) != 1 {
		t.Errorf("%v", a)
	}
	a = s.act(key, `{"name":"select","step":2,"values":{"institution":["ins_127287"]}}`)
	if oauth := a["oauth"].(map[string]any); oauth["url"] != s.bank || oauth["opened"] != false || oauth["redirect"] != false {
		t.Errorf("%v", a)
	}
	if a = s.act(key, `{"name":"oauth_open","step":3}`); a["oauth"].(map[string]any)["opened"] != true {
		t.Errorf("%v", a)
	}
	s.ask("GET", "/link/v2/oauth/return?state=window&code=abc", "")
	if a = s.act(key, `{"name":"oauth_wait","step":4}`); a["pane"] != "accounts" {
		t.Errorf("%v", a)
	}
	s.act(key, `{"name":"choose","step":5,"values":{"account":["0","1"]}}`)
	if got := s.acts[len(s.acts)-1].Values["account"]; !slices.Equal(got, []string{"0", "1"}) {
		t.Errorf("chose %v", got)
	}
	a = s.act(key, `{"name":"finish","step":6}`)
	finished := a["finished"].(map[string]any)
	if finished["public_token"] != "public-sandbox-1" || finished["success"] == nil || s.last.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%v", a)
	}
}

func TestActRefusesOtherPages(t *testing.T) {
	s := newSite(t)
	s.open(url.Values{"link_token": {"x"}, "origin": {"https://shop.example"}})
	for name, headers := range map[string][]string{
		"another site":     {"Sec-Fetch-Site", "cross-site"},
		"another origin":   {"Sec-Fetch-Site", "", "Origin", "https://evil.example"},
		"no session's key": {"Weft-Link-Session", ""},
		"a form":           {"Content-Type", formMedia},
		"text":             {"Content-Type", "text/plain"},
		"no boundary":      {"Content-Type", "multipart/form-data"},
	} {
		a := s.act("key-0", `{"name":"accept","step":1}`, headers...)
		if s.last.Code != 400 || a["offline"] != true || len(s.acts) != 0 {
			t.Errorf("%s: %d %v", name, s.last.Code, a)
		}
	}
	for _, body := range []string{"", "[]", "{", `{"step":1}`, `{"name":1}`, `{"name":"` + strings.Repeat("x", 300<<10) + `"}`} {
		if s.act("key-0", body); s.last.Code != 400 || len(s.acts) != 0 {
			t.Errorf("%.20s: %d", body, s.last.Code)
		}
	}
	a := s.act("key-none", `{"name":"accept","step":1}`)
	if s.last.Code != 400 || a["finished"].(map[string]any)["error"].(map[string]any)["error_code"] != "INVALID_LINK_TOKEN" {
		t.Errorf("%d %v", s.last.Code, a)
	}
	a = s.act("key-0", `{"name":"submit","step":1,"values":{"username":["broken"],"password":["hunter3"]}}`)
	if s.last.Code != 500 || strings.Contains(s.last.Body.String(), "hunter") || strings.Contains(s.log.String(), "hunter3") || a["request_id"] != s.last.Header().Get("Weft-Request-Id") {
		t.Errorf("%d %v %s", s.last.Code, a, s.log.String())
	}
}

// form is an upload as the script sends it.
func form(t *testing.T, cut int, parts ...string) (media, body string) {
	t.Helper()
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf)
	for i := 0; i+1 < len(parts); i += 2 {
		create := w.CreateFormField
		if parts[i] == "file" {
			create = func(name string) (io.Writer, error) { return w.CreateFormFile(name, "july.ofx") }
		}
		part, err := create(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(part, parts[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), buf.String()[:buf.Len()-cut]
}

func TestUpload(t *testing.T) {
	s := newSite(t)
	s.open(url.Values{"link_token": {"x"}, "origin": {"https://shop.example"}})
	content := strings.Repeat("statement ", 1<<20)
	media, body := form(t, 0, "action", `{"name":"upload","step":4}`, "file", content)
	s.act("key-0", body, "Content-Type", media)
	if s.last.Code != 200 || len(s.acts) != 1 || string(s.acts[0].File) != content || s.acts[0].Value("file") != "july.ofx" || s.acts[0].Step != 4 {
		t.Fatalf("%d %s", s.last.Code, s.last.Body)
	}
	for name, parts := range map[string][]string{
		"no file": {"action", `{"name":"upload"}`}, "no action": {"file", "x"}, "another order": {"file", "x", "action", `{"name":"upload"}`},
		"two files": {"action", `{"name":"upload"}`, "file", "x", "file", "y"}, "a bad action": {"action", `{`, "file", "x"},
		"too much": {"action", `{"name":"upload"}`, "file", strings.Repeat("x", 80<<20+1)},
	} {
		media, body := form(t, 0, parts...)
		if s.act("key-0", body, "Content-Type", media); s.last.Code != 400 || len(s.acts) != 1 {
			t.Errorf("%s: %d", name, s.last.Code)
		}
	}
	media, body = form(t, 80, "action", `{"name":"upload"}`, "file", strings.Repeat("x", 1000))
	if s.act("key-0", body, "Content-Type", media); s.last.Code != 400 || len(s.acts) != 1 {
		t.Errorf("cut off: %d", s.last.Code)
	}
}

func TestReturn(t *testing.T) {
	s := newSite(t)
	if w := s.ask("GET", "/link/v2/oauth/return?state=window&code=c0de", "", "Accept-Language", "es"); w.Code != 200 || s.csp("frame-ancestors") != "'none'" ||
		!strings.Contains(w.Body.String(), "Puede cerrar esta ventana") || strings.Contains(w.Body.String(), "c0de") || w.Header().Get("Cross-Origin-Opener-Policy") != "" {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	if w := s.ask("GET", "/link/v2/oauth/return?state=redirect", ""); w.Code != 303 || w.Header().Get("Location") != "https://client.example/back?oauth_state_id=1" || w.Header().Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if w := s.ask("GET", "/link/v2/oauth/return?state=old", ""); w.Code != 404 || !strings.Contains(w.Body.String(), "This link has expired") || strings.Contains(w.Body.String(), "<script") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := s.ask("GET", "/link/v2/oauth/return?state=broken&code=c0de", ""); w.Code != 500 || strings.Contains(s.log.String(), "c0de") || !strings.Contains(s.log.String(), "no table") {
		t.Errorf("%d %s", w.Code, s.log.String())
	}
}

func TestLogos(t *testing.T) {
	s := newSite(t)
	w := s.ask("GET", "/link/v2/logo/sandbox/ins_1.png", "")
	if w.Code != 200 || w.Header().Get("Content-Type") != "image/png" || !strings.Contains(w.Body.String(), "sandbox") {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if s.ask("GET", "/link/v2/logo/sandbox/ins_1.png", "", "If-None-Match", w.Header().Get("ETag")); s.last.Code != 304 {
		t.Errorf("known: %d", s.last.Code)
	}
	for _, at := range []string{"/link/v2/logo/sandbox/ins_2.png", "/link/v2/logo/sandbox/ins_1", "/link/v2/logo/sandbox/ins_1.svg"} {
		if s.ask("GET", at, ""); s.last.Code != 404 {
			t.Errorf("%s: %d", at, s.last.Code)
		}
	}
}

package banksite

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"weft/internal/clock"
	"weft/internal/connector"
	"weft/internal/connector/sandbox"
	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/seal"
)

const (
	bank      = "ins_127287"
	returnURL = "https://weft.example/link/v2/oauth/return"
)

var noon = time.Date(2026, 11, 20, 12, 1, 0, 0, time.UTC)

type keysSeal struct{ keys *seal.Keys }

func (k keysSeal) Seal(kind string, plain []byte) (string, error) {
	return k.keys.Seal(plain, seal.Place{Column: kind})
}

func (k keysSeal) Open(kind, sealed string) ([]byte, error) {
	return k.keys.Open(sealed, seal.Place{Column: kind})
}

// browser is a person without script, at the sandbox's banks.
type browser struct {
	t       *testing.T
	bank    *sandbox.Connector
	clock   *clock.Manual
	handler http.Handler
	state   json.RawMessage

	path   string
	status int
	header http.Header
	page   string
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	content, err := seal.Generate()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := seal.Parse(content)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	b := &browser{t: t, clock: clock.NewManual(noon)}
	b.bank = sandbox.New("test", 0).WithSite(sandbox.Site{URL: "https://weft.example", Seals: keysSeal{keys}, Nonce: func() string { n++; return fmt.Sprint(n) }})
	mux := http.NewServeMux()
	items := &item.Service{Connectors: item.Connectors{plaid.Sandbox: {b.bank}}, Clock: b.clock, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	for pattern, page := range New(items).Pages {
		mux.Handle(pattern, page)
	}
	b.handler = mux
	return b
}

// open goes to a bank that Link has sent the person to.
func open(t *testing.T, institution, client string) *browser {
	t.Helper()
	b := newBrowser(t)
	address, state, err := b.bank.Authorize(t.Context(), connector.Authorization{
		InstitutionID: institution, State: "s", ReturnURL: returnURL, ClientName: client, Products: []string{"auth"}, Now: noon,
	})
	if err != nil {
		t.Fatal(err)
	}
	b.state = state
	b.get(strings.TrimPrefix(address, "https://weft.example"))
	return b
}

func (b *browser) do(r *http.Request) {
	rec := httptest.NewRecorder()
	b.handler.ServeHTTP(rec, r)
	b.path, b.status, b.header, b.page = r.URL.Path, rec.Code, rec.Header(), rec.Body.String()
}

func (b *browser) get(path string) {
	b.do(httptest.NewRequestWithContext(b.t.Context(), "GET", path, nil))
}

var visitPattern = regexp.MustCompile(`name="visit" value="([^"]*)"`)

// post sends the page's form with what the person has filled in, as "name=value" pairs.
func (b *browser) post(values string, headers ...string) {
	b.t.Helper()
	form, err := url.ParseQuery(values)
	token := visitPattern.FindStringSubmatch(b.page)
	if err != nil || token == nil {
		b.t.Fatalf("%v; no form on the page %s", err, b.page)
	}
	form.Set("visit", html.UnescapeString(token[1]))
	r := httptest.NewRequestWithContext(b.t.Context(), "POST", b.path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	b.do(r)
}

// boxes are the values of the checkboxes of a name, and whether all are ticked.
func (b *browser) boxes(name string) (values []string, ticked bool) {
	ticked = true
	for _, m := range regexp.MustCompile(`<input type="checkbox" name="`+name+`" value="([^"]*)"( checked)?>`).FindAllStringSubmatch(b.page, -1) {
		values = append(values, html.UnescapeString(m[1]))
		ticked = ticked && m[2] != ""
	}
	return values, ticked
}

var leadPattern = regexp.MustCompile(`<meta http-equiv="refresh" content="0; url=([^"]*)">`)

// leads is where the page leads by itself, empty for nowhere.
func (b *browser) leads() string {
	m := leadPattern.FindStringSubmatch(b.page)
	if m == nil {
		return ""
	}
	return html.UnescapeString(m[1])
}

// result is what Link makes of where the page leads back to.
func (b *browser) result() (connector.Opened, plaid.Code) {
	b.t.Helper()
	location := b.leads()
	u, err := url.Parse(location)
	if err != nil || b.status != 200 || !strings.HasPrefix(location, returnURL+"?") || !strings.Contains(b.page, `href="`+html.EscapeString(location)+`"`) {
		b.t.Fatalf("%d leads to %q, %v: %s", b.status, location, err, b.page)
	}
	opened, err := b.bank.Complete(b.t.Context(), b.state, u.Query(), b.clock.Now())
	if failed, ok := err.(*plaid.Error); ok {
		return opened, failed.Code
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return opened, ""
}

func (b *browser) shows(status int, texts ...string) {
	b.t.Helper()
	if b.status != status {
		b.t.Fatalf("status %d, want %d: %s", b.status, status, b.page)
	}
	for _, text := range texts {
		if !strings.Contains(b.page, text) {
			b.t.Errorf("the page does not say %q: %s", text, b.page)
		}
	}
}

// The way of most people: sign in with nothing, allow some of the accounts, and be led back.
func TestAllow(t *testing.T) {
	b := open(t, bank, "Acme & Sons")
	b.shows(200, "<h1>Sign in</h1>", "Acme &amp; Sons asks", "Simulated bank", "Platypus OAuth Bank")
	b.post("username=&password=&action=continue")
	b.shows(200, "<h1>Choose what to share</h1>", "Plaid Checking", "···0000", "110.00 USD", "43,200.00 USD")
	accounts, ticked := b.boxes("account")
	if scopes, all := b.boxes("scope"); len(accounts) != 14 || !ticked || !all || !slices.Equal(scopes, []string{"accounts", "numbers"}) {
		t.Fatalf("%v %v, %v %v", accounts, ticked, scopes, all)
	}
	b.post(url.Values{"account": accounts[:2], "scope": {"accounts", "numbers"}, "action": {"continue"}}.Encode())
	opened, code := b.result()
	if code != "" || !slices.Equal(opened.Accounts, accounts[:2]) || opened.ConsentEnds.IsZero() {
		t.Errorf("%q %+v", code, opened)
	}
}

// Who types the name of a sandbox user has that user's accounts; a code is asked for where the password says so.
func TestCodeAndUser(t *testing.T) {
	b := open(t, bank, "")
	b.shows(200, "The app asks")
	b.post("username=user_yuppie&password=mfa_device&action=continue")
	b.shows(200, "<h1>Enter your code</h1>")
	b.post("code=1&action=continue")
	b.shows(422, "This is not the code", `aria-invalid="true"`, "<title>Error: ")
	b.post("code=1234")
	accounts, _ := b.boxes("account")
	b.post(url.Values{"account": accounts, "scope": {"accounts", "numbers"}}.Encode())
	if opened, code := b.result(); code != "" || !strings.Contains(string(opened.Credentials), "user_yuppie") {
		t.Errorf("%q %s", code, opened.Credentials)
	}
}

// Each way in which access is not given ends as Link is to see it.
func TestEnds(t *testing.T) {
	for values, want := range map[string]plaid.Code{
		"action=cancel": "INSUFFICIENT_CREDENTIALS",
		"action=simulate&outcome=INSUFFICIENT_CREDENTIALS":            "INSUFFICIENT_CREDENTIALS",
		"action=simulate&outcome=ACCESS_NOT_GRANTED":                  "ACCESS_NOT_GRANTED",
		"action=simulate&outcome=NO_AUTH_ACCOUNTS":                    "NO_AUTH_ACCOUNTS",
		"action=simulate&outcome=INTERNAL_SERVER_ERROR":               "INTERNAL_SERVER_ERROR",
		"username=user_good&password=error_ITEM_LOCKED":               "ITEM_LOCKED",
		"username=user_custom&password=" + `{"override_accounts":[]}`: "NO_ACCOUNTS",
	} {
		b := open(t, bank, "Acme")
		b.post(values)
		if _, code := b.result(); code != want {
			t.Errorf("%s: %q, want %s", values, code, want)
		}
	}
	b := open(t, bank, "Acme")
	b.post("action=continue")
	b.post("account=checking&scope=accounts") // without the numbers that the app needs
	if accounts, _ := b.boxes("account"); len(accounts) > 0 {
		t.Fatal("the key of the first account is another")
	}
	if _, code := b.result(); code != "ACCESS_NOT_GRANTED" {
		t.Errorf("without a scope: %q", code)
	}
	b = open(t, bank, "Acme")
	for range 2 {
		b.post("password=mfa_device&code=0")
	}
	b.post("code=0")
	b.post("code=0")
	if _, code := b.result(); code != "ITEM_LOCKED" {
		t.Errorf("three wrong codes: %q", code)
	}
	b = open(t, bank, "Acme")
	b.post("action=simulate&outcome=close")
	if b.shows(200, "You have left the bank"); b.leads() != "" || strings.Contains(b.page, returnURL) {
		t.Error("a bank that never answers has answered")
	}
}

// What can be corrected is told on the page, which keeps what was typed but the password.
func TestCorrections(t *testing.T) {
	b := open(t, bank, "Acme")
	b.post(url.Values{"username": {"user_custom"}, "password": {`{"<b>":1}`}}.Encode())
	b.shows(422, "The user_custom configuration is invalid", "unknown field", `value="user_custom"`, `role="alert"`)
	if strings.Contains(b.page, "<b>") {
		t.Error("what was typed is a part of the page")
	}
	b.post("action=simulate&outcome=odd")
	b.shows(422, "Choose how")
	b.post("")
	b.post("scope=accounts")
	b.shows(422, "Choose at least one account")
	if _, ticked := b.boxes("account"); ticked {
		t.Error("accounts that were unticked are ticked again")
	}
	if scopes, ticked := b.boxes("scope"); ticked || len(scopes) != 2 {
		t.Error("a scope that was unticked is ticked again")
	}
}

// Nobody acts in a visit but the person in it: a page of another site cannot send its form, frame it, or bend where it leads.
func TestForeignPages(t *testing.T) {
	b := open(t, bank, "Acme")
	page := b.page
	for _, site := range []string{"cross-site", "same-site", "none"} {
		b.page = page
		if b.post("action=cancel", "Sec-Fetch-Site", site); b.status != 403 || b.leads() != "" {
			t.Errorf("a form of %s: %d", site, b.status)
		}
	}
	b.page = page
	b.post("action=continue&return=https://evil.example&ReturnURL=https://evil.example", "Sec-Fetch-Site", "same-origin")
	accounts, _ := b.boxes("account")
	b.post(url.Values{"account": accounts, "scope": {"accounts", "numbers"}, "return": {"https://evil.example"}}.Encode())
	if _, code := b.result(); code != "" {
		t.Error(code)
	}
	b.page = page
	b.path = "/sandbox/bank/ins_117650/authorize" // another bank's page
	b.post("action=cancel")
	b.shows(400, "cannot be used")
	b.page, b.path = page, "/sandbox/bank/"+bank+"/authorize"
	b.clock.Advance(time.Hour)
	b.post("action=cancel")
	b.shows(400, "cannot be used")
	for _, path := range []string{"", "?request=", "?request=x", "?request=" + url.QueryEscape(visitPattern.FindStringSubmatch(page)[1])} {
		b.get("/sandbox/bank/" + bank + "/authorize" + path)
		b.shows(400, "cannot be used")
	}
	for _, id := range []string{"ins_109508", "ins_1", "%3Cscript%3E"} {
		b.get("/sandbox/bank/" + id + "/authorize?request=x")
		b.shows(404, "cannot be used")
	}
	b.page = page
	b.path = "/sandbox/bank/" + bank + "/authorize"
	b.post("password=" + strings.Repeat("x", mostForm))
	b.shows(400)
}

// Every page forbids what could be done with it, and has neither script nor style in it.
func TestHeaders(t *testing.T) {
	b := open(t, bank, "Acme")
	check := func(what string) {
		t.Helper()
		csp := b.header.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'", "style-src 'self';"} {
			if !strings.Contains(csp, part) {
				t.Errorf("%s: policy %q lacks %s", what, csp, part)
			}
		}
		if b.header.Get("Referrer-Policy") != "no-referrer" || b.header.Get("Cache-Control") != "no-store" || b.header.Get("Set-Cookie") != "" || b.header.Get("X-Frame-Options") != "DENY" {
			t.Errorf("%s: %v", what, b.header)
		}
		if regexp.MustCompile(`<script|<style| style=| on[a-z]+=|javascript:`).MatchString(b.page) {
			t.Errorf("%s: script or style in %s", what, b.page)
		}
	}
	check("sign in")
	first := b.page
	b.post("password=mfa_device")
	check("code")
	b.post("code=1234")
	check("accounts")
	b.page = first
	b.post("action=cancel")
	check("return")
	b.get("/sandbox/bank/" + bank + "/authorize")
	check("lost")
}

// What a page loads is there, as what it is.
func TestAssets(t *testing.T) {
	b := open(t, bank, "Acme")
	found := regexp.MustCompile(`(?:href|src)="([^"#]+)"`).FindAllStringSubmatch(b.page, -1)
	if len(found) < 3 {
		t.Fatalf("the page loads %v", found)
	}
	base := &url.URL{Path: b.path}
	for _, m := range found {
		b.get(base.ResolveReference(&url.URL{Path: m[1]}).Path)
		kind := map[bool]string{true: "text/css; charset=utf-8", false: "image/png"}[strings.HasSuffix(m[1], ".css")]
		if b.status != 200 || b.header.Get("Content-Type") != kind || len(b.page) == 0 {
			t.Errorf("%s: %d %v", m[1], b.status, b.header)
		}
	}
	for _, path := range []string{"/sandbox/bank/ins_1/logo.png", "/sandbox/bank/ins_1/colors.css", "/sandbox/bank/ins_109508/logo.png"} {
		if b.get(path); b.status != 404 {
			t.Errorf("%s: %d", path, b.status)
		}
	}
}

// White can be read on every bank's colour, by the exact rule, and no colour is changed that is far from the limit.
func TestColors(t *testing.T) {
	b := newBrowser(t)
	changed := 0
	for _, in := range b.bank.Institutions(noon) {
		color := darkened(*in.PrimaryColor)
		if got := contrastWithWhite(t, color); got < 4.5 {
			t.Errorf("%s: %s has a contrast of %.2f", in.InstitutionID, color, got)
		}
		if color != *in.PrimaryColor {
			if changed++; contrastWithWhite(t, *in.PrimaryColor) > 5.5 {
				t.Errorf("%s: %s was changed to %s", in.InstitutionID, *in.PrimaryColor, color)
			}
		}
	}
	if changed == 0 {
		t.Error("no colour had to be changed: the test tests nothing")
	}
}

func contrastWithWhite(t *testing.T, color string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(color[1:], 16, 24)
	if err != nil {
		t.Fatal(err)
	}
	linear := func(v uint64) float64 {
		c := float64(v) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 1.05 / (0.2126*linear(n>>16) + 0.7152*linear(n>>8&255) + 0.0722*linear(n&255) + 0.05)
}

func TestGrouped(t *testing.T) {
	for number, want := range map[string]string{"0.00": "0.00", "999.00": "999.00", "1000.50": "1,000.50", "-1234567.00": "-1,234,567.00", "-100.00": "-100.00"} {
		if got := grouped(number); got != want {
			t.Errorf("%s: %s", number, got)
		}
	}
}

// A server without simulated banks has no such pages.
func TestNoSiteNoPages(t *testing.T) {
	if p := New(&item.Service{}); len(p.Pages) > 0 {
		t.Errorf("%v", p.Pages)
	}
}

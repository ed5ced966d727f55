package server_test

import (
	"html"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"weft/internal/connector"
	"weft/internal/plaid"
)

// The address that a simulated bank is authorized at leads to a page of this server, and a code that comes of it is good here
// and at no other server.
func TestBanksOwnPagesAreServed(t *testing.T) {
	first, second := config(t.TempDir()), config(t.TempDir())
	srv, other := mustOpen(t, first), mustOpen(t, second)
	defer mustClose(t, srv)
	defer mustClose(t, other)
	now := srv.Items.Clock.Now()
	_, con, err := srv.Items.Connectors.Institution(plaid.Sandbox, "ins_127287", now)
	if err != nil {
		t.Fatal(err)
	}
	_, foreign, err := other.Items.Connectors.Institution(plaid.Sandbox, "ins_127287", now)
	if err != nil {
		t.Fatal(err)
	}
	bank := con.(connector.Redirecting)
	address, state, err := bank.Authorize(t.Context(), connector.Authorization{
		InstitutionID: "ins_127287", State: "s", ReturnURL: srv.URL() + "/back", ClientName: "Acme", Now: now,
	})
	path, mine := strings.CutPrefix(address, srv.URL())
	if err != nil || !mine {
		t.Fatalf("%s, %v", address, err)
	}
	rec := httptest.NewRecorder()
	srv.Handler.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), "GET", path, nil))
	form := url.Values{}
	send := func() {
		t.Helper()
		token := regexp.MustCompile(`name="visit" value="([^"]*)"`).FindStringSubmatch(rec.Body.String())
		if rec.Code != 200 || token == nil {
			t.Fatalf("%d %s", rec.Code, rec.Body)
		}
		form.Set("visit", html.UnescapeString(token[1]))
		rec = httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), "POST", strings.Split(path, "?")[0], strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		srv.Handler.ServeHTTP(rec, r)
	}
	send()
	form = url.Values{"account": {"checking"}, "scope": {"accounts"}}
	send()
	lead := regexp.MustCompile(`id="return" href="([^"]*)"`).FindStringSubmatch(rec.Body.String())
	if lead == nil {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	back, err := url.Parse(html.UnescapeString(lead[1]))
	if err != nil || back.Path != "/back" {
		t.Fatalf("%s: %v", lead[1], err)
	}
	if opened, err := foreign.(connector.Redirecting).Complete(t.Context(), state, back.Query(), now); err == nil {
		t.Errorf("another server takes the code: %+v", opened)
	}
	opened, err := bank.Complete(t.Context(), state, back.Query(), now.Add(time.Minute))
	if err != nil || len(opened.Accounts) != 1 {
		t.Errorf("%+v, %v", opened, err)
	}
}

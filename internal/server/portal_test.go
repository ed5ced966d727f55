package server_test

import (
	"bytes"
	"encoding/base64"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"weft/internal/store/storetest"
	"weft/wefttest"
)

// visitor is a person in the portal, in a browser of their own.
type visitor struct {
	*testing.T
	s       *wefttest.Server
	browser *http.Client
	status  int
	// page is the last answer, and leads where it leads to.
	page, leads string
	header      http.Header
}

// newVisitor is a person with a browser that knows nothing yet.
func newVisitor(t *testing.T, s *wefttest.Server) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &visitor{T: t, s: s, browser: browser}
}

func (v *visitor) send(method, path, body string, header map[string]string) *visitor {
	v.Helper()
	req, err := http.NewRequestWithContext(v.Context(), method, v.s.URL+path, strings.NewReader(body))
	if err != nil {
		v.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	res, err := v.browser.Do(req)
	if err != nil {
		v.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // it has been read
	page, err := io.ReadAll(res.Body)
	if err != nil {
		v.Fatal(err)
	}
	v.status, v.page, v.leads, v.header = res.StatusCode, string(page), res.Header.Get("Location"), res.Header
	return v
}

func (v *visitor) get(path string) *visitor { v.Helper(); return v.send("GET", path, "", nil) }

// arrive posts a form of the client's page, and goes on to the portal's home.
func (v *visitor) arrive(values ...string) *visitor {
	v.Helper()
	v.send("POST", "/portal", pairs(values).Encode(), map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://app.example"})
	if !regexp.MustCompile(`^/portal/[0-9a-f]{32}$`).MatchString(v.leads) || v.status != http.StatusSeeOther {
		v.Fatalf("arriving answers %d, leads to %q: %s", v.status, v.leads, v.page)
	}
	if v.get(v.leads); v.status != http.StatusSeeOther || v.leads != "/portal" {
		v.Fatalf("the one-time address answers %d, leads to %q", v.status, v.leads)
	}
	return v.get("/portal").has("Your connections")
}

func pairs(values []string) url.Values {
	form := url.Values{}
	for i := 0; i+1 < len(values); i += 2 {
		form.Set(values[i], values[i+1])
	}
	return form
}

// press sends a form of the page.
func (v *visitor) press(what string, values ...string) *visitor {
	v.Helper()
	form := pairs(values)
	form.Set("form", html.UnescapeString(between(v.page, `name="form" value="`, `"`)))
	return v.send("POST", "/portal/"+what, form.Encode(), map[string]string{"Sec-Fetch-Site": "same-origin"})
}

// hosted goes to the page of Link to which a form has led.
func (v *visitor) hosted() *linkPerson {
	v.Helper()
	id, ok := strings.CutPrefix(v.leads, "/link/hosted/")
	if v.status != http.StatusSeeOther || !ok {
		v.Fatalf("%d leads to %q and not to Link", v.status, v.leads)
	}
	return openLink(v, v.s, "hosted_id", id)
}

func (v *visitor) has(parts ...string) *visitor {
	v.Helper()
	for _, part := range parts {
		if !strings.Contains(html.UnescapeString(v.page), part) {
			v.Errorf("the page (%d) has no %q: %s", v.status, part, v.page)
		}
	}
	return v
}

func (v *visitor) is(status int, leads string) *visitor {
	v.Helper()
	if v.status != status || v.leads != leads {
		v.Errorf("answered %d %q, want %d %q: %s", v.status, v.leads, status, leads, v.page)
	}
	return v
}

// itemID is the Item of the page's first form on one.
func (v *visitor) itemID() string {
	v.Helper()
	return between(v.page, `href="/portal/remove/`, `"`)
}

// newUser makes a user and a token of them.
func newUser(t *testing.T, s *wefttest.Server, environment, name string) (id, token string) {
	t.Helper()
	as := *s
	if environment == "production" {
		as.Secret = wefttest.ProductionSecret
	}
	var made user
	if err := as.Call("/user/create", map[string]any{"client_user_id": name}, &made); err != nil {
		t.Fatal(err)
	}
	return made.UserID, s.MustUserToken(environment, made.UserID)
}

// userItems is how many Items a user has.
func userItems(t *testing.T, s *wefttest.Server, id string) int {
	t.Helper()
	var got struct {
		Items []any `json:"items"`
	}
	if err := s.Call("/user/items/get", map[string]any{"user_id": id}, &got); err != nil {
		t.Fatal(err)
	}
	return len(got.Items)
}

// heard are the codes of the webhooks that a receiver was sent.
func heard(s *wefttest.Server, r *wefttest.Receiver) string {
	s.Settle()
	var codes []string
	for _, h := range r.Take() {
		codes = append(codes, h.Code)
	}
	return strings.Join(codes, " ")
}

// A person comes with a token, links, repairs and removes, and goes: their client is told of all of it.
func TestPortal(t *testing.T) {
	each(t, func(t *testing.T, s *wefttest.Server) {
		receiver := wefttest.NewReceiver(t)
		id, token := newUser(t, s, "sandbox", "u")
		if err := s.Call("/weft/link/settings/update", map[string]any{"portal_webhook": receiver.URL, "portal_name": "My app", "redirect_uris": []string{"https://app.example/done"}}, nil); err != nil {
			t.Fatal(err)
		}
		v := newVisitor(t, s).arrive("token", token, "completion_redirect_uri", "https://app.example/done", "appearance_mode", "dark")
		v.has("Nothing is linked yet", "share with My app", `data-theme="dark"`)
		for name, part := range map[string]string{"Content-Security-Policy": "frame-ancestors 'none'", "Cache-Control": "no-store", "Referrer-Policy": "same-origin"} {
			if !strings.Contains(v.header.Get(name), part) {
				t.Errorf("%s is %q", name, v.header.Get(name))
			}
		}
		if policy := v.header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self' https://app.example;") && !strings.HasSuffix(policy, "form-action 'self' https://app.example") {
			t.Errorf("the policy is %q", policy)
		}

		p := v.press("link").hosted().act("skip").at("institutions").act("select", "institution", "ins_109508").at("credentials")
		p.act("submit", "username", "user_good", "password", "pass_good").work().share().at("connected").act("finish")
		v.get("/portal").has("First Platypus Bank", "Plaid Checking", "•••• 0000", "Working")
		if strings.Contains(v.page, "/portal/repair") {
			t.Error("what works can be repaired")
		}
		if n := userItems(t, s, id); n != 1 {
			t.Fatalf("the user has %d Items", n)
		}
		if codes := heard(s, receiver); !strings.Contains(codes, "ITEM_ADD_RESULT") || !strings.Contains(codes, "SESSION_FINISHED") {
			t.Errorf("told of linking: %s", codes)
		}

		if err := s.Call("/sandbox/user/reset_login", map[string]any{"user_id": id}, nil); err != nil {
			t.Fatal(err)
		}
		v.get("/portal").has("Needs your attention", "/portal/repair")
		v.press("repair", "item", v.itemID()).hosted().act("skip").act("submit", "username", "user_good", "password", "pass_good").work().at("connected").act("finish")
		v.get("/portal").has("Working")
		heard(s, receiver)

		v.get("/portal/remove/"+v.itemID()).has("Remove First Platypus Bank?", "Keep it")
		v.press("remove", "item", between(v.page, `name="item" value="`, `"`)).is(http.StatusSeeOther, "/portal?said=removed")
		v.get(v.leads).has("The connection was removed.", "Nothing is linked yet")
		if codes := heard(s, receiver); codes != "USER_PERMISSION_REVOKED" {
			t.Errorf("told of the removal: %s", codes)
		}
		if n := userItems(t, s, id); n != 0 {
			t.Errorf("the user has %d Items after the removal", n)
		}
		v.press("done").is(http.StatusSeeOther, "https://app.example/done")
		v.get("/portal").is(http.StatusForbidden, "").has("This visit has ended")
	})
}

// Nobody acts in another's session, and nothing of another person, client or environment is shown or changed.
func TestPortalIsOnePersonsAlone(t *testing.T) {
	each(t, func(t *testing.T, s *wefttest.Server) {
		id, token := newUser(t, s, "sandbox", "u")
		if err := s.Call("/sandbox/public_token/create", map[string]any{"institution_id": "ins_109508", "initial_products": []string{"auth"}, "user_id": id}, nil); err != nil {
			t.Fatal(err)
		}
		v := newVisitor(t, s).arrive("token", token)
		itemID := v.itemID()
		_, second := newUser(t, s, "sandbox", "second")
		_, live := newUser(t, s, "production", "u")
		_, foreign := newUser(t, s.NewClient(), "sandbox", "u")
		for name, other := range map[string]string{"another user": second, "another environment": live, "another client": foreign} {
			w := newVisitor(t, s).arrive("token", other).has("Nothing is linked yet")
			form := w.page
			w.press("repair", "item", itemID).is(http.StatusSeeOther, "/portal?said=gone")
			w.page = form
			w.press("remove", "item", itemID).is(http.StatusSeeOther, "/portal?said=gone")
			w.get("/portal/remove/"+itemID).is(http.StatusSeeOther, "/portal?said=gone")
			if n := userItems(t, s, id); n != 1 {
				t.Fatalf("%s has removed the Item", name)
			}
		}

		// Forms of other sites, of other sessions and without a session.
		form := url.Values{"form": {html.UnescapeString(between(v.page, `name="form" value="`, `"`))}, "item": {itemID}}
		v.send("POST", "/portal/remove", form.Encode(), map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}).is(http.StatusSeeOther, "/portal?said=old")
		v.send("POST", "/portal/remove", form.Encode(), nil).is(http.StatusSeeOther, "/portal?said=old")
		v.send("POST", "/portal/remove", "item="+itemID, map[string]string{"Sec-Fetch-Site": "same-origin"}).is(http.StatusSeeOther, "/portal?said=old")
		stranger := newVisitor(t, s)
		stranger.send("POST", "/portal/remove", form.Encode(), map[string]string{"Sec-Fetch-Site": "same-origin"}).is(http.StatusSeeOther, "/portal?said=old")
		stranger.arrive("token", second)
		stranger.send("POST", "/portal/remove", form.Encode(), map[string]string{"Sec-Fetch-Site": "same-origin"}).is(http.StatusSeeOther, "/portal?said=old")
		if n := userItems(t, s, id); n != 1 {
			t.Fatal("a forged form has removed the Item")
		}

		// The address opens once, and in one browser.
		v.send("POST", "/portal", "token="+token, nil)
		opening := v.leads
		stranger.get(opening).is(http.StatusForbidden, "")
		v.get(opening).is(http.StatusSeeOther, "/portal")
		v.get(opening).is(http.StatusForbidden, "")
		v.send("POST", "/portal", "token="+token, nil)
		s.Advance(3 * time.Minute)
		v.get(v.leads).is(http.StatusForbidden, "").has("This visit has ended")
	})
}

// A visit ends when its person is away, after some hours, and with its user; and a person begins only so often.
func TestPortalEnds(t *testing.T) {
	each(t, func(t *testing.T, s *wefttest.Server) {
		id, token := newUser(t, s, "sandbox", "u")
		v := newVisitor(t, s).arrive("token", token)
		s.Advance(29 * time.Minute)
		v.get("/portal").is(http.StatusOK, "")
		s.Advance(31 * time.Minute)
		v.get("/portal").is(http.StatusForbidden, "")
		v.arrive("token", token)
		for range 9 {
			s.Advance(25 * time.Minute)
			v.get("/portal").is(http.StatusOK, "")
		}
		s.Advance(20 * time.Minute)
		v.get("/portal").is(http.StatusForbidden, "")

		v.arrive("token", token)
		home := v.page
		v.press("link").hosted()
		s.Advance(50 * time.Minute) // in Link for long: the visit is still there
		v.get("/portal").is(http.StatusOK, "")
		for range 19 {
			v.page = home
			v.press("link").hosted()
		}
		v.page = home
		v.press("link").is(http.StatusSeeOther, "/portal?said=many").get(v.leads).has("Please try again later.")
		if err := s.Call("/user/remove", map[string]any{"user_id": id}, nil); err != nil {
			t.Fatal(err)
		}
		v.get("/portal").is(http.StatusForbidden, "")
	})
}

// A visit ends with the token that it began with, and with no other.
func TestPortalEndsWithItsToken(t *testing.T) {
	each(t, func(t *testing.T, s *wefttest.Server) {
		id, token := newUser(t, s, "sandbox", "u")
		_, other := newUser(t, s, "sandbox", "another")
		stays := newVisitor(t, s).arrive("token", other)
		for _, end := range []string{"rotate", "revoke"} {
			v := newVisitor(t, s).arrive("token", token)
			v.get("/portal").is(http.StatusOK, "")
			v.press("link").hosted()
			var got struct {
				Token string `json:"access_token"`
			}
			if err := s.Call("/v1/plaid/users/token/"+end, map[string]any{"user_id": id}, &got); err != nil {
				t.Fatal(err)
			}
			token = got.Token
			v.get("/portal").is(http.StatusForbidden, "").has("This visit has ended")
			stays.get("/portal").is(http.StatusOK, "")
		}
	})
}

// Whoever presses often at once has begun no more often.
func TestPortalBoundsACrowd(t *testing.T) {
	each(t, func(t *testing.T, s *wefttest.Server) {
		_, token := newUser(t, s, "sandbox", "u")
		v := newVisitor(t, s).arrive("token", token)
		var begun atomic.Int32
		var crowd sync.WaitGroup
		for range 60 {
			one := *v
			crowd.Go(func() {
				if one.press("link"); strings.HasPrefix(one.leads, "/link/hosted/") {
					begun.Add(1)
				} else if one.leads != "/portal?said=many" {
					t.Errorf("%d leads to %q", one.status, one.leads)
				}
			})
		}
		if crowd.Wait(); begun.Load() != 20 {
			t.Errorf("%d have begun", begun.Load())
		}
	})
}

// In production people bring what is their own; tokens stand in no address, table and log.
func TestPortalInProduction(t *testing.T) {
	peer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/claim/") {
			_, _ = io.WriteString(w, "http://u:p@"+r.Host+"/sfin")
			return
		}
		answerAccounts(w, "all is well")
	}))
	defer peer.Close()
	dir, log := t.TempDir(), &lockedLog{}
	s := wefttest.NewServerWith(t, wefttest.Options{DataDir: dir, Log: log})
	_, token := newUser(t, s, "production", "u")
	v := newVisitor(t, s)
	for _, path := range []string{"/portal?token=" + token, "/portal?key=" + token} {
		v.get(path).is(http.StatusBadRequest, "").has("This link cannot be used", "in its address")
		v.send("POST", path, "token="+token, nil).is(http.StatusBadRequest, "")
	}
	v.send("POST", "/portal", "token=access-user-production-none", map[string]string{"Accept-Language": "fr"}).is(http.StatusUnauthorized, "").has("Ce lien n’est pas valable")
	v.send("POST", "/portal", url.Values{"token": {token}, "completion_redirect_uri": {"https://evil.example/"}}.Encode(), nil).is(http.StatusBadRequest, "").has("opened wrongly")
	v.send("POST", "/portal", "", map[string]string{"Authorization": "Bearer " + token, "Accept-Language": "es"}).get(v.leads).is(http.StatusSeeOther, "/portal")
	cookies := v.browser.Jar.Cookies(&url.URL{Scheme: "http", Host: strings.TrimPrefix(s.URL, "http://"), Path: "/portal"})
	if v.get("/portal").has("Tus conexiones"); len(cookies) != 1 {
		t.Fatalf("cookies: %v", cookies)
	}
	setup := base64.StdEncoding.EncodeToString([]byte(peer.URL + "/claim/1"))
	v.press("link").hosted().act("skip").act("token").act("token", "token", setup).work().at("connected").act("finish")
	v.get("/portal").has("Funciona")
	v.press("done").is(http.StatusOK, "").has("Puedes cerrar esta ventana.")
	s.Stop()
	found := map[string][]byte{"log": log.Bytes()}
	readFiles(t, dir, found)
	if len(found) < 3 || log.Len() == 0 {
		t.Fatalf("only %d places were searched", len(found))
	}
	for place, content := range found {
		for name, secret := range map[string]string{"token": token, "cookie": cookies[0].Value, "end of the token": token[len("access-user-production-"):]} {
			if bytes.Contains(content, []byte(secret)) {
				t.Errorf("%s has the %s", place, name)
			}
		}
	}
}

// What the portal asks of the database is served by indexes.
func TestPortalStatementsUseIndexes(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			statements := &observer{seen: map[string][]any{}}
			o := wefttest.Options{Observe: statements.note}
			if engine == "postgres" {
				o.Database = storetest.PostgresURL(t)
			}
			s := wefttest.NewServerWith(t, o)
			_, token := newUser(t, s, "sandbox", "u")
			v := newVisitor(t, s).arrive("token", token)
			home := v.page
			v.press("link").hosted()
			v.page = home
			v.press("done")
			if checked := statements.check(t, s, "portal_sessions", "from link_tokens where user_id"); checked < 7 {
				t.Errorf("only %d statements were seen", checked)
			}
		})
	}
}

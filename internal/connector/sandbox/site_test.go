package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"weft/internal/connector"
	"weft/internal/connector/connectortest"
	"weft/internal/plaid"
	"weft/internal/seal"
)

const (
	oauthBank = "ins_127287"
	returnURL = "https://weft.example/link/v2/oauth/return?from=bank"
)

// keysSeal seals with the keys of an installation.
type keysSeal struct{ keys *seal.Keys }

func (k keysSeal) Seal(kind string, plain []byte) (string, error) {
	return k.keys.Seal(plain, seal.Place{Column: kind})
}

func (k keysSeal) Open(kind, sealed string) ([]byte, error) {
	return k.keys.Open(sealed, seal.Place{Column: kind})
}

// withSite is a connector with pages, whose codes nobody else has taken.
func withSite(t *testing.T) *Connector {
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
	return shared().WithSite(Site{URL: "https://weft.example/", Seals: keysSeal{keys}, Nonce: func() string { n++; return fmt.Sprint("nonce ", n) }})
}

func authorization(institution string, products ...string) connector.Authorization {
	return connector.Authorization{InstitutionID: institution, State: "the state", ReturnURL: returnURL, ClientName: "Acme", Products: products, Now: steady}
}

// visitor is a person at a bank's site.
type visitor struct {
	t     *testing.T
	c     *Connector
	state json.RawMessage
	visit connector.Visit
}

func arrive(t *testing.T, c *Connector, a connector.Authorization) *visitor {
	t.Helper()
	address, state, err := c.Authorize(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	v := &visitor{t: t, c: c, state: state}
	v.visit, err = c.Arrive(t.Context(), requestIn(t, address), steady)
	if err != nil || v.visit.Stage != connector.VisitSignIn || v.visit.ClientName != a.ClientName || v.visit.InstitutionID != a.InstitutionID {
		t.Fatalf("%+v, %v", v.visit, err)
	}
	return v
}

func requestIn(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query().Get("request")
}

func (v *visitor) signIn(user, password string) error {
	next, err := v.c.SignIn(v.t.Context(), v.visit.Token, user, password, steady)
	if err == nil {
		v.visit = next
	}
	return err
}

func (v *visitor) accounts() (keys []string) {
	for _, a := range v.visit.Accounts {
		keys = append(keys, a.Key)
	}
	return keys
}

func (v *visitor) scopes() (names []string) {
	for _, s := range v.visit.Scopes {
		names = append(names, s.Name)
	}
	return names
}

// complete is what follows from where the bank has led.
func (v *visitor) complete(location string, err error) (connector.Opened, plaid.Code) {
	v.t.Helper()
	u, bad := url.Parse(location)
	if err != nil || bad != nil || !strings.HasPrefix(location, "https://weft.example/link/v2/oauth/return?") || u.Query().Get("from") != "bank" {
		v.t.Fatalf("location %q, %v, %v", location, err, bad)
	}
	opened, err := v.c.Complete(v.t.Context(), v.state, u.Query(), steady)
	if err == nil {
		return opened, ""
	}
	failed, ok := errors.AsType[*plaid.Error](err)
	if !ok {
		v.t.Fatalf("%v is not a *plaid.Error", err)
	}
	return opened, failed.Code
}

func TestConformanceRedirecting(t *testing.T) {
	for _, institution := range []string{oauthBank, "ins_132241", "ins_117650", "ins_117181", "ins_116834"} {
		c := withSite(t)
		connectortest.Redirecting(t, c, authorization(institution, "transactions"), func(t *testing.T, address string) string {
			visit, err := c.Arrive(t.Context(), requestIn(t, address), steady)
			if err != nil {
				t.Fatal(err)
			}
			v := &visitor{t: t, c: c, visit: visit}
			if err := v.signIn("", ""); err != nil {
				t.Fatal(err)
			}
			location, err := c.Allow(t.Context(), v.visit.Token, v.accounts()[:1], v.scopes(), steady)
			if err != nil {
				t.Fatal(err)
			}
			return location
		})
	}
}

// Whatever is typed is good; who types a user's name is that user.
func TestSignInAtTheBank(t *testing.T) {
	c := withSite(t)
	for _, one := range []struct {
		user, password string
		who            string
		stage          connector.VisitStage
		code           plaid.Code
	}{
		{"", "", "user_good", connector.VisitAccounts, ""},
		{"anybody", "anything", "user_good", connector.VisitAccounts, ""},
		{"user_good", "wrong", "user_good", connector.VisitAccounts, ""},
		{" user_yuppie ", "", "user_yuppie", connector.VisitAccounts, ""},
		{"user_limited_purpose_checking", "x", "user_limited_purpose_checking", connector.VisitAccounts, ""},
		{"user_good", "mfa_device", "user_good", connector.VisitCode, ""},
		{"", "mfa_questions_1_1", "user_good", connector.VisitCode, ""},
		{"user_custom", `{"override_accounts":[{"meta":{"name":"Mine"}}]}`, "user_custom", connector.VisitAccounts, ""},
		{"user_custom", `{"mfa":{"type":"device"}}`, "user_custom", connector.VisitCode, ""},
		{"user_custom", "x", "", "", "INVALID_FIELD"},
		{"user_custom", `{"recaptcha":"bad"}`, "", "", "RECAPTCHA_BAD"},
		{"user_good", "error_ITEM_LOCKED", "", "", "ITEM_LOCKED"},
		{"user_good", "error_INVALID_MFA", "", "", "INVALID_MFA"},
		{"user_good", "error_ITEM_LOGIN_REQUIRED", "user_good", connector.VisitAccounts, ""},
	} {
		v := arrive(t, c, authorization(oauthBank))
		err := v.signIn(one.user, one.password)
		failed, _ := errors.AsType[*plaid.Error](err)
		if (failed == nil) != (one.code == "") || failed != nil && failed.Code != one.code {
			t.Errorf("%s / %s: %v", one.user, one.password, err)
			continue
		}
		if one.code != "" {
			if _, code := v.complete(c.Refuse(t.Context(), v.visit.Token, failed.Code, steady)); code != one.code && one.code != "INVALID_FIELD" {
				t.Errorf("%s / %s is told as %s", one.user, one.password, code)
			}
			continue
		}
		if v.visit.Stage != one.stage {
			t.Errorf("%s / %s: stage %s", one.user, one.password, v.visit.Stage)
		}
		if v.visit.Stage == connector.VisitCode {
			if v.visit, err = c.Confirm(t.Context(), v.visit.Token, "1234", steady); err != nil {
				t.Fatal(err)
			}
		}
		opened, code := v.complete(c.Allow(t.Context(), v.visit.Token, v.accounts(), v.scopes(), steady))
		if code != "" || !strings.Contains(string(opened.Credentials), `"user":"`+one.who+`"`) || !slices.Equal(opened.Accounts, v.accounts()) {
			t.Errorf("%s / %s: %q, %+v", one.user, one.password, code, opened)
		}
		if (opened.ItemError != "") != strings.Contains(one.password, "LOGIN_REQUIRED") {
			t.Errorf("%s: in state %v", one.password, opened.ItemError)
		}
	}
}

// The keys of accounts that are chosen at the bank are those that the connection has, whoever it is.
func TestChosenAccountsAreTheConnections(t *testing.T) {
	c := withSite(t)
	for _, user := range append(everybody(t), "user_custom") {
		v := arrive(t, c, authorization(oauthBank, "transactions", "investments"))
		if err := v.signIn(user, "{}"); err != nil {
			t.Fatalf("%s: %v", user, err)
		}
		opened, code := v.complete(c.Allow(t.Context(), v.visit.Token, v.accounts(), v.scopes(), steady))
		conn := connector.Connection{ID: "another", InstitutionID: oauthBank, Credentials: opened.Credentials, CreatedAt: steady.Add(time.Hour)}
		batch, err := c.Fetch(t.Context(), conn, connector.Want{Now: steady.Add(time.Hour)})
		var keys []string
		for _, a := range batch.Accounts {
			keys = append(keys, a.Key)
		}
		if code != "" || err != nil || !slices.Equal(keys, opened.Accounts) {
			t.Errorf("%s: %q %v: %v at the bank, %v in the connection", user, code, err, opened.Accounts, keys)
		}
	}
}

func TestConsentEnds(t *testing.T) {
	for institution, want := range map[string]time.Time{oauthBank: steady.AddDate(1, 0, 0), "ins_117650": steady.AddDate(0, 0, 180)} {
		v := arrive(t, withSite(t), authorization(institution))
		if err := v.signIn("", ""); err != nil {
			t.Fatal(err)
		}
		opened, _ := v.complete(v.c.Allow(t.Context(), v.visit.Token, v.accounts(), v.scopes(), steady))
		if !opened.ConsentEnds.Equal(want) {
			t.Errorf("%s: %s, want %s", institution, opened.ConsentEnds, want)
		}
	}
}

// What is not allowed is told: scopes that are missing, every failure that a person can play, and turning back.
func TestAccessThatIsNotGiven(t *testing.T) {
	c := withSite(t)
	v := arrive(t, c, authorization(oauthBank, "auth", "investments", "statements"))
	if want := []string{"accounts", "numbers", "transactions", "investments"}; !slices.Equal(v.scopes(), want) {
		t.Errorf("scopes %v, want %v", v.scopes(), want)
	}
	for _, code := range []plaid.Code{"INSUFFICIENT_CREDENTIALS", "ACCESS_NOT_GRANTED", "NO_AUTH_ACCOUNTS", "INTERNAL_SERVER_ERROR", "NO_ACCOUNTS"} {
		if _, got := v.complete(c.Refuse(t.Context(), v.visit.Token, code, steady)); got != code {
			t.Errorf("%s is told as %s", code, got)
		}
	}
	if err := v.signIn("", ""); err != nil {
		t.Fatal(err)
	}
	for i := range v.scopes() {
		if _, code := v.complete(c.Allow(t.Context(), v.visit.Token, v.accounts(), slices.Delete(v.scopes(), i, i+1), steady)); code != "ACCESS_NOT_GRANTED" {
			t.Errorf("without %s: %q", v.scopes()[i], code)
		}
	}
	for _, accounts := range [][]string{nil, {}, {"nobody's"}, append(v.accounts(), "nobody's")} {
		if location, err := c.Allow(t.Context(), v.visit.Token, accounts, v.scopes(), steady); err == nil {
			t.Errorf("accounts %v lead to %s", accounts, location)
		}
	}
	for query, want := range map[string]plaid.Code{
		"error=access_denied": "INSUFFICIENT_CREDENTIALS", "error=server_error": "INTERNAL_SERVER_ERROR", "error=": "INTERNAL_SERVER_ERROR",
		"error=x&error_description=INVALID_API_KEYS": "INTERNAL_SERVER_ERROR", "error=x&error_description=ITEM_LOCKED": "ITEM_LOCKED",
	} {
		if _, code := v.complete(returnURL+"&state=the+state&"+query, nil); code != want {
			t.Errorf("%s: %s, want %s", query, code, want)
		}
	}
}

// Three wrong codes lock the login.
func TestWrongCodesAtTheBank(t *testing.T) {
	c := withSite(t)
	v := arrive(t, c, authorization(oauthBank))
	if err := v.signIn("", "mfa_device"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []plaid.Code{"INVALID_MFA", "INVALID_MFA", "ITEM_LOCKED"} {
		next, err := c.Confirm(t.Context(), v.visit.Token, "1111", steady)
		if failed, ok := errors.AsType[*plaid.Error](err); !ok || failed.Code != want {
			t.Fatalf("%v, want %s", err, want)
		}
		if want == "INVALID_MFA" {
			v.visit = next
		}
	}
}

// A text is good for one thing and for a while: nobody passes a request for a visit, one stage for another, or any after its end.
func TestTextsOfOneKindAreNotAnother(t *testing.T) {
	c := withSite(t)
	address, state, err := c.Authorize(t.Context(), authorization(oauthBank))
	if err != nil {
		t.Fatal(err)
	}
	request := requestIn(t, address)
	v := arrive(t, c, authorization(oauthBank))
	begun := v.visit.Token
	if err := v.signIn("", ""); err != nil {
		t.Fatal(err)
	}
	late := steady.Add(31 * time.Minute)
	for what, try := range map[string]func() error{
		"a visit as a request":     func() error { _, err := c.Arrive(t.Context(), begun, steady); return err },
		"a late request":           func() error { _, err := c.Arrive(t.Context(), request, late); return err },
		"a changed request":        func() error { _, err := c.Arrive(t.Context(), request[:40]+"A"+request[41:], steady); return err },
		"another server's request": func() error { _, err := withSite(t).Arrive(t.Context(), request, steady); return err },
		"a request as a visit":     func() error { _, err := c.SignIn(t.Context(), request, "", "", steady); return err },
		"signed in twice":          func() error { _, err := c.SignIn(t.Context(), v.visit.Token, "", "", steady); return err },
		"a code that is not asked": func() error { _, err := c.Confirm(t.Context(), v.visit.Token, "1234", steady); return err },
		"allowed by nobody":        func() error { _, err := c.Allow(t.Context(), begun, v.accounts(), v.scopes(), steady); return err },
		"allowed too late": func() error {
			_, err := c.Allow(t.Context(), v.visit.Token, v.accounts(), v.scopes(), late)
			return err
		},
		"refused too late": func() error { _, err := c.Refuse(t.Context(), begun, "NO_ACCOUNTS", late); return err },
	} {
		if err := try(); !errors.Is(err, connector.ErrNoVisit) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for what, code := range map[string]string{"a request": request, "a visit": v.visit.Token} {
		if opened, err := c.Complete(t.Context(), state, url.Values{"state": {"the state"}, "code": {code}}, steady); err == nil {
			t.Errorf("%s is taken as a code: %+v", what, opened)
		}
	}
	for _, secret := range []string{"nonce", "the state", "oauth/return"} {
		if strings.Contains(address, secret) || strings.Contains(address, url.QueryEscape(secret)) {
			t.Errorf("the address shows %s", secret)
		}
	}
}

// Of any number who take a code at once, one has it; a second code of the same request is not taken either.
func TestACodeIsTakenOnce(t *testing.T) {
	c := withSite(t)
	v := arrive(t, c, authorization(oauthBank))
	if err := v.signIn("", ""); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	taken := map[plaid.Code]int{}
	for range 8 {
		location, err := c.Allow(t.Context(), v.visit.Token, v.accounts(), v.scopes(), steady)
		for range 2 {
			wg.Go(func() {
				_, code := v.complete(location, err)
				mu.Lock()
				defer mu.Unlock()
				taken[code]++
			})
		}
	}
	wg.Wait()
	if taken[""] != 1 || taken["OAUTH_STATE_ID_ALREADY_PROCESSED"] != 15 {
		t.Errorf("%v", taken)
	}
}

// A long configuration folds into an address; one that does not is refused while the person can still act.
func TestLongConfigurations(t *testing.T) {
	c := withSite(t)
	account := `{"type":"depository","subtype":"checking","transactions":[` + strings.Repeat(`{"date_posted":"2026-01-05","amount":12.5,"description":"Corner shop"},`, 500)
	config := `{"override_accounts":[` + strings.TrimSuffix(account, ",") + `]}]}`
	v := arrive(t, c, authorization(oauthBank))
	if err := v.signIn("user_custom", config); err != nil {
		t.Fatal(err)
	}
	location, err := c.Allow(t.Context(), v.visit.Token, v.accounts(), v.scopes(), steady)
	if opened, code := v.complete(location, err); code != "" || !strings.Contains(string(opened.Credentials), "Corner shop") || len(location) > 4000 {
		t.Errorf("%q, a location of %d bytes", code, len(location))
	}
	var random strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&random, "%x", uint32(i*2654435761))
	}
	v = arrive(t, c, authorization(oauthBank))
	err = v.signIn("user_custom", `{"seed":"`+random.String()+`"}`)
	if failed, ok := errors.AsType[*plaid.Error](err); !ok || failed.Code != "INVALID_FIELD" || !strings.Contains(failed.Message, "login form") {
		t.Errorf("%v", err)
	}
}

func TestAuthorizeRefuses(t *testing.T) {
	c := withSite(t)
	for what, harm := range map[string]func(*connector.Authorization){
		"a form":      func(a *connector.Authorization) { a.InstitutionID = platypus },
		"unknown":     func(a *connector.Authorization) { a.InstitutionID = "ins_1" },
		"down":        func(a *connector.Authorization) { a.InstitutionID = "ins_132361" },
		"no state":    func(a *connector.Authorization) { a.State = "" },
		"no return":   func(a *connector.Authorization) { a.ReturnURL = "" },
		"a bare path": func(a *connector.Authorization) { a.ReturnURL = "/return" },
		"no host":     func(a *connector.Authorization) { a.ReturnURL = "https:///return" },
		"a script":    func(a *connector.Authorization) { a.ReturnURL = "javascript://weft.example/%0aalert(1)" },
		"no address":  func(a *connector.Authorization) { a.ReturnURL = "http://[" },
	} {
		a := authorization(oauthBank)
		harm(&a)
		if address, _, err := c.Authorize(t.Context(), a); err == nil {
			t.Errorf("%s: %s", what, address)
		}
	}
	if _, _, err := shared().Authorize(t.Context(), authorization(oauthBank)); !errors.Is(err, errNoSite) {
		t.Errorf("without a site: %v", err)
	}
	if _, err := shared().Arrive(t.Context(), "x", steady); !errors.Is(err, errNoSite) {
		t.Errorf("without a site: %v", err)
	}
}

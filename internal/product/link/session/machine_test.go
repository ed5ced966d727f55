package session

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"weft/internal/plaid"
	"weft/internal/product/link/session/saved"
)

// directory is a few banks: a plain one, one with its own page, one that is down, a slow one and one that cannot be linked.
type directory struct{}

var banks = []Institution{
	{ID: "plain", Name: "Plain Bank", Health: "HEALTHY"},
	{ID: "oauth", Name: "OAuth Bank", Health: "HEALTHY", OAuth: true},
	{ID: "down", Name: "Down Bank", Health: "DOWN"},
	{ID: "slow", Name: "Slow Bank", Health: "DEGRADED"},
	{ID: "none", Name: "None Bank", Health: "HEALTHY", Unsupported: true},
	{ID: "gives", Name: "Giving Bank", Health: "HEALTHY", Login: true},
	{ID: "beside", Name: "Mute Bank", Health: "HEALTHY", Beside: []string{plaid.InstantMatch, plaid.Automated}},
	{ID: "instead", Name: "Windowless Bank", Health: "HEALTHY", Instead: true},
}

func (directory) Find(id string) (Institution, []Field, bool) {
	for _, b := range banks {
		if b.ID == id {
			return b, []Field{{Name: "username"}, {Name: "password", Kind: "password"}}, true
		}
	}
	return Institution{}, nil, false
}

func (directory) Search(query string) []Institution {
	var found []Institution
	for _, b := range banks {
		if strings.HasPrefix(strings.ToLower(b.Name), query) {
			found = append(found, b)
		}
	}
	return found
}

func (directory) ByRouting(number string) (Institution, bool) {
	for _, b := range banks {
		if number == "021000021" && b.Login {
			return b, true
		}
	}
	return Institution{}, false
}

// walker walks through a session.
type walker struct {
	t *testing.T
	m *Machine
	s *State
	w *Work
	n int
}

func walk(t *testing.T, setup Setup) *walker {
	k := &walker{t: t}
	setup.SessionID = "session"
	k.m = &Machine{Setup: setup, Now: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC), Directory: directory{}}
	k.m.NewID = func() string { k.n++; return fmt.Sprint(k.n) }
	k.s = k.m.Begin()
	return k
}

// do does an action with values (name, value, ...), a second after the last.
func (k *walker) do(name string, values ...string) *walker {
	k.t.Helper()
	k.m.Now = k.m.Now.Add(time.Second)
	a := Action{Name: name, Values: map[string][]string{}}
	for i := 0; i+1 < len(values); i += 2 {
		a.Values[values[i]] = append(a.Values[values[i]], values[i+1])
	}
	k.w = k.m.Act(k.s, a)
	return k
}

// result gives the work that waits its result.
func (k *walker) result(r Result) *walker {
	k.t.Helper()
	w := k.w
	if w == nil {
		w = k.s.Work
	}
	if w == nil {
		k.t.Fatalf("no work waits on pane %s", k.s.Pane)
	}
	k.w = k.m.Done(k.s, *w, r)
	return k
}

// at expects a pane.
func (k *walker) at(pane Pane) *walker {
	k.t.Helper()
	if k.s.Pane != pane {
		k.t.Fatalf("on pane %s, want %s; events %s", k.s.Pane, pane, k.told())
	}
	return k
}

// told are the events, with what tells them apart.
func (k *walker) told() string {
	var out []string
	for _, e := range k.s.Events {
		text := e.Name
		for _, key := range []string{"view_name", "mfa_type", "error_code", "exit_status", "institution_search_query"} {
			if v := e.Metadata[key]; v != "" {
				text += "(" + v + ")"
			}
		}
		out = append(out, text)
	}
	return strings.Join(out, " ")
}

func (k *walker) expect(want string) {
	k.t.Helper()
	want = strings.Join(strings.Fields(strings.ReplaceAll(want, "TV", "TRANSITION_VIEW")), " ")
	if got := k.told(); got != want {
		k.t.Errorf("events\n got %s\nwant %s", got, want)
	}
	for i := 1; i < len(k.s.Events); i++ {
		if !k.s.Events[i].At.After(k.s.Events[i-1].At) {
			k.t.Errorf("event %d is not after the one before it", i)
		}
	}
}

var (
	twoAccounts = Result{Opened: true, Accounts: []Account{{Key: "a", Name: "A"}, {Key: "b", Name: "B"}, {Key: "c", Name: "C", Ineligible: true}}}
	anItem      = Result{Linked: []Linked{{ItemID: "item", PublicToken: "public", Accounts: []Shared{{ID: "1", Name: "A"}}}}}
)

func (k *walker) toCredentials() *walker {
	k.t.Helper()
	return k.do(ActAccept).at(PaneInstitutions).do(ActSelect, "institution", "plain").at(PaneCredentials)
}

func (k *walker) logIn() *walker {
	k.t.Helper()
	return k.do(ActSubmit, "username", "u", "password", "p").at(PaneLoading)
}

func TestLogin(t *testing.T) {
	k := walk(t, Setup{})
	k.toCredentials().logIn().result(twoAccounts).at(PaneAccounts).do(ActChoose, "account", "b", "account", "c").at(PaneLoading)
	if got := fmt.Sprint(k.s.Work.Values["account"]); got != "[b]" {
		t.Errorf("chosen %s", got)
	}
	k.result(anItem).at(PaneConnected).do(ActFinish).at(PaneEnded)
	k.expect(`OPEN(CONSENT) TV(SELECT_INSTITUTION) SELECT_INSTITUTION TV(CREDENTIAL) SUBMIT_CREDENTIALS TV(LOADING)
		TV(SELECT_ACCOUNT) TV(LOADING) TV(CONNECTED) HANDOFF`)
	if f := k.s.Finished; f.PublicToken != "public" || f.Success.Accounts[0].ID != "1" || *f.Success.AccountID != "1" || f.Exit != nil {
		t.Errorf("finished %+v", f)
	}
}

func TestSearchAndChallenge(t *testing.T) {
	k := walk(t, Setup{AsksPhone: true})
	k.do(ActSkip).at(PaneInstitutions)
	k.m.Search(k.s, "pla")
	if v := k.m.View(k.s); len(v.Institutions.List) != 1 || v.Institutions.Query != "pla" {
		t.Errorf("found %+v", v.Institutions)
	}
	k.do(ActSelect, "institution", "plain").logIn().result(Result{Challenge: &MFA{Kind: "device"}}).at(PaneMFA)
	k.do(ActSubmit, "device", "sms").result(Result{Challenge: &MFA{Kind: "code"}}).at(PaneMFA)
	k.do(ActSubmit, "code", "9").result(Result{Err: plaid.Err("INVALID_MFA"), Remaining: 2}).at(PaneMFA)
	if k.s.Problem == nil || k.s.Problem.Remaining != 2 {
		t.Errorf("problem %+v", k.s.Problem)
	}
	k.do(ActSubmit, "code", "1234").result(twoAccounts).at(PaneAccounts)
	if k.s.Problem != nil || k.s.Unresolved != nil {
		t.Errorf("still %+v %+v", k.s.Problem, k.s.Unresolved)
	}
	k.expect(`OPEN(CONSENT) SKIP_SUBMIT_PHONE TV(SELECT_INSTITUTION) SEARCH_INSTITUTION(pla) SELECT_INSTITUTION TV(CREDENTIAL) SUBMIT_CREDENTIALS
		TV(LOADING) TV(MFA)(device) SUBMIT_MFA(device) TV(LOADING) TV(MFA)(code) SUBMIT_MFA(code) TV(LOADING) ERROR(INVALID_MFA)
		TV(MFA)(code) SUBMIT_MFA(code) TV(LOADING) TV(SELECT_ACCOUNT)`)
}

func TestWrongPasswordThenExit(t *testing.T) {
	k := walk(t, Setup{})
	k.toCredentials().logIn().result(Result{Err: plaid.Err("INVALID_CREDENTIALS")}).at(PaneCredentials)
	k.do(ActExit).at(PaneExit).do(ActExitCancel).at(PaneCredentials).do(ActExit).do(ActExitConfirm).at(PaneEnded)
	k.expect(`OPEN(CONSENT) TV(SELECT_INSTITUTION) SELECT_INSTITUTION TV(CREDENTIAL) SUBMIT_CREDENTIALS TV(LOADING) ERROR(INVALID_CREDENTIALS)
		TV(CREDENTIAL) TV(EXIT) TV(CREDENTIAL) TV(EXIT) EXIT(INVALID_CREDENTIALS)(requires_credentials)`)
	f := k.s.Finished
	if f.Error == nil || f.Error.Code != "INVALID_CREDENTIALS" || *f.Exit.Status != "requires_credentials" || *f.Exit.Institution.InstitutionID != "plain" || f.Success != nil {
		t.Errorf("finished %+v", f)
	}
	before := len(k.s.Events)
	if k.do(ActExit); len(k.s.Events) != before {
		t.Error("something happens after the end")
	}
}

// Each pane's exit has its status, and no error where nothing went wrong.
func TestExitStatuses(t *testing.T) {
	for want, to := range map[string]func(*walker){
		"requires_credentials":       func(k *walker) { k.toCredentials() },
		"institution_not_found":      func(k *walker) { k.do(ActAccept) },
		"choose_device":              func(k *walker) { k.toCredentials().logIn().result(Result{Challenge: &MFA{Kind: "device"}}) },
		"requires_questions":         func(k *walker) { k.toCredentials().logIn().result(Result{Challenge: &MFA{Kind: "questions"}}) },
		"requires_selections":        func(k *walker) { k.toCredentials().logIn().result(Result{Challenge: &MFA{Kind: "selections"}}) },
		"requires_code":              func(k *walker) { k.toCredentials().logIn().result(Result{Challenge: &MFA{Kind: "code"}}) },
		"requires_recaptcha":         func(k *walker) { k.toCredentials().logIn().result(Result{Challenge: &MFA{Kind: "recaptcha"}}) },
		"requires_account_selection": func(k *walker) { k.toCredentials().logIn().result(twoAccounts) },
		"requires_oauth": func(k *walker) {
			k.do(ActAccept).do(ActSelect, "institution", "oauth").result(Result{URL: "u"}).at(PaneOAuth)
		},
		"institution_not_supported": func(k *walker) { k.do(ActAccept).do(ActSelect, "institution", "none").at(PaneError) },
	} {
		k := walk(t, Setup{})
		to(k)
		k.do(ActExit).at(PaneExit).do(ActExitConfirm)
		if f := k.s.Finished; f == nil || f.Error != nil || f.Exit.Status == nil || *f.Exit.Status != want {
			t.Errorf("%s: finished %+v", want, f)
		}
	}
}

func TestOAuth(t *testing.T) {
	k := walk(t, Setup{})
	k.do(ActAccept).do(ActSelect, "institution", "oauth").result(Result{URL: "one"}).at(PaneOAuth)
	k.do(ActOpenOAuth).do(ActWaitOAuth).at(PaneOAuth).do(ActCloseOAuth).result(Result{URL: "two"}).at(PaneOAuth)
	if k.s.OAuth.URL != "two" || k.s.OAuth.Opened {
		t.Errorf("the way is %+v", k.s.OAuth)
	}
	k.do(ActOpenOAuth)
	k.s.OAuth.Callback = map[string][]string{"code": {"c"}}
	k.do(ActWaitOAuth).at(PaneLoading).result(Result{Opened: true, Chosen: true}).at(PaneLoading).result(anItem).at(PaneConnected).do(ActExit).at(PaneEnded)
	k.expect(`OPEN(CONSENT) TV(SELECT_INSTITUTION) SELECT_INSTITUTION TV(OAUTH) OPEN_OAUTH CLOSE_OAUTH OPEN_OAUTH TV(LOADING) TV(CONNECTED) HANDOFF`)
	if k.s.Finished.PublicToken != "public" {
		t.Errorf("finished %+v", k.s.Finished)
	}
}

func TestEmbedded(t *testing.T) {
	k := walk(t, Setup{Embedded: true})
	k.at(PaneInstitutions).do(ActSelect, "institution", "plain").at(PaneConsent).do(ActAccept).at(PaneCredentials)
	k.do(ActBack).at(PaneConsent).do(ActAccept).at(PaneCredentials)
	k.expect("OPEN(CONSENT) SELECT_INSTITUTION TV(CONSENT) TV(CREDENTIAL) TV(CONSENT) TV(CREDENTIAL)")
}

func TestBanksThatCannotBeLinked(t *testing.T) {
	k := walk(t, Setup{})
	k.do(ActAccept).do(ActSelect, "institution", "down").at(PaneError).do(ActOther).at(PaneInstitutions)
	k.do(ActSelect, "institution", "none").at(PaneError).do(ActOther).do(ActSelect, "institution", "slow").at(PaneCredentials)
	k.expect(`OPEN(CONSENT) TV(SELECT_INSTITUTION) SELECT_DOWN_INSTITUTION SELECT_INSTITUTION ERROR(INSTITUTION_DOWN) TV(ERROR) TV(SELECT_INSTITUTION)
		SELECT_FILTERED_INSTITUTION SELECT_INSTITUTION TV(ERROR) TV(SELECT_INSTITUTION) SELECT_DEGRADED_INSTITUTION SELECT_INSTITUTION TV(CREDENTIAL)`)
}

func TestLimits(t *testing.T) {
	k := walk(t, Setup{})
	k.toCredentials()
	for range mostWrong - 1 {
		k.logIn().result(Result{Err: plaid.Err("INVALID_CREDENTIALS")}).at(PaneCredentials)
	}
	k.logIn().result(Result{Err: plaid.Err("INVALID_CREDENTIALS")}).at(PaneError)
	if !k.s.Exhausted() || k.s.Failure.Retry || k.s.Failure.Other {
		t.Errorf("after %d wrong logins: %+v", mostWrong, k.s.Failure)
	}
	late := walk(t, Setup{})
	late.toCredentials().logIn().result(twoAccounts)
	late.m.Now = late.m.Now.Add(chooseWithin)
	if late.do(ActChoose, "account", "a").at(PaneError); late.s.Failure.Code != "USER_INPUT_TIMEOUT" || !late.s.Failure.Retry {
		t.Errorf("late: %+v", late.s.Failure)
	}
	none := walk(t, Setup{Single: true})
	none.toCredentials().logIn().result(twoAccounts).do(ActChoose).at(PaneAccounts).do(ActChoose, "account", "a", "account", "b").at(PaneAccounts)
	if none.s.Problem == nil {
		t.Error("two accounts where one may be chosen")
	}
}

func TestUpdateMode(t *testing.T) {
	k := walk(t, Setup{Repairs: []Repair{{ItemID: "1", InstitutionID: "plain"}, {ItemID: "2", InstitutionID: "oauth"}}})
	k.do(ActAccept).at(PaneCredentials).logIn().result(twoAccounts).at(PaneLoading).result(anItem).result(Result{URL: "u"}).at(PaneOAuth)
	if v := k.m.View(k.s); !v.UpdateMode || v.Institution.ID != "oauth" {
		t.Errorf("view %+v", v)
	}
}

func TestBackAndPhones(t *testing.T) {
	k := walk(t, Setup{AsksPhone: true})
	k.do(ActAccept, "phone", "+14155550010").at(PaneOTP).do(ActOTP, "code", "1").at(PaneOTP).do(ActOTP, "code", phoneCode).result(Result{}).at(PaneInstitutions)
	k.do(ActSelect, "institution", "plain").at(PaneCredentials).do(ActBack).at(PaneInstitutions).do(ActBack).at(PaneOTP).do(ActBack).at(PaneConsent)
	if k.m.View(k.s).CanGoBack || k.s.Institution != nil {
		t.Errorf("at the first pane: %+v", k.m.View(k.s))
	}
	locked := walk(t, Setup{AsksPhone: true})
	locked.do(ActAccept, "phone", "+14155550010")
	for range mostCodes {
		locked.do(ActOTP, "code", "0")
	}
	if locked.at(PaneError); locked.s.Failure.Code != "PROFILE_AUTHENTICATION_FAILED" {
		t.Errorf("%+v", locked.s.Failure)
	}
	locked.do(ActRetry).at(PaneInstitutions)
}

func TestMultipleAndAbandoned(t *testing.T) {
	k := walk(t, Setup{Multi: true})
	k.toCredentials().logIn().result(twoAccounts).do(ActChoose, "account", "a").result(anItem).at(PaneConnected).do(ActAnother).at(PaneInstitutions)
	if !k.m.Abandon(k.s) || k.s.Finished.Success == nil || k.s.Finished.PublicToken != "" || len(k.s.Linked) != 1 {
		t.Errorf("abandoned with an Item: %+v", k.s.Finished)
	}
	if k.m.Abandon(k.s) {
		t.Error("ended twice")
	}
}

func TestSaved(t *testing.T) {
	known := Result{Saved: []saved.Login{{InstitutionID: "plain", ItemID: "1", Accounts: []string{"a"}}, {InstitutionID: "oauth", ItemID: "2"}, {InstitutionID: "none", ItemID: "3"}}}
	begin := func(setup Setup) *walker {
		setup.AsksPhone, setup.Countries = true, []string{"US"}
		return walk(t, setup).do(ActAccept, "phone", "(415) 555-0123").at(PaneOTP).do(ActOTP, "code", phoneCode)
	}
	k := begin(Setup{}).result(known).at(PaneSaved)
	if v := k.m.View(k.s); len(v.Institutions.List) != 2 || !v.CanGoBack {
		t.Errorf("view %+v", v.Institutions)
	}
	k.do(ActSelect, "institution", "plain").at(PaneLoading).result(twoAccounts).at(PaneAccounts)
	if l := k.s.Accounts; !l[0].Checked || l[1].Checked {
		t.Errorf("accounts %+v", l)
	}
	k.do(ActBack).at(PaneSaved).do(ActSelect, "institution", "plain").result(twoAccounts).do(ActChoose, "account", "a").result(anItem).at(PaneConnected)
	k.expect("OPEN(CONSENT) SUBMIT_PHONE TRANSITION_VIEW(VERIFY_PHONE) SUBMIT_OTP VERIFY_PHONE TRANSITION_VIEW(SELECT_SAVED_INSTITUTION) " +
		"SELECT_INSTITUTION TRANSITION_VIEW(LOADING) TRANSITION_VIEW(SELECT_SAVED_ACCOUNT) TRANSITION_VIEW(SELECT_SAVED_INSTITUTION) " +
		"SELECT_INSTITUTION TRANSITION_VIEW(LOADING) TRANSITION_VIEW(SELECT_SAVED_ACCOUNT) TRANSITION_VIEW(LOADING) TRANSITION_VIEW(CONNECTED)")
	if !k.s.Remembers() {
		t.Error("the phone is not remembered")
	}
	if k.do(ActFinish); k.s.Phone != "" || k.s.Remembers() {
		t.Error("the phone is kept")
	}

	// At a bank's own page people agree anew; a login that has ended is made anew; another institution can be chosen.
	if k = begin(Setup{}).result(known).do(ActSelect, "institution", "oauth"); k.w == nil || k.w.Kind != WorkAuthorize {
		t.Errorf("work %+v", k.w)
	}
	begin(Setup{}).result(known).do(ActSelect, "institution", "plain").result(Result{Err: plaid.Err("ITEM_LOGIN_REQUIRED")}).at(PaneCredentials).do(ActBack).at(PaneSaved).
		do(ActOther).at(PaneInstitutions).do(ActBack).at(PaneSaved)
	begin(Setup{InstitutionID: "slow"}).result(known).at(PaneCredentials)
	auto := Result{Saved: []saved.Login{{InstitutionID: "plain", Username: "u", Accounts: []string{"a"}, Auto: true}}}
	k = begin(Setup{}).result(auto).at(PaneLoading).result(twoAccounts).at(PaneLoading)
	if got := k.s.Work.Values["account"]; len(got) != 1 || got[0] != "a" {
		t.Errorf("accounts %v", got)
	}
	// Without the phone nothing is recognised any more.
	k = begin(Setup{}).result(known).do(ActBack).do(ActBack).at(PaneConsent).do(ActSkip).at(PaneInstitutions)
	if k.s.Phone != "" || k.s.Remembers() || len(k.s.Saved) > 0 {
		t.Errorf("%+v", k.s)
	}
	if bad := walk(t, Setup{AsksPhone: true}).do(ActAccept, "phone", "call me").at(PaneConsent); bad.s.Problem == nil || bad.s.Problem.Code != "INVALID_PHONE_NUMBER" {
		t.Errorf("problem %+v", bad.s.Problem)
	}
}

package session

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weft/internal/plaid"
	"weft/internal/product/link/session/saved"
)

// actions are all that a page can send.
var actions = []string{
	ActAccept, ActSkip, ActPhone, ActOTP, ActSearch, ActSelect, ActManual, ActInstant, ActUpload, ActToken, ActRefresh, ActSubmit, ActOpenOAuth, ActWaitOAuth,
	ActCloseOAuth, ActChoose, ActContinue, ActRetry, ActOther, ActFinish, ActAnother, ActBack, ActExit, ActExitConfirm, ActExitCancel, ActForce, ActViewData,
	ActRemind, ActAlreadyFinal, "unheard of",
}

func drawSetup(t *rapid.T) Setup {
	setup := Setup{
		SessionID: "session", Countries: []string{"US"}, AsksPhone: rapid.IntRange(0, 3).Draw(t, "phone") > 0, Multi: rapid.Bool().Draw(t, "multi"), Single: rapid.Bool().Draw(t, "single"),
		Tokens: rapid.Bool().Draw(t, "tokens"), Embedded: rapid.Bool().Draw(t, "embedded"), SelectAccounts: rapid.Bool().Draw(t, "select accounts"),
		InstitutionID: rapid.SampledFrom([]string{"", "", "", "plain", "plain", "down", "oauth", "unknown"}).Draw(t, "institution"),
	}
	if rapid.Bool().Draw(t, "files") {
		setup.Files = []string{".ofx"}
	}
	repair := rapid.Custom(func(t *rapid.T) Repair {
		return Repair{ItemID: "item", Name: "Bank", InstitutionID: rapid.SampledFrom([]string{"plain", "oauth", "down", "gone"}).Draw(t, "at"),
			Source: rapid.SampledFrom([]string{"", SourceFile, SourceToken}).Draw(t, "source")}
	})
	if rapid.IntRange(0, 3).Draw(t, "update mode") == 0 {
		setup.Repairs = rapid.SliceOfN(repair, 1, 3).Draw(t, "repairs")
		setup.AsksPhone, setup.Embedded, setup.Multi = false, false, false
	}
	return setup
}

func drawAction(t *rapid.T, s *State) Action {
	names := actions
	if known := acts[s.Pane]; len(known) > 0 && rapid.IntRange(0, 9).Draw(t, "sensible") < 8 {
		names = nil
		for _, name := range actions { // in their order, so that a failure can be repeated
			if known[name] != nil {
				names = append(names, name)
			}
		}
	}
	name := rapid.SampledFrom(names).Draw(t, "action")
	if name == ActForce && rapid.IntRange(0, 9).Draw(t, "still") > 0 { // or most ways would be short
		name = ActBack
	}
	return Action{Name: name, Values: map[string][]string{
		"phone":       {rapid.SampledFrom([]string{"415 555 0123", "415 555 0123", "", "nonsense"}).Draw(t, "number")},
		"code":        {rapid.SampledFrom([]string{phoneCode, phoneCode, phoneCode, "0"}).Draw(t, "code")},
		"institution": {rapid.SampledFrom([]string{"plain", "plain", "slow", "slow", "oauth", "down", "none", "unknown"}).Draw(t, "bank")},
		"username":    {rapid.SampledFrom([]string{"user", "user", "user", ""}).Draw(t, "username")}, "password": {"password"}, "token": {"token"},
		"account": rapid.SampledFrom([][]string{nil, {"a"}, {"a", "b"}, {"other"}}).Draw(t, "accounts"),
	}}
}

// drawResult is what may come of work.
func drawResult(t *rapid.T, w Work) Result {
	if rapid.IntRange(0, 7).Draw(t, "fails") == 0 {
		code := rapid.SampledFrom([]plaid.Code{"INVALID_CREDENTIALS", "INVALID_MFA", "ITEM_LOCKED", "INSTITUTION_DOWN", "ITEM_LOGIN_REQUIRED", "NO_ACCOUNTS",
			"INTERNAL_SERVER_ERROR", "INVALID_UPDATED_USERNAME", "ACCESS_NOT_GRANTED", "INVALID_FIELD"}).Draw(t, "code")
		return Result{Err: plaid.Err(code), Remaining: rapid.IntRange(0, 2).Draw(t, "remaining")}
	}
	linked := Result{Linked: []Linked{{ItemID: "item", PublicToken: "public", Institution: &Named{}, Accounts: []Shared{{ID: "x"}}}}}
	switch w.Kind {
	case WorkRecall:
		logins := []saved.Login{{InstitutionID: "plain", Accounts: []string{"a"}, Auto: rapid.Bool().Draw(t, "auto")}, {InstitutionID: "oauth"}, {InstitutionID: "none"}, {InstitutionID: "gone"}}
		return Result{Saved: logins[:rapid.IntRange(0, len(logins)).Draw(t, "saved")]}
	case WorkAuthorize:
		return Result{URL: "https://bank.example/"}
	case WorkToken:
		return Result{Claimed: json.RawMessage(`"claimed"`)}
	case WorkLink, WorkFile, WorkBring:
		return linked
	}
	if kinds := []string{"device", "code", "questions", "selections", "recaptcha", "recaptcha"}; w.Kind != WorkComplete && rapid.Bool().Draw(t, "asks") {
		return Result{Challenge: &MFA{Kind: rapid.SampledFrom(kinds).Draw(t, "kind")}, Bank: json.RawMessage(`"bank"`)}
	}
	return Result{Opened: true, Chosen: rapid.Bool().Draw(t, "chosen"), Credentials: json.RawMessage(`"login"`),
		Accounts: []Account{{Key: "a", Checked: true}, {Key: "b", Ineligible: rapid.Bool().Draw(t, "ineligible")}}}
}

// text is a state as it is stored, but for when the person last did something.
func text(t *rapid.T, s *State) string {
	c := *s
	c.ActedAt = time.Time{}
	out, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// Whatever a page sends and banks answer, a session does nothing that its pane does not show, can always be shown and stored, tells
// its events in order and ends once.
func TestAnyWayThroughASession(t *testing.T) {
	seen := map[Pane]int{}
	rapid.Check(t, func(t *rapid.T) {
		n := 0
		m := &Machine{Setup: drawSetup(t), Now: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC), Directory: directory{}, NewID: func() string { n++; return fmt.Sprint(n) }}
		s := m.Begin()
		seen[s.Pane]++
		for range rapid.IntRange(20, 120).Draw(t, "steps") {
			m.Now = m.Now.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 20, 400}).Draw(t, "seconds")) * time.Second)
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0:
				if s.OAuth != nil {
					s.OAuth.Callback = map[string][]string{"code": {"1"}}
				}
			case 1:
				m.Search(s, rapid.SampledFrom([]string{"", "p"}).Draw(t, "query"))
			}
			before, was := text(t, s), *s
			if w := s.Work; w != nil && rapid.IntRange(0, 3).Draw(t, "works") > 0 {
				settle(t, m, s, w)
			} else {
				a := drawAction(t, s)
				w := m.Act(s, a)
				everywhere := slices.Contains([]string{ActExit, ActForce, ActViewData}, a.Name)
				if acts[was.Pane][a.Name] == nil && !everywhere && (w != nil || text(t, s) != before) {
					t.Fatalf("%s does something on the pane %s:\n%s\n%s", a.Name, was.Pane, before, text(t, s))
				}
				if a.Name == ActBack && w == nil && was.Pane != s.Pane && (len(was.Trail) == 0 || was.Trail[len(was.Trail)-1] != s.Pane) {
					t.Fatalf("back from %s leads to %s, not along %v", was.Pane, s.Pane, was.Trail)
				}
				if w != nil && !w.Now {
					t.Fatalf("work %s is not stored", w.Kind)
				}
				settle(t, m, s, w)
			}
			seen[s.Pane]++
			holds(t, m, s, &was, before)
		}
		if ended := s.Finished != nil; m.Abandon(s) == ended {
			t.Fatal("a session that has ended was ended again")
		}
		holds(t, m, s, s, text(t, s))
	})
	t.Log(seen)
	for _, pane := range []Pane{PaneConsent, PaneOTP, PaneInstitutions, PaneCredentials, PaneOAuth, PaneLoading, PaneAccounts, PaneUpload, PaneToken,
		PaneConnected, PaneError, PaneEnded} { // the others are met in most runs
		if seen[pane] == 0 {
			t.Errorf("no way came to the pane %s", pane)
		}
	}
}

// settle gives work its results until there is none left that is not put off.
func settle(t *rapid.T, m *Machine, s *State, w *Work) {
	for i := 0; w != nil; i++ {
		if i > 5 {
			t.Fatalf("work %s without end", w.Kind)
		}
		w = m.Done(s, *w, drawResult(t, *w))
	}
}

// holds is what is true of every state.
func holds(t *rapid.T, m *Machine, s, was *State, before string) {
	if (s.Pane == PaneLoading) != (s.Work != nil) {
		t.Fatalf("on pane %s with work %+v", s.Pane, s.Work)
	}
	if s.Step < was.Step || s.Pane != was.Pane && s.Step == was.Step {
		t.Fatalf("from step %d of %s to step %d of %s", was.Step, was.Pane, s.Step, s.Pane)
	}
	if was.Finished != nil && text(t, s) != before {
		t.Fatalf("after the end:\n%s\n%s", before, text(t, s))
	}
	for i, pane := range s.Trail {
		if slices.Contains(passing, pane) || i > 0 && s.Trail[i-1] == pane {
			t.Fatalf("the way back is %v", s.Trail)
		}
	}
	if v := m.View(s); v.CanGoBack && len(s.Trail) == 0 || v.Pane == PaneMFA && v.MFA == nil || v.Pane == PaneError && v.Failure == nil {
		t.Fatalf("view %+v with the way back %v", v, s.Trail)
	}
	var stored State
	if err := json.Unmarshal([]byte(text(t, s)), &stored); err != nil || text(t, &stored) != text(t, s) {
		t.Fatalf("read again it is another: %v\n%s", err, text(t, s))
	}
	terminal := ""
	for i, e := range s.Events {
		if i > 0 && !e.At.After(s.Events[i-1].At) || i == 0 && e.Name != "OPEN" || terminal != "" {
			t.Fatalf("event %d of %d is %s after %q at %s", i, len(s.Events), e.Name, terminal, e.At)
		}
		if e.Name == "HANDOFF" || e.Name == "EXIT" {
			terminal = e.Name
		}
	}
	if f := s.Finished; (f == nil) != (terminal == "") || f != nil && ((f.Success != nil) != (terminal == "HANDOFF") || (f.Exit != nil) == (f.Success != nil)) {
		t.Fatalf("finished %+v with the last event %q", f, terminal)
	}
	if last := s.Events[len(s.Events)-1]; last.Name == "TRANSITION_VIEW" && last.Metadata["view_name"] != s.Pane.ViewName() && last.Metadata["view_name"] != "SELECT_SAVED_ACCOUNT" {
		t.Fatalf("on pane %s it was told %v", s.Pane, last.Metadata)
	}
	if s.Finished != nil && (s.Phone != "" || s.Claimed != nil || s.Credentials != nil || s.Bank != nil || s.Saved != nil) {
		t.Fatal("what a person has given is kept after the end")
	}
}

package web_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"weft/internal/plaid"
	"weft/internal/product/link/session"
	"weft/internal/product/link/web"
	"weft/internal/product/link/web/panes/panestest"
)

// script is a Flow with one short way through: consent, list, login or bank's page, accounts, end.
type script struct {
	mu sync.Mutex
	// at is where each session stands; opened, acts and files are what came.
	at     map[string]*state
	opened []web.Opening
	acts   []session.Action
	// bank is the address of the bank's own page.
	bank string
}

type state struct {
	view, before session.View
	events       []session.Event
	finished     *session.Finished
	returned     bool
}

func newScript() *script {
	return &script{at: map[string]*state{}, bank: "https://bank.example/authorize"}
}

// demo is a case's view as the script shows it.
func demo(name string) session.View {
	for _, c := range panestest.All() {
		if c.Name == name {
			return c.View
		}
	}
	panic("no case " + name)
}

func (s *script) Open(_ context.Context, o web.Opening) (string, session.Answer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opened = append(s.opened, o)
	switch {
	case o.LinkToken == "broken":
		return "", session.Answer{}, errors.New("the database has the secret s3cr3t")
	case o.LinkToken == "bad", o.Origin == "https://refused.example":
		return "", session.Answer{}, plaid.Err("INVALID_LINK_TOKEN")
	}
	key := fmt.Sprintf("key-%d", len(s.at))
	st := &state{}
	s.at[key] = st
	st.show(demo("consent"))
	if o.Embedded {
		st.show(demo("institutions"))
	}
	st.tell("OPEN", "view_name", "CONSENT")
	return key, st.answer(), nil
}

func (st *state) show(view session.View) {
	view.Step = st.view.Step + 1
	st.before, st.view = st.view, view
}

func (st *state) tell(name string, pairs ...string) {
	e := session.Event{Name: name, At: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC), Metadata: map[string]string{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		e.Metadata[pairs[i]] = pairs[i+1]
	}
	st.events = append(st.events, e)
}

func (st *state) answer() session.Answer {
	a := session.Answer{View: st.view, Events: st.events, Finished: st.finished}
	st.events = nil
	return a
}

func (st *state) exit() {
	st.tell("EXIT")
	st.finished = &session.Finished{Exit: &session.Exit{SessionID: st.view.SessionID}}
	st.show(demo("ended"))
}

func (s *script) Act(_ context.Context, key string, act session.Action) (session.Answer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.acts = append(s.acts, act)
	st, ok := s.at[key]
	if !ok {
		return session.Answer{}, plaid.Err("INVALID_LINK_TOKEN")
	}
	if err := s.do(st, act); err != nil {
		return session.Answer{}, err
	}
	return st.answer(), nil
}

func (s *script) do(st *state, act session.Action) error {
	switch act.Name {
	case session.ActAccept, session.ActSkip:
		st.show(demo("institutions"))
		st.tell("TRANSITION_VIEW", "view_name", "SELECT_INSTITUTION")
	case session.ActSearch:
		found := demo("institutions")
		found.Institutions.Query, found.Institutions.List = act.Value("query"), nil
		for _, one := range panestest.Banks() {
			if strings.Contains(strings.ToLower(one.Name), strings.ToLower(act.Value("query"))) {
				found.Institutions.List = append(found.Institutions.List, one)
			}
		}
		found.Step, st.view = st.view.Step, found
	case session.ActSelect:
		st.tell("SELECT_INSTITUTION", "institution_id", act.Value("institution"))
		switch act.Value("institution") {
		case "ins_127287":
			st.show(s.oauth(false))
		case "ins_132361":
			st.show(demo("error-down"))
		default:
			st.show(demo("credentials"))
		}
	case session.ActSubmit:
		switch act.Value("username") {
		case "broken":
			return errors.New("could not decrypt hunter2")
		case "user_bad":
			st.show(demo("credentials-wrong"))
		default:
			st.show(demo("loading"))
		}
	case session.ActContinue:
		st.show(demo("accounts"))
	case session.ActOpenOAuth:
		st.show(s.oauth(true))
	case session.ActWaitOAuth:
		if st.returned {
			st.show(demo("accounts"))
		}
	case session.ActCloseOAuth:
		st.tell("CLOSE_OAUTH")
		st.show(s.oauth(false))
	case session.ActUpload:
		if st.view.Pane == session.PaneInstitutions {
			st.show(demo("upload"))
		} else {
			st.show(demo("loading"))
		}
	case session.ActChoose:
		st.show(demo("connected"))
	case session.ActFinish:
		st.tell("HANDOFF")
		st.finished = &session.Finished{PublicToken: "public-sandbox-1", Success: &session.Success{SessionID: st.view.SessionID, Accounts: []session.Shared{{ID: "acc", Name: "Plaid Checking"}}, PublicToken: "public-sandbox-1"}}
		st.show(demo("ended-connected"))
	case session.ActExit:
		st.show(demo("exit"))
	case session.ActExitCancel, session.ActBack:
		st.show(st.before)
	case session.ActExitConfirm, session.ActForce:
		st.exit()
	}
	return nil
}

func (s *script) oauth(opened bool) session.View {
	v := demo("oauth")
	v.OAuth = &session.OAuth{URL: s.bank, Opened: opened}
	return v
}

func (s *script) Return(_ context.Context, query url.Values) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch query.Get("state") {
	case "window":
		for _, st := range s.at {
			st.returned = true
		}
		return "", nil
	case "redirect":
		return "https://client.example/back?oauth_state_id=1", nil
	case "broken":
		return "", errors.New("no table")
	}
	return "", plaid.Err("OAUTH_STATE_ID_NOT_FOUND")
}

func (s *script) Logo(_ context.Context, environment, id string) ([]byte, bool) {
	return []byte("\x89PNG picture of " + environment), id == "ins_1"
}

package session

import (
	"slices"
	"time"

	"weft/internal/plaid"
)

// Machine leads from state to state. It is a pure function of its members, the state and what happens.
type Machine struct {
	Setup
	Now time.Time
	// NewID makes the id of an event.
	NewID func() string
	// RequestID is that of the call.
	RequestID string
	// Directory finds institutions. It answers from memory.
	Directory Directory
}

// Directory is the list of banks as a session sees it.
type Directory interface {
	// Find is an institution with its login fields, false for an unknown one.
	Find(id string) (ins Institution, fields []Field, found bool)
	// Search is the institutions that a text finds, and those that come first where there is none.
	Search(query string) []Institution
	// ByRouting is the one institution that has a routing number, false where there is none or more than one.
	ByRouting(number string) (ins Institution, found bool)
}

// Limits of a session.
const (
	// mostWrong is how many wrong logins a session may have: more are somebody's guesses.
	mostWrong = 10
	// mostCodes is how many wrong codes of a phone are accepted.
	mostCodes = 3
	// chooseWithin is how long a person may take to choose accounts: the bank's session does not last longer.
	chooseWithin = 5 * time.Minute
	// Life is how long a session may take.
	Life = 30 * time.Minute
	// mostQueries bounds the events of a person who types.
	mostQueries = 100
)

// Begin is a new session's state.
func (m *Machine) Begin() *State {
	s := &State{Step: 1, Pane: PaneConsent, Events: []Event{}, ActedAt: m.Now}
	update := "false"
	if m.updateMode() {
		update = "true"
	}
	if m.Embedded {
		s.Pane = PaneInstitutions
	}
	m.tell(s, "OPEN", "view_name", PaneConsent.ViewName(), "is_update_mode", update)
	return s
}

func (m *Machine) updateMode() bool { return len(m.Repairs) > 0 }

// act is what an action leads to on a pane.
type act func(*Machine, *State, Action) *Work

// acts are the actions of each pane. What is not here does nothing there.
var acts = map[Pane]map[string]act{
	PaneConsent:      {ActAccept: (*Machine).accept, ActSkip: (*Machine).skipPhone},
	PaneOTP:          {ActOTP: (*Machine).otp, ActSkip: (*Machine).skipPhone, ActBack: (*Machine).back},
	PaneSaved:        {ActSelect: (*Machine).chooseSaved, ActOther: (*Machine).elsewhere, ActBack: (*Machine).back},
	PaneInstitutions: {ActSelect: (*Machine).choose, ActUpload: (*Machine).toUpload, ActToken: (*Machine).toToken, ActManual: (*Machine).manually, ActBack: (*Machine).back},
	PaneCredentials:  {ActSubmit: (*Machine).login, ActBack: (*Machine).back},
	PaneMFA:          {ActSubmit: (*Machine).answer, ActBack: (*Machine).back},
	PaneRecaptcha:    {ActSubmit: (*Machine).answer, ActBack: (*Machine).back},
	PaneOAuth:        {ActOpenOAuth: (*Machine).openOAuth, ActCloseOAuth: (*Machine).closeOAuth, ActWaitOAuth: (*Machine).waitOAuth, ActBack: (*Machine).back},
	PaneAccounts:     {ActChoose: (*Machine).share, ActBack: (*Machine).back},
	PaneUpload:       {ActUpload: (*Machine).upload, ActBack: (*Machine).back},
	PaneToken:        {ActToken: (*Machine).token, ActRefresh: (*Machine).refresh, ActBack: (*Machine).back},
	PaneConnected:    {ActFinish: (*Machine).finish, ActAnother: (*Machine).another, ActExit: (*Machine).finish},
	PaneAuthType:     {ActManual: (*Machine).manually, ActInstant: (*Machine).instantly, ActBack: (*Machine).backNumber},
	PaneRouting:      {ActSubmit: (*Machine).routing, ActBack: (*Machine).backNumber},
	PaneNumber:       {ActSubmit: (*Machine).number, ActBack: (*Machine).backNumber},
	PaneHolder:       {ActSubmit: (*Machine).holder, ActBack: (*Machine).backNumber},
	PaneAuthorize:    {ActContinue: (*Machine).authorize, ActBack: (*Machine).backNumber},
	PaneDepositCode:  {ActSubmit: (*Machine).code},
	PaneDeposited:    {ActContinue: (*Machine).deposited, ActExit: (*Machine).deposited},
	PaneError:        {ActRetry: (*Machine).retry, ActOther: (*Machine).other, ActManual: (*Machine).manually},
	PaneExit:         {ActExitConfirm: (*Machine).leave, ActExitCancel: (*Machine).stay, ActManual: (*Machine).manually, ActExit: (*Machine).leave},
}

// Act does an action, and returns the work that has to be done then, nil for none.
func (m *Machine) Act(s *State, a Action) *Work {
	if s.Finished != nil {
		return nil
	}
	idle := m.Now.Sub(s.ActedAt)
	if a.Name != ActWaitOAuth { // that is the page's own doing
		s.ActedAt = m.Now
	}
	switch {
	case a.Name == ActForce:
		return m.leave(s, a)
	case s.Pane == PaneAccounts && a.Name == ActChoose && idle > chooseWithin:
		m.fail(s, plaid.Err("USER_INPUT_TIMEOUT"))
		return nil
	}
	if do := acts[s.Pane][a.Name]; do != nil {
		return m.run(s, do(m, s, a))
	}
	switch a.Name {
	case ActExit:
		m.ask(s)
	case ActViewData:
		m.tell(s, "VIEW_DATA_TYPES", "view_name", s.Pane.ViewName())
	}
	return nil
}

// run stores work that is done later, behind the pane that says so.
func (m *Machine) run(s *State, w *Work) *Work {
	if w == nil || w.Now {
		return w
	}
	s.Work = w
	s.Problem, s.Failure = nil, nil
	if s.Pane == PaneLoading { // it goes on
		s.Step++
		return nil
	}
	m.show(s, PaneLoading)
	return nil
}

// Search is a person's typing, which has no step of its own.
func (m *Machine) Search(s *State, query string) {
	if s.Pane != PaneInstitutions || s.Finished != nil {
		return
	}
	s.Query, s.ActedAt = query, m.Now
	searched := 0
	for _, e := range s.Events {
		if e.Name == "SEARCH_INSTITUTION" {
			searched++
		}
	}
	if query != "" && searched < mostQueries {
		m.tell(s, "SEARCH_INSTITUTION", "institution_search_query", query)
	}
}

// show leads to a pane, which is told.
func (m *Machine) show(s *State, pane Pane, metadata ...string) {
	s.Pane = pane
	s.Step++
	m.tell(s, "TRANSITION_VIEW", append([]string{"view_name", pane.ViewName()}, metadata...)...)
}

// onward is show for a pane from which back leads to the present one.
func (m *Machine) onward(s *State, pane Pane, metadata ...string) {
	m.rest(s)
	s.Problem = nil
	m.show(s, pane, metadata...)
}

// passing are the panes to which back never leads.
var passing = []Pane{PaneLoading, PaneError, PaneExit, PaneConnected}

// rest has back lead to the present pane, from what comes next.
func (m *Machine) rest(s *State) {
	if !slices.Contains(passing, s.Pane) && (len(s.Trail) == 0 || s.Trail[len(s.Trail)-1] != s.Pane) {
		s.Trail = append(s.Trail, s.Pane)
	}
}

// tell adds an event. The institution goes into its metadata where one is chosen.
func (m *Machine) tell(s *State, name string, metadata ...string) {
	e := Event{ID: m.NewID(), Name: name, At: m.Now, Metadata: map[string]string{}}
	if n := len(s.Events); n > 0 && !e.At.After(s.Events[n-1].At) { // their order is that of their times
		e.At = s.Events[n-1].At.Add(time.Millisecond)
	}
	if s.Institution != nil {
		e.Metadata["institution_id"], e.Metadata["institution_name"] = s.Institution.ID, s.Institution.Name
	}
	if m.RequestID != "" {
		e.Metadata["request_id"] = m.RequestID
	}
	for i := 0; i+1 < len(metadata); i += 2 {
		if metadata[i+1] != "" {
			e.Metadata[metadata[i]] = metadata[i+1]
		}
	}
	s.Events = append(s.Events, e)
}

// tellError adds the event ERROR, and keeps what it is of for the exit.
func (m *Machine) tellError(s *State, err *plaid.Error) {
	s.Unresolved = exitError(err)
	m.tell(s, "ERROR", "error_type", err.Type, "error_code", string(err.Code), "error_message", err.Message)
}

func exitError(err *plaid.Error) *ExitError {
	e := &ExitError{Type: err.Type, Code: string(err.Code), Message: err.Message}
	if err.Display != "" {
		e.DisplayMessage = &err.Display
	}
	return e
}

// back leads to the pane before.
func (m *Machine) back(s *State, _ Action) *Work {
	if len(s.Trail) == 0 {
		return nil
	}
	to := s.Trail[len(s.Trail)-1]
	s.Trail = s.Trail[:len(s.Trail)-1]
	m.forget(s)
	if to == PaneInstitutions || slices.Contains([]Pane{PaneConsent, PaneOTP, PaneSaved}, to) && !m.updateMode() && !m.Embedded {
		s.Institution = nil
	}
	m.show(s, to)
	return nil
}

// forget drops what belongs to one attempt at one institution.
func (m *Machine) forget(s *State) {
	s.Challenge, s.Bank, s.Credentials, s.Accounts, s.OAuth, s.Picked, s.Entry = nil, nil, nil, nil, nil, nil, nil
	s.Problem, s.Failure, s.Work = nil, nil, nil
}

// Put has work done later, behind the pane that says so.
func (m *Machine) Put(s *State, w *Work) { m.run(s, w) }

// Resume goes on at the page to which a bank has led the person back: the work that follows waits behind the loading pane.
func (m *Machine) Resume(s *State) {
	m.tell(s, "OPEN")
	if s.Pane == PaneOAuth { // else the page was only loaded anew
		m.run(s, m.waitOAuth(s, Action{}))
	}
}

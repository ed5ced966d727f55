package session

import (
	"slices"

	"weft/internal/plaid"
	"weft/internal/product/link/session/after"
)

func errorOf(code plaid.Code) *plaid.Error { return plaid.Err(code) }

// login hands the typed fields to the bank. A field that is empty is asked for again here.
func (m *Machine) login(s *State, a Action) *Work {
	values := map[string][]string{}
	for _, f := range s.Fields {
		v := a.Value(f.Name)
		if v == "" && !f.Optional {
			s.Problem = &Problem{Code: "INVALID_CREDENTIALS", Field: f.Name}
			s.Step++
			return nil
		}
		values[f.Name] = []string{v}
	}
	m.tell(s, "SUBMIT_CREDENTIALS")
	return &Work{Kind: WorkLogin, Values: values}
}

// answer hands the answers to a challenge to the bank.
func (m *Machine) answer(s *State, a Action) *Work {
	if s.Challenge == nil {
		return nil
	}
	m.tell(s, "SUBMIT_MFA", "mfa_type", s.Challenge.Kind)
	return &Work{Kind: WorkAnswer, Values: a.Values}
}

// openOAuth is a person on the way to the bank's page.
func (m *Machine) openOAuth(s *State, _ Action) *Work {
	if s.OAuth != nil && !s.OAuth.Opened {
		s.OAuth.Opened = true
		m.tell(s, "OPEN_OAUTH")
		s.Step++
	}
	return nil
}

// closeOAuth is a person who has come back without an answer of the bank.
func (m *Machine) closeOAuth(s *State, a Action) *Work {
	if s.OAuth != nil && s.OAuth.Callback != nil { // the answer came first
		return m.waitOAuth(s, a)
	}
	m.tell(s, "CLOSE_OAUTH")
	return &Work{Kind: WorkAuthorize, Now: true} // an address of a bank is good for one visit
}

// waitOAuth goes on where the bank has answered.
func (m *Machine) waitOAuth(s *State, _ Action) *Work {
	if s.OAuth == nil || s.OAuth.Callback == nil {
		return nil
	}
	return &Work{Kind: WorkComplete, Values: s.OAuth.Callback}
}

// Done takes the result of work, and returns the work that follows, nil for none.
func (m *Machine) Done(s *State, w Work, r Result) *Work {
	s.Work = nil
	switch {
	case s.Finished != nil:
		return nil
	case r.Err != nil && w.Kind == WorkSaved && after.NewLogin[r.Err.Code]:
		return m.visit(s, s.Institution.ID)
	case r.Err != nil:
		m.failed(s, w, r)
	case w.Kind == WorkRecall:
		return m.run(s, m.recalled(s, r.Saved))
	case r.URL != "":
		s.OAuth, s.Bank = &Way{URL: r.URL}, r.Bank
		if s.Pane == PaneOAuth { // again
			s.Step++
			return nil
		}
		m.onward(s, PaneOAuth)
	case r.Challenge != nil:
		s.Challenge, s.Bank, s.Problem = r.Challenge, r.Bank, nil
		if r.Challenge.Kind == "recaptcha" {
			m.show(s, PaneRecaptcha)
			return nil
		}
		m.show(s, PaneMFA, "mfa_type", r.Challenge.Kind)
	case r.Settled != nil:
		return m.settled(s, *r.Settled)
	case r.Confirmed:
		return m.run(s, m.entered(s))
	case r.Opened:
		return m.opened(s, r)
	case r.Claimed != nil:
		s.Claimed = r.Claimed
		return m.run(s, &Work{Kind: WorkBring})
	default:
		return m.linked(s, r.Linked)
	}
	return nil
}

// opened is a login that has worked: accounts are chosen, where the person has not done that at the bank.
func (m *Machine) opened(s *State, r Result) *Work {
	s.Credentials, s.Accounts, s.Challenge, s.Bank, s.Unresolved = r.Credentials, r.Accounts, nil, nil, nil
	if m.beside(s) { // one is chosen, by the person
		for i := range s.Accounts {
			s.Accounts[i].Checked = false
		}
	}
	if r.Chosen && !m.beside(s) || (m.updateMode() && !m.SelectAccounts) {
		return m.run(s, &Work{Kind: WorkLink})
	}
	if s.Picked != nil {
		if keys := m.pickAccounts(s); keys != nil {
			return m.run(s, &Work{Kind: WorkLink, Values: map[string][]string{"account": keys}})
		}
		m.show(s, PaneAccounts, "view_name", "SELECT_SAVED_ACCOUNT")
		return nil
	}
	m.show(s, PaneAccounts)
	return nil
}

// share is the choice of accounts.
func (m *Machine) share(s *State, a Action) *Work {
	var keys []string
	for i := range s.Accounts {
		account := &s.Accounts[i]
		account.Checked = !account.Ineligible && slices.Contains(a.Values["account"], account.Key)
		if account.Checked {
			keys = append(keys, account.Key)
		}
	}
	if len(keys) == 0 || (m.single(s) && len(keys) > 1) {
		s.Problem = &Problem{Code: "INVALID_ACCOUNT_ID", Field: "account"}
		s.Step++
		return nil
	}
	return m.chosen(s, keys)
}

// linked is the good end of an institution.
func (m *Machine) linked(s *State, list []Linked) *Work {
	s.Linked = append(s.Linked, list...)
	typed := s.Entry
	m.forget(s)
	s.Unresolved, s.Trail, s.Claimed = nil, nil, nil
	if m.updateMode() {
		s.Repaired++
		if s.Repaired < len(m.Repairs) {
			return m.repair(s)
		}
	}
	if typed != nil && typed.Method == plaid.SameDay {
		s.Entry = &Entry{Seen: typed.End(), Text: typed.Text} // the number itself is the Item's now
		m.show(s, PaneDeposited)
		return nil
	}
	m.show(s, PaneConnected)
	return nil
}

// failed is work that has not worked.
func (m *Machine) failed(s *State, w Work, r Result) {
	if r.Bank != nil {
		s.Bank = r.Bank
	}
	if r.Challenge != nil { // it is put again
		s.Challenge = r.Challenge
	}
	switch {
	case w.Kind == WorkNumbers || w.Kind == WorkCode:
		m.unsettled(s, w, r)
	case w.Kind == WorkFile:
		m.tell(s, "SUBMIT_DOCUMENTS_ERROR", "error_type", r.Err.Type, "error_code", string(r.Err.Code), "error_message", r.Err.Message)
		m.refuse(s, r.Err, 0, PaneUpload)
	case w.Kind == WorkToken || w.Kind == WorkBring && after.NewToken[r.Err.Code]:
		s.Claimed = nil
		m.refuse(s, r.Err, 0, PaneToken)
	case w.Kind == WorkComplete:
		m.tell(s, "FAIL_OAUTH", "error_type", r.Err.Type, "error_code", string(r.Err.Code), "error_message", r.Err.Message)
		m.fail(s, r.Err)
	case w.Kind == WorkLogin && after.SameForm[r.Err.Code]:
		s.Wrong++
		if s.Wrong >= mostWrong {
			m.fail(s, errorOf("ITEM_LOCKED"))
			return
		}
		m.refuse(s, r.Err, r.Remaining, PaneCredentials)
	case w.Kind == WorkAnswer && after.SameForm[r.Err.Code] && s.Challenge != nil:
		s.Wrong++
		if s.Challenge.Kind == "recaptcha" {
			m.refuse(s, r.Err, r.Remaining, PaneRecaptcha)
			return
		}
		m.refuse(s, r.Err, r.Remaining, PaneMFA)
	default:
		m.fail(s, r.Err)
	}
}

// Exhausted reports whether so much was wrong that the link token must open nothing more.
func (s *State) Exhausted() bool { return s.Wrong >= mostWrong }

// refuse shows a form again.
func (m *Machine) refuse(s *State, err *plaid.Error, remaining int, pane Pane) {
	m.tellError(s, err)
	s.Problem = &Problem{Code: err.Code, Remaining: remaining}
	mfa := ""
	if pane == PaneMFA {
		mfa = s.Challenge.Kind
	}
	m.show(s, pane, "mfa_type", mfa)
}

// fail shows an error with the ways on from it.
func (m *Machine) fail(s *State, err *plaid.Error) {
	m.tellError(s, err)
	update := m.updateMode()
	s.Failure = &Failure{Code: err.Code, Retry: (after.Again[err.Code] || update || s.Claimed != nil) && !s.Exhausted(), Other: !update && !s.Exhausted(), Manual: m.Manual && !update && !s.Exhausted(), Site: after.BankSite[err.Code]}
	s.Work, s.Problem = nil, nil
	m.show(s, PaneError)
}

// retry is the same institution once more.
func (m *Machine) retry(s *State, _ Action) *Work {
	if s.Failure == nil || !s.Failure.Retry {
		return nil
	}
	if s.Claimed != nil { // the token is spent, and what it was spent for is there
		return m.run(s, &Work{Kind: WorkBring})
	}
	if m.updateMode() {
		return m.repair(s)
	}
	if s.Institution == nil { // a phone's code was wrong too often
		return m.toInstitution(s)
	}
	return m.visit(s, s.Institution.ID)
}

// other is another institution.
func (m *Machine) other(s *State, _ Action) *Work {
	if s.Failure == nil || !s.Failure.Other {
		return nil
	}
	m.forget(s)
	s.Institution, s.Trail, s.Claimed = nil, []Pane{PaneConsent}, nil
	m.show(s, PaneInstitutions)
	return nil
}

package session

import "weft/internal/product/link/session/shown"

// ask asks whether to leave, where something would be lost; else it leaves.
func (m *Machine) ask(s *State) {
	switch s.Pane {
	case PaneEnded:
		return
	case PaneLoading: // what was begun ends first
		return
	}
	s.Leaving = s.Pane
	m.show(s, PaneExit)
}

// stay goes back to where the question was asked.
func (m *Machine) stay(s *State, _ Action) *Work {
	m.show(s, s.Leaving)
	s.Leaving = ""
	return nil
}

// leave ends the session: with success, where something was linked.
func (m *Machine) leave(s *State, a Action) *Work {
	if len(s.Linked) > 0 {
		return m.finish(s, a)
	}
	status := s.status()
	exit := &Exit{Institution: s.named(), SessionID: m.SessionID, RequestID: m.RequestID}
	metadata := []string{"exit_status", status}
	if status != "" {
		exit.Status = &status
	}
	if e := s.Unresolved; e != nil {
		metadata = append(metadata, "error_type", e.Type, "error_code", e.Code, "error_message", e.Message)
	}
	m.tell(s, "EXIT", metadata...)
	m.end(s, &Finished{Exit: exit, Error: s.Unresolved})
	return nil
}

// end is the last step. What the bank gave is not kept.
func (m *Machine) end(s *State, f *Finished) {
	m.forget(s)
	f.CompletionURI = m.CompletionURI
	s.Finished, s.Pane, s.Fields, s.Claimed = f, PaneEnded, nil, nil
	s.Phone, s.Verified, s.Saved = "", false, nil
	s.Step++
}

// finish hands over what was linked.
func (m *Machine) finish(s *State, _ Action) *Work {
	m.tell(s, "HANDOFF")
	f := &Finished{Success: &Success{Accounts: []Shared{}, SessionID: m.SessionID}}
	if last := len(s.Linked) - 1; last >= 0 && !m.Multi {
		l := s.Linked[last]
		f.PublicToken = l.PublicToken
		f.Success.Institution, f.Success.Accounts, f.Success.PublicToken = l.Institution, l.Accounts, l.PublicToken
		if len(l.Accounts) > 0 {
			f.Success.Account, f.Success.AccountID = &l.Accounts[0], &l.Accounts[0].ID
		}
	}
	m.end(s, f)
	return nil
}

// another links one more institution.
func (m *Machine) another(s *State, _ Action) *Work {
	if !m.Multi {
		return nil
	}
	m.tell(s, "CONNECT_NEW_INSTITUTION")
	s.Institution, s.Query, s.Trail = nil, "", nil
	m.show(s, PaneInstitutions)
	return nil
}

// Abandon ends a session that its person has left. It reports whether anything was to be ended.
func (m *Machine) Abandon(s *State) bool {
	if s.Finished != nil {
		return false
	}
	m.leave(s, Action{})
	return true
}

func (s *State) named() *Named {
	if s.Institution == nil {
		return nil
	}
	return &Named{Name: &s.Institution.Name, InstitutionID: &s.Institution.ID}
}

// status is what an exit from here tells: what would have come next.
func (s *State) status() string {
	pane := s.Pane
	if pane == PaneExit {
		pane = s.Leaving
	}
	switch {
	case pane == PaneMFA && s.Challenge != nil:
		return shown.ChallengeStatus(s.Challenge.Kind)
	case pane == PaneError && s.Failure != nil && s.Failure.Code == notSupported:
		return "institution_not_supported"
	case pane == PaneError && s.OAuth != nil:
		return "requires_oauth"
	case pane == PaneError && s.Institution == nil:
		return "institution_not_found"
	}
	return pane.ExitStatus()
}

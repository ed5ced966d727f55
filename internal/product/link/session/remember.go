package session

import (
	"weft/internal/plaid"
	"weft/internal/product/link/session/saved"
)

// recalled leads on a person whose phone is confirmed: to what they have saved that will do here, or to the list.
func (m *Machine) recalled(s *State, list []saved.Login) *Work {
	s.Saved = nil
	for _, login := range list {
		ins, _, found := m.Directory.Find(login.InstitutionID)
		meant := m.institution(s)
		if found && !ins.Unsupported && !plaid.Known(m.Hidden, ins.ID) && (meant == "" || meant == ins.ID) {
			s.Saved = append(s.Saved, login)
		}
	}
	switch {
	case len(s.Saved) == 0:
		return m.toInstitution(s)
	case len(s.Saved) == 1 && s.Saved[0].Auto:
		return m.pick(s, s.Saved[0], "AUTO_SELECT_SAVED_INSTITUTION")
	}
	m.onward(s, PaneSaved)
	return nil
}

// chooseSaved is the choice of a saved institution.
func (m *Machine) chooseSaved(s *State, a Action) *Work {
	for _, login := range s.Saved {
		if login.InstitutionID == a.Value("institution") {
			return m.pick(s, login, "SAVED_INSTITUTION")
		}
	}
	return nil
}

// pick takes a saved login. At a bank with a page of its own the person agrees there each time.
func (m *Machine) pick(s *State, login saved.Login, reason string) *Work {
	m.forget(s)
	ins, _, _ := m.Directory.Find(login.InstitutionID)
	s.Institution = &ins
	m.tell(s, "SELECT_INSTITUTION", "match_reason", reason)
	if ins.OAuth || ins.Health == "DOWN" {
		return m.visit(s, ins.ID)
	}
	m.rest(s)
	s.Picked = &login
	return &Work{Kind: WorkSaved}
}

// elsewhere leads from what was saved to the list.
func (m *Machine) elsewhere(s *State, _ Action) *Work {
	m.onward(s, PaneInstitutions)
	return nil
}

// pickAccounts marks the accounts that were shared before. Those that are to be taken without a question are returned.
func (m *Machine) pickAccounts(s *State) (keys []string) {
	for i := range s.Accounts {
		a := &s.Accounts[i]
		a.Checked = !a.Ineligible && s.Picked.Has(a.Key, a.Mask) && (!m.Single || len(keys) == 0)
		if a.Checked {
			keys = append(keys, a.Key)
		}
	}
	if !s.Picked.Auto {
		return nil
	}
	return keys
}

// Remembers reports whether the person is to be recognised by their phone from now on.
func (s *State) Remembers() bool { return s.Verified && s.Phone != "" }

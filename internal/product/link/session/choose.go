package session

import "strings"

// accept is consent, and a phone number where one was typed.
func (m *Machine) accept(s *State, a Action) *Work {
	phone := strings.TrimSpace(a.Value("phone"))
	if m.AsksPhone && phone != "" {
		s.Phone = phone
		m.tell(s, "SUBMIT_PHONE")
		m.onward(s, PaneOTP)
		return nil
	}
	return m.skipPhone(s, a)
}

func (m *Machine) skipPhone(s *State, _ Action) *Work {
	if m.AsksPhone {
		m.tell(s, "SKIP_SUBMIT_PHONE")
	}
	return m.toInstitution(s)
}

// phoneCode is what opens every simulated phone.
const phoneCode = "123456"

// otp checks the code that a phone was sent. Only simulated phones are sent any.
func (m *Machine) otp(s *State, a Action) *Work {
	m.tell(s, "SUBMIT_OTP")
	if a.Value("code") == phoneCode {
		m.tell(s, "VERIFY_PHONE")
		return m.toInstitution(s)
	}
	s.WrongPhone++
	if s.WrongPhone >= mostCodes {
		m.fail(s, errorOf("PROFILE_AUTHENTICATION_FAILED"))
		return nil
	}
	m.refuse(s, errorOf("INVALID_OTP"), mostCodes-s.WrongPhone, PaneOTP)
	return nil
}

// toInstitution leads to the institution that is meant, or to the list.
func (m *Machine) toInstitution(s *State) *Work {
	id := m.InstitutionID
	if m.updateMode() {
		if id = m.Repairs[s.Repaired].InstitutionID; id == "" {
			return m.confirmation(s, m.Repairs[s.Repaired])
		}
	}
	if m.Embedded && s.Institution != nil {
		id = s.Institution.ID
	}
	if id == "" && m.AuthTypeSelect {
		s.Entry = nil
		m.onward(s, PaneAuthType)
		return nil
	}
	if id == "" {
		m.onward(s, PaneInstitutions)
		return nil
	}
	return m.visit(s, id)
}

// choose is the choice of an institution from the list.
func (m *Machine) choose(s *State, a Action) *Work {
	id := a.Value("institution")
	ins, _, found := m.Directory.Find(id)
	if !found {
		return nil
	}
	s.Institution = &ins
	switch {
	case ins.Unsupported:
		m.tell(s, "SELECT_FILTERED_INSTITUTION")
	case ins.Health == "DOWN":
		m.tell(s, "SELECT_DOWN_INSTITUTION")
	case ins.Health == "DEGRADED":
		m.tell(s, "SELECT_DEGRADED_INSTITUTION")
	}
	m.tell(s, "SELECT_INSTITUTION")
	if m.Embedded && len(s.Trail) == 0 { // on the client's page; consent comes after it
		m.onward(s, PaneConsent)
		return nil
	}
	return m.visit(s, id)
}

// Code of the pane that says that an institution cannot be linked. It is no error of the API.
const notSupported = "INSTITUTION_NOT_SUPPORTED"

// visit leads to an institution's login.
func (m *Machine) visit(s *State, id string) *Work {
	m.forget(s)
	ins, fields, found := m.Directory.Find(id)
	if !found {
		m.fail(s, errorOf("INVALID_INSTITUTION"))
		return nil
	}
	s.Institution, s.Fields = &ins, fields
	switch {
	case ins.Unsupported:
		s.Failure = &Failure{Code: notSupported, Other: !m.updateMode()}
		m.show(s, PaneError)
		return nil
	case ins.Health == "DOWN":
		m.fail(s, errorOf("INSTITUTION_DOWN"))
		return nil
	case ins.Instead && !m.updateMode():
		m.enter(s, &Entry{BankName: ins.Name})
		return nil
	case ins.OAuth:
		return &Work{Kind: WorkAuthorize, Now: true}
	}
	m.onward(s, PaneCredentials)
	return nil
}

func (m *Machine) toUpload(s *State, _ Action) *Work {
	if len(m.Files) > 0 {
		m.onward(s, PaneUpload)
	}
	return nil
}

func (m *Machine) upload(s *State, a Action) *Work {
	m.tell(s, "SUBMIT_DOCUMENTS")
	return &Work{Kind: WorkFile, File: a.File, Values: map[string][]string{"file": {a.Value("file")}}, Now: true}
}

func (m *Machine) toToken(s *State, _ Action) *Work {
	if m.Tokens {
		m.onward(s, PaneToken)
	}
	return nil
}

func (m *Machine) token(s *State, a Action) *Work {
	m.tell(s, "SUBMIT_CREDENTIALS")
	return &Work{Kind: WorkToken, Values: map[string][]string{"token": {strings.TrimSpace(a.Value("token"))}}}
}

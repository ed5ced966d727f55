package session

import (
	"strings"

	"weft/internal/product/link/session/saved"
)

// accept is consent, and a phone number where one was typed.
func (m *Machine) accept(s *State, a Action) *Work {
	phone := strings.TrimSpace(a.Value("phone"))
	if m.AsksPhone && phone != "" {
		number, ok := saved.PhoneOf(phone, m.Countries)
		if !ok {
			s.Problem = &Problem{Code: "INVALID_PHONE_NUMBER", Field: "phone"}
			s.Step++
			return nil
		}
		s.Phone, s.Verified, s.Saved = number, false, nil
		m.tell(s, "SUBMIT_PHONE")
		m.onward(s, PaneOTP)
		return nil
	}
	return m.skipPhone(s, a)
}

func (m *Machine) skipPhone(s *State, _ Action) *Work {
	if m.AsksPhone {
		m.tell(s, "SKIP_SUBMIT_PHONE")
		s.Phone, s.Verified, s.Saved = "", false, nil
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
		s.Verified = true
		return &Work{Kind: WorkRecall, Now: true}
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
	if m.updateMode() {
		return m.repair(s)
	}
	if id := m.institution(s); id != "" {
		return m.visit(s, id)
	}
	if m.Embedded && s.Entry != nil { // the tile of account numbers on the client's page
		m.enter(s, s.Entry)
		return nil
	}
	if m.AuthTypeSelect {
		s.Entry = nil
		m.onward(s, PaneAuthType)
		return nil
	}
	m.onward(s, PaneInstitutions)
	return nil
}

// institution is the institution that is meant from the start, empty for none.
func (m *Machine) institution(s *State) string {
	if m.Embedded && s.Institution != nil {
		return s.Institution.ID
	}
	return m.InstitutionID
}

// repair leads to the login of the Item of update mode that comes next, or to where its data comes from.
func (m *Machine) repair(s *State) *Work {
	r := m.Repairs[s.Repaired]
	if r.InstitutionID == "" {
		return m.confirmation(s, r)
	}
	pane, own := map[string]Pane{SourceFile: PaneUpload, SourceToken: PaneToken}[r.Source]
	if !own {
		return m.visit(s, r.InstitutionID)
	}
	m.forget(s)
	s.Institution = &Institution{ID: r.InstitutionID, Name: r.Name, Health: "HEALTHY"}
	m.onward(s, pane)
	return nil
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
	if id == m.Matched {
		m.tell(s, "MATCHED_SELECT_INSTITUTION", "match_reason", "routing_number", "routing_number", m.RoutingNumber)
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
		s.Failure = &Failure{Code: notSupported, Other: !m.updateMode(), Manual: m.Manual && !m.updateMode()}
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

// refresh asks again with what an Item has: its server may be well again.
func (m *Machine) refresh(s *State, _ Action) *Work {
	if !m.updateMode() {
		return nil
	}
	s.Claimed = nil
	return &Work{Kind: WorkBring}
}

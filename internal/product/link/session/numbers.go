package session

import (
	"slices"
	"strings"

	"weft/internal/plaid"
	"weft/internal/product/link/session/after"
	"weft/internal/product/link/session/entry"
)

// What a person types of an account.
type (
	Entry   = entry.Entry
	Settled = entry.Settled
)

// typed reports whether a pane is one of those on which numbers are typed.
func typed(p Pane) bool {
	return slices.Contains([]Pane{PaneRouting, PaneNumber, PaneHolder, PaneAuthorize}, p)
}

// offersManual reports whether numbers can be typed from here. Who leaves is offered them where their bank has failed.
func (m *Machine) offersManual(s *State) bool {
	switch s.Pane {
	case PaneError:
		return s.Failure.Manual
	case PaneExit:
		failed := s.Unresolved != nil || s.Failure != nil
		return failed && s.Institution != nil && s.Entry == nil && m.Manual && !m.updateMode() && !s.Exhausted()
	}
	return m.Manual && !m.updateMode()
}

// manually begins to type numbers in place of a login.
func (m *Machine) manually(s *State, _ Action) *Work {
	if !m.offersManual(s) {
		return nil
	}
	if m.Embedded && len(s.Trail) == 0 { // on the client's page; consent comes after it
		s.Entry = &Entry{}
		m.onward(s, PaneConsent)
		return nil
	}
	if s.Pane == PaneAuthType {
		m.tell(s, "SELECT_AUTH_TYPE", "selection", "flow_type_manual")
		if s.Entry != nil { // the routing number was that of a bank; it is not wanted
			s.Institution = nil
			m.show(s, PaneNumber)
			return nil
		}
	}
	m.forget(s)
	s.Institution, s.Leaving = nil, ""
	m.enter(s, &Entry{})
	return nil
}

// instantly is a login in place of numbers.
func (m *Machine) instantly(s *State, _ Action) *Work {
	m.tell(s, "SELECT_AUTH_TYPE", "selection", "flow_type_instant")
	if s.Institution != nil {
		return m.visit(s, s.Institution.ID)
	}
	m.onward(s, PaneInstitutions)
	return nil
}

// enter leads to the first pane of numbers.
func (m *Machine) enter(s *State, e *Entry) {
	s.Entry = e
	s.Trail = slices.DeleteFunc(s.Trail, typed) // what was typed before is gone
	m.onward(s, PaneRouting)
}

// beside reports whether the numbers of a login's accounts have to be typed: the bank does not give them.
func (m *Machine) beside(s *State) bool {
	return !m.updateMode() && s.Institution != nil && len(s.Institution.Beside) > 0
}

// single reports whether exactly one account can be chosen.
func (m *Machine) single(s *State) bool { return m.Single || m.beside(s) }

// chosen goes on with the chosen accounts: their numbers are typed, or all is there.
func (m *Machine) chosen(s *State, keys []string) *Work {
	at := slices.IndexFunc(s.Accounts, func(a Account) bool { return a.Key == keys[0] })
	if m.beside(s) && s.Accounts[at].Numbered {
		m.enter(s, &Entry{Key: keys[0], Seen: s.Accounts[at].Mask})
		return nil
	}
	return &Work{Kind: WorkLink, Values: map[string][]string{"account": keys}}
}

// wrong shows a form again in which a field is wrong.
func (m *Machine) wrong(s *State, code plaid.Code, field string) *Work {
	s.Problem = &Problem{Code: code, Field: field}
	s.Step++
	return nil
}

// routing takes the routing number. Where it is that of a bank at which one can log in, that may be offered or wanted instead.
func (m *Machine) routing(s *State, a Action) *Work {
	if !s.Entry.TakeRouting(a.Value("routing")) {
		return m.wrong(s, "INVALID_FIELD", "routing")
	}
	number := s.Entry.Routing
	m.tell(s, "SUBMIT_ROUTING_NUMBER", "routing_number", number)
	ins, found := m.Directory.ByRouting(number)
	s.Entry.BankName = ins.Name
	if found && s.Entry.Key == "" && s.Institution == nil && m.Reroute != "OFF" && ins.Login {
		s.Institution = &ins
		m.tell(s, "MATCHED_SELECT_INSTITUTION", "match_reason", "routing_number", "routing_number", number)
		if m.Reroute == "FORCED" {
			return m.visit(s, ins.ID)
		}
		m.onward(s, PaneAuthType)
		return nil
	}
	m.onward(s, PaneNumber)
	return nil
}

// number takes the account number, typed twice.
func (m *Machine) number(s *State, a Action) *Work {
	if field := s.Entry.TakeNumber(a.Value("account"), a.Value("account_again")); field != "" {
		return m.wrong(s, "INVALID_FIELD", field)
	}
	m.tell(s, "SUBMIT_ACCOUNT_NUMBER", "account_number_mask", s.Entry.Mask())
	if s.Entry.Key != "" { // the login has said whose it is
		return &Work{Kind: WorkNumbers, Now: true}
	}
	m.onward(s, PaneHolder)
	return nil
}

// holder takes whose account it is.
func (m *Machine) holder(s *State, a Action) *Work {
	if field := s.Entry.TakeHolder(a.Value("name"), a.Value("type")); field != "" {
		return m.wrong(s, "INVALID_FIELD", field)
	}
	return &Work{Kind: WorkNumbers, Now: true}
}

// settled goes on with numbers that were looked at.
func (m *Machine) settled(s *State, r Settled) *Work {
	s.Entry.Method, s.Entry.Text = r.Method, r.Text
	if s.Entry.Deposit() {
		m.onward(s, PaneAuthorize)
		return nil
	}
	return m.run(s, m.entered(s))
}

// entered is the work that makes an Item of what was typed.
func (m *Machine) entered(s *State) *Work {
	w := &Work{Kind: WorkLink}
	if s.Entry.Key != "" {
		w.Values = map[string][]string{"account": {s.Entry.Key}}
	}
	return w
}

// authorize is the person's leave to make a deposit. One that arrives at once is confirmed at once.
func (m *Machine) authorize(s *State, _ Action) *Work {
	if s.Entry.Method == plaid.InstantDeposit {
		m.onward(s, PaneDepositCode, "view_name", InstantView)
		return nil
	}
	return m.entered(s)
}

// InstantView is the view_name of the pane on which the code of a deposit is asked for that arrives at once.
const InstantView = "INSTANT_MICRODEPOSIT_AUTHORIZED"

// deposited goes on where a deposit is on its way.
func (m *Machine) deposited(s *State, a Action) *Work {
	if m.Multi {
		m.show(s, PaneConnected)
		return nil
	}
	return m.finish(s, a)
}

// confirmation asks for the code of a deposit that was made for an Item, where it can still be brought.
func (m *Machine) confirmation(s *State, r Repair) *Work {
	switch r.Verification {
	case plaid.PendingManual:
		m.onward(s, PaneDepositCode)
	case plaid.VerificationFailed:
		m.unconfirmed(s, errorOf("TOO_MANY_VERIFICATION_ATTEMPTS"))
	default: // there is no login that could be renewed
		m.unconfirmed(s, errorOf("ITEM_NOT_SUPPORTED"))
	}
	return nil
}

// unconfirmed is the end of all tries.
func (m *Machine) unconfirmed(s *State, err *plaid.Error) {
	m.fail(s, err)
	s.Failure.Retry = false
}

// code takes the code of a deposit.
func (m *Machine) code(s *State, a Action) *Work {
	code := strings.TrimSpace(a.Value("code"))
	if code == "" {
		return m.wrong(s, "MISSING_FIELDS", "code")
	}
	return &Work{Kind: WorkCode, Values: map[string][]string{"code": {code}}, Now: true}
}

// unsettled is work on numbers that has not worked.
func (m *Machine) unsettled(s *State, w Work, r Result) {
	switch {
	case w.Kind == WorkNumbers && sameNumber[r.Err.Code]:
		s.Wrong++
		if s.Exhausted() {
			m.fail(s, errorOf("ITEM_LOCKED"))
			return
		}
		m.refuse(s, r.Err, 0, PaneNumber)
	case w.Kind == WorkCode && r.Err.Code == wrongCode:
		remaining := r.Remaining
		if s.Entry != nil { // the deposit is this session's
			s.Entry.Wrong++
			remaining = mostCodes - s.Entry.Wrong
		}
		if remaining <= 0 {
			m.unconfirmed(s, errorOf("TOO_MANY_VERIFICATION_ATTEMPTS"))
			return
		}
		m.refuse(s, plaid.Errf(wrongCode, "the code is not that of the deposit; %d attempts remaining", remaining), remaining, PaneDepositCode)
	case w.Kind == WorkCode && !after.Again[r.Err.Code]:
		m.unconfirmed(s, r.Err)
	default:
		m.fail(s, r.Err)
	}
}

const wrongCode = plaid.Code("INCORRECT_DEPOSIT_VERIFICATION")

// sameNumber are the errors after which the account number is asked for again.
var sameNumber = map[plaid.Code]bool{"INVALID_ACCOUNT_NUMBER": true, "INSTANT_MATCH_FAILED": true}

// backNumber leads back among the panes of numbers, and keeps what was typed and the login beside which it was.
func (m *Machine) backNumber(s *State, a Action) *Work {
	last := len(s.Trail) - 1
	if last < 0 || !typed(s.Trail[last]) && (s.Trail[last] != PaneAccounts) {
		return m.back(s, a)
	}
	to := s.Trail[last]
	s.Trail, s.Problem = s.Trail[:last], nil
	switch {
	case to == PaneAccounts:
		s.Entry = nil
	case s.Pane == PaneAuthType: // a bank was offered, and is not any more
		s.Institution = nil
	}
	if s.Entry == nil && to != PaneAccounts { // the person has been at the bank's login meanwhile
		s.Entry = &Entry{}
	}
	m.show(s, to)
	return nil
}

// numbersView is what the panes of numbers show.
func (m *Machine) numbersView(s *State) *Numbers {
	if s.Pane == PaneDepositCode && s.Entry == nil {
		return &Numbers{Mask: m.Repairs[s.Repaired].Mask}
	}
	if s.Entry == nil {
		return &Numbers{}
	}
	return &Numbers{BankName: s.Entry.BankName, Mask: s.Entry.End(), Text: s.Entry.Text, Automatic: s.Entry.Method == plaid.Automated}
}

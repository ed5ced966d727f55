package session

import (
	"weft/internal/product/link/session/saved"
	"weft/internal/product/link/session/shown"
)

// View is what a state shows.
func (m *Machine) View(s *State) View {
	v := View{
		Pane: s.Pane, SessionID: m.SessionID, Step: s.Step, Language: m.Language, Theme: m.Theme, ClientName: m.ClientName,
		Environment: m.Environment, UpdateMode: m.updateMode(), Institution: s.Institution, Problem: s.Problem,
		Progress: s.Pane.Progress(),
	}
	_, back := acts[s.Pane][ActBack]
	v.CanGoBack = back && len(s.Trail) > 0
	switch s.Pane {
	case PaneConsent:
		v.Consent = &Consent{Scopes: m.Scopes, UseCases: m.UseCases, AsksPhone: m.AsksPhone, Phone: m.Phone}
	case PaneOTP:
		v.Phone = &Phone{Number: saved.Masked(s.Phone)}
	case PaneSaved:
		v.Institutions = &Institutions{List: m.saved(s)}
	case PaneInstitutions:
		v.Institutions = &Institutions{Query: s.Query, List: m.Directory.Search(s.Query), Files: len(m.Files) > 0, Tokens: m.Tokens, Manual: m.Manual}
	case PaneCredentials:
		v.Credentials = &Credentials{Fields: s.Fields}
	case PaneMFA:
		v.MFA = s.Challenge
	case PaneOAuth:
		v.OAuth = &OAuth{URL: s.OAuth.URL, Redirect: m.Redirect, Scopes: m.Scopes, Opened: s.OAuth.Opened}
	case PaneAccounts:
		v.Accounts = &Accounts{Single: m.single(s), List: s.Accounts, Scopes: m.Scopes}
	case PaneUpload:
		v.Upload = &Upload{Accept: m.Files}
	case PaneConnected:
		v.Connected = &Connected{More: m.Multi, Linked: len(s.Linked)}
		if n := len(s.Linked); n > 0 {
			for _, a := range s.Linked[n-1].Accounts {
				v.Connected.Accounts = append(v.Connected.Accounts, a.Account())
			}
		}
	case PaneAuthType, PaneRouting, PaneNumber, PaneHolder, PaneAuthorize, PaneDeposited, PaneDepositCode:
		v.Numbers = m.numbersView(s)
	case PaneError:
		v.Failure = s.Failure
	case PaneExit:
		v.Failure = &Failure{Manual: m.offersManual(s)}
	}
	return v
}

// saved are the institutions that a person has linked before.
func (m *Machine) saved(s *State) (list []Institution) {
	for _, login := range s.Saved {
		if ins, _, found := m.Directory.Find(login.InstitutionID); found {
			list = append(list, ins)
		}
	}
	return list
}

// KnownView reports whether a name is that of a pane.
func KnownView(name string) bool { return shown.KnownView(name) || name == InstantView }

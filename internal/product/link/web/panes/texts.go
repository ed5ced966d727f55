package panes

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"weft/internal/product/link/session"
	"weft/internal/product/link/web/words"
)

// UseCases are the words for what data is used for. Others are shown as they are.
var UseCases = []string{"verify_account", "move_money", "manage_finances", "taxes", "invest", "borrow", "business", "prevent_fraud"}

// ProblemText says what was wrong with the last action: in the pane's own words, else in those of the code.
func (p page) ProblemText() string {
	if p.Problem == nil {
		return ""
	}
	code := string(p.Problem.Code)
	text := p.first([]string{"problem." + string(p.Pane) + "." + code, "problem." + code, "error." + code + ".text", "problem.default"})
	if p.Problem.Remaining > 0 {
		text += " " + p.N("problem.left", p.Problem.Remaining)
	}
	return text
}

// first is the first text that there is.
func (p page) first(keys []string) string {
	for _, key := range keys {
		if p.book.Has(key) {
			return p.T(key, "institution", p.Bank(), "client", p.ClientName)
		}
	}
	return ""
}

func (p page) failureKey() string {
	if p.Failure != nil {
		if key := "error." + string(p.Failure.Code); p.book.Has(key + ".title") {
			return key
		}
	}
	return "error.default"
}

// FailureText says why it has failed.
func (p page) FailureText() string {
	return p.T(p.failureKey()+".text", "institution", p.Bank(), "client", p.ClientName)
}

// way is one way on: an action, or a bank's website. Icon and Hint are those of ways in a list.
type way struct{ ID, Action, Site, Text, Hint, Icon string }

// Elsewhere are the ways to connect apart from the list of institutions.
func (p page) Elsewhere() []way {
	var ways []way
	add := func(wanted bool, id, action, icon, key string) {
		if wanted {
			ways = append(ways, way{ID: id, Action: action, Icon: icon, Text: p.T(key), Hint: p.T(key + "_hint")})
		}
	}
	if p.Pane == session.PaneAuthType {
		add(true, "flow-type-instant", session.ActInstant, "bank", "auth_type.instant")
		add(true, "flow-type-manual", session.ActManual, "number", "auth_type.manual")
		return ways
	}
	add(p.Institutions.Manual, "aut-manual", session.ActManual, "number", "institutions.manual")
	add(p.Institutions.Files, "aut-files", session.ActUpload, "file", "institutions.files")
	add(p.Institutions.Tokens, "aut-tokens", session.ActToken, "key", "institutions.tokens")
	return ways
}

// Quiet: the first way is the one that is suggested.
func (w way) Quiet() bool { return w.ID != "aut-button" }

// Ways are the ways on from a failure, the best first.
func (p page) Ways() []way {
	var ways []way
	add := func(wanted bool, w way) {
		if wanted {
			ways = append(ways, w)
		}
	}
	f := p.Failure
	if f == nil {
		f = &session.Failure{}
	}
	add(f.Site && p.Site() != "", way{Site: p.Site(), Text: p.T("error.site", "institution", p.Bank())})
	add(f.Retry, way{Action: session.ActRetry, Text: p.T("error.retry")})
	add(f.Other, way{Action: session.ActOther, Text: p.T("error.other")})
	add(f.Manual, way{Action: session.ActManual, Text: p.T("error.manual")})
	add(len(ways) == 0, way{Action: session.ActExit, Text: p.T("error.exit")})
	for i, id := range []string{"aut-button", "aut-secondary-button", "aut-third-button", "aut-fourth-button"} {
		if i < len(ways) {
			ways[i].ID = id
		}
	}
	return ways
}

// Site is the institution's website, empty where it has none that a browser could open.
func (p page) Site() string {
	if p.Institution == nil {
		return ""
	}
	return p.WebURL(p.Institution.URL)
}

// WebURL is an address if it is one of the web, else empty.
func (p page) WebURL(address string) string {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
		return ""
	}
	return u.String()
}

// Host is the host of an address, as people know it.
func (p page) Host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(words.Clean(u.Host), "www.")
}

// Degraded: the institution has trouble.
func (p page) Degraded() bool { return p.Institution != nil && p.Institution.Health == "DEGRADED" }

// Scope is a kind of data in words.
func (p page) Scope(scope string) string { return p.worded("scope.", scope) }

// UseCase is a purpose in words.
func (p page) UseCase(use string) string { return p.worded("use.", use) }

// worded is a word's text, else the word itself as well as it can be read.
func (p page) worded(prefix, word string) string {
	if p.book.Has(prefix + word) {
		return p.T(prefix + word)
	}
	return capital(words.Clean(strings.ReplaceAll(word, "_", " ")))
}

func capital(text string) string {
	r, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(r)) + text[size:]
}

// UseCases are those that the person is told.
func (p page) UseCases() []string {
	if p.Consent == nil {
		return nil
	}
	return p.Consent.UseCases
}

// longestShort is the length to which a subtype without a text is an abbreviation, such as rrsp.
const longestShort = 4

// Subtype is an account's kind in words.
func (p page) Subtype(a session.Account) string {
	switch {
	case p.book.Has("subtype." + a.Subtype):
		return p.T("subtype." + a.Subtype)
	case a.Subtype == "" && p.book.Has("type."+a.Type):
		return p.T("type." + a.Type)
	case len(a.Subtype) <= longestShort && strings.Trim(a.Subtype, "0123456789abcdefghijklmnopqrstuvwxyz") == "" && a.Subtype != "":
		return strings.ToUpper(a.Subtype)
	}
	return capital(words.Clean(a.Subtype))
}

// Found says how many institutions there are, for those who cannot see the list.
func (p page) Found() string {
	if n := len(p.Institutions.List); n > 0 {
		return p.N("institutions.found", n)
	}
	if p.Institutions.Query != "" {
		return p.T("institutions.none", "query", p.Institutions.Query)
	}
	return ""
}

// MFALead says why a bank asks.
func (p page) MFALead() string {
	switch {
	case p.MFA.Kind == "code" && p.MFA.Destination != "":
		return p.T("mfa.lead_code", "institution", p.Bank(), "destination", p.MFA.Destination)
	case p.MFA.Kind == "code":
		return p.T("mfa.lead_code_any", "institution", p.Bank())
	case p.MFA.Kind == "device":
		return p.T("mfa.lead_device", "institution", p.Bank())
	}
	return p.T("mfa.lead_questions", "institution", p.Bank())
}

// NumbersLead says what is to be typed, with the bank or the account where they are known.
func (p page) NumbersLead() string {
	n := p.Numbers
	if n == nil {
		n = &session.Numbers{}
	}
	switch p.Pane {
	case session.PaneNumber:
		if n.BankName != "" {
			return p.T("number.lead_bank", "bank", n.BankName)
		}
	case session.PaneAuthorize, session.PaneDepositCode:
		if n.Automatic {
			return p.T("authorize.lead_automatic", "mask", n.Mask)
		}
		if n.Mask == "" {
			return p.T(p.Key("lead_any"))
		}
		return p.T(p.Key("lead"), "mask", n.Mask)
	}
	return p.T(p.Key("lead"))
}

// leastForAll is how many accounts there are before all can be chosen at once.
const leastForAll = 3

// OffersAll: all accounts can be chosen at once.
func (p page) OffersAll() bool {
	free := 0
	for _, a := range p.Accounts.List {
		if !a.Ineligible {
			free++
		}
	}
	return !p.Accounts.Single && free >= leastForAll
}

// AllChosen: all accounts that can be chosen are.
func (p page) AllChosen() bool {
	for _, a := range p.Accounts.List {
		if !a.Ineligible && !a.Checked {
			return false
		}
	}
	return true
}

// AcceptList is the names that a file may end with, for the browser.
func (p page) AcceptList() string { return strings.Join(p.accepted(), ",") }

// AcceptKinds is the same for people.
func (p page) AcceptKinds() string {
	kinds := p.accepted()
	for i := range kinds {
		kinds[i] = strings.ToUpper(strings.TrimPrefix(kinds[i], "."))
	}
	return strings.Join(kinds, ", ")
}

func (p page) accepted() []string {
	if p.Upload == nil {
		return nil
	}
	var list []string
	for _, ending := range p.Upload.Accept {
		list = append(list, "."+strings.TrimPrefix(words.Clean(ending), "."))
	}
	return list
}

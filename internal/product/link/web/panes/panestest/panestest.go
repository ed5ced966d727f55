// Package panestest has a view of each pane, in the states that people get to see, for tests and for the gallery.
package panestest

import (
	"weft/internal/plaid"
	"weft/internal/product/link/session"
)

// Case is a view with a name.
type Case struct {
	Name string
	View session.View
}

// Bank is an institution that most cases are at.
func Bank() *session.Institution {
	return &session.Institution{ID: "ins_109508", Name: "First Platypus Bank", URL: "https://www.platypus.example", Color: "#1f6feb", Health: "HEALTHY"}
}

func view(pane session.Pane, progress int, change func(*session.View)) session.View {
	v := session.View{
		Pane: pane, SessionID: "8a8f4d5c-2b1e-4f0e-9d51-5a3a6f6f0d11", Step: 7, Language: "en", Theme: "system", ClientName: "Wonderwallet",
		Environment: plaid.Sandbox, CanGoBack: true, Progress: progress, Institution: Bank(),
	}
	if change != nil {
		change(&v)
	}
	return v
}

// Scopes are those of a client that asks for a lot.
var Scopes = []string{"account_balance_info", "contact_info", "account_routing_number", "transactions", "investments"}

// All are the cases.
func All() []Case {
	var all []Case
	for _, part := range [][]Case{openings(), lists(), logins(), shares(), numbers(), ends()} {
		all = append(all, part...)
	}
	return all
}

func openings() []Case {
	consent := func(update, phone bool) func(*session.View) {
		return func(v *session.View) {
			v.CanGoBack, v.UpdateMode = false, update
			if !update {
				v.Institution = nil
			}
			v.Consent = &session.Consent{Scopes: Scopes, UseCases: []string{"manage_finances", "taxes"}, AsksPhone: phone}
		}
	}
	return []Case{
		{"consent", view(session.PaneConsent, 5, consent(false, false))},
		{"consent-phone", view(session.PaneConsent, 5, consent(false, true))},
		{"consent-update", view(session.PaneConsent, 5, consent(true, false))},
		{"phone", view(session.PanePhone, 10, func(v *session.View) { v.Institution, v.Phone = nil, &session.Phone{} })},
		{"otp", view(session.PaneOTP, 15, func(v *session.View) {
			v.Institution, v.Phone = nil, &session.Phone{Number: "•••-•••-0011"}
			v.Problem = &session.Problem{Code: "INVALID_OTP", Remaining: 2, Field: "code"}
		})},
		{"saved", view(session.PaneSaved, 20, func(v *session.View) {
			v.Institution, v.Institutions = nil, &session.Institutions{List: Banks()[:2]}
		})},
	}
}

// Banks are institutions of all kinds.
func Banks() []session.Institution {
	return []session.Institution{
		*Bank(),
		{ID: "ins_109509", Name: "First Gingham Credit Union", URL: "https://www.gingham.example", Color: "#2f7d32", Health: "HEALTHY"},
		{ID: "ins_109511", Name: "Tartan Bank", URL: "https://www.tartan.example", Matched: true, Color: "#b3261e", Health: "HEALTHY"},
		{ID: "ins_109512", Name: "Houndstooth Bank", URL: "https://houndstooth.example", Color: "#333333", Health: "HEALTHY"},
		{ID: "ins_132363", Name: "Unhealthy Platypus Bank - Degraded", URL: "https://unhealthy.example", Color: "#e09f3e", Health: "DEGRADED"},
		{ID: "ins_132361", Name: "Unhealthy Platypus Bank - Down", URL: "https://down.example", Color: "#7a3e9d", Health: "DOWN"},
		{ID: "ins_133402", Name: "Unsupported Platypus Bank", Health: "HEALTHY", Unsupported: true},
		{ID: "ins_1000", Name: "Sparkassenverband der Vereinigten Landesbausparkassen Niedersachsen-Schleswig-Holstein", URL: "https://www.sehr-lange-adresse-einer-landesbausparkasse.example", Color: "#c2185b", Health: "HEALTHY"},
		{ID: "ins_127287", Name: "Platypus OAuth Bank", URL: "https://oauth.example", Color: "#00838f", Health: "HEALTHY", OAuth: true},
		{ID: "ins_43", Name: "Tartan-Dominion Bank of Canada", URL: "https://dominion.example", Health: "HEALTHY"},
	}
}

func lists() []Case {
	list := func(query string, banks []session.Institution, ways bool) func(*session.View) {
		return func(v *session.View) {
			v.Institution, v.Institutions = nil, &session.Institutions{Query: query, List: banks, Manual: ways, Files: ways, Tokens: ways}
		}
	}
	return []Case{
		{"institutions", view(session.PaneInstitutions, 25, list("", Banks(), true))},
		{"institutions-none", view(session.PaneInstitutions, 25, list("bank of nowhere", nil, true))},
		{"institutions-empty", view(session.PaneInstitutions, 25, list("", nil, false))},
	}
}

func logins() []Case {
	login := &session.Credentials{Fields: []session.Field{
		{Name: "username", Label: "username", Kind: "text", Autocomplete: "username"},
		{Name: "password", Label: "password", Kind: "password", Autocomplete: "current-password"},
	}}
	mfa := func(problem *session.Problem, mfa session.MFA) func(*session.View) {
		return func(v *session.View) { v.MFA, v.Problem = &mfa, problem }
	}
	oauth := func(opened, redirect bool) func(*session.View) {
		return func(v *session.View) {
			v.OAuth = &session.OAuth{URL: "https://bank.example/authorize?state=abc", Opened: opened, Redirect: redirect, Scopes: Scopes[:2]}
		}
	}
	wrong := &session.Problem{Code: "INVALID_MFA"}
	return []Case{
		{"credentials", view(session.PaneCredentials, 40, func(v *session.View) { v.Credentials = login })},
		{"credentials-wrong", view(session.PaneCredentials, 40, func(v *session.View) {
			v.Credentials, v.Problem, v.Institution.Health = login, &session.Problem{Code: "INVALID_CREDENTIALS"}, "DEGRADED"
		})},
		{"credentials-own", view(session.PaneCredentials, 40, func(v *session.View) {
			v.Credentials = &session.Credentials{Fields: []session.Field{
				{Name: "query_id", Label: "Flex query id", Verbatim: true, Kind: "text"}, {Name: "token", Label: "token", Kind: "password"},
				{Name: "pin", Label: "pin", Kind: "code", Optional: true},
			}}
		})},
		{"mfa-device", view(session.PaneMFA, 55, mfa(nil, session.MFA{Kind: "device", Devices: []session.Choice{{Value: "0", Text: "Text message to •••-•••-5309"}, {Value: "1", Text: "Email to w•••••@example.com"}}}))},
		{"mfa-code", view(session.PaneMFA, 55, mfa(nil, session.MFA{Kind: "code", Destination: "•••-•••-5309"}))},
		{"mfa-questions", view(session.PaneMFA, 55, mfa(wrong, session.MFA{Kind: "questions", Questions: []session.Question{{Text: "What was the name of your first pet?"}, {Text: "In which town were you born?"}}}))},
		{"mfa-selections", view(session.PaneMFA, 55, mfa(nil, session.MFA{Kind: "selections", Questions: []session.Question{
			{Text: "Which of these streets have you lived in?", Answers: []session.Choice{{Value: "a", Text: "Elm Street"}, {Value: "b", Text: "Main Street"}, {Value: "c", Text: "None of them"}}},
		}}))},
		{"recaptcha", view(session.PaneRecaptcha, 50, nil)},
		{"oauth", view(session.PaneOAuth, 40, oauth(false, false))},
		{"oauth-redirect", view(session.PaneOAuth, 40, oauth(false, true))},
		{"oauth-waiting", view(session.PaneOAuth, 50, oauth(true, false))},
		{"loading", view(session.PaneLoading, 65, func(v *session.View) { v.CanGoBack = false })},
	}
}

// Accounts are those of the simulated person who has one of each kind.
func Accounts() []session.Account {
	return []session.Account{
		{Key: "0", Name: "Plaid Checking", Mask: "0000", Type: "depository", Subtype: "checking", Balance: "110.00", Currency: "USD", Checked: true},
		{Key: "1", Name: "Plaid Saving", Mask: "1111", Type: "depository", Subtype: "savings", Balance: "210.00", Currency: "USD", Checked: true},
		{Key: "2", Name: "Plaid CD", Mask: "2222", Type: "depository", Subtype: "cd", Balance: "1000.00", Currency: "USD"},
		{Key: "3", Name: "Plaid Credit Card", Mask: "3333", Type: "credit", Subtype: "credit card", Balance: "-410.00", Currency: "USD"},
		{Key: "4", Name: "Plaid Money Market", Mask: "4444", Type: "depository", Subtype: "money market", Balance: "43200.00", Currency: "USD"},
		{Key: "5", Name: "Plaid IRA", Mask: "5555", Type: "investment", Subtype: "ira", Balance: "320.76", Currency: "USD"},
		{Key: "6", Name: "Plaid 401k", Mask: "6666", Type: "investment", Subtype: "401k", Balance: "23631.9805", Currency: "USD"},
		{Key: "7", Name: "Plaid Student Loan", Mask: "7777", Type: "loan", Subtype: "student", Balance: "65262.00", Currency: "USD"},
		{Key: "8", Name: "Plaid Mortgage", Mask: "8888", Type: "loan", Subtype: "mortgage", Balance: "56302.06", Currency: "USD", Ineligible: true},
		{Key: "9", Name: "Plaid HSA", Mask: "9001", Type: "depository", Subtype: "hsa", Balance: "6009.00", Currency: "USD"},
		{Key: "10", Name: "Plaid Cash Management", Mask: "9002", Type: "depository", Subtype: "cash management", Balance: "12060.00", Currency: "USD"},
		{Key: "11", Name: "Gemeinschaftskonto der Eheleute Donaudampfschifffahrtsgesellschaftskapitän", Mask: "9003", Type: "depository", Subtype: "checking", Balance: "1234567890.12", Currency: "EUR"},
		{Key: "12", Name: "Bitcoin wallet", Type: "investment", Subtype: "crypto exchange", Balance: "0.53120001", Currency: "BTC"},
		{Key: "13", Name: "Registered savings", Mask: "9004", Type: "investment", Subtype: "rrsp"},
	}
}

func shares() []Case {
	share := func(single bool, problem *session.Problem, list []session.Account) func(*session.View) {
		return func(v *session.View) {
			v.Accounts, v.Problem = &session.Accounts{Single: single, List: list, Scopes: Scopes}, problem
		}
	}
	return []Case{
		{"accounts", view(session.PaneAccounts, 75, share(false, nil, Accounts()))},
		{"accounts-single", view(session.PaneAccounts, 75, share(true, &session.Problem{Code: "INVALID_FIELD", Field: "account"}, Accounts()[:2]))},
		{"accounts-none", view(session.PaneAccounts, 75, share(false, nil, nil))},
		{"upload", view(session.PaneUpload, 50, func(v *session.View) {
			v.Institution, v.Upload = nil, &session.Upload{Accept: []string{".ofx", ".qfx"}}
		})},
		{"upload-wrong", view(session.PaneUpload, 50, func(v *session.View) {
			v.Institution, v.Upload, v.Problem = nil, &session.Upload{Accept: []string{"ofx"}}, &session.Problem{Code: "INVALID_FIELD", Field: "file"}
		})},
		{"upload-update", view(session.PaneUpload, 50, func(v *session.View) {
			v.UpdateMode, v.Upload, v.Problem = true, &session.Upload{Accept: []string{".ofx", ".qfx"}}, &session.Problem{Code: "INVALID_UPDATED_USERNAME"}
		})},
		{"token", view(session.PaneToken, 50, func(v *session.View) { v.Institution = nil })},
		{"token-update", view(session.PaneToken, 50, func(v *session.View) {
			v.UpdateMode, v.Problem = true, &session.Problem{Code: "ITEM_LOGIN_REQUIRED"}
		})},
	}
}

func numbers() []Case {
	typed := func(n session.Numbers) func(*session.View) {
		return func(v *session.View) { v.Institution, v.Numbers = nil, &n }
	}
	return []Case{
		{"auth_type", view(session.PaneAuthType, 30, typed(session.Numbers{}))},
		{"routing", view(session.PaneRouting, 45, func(v *session.View) {
			v.Institution, v.Problem = nil, &session.Problem{Code: "INVALID_FIELD", Field: "routing"}
		})},
		{"number", view(session.PaneNumber, 55, typed(session.Numbers{BankName: "First Platypus Bank"}))},
		{"holder", view(session.PaneHolder, 65, typed(session.Numbers{BankName: "First Platypus Bank", Mask: "0000"}))},
		{"authorize", view(session.PaneAuthorize, 80, typed(session.Numbers{Mask: "0000"}))},
		{"authorize-automatic", view(session.PaneAuthorize, 80, typed(session.Numbers{Mask: "0000", Automatic: true}))},
		{"deposited", view(session.PaneDeposited, 95, typed(session.Numbers{Mask: "0000", Text: "#ABC WONDERWALLE ACCTVERIFY"}))},
		{"deposit_code", view(session.PaneDepositCode, 60, func(v *session.View) {
			v.Institution, v.Numbers, v.Problem = nil, &session.Numbers{Mask: "0000"}, &session.Problem{Code: "INCORRECT_DEPOSIT_VERIFICATION", Remaining: 1, Field: "code"}
		})},
	}
}

func ends() []Case {
	failed := func(f session.Failure) func(*session.View) {
		return func(v *session.View) { v.Failure = &f }
	}
	return []Case{
		{"connected", view(session.PaneConnected, 100, func(v *session.View) {
			v.CanGoBack, v.Connected = false, &session.Connected{Accounts: Accounts()[:3]}
		})},
		{"connected-more", view(session.PaneConnected, 100, func(v *session.View) {
			v.CanGoBack, v.Connected = false, &session.Connected{Accounts: Accounts()[:2], More: true, Linked: 2}
		})},
		{"error-locked", view(session.PaneError, 60, failed(session.Failure{Code: "ITEM_LOCKED", Site: true, Retry: true, Other: true}))},
		{"error-down", view(session.PaneError, 60, failed(session.Failure{Code: "INSTITUTION_DOWN", Other: true, Manual: true}))},
		{"error-unknown", view(session.PaneError, 60, failed(session.Failure{Code: plaid.InternalServerError}))},
		{"exit", view(session.PaneExit, 40, func(v *session.View) { v.CanGoBack = false })},
		{"ended", view(session.PaneEnded, 100, func(v *session.View) { v.CanGoBack = false })},
		{"ended-connected", view(session.PaneEnded, 100, func(v *session.View) { v.CanGoBack, v.Connected = false, &session.Connected{} })},
	}
}

// Package shown is what panes show beside what all of them do: each type is of one pane, or of a thing that several have.
package shown

import "weft/internal/plaid"

// Institution is a bank as panes show it. Its logo, where it has one, is at the page's own address for logos.
type Institution struct {
	ID, Name string
	// URL is the bank's website and Color its colour (#rrggbb), empty for none.
	URL, Color string
	HasLogo    bool
	OAuth      bool
	// Matched: the client knows that the person has an account there.
	Matched bool
	// Health is HEALTHY, DEGRADED or DOWN. Unsupported says that it cannot be linked, or not for what is asked.
	Health      string
	Unsupported bool
	// Login says that people can log in there, and that it gives account numbers. Else Beside are the methods by which numbers can be
	// verified that are typed beside a login, and Instead says that they are typed in place of one.
	Login, Instead bool
	Beside         []string
}

// Problem is what was wrong with the last action: a code of the catalogue, and what is left to try, 0 if there is no limit.
type Problem struct {
	Code      plaid.Code
	Remaining int
	// Field is the name of the field that is wrong, empty where it is the whole.
	Field string
}

// Consent says who asks for what.
type Consent struct {
	// Scopes are the kinds of data, as in consented_data_scopes, and UseCases what for, each a word of the catalogue of texts.
	Scopes, UseCases []string
	// AsksPhone: the pane has the field of a phone number, filled with Phone, which can be skipped.
	AsksPhone bool
	Phone     string
}

// Phone is the pane of a phone number or of its code.
type Phone struct {
	Number string // masked where a code was sent
}

// Institutions is a list or what a search has found.
type Institutions struct {
	Query string
	List  []Institution
	// Manual: account numbers may be typed in place of a login. Files and Tokens: own statement files, or a token of another
	// service, may be brought.
	Manual, Files, Tokens bool
}

// Credentials are a bank's login fields.
type Credentials struct{ Fields []Field }

// Field is one field of a form. Its value comes back in the action's value of that name.
type Field struct {
	Name string
	// Label is a word of the catalogue of texts (username, password, pin) or, with Verbatim, the bank's own words.
	Label    string
	Verbatim bool
	// Kind is text, password, code, email or tel.
	Kind string
	// Autocomplete is the field's autocomplete attribute.
	Autocomplete string
	Optional     bool
}

// MFA is what a bank asks besides. Kind is device, code, questions or selections, as mfa_type has it.
type MFA struct {
	Kind string
	// Devices are where a code can be sent, for kind device; Destination is where one was sent, for kind code.
	Devices     []Choice
	Destination string
	// Questions are asked in kinds questions and selections, which offer answers. Their values come back as answer_0 and on.
	Questions []Question
}

// Question is a bank's question in its own words.
type Question struct {
	Text    string
	Answers []Choice
}

// Choice is one of several: the value that comes back, and the words.
type Choice struct{ Value, Text string }

// OAuth is the way to a bank's own page.
type OAuth struct {
	// URL is the page.
	URL string
	// Redirect: the whole page goes there, and comes back to the client's redirect_uri; else a window is opened.
	Redirect bool
	Scopes   []string
	// Opened: the window was opened, and the bank's answer is waited for.
	Opened bool
}

// Accounts are those of a login, to be chosen from.
type Accounts struct {
	// Single: exactly one can be chosen.
	Single bool
	List   []Account
	// Scopes are the kinds of data that are shared.
	Scopes []string
}

// Account is one to be chosen.
type Account struct {
	// Key is the value that comes back in account.
	Key, Name, Mask string
	Type, Subtype   string
	// Balance is the current balance as a decimal, with Currency's code; empty where the bank does not say.
	Balance, Currency string
	Checked           bool
	// Numbered says that it is of a kind that has numbers for transfers.
	Numbered bool
	// Ineligible says that it cannot be chosen: it is not of a kind that the client asks for.
	Ineligible bool
}

// Upload takes a file; Accept are its file name extensions.
type Upload struct{ Accept []string }

// Numbers are the panes in which a person types account numbers.
type Numbers struct {
	// BankName is that of the routing number, where it is known; Mask the end of the account number.
	BankName, Mask string
	// Text is what the deposit's line in the bank's list of transactions looks like.
	Text string
	// Automatic: the deposit is found without a code.
	Automatic bool
}

// Connected is what was linked.
type Connected struct {
	Accounts []Account
	// More: another institution may be linked in this session, after Linked ones.
	More   bool
	Linked int
}

// Failure is why it did not work, and what can be done: Retry (the same institution again), Other (another institution),
// Manual (account numbers), Site (the bank's website is to be visited first).
type Failure struct {
	Code                       plaid.Code
	Retry, Other, Manual, Site bool
}

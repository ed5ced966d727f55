package session

import "weft/internal/product/link/session/shown"

// Pane is what a person is shown. Its contract name, view_name in events, is [Pane.ViewName].
type Pane string

// Panes.
const (
	PaneConsent      Pane = "consent"      // who asks for what, before anything else
	PanePhone        Pane = "phone"        // a phone number to be remembered by, which can be skipped
	PaneOTP          Pane = "otp"          // the code that was sent to the phone
	PaneSaved        Pane = "saved"        // institutions that the phone's owner has linked before
	PaneInstitutions Pane = "institutions" // list and search
	PaneCredentials  Pane = "credentials"  // the institution's own login fields
	PaneMFA          Pane = "mfa"          // what the bank asks besides
	PaneRecaptcha    Pane = "recaptcha"    // a check that a person is there
	PaneOAuth        Pane = "oauth"        // on to the bank's own page
	PaneLoading      Pane = "loading"      // work is to be done: the page sends the action continue by itself
	PaneAccounts     Pane = "accounts"     // which accounts to share
	PaneUpload       Pane = "upload"       // a statement file of the bank
	PaneToken        Pane = "token"        // a token of another service, such as SimpleFIN's
	PaneAuthType     Pane = "auth_type"    // log in, or type account numbers
	PaneRouting      Pane = "routing"      // the bank's routing number
	PaneNumber       Pane = "number"       // the account's number, twice
	PaneHolder       Pane = "holder"       // whose account it is, and of which type
	PaneAuthorize    Pane = "authorize"    // may a small deposit be made
	PaneDeposited    Pane = "deposited"    // the deposit is on its way
	PaneDepositCode  Pane = "deposit_code" // the code in the deposit's text
	PaneConnected    Pane = "connected"    // it is done
	PaneError        Pane = "error"        // it has failed, with a way on
	PaneExit         Pane = "exit"         // leave, really?
	PaneEnded        Pane = "ended"        // nothing more can be done here
)

// View is what a pane shows. Of the members that are pointers, the pane's own is set.
type View struct {
	Pane Pane
	// SessionID is the link_session_id; Step the number that the next action must name, so that none is done twice.
	SessionID string
	Step      int64
	// Language is one of plaid.Languages; Theme is "light", "dark" or "system".
	Language, Theme string
	// ClientName is who asks, as its people call it.
	ClientName  string
	Environment string
	// UpdateMode: an Item that exists is repaired or changed.
	UpdateMode bool
	// CanGoBack: the action back leads somewhere.
	CanGoBack bool
	// Progress is how far the way is, in percent.
	Progress int
	// Institution is the one that was chosen, nil before.
	Institution *Institution
	// Problem is why the pane is shown again, nil for the first time.
	Problem *Problem

	Consent      *Consent
	Phone        *Phone
	Institutions *Institutions
	Credentials  *Credentials
	MFA          *MFA
	OAuth        *OAuth
	Accounts     *Accounts
	Upload       *Upload
	Numbers      *Numbers
	Connected    *Connected
	Failure      *Failure
}

// What panes show.
type (
	Institution  = shown.Institution
	Problem      = shown.Problem
	Consent      = shown.Consent
	Phone        = shown.Phone
	Institutions = shown.Institutions
	Credentials  = shown.Credentials
	Field        = shown.Field
	MFA          = shown.MFA
	Question     = shown.Question
	Choice       = shown.Choice
	OAuth        = shown.OAuth
	Accounts     = shown.Accounts
	Account      = shown.Account
	Upload       = shown.Upload
	Numbers      = shown.Numbers
	Connected    = shown.Connected
	Failure      = shown.Failure
)

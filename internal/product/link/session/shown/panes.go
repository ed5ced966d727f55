package shown

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

// viewNames are the names of panes in events.
var viewNames = map[Pane]string{
	PaneConsent: "CONSENT", PanePhone: "SUBMIT_PHONE", PaneOTP: "VERIFY_PHONE", PaneSaved: "SELECT_SAVED_INSTITUTION",
	PaneInstitutions: "SELECT_INSTITUTION", PaneCredentials: "CREDENTIAL", PaneMFA: "MFA", PaneRecaptcha: "RECAPTCHA", PaneOAuth: "OAUTH",
	PaneLoading: "LOADING", PaneAccounts: "SELECT_ACCOUNT", PaneUpload: "UPLOAD_DOCUMENTS", PaneToken: "CREDENTIAL",
	PaneAuthType: "SELECT_AUTH_TYPE", PaneRouting: "NUMBERS", PaneNumber: "NUMBERS", PaneHolder: "NUMBERS", PaneAuthorize: "NUMBERS",
	PaneDeposited: "SAME_DAY_MICRODEPOSIT_AUTHORIZED", PaneDepositCode: "NUMBERS", PaneConnected: "CONNECTED", PaneError: "ERROR",
	PaneExit: "EXIT", PaneEnded: "EXIT",
}

// ViewName is the contract's name of the pane.
func (p Pane) ViewName() string { return viewNames[p] }

// progress is how far each pane is on the way, in percent.
var progress = map[Pane]int{
	PaneConsent: 10, PanePhone: 15, PaneOTP: 20, PaneSaved: 25, PaneInstitutions: 30, PaneCredentials: 50, PaneUpload: 50, PaneToken: 50,
	PaneAuthType: 25, PaneRouting: 40, PaneNumber: 50, PaneHolder: 60, PaneAuthorize: 70, PaneDeposited: 95, PaneDepositCode: 60,
	PaneOAuth: 50, PaneRecaptcha: 55, PaneMFA: 60, PaneLoading: 70, PaneAccounts: 80, PaneConnected: 100,
}

// Progress is how far the pane is on the way, in percent.
func (p Pane) Progress() int { return progress[p] }

// statuses are the exit statuses of panes.
var statuses = map[Pane]string{
	PaneConsent: "requires_credentials", PanePhone: "requires_credentials", PaneOTP: "requires_code", PaneSaved: "institution_not_found",
	PaneInstitutions: "institution_not_found", PaneCredentials: "requires_credentials", PaneRecaptcha: "requires_recaptcha",
	PaneOAuth: "requires_oauth", PaneAccounts: "requires_account_selection", PaneUpload: "requires_credentials",
	PaneAuthType: "requires_credentials", PaneRouting: "requires_credentials", PaneNumber: "requires_credentials",
	PaneHolder: "requires_credentials", PaneAuthorize: "requires_credentials", PaneDepositCode: "requires_code",
	PaneToken: "requires_credentials", PaneError: "requires_credentials", PaneLoading: "requires_credentials",
}

// mfaStatuses are the exit statuses of challenges.
var mfaStatuses = map[string]string{
	"device": "choose_device", "code": "requires_code", "questions": "requires_questions", "selections": "requires_selections",
}

// ExitStatus is what an exit from the pane tells, but of one whose status its content says.
func (p Pane) ExitStatus() string { return statuses[p] }

// ChallengeStatus is what an exit from a challenge of a kind tells.
func ChallengeStatus(kind string) string { return mfaStatuses[kind] }

// KnownView reports whether a name is that of a pane in events.
func KnownView(name string) bool {
	for _, known := range viewNames {
		if known == name {
			return true
		}
	}
	return false
}

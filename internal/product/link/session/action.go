package session

// Actions of a person, by the panes that have them. Values are the fields of their forms.
const (
	ActAccept       = "accept"       // consent: phone (optional)
	ActSkip         = "skip"         // consent, phone, otp: without a phone number
	ActPhone        = "phone"        // phone: phone
	ActOTP          = "otp"          // otp: code
	ActSearch       = "search"       // institutions: query. It has no step of its own: it may come at any time on this pane
	ActSelect       = "select"       // institutions, saved: institution
	ActManual       = "manual"       // institutions, error, exit, auth_type: account numbers in place of a login
	ActInstant      = "instant"      // auth_type: log in
	ActUpload       = "upload"       // institutions: go to the pane of files; upload: the file
	ActToken        = "token"        // institutions: go to the pane of tokens; token: token
	ActRefresh      = "refresh"      // token, in update mode: ask again with what there is
	ActSubmit       = "submit"       // credentials: its fields; mfa: device, code or answer_N; recaptcha; routing, number, holder, deposit_code: their fields
	ActOpenOAuth    = "oauth_open"   // oauth: the person is on the way to the bank's page
	ActWaitOAuth    = "oauth_wait"   // oauth: has the bank answered? Answered after at most some seconds
	ActCloseOAuth   = "oauth_close"  // oauth: the person has closed the bank's window
	ActChoose       = "choose"       // accounts: account (one or more)
	ActContinue     = "continue"     // loading: by itself; authorize, deposited: by the person
	ActRetry        = "retry"        // error: the same institution again
	ActOther        = "other"        // error: another institution
	ActFinish       = "finish"       // connected: done
	ActAnother      = "another"      // connected: one more institution
	ActBack         = "back"         // where View.CanGoBack
	ActExit         = "exit"         // any: leave, after a question where something would be lost
	ActExitConfirm  = "exit_confirm" // exit: leave
	ActExitCancel   = "exit_cancel"  // exit: stay
	ActForce        = "exit_force"   // any: leave at once
	ActViewData     = "view_data"    // consent, oauth, accounts: the list of data was opened
	ActRemind       = "timeout"      // any: the page has been left alone for too long
	ActAlreadyFinal = "ended"        // ended: nothing but the end again
)

// Action is what a person has done on a pane.
type Action struct {
	Name string
	// Step is that of the view in which it was done.
	Step   int64
	Values map[string][]string
	// File is the content of an uploaded file, with its name in the value file.
	File []byte
}

// Value is the first value of a field.
func (a Action) Value(name string) string {
	if v := a.Values[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

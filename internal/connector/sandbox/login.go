package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/custom"
	"weft/internal/plaid"
)

const (
	userGood   = "user_good"
	userCustom = "user_custom"
	// userDynamic is the one whose bank has news when it is asked, and can be told of more.
	userDynamic = "user_transactions_dynamic"
	passGood    = "pass_good"

	errorPrefix   = "error_"
	loginRequired = plaid.Code("ITEM_LOGIN_REQUIRED")
	badLogin      = plaid.Code("INVALID_CREDENTIALS")
)

// credentials are what a connection keeps of its login. They hold no secret, but a user_custom configuration can hold data
// that looks like one, so they are sealed like any other connector's.
type credentials struct {
	User string `json:"user"`
	// MFA is the challenge that Link puts to the user before the connection counts as made.
	MFA *custom.MFA `json:"mfa,omitempty"`
	// Recaptcha is "good" if Link shows a captcha first.
	Recaptcha string `json:"recaptcha,omitempty"`
	// Microdeposits is set for a login that goes on to verify an account by small deposits.
	Microdeposits bool `json:"microdeposits,omitempty"`
	// Custom is the configuration of user_custom, as it was sent.
	Custom json.RawMessage `json:"custom,omitempty"`
}

// Authenticate opens a connection for a documented login:
//
//	user_good / pass_good                       the default person
//	user_custom / {…}                           the accounts of a configuration
//	any other user of a persona, any password   that person (user_limited_purpose_checking wants pass_good)
//
// and, for every user but user_custom, these passwords: error_<CODE> fails with the code, but error_ITEM_LOGIN_REQUIRED opens
// a connection that begins in that state; mfa_device, mfa_questions_<n>_<m>, mfa_selections and mfa_selections_<n>_<m>_<o>
// open one that Link still has to put a challenge to; {"recaptcha":"good"} and microdeposits_good open one, and
// {"recaptcha":"bad"} fails. Anything else is INVALID_CREDENTIALS, except that a configuration that cannot be used is
// INVALID_FIELD with the place of its fault. The institution is judged before the login.
func (c *Connector) Authenticate(ctx context.Context, login connector.Login) (connector.Opened, error) {
	if err := ctx.Err(); err != nil {
		return connector.Opened{}, err
	}
	if err := c.admits(login.InstitutionID); err != nil {
		return connector.Opened{}, err
	}
	if login.Username == userCustom {
		return c.openCustom(login)
	}
	if !c.knows(login.Username) {
		return connector.Opened{}, plaid.Err(badLogin)
	}
	if code, ok := strings.CutPrefix(login.Password, errorPrefix); ok {
		return c.openWithError(login, credentials{User: login.Username}, plaid.Code(code))
	}
	creds, err := read(login.Username, login.Password)
	if err != nil {
		return connector.Opened{}, err
	}
	return c.opened(login, creds, "")
}

// admits judges the institution.
func (c *Connector) admits(institutionID string) error {
	in := c.directory.Institution(institutionID)
	switch {
	case in == nil:
		return plaid.Err("INVALID_INSTITUTION")
	case !in.Supported:
		return plaid.Err("INSTITUTION_NO_LONGER_SUPPORTED")
	case in.Down:
		return plaid.Err("INSTITUTION_DOWN")
	}
	return nil
}

func (c *Connector) knows(user string) bool {
	p := c.people()
	_, books := p.books[user]
	_, static := p.static[user]
	return books || static || p.households.Has(user)
}

// read understands the passwords that open a connection.
func read(user, password string) (credentials, error) {
	creds := credentials{User: user}
	if mfa, ok := challenge(password); ok {
		creds.MFA = mfa
		return creds, nil
	}
	if captcha, ok := recaptcha(password); ok {
		if captcha == "bad" {
			return credentials{}, plaid.Err("RECAPTCHA_BAD")
		}
		creds.Recaptcha = captcha
		return creds, nil
	}
	if password == "microdeposits_good" {
		creds.Microdeposits = true
		return creds, nil
	}
	good := strings.TrimSpace(password) != "" && !strings.HasPrefix(password, "mfa_")
	if user == userGood || user == "user_limited_purpose_checking" {
		good = password == passGood
	}
	if !good {
		return credentials{}, plaid.Err(badLogin)
	}
	return creds, nil
}

// mostChallenges bounds what a password can ask Link to ask.
const mostChallenges = 100

// challenge reads a password of the mfa_ family.
func challenge(password string) (*custom.MFA, bool) {
	kind, rest, _ := strings.Cut(strings.TrimPrefix(password, "mfa_"), "_")
	if !strings.HasPrefix(password, "mfa_") {
		return nil, false
	}
	var counts []*int
	if rest != "" {
		for _, part := range strings.Split(rest, "_") {
			n, err := strconv.Atoi(part)
			if err != nil || n < 1 || n > mostChallenges {
				return nil, false
			}
			counts = append(counts, &n)
		}
	}
	mfa := &custom.MFA{Type: &kind}
	switch {
	case kind == "device" && password == "mfa_device":
	case kind == "questions" && len(counts) == 2:
		mfa.QuestionRounds, mfa.QuestionsPerRound = counts[0], counts[1]
	case password == "mfa_selections":
	case kind == "selections" && len(counts) == 3:
		mfa.SelectionRounds, mfa.QuestionsPerRound, mfa.SelectionsPerQuestion = counts[0], counts[1], counts[2]
	default:
		return nil, false
	}
	return mfa, true
}

// recaptcha reads the password {"recaptcha":"good"|"bad"}.
func recaptcha(password string) (string, bool) {
	var body struct {
		Recaptcha string `json:"recaptcha"`
	}
	dec := json.NewDecoder(bytes.NewReader([]byte(password)))
	dec.DisallowUnknownFields()
	if dec.Decode(&body) != nil {
		return "", false
	}
	return body.Recaptcha, body.Recaptcha == "good" || body.Recaptcha == "bad"
}

// openCustom judges a configuration and keeps it whole. A password that is not one is a faulty field of the developer's
// request, not a person's typing error: the message says where the fault is.
func (c *Connector) openCustom(login connector.Login) (connector.Opened, error) {
	cfg, err := custom.Parse([]byte(login.Password))
	if err != nil {
		failed := plaid.Errf("INVALID_FIELD", "the user_custom configuration is invalid: %v", err)
		failed.Cause = err
		return connector.Opened{}, failed
	}
	creds := credentials{User: userCustom, MFA: cfg.MFA, Custom: json.RawMessage(login.Password)}
	if cfg.Recaptcha != nil {
		if *cfg.Recaptcha == "bad" {
			return connector.Opened{}, plaid.Err("RECAPTCHA_BAD")
		}
		creds.Recaptcha = *cfg.Recaptcha
	}
	if cfg.MFA != nil && cfg.MFA.Type == nil {
		creds.MFA = nil
	}
	if cfg.ForceError != nil {
		return c.openWithError(login, creds, plaid.Code(*cfg.ForceError))
	}
	if cfg.Accounts != nil && len(cfg.Accounts) == 0 {
		return connector.Opened{}, plaid.Err("NO_ACCOUNTS")
	}
	return c.opened(login, creds, "")
}

// openWithError fails with a code of the catalogue. One code is the state of an open connection, not a failure to open it.
func (c *Connector) openWithError(login connector.Login, creds credentials, code plaid.Code) (connector.Opened, error) {
	if code == loginRequired {
		return c.opened(login, creds, code)
	}
	if def, ok := plaid.Lookup(code); !ok || !plaid.Known(loginErrors, def.Type) && code != linkTokenError {
		code = badLogin
	}
	return connector.Opened{}, plaid.Err(code)
}

// linkTokenError is not a login's, but configurations may force it.
const linkTokenError = plaid.Code("INVALID_LINK_TOKEN")

// loginErrors are the types of errors that a login can end in.
var loginErrors = []string{"ITEM_ERROR", "INSTITUTION_ERROR", "API_ERROR", "RECAPTCHA_ERROR", "PAYMENT_ERROR"}

// consentDays is how long consent lasts where the law limits it.
const consentDays = 180

func (c *Connector) opened(login connector.Login, creds credentials, itemError plaid.Code) (connector.Opened, error) {
	text, err := json.Marshal(creds)
	if err != nil {
		return connector.Opened{}, err
	}
	opened := connector.Opened{Credentials: text, ItemError: itemError}
	if c.loginLife > 0 {
		opened.LoginEnds = login.Now.Add(c.loginLife)
	}
	// In the UK and the EU consent ends by law.
	if in := c.directory.Institution(login.InstitutionID); !plaid.Known(in.CountryCodes, "US") && !plaid.Known(in.CountryCodes, "CA") {
		opened.ConsentEnds = login.Now.AddDate(0, 0, consentDays)
	}
	return opened, nil
}

// SameUser compares user names.
func (c *Connector) SameUser(a, b json.RawMessage) (bool, error) {
	var one, other credentials
	err := errors.Join(json.Unmarshal(a, &one), json.Unmarshal(b, &other))
	return one.User == other.User, err
}

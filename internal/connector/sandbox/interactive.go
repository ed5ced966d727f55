package sandbox

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/custom"
	"weft/internal/connector/sandbox/mfa"
	"weft/internal/plaid"
)

var _ connector.Interactive = (*Connector)(nil)

// underway is a login between two steps: of what the person typed it has what the connection will keep, and no password.
type underway struct {
	Opened connector.Opened `json:"opened"`
	Plan   mfa.Plan         `json:"plan"`
	Place  mfa.Place        `json:"place"`
}

// Begin checks the form as [Connector.Authenticate] does, but challenges are put: those of the password or, at a bank that
// always asks, the bank's own.
func (c *Connector) Begin(ctx context.Context, attempt connector.Attempt) (connector.Step, error) {
	if err := ctx.Err(); err != nil {
		return connector.Step{}, err
	}
	if err := c.responds(attempt.InstitutionID, attempt.Now.Unix()/60); err != nil {
		return connector.Step{}, err
	}
	s := styleOf(attempt.InstitutionID)
	if c.Fields(attempt.InstitutionID) == nil || s.pin && attempt.Values["pin"] != pinGood {
		return connector.Step{}, plaid.Err(badLogin)
	}
	opened, plan, err := c.open(ctx, connector.Login{
		InstitutionID: attempt.InstitutionID, Username: attempt.Values["username"], Password: attempt.Values["password"], Now: attempt.Now,
	})
	if err != nil {
		return connector.Step{}, err
	}
	if s.mfa != nil && plan.Fails == "" {
		plan.MFA = s.mfa
	}
	return next(underway{Opened: opened, Plan: plan})
}

// Answer judges a reply and goes on.
func (c *Connector) Answer(ctx context.Context, state json.RawMessage, reply connector.Reply) (connector.Step, error) {
	if err := ctx.Err(); err != nil {
		return connector.Step{}, err
	}
	var l underway
	if err := json.Unmarshal(state, &l); err != nil {
		return connector.Step{}, fmt.Errorf("sandbox: the state of a login: %w", err)
	}
	place, refused, err := l.Plan.Reply(l.Place, reply.Values)
	if err != nil {
		return connector.Step{}, err
	}
	l.Place = place
	step, err := next(l)
	if err == nil && refused != nil {
		step.Challenge.Refused = refused
	}
	return step, err
}

// next is the step at which a login is.
func next(l underway) (connector.Step, error) {
	ask, more := l.Plan.At(l.Place)
	if !more {
		return connector.Step{Opened: &l.Opened}, nil
	}
	state, err := json.Marshal(l)
	return connector.Step{Challenge: &ask, State: state}, err
}

// open checks a login, and says what is still to be asked. Where the login fails only after a challenge, nothing is
// opened, and its end is never reached.
func (c *Connector) open(ctx context.Context, with connector.Login) (connector.Opened, mfa.Plan, error) {
	if plan := ending(with.Username, with.Password); plan != (mfa.Plan{}) {
		if with.Username != userCustom && !c.knows(with.Username) {
			return connector.Opened{}, plan, plaid.Err(badLogin)
		}
		return connector.Opened{}, plan, nil
	}
	opened, err := c.Authenticate(ctx, with)
	if err != nil {
		return opened, mfa.Plan{}, err
	}
	var creds credentials
	if err := json.Unmarshal(opened.Credentials, &creds); err != nil {
		return opened, mfa.Plan{}, err
	}
	plan := mfa.Plan{Captcha: creds.Recaptcha, MFA: creds.MFA}
	creds.Recaptcha, creds.MFA = "", nil // they will have been answered
	opened.Credentials, err = json.Marshal(creds)
	return opened, plan, err
}

// ending is the plan of a login that fails after a challenge: with a code, or at a captcha that is not passed. It is the zero
// plan for all others.
func ending(user, password string) mfa.Plan {
	forced, mark := plaid.Code(""), ""
	if user == userCustom {
		cfg, err := custom.Parse([]byte(password))
		if err != nil {
			return mfa.Plan{}
		}
		if cfg.ForceError != nil {
			forced = plaid.Code(*cfg.ForceError)
		}
		if cfg.Recaptcha != nil {
			mark = *cfg.Recaptcha
		}
	} else {
		if text, ok := strings.CutPrefix(password, errorPrefix); ok {
			forced = plaid.Code(text)
		}
		mark, _ = recaptcha(password)
	}
	switch {
	case mark == "bad":
		return mfa.Plan{Captcha: mark}
	case forced == "INVALID_MFA" || forced == "INVALID_SEND_METHOD":
		return mfa.Plan{MFA: &custom.MFA{Type: ref("device")}, Fails: forced}
	}
	return mfa.Plan{}
}

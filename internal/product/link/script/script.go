// Package script runs a Link session without a person: the same steps, events and results, for tests that have no browser.
package script

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"weft/internal/connector"
	"weft/internal/httpapi"
	"weft/internal/plaid"
	"weft/internal/product/link/flow"
	"weft/internal/product/link/session"
	"weft/internal/product/link/token"
	"weft/internal/store"
)

// Request says what a person does in a session that is run without one. What is not said is done as user_good would.
type Request struct {
	LinkToken     string  `json:"link_token" weft:"required"`
	InstitutionID *string `json:"institution_id"`
	Username      *string `json:"username"`
	Password      *string `json:"password"`
	PhoneNumber   *string `json:"phone_number"`
	// Fields are further fields of the institution's login, by their names.
	Fields map[string]string `json:"fields"`
	// Answers are the answers to the bank's challenges, in the order in which they are asked; the documented ones where there are
	// none left.
	Answers []string `json:"mfa_answers"`
	// Accounts are the names or masks of the accounts to share; all where there are none.
	Accounts []string `json:"accounts"`
	// RoutingNumber, AccountNumber, AccountHolder and AccountType (checking or savings) are what the person types of an account: in
	// place of a login where no institution is named, else beside one. DepositCode is the code that they bring of a deposit.
	RoutingNumber *string `json:"routing_number"`
	AccountNumber *string `json:"account_number"`
	AccountHolder *string `json:"account_holder_name"`
	AccountType   *string `json:"account_type"`
	DepositCode   *string `json:"deposit_code"`
	// ExitOn is the view_name of the pane on which the person leaves.
	ExitOn *string `json:"exit_on"`
}

// Validate checks the fields by themselves.
func (r *Request) Validate(httpapi.Version) error {
	if r.LinkToken == "" {
		return plaid.InvalidField("link_token", "must be a non-empty string")
	}
	if r.ExitOn != nil && !session.KnownView(*r.ExitOn) {
		return plaid.InvalidField("exit_on", "must be the view_name of a pane, such as CREDENTIAL")
	}
	return nil
}

// Completed is what a page would have been told by its callbacks.
type Completed struct {
	SessionID   string             `json:"link_session_id"`
	Status      string             `json:"status"`
	PublicToken *string            `json:"public_token"`
	Success     *session.Success   `json:"on_success"`
	Exit        *session.Exit      `json:"on_exit"`
	Error       *session.ExitError `json:"error"`
	Events      []map[string]any   `json:"events"`
}

// Script runs sessions.
type Script struct{ Flow *flow.Service }

// mostSteps bounds a scripted session.
const mostSteps = 200

// Complete runs a session by a script: with the same steps, and so the same events and results, as if a person had been there.
func (s *Script) Complete(ctx context.Context, tenant store.Tenant, req Request) (Completed, error) {
	if tenant.Environment != plaid.Sandbox {
		return Completed{}, plaid.Errf("SANDBOX_ONLY", "access to /weft/sandbox/link/complete is only available in the sandbox environment")
	}
	if _, err := token.Find(ctx, s.Flow.Items.DB, s.Flow.Items.Keys, tenant, req.LinkToken); err != nil {
		return Completed{}, err
	}
	key, a, err := s.Flow.Open(ctx, session.Opening{LinkToken: req.LinkToken})
	if err != nil {
		return Completed{}, err
	}
	p := &person{Request: req}
	out := Completed{SessionID: a.View.SessionID, Status: "EXITED", Events: []map[string]any{}}
	for range mostSteps {
		for _, e := range a.Events {
			out.Events = append(out.Events, map[string]any{"event_name": e.Name, "event_metadata": e.OnEvent(out.SessionID)})
		}
		if f := a.Finished; f != nil {
			out.Success, out.Exit, out.Error = f.Success, f.Exit, f.Error
			if f.Success != nil {
				out.Status = "SUCCESS"
			}
			if f.PublicToken != "" {
				out.PublicToken = &f.PublicToken
			}
			return out, nil
		}
		if a.View.Pane == session.PaneOAuth && a.View.OAuth.Opened {
			if err := s.approve(ctx, a.View.OAuth.URL, p); err != nil {
				return Completed{}, err
			}
		}
		act := p.act(a.View)
		act.Step = a.View.Step
		if a, err = s.Flow.Act(ctx, key, act); err != nil {
			return Completed{}, err
		}
	}
	return Completed{}, fmt.Errorf("link: the scripted session did not end in %d steps; it is on pane %s", mostSteps, a.View.Pane)
}

// person does what a script says.
type person struct {
	Request
	rounds int
}

func action(name string, values ...string) session.Action {
	a := session.Action{Name: name, Values: map[string][]string{}}
	for i := 0; i+1 < len(values); i += 2 {
		a.Values[values[i]] = append(a.Values[values[i]], values[i+1])
	}
	return a
}

// Whom a script logs in where it names nobody, and where.
const (
	defaultInstitution = "ins_109508"
	defaultUsername    = "user_good"
	defaultPassword    = "pass_good"
)

// act is what the person does on a pane.
func (p *person) act(v session.View) session.Action {
	if p.ExitOn != nil && v.Pane.ViewName() == *p.ExitOn {
		return action(session.ActForce)
	}
	if v.Problem != nil { // the same again would be as wrong
		return action(session.ActForce)
	}
	switch v.Pane {
	case session.PaneConsent:
		return action(session.ActAccept, "phone", text(p.PhoneNumber))
	case session.PaneOTP:
		return action(session.ActOTP, "code", "123456")
	case session.PaneSaved:
		for _, ins := range v.Institutions.List {
			if p.InstitutionID == nil || *p.InstitutionID == ins.ID {
				return action(session.ActSelect, "institution", ins.ID)
			}
		}
		return action(session.ActOther)
	case session.PaneInstitutions:
		if p.RoutingNumber != nil && p.InstitutionID == nil && v.Institutions.Manual {
			return action(session.ActManual)
		}
		return action(session.ActSelect, "institution", or(p.InstitutionID, defaultInstitution))
	case session.PaneCredentials:
		return p.logIn(v)
	case session.PaneMFA:
		return p.answer(v)
	case session.PaneRecaptcha:
		return action(session.ActSubmit, "recaptcha", "good")
	case session.PaneOAuth:
		if v.OAuth.Opened {
			return action(session.ActWaitOAuth)
		}
		return action(session.ActOpenOAuth)
	case session.PaneAccounts:
		return p.share(v)
	case session.PaneLoading, session.PaneAuthorize, session.PaneDeposited:
		return action(session.ActContinue)
	case session.PaneAuthType, session.PaneRouting, session.PaneNumber, session.PaneHolder, session.PaneDepositCode:
		return p.enter(v)
	case session.PaneConnected:
		return action(session.ActFinish)
	}
	return action(session.ActForce)
}

func or(s *string, other string) string {
	if s == nil {
		return other
	}
	return *s
}

func text(s *string) string { return or(s, "") }

func (p *person) logIn(v session.View) session.Action {
	a := action(session.ActSubmit)
	for i, f := range v.Credentials.Fields {
		value, given := p.Fields[f.Name]
		switch {
		case given:
		case i == 0:
			value = or(p.Username, defaultUsername)
		case f.Kind == "password" && f.Name == "password":
			value = or(p.Password, defaultPassword)
		default:
			value = "credential_good"
		}
		a.Values[f.Name] = []string{value}
	}
	return a
}

// answer answers a challenge: as the script says, else as the sandbox documents.
func (p *person) answer(v session.View) session.Action {
	next := func(documented string) string {
		if len(p.Answers) == 0 {
			return documented
		}
		said := p.Answers[0]
		p.Answers = p.Answers[1:]
		return said
	}
	switch v.MFA.Kind {
	case "device":
		return action(session.ActSubmit, "device", next(v.MFA.Devices[0].Value))
	case "code":
		return action(session.ActSubmit, "code", next("1234"))
	}
	a := action(session.ActSubmit)
	for i, q := range v.MFA.Questions {
		documented := fmt.Sprintf("answer_%d_%d", p.rounds, i)
		if len(q.Answers) > 0 {
			documented = q.Answers[0].Value
			for _, c := range q.Answers {
				if c.Text == "Yes" || strings.HasSuffix(c.Value, "_0") {
					documented = c.Value
				}
			}
		}
		a.Values[fmt.Sprintf("answer_%d", i)] = []string{next(documented)}
	}
	p.rounds++
	return a
}

func (p *person) share(v session.View) session.Action {
	a := action(session.ActChoose)
	for _, account := range v.Accounts.List {
		named := len(p.Accounts) == 0 || plaid.Known(p.Accounts, account.Name) || plaid.Known(p.Accounts, account.Mask)
		if named && !account.Ineligible && (!v.Accounts.Single || len(a.Values["account"]) == 0) {
			a.Values["account"] = append(a.Values["account"], account.Key)
		}
	}
	return a
}

// approve is what a scripted person does at a simulated bank's own page: they log in and share what they are asked for.
func (s *Script) approve(ctx context.Context, address string, p *person) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	for _, con := range s.Flow.Items.Connectors[plaid.Sandbox] {
		site, ok := con.(connector.Site)
		if !ok {
			continue
		}
		now := s.Flow.Items.Clock.Now()
		visit, err := site.Arrive(ctx, u.Query().Get("request"), now)
		if err == nil {
			visit, err = site.SignIn(ctx, visit.Token, or(p.Username, defaultUsername), or(p.Password, defaultPassword), now)
		}
		if err == nil && visit.Stage == connector.VisitCode {
			visit, err = site.Confirm(ctx, visit.Token, "1234", now)
		}
		if err != nil {
			return err
		}
		var accounts, scopes []string
		for _, a := range visit.Accounts {
			accounts = append(accounts, a.Key)
		}
		for _, sc := range visit.Scopes {
			scopes = append(scopes, sc.Name)
		}
		location, err := site.Allow(ctx, visit.Token, accounts, scopes, now)
		if err != nil {
			return err
		}
		back, err := url.Parse(location)
		if err == nil {
			_, err = s.Flow.Return(ctx, back.Query())
		}
		return err
	}
	return plaid.Err("INSTITUTION_NOT_ENABLED_IN_ENVIRONMENT")
}

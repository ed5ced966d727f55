package flow

import (
	"context"
	"errors"
	"net/url"

	"weft/internal/connector"
	"weft/internal/plaid"
	"weft/internal/product/link/choice"
	"weft/internal/product/link/flow/forms"
	"weft/internal/product/link/flow/own"
	"weft/internal/product/link/flow/phones"
	"weft/internal/product/link/session"
	"weft/internal/product/link/token"
)

// perform does work. written says that the step was written with it, in one transaction. An error is the server's own fault;
// what a bank has said is in the result.
func (s *Service) perform(ctx context.Context, m *session.Machine, r *row, w session.Work) (result session.Result, written bool, err error) {
	switch w.Kind {
	case session.WorkRecall:
		result.Saved, err = phones.Recall(ctx, s.Items, r.Tenant, r.State.Phone)
	case session.WorkSaved:
		result, err = s.openSaved(ctx, r)
	case session.WorkLogin:
		result, err = s.logIn(ctx, r, w)
	case session.WorkAnswer:
		result, err = s.answerBank(ctx, r, w)
	case session.WorkAuthorize:
		result, err = s.authorize(ctx, r)
	case session.WorkComplete:
		result, err = s.complete(ctx, r, w)
	case session.WorkLink:
		written, err = s.link(ctx, m, r, w)
	case session.WorkToken:
		result.Claimed, err = own.Claim(ctx, s.Items, r.Tenant.Environment, firsts(w.Values)["token"])
	case session.WorkFile, session.WorkBring:
		written, err = s.bring(ctx, m, r, w)
	case session.WorkNumbers:
		result, err = s.typing(r).Settle()
	case session.WorkCode:
		result, written, err = s.confirm(ctx, m, r, w)
	}
	var pe *plaid.Error
	switch {
	case err == nil || errors.Is(err, errStale):
		return result, written, err
	case !errors.As(err, &pe):
		s.Log.ErrorContext(ctx, "a step of Link failed", "link_session_id", r.ID, "work", w.Kind, "error", err)
		pe = plaid.Err(plaid.InternalServerError)
	}
	result.Err = pe
	return result, false, nil
}

// bank is the connector of the institution at which a session is.
func (s *Service) bank(r *row) (connector.Institution, connector.Connector, error) {
	id := ""
	if r.State.Institution != nil {
		id = r.State.Institution.ID
	}
	return s.Items.Connectors.Institution(r.Tenant.Environment, id, s.Items.Clock.Now())
}

func (s *Service) logIn(ctx context.Context, r *row, w session.Work) (session.Result, error) {
	ins, con, err := s.bank(r)
	if err != nil {
		return session.Result{}, err
	}
	bank, ok := con.(connector.Interactive)
	if !ok {
		return session.Result{}, plaid.Err("INSTITUTION_NOT_ENABLED_IN_ENVIRONMENT")
	}
	step, err := bank.Begin(ctx, connector.Attempt{InstitutionID: ins.InstitutionID, Values: firsts(w.Values), Now: s.Items.Clock.Now()})
	if err != nil {
		return session.Result{}, err
	}
	return s.stepped(ctx, r, step)
}

// openSaved logs a person in whom their phone tells: with what their Item has, or as a simulated one.
func (s *Service) openSaved(ctx context.Context, r *row) (session.Result, error) {
	saved := r.State.Picked
	if saved.ItemID == "" {
		return s.logIn(ctx, r, session.Work{Values: map[string][]string{"username": {saved.Username}, "password": {saved.Password}}})
	}
	opened, err := phones.Open(ctx, s.Items, r.Tenant, saved.ItemID)
	if err != nil {
		return session.Result{}, err
	}
	return s.opened(ctx, r, opened)
}

func (s *Service) answerBank(ctx context.Context, r *row, w session.Work) (session.Result, error) {
	_, con, err := s.bank(r)
	if err != nil {
		return session.Result{}, err
	}
	bank, ok := con.(connector.Interactive)
	if !ok {
		return session.Result{}, plaid.Err("INSTITUTION_NOT_ENABLED_IN_ENVIRONMENT")
	}
	step, err := bank.Answer(ctx, r.State.Bank, connector.Reply{Values: firsts(w.Values), Now: s.Items.Clock.Now()})
	if err != nil {
		return session.Result{}, err
	}
	return s.stepped(ctx, r, step)
}

func firsts(values map[string][]string) map[string]string {
	out := map[string]string{}
	for name, list := range values {
		if len(list) > 0 {
			out[name] = list[0]
		}
	}
	return out
}

// stepped is what a step of a login means for the session.
func (s *Service) stepped(ctx context.Context, r *row, step connector.Step) (session.Result, error) {
	if c := step.Challenge; c != nil {
		return session.Result{Challenge: forms.Challenge(c), Bank: step.State, Err: c.Refused, Remaining: c.Remaining}, nil
	}
	return s.opened(ctx, r, *step.Opened)
}

// returnPath is where banks lead people back to.
const returnPath = "/link/v2/oauth/return"

// authorize finds the way to the bank's own page. Each way has a state of its own.
func (s *Service) authorize(ctx context.Context, r *row) (session.Result, error) {
	ins, con, err := s.bank(r)
	if err != nil {
		return session.Result{}, err
	}
	bank, ok := con.(connector.Redirecting)
	if !ok {
		return session.Result{}, plaid.Err("INSTITUTION_NOT_ENABLED_IN_ENVIRONMENT")
	}
	t, err := token.OpenHash(ctx, s.Items.DB, s.Items.Keys, r.TokenHash)
	if err != nil {
		return session.Result{}, err
	}
	r.OAuthState = s.Items.IDs.UUID()
	address, state, err := bank.Authorize(ctx, connector.Authorization{
		InstitutionID: ins.InstitutionID, State: r.OAuthState, ReturnURL: s.BaseURL + returnPath, ClientName: t.Request.ClientName,
		Products: choice.Products(t), Now: s.Items.Clock.Now(),
	})
	return session.Result{URL: address, Bank: state}, err
}

// complete takes what the bank's page has answered.
func (s *Service) complete(ctx context.Context, r *row, w session.Work) (session.Result, error) {
	_, con, err := s.bank(r)
	if err != nil {
		return session.Result{}, err
	}
	bank, ok := con.(connector.Redirecting)
	if !ok {
		return session.Result{}, plaid.Err("INSTITUTION_NOT_ENABLED_IN_ENVIRONMENT")
	}
	opened, err := bank.Complete(ctx, r.State.Bank, url.Values(w.Values), s.Items.Clock.Now())
	if err != nil {
		return session.Result{}, err
	}
	return s.opened(ctx, r, opened)
}

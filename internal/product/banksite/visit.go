package banksite

import (
	"errors"
	"net/http"

	"weft/internal/connector"
	"weft/internal/plaid"
)

// arrive is the page to which Link sends a person.
func (s *service) arrive(w http.ResponseWriter, r *http.Request) {
	visit, err := s.site.Arrive(r.Context(), r.URL.Query().Get("request"), s.clock.Now())
	s.answer(w, r, visit, err, problem{})
}

// Actions are the buttons of a page.
const (
	actCancel   = "cancel"
	actSimulate = "simulate"
)

// outcomeClose is the outcome of a person who closes the window.
const outcomeClose = "close"

// outcome is how a visit can be made to end.
type outcome struct{ Value, Text string }

var outcomes = []outcome{
	{"INSUFFICIENT_CREDENTIALS", "INSUFFICIENT_CREDENTIALS: the sign-in is not completed"},
	{"ACCESS_NOT_GRANTED", "ACCESS_NOT_GRANTED: the person shares too little"},
	{"NO_AUTH_ACCOUNTS", "NO_AUTH_ACCOUNTS: no checking or savings account"},
	{"INTERNAL_SERVER_ERROR", "INTERNAL_SERVER_ERROR: the bank fails"},
	{outcomeClose, "No answer: the window is closed"},
}

// act is every form of every page: where the person is stands in the visit.
func (s *service) act(w http.ResponseWriter, r *http.Request) {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" {
		s.show(w, r, http.StatusForbidden, page{Kind: "lost"})
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, mostForm)
	if err := r.ParseForm(); err != nil {
		s.show(w, r, http.StatusBadRequest, page{Kind: "lost"})
		return
	}
	visit, err := s.site.Look(r.Context(), r.PostForm.Get("visit"), s.clock.Now())
	switch action := r.PostForm.Get("action"); {
	case err != nil || visit.InstitutionID != r.PathValue("institution"):
		s.answer(w, r, visit, err, problem{})
	case action == actCancel:
		s.refuse(w, r, visit, "INSUFFICIENT_CREDENTIALS")
	case action == actSimulate:
		s.simulate(w, r, visit, r.PostForm.Get("outcome"))
	default:
		s.next(w, r, visit)
	}
}

// next does what the page of a stage is for.
func (s *service) next(w http.ResponseWriter, r *http.Request, visit connector.Visit) {
	ctx, now, form := r.Context(), s.clock.Now(), r.PostForm
	switch visit.Stage {
	case connector.VisitSignIn:
		next, err := s.site.SignIn(ctx, visit.Token, form.Get("username"), form.Get("password"), now)
		if failed, ok := errors.AsType[*plaid.Error](err); ok && failed.Code == "INVALID_FIELD" {
			s.answer(w, r, visit, nil, problem{Field: "password", Text: sentence(failed.Message), Username: form.Get("username")})
			return
		}
		s.onward(w, r, visit, next, err)
	case connector.VisitCode:
		next, err := s.site.Confirm(ctx, visit.Token, form.Get("code"), now)
		if failed, ok := errors.AsType[*plaid.Error](err); ok && failed.Code == "INVALID_MFA" {
			s.answer(w, r, next, nil, problem{Field: "code", Text: "This is not the code that was sent. In this simulation it is 1234."})
			return
		}
		s.onward(w, r, visit, next, err)
	default:
		s.allow(w, r, visit)
	}
}

// onward shows the next page, or leads back with what has ended the visit.
func (s *service) onward(w http.ResponseWriter, r *http.Request, visit, next connector.Visit, err error) {
	if failed, ok := errors.AsType[*plaid.Error](err); ok {
		s.refuse(w, r, visit, failed.Code)
		return
	}
	s.answer(w, r, next, err, problem{})
}

// allow leads back with a code.
func (s *service) allow(w http.ResponseWriter, r *http.Request, visit connector.Visit) {
	form := r.PostForm
	location, err := s.site.Allow(r.Context(), visit.Token, form["account"], form["scope"], s.clock.Now())
	if failed, ok := errors.AsType[*plaid.Error](err); ok && failed.Code == "INVALID_FIELD" {
		s.answer(w, r, visit, nil, problem{Field: "account", Text: "Choose at least one account.", Scopes: form["scope"]})
		return
	}
	s.lead(w, r, visit, location, err)
}

// simulate ends a visit as the person has chosen.
func (s *service) simulate(w http.ResponseWriter, r *http.Request, visit connector.Visit, chosen string) {
	for _, o := range outcomes {
		switch {
		case o.Value != chosen:
		case chosen == outcomeClose:
			s.show(w, r, http.StatusOK, page{Kind: "closed", Visit: visit})
			return
		default:
			s.refuse(w, r, visit, plaid.Code(chosen))
			return
		}
	}
	s.answer(w, r, visit, nil, problem{Field: "outcome", Text: "Choose how this visit is to end."})
}

func (s *service) refuse(w http.ResponseWriter, r *http.Request, visit connector.Visit, code plaid.Code) {
	location, err := s.site.Refuse(r.Context(), visit.Token, code, s.clock.Now())
	s.lead(w, r, visit, location, err)
}

// lead shows the page that leads back by itself. An answer of status 303 would be stopped where the next sites redirect on:
// browsers hold a form's whole way against form-action.
func (s *service) lead(w http.ResponseWriter, r *http.Request, visit connector.Visit, location string, err error) {
	if err != nil {
		s.answer(w, r, visit, err, problem{})
		return
	}
	s.show(w, r, http.StatusOK, page{Kind: "return", Visit: visit, Location: location})
}

// answer shows the page of a visit's stage.
func (s *service) answer(w http.ResponseWriter, r *http.Request, visit connector.Visit, err error, wrong problem) {
	switch {
	case errors.Is(err, connector.ErrNoVisit) || err == nil && visit.InstitutionID != r.PathValue("institution"):
		s.show(w, r, http.StatusBadRequest, page{Kind: "lost"})
	case err != nil:
		s.log.ErrorContext(r.Context(), "bank's page", "error", err)
		s.show(w, r, http.StatusInternalServerError, page{Kind: "failed"})
	case wrong.Field != "":
		s.show(w, r, http.StatusUnprocessableEntity, page{Kind: string(visit.Stage), Visit: visit, Problem: wrong})
	default:
		s.show(w, r, http.StatusOK, page{Kind: string(visit.Stage), Visit: visit})
	}
}

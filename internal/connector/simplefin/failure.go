package simplefin

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"weft/internal/connector/simplefin/access"
	"weft/internal/connector/simplefin/wire"
	"weft/internal/plaid"
)

// Failure is a fetch of one institution that failed, with the memory to keep: the requests that it spent are spent. Err is a *plaid.Error where the
// failure has a meaning in the contract's codes.
type Failure struct {
	Err    error
	Memory json.RawMessage
}

func (f *Failure) Error() string { return f.Err.Error() }
func (f *Failure) Unwrap() error { return f.Err }

// failed is a run's error with the memory to keep.
func (r *run) failed(err error) error { return &Failure{Err: err, Memory: r.memory.encode()} }

// statusError is the error for an answer of another status than 200, with what the server says of it.
func statusError(c access.Credentials, status int, said []wire.Problem) *plaid.Error {
	var e *plaid.Error
	switch {
	case status == http.StatusPaymentRequired:
		e = plaid.Errf("USER_SETUP_REQUIRED", "the SimpleFIN server wants to be paid: the user must renew the subscription there")
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		e = plaid.Err("ITEM_LOGIN_REQUIRED")
	case status == http.StatusTooManyRequests:
		e = plaid.Err("INSTITUTION_RATE_LIMIT")
	case status >= 500:
		e = plaid.Err("INSTITUTION_NOT_RESPONDING")
	case slices.ContainsFunc(said, func(p wire.Problem) bool { return p.Code == "gen.api" }):
		e = plaid.Err(plaid.InternalServerError) // the server found fault with what was asked
	default:
		e = plaid.Err("UNSUPPORTED_RESPONSE")
	}
	texts := []string{}
	for _, p := range said {
		if p.Message != "" {
			texts = append(texts, c.Redact(p.Message))
		}
	}
	e.Cause = fmt.Errorf("simplefin: HTTP %d", status)
	if len(texts) > 0 {
		e.Cause = fmt.Errorf("simplefin: HTTP %d: %s", status, strings.Join(texts, "; "))
		if e.Type == "ITEM_ERROR" {
			e.Display = strings.Join(texts, " ")
		}
	}
	return e
}

// wholeFailure is the error of an answer that is about all of the access URL.
func wholeFailure(a wire.Answer) *plaid.Error {
	for _, p := range a.Problems {
		switch {
		case p.Code == "gen.auth":
			return said("ITEM_LOGIN_REQUIRED", p)
		case p.Code == "gen.api" && len(a.Accounts) == 0 && len(a.Connections) == 0:
			return withCause(plaid.InternalServerError, errors.New("simplefin: "+p.Code+": "+p.Message))
		}
	}
	return nil
}

// said is an error with what the bank says of it, for the user.
func said(code plaid.Code, p wire.Problem) *plaid.Error {
	e := plaid.Err(code)
	e.Display = p.Message
	e.Cause = errors.New("simplefin: " + strings.TrimPrefix(p.Code+": "+p.Message, ": "))
	return e
}

// absent is the error for an institution that an answer does not have.
func absent(a wire.Answer, id string) *plaid.Error {
	for _, p := range a.Problems {
		if p.ConnID != "" && connectionID(p.ConnID) == id && p.Code == "con.auth" {
			return said("ITEM_LOGIN_REQUIRED", p)
		}
	}
	// A server that lists connections lists all that the user has. One that says nothing of any may have a bad day.
	if a.Version == 2 && len(a.Connections) > 0 && len(a.Problems) == 0 {
		return plaid.Err("USER_PERMISSION_REVOKED")
	}
	e := plaid.Err("INSTITUTION_NOT_RESPONDING")
	if len(a.Problems) > 0 {
		e.Display = a.Problems[0].Message
	}
	e.Cause = errors.New("simplefin: the answer does not have the institution")
	return e
}

// reason is an error's meaning, short.
func reason(err error) string {
	if pe, ok := errors.AsType[*plaid.Error](err); ok {
		return string(pe.Code)
	}
	return "it failed"
}

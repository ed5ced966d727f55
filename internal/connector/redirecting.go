package connector

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"time"

	"weft/internal/plaid"
)

// Redirecting is the power to open a connection at the bank's own pages, by OAuth.
type Redirecting interface {
	// Authorize returns the address of the bank's page, and the state that [Redirecting.Complete] needs. The state holds what
	// proves that both are of one session, and must not reach the person's browser: whoever keeps it seals it.
	Authorize(ctx context.Context, request Authorization) (address string, state json.RawMessage, err error)
	// Complete takes what the bank has put into the query of the return address. The error is a *plaid.Error: that of the bank
	// or the person (ACCESS_NOT_GRANTED, INSUFFICIENT_CREDENTIALS), or of an answer that belongs to another session or was
	// taken before (INCORRECT_OAUTH_NONCE, OAUTH_STATE_ID_ALREADY_PROCESSED).
	Complete(ctx context.Context, state json.RawMessage, callback url.Values, now time.Time) (Opened, error)
}

// Authorization is a request to a bank to let a person authorize access.
type Authorization struct {
	InstitutionID string
	// State is the caller's word for the session. It comes back in the query of ReturnURL, an address of http
	// or https.
	State, ReturnURL string
	// ClientName is who asks, as the bank shows it; it may be empty.
	ClientName string
	// Products are those whose data is asked for, by their contract names.
	Products []string
	Now      time.Time
}

// Site is the power of simulated banks to have pages of their own for [Redirecting]: what those pages ask. It keeps nothing
// between two pages: where a person is stands in the visit's token, which is sealed and which a page hands to the next one.
// A token that is not valid (any more) is [ErrNoVisit].
type Site interface {
	// Arrive begins a visit with the request that an address of Authorize carries.
	Arrive(ctx context.Context, request string, now time.Time) (Visit, error)
	// Look is a visit as it stands.
	Look(ctx context.Context, token string, now time.Time) (Visit, error)
	// SignIn says who the visitor is. INVALID_FIELD can be corrected by the visitor; another *plaid.Error ends the visit.
	SignIn(ctx context.Context, token, username, password string, now time.Time) (Visit, error)
	// Confirm checks the code that the bank has sent. INVALID_MFA comes with the visit as it is after it.
	Confirm(ctx context.Context, token, code string, now time.Time) (Visit, error)
	// Allow ends a visit: location is the return address with a code for the accounts and scopes.
	Allow(ctx context.Context, token string, accounts, scopes []string, now time.Time) (location string, err error)
	// Refuse ends a visit, signed in or not, with an error.
	Refuse(ctx context.Context, token string, code plaid.Code, now time.Time) (location string, err error)
}

// ErrNoVisit says that a text is no request or visit, or not any more.
var ErrNoVisit = errors.New("connector: no visit, or not any more")

// Visit is a person at a bank's site. Accounts are there at the stage accounts.
type Visit struct {
	Token         string
	InstitutionID string
	ClientName    string
	Stage         VisitStage
	Accounts      []Account
	Scopes        []Scope
}

// VisitStage is what the site asks for next.
type VisitStage string

// The stages of a visit.
const (
	VisitSignIn   VisitStage = "sign-in"
	VisitCode     VisitStage = "code"
	VisitAccounts VisitStage = "accounts"
)

// Scope is a kind of data that can be shared: accounts, numbers, identity, transactions, investments, liabilities, payments.
// Without a needed one, access is not granted.
type Scope struct {
	Name   string
	Needed bool
}

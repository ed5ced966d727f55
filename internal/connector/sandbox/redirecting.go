package sandbox

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/oauth"
	"weft/internal/plaid"
)

var _ connector.Redirecting = (*Connector)(nil)

// Site is where the banks' own pages are, and what they are made safe with.
type Site struct {
	// URL is where people reach the server.
	URL   string
	Seals oauth.Sealer
	// Nonce is a fresh text that nobody can guess.
	Nonce func() string
}

// site is a site at work.
type site struct {
	Site
	desk oauth.Desk
}

// WithSite is the connector with pages of the banks, at [SitePath] of the site's server. Institutions that are linked there
// need it.
func (c *Connector) WithSite(s Site) *Connector {
	out := *c
	out.site = &site{Site: s, desk: oauth.Desk{Seals: s.Seals}}
	return &out
}

// SitePath is the path of an institution's page.
func SitePath(institutionID string) string {
	return "/sandbox/bank/" + url.PathEscape(institutionID) + "/authorize"
}

// Authorize is the address of the institution's page with a sealed request.
func (c *Connector) Authorize(ctx context.Context, request connector.Authorization) (string, json.RawMessage, error) {
	if err := ctx.Err(); err != nil {
		return "", nil, err
	}
	if c.site == nil {
		return "", nil, errNoSite
	}
	if err := c.responds(request.InstitutionID, request.Now.Unix()/60); err != nil {
		return "", nil, err
	}
	if !c.directory.Institution(request.InstitutionID).OAuth {
		return "", nil, fmt.Errorf("sandbox: %s has a login form, and no pages of its own", request.InstitutionID)
	}
	if to, err := url.Parse(request.ReturnURL); err != nil || to.Scheme != "https" && to.Scheme != "http" || to.Host == "" || request.State == "" {
		return "", nil, errors.New("sandbox: an authorization needs a state and a return address of http or https")
	}
	verifier := c.site.Nonce()
	sealed, err := c.site.desk.SealRequest(oauth.Request{
		InstitutionID: request.InstitutionID, State: request.State, ReturnURL: request.ReturnURL, ClientName: request.ClientName,
		Products: request.Products, Proof: oauth.Prove(verifier), Ends: request.Now.Add(oauth.VisitLife),
	})
	if err != nil {
		return "", nil, err
	}
	state, err := json.Marshal(oauth.State{InstitutionID: request.InstitutionID, State: request.State, Verifier: verifier})
	if err != nil {
		return "", nil, err
	}
	address := strings.TrimSuffix(c.site.URL, "/") + SitePath(request.InstitutionID) + "?" + url.Values{"request": {sealed}}.Encode()
	return address, state, nil
}

// Complete takes a code or an error of the bank's page.
func (c *Connector) Complete(ctx context.Context, state json.RawMessage, callback url.Values, now time.Time) (connector.Opened, error) {
	if err := ctx.Err(); err != nil {
		return connector.Opened{}, err
	}
	if c.site == nil {
		return connector.Opened{}, errNoSite
	}
	var s oauth.State
	if err := json.Unmarshal(state, &s); err != nil || s.Verifier == "" {
		return connector.Opened{}, errors.New("sandbox: no state of an authorization")
	}
	if subtle.ConstantTimeCompare([]byte(callback.Get("state")), []byte(s.State)) != 1 {
		return connector.Opened{}, plaid.Err("INCORRECT_OAUTH_NONCE")
	}
	if callback.Has("error") {
		return connector.Opened{}, failureOf(callback)
	}
	grant, err := c.site.desk.Take(callback.Get("code"), s, now)
	switch {
	case errors.Is(err, oauth.ErrTaken):
		return connector.Opened{}, plaid.Err("OAUTH_STATE_ID_ALREADY_PROCESSED")
	case errors.Is(err, oauth.ErrForeign):
		return connector.Opened{}, plaid.Err("INCORRECT_OAUTH_NONCE")
	case err != nil:
		return connector.Opened{}, plaid.Err("INSUFFICIENT_CREDENTIALS")
	}
	var opened connector.Opened
	if err := json.Unmarshal(grant.Opened, &opened); err != nil {
		return connector.Opened{}, fmt.Errorf("sandbox: a code: %w", err)
	}
	opened.Accounts, opened.ConsentEnds = grant.Accounts, c.consentEnds(s.InstitutionID, now)
	return opened, nil
}

// failureOf is the error of a callback. Its description is a code where it was one of ours; a person who turns back has not
// authorized anything.
func failureOf(callback url.Values) *plaid.Error {
	code := plaid.Code(callback.Get("error_description"))
	if def, ok := plaid.Lookup(code); ok && plaid.Known(loginErrors, def.Type) {
		return plaid.Err(code)
	}
	if callback.Get("error") == "access_denied" {
		return plaid.Err("INSUFFICIENT_CREDENTIALS")
	}
	return plaid.Err(plaid.InternalServerError)
}

// consentEnds is when consent at an institution's own pages ends: after twelve months in North America, and after the 180
// days that the law of Europe has elsewhere.
func (c *Connector) consentEnds(institutionID string, now time.Time) time.Time {
	if in := c.directory.Institution(institutionID); slices.Contains(in.CountryCodes, "US") || slices.Contains(in.CountryCodes, "CA") {
		return now.AddDate(1, 0, 0)
	}
	return now.AddDate(0, 0, 180)
}

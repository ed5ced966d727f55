package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/mfa"
	"weft/internal/connector/sandbox/oauth"
	"weft/internal/plaid"
)

var _ connector.Site = (*Connector)(nil)

// errNoSite says that the connector was made without [WithSite].
var errNoSite = errors.New("sandbox: the banks have no site")

// Arrive begins a visit.
func (c *Connector) Arrive(ctx context.Context, request string, now time.Time) (connector.Visit, error) {
	if c.site == nil {
		return connector.Visit{}, errNoSite
	}
	r, err := c.site.desk.Request(request, now)
	if err != nil {
		return connector.Visit{}, err
	}
	return c.visit(ctx, oauth.Visit{Request: r, Stage: connector.VisitSignIn}, now)
}

// Look is a visit as it stands.
func (c *Connector) Look(ctx context.Context, token string, now time.Time) (connector.Visit, error) {
	v, err := c.at(token, "", now)
	if err != nil {
		return connector.Visit{}, err
	}
	return c.visit(ctx, v, now)
}

// SignIn lets everybody in, whatever they type: the user of that name or, where there is none, user_good. A password of the
// families error_ and mfa_ is heard, and user_custom has a configuration to get right.
func (c *Connector) SignIn(ctx context.Context, token, username, password string, now time.Time) (connector.Visit, error) {
	v, err := c.at(token, connector.VisitSignIn, now)
	if err != nil {
		return connector.Visit{}, err
	}
	with := connector.Login{InstitutionID: v.InstitutionID, Username: strings.TrimSpace(username), Password: password, Now: now}
	_, asks := challenge(password)
	switch {
	case with.Username == userCustom:
	case !c.knows(with.Username):
		with.Username, with.Password = userGood, passGood
	case !strings.HasPrefix(password, errorPrefix):
		with.Password = passGood
	}
	opened, plan, err := c.open(ctx, with)
	if err == nil && plan.Fails != "" {
		err = plaid.Err(plan.Fails)
	}
	if err == nil && plan.Captcha == "bad" {
		err = plaid.Err("RECAPTCHA_BAD")
	}
	if err != nil {
		return connector.Visit{}, err
	}
	if v.Opened, err = json.Marshal(opened); err != nil {
		return connector.Visit{}, err
	}
	v.Stage = connector.VisitAccounts
	if asks || plan.MFA != nil || styleOf(v.InstitutionID).mfa != nil {
		v.Stage = connector.VisitCode
	}
	here, err := c.visit(ctx, v, now)
	if len(here.Token) > oauth.MostCode { // the code will be about as long
		return connector.Visit{}, plaid.InvalidField("password", "is too long a configuration for a bank that is linked at its own pages: take one with a login form")
	}
	return here, err
}

// Confirm wants the code 1234.
func (c *Connector) Confirm(ctx context.Context, token, code string, now time.Time) (connector.Visit, error) {
	v, err := c.at(token, connector.VisitCode, now)
	if err != nil {
		return connector.Visit{}, err
	}
	if strings.TrimSpace(code) == mfa.Code {
		v.Stage = connector.VisitAccounts
		return c.visit(ctx, v, now)
	}
	if v.Wrong++; v.Wrong >= mfa.Tries {
		return connector.Visit{}, plaid.Err("ITEM_LOCKED")
	}
	again, err := c.visit(ctx, v, now)
	if err != nil {
		return connector.Visit{}, err
	}
	return again, plaid.Err("INVALID_MFA")
}

// Allow gives a code for the accounts. Without a needed scope access is not granted; without an account there is nothing.
func (c *Connector) Allow(ctx context.Context, token string, accounts, scopes []string, now time.Time) (string, error) {
	v, err := c.at(token, connector.VisitAccounts, now)
	if err != nil {
		return "", err
	}
	here, err := c.visit(ctx, v, now)
	if err != nil {
		return "", err
	}
	strange := slices.ContainsFunc(accounts, func(key string) bool {
		return !slices.ContainsFunc(here.Accounts, func(a connector.Account) bool { return a.Key == key })
	})
	if len(accounts) == 0 || strange {
		return "", plaid.InvalidField("account", "must be one of the person's or more")
	}
	for _, s := range here.Scopes {
		if s.Needed && !slices.Contains(scopes, s.Name) {
			return refusal(v, "ACCESS_NOT_GRANTED")
		}
	}
	code, err := c.site.desk.SealCode(oauth.Grant{
		Proof: v.Proof, Opened: v.Opened, Accounts: accounts, Ends: now.Add(oauth.CodeLife),
	})
	if err != nil {
		return "", err
	}
	return returning(v, url.Values{"code": {code}})
}

// Refuse gives an error in place of a code.
func (c *Connector) Refuse(_ context.Context, token string, code plaid.Code, now time.Time) (string, error) {
	v, err := c.at(token, "", now)
	if err != nil {
		return "", err
	}
	return refusal(v, code)
}

// refusal is an error of OAuth's, with the code in its description.
func refusal(v oauth.Visit, code plaid.Code) (string, error) {
	word := "access_denied"
	if def, _ := plaid.Lookup(code); def.Type != "ITEM_ERROR" {
		word = "server_error"
	}
	return returning(v, url.Values{"error": {word}, "error_description": {string(code)}})
}

// returning is the return address with the answer.
func returning(v oauth.Visit, answer url.Values) (string, error) {
	to, err := url.Parse(v.ReturnURL)
	if err != nil {
		return "", fmt.Errorf("sandbox: the return address: %w", err)
	}
	query := to.Query()
	query.Set("state", v.State)
	for name := range answer {
		query.Set(name, answer.Get(name))
	}
	to.RawQuery = query.Encode()
	return to.String(), nil
}

// at opens a visit's token at a stage, or at any with "".
func (c *Connector) at(token string, stage connector.VisitStage, now time.Time) (oauth.Visit, error) {
	if c.site == nil {
		return oauth.Visit{}, errNoSite
	}
	v, err := c.site.desk.Visit(token, now)
	if err == nil && stage != "" && v.Stage != stage {
		err = connector.ErrNoVisit
	}
	return v, err
}

// visit is a visit as pages see it.
func (c *Connector) visit(ctx context.Context, v oauth.Visit, now time.Time) (connector.Visit, error) {
	token, err := c.site.desk.SealVisit(v)
	if err != nil {
		return connector.Visit{}, err
	}
	out := connector.Visit{Token: token, InstitutionID: v.InstitutionID, ClientName: v.ClientName, Stage: v.Stage, Scopes: scopesOf(v.Products)}
	if v.Stage != connector.VisitAccounts {
		return out, nil
	}
	var opened connector.Opened
	if err := json.Unmarshal(v.Opened, &opened); err != nil {
		return connector.Visit{}, fmt.Errorf("sandbox: a visit: %w", err)
	}
	// What accounts are called does not depend on the connection, which does not exist yet.
	batch, err := c.Fetch(ctx, connector.Connection{ID: "visit", InstitutionID: v.InstitutionID, Credentials: opened.Credentials, CreatedAt: now}, connector.Want{Now: now})
	out.Accounts = batch.Accounts
	return out, err
}

// scopeOf is the kind of data that a product reads, beside the accounts themselves.
var scopeOf = map[string]string{
	"auth": "numbers", "transfer": "numbers", "processor_payments": "numbers", "pay_by_bank": "payments", "payment_initiation": "payments",
	"standing_orders": "payments", "identity": "identity", "identity_match": "identity", "transactions": "transactions",
	"recurring_transactions": "transactions", "assets": "transactions", "statements": "transactions", "signal": "transactions",
	"income_verification": "transactions", "investments": "investments", "investments_auth": "investments", "liabilities": "liabilities",
}

// scopesOf are the scopes that products ask for, in a steady order.
func scopesOf(products []string) []connector.Scope {
	list := []connector.Scope{{Name: "accounts", Needed: true}}
	for _, name := range []string{"numbers", "identity", "transactions", "investments", "liabilities", "payments"} {
		if slices.ContainsFunc(products, func(p string) bool { return scopeOf[p] == name }) {
			list = append(list, connector.Scope{Name: name, Needed: true})
		}
	}
	return list
}

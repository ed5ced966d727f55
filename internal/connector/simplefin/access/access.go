// Package access reads and keeps access URLs, which are the credentials of SimpleFIN connections, and keeps them secret.
package access

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"

	"weft/internal/plaid"
)

// Secret is a text that prints as nothing. Only JSON and a conversion give it away.
type Secret string

// Redacted stands in the place of a secret.
const Redacted = "[redacted]"

func (Secret) String() string       { return Redacted }
func (Secret) GoString() string     { return Redacted }
func (Secret) LogValue() slog.Value { return slog.StringValue(Redacted) }

// Credentials are an access URL, apart from its name and password.
type Credentials struct {
	URL      Secret `json:"url"`
	User     Secret `json:"user"`
	Password Secret `json:"password"`
	// Overrides are the user's corrections, by institution and account key.
	Overrides map[string]map[string]Override `json:"overrides,omitempty"`

	base *url.URL
}

// Override corrects what was inferred of an account. An empty subtype leaves the account without one.
type Override struct {
	Type    string `json:"type"`
	Subtype string `json:"subtype,omitempty"`
}

// Correct changes the type and subtype of one account.
func (c *Credentials) Correct(institutionID, account, accountType, subtype string) error {
	if !plaid.Known(plaid.AccountTypes, accountType) {
		return plaid.InvalidField("type", "of an account is none of "+plaid.Quoted(plaid.AccountTypes))
	}
	if subtypes := plaid.SubtypesOf(accountType); subtype != "" && !plaid.Known(subtypes, subtype) {
		return plaid.InvalidField("subtype", "of an account of type "+accountType+" is none of "+plaid.Quoted(subtypes))
	}
	if c.Overrides == nil {
		c.Overrides = map[string]map[string]Override{}
	}
	if c.Overrides[institutionID] == nil {
		c.Overrides[institutionID] = map[string]Override{}
	}
	c.Overrides[institutionID][account] = Override{Type: accountType, Subtype: subtype}
	return nil
}

// CheckScheme refuses a URL that is not https, nor http where that is allowed.
func CheckScheme(u *url.URL, allowHTTP bool) error {
	switch {
	case u.Scheme == "https" || (u.Scheme == "http" && allowHTTP):
		return nil
	case u.Scheme == "http":
		return errors.New("it is plain http, which is not allowed: https is needed")
	}
	return errors.New("it is not an https URL")
}

// Read reads credentials as they were stored.
func Read(stored json.RawMessage, allowHTTP bool) (Credentials, error) {
	var c Credentials
	if err := json.Unmarshal(stored, &c); err != nil {
		return Credentials{}, errors.New("simplefin: the connection's credentials cannot be read")
	}
	base, err := url.Parse(string(c.URL))
	if err != nil || base.Host == "" || base.User != nil || c.User == "" {
		return Credentials{}, errors.New("simplefin: the connection's credentials are no access URL")
	}
	if err := CheckScheme(base, allowHTTP); err != nil {
		return Credentials{}, fmt.Errorf("simplefin: the connection's access URL: %w", err)
	}
	c.base = base
	return c, nil
}

// Parse takes an access URL apart. The reasons of its errors repeat nothing of it.
func Parse(text string, allowHTTP bool) (Credentials, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil || u.Host == "" || u.Opaque != "" {
		return Credentials{}, errors.New("it is not a URL")
	}
	if err := CheckScheme(u, allowHTTP); err != nil {
		return Credentials{}, err
	}
	if u.User == nil || u.User.Username() == "" {
		return Credentials{}, errors.New("it has no user name and password")
	}
	password, _ := u.User.Password()
	c := Credentials{User: Secret(u.User.Username()), Password: Secret(password)}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	c.URL, c.base = Secret(u.String()), u
	return c, nil
}

// OfURL are credentials that are nothing but a URL to call, whose path is a secret.
func OfURL(u *url.URL) Credentials { return Credentials{base: u} }

// At is the URL of something below the access URL, without name and password.
func (c Credentials) At(path string) *url.URL { return c.base.JoinPath(path) }

// Digest recognises an access URL without telling it.
func (c Credentials) Digest() string {
	sum := sha256.Sum256([]byte(string(c.URL) + "\x00" + string(c.User) + "\x00" + string(c.Password)))
	return hex.EncodeToString(sum[:])
}

// OverrideDigest tells whether an institution's corrections have changed.
func (c Credentials) OverrideDigest(institutionID string) string {
	own := c.Overrides[institutionID]
	if len(own) == 0 {
		return ""
	}
	text, err := plaid.JSON(own) // keys come out sorted
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// Texts that are shorter are parts of common words, and are not taken out of others.
const (
	shortestSecret = 4
	shortestPath   = 10 // the path of most access URLs is /simplefin
)

// Redact takes the name, the password and what may be a secret of the path out of a text that others wrote.
func (c Credentials) Redact(text string) string {
	secrets := []string{string(c.Password), string(c.User)}
	for _, part := range append(strings.Split(c.base.EscapedPath(), "/"), strings.Split(c.base.Path, "/")...) {
		if len(part) >= shortestPath {
			secrets = append(secrets, part)
		}
	}
	for _, each := range secrets {
		for _, form := range []string{each, url.QueryEscape(each), url.PathEscape(each)} {
			if len(form) >= shortestSecret {
				text = strings.ReplaceAll(text, form, Redacted)
			}
		}
	}
	return text
}

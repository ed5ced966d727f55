package simplefin

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/url"
	"slices"
	"strings"

	"weft/internal/plaid"
)

// secret is a text that prints as nothing. Only JSON and a conversion give it away.
type secret string

const redacted = "[redacted]"

func (secret) String() string       { return redacted }
func (secret) GoString() string     { return redacted }
func (secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// credentials are an access URL, apart from its name and password.
type credentials struct {
	URL      secret `json:"url"`
	User     secret `json:"user"`
	Password secret `json:"password"`
	// Overrides are the user's corrections, by institution and account key.
	Overrides map[string]map[string]Override `json:"overrides,omitempty"`

	base *url.URL
}

// Override corrects what was inferred of an account. An empty subtype leaves the account without one.
type Override struct {
	Type    string `json:"type"`
	Subtype string `json:"subtype,omitempty"`
}

// WithOverrides are credentials with a user's corrections of the accounts of an institution, by the accounts' keys. They take
// the place of those that the institution had; none takes them away. The next fetch asks for the whole history again, since
// an account's movements are told differently for another type.
func WithOverrides(stored json.RawMessage, institutionID string, overrides map[string]Override) (json.RawMessage, error) {
	c, err := readCredentials(stored)
	if err != nil {
		return nil, err
	}
	for _, key := range slices.Sorted(maps.Keys(overrides)) {
		o := overrides[key]
		if !plaid.Known(plaid.AccountTypes, o.Type) {
			return nil, plaid.InvalidField("type", "of an account is none of "+plaid.Quoted(plaid.AccountTypes))
		}
		if o.Subtype != "" && !plaid.Known(plaid.SubtypesOf(o.Type), o.Subtype) {
			return nil, plaid.InvalidField("subtype", "of an account of type "+o.Type+" is none of "+plaid.Quoted(plaid.SubtypesOf(o.Type)))
		}
	}
	all := maps.Clone(c.Overrides)
	if all == nil {
		all = map[string]map[string]Override{}
	}
	all[institutionID] = overrides
	if len(overrides) == 0 {
		delete(all, institutionID)
	}
	c.Overrides = all
	return plaid.JSON(c)
}

func readCredentials(stored json.RawMessage) (credentials, error) {
	var c credentials
	if err := json.Unmarshal(stored, &c); err != nil {
		return credentials{}, errors.New("simplefin: the connection's credentials cannot be read")
	}
	base, err := url.Parse(string(c.URL))
	if err != nil || base.Scheme != "https" || base.Host == "" || base.User != nil || c.User == "" {
		return credentials{}, errors.New("simplefin: the connection's credentials are no access URL")
	}
	c.base = base
	return c, nil
}

// accessURL takes an access URL apart. The reasons of its errors repeat nothing of it.
func accessURL(text string) (credentials, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	switch {
	case err != nil || u.Host == "" || u.Opaque != "":
		return credentials{}, errors.New("it is not a URL")
	case u.Scheme != "https":
		return credentials{}, errors.New("it is not an https URL")
	case u.User == nil || u.User.Username() == "":
		return credentials{}, errors.New("it has no user name and password")
	}
	password, _ := u.User.Password()
	c := credentials{User: secret(u.User.Username()), Password: secret(password)}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	c.URL, c.base = secret(u.String()), u
	return c, nil
}

// digest recognises an access URL without telling it.
func (c credentials) digest() string {
	sum := sha256.Sum256([]byte(string(c.URL) + "\x00" + string(c.User) + "\x00" + string(c.Password)))
	return hex.EncodeToString(sum[:])
}

// overrideDigest tells whether an institution's corrections have changed.
func (c credentials) overrideDigest(institutionID string) string {
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

// redact takes the name, the password and what may be a secret of the path out of a text that others wrote.
func (c credentials) redact(text string) string {
	secrets := []string{string(c.Password), string(c.User)}
	for _, part := range append(strings.Split(c.base.EscapedPath(), "/"), strings.Split(c.base.Path, "/")...) {
		if len(part) >= shortestPath {
			secrets = append(secrets, part)
		}
	}
	for _, each := range secrets {
		for _, form := range []string{each, url.QueryEscape(each), url.PathEscape(each)} {
			if len(form) >= shortestSecret {
				text = strings.ReplaceAll(text, form, redacted)
			}
		}
	}
	return text
}

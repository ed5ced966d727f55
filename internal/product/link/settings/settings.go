// Package settings is how Link is for a client: which pages may open it, where banks may lead back to, what it looks like under
// which name. Plaid keeps this in its dashboard; here it is an endpoint.
package settings

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"weft/internal/plaid"
	"weft/internal/product"
	"weft/internal/store"
)

// Settings of a client in an environment. The zero value is Link as it comes.
type Settings struct {
	// AllowedOrigins are the pages that may open Link, such as https://app.example or https://*.app.example; none for any.
	AllowedOrigins []string `json:"allowed_origins"`
	// RedirectURIs are the addresses to which banks may lead back, as link tokens name them; a first label of * stands for any
	// one label. In the sandbox none stands for any.
	RedirectURIs []string `json:"redirect_uris"`
	// PublicKey: Link may be opened with the client's public_key, as before there were link tokens.
	PublicKey bool `json:"public_key_enabled"`
	// SessionWebhooks: the client is told of the end and the events of all sessions, not of hosted ones and those of several
	// Items alone.
	SessionWebhooks bool `json:"session_webhooks_enabled"`
	// PortalProducts are what the portal asks for: the first must be there, the others where an institution has them. None is
	// transactions, and whatever else works out.
	PortalProducts []string `json:"portal_products"`
	// PortalWebhook is where the client is told of what people link in the portal; empty for nowhere.
	PortalWebhook string `json:"portal_webhook"`
	// Customizations are by the names that link tokens use; "default" is for tokens that name none.
	Customizations map[string]Customization `json:"customizations"`
}

// Customization is how Link is under a name. It applies where language and countries are those of the link token; empty ones
// are any.
type Customization struct {
	Language     string   `json:"language"`
	CountryCodes []string `json:"country_codes"`
	// AccountSelect is one (exactly one account), multiple, or all (multiple, with all of them chosen at first).
	AccountSelect string `json:"account_select"`
	// UseCases are what the data is for, at most three.
	UseCases []string `json:"use_cases"`
	// HiddenInstitutions are the ids of institutions that are not listed or found.
	HiddenInstitutions []string `json:"hidden_institutions"`
}

// DefaultCustomization is the name of the customization of tokens that name none.
const DefaultCustomization = "default"

// Ways of choosing accounts.
const (
	SelectOne      = "one"
	SelectMultiple = "multiple"
	SelectAll      = "all"
)

// Read is a tenant's settings.
func Read(ctx context.Context, q store.Querier, tenant store.Tenant) (Settings, error) {
	var s Settings
	var text []byte
	err := q.QueryRow(ctx, `select document from link_settings where client_id = $1 and environment = $2`, tenant.Client, tenant.Environment).Scan(&text)
	if errors.Is(err, store.ErrNotFound) {
		return s.whole(), nil
	}
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return s, fmt.Errorf("link: stored settings: %w", err)
	}
	return s.whole(), nil
}

// Write replaces a tenant's settings.
func Write(ctx context.Context, tx *store.Tx, tenant store.Tenant, s Settings) error {
	text, err := plaid.JSON(s.whole())
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into link_settings (client_id, environment, document) values ($1, $2, $3)
		on conflict (client_id, environment) do update set document = excluded.document`, tenant.Client, tenant.Environment, string(text))
	return err
}

// whole has no null in its JSON.
func (s Settings) whole() Settings {
	s.AllowedOrigins, s.RedirectURIs, s.PortalProducts = notNil(s.AllowedOrigins), notNil(s.RedirectURIs), notNil(s.PortalProducts)
	all := map[string]Customization{}
	for name, c := range s.Customizations {
		c.CountryCodes, c.UseCases, c.HiddenInstitutions = notNil(c.CountryCodes), notNil(c.UseCases), notNil(c.HiddenInstitutions)
		all[name] = c
	}
	s.Customizations = all
	return s
}

func notNil(list []string) []string { return append([]string{}, list...) }

// AllowsOrigin reports whether a page may open Link. The origin is as a browser says it.
func (s Settings) AllowsOrigin(origin string) bool {
	return len(s.AllowedOrigins) == 0 || slices.ContainsFunc(s.AllowedOrigins, func(allowed string) bool { return matches(allowed, origin) })
}

// AllowsRedirect reports whether a link token may name the address.
func (s Settings) AllowsRedirect(environment, uri string) bool {
	if len(s.RedirectURIs) == 0 && environment == plaid.Sandbox {
		return true
	}
	return slices.ContainsFunc(s.RedirectURIs, func(allowed string) bool { return matches(allowed, uri) })
}

// matches compares addresses, where the first label of the allowed one's host may be *.
func matches(allowed, address string) bool {
	scheme, rest, wild := strings.Cut(allowed, "://*.")
	if !wild {
		return allowed == address
	}
	label, _, ok := strings.Cut(strings.TrimPrefix(address, scheme+"://"), ".")
	return ok && label != "" && !strings.ContainsAny(label, "/:@?#") && address == scheme+"://"+label+"."+rest
}

// Customization is the one for a link token, and whether there is one of that name. An empty name is the default.
func (s Settings) Customization(name, language string, countries []string) (c Customization, found bool) {
	if name == "" {
		name = DefaultCustomization
	}
	c, found = s.Customizations[name]
	applies := (c.Language == "" || c.Language == language) && (len(c.CountryCodes) == 0 || slices.Equal(sorted(c.CountryCodes), sorted(countries)))
	if !applies {
		return Customization{}, true
	}
	return c, found || name == DefaultCustomization
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }

// Limits of settings.
const (
	mostListed  = 100
	mostUses    = 3
	longestName = 100
)

// Validate checks settings that a client has sent, naming the field.
func (s Settings) Validate() error {
	if len(s.AllowedOrigins) > mostListed || len(s.RedirectURIs) > mostListed || len(s.Customizations) > mostListed {
		return plaid.InvalidField("settings", fmt.Sprintf("must have at most %d entries of each kind", mostListed))
	}
	for i, origin := range s.AllowedOrigins {
		if u, err := address(origin); err != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
			return plaid.InvalidField(fmt.Sprintf("allowed_origins[%d]", i), "must be an origin without a path, such as https://app.example")
		}
	}
	for i, uri := range s.RedirectURIs {
		if u, err := address(uri); err != nil || u.RawQuery != "" || u.Fragment != "" {
			return plaid.InvalidField(fmt.Sprintf("redirect_uris[%d]", i), "must be an address without query and fragment, such as https://app.example/oauth")
		}
	}
	for i, name := range s.PortalProducts {
		if !plaid.Known(portalProducts, name) || slices.Contains(s.PortalProducts[:i], name) {
			return plaid.InvalidField(fmt.Sprintf("portal_products[%d]", i), "must be one of "+strings.Join(portalProducts, ", ")+", each once")
		}
	}
	if s.PortalWebhook != "" {
		if err := product.ValidWebhook("portal_webhook", s.PortalWebhook); err != nil {
			return err
		}
	}
	for name, c := range s.Customizations {
		if err := c.validate("customizations."+name, name); err != nil {
			return err
		}
	}
	return nil
}

// portalProducts are those that need nothing said of them.
var portalProducts = []string{"assets", "auth", "identity", "investments", "liabilities", "transactions"}

// defaultPortalProducts are asked for where nothing is settled.
var defaultPortalProducts = []string{"transactions", "auth", "identity", "investments", "liabilities"}

// Portal is what the portal asks for: products that must be there, products that are there where an institution has them, and
// products that are tried.
func (s Settings) Portal() (required, ifSupported, optional []string) {
	if n := len(s.PortalProducts); n > 0 {
		return s.PortalProducts[:1], s.PortalProducts[1:], nil
	}
	return defaultPortalProducts[:1], nil, defaultPortalProducts[1:]
}

// address reads a web address, in which the first label may be *.
func address(s string) (*url.URL, error) {
	u, err := url.Parse(strings.Replace(s, "://*.", "://any.", 1))
	if err == nil && (u.Host == "" || u.User != nil || (u.Scheme != "https" && u.Scheme != "http") || strings.Contains(u.Host, "*")) {
		err = errors.New("no web address")
	}
	return u, err
}

func (c Customization) validate(field, name string) error {
	switch {
	case name == "" || len(name) > longestName:
		return plaid.InvalidField("customizations", fmt.Sprintf("must have names of 1 to %d characters", longestName))
	case c.Language != "" && !plaid.Known(plaid.Languages, c.Language):
		return plaid.InvalidField(field+".language", "must be one of "+strings.Join(plaid.Languages, ", "))
	case c.AccountSelect != "" && !plaid.Known([]string{SelectOne, SelectMultiple, SelectAll}, c.AccountSelect):
		return plaid.InvalidField(field+".account_select", "must be one, multiple or all")
	case len(c.UseCases) > mostUses:
		return plaid.InvalidField(field+".use_cases", fmt.Sprintf("must have at most %d elements", mostUses))
	}
	for i, code := range c.CountryCodes {
		if !plaid.Known(plaid.CountryCodes, code) {
			return plaid.InvalidField(fmt.Sprintf("%s.country_codes[%d]", field, i), "must be a country code, such as US")
		}
	}
	return nil
}

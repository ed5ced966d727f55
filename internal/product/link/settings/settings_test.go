package settings

import (
	"strings"
	"testing"
)

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		allowed, address string
		want             bool
	}{
		{"https://app.example", "https://app.example", true},
		{"https://app.example", "http://app.example", false},
		{"https://app.example", "https://app.example:8443", false},
		{"https://app.example", "https://app.example.evil.example", false},
		{"https://*.app.example", "https://a.app.example", true},
		{"https://*.app.example", "https://a.b.app.example", false},
		{"https://*.app.example", "https://app.example", false},
		{"https://*.app.example", "https://evil.example/.app.example", false},
		{"https://*.app.example", "https://u@x.app.example", false},
		{"https://*.app.example/oauth", "https://a.app.example/oauth", true},
		{"https://*.app.example/oauth", "https://a.app.example/other", false},
		{"https://app.example", "null", false},
	} {
		if got := matches(c.allowed, c.address); got != c.want {
			t.Errorf("%s against %s: %v", c.address, c.allowed, got)
		}
	}
}

func TestWhatIsAllowedWithoutALimit(t *testing.T) {
	var none Settings
	if !none.AllowsOrigin("https://any.example") || !none.AllowsRedirect("sandbox", "http://localhost/oauth") || none.AllowsRedirect("production", "https://any.example/oauth") {
		t.Error("without lists, any page may open Link, and only the sandbox leads anywhere")
	}
	some := Settings{AllowedOrigins: []string{"https://app.example"}, RedirectURIs: []string{"https://app.example/oauth"}}
	if some.AllowsOrigin("https://any.example") || some.AllowsRedirect("sandbox", "http://localhost/oauth") {
		t.Error("lists do not limit")
	}
}

func TestCustomizations(t *testing.T) {
	s := Settings{Customizations: map[string]Customization{"french": {Language: "fr", CountryCodes: []string{"FR", "BE"}, AccountSelect: SelectOne}}}
	for _, c := range []struct {
		name, language string
		countries      []string
		found          bool
		selects        string
	}{
		{"", "en", []string{"US"}, true, ""},
		{"default", "en", []string{"US"}, true, ""},
		{"french", "fr", []string{"BE", "FR"}, true, SelectOne},
		{"french", "en", []string{"BE", "FR"}, true, ""},
		{"french", "fr", []string{"FR"}, true, ""},
		{"spanish", "es", []string{"ES"}, false, ""},
	} {
		got, found := s.Customization(c.name, c.language, c.countries)
		if found != c.found || got.AccountSelect != c.selects {
			t.Errorf("%q: %v %+v", c.name, found, got)
		}
	}
}

func TestValidate(t *testing.T) {
	for field, s := range map[string]Settings{
		"allowed_origins[0]":              {AllowedOrigins: []string{"https://app.example/path"}},
		"allowed_origins[1]":              {AllowedOrigins: []string{"https://a.example", "app.example"}},
		"redirect_uris[0]":                {RedirectURIs: []string{"https://app.example/?q=1"}},
		"portal_webhook must":             {PortalWebhook: "ftp://a.example"},
		"portal_products[0]":              {PortalProducts: []string{"statements"}},
		"portal_products[1]":              {PortalProducts: []string{"auth", "auth"}},
		"customizations.x.language":       {Customizations: map[string]Customization{"x": {Language: "xx"}}},
		"customizations.x.account_select": {Customizations: map[string]Customization{"x": {AccountSelect: "two"}}},
		"customizations.x.use_cases":      {Customizations: map[string]Customization{"x": {UseCases: []string{"a", "b", "c", "d"}}}},
		"customizations.x.country_codes":  {Customizations: map[string]Customization{"x": {CountryCodes: []string{"XX"}}}},
		"settings must have at most":      {AllowedOrigins: make([]string, mostListed+1)},
		"customizations must have names":  {Customizations: map[string]Customization{"": {}}},
	} {
		if err := s.Validate(); err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: %v", field, err)
		}
	}
	good := Settings{AllowedOrigins: []string{"http://localhost:3000", "https://*.app.example"}, RedirectURIs: []string{"https://app.example/oauth", "http://localhost:3000/"}}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
}

func TestWhatThePortalAsksFor(t *testing.T) {
	for _, c := range []struct{ settled, want string }{
		{"", "transactions||auth identity investments liabilities"},
		{"auth", "auth||"},
		{"investments transactions auth", "investments|transactions auth|"},
	} {
		required, ifSupported, optional := Settings{PortalProducts: strings.Fields(c.settled)}.Portal()
		if got := strings.Join(required, " ") + "|" + strings.Join(ifSupported, " ") + "|" + strings.Join(optional, " "); got != c.want {
			t.Errorf("of %q it asks %s, not %s", c.settled, got, c.want)
		}
	}
}

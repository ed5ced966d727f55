package token

import (
	"net/url"
	"regexp"
	"strings"
	"time"

	"weft/internal/plaid"
	"weft/internal/product/link/token/rules"
	"weft/internal/user/identity"
)

// checkUser checks who will link. The fields' own forms are checked already.
func (r *Request) checkUser() error {
	if r.User == nil && !r.namesUser() {
		return plaid.MissingFields("user")
	}
	if r.User == nil {
		return nil
	}
	if r.User.PhoneNumber != nil {
		phone := identity.CanonicalPhone(*r.User.PhoneNumber)
		r.User.PhoneNumber = &phone
	}
	if a := r.User.Address; a != nil {
		return a.check()
	}
	return nil
}

var usPostalCode = regexp.MustCompile(`^[0-9]{5}$`)

// check wants a country alone or a whole address.
func (a *Address) check() error {
	whole := a.Street != nil && a.City != nil
	parts := a.Street != nil || a.Street2 != nil || a.City != nil || a.Region != nil || a.PostalCode != nil
	if parts && !whole {
		return rules.Invalid("user.address", "must have a country alone, or street and city as well")
	}
	if *a.Country == "US" && a.PostalCode != nil && !usPostalCode.MatchString(*a.PostalCode) {
		return rules.Invalid("user.address.postal_code", "must be five digits for an address in the US")
	}
	return nil
}

// checkNow checks what depends on the environment and the day.
func (r *Request) checkNow(environment string, now time.Time) error {
	if r.User != nil && r.User.DateOfBirth != nil {
		if born, err := plaid.ParseDate(*r.User.DateOfBirth); err != nil || born > plaid.DateOf(now) {
			return rules.Invalid("user.date_of_birth", "must not be in the future")
		}
	}
	if r.RedirectURI != nil {
		return checkRedirect(*r.RedirectURI, environment)
	}
	return nil
}

// checkRedirect wants the address of a page; Link adds the query itself when it comes back from the bank.
func checkRedirect(uri, environment string) error {
	want := "must be an https URI without credentials, query and fragment"
	u, err := url.Parse(uri)
	secure := err == nil && (u.Scheme == "https" || (u.Scheme == "http" && environment == plaid.Sandbox))
	if !secure || len(uri) > rules.MaxText || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.ForceQuery || strings.Contains(uri, "#") {
		if environment == plaid.Sandbox {
			want = "must be an https or (in the sandbox) http URI without credentials, query and fragment"
		}
		return plaid.InvalidField("redirect_uri", want)
	}
	return nil
}

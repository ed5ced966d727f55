package product

import (
	"net/url"
	"strings"
	"unicode"

	"weft/internal/plaid"
)

// ValidWebhook checks the address of a webhook. It is judged at delivery where it leads to; here it must be an http or
// https URL, or a bare host name and path, which some clients' fixtures have.
func ValidWebhook(field, webhook string) error {
	full, bare := webhook, !strings.Contains(webhook, "://")
	if bare {
		full = "https://" + webhook
	}
	u, err := url.Parse(full)
	if err == nil && bare && !strings.Contains(u.Hostname(), ".") && u.Hostname() != "localhost" { // javascript:1 is no host and port
		u.Host = ""
	}
	if err != nil || len(webhook) > 2048 || (u.Scheme != "http" && u.Scheme != "https") || u.User != nil || u.Host == "" ||
		strings.ContainsFunc(webhook, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return plaid.InvalidField(field, "must be a non-empty string URL, http or https, without credentials")
	}
	return nil
}

// ValidProducts checks a list of products that must not be empty.
func ValidProducts(field string, products []string) error {
	if len(products) == 0 {
		return plaid.InvalidField(field, "must be a non-empty array of products")
	}
	return KnownProducts(field, products)
}

// KnownProducts checks the names in a list of products. balance is a part of every Item and cannot be asked for.
func KnownProducts(field string, products []string) error {
	var unknown []string
	for _, p := range products {
		if !plaid.Known(plaid.Products, p) {
			unknown = append(unknown, p)
		}
	}
	if len(unknown) > 0 {
		return plaid.Errf("INVALID_PRODUCT", "%s: the following products are not known: %s", field, plaid.Quoted(unknown))
	}
	if plaid.Known(products, "balance") {
		return plaid.Errf("INVALID_PRODUCT", `%s: "balance" cannot be requested; it is available on every Item`, field)
	}
	return nil
}

// ValidCountryCodes checks a list of countries that must not be empty.
func ValidCountryCodes(field string, codes []string) error {
	if len(codes) == 0 {
		return plaid.InvalidField(field, "must be a non-empty array of country codes")
	}
	for _, c := range codes {
		if !plaid.Known(plaid.CountryCodes, c) {
			return plaid.InvalidField(field, "has the unknown country code "+quote(c))
		}
	}
	return nil
}

func quote(s string) string { return `"` + s + `"` }

package token

import (
	"slices"
	"strings"

	"weft/internal/plaid"
	"weft/internal/product"
)

// productList is one of the four arrays of products.
type productList struct {
	field    string
	products []string
}

// productLists are the four arrays, the most binding first.
func (r *Request) productLists() []productList {
	return []productList{
		{"products", r.Products}, {"required_if_supported_products", r.RequiredIfSupported},
		{"optional_products", r.Optional}, {"additional_consented_products", r.AdditionalConsented},
	}
}

// place is the array that a product is in, by its position, -1 for none.
func (r *Request) place(name string) int {
	return slices.IndexFunc(r.productLists(), func(l productList) bool { return plaid.Known(l.products, name) })
}

// fetches reports whether a product is initialised while linking, and not only consented to.
func (r *Request) fetches(name string) bool {
	at := r.place(name)
	return at >= 0 && at < 3
}

// alone are products that are linked with no other. They cannot be added to an Item later.
var alone = []string{"identity_verification", "payment_initiation"}

// checkProducts checks the four arrays and the rules of products among each other.
func (r *Request) checkProducts() error {
	lists := r.productLists()
	for i, l := range lists {
		if err := product.KnownProducts(l.field, l.products); err != nil {
			return err
		}
		for _, p := range l.products {
			if first := r.place(p); first < i {
				return plaid.Errf("INVALID_CONFIGURATION", "%s: %q is in %s too; a product can be in one of the arrays", l.field, p, lists[first].field)
			}
			if i > 0 && plaid.Known(alone, p) {
				return plaid.Errf("INVALID_CONFIGURATION", "%s: %q can be in products alone", l.field, p)
			}
		}
	}
	if err := r.checkFirstProduct(); err != nil {
		return err
	}
	return r.checkCompany(lists)
}

// checkFirstProduct wants a product for a new Item.
func (r *Request) checkFirstProduct() error {
	switch {
	case r.updateMode() || len(r.Products) > 0:
		return nil
	case r.Transfer != nil && r.Transfer.AuthorizationID != nil: // the user completes an authorization; nothing is linked
		return nil
	case r.Products == nil:
		return plaid.MissingFields("products")
	}
	return product.ValidProducts("products", r.Products)
}

// checkCompany checks which products are asked for together.
func (r *Request) checkCompany(lists []productList) error {
	var all []string
	for _, l := range lists {
		all = append(all, l.products...)
	}
	others := func(name string) bool {
		return slices.ContainsFunc(all, func(p string) bool { return p != name })
	}
	for _, name := range alone {
		if plaid.Known(r.Products, name) && others(name) {
			return plaid.Errf("INVALID_CONFIGURATION", "products: %q cannot be combined with other products", name)
		}
	}
	payroll := r.IncomeVerification != nil && plaid.Known(r.IncomeVerification.SourceTypes, "payroll")
	if payroll && r.fetches("income_verification") && others("income_verification") {
		return plaid.Errf("INVALID_CONFIGURATION", `products: "income_verification" of the source type payroll cannot be combined with other products`)
	}
	if signal, auth := r.place("signal"), r.place("auth"); signal >= 0 && (auth < 0 || auth > signal) {
		return plaid.Errf("INVALID_CONFIGURATION", `%s: "signal" needs "auth" there or in a more binding array`, lists[signal].field)
	}
	return r.checkConsumerReport(all)
}

// checkConsumerReport keeps consumer reports apart from the products that are none, and wants their purpose.
func (r *Request) checkConsumerReport(all []string) error {
	cra := slices.ContainsFunc(all, isConsumerReport)
	for _, other := range []string{"assets", "income", "income_verification"} {
		if cra && plaid.Known(all, other) {
			return plaid.Errf("INVALID_CONFIGURATION", "products: %q cannot be combined with consumer report (cra_) products", other)
		}
	}
	switch cra = cra || on(r.CRAEnabled); {
	case cra && r.PermissiblePurpose == nil:
		return plaid.MissingFields("consumer_report_permissible_purpose")
	case !cra && r.PermissiblePurpose != nil && !r.updateMode():
		return plaid.InvalidField("consumer_report_permissible_purpose", "is for consumer report (cra_) products, and none is requested")
	}
	return nil
}

func isConsumerReport(name string) bool { return strings.HasPrefix(name, "cra_") }

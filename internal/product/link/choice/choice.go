// Package choice says what a link token asks for means for an institution: which products a new Item begins with, and which of a
// login's accounts can be shared.
package choice

import (
	"slices"

	"weft/internal/connector"
	"weft/internal/item/state"
	"weft/internal/plaid"
	"weft/internal/product/link/session"
	"weft/internal/product/link/token"
)

// Products are the products that a token has fetched at once; those that are required where the institution has them among
// them are found by [Initial].
func Products(t token.Token) []string {
	return slices.Concat(t.Request.Products, t.Request.RequiredIfSupported, t.Request.Optional)
}

// Initial are the products that a new Item begins with at an institution, and consented those that it may be given later.
func Initial(t token.Token, supported []string) (products, consented []string) {
	q := t.Request
	products = slices.Clone(q.Products)
	for _, p := range slices.Concat(q.RequiredIfSupported, q.Optional) {
		if plaid.Known(supported, p) {
			products = append(products, p)
		}
	}
	return products, q.AdditionalConsented
}

// kinds are the accounts that have a product's data, by type and subtype; an empty subtype stands for all. A product that is
// not here is of all accounts.
var kinds = map[string][][2]string{
	"auth":             {{"depository", "checking"}, {"depository", "savings"}, {"depository", "cash management"}},
	"signal":           {{"depository", "checking"}, {"depository", "savings"}, {"depository", "cash management"}},
	"transfer":         {{"depository", "checking"}, {"depository", "savings"}, {"depository", "cash management"}},
	"investments":      {{"investment", ""}, {"depository", "cash management"}},
	"investments_auth": {{"investment", ""}},
	"liabilities":      {{"credit", "credit card"}, {"credit", "paypal"}, {"loan", "student"}, {"loan", "mortgage"}},
	"transactions":     {{"depository", ""}, {"credit", ""}, {"loan", "student"}, {"loan", "mortgage"}},
}

// noAccounts are the codes for a login without accounts of a product.
var noAccounts = map[string]plaid.Code{
	"auth": "NO_AUTH_ACCOUNTS", "investments": "NO_INVESTMENT_ACCOUNTS", "investments_auth": "NO_INVESTMENT_AUTH_ACCOUNTS",
	"liabilities": "NO_LIABILITY_ACCOUNTS",
}

func fits(product, accountType, subtype string) bool {
	list, limited := kinds[product]
	return !limited || slices.ContainsFunc(list, func(k [2]string) bool { return k[0] == accountType && (k[1] == "" || k[1] == subtype) })
}

// eligible reports whether an account can be shared: a filter lets it through, and one of the products has data of it.
func eligible(t token.Token, accountType, subtype string) bool {
	if f := t.Request.AccountFilters; f != nil && !f.Allows(accountType, subtype) {
		return false
	}
	products := Products(t)
	return len(products) == 0 || slices.ContainsFunc(products, func(p string) bool { return fits(p, accountType, subtype) })
}

// Accounts are a login's accounts as the person sees them. The error says that none of them will do.
func Accounts(t token.Token, setup session.Setup, list []connector.Account, shared []string) ([]session.Account, error) {
	var out []session.Account
	for _, a := range list {
		one := session.Account{Key: a.Key, Name: a.Name, Mask: text(a.Mask), Type: a.Type, Subtype: text(a.Subtype), Currency: text(a.Balances.ISOCurrencyCode)}
		if a.Balances.Current != nil {
			one.Balance = a.Balances.Current.String()
		}
		one.Numbered = state.Numbered(one.Type, one.Subtype)
		one.Ineligible = !eligible(t, one.Type, one.Subtype)
		one.Checked = !one.Ineligible && !setup.Unchecked
		if len(setup.Repairs) > 0 {
			one.Checked = shared == nil || slices.Contains(shared, a.Key)
		}
		out = append(out, one)
	}
	for _, p := range t.Request.Products {
		if code := noAccounts[p]; code != "" && !slices.ContainsFunc(out, func(a session.Account) bool { return !a.Ineligible && fits(p, a.Type, a.Subtype) }) {
			return nil, plaid.Err(code)
		}
	}
	if !slices.ContainsFunc(out, func(a session.Account) bool { return !a.Ineligible }) {
		return nil, plaid.Err("NO_ACCOUNTS")
	}
	return out, nil
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

package token

import (
	"slices"

	"weft/internal/plaid"
)

// updateMode reports whether Link is opened for Items that exist, not for a new one. It is for requests that still have
// their tokens; of stored ones, Terms.UpdateMode tells it.
func (r *Request) updateMode() bool {
	return r.AccessToken != nil || r.AccessTokens != nil || (r.Update != nil && on(r.Update.User))
}

// updatable are the products that update mode can add by fetching them; the others are added by their own endpoints, with
// consent asked for by additional_consented_products.
func updatable(name string) bool {
	return plaid.Known([]string{"assets", "statements", "income_verification", "auth", "identity"}, name) || isConsumerReport(name)
}

// updateRules are what update mode and its options exclude and need.
var updateRules = []struct {
	broken  func(r *Request, u Update) bool
	problem string
}{
	{func(r *Request, _ Update) bool { return r.AccessToken != nil && r.AccessTokens != nil },
		"access_token and access_tokens exclude each other"},
	{func(r *Request, u Update) bool { return on(u.User) && (r.AccessToken != nil || r.AccessTokens != nil) },
		"update.user and access_token exclude each other"},
	{func(r *Request, u Update) bool { return on(u.User) && !r.namesUser() },
		"update.user needs user_id or user_token"},
	{func(_ *Request, u Update) bool { return len(u.ItemIDs) > 0 && !on(u.User) },
		"update.item_ids needs update.user"},
	{func(r *Request, u Update) bool { return on(u.AccountSelectionEnabled) && !r.updateMode() },
		"update.account_selection_enabled is for update mode: name an Item in access_token"},
	{func(r *Request, u Update) bool {
		return on(u.AccountSelectionEnabled) && plaid.Known(r.Products, "assets")
	},
		"update.account_selection_enabled is not supported for the assets product"},
	{func(r *Request, u Update) bool {
		return r.updateMode() && r.AccountFilters != nil && !on(u.AccountSelectionEnabled)
	}, "account_filters in update mode needs update.account_selection_enabled"},
	{func(r *Request, _ Update) bool { return r.updateMode() && r.InstitutionID != nil },
		"institution_id is for new Items: an Item in update mode keeps its institution"},
	{func(r *Request, _ Update) bool {
		return r.updateMode() && len(r.RequiredIfSupported)+len(r.Optional) > 0
	},
		"required_if_supported_products and optional_products are for new Items; in update mode use additional_consented_products"},
}

// checkUpdateMode checks the options of update mode, also that they are not given without it.
func (r *Request) checkUpdateMode() error {
	var u Update
	if r.Update != nil {
		u = *r.Update
	}
	for _, rule := range updateRules {
		if rule.broken(r, u) {
			return plaid.Errf("INVALID_CONFIGURATION", "%s", rule.problem)
		}
	}
	if !r.updateMode() {
		return nil
	}
	if i := slices.IndexFunc(r.Products, func(p string) bool { return !updatable(p) }); i >= 0 {
		return plaid.Errf("INVALID_CONFIGURATION", "products: %q cannot be requested in update mode; leave products out, and ask for consent with additional_consented_products", r.Products[i])
	}
	return nil
}

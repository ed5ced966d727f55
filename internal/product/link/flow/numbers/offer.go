// Package numbers is what Link does with account numbers that a person types: which ways there are, how numbers are verified, and
// what becomes of the code of a deposit.
package numbers

import (
	"slices"

	"weft/internal/connector"
	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/product/link/session"
	"weft/internal/product/link/token"
)

// Offer sets by which methods numbers may be verified in a session, and whether they can be typed in place of a login. They are
// those that the token wants, as far as the environment has them.
func Offer(out *session.Setup, q token.Request, list []connector.Connector) {
	wanted := func(product string) bool {
		return plaid.Known(q.Products, product) || plaid.Known(q.RequiredIfSupported, product)
	}
	if !wanted("auth") && !wanted("transfer") || !plaid.Known(q.CountryCodes, "US") {
		return
	}
	auth := token.Auth{}
	if q.Auth != nil {
		auth = *q.Auth
	}
	possible := methods(list)
	add := func(method string, enabled bool) {
		if enabled && plaid.Known(possible, method) {
			out.Methods = append(out.Methods, method)
		}
	}
	on := func(b *bool) bool { return b != nil && *b }
	add(plaid.InstantMatch, auth.InstantMatchEnabled == nil || *auth.InstantMatchEnabled)
	add(plaid.Automated, on(auth.AutomatedMicrodepositsEnabled))
	add(plaid.InstantDeposit, on(auth.InstantMicrodepositsEnabled))
	alone := len(out.Methods)
	add(plaid.DatabaseMatch, on(auth.DatabaseMatchEnabled))
	add(plaid.DatabaseInsights, on(auth.DatabaseInsightsEnabled))
	add(plaid.SameDay, on(auth.SameDayMicrodepositsEnabled))
	out.Manual = len(out.Methods) > alone && only(q.Products, "auth")
	out.AuthTypeSelect = out.Manual && (on(auth.AuthTypeSelectEnabled) || auth.FlowType != nil)
	out.Reroute = "OPTIONAL"
	if auth.RerouteToCredentials != nil {
		out.Reroute = *auth.RerouteToCredentials
	}
}

// only reports whether a product is the one that must be there: an account without a login has no other's data.
func only(products []string, name string) bool {
	return !slices.ContainsFunc(products, func(p string) bool { return p != name })
}

// methods are those of an environment.
func methods(list []connector.Connector) []string {
	var all []string
	for _, con := range list {
		if numbered, ok := con.(connector.Numbered); ok {
			all = append(all, numbered.Methods()...)
		}
		if _, ok := con.(connector.Matching); ok {
			all = append(all, plaid.InstantMatch, plaid.Automated)
		}
	}
	return all
}

// Show says of an institution where its account numbers come from in a session.
func Show(out *session.Institution, ins connector.Institution, setup session.Setup) {
	if !mute(ins) {
		out.Login = plaid.Known(ins.Products, "auth") && ins.Supported && !ins.Down
		return
	}
	supported := ins.AuthMetadata.SupportedMethods
	add := func(method string, has bool) {
		if has && plaid.Known(setup.Methods, method) {
			out.Beside = append(out.Beside, method)
		}
	}
	add(plaid.InstantMatch, supported.InstantMatch)
	add(plaid.Automated, supported.AutomatedMicroDeposits)
	out.Instead = len(out.Beside) == 0 && supported.InstantMicroDeposits && plaid.Known(setup.Methods, plaid.InstantDeposit)
}

// mute reports whether an institution does not give account numbers, and says which methods it supports instead.
func mute(ins connector.Institution) bool {
	return ins.AuthMetadata != nil && ins.AuthMetadata.SupportedMethods != nil && !ins.AuthMetadata.SupportedMethods.InstantAuth
}

// Has reports whether an institution has a product for a session: the numbers of auth have to be typed at some.
func Has(out session.Institution, ins connector.Institution, product string) bool {
	if product == "auth" && mute(ins) {
		return len(out.Beside) > 0 || out.Instead
	}
	return plaid.Known(ins.Products, product)
}

// ByRouting is the one institution of an environment that has a routing number.
func ByRouting(items *item.Service, environment, number string) (found connector.Institution, ok bool) {
	for _, con := range items.Connectors[environment] {
		dir, lists := con.(connector.Directory)
		if !lists {
			continue
		}
		for _, ins := range dir.Institutions(items.Clock.Now()) {
			if !slices.Contains(ins.RoutingNumbers, number) {
				continue
			}
			if ok {
				return connector.Institution{}, false
			}
			found, ok = ins, true
		}
	}
	return found, ok
}

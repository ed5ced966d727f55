package contract

import (
	"fmt"
	"maps"
	"slices"
	"testing"
)

// Institutions of the sandbox, each with what it is good for.
const (
	usBank       = "ins_109508" // has every product
	usMatchBank  = "ins_109512"
	balanceBank  = "ins_130016" // has no investments
	oauthBank    = "ins_127287" // is in the US and in Canada
	degradedBank = "ins_132363"
	downBank     = "ins_132361"
	goneBank     = "ins_133402" // is no longer supported
	canadaBank   = "ins_43"     // has investments, but not investments_auth
	europeBank   = "ins_116834"
	ukBank       = "ins_117650"
	nightlyBank  = "ins_128026" // tells of cards and loans once a night
)

// login is what an Item is made of.
type login struct {
	institution, user, password string
	products                    []string
	options                     map[string]any
}

// request is the request that makes the Item.
func (l login) request() map[string]any {
	options := map[string]any{}
	maps.Copy(options, l.options)
	if l.user != "" {
		options["override_username"] = l.user
	}
	if l.password != "" {
		options["override_password"] = l.password
	}
	req := map[string]any{"institution_id": usBank, "initial_products": []string{"investments"}, "options": options}
	if l.institution != "" {
		req["institution_id"] = l.institution
	}
	if l.products != nil {
		req["initial_products"] = l.products
	}
	return req
}

const createToken = "/sandbox/public_token/create"

// publicToken makes an Item and returns its public token.
func (p *probe) publicToken(t *testing.T, l login) string {
	t.Helper()
	var made struct {
		PublicToken string `json:"public_token"`
	}
	p.ok(t, createToken, l.request()).into(t, &made)
	return made.PublicToken
}

// link makes an Item and returns its access token.
func (p *probe) link(t *testing.T, l login) string {
	t.Helper()
	var made struct {
		AccessToken string `json:"access_token"`
	}
	p.ok(t, "/item/public_token/exchange", map[string]any{"public_token": p.publicToken(t, l)}).into(t, &made)
	return made.AccessToken
}

// request is the request that an access token alone makes, with more members in pairs.
func about(token string, more ...any) map[string]any {
	req := map[string]any{"access_token": token}
	for i := 0; i < len(more); i += 2 {
		req[more[i].(string)] = more[i+1]
	}
	return req
}

// examples make a request that succeeds, for each route of the published file. Each is made anew: some use up what they
// are about.
var examples = map[string]func(t *testing.T, p *probe) map[string]any{
	createToken: func(*testing.T, *probe) map[string]any { return login{}.request() },
	"/item/public_token/exchange": func(t *testing.T, p *probe) map[string]any {
		return map[string]any{"public_token": p.publicToken(t, login{products: []string{"auth"}})}
	},
	"/item/public_token/create":     ofItem,
	"/item/get":                     ofItem,
	"/item/remove":                  ofNewItem,
	"/item/access_token/invalidate": ofNewItem,
	"/item/webhook/update":          ofItem,
	"/item/import": func(*testing.T, *probe) map[string]any {
		return map[string]any{"products": []string{"investments"}, "user_auth": map[string]any{"user_id": "user_good", "auth_token": "pass_good"}}
	},
	"/item/products/terminate": func(t *testing.T, p *probe) map[string]any {
		return about(p.link(t, login{}), "reason_code", "USER_OFFBOARDING")
	},
	"/consent/events/get":    ofItem,
	"/item/activity/list":    ofItem,
	"/item/application/list": ofItem,
	"/item/application/unlink": func(t *testing.T, p *probe) map[string]any {
		token := p.link(t, login{})
		return about(token, "application_id", p.application(t, token))
	},
	"/network/status/get": func(*testing.T, *probe) map[string]any {
		return map[string]any{"user": map[string]any{"phone_number": "+14155550123"}}
	},
	"/accounts/get":             ofItem,
	"/accounts/balance/get":     ofItem,
	"/auth/get":                 ofItem,
	"/investments/holdings/get": ofItem,
	"/identity/get":             ofItem,
	"/identity/refresh":         ofItem,
	"/identity/match": func(t *testing.T, p *probe) map[string]any {
		req := ofItem(t, p)
		req["user"] = map[string]any{"legal_name": "Alberta Charleson", "phone_number": "+14155552671", "email_address": "a@example.com",
			"address": map[string]any{"city": "Malakoff", "region": "NY", "street": "2992 Cameron Road", "postal_code": "14236", "country": "US"}}
		return req
	},
	"/investments/transactions/get": func(t *testing.T, p *probe) map[string]any {
		req := ofItem(t, p)
		req["start_date"], req["end_date"] = "2026-01-01", "2026-11-20"
		return req
	},
	"/liabilities/get": ofItem,
	"/statements/list": ofStatements,
	"/statements/download": func(t *testing.T, p *probe) map[string]any {
		req := ofStatements(t, p)
		req["statement_id"] = p.statementIDs(t, req["access_token"].(string))[0]
		return req
	},
	"/statements/refresh": func(t *testing.T, p *probe) map[string]any {
		req := ofStatements(t, p)
		req["start_date"], req["end_date"] = "2026-01-01", "2026-10-31"
		return req
	},
	"/transactions/get": func(t *testing.T, p *probe) map[string]any {
		req := ofItem(t, p)
		req["start_date"], req["end_date"] = "2026-01-01", "2026-11-20"
		return req
	},
	"/transactions/sync":          ofItem,
	"/transactions/refresh":       ofItem,
	"/transactions/recurring/get": ofItem,
	"/transactions/enrich": func(*testing.T, *probe) map[string]any {
		return map[string]any{"account_type": "credit", "transactions": []map[string]any{
			{"id": "1", "description": "SQ *BLUE BOTTLE COFFEE", "amount": 5.5, "direction": "OUTFLOW", "iso_currency_code": "USD"}}}
	},
	"/sandbox/item/fire_webhook": func(t *testing.T, p *probe) map[string]any {
		token := p.link(t, login{products: []string{"transactions"}, options: map[string]any{"webhook": "https://receiver.example/hook"}})
		return about(token, "webhook_code", "SYNC_UPDATES_AVAILABLE")
	},
	"/sandbox/item/reset_login": ofNewItem,
	"/sandbox/item/set_verification_status": func(t *testing.T, p *probe) map[string]any {
		token, account := p.pendingAutomatic(t)
		return about(token, "account_id", account, "verification_status", "automatically_verified")
	},
	"/webhook_verification_key/get": func(*testing.T, *probe) map[string]any {
		return map[string]any{"key_id": "6c5516e1-92dc-479e-a8ff-5a51992e0001"} // of published recordings
	},
	"/sandbox/transactions/create": func(t *testing.T, p *probe) map[string]any {
		token := p.link(t, login{user: "user_transactions_dynamic", password: "x", products: []string{"transactions"}})
		return about(token, "transactions", []map[string]any{{"date_transacted": "2026-11-18", "date_posted": "2026-11-19", "amount": 12.5, "description": "LARKFIELD BAKERY"}})
	},
	"/categories/get":       func(*testing.T, *probe) map[string]any { return map[string]any{} },
	"/investments/refresh":  ofItem,
	"/investments/auth/get": ofItem,
	"/institutions/get": func(*testing.T, *probe) map[string]any {
		return map[string]any{"count": 10, "offset": 0, "country_codes": []string{"US"}}
	},
	"/institutions/get_by_id": func(*testing.T, *probe) map[string]any {
		return map[string]any{"institution_id": usBank, "country_codes": []string{"US"}}
	},
	"/institutions/search": func(*testing.T, *probe) map[string]any {
		return map[string]any{"query": "platypus", "products": []string{"auth"}, "country_codes": []string{"US"}}
	},
	"/user/create":    newUser,
	"/user/get":       ofUser,
	"/user/remove":    ofUser,
	"/user/items/get": ofUser,
	"/user/update": func(t *testing.T, p *probe) map[string]any {
		req := ofUser(t, p)
		req["identity"] = map[string]any{"date_of_birth": "1990-01-01"}
		return req
	},
	"/sandbox/user/reset_login": ofUser,
	"/link/token/create":        linkToken,
	"/link/token/get": func(t *testing.T, p *probe) map[string]any {
		var made struct {
			LinkToken string `json:"link_token"`
		}
		p.ok(t, "/link/token/create", linkToken(t, p)).into(t, &made)
		return map[string]any{"link_token": made.LinkToken}
	},

	"/processor/token/create":                ofAccount("processor", "dwolla"),
	"/processor/apex/processor_token/create": ofAccount(),
	"/processor/stripe/bank_account_token/create": func(t *testing.T, p *probe) map[string]any {
		token := p.link(t, login{products: []string{"auth"}})
		return about(token, "account_id", p.accountIDs(t, token)[0])
	},
	"/processor/token/permissions/set":        ofProcessor("products", []string{"auth"}),
	"/processor/token/permissions/get":        ofProcessor(),
	"/processor/token/webhook/update":         ofProcessor("webhook", "https://receiver.example/hook"),
	"/processor/account/get":                  ofProcessor(),
	"/processor/transactions/get":             ofProcessor("start_date", "2026-01-01", "end_date", "2026-11-20"),
	"/processor/transactions/sync":            ofProcessor(),
	"/processor/transactions/refresh":         ofProcessor(),
	"/processor/transactions/recurring/get":   ofProcessor(),
	"/processor/investments/holdings/get":     ofProcessor(),
	"/processor/investments/transactions/get": ofProcessor("start_date", "2026-01-01", "end_date", "2026-11-20"),
	"/processor/investments/auth/get":         ofProcessor(),
	"/processor/auth/get":                     ofProcessor(),
	"/processor/balance/get":                  ofProcessor(),
	"/processor/identity/get":                 ofProcessor(),
	"/processor/identity/match":               ofProcessor("user", map[string]any{"legal_name": "Alberta Charleson"}),
	"/processor/liabilities/get":              ofProcessor(),
	"/sandbox/processor_token/create":         func(*testing.T, *probe) map[string]any { return map[string]any{"institution_id": usBank} },
}

func linkToken(*testing.T, *probe) map[string]any {
	return map[string]any{
		"client_name": "Contract", "language": "en", "country_codes": []string{"US"}, "products": []string{"investments"},
		"user": map[string]any{"client_user_id": "contract-1"},
	}
}

// application is the id of the application that has access to an Item, empty for none.
func (p *probe) application(t *testing.T, token string) string {
	t.Helper()
	var list struct {
		Applications []struct {
			ID string `json:"application_id"`
		} `json:"applications"`
	}
	p.ok(t, "/item/application/list", about(token)).into(t, &list)
	if len(list.Applications) == 0 {
		return ""
	}
	return list.Applications[0].ID
}

// newUser makes a user of a client_user_id that has none.
func newUser(_ *testing.T, p *probe) map[string]any {
	p.shared.users++
	return map[string]any{"client_user_id": fmt.Sprintf("contract-%d", p.shared.users)}
}

// ofUser is about a new user.
func ofUser(t *testing.T, p *probe) map[string]any {
	var made struct {
		UserID string `json:"user_id"`
	}
	p.ok(t, "/user/create", newUser(t, p)).into(t, &made)
	return map[string]any{"user_id": made.UserID}
}

var everyInvestment = []string{"investments", "investments_auth"}

// everyProduct are the products that have endpoints.
var everyProduct = []string{"auth", "identity", "investments", "investments_auth", "liabilities", "transactions"}

// ofItem is about an Item that all examples of a server share.
func ofItem(t *testing.T, p *probe) map[string]any {
	if p.shared.token == "" {
		p.shared.token = p.link(t, login{products: everyProduct})
	}
	return about(p.shared.token)
}

// ofStatements is about an Item that all examples of statements share.
func ofStatements(t *testing.T, p *probe) map[string]any {
	if p.shared.paper == "" {
		p.shared.paper = p.link(t, withStatements("2026-08-01", "2026-10-31"))
	}
	return about(p.shared.paper)
}

func ofNewItem(t *testing.T, p *probe) map[string]any {
	return about(p.link(t, login{products: []string{"auth"}}))
}

// ofAccount is about the first account of the shared Item, with more members in pairs.
func ofAccount(more ...any) func(t *testing.T, p *probe) map[string]any {
	return func(t *testing.T, p *probe) map[string]any {
		req := ofItem(t, p)
		return about(req["access_token"].(string), append(more, "account_id", p.accountIDs(t, p.shared.token)[0])...)
	}
}

// ofProcessor is about a new processor token for that account, with more members in pairs.
func ofProcessor(more ...any) func(t *testing.T, p *probe) map[string]any {
	return func(t *testing.T, p *probe) map[string]any {
		var made struct {
			Token string `json:"processor_token"`
		}
		p.ok(t, "/processor/token/create", ofAccount("processor", "dwolla")(t, p)).into(t, &made)
		return ofToken(made.Token, more...)
	}
}

// ofToken is a request with a processor token, with more members in pairs.
func ofToken(token string, more ...any) map[string]any {
	req := map[string]any{"processor_token": token}
	for i := 0; i < len(more); i += 2 {
		req[more[i].(string)] = more[i+1]
	}
	return req
}

// example is a new example of a route.
func (p *probe) example(t *testing.T, path string) map[string]any {
	t.Helper()
	if examples[path] == nil {
		t.Fatalf("%s has no example", path)
	}
	return examples[path](t, p)
}

// published are the served routes that the published file has, in the order of their names.
func (p *probe) published() []string {
	var paths []string
	for path := range p.paths {
		if p.spec.Has(path) && examples[path] != nil {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}

package linkmoney

import (
	"weft/internal/httpapi"
	"weft/internal/plaid"
)

// collections are the collections of endpoints, each with its versions and its rows. What speaks MX's or Yodlee's words to
// developers who come from there gets a row here and a table of its own.
func (d *Dialect) collections() []collection {
	return []collection{
		{name: "plaid", versions: []string{"v1", "v2"}, rows: d.plaid()},
	}
}

type collection struct {
	name     string
	versions []string
	rows     []row
}

// row is an endpoint: its paths below the collection's, the first being the usual one.
type row struct {
	paths    []string
	summary  string
	endpoint httpapi.Endpoint
}

// plaid are the endpoints for those who come from Plaid. What a row asks has the path of the row, where nothing else is said.
func (d *Dialect) plaid() []row {
	rows := []row{
		{[]string{"/item/get"}, "Link Money: an Item's state", ofItem[itemAnswer](d, "/item/get")},
		{[]string{"/item/remove"}, "Link Money: remove an Item and all of its data", ofItem[none](d, "/item/remove")},
		{[]string{"/item/webhook/update"}, "Link Money: change the address of an Item's webhooks", ofItem[itemAnswer](d, "/item/webhook/update")},
		{[]string{"/institutions/get"}, "Link Money: institutions by pages", ofAnyone[institutionsAnswer](d, "/institutions/get", everywhere)},
		{[]string{"/institutions/get_by_id"}, "Link Money: one institution with its health", ofAnyone[institutionAnswer](d, "/institutions/get_by_id", withStatus)},
		{[]string{"/institutions/search"}, "Link Money: institutions by what a person types", ofAnyone[foundAnswer](d, "/institutions/search", everywhere)},
		{[]string{"/categories/get"}, "Link Money: the categories of transactions", d.ofNobody("/categories/get")},
		{[]string{"/accounts/get"}, "Link Money: accounts of a user or an Item", ofUser[accountsAnswer](d, everything, "/accounts/get")},
		{[]string{"/accounts/balance/get"}, "Link Money: accounts with their balances of now", ofUser[balancesAnswer](d, everything, "/accounts/balance/get")},
		{[]string{"/transactions/get", "/transactions"}, "Link Money: transactions of a range of days, newest first", byPages[transactionsAnswer](d, "transactions", "/transactions/get", d.advise)},
		{[]string{"/transactions/refresh"}, "Link Money: ask institutions for transactions now", ofUser[none](d, "transactions", "/transactions/refresh")},
		{[]string{"/investments/holdings/get", "/investment/holdings/get"}, "Link Money: holdings with their securities", ofUser[holdingsAnswer](d, "investments", "/investments/holdings/get")},
		{[]string{"/investments/transactions/get"}, "Link Money: investment transactions, newest first", byPages[investmentsAnswer](d, "investments", "/investments/transactions/get", nil)},
		{[]string{"/auth/get"}, "Link Money: account and routing numbers", ofUser[authAnswer](d, "auth", "/auth/get")},
		{[]string{"/liabilities/get"}, "Link Money: what is owed on cards, mortgages and student loans", ofUser[liabilitiesAnswer](d, "liabilities", "/liabilities/get")},
		{[]string{"/webhook_verification_key/get", "/webhook__verification_key"}, "Link Money: the public key by which a webhook is verified", ofAnyone[keyAnswer](d, "/webhook_verification_key/get")},
		{[]string{"/configuration"}, "Link Money: read and change the developer's configuration", client(d, d.configure)},
		{[]string{"/users/register"}, "Link Money: register a user, for a token and the portal", client(d, d.register)},
		{[]string{"/users/token/rotate"}, "Link Money: replace all tokens of a user by a new one", client(d, d.rotate)},
		{[]string{"/users/token/revoke"}, "Link Money: end all tokens of a user", client(d, d.revoke)},
	}
	for _, r := range reports {
		if _, there := d.routes.Find(r.path); there {
			rows = append(rows, row{[]string{r.path}, r.summary, d.ofReport(r.path)})
		}
	}
	return rows
}

// reports are the endpoints of Asset Reports, which are a client's own.
var reports = []struct{ path, summary string }{
	{"/asset_report/create", "Link Money: have an Asset Report made of users or Items"},
	{"/asset_report/get", "Link Money: an Asset Report"},
	{"/asset_report/pdf/get", "Link Money: an Asset Report as PDF"},
	{"/asset_report/refresh", "Link Money: have an Asset Report made anew"},
	{"/asset_report/filter", "Link Money: an Asset Report without some accounts"},
	{"/asset_report/remove", "Link Money: remove an Asset Report"},
	{"/asset_report/audit_copy/create", "Link Money: let an auditor read an Asset Report"},
	{"/asset_report/audit_copy/remove", "Link Money: end an audit copy"},
}

// everywhere fills in what requests of this dialect do not say: countries.
func everywhere(body httpapi.Members) error {
	if says(body, "country_codes") {
		return nil
	}
	text, err := plaid.JSON(plaid.CountryCodes)
	body["country_codes"] = text
	return err
}

// withStatus is everywhere, and asks for all that the dialect tells of an institution.
func withStatus(body httpapi.Members) error {
	if !says(body, "options") {
		body["options"] = []byte(`{"include_status":true,"include_optional_metadata":true}`)
	}
	return everywhere(body)
}

// says reports whether a body has a member: null is none.
func says(body httpapi.Members, name string) bool {
	return body[name] != nil && string(body[name]) != "null"
}

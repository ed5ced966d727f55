package limit

import (
	"slices"

	"weft/internal/plaid"
)

// Most is how many requests a minute has room for, of one Item and of a client as a whole; 0 for no limit.
type Most struct{ Item, Client int64 }

// Rule is the limit of one operation.
type Rule struct {
	Path                string
	Sandbox, Production Most
	// ItemCode and ClientCode are the codes of the refusals.
	ItemCode, ClientCode plaid.Code
}

// most is the rule in an environment. Every environment but the sandbox has real banks.
func (r *Rule) most(environment string) Most {
	if environment == plaid.Sandbox {
		return r.Sandbox
	}
	return r.Production
}

// rate is the code of operations that have none of their own.
const rate = plaid.Code("RATE_LIMIT")

// Table has Plaid's documented limits. Weft's own operations (/weft/…) have none.
var Table = []Rule{
	{"/accounts/get", Most{100, 5000}, Most{15, 15000}, "ACCOUNTS_LIMIT", "ACCOUNTS_LIMIT"},
	{"/accounts/balance/get", Most{25, 100}, Most{5, 1200}, "BALANCE_LIMIT", "ACCOUNTS_BALANCE_GET_LIMIT"},
	{"/auth/get", Most{100, 500}, Most{15, 12000}, "AUTH_LIMIT", "AUTH_LIMIT"},
	{"/identity/get", Most{100, 1000}, Most{15, 2000}, "IDENTITY_LIMIT", "IDENTITY_LIMIT"},
	{"/investments/holdings/get", Most{100, 1000}, Most{15, 2000}, "INVESTMENT_HOLDINGS_GET_LIMIT", "INVESTMENT_HOLDINGS_GET_LIMIT"},
	{"/investments/transactions/get", Most{100, 1000}, Most{30, 20000}, "INVESTMENT_TRANSACTIONS_LIMIT", "INVESTMENT_TRANSACTIONS_LIMIT"},
	{"/investments/auth/get", Most{15, 500}, Most{15, 500}, rate, rate},
	{"/investments/refresh", Most{1, 100}, Most{1, 100}, rate, rate},
	{"/item/get", Most{40, 5000}, Most{15, 5000}, "ITEM_GET_LIMIT", "ITEM_GET_LIMIT"},
	{"/item/remove", Most{100, 500}, Most{30, 2000}, rate, rate},
	{"/liabilities/get", Most{10, 1000}, Most{15, 1000}, rate, rate},
	{"/transactions/get", Most{80, 1000}, Most{30, 20000}, "TRANSACTIONS_LIMIT", "TRANSACTIONS_LIMIT"},
	{"/transactions/sync", Most{50, 1000}, Most{50, 2500}, "TRANSACTIONS_SYNC_LIMIT", "TRANSACTIONS_SYNC_LIMIT"},
	{"/transactions/recurring/get", Most{20, 1000}, Most{20, 1000}, rate, rate},
	{"/transactions/refresh", Most{2, 100}, Most{2, 100}, "TRANSACTIONS_REFRESH_LIMIT", "TRANSACTIONS_REFRESH_LIMIT"},
	{"/institutions/get", Most{0, 10}, Most{0, 50}, "", "INSTITUTIONS_GET_LIMIT"},
	{"/institutions/get_by_id", Most{0, 400}, Most{0, 400}, "", "INSTITUTIONS_GET_BY_ID_LIMIT"},
	// No figures are documented for these in the sandbox. A report is of several Items: those of each are not counted.
	{"/asset_report/create", Most{}, Most{0, 50}, "", rate},
	{"/asset_report/get", Most{}, Most{0, 1000}, "", rate},
	{"/network/status/get", Most{}, Most{0, 1000}, "", rate},
	{"/sandbox/transactions/create", Most{2, 50}, Most{2, 50}, rate, rate},
}

// Times is the table with n times as high limits.
func Times(n int64) []Rule {
	rules := slices.Clone(Table)
	for i := range rules {
		for _, m := range []*Most{&rules[i].Sandbox, &rules[i].Production} {
			m.Item, m.Client = m.Item*n, m.Client*n
		}
	}
	return rules
}

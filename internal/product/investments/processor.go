package investments

import (
	"encoding/json"

	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/product"
)

// mirrors are the routes of processors, each for the account of its token.
func (s *service) mirrors() []httpapi.Route {
	only := func(accountID string) accountOptions { return accountOptions{AccountIDs: []string{accountID}} }
	return []httpapi.Route{
		{Path: "/processor/investments/holdings/get", Summary: "Holdings of a processor's account, with their securities",
			Endpoint: product.Mirror(s.items, []string{productName}, s.holdings,
				product.Narrow(func(accountID string) holdingsRequest { return holdingsRequest{only(accountID)} }))},
		{Path: "/processor/investments/transactions/get", Summary: "Investment transactions of a processor's account, newest first, by pages",
			Endpoint: product.Mirror(s.items, []string{productName}, s.transactions, narrowTransactions)},
		{Path: "/processor/investments/auth/get", Summary: "Account numbers, owners and holdings for a transfer of a processor's account",
			Endpoint: product.Mirror(s.items, []string{authProductName}, s.auth,
				product.Narrow(func(accountID string) authRequest { return authRequest{only(accountID)} }), plainAccounts)},
	}
}

// plainAccounts tells the accounts as other products do.
func plainAccounts(a *product.Answer, _ item.Item) error {
	var plain []plaid.Account
	if err := json.Unmarshal(a.Get("accounts"), &plain); err != nil {
		return err
	}
	return a.Put("accounts", plain)
}

func narrowTransactions(r transactionsRequest, accountID string) (_ transactionsRequest, err error) {
	r.Options.AccountIDs, err = product.OnlyAccount(r.Options.AccountIDs, accountID)
	return r, err
}

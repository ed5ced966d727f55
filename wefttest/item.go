package wefttest

import (
	"time"

	"weft/internal/plaid"
)

// The types of the API's answers.
type (
	Account               = plaid.Account
	InvestmentAccount     = plaid.InvestmentAccount
	Holding               = plaid.Holding
	Security              = plaid.Security
	InvestmentTransaction = plaid.InvestmentTransaction
	ItemDetails           = plaid.ItemWithConsent
	Date                  = plaid.Date
	Decimal               = plaid.Decimal
)

// User is a test user of the simulated banks.
type User struct{ Name, Password string }

// Good is the user whose data never changes.
var Good = User{"user_good", "pass_good"}

// Item is an Item that a test has linked.
type Item struct {
	ItemID, AccessToken string

	server *Server
}

// MustLink links an Item of the user Good with products.
func (s *Server) MustLink(institutionID string, products ...string) *Item {
	s.t.Helper()
	return s.MustLinkUser(Good, institutionID, products...)
}

// MustLinkUser links an Item of a test user with products.
func (s *Server) MustLinkUser(u User, institutionID string, products ...string) *Item {
	s.t.Helper()
	return s.MustExchange(s.MustPublicToken(u, institutionID, products...))
}

// MustPublicToken makes an Item of a test user and returns its public token.
func (s *Server) MustPublicToken(u User, institutionID string, products ...string) string {
	s.t.Helper()
	var res struct {
		PublicToken string `json:"public_token"`
	}
	s.must("/sandbox/public_token/create", map[string]any{
		"institution_id": institutionID, "initial_products": products,
		"options": map[string]any{"override_username": u.Name, "override_password": u.Password},
	}, &res)
	return res.PublicToken
}

// MustExchange exchanges a public token.
func (s *Server) MustExchange(publicToken string) *Item {
	s.t.Helper()
	var res struct {
		AccessToken string `json:"access_token"`
		ItemID      string `json:"item_id"`
	}
	s.must("/item/public_token/exchange", map[string]any{"public_token": publicToken}, &res)
	return &Item{ItemID: res.ItemID, AccessToken: res.AccessToken, server: s}
}

// request is a request about the Item.
func (i *Item) request(more map[string]any) map[string]any {
	req := map[string]any{"access_token": i.AccessToken}
	for k, v := range more {
		req[k] = v
	}
	return req
}

// Call sends a request about the Item; its access token is added.
func (i *Item) Call(path string, request map[string]any, out any) error {
	return i.server.Call(path, i.request(request), out)
}

// MustGet reads the Item.
func (i *Item) MustGet() ItemDetails {
	i.server.t.Helper()
	var res struct {
		Item ItemDetails `json:"item"`
	}
	i.server.must("/item/get", i.request(nil), &res)
	return res.Item
}

// MustAccounts reads the Item's accounts.
func (i *Item) MustAccounts() []Account {
	i.server.t.Helper()
	var res struct {
		Accounts []Account `json:"accounts"`
	}
	i.server.must("/accounts/get", i.request(nil), &res)
	return res.Accounts
}

// Holdings are the positions of an Item, with accounts and securities.
type Holdings struct {
	Accounts   []InvestmentAccount `json:"accounts"`
	Holdings   []Holding           `json:"holdings"`
	Securities []Security          `json:"securities"`
}

// MustHoldings reads the Item's holdings.
func (i *Item) MustHoldings() Holdings {
	i.server.t.Helper()
	var res Holdings
	i.server.must("/investments/holdings/get", i.request(nil), &res)
	return res
}

// InvestmentTransactions are the investment transactions of an Item, newest first, with their securities.
type InvestmentTransactions struct {
	Transactions []InvestmentTransaction `json:"investment_transactions"`
	Securities   []Security              `json:"securities"`
	Total        int                     `json:"total_investment_transactions"`
}

// MustInvestmentTransactions reads all investment transactions between two days, both included, page after page.
func (i *Item) MustInvestmentTransactions(from, to time.Time) InvestmentTransactions {
	i.server.t.Helper()
	const page = 500
	var all InvestmentTransactions
	seen := map[string]bool{}
	for {
		var res InvestmentTransactions
		i.server.must("/investments/transactions/get", i.request(map[string]any{
			"start_date": from.Format(time.DateOnly), "end_date": to.Format(time.DateOnly),
			"options": map[string]any{"count": page, "offset": len(all.Transactions)},
		}), &res)
		all.Total = res.Total
		all.Transactions = append(all.Transactions, res.Transactions...)
		for _, s := range res.Securities {
			if !seen[s.SecurityID] {
				seen[s.SecurityID] = true
				all.Securities = append(all.Securities, s)
			}
		}
		if len(res.Transactions) < page {
			return all
		}
	}
}

// MustRefresh asks the institution for the Item's investments anew.
func (i *Item) MustRefresh() {
	i.server.t.Helper()
	i.server.must("/investments/refresh", i.request(nil), nil)
}

// MustRemove removes the Item.
func (i *Item) MustRemove() {
	i.server.t.Helper()
	i.server.must("/item/remove", i.request(nil), nil)
}

package investments

import (
	"context"
	"time"

	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/job"
	"weft/internal/plaid"
	"weft/internal/product"
)

const (
	productName     = "investments"
	authProductName = "investments_auth"
)

// New is the product. The queue brings the histories that no request waits for.
func New(items *item.Service, queue *job.Queue) product.Product {
	s := &service{items: items}
	s.histories = job.Register(queue, job.Spec{Name: "investments-history", Timeout: 2 * time.Minute, Attempts: 20}, s.bring)
	return product.Product{Name: "investments", Apply: s.apply, Routes: append([]httpapi.Route{
		{Path: "/investments/holdings/get", Summary: "Holdings of an Item, with their securities", Endpoint: item.Endpoint(items, s.holdings, item.InvestmentAccountsDocument, holdingsDocument, securitiesDocument)},
		{Path: "/investments/transactions/get", Summary: "Investment transactions of an Item, newest first, by pages", Endpoint: item.Endpoint(items, s.transactions)},
		{Path: "/investments/refresh", Summary: "Ask the institution for investment data now", Endpoint: item.Endpoint(items, s.refresh)},
		{Path: "/investments/auth/get", Summary: "Account numbers, owners and holdings for a transfer of the account", Endpoint: item.Endpoint(items, s.auth)},
		{Path: "/weft/accounts/lot_method", Summary: "How lots are chosen in an account, and what of them is not known", Endpoint: item.Endpoint(items, s.lotMethod)},
	}, s.mirrors()...)}
}

type service struct {
	items *item.Service
	// histories brings the history of Items where no request waits for it.
	histories *job.Kind[history]
}

// fits are the accounts that investments cover: investment accounts, and cash management accounts beside them.
func fits(accountType, subtype string) bool {
	return accountType == plaid.TypeInvestment || (accountType == plaid.TypeDepository && subtype == "cash management")
}

// transferable are the accounts whose holdings can be moved.
func transferable(accountType, _ string) bool { return accountType == plaid.TypeInvestment }

// ready is the Item with the investments product.
func (s *service) ready(ctx context.Context, it item.Item) (item.Item, error) {
	return s.items.WithProduct(ctx, it, productName, fits, "NO_INVESTMENT_ACCOUNTS")
}

// settled is the Item with the investments product, unless its history was asked for with async_update and is still to come.
func (s *service) settled(ctx context.Context, it item.Item) (item.Item, error) {
	if !it.Has(productName) {
		coming, err := s.histories.Pending(ctx, s.items.DB, it.ID)
		if err != nil {
			return item.Item{}, err
		}
		if coming {
			return item.Item{}, plaid.Err("PRODUCT_NOT_READY")
		}
	}
	return s.ready(ctx, it)
}

// accountOptions is the filter that several endpoints have.
type accountOptions struct {
	AccountIDs []string `json:"account_ids"`
}

func (s *service) refresh(ctx context.Context, it item.Item, _ httpapi.None) (httpapi.None, error) {
	it, err := s.settled(ctx, it)
	if err != nil {
		return httpapi.None{}, err
	}
	_, err = s.items.Refresh(ctx, it)
	return httpapi.None{}, err
}

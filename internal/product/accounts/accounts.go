// Package accounts is the product of an Item's accounts: /accounts/get answers the accounts as the bank last stated them,
// /accounts/balance/get asks the bank before.
package accounts

import (
	"context"

	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/item/cache"
	"weft/internal/item/document"
	"weft/internal/product"
)

// New is the product.
func New(items *item.Service) product.Product {
	s := &service{items}
	return product.Product{Name: "accounts", Routes: []httpapi.Route{
		{Path: "/accounts/get", Summary: "Accounts of an Item, with balances as last fetched", Endpoint: item.Endpoint(items, s.get, item.AccountsDocument)},
		{Path: "/accounts/balance/get", Summary: "Accounts of an Item, with balances as the institution states them now", Endpoint: item.Endpoint(items, s.balances)},
		{Path: "/processor/balance/get", Summary: "A processor's account, with balances as the institution states them now",
			Endpoint: product.Mirror(items, []string{"balance"}, s.balances, processorBalance.narrow)},
		{Path: "/processor/account/get", Summary: "The account of a processor token, with balances as last fetched",
			Endpoint: product.Mirror(items, nil, s.get, product.Narrow(only), product.WithInstitution)},
	}}
}

type service struct{ items *item.Service }

type getRequest struct {
	Options struct {
		AccountIDs []string `json:"account_ids"`
	} `json:"options"`
}

func only(accountID string) (r getRequest) {
	r.Options.AccountIDs = []string{accountID}
	return r
}

// get answers {accounts: []plaid.Account, item: plaid.Item}, joined from stored documents.
func (s *service) get(ctx context.Context, it item.Item, req getRequest) (httpapi.Raw, error) {
	if err := it.Revoked(); err != nil {
		return nil, err
	}
	accounts, err := s.read(ctx, it, req.Options.AccountIDs)
	if err != nil {
		return nil, err
	}
	return httpapi.Raw{[]byte(`{"accounts":`), accounts, it.Tail}, nil
}

// read is the document of those of the Item's accounts that are asked for, or of all where none are named.
func (s *service) read(ctx context.Context, it item.Item, accountIDs []string) ([]byte, error) {
	accounts, err := cache.Get(s.items.Cache, it.Key, it.Version, item.AccountsDocument, func() (cache.Loaded[[]byte], error) {
		docs, err := item.ReadDocuments(ctx, s.items.DB, it, item.AccountsDocument)
		doc := docs.ByKind[item.AccountsDocument]
		return cache.Loaded[[]byte]{Value: doc, Size: len(doc), Version: docs.Version}, err
	})
	if err != nil {
		return nil, err
	}
	if err := document.CheckAccounts(accounts, accountIDs); err != nil {
		return nil, err
	}
	return document.OfAccounts(accounts, accountIDs)
}

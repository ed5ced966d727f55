// Package identity is the product of who holds an Item's accounts: what the bank knows of them (/identity/get), how well that
// matches what a client knows (/identity/match), and what of it has changed (/identity/refresh, and a webhook).
package identity

import (
	"context"
	"encoding/json"
	"slices"

	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/item/cache"
	"weft/internal/item/document"
	"weft/internal/item/event"
	"weft/internal/item/state"
	"weft/internal/product"
	"weft/internal/store"
	"weft/internal/user"
)

const (
	productName      = "identity"
	matchProductName = "identity_match"
)

// New is the product.
func New(items *item.Service) product.Product {
	s := &service{items, &user.Service{DB: items.DB, Keys: items.Keys, IDs: items.IDs}}
	return product.Product{Name: productName, Apply: s.apply, Routes: []httpapi.Route{
		{Path: "/identity/get", Summary: "Owners of an Item's accounts: names, phone numbers, emails, addresses", Endpoint: item.Endpoint(items, s.get, item.AccountsDocument, item.OwnersDocument)},
		{Path: "/identity/match", Summary: "How well what is known of a person matches the owners of an Item's accounts", Endpoint: item.Endpoint(items, s.match)},
		{Path: "/processor/identity/get", Summary: "Owners of a processor's account",
			Endpoint: product.Mirror(items, []string{productName}, s.get,
				product.Narrow(func(accountID string) getRequest { return getRequest{accountOptions{[]string{accountID}}} }))},
		{Path: "/processor/identity/match", Summary: "How well what is known of a person matches the owners of a processor's account",
			Endpoint: product.Mirror(items, []string{productName, matchProductName}, s.match, processorMatch.narrow)},
		{Path: "/identity/refresh", Summary: "Ask the institution for the owners now", Endpoint: item.Endpoint(items, s.refresh)},
	}}
}

type service struct {
	items *item.Service
	users *user.Service
}

// ready is the Item with the product. Every account has owners.
func (s *service) ready(ctx context.Context, it item.Item, product string) (item.Item, error) {
	return s.items.WithProduct(ctx, it, product, func(string, string) bool { return true }, "NO_ACCOUNTS")
}

type accountOptions struct {
	AccountIDs []string `json:"account_ids"`
}

type getRequest struct {
	Options accountOptions `json:"options"`
}

// get answers {accounts: [plaid.Account with owners], item}, joined from stored documents.
func (s *service) get(ctx context.Context, it item.Item, req getRequest) (httpapi.Raw, error) {
	it, err := s.ready(ctx, it, productName)
	if err != nil {
		return nil, err
	}
	accounts, err := cache.Get(s.items.Cache, it.Key, it.Version, productName, func() (cache.Loaded[[]byte], error) {
		list, version, err := s.read(ctx, it)
		if err != nil {
			return cache.Loaded[[]byte]{}, err
		}
		elements := make([]json.RawMessage, len(list))
		for i, a := range list {
			elements[i] = slices.Concat(a.document[:len(a.document)-1], []byte(`,"owners":`), a.owners, []byte(`}`))
		}
		doc := document.Join(elements)
		return cache.Loaded[[]byte]{Value: doc, Size: len(doc), Version: version}, nil
	})
	if err != nil {
		return nil, err
	}
	if err := document.CheckAccounts(accounts, req.Options.AccountIDs); err != nil {
		return nil, err
	}
	if accounts, err = document.OfAccounts(accounts, req.Options.AccountIDs); err != nil {
		return nil, err
	}
	return httpapi.Raw{[]byte(`{"accounts":`), accounts, it.Tail}, nil
}

// held is an account, and the owners that the bank names of it: JSON, a plaid.Account and a []plaid.Owner.
type held struct {
	id               string
	document, owners json.RawMessage
}

// read reads the Item's accounts with their owners, and the version that they belong to.
func (s *service) read(ctx context.Context, it item.Item) ([]held, int64, error) {
	docs, err := item.ReadDocuments(ctx, s.items.DB, it, item.AccountsDocument, item.OwnersDocument)
	if err != nil {
		return nil, 0, err
	}
	kinds := []string{item.AccountsDocument, item.OwnersDocument}
	accounts, err := document.ReadAccounts(docs.ByKind, kinds...)
	if err != nil {
		return nil, 0, err
	}
	list := make([]held, len(accounts.Order))
	for i, id := range accounts.Order {
		var of struct {
			Owners json.RawMessage `json:"owners"`
		}
		if err := json.Unmarshal(accounts.Element(item.OwnersDocument, id), &of); err != nil {
			return nil, 0, err
		}
		list[i] = held{id, accounts.Element(item.AccountsDocument, id), of.Owners}
	}
	return list, docs.Version, nil
}

func (s *service) refresh(ctx context.Context, it item.Item, _ httpapi.None) (httpapi.None, error) {
	it, err := s.ready(ctx, it, productName)
	if err != nil {
		return httpapi.None{}, err
	}
	_, err = s.items.Refresh(ctx, it)
	return httpapi.None{}, err
}

// updated are the members of DEFAULT_UPDATE: PHONES, ADDRESSES, EMAILS, NAMES by account.
type updated struct {
	Accounts map[string][]string `json:"account_ids_with_updated_identity"`
	state.Failing
}

// apply tells the client what of the owners has changed, whoever has asked the bank. The accounts' writer has written it.
func (s *service) apply(ctx context.Context, tx *store.Tx, r *item.Refreshed) (bool, error) {
	if len(r.Owners) == 0 || !r.Item.Has(productName) {
		return false, nil
	}
	return false, s.items.Events.Tell(ctx, tx, r.Item.Target(), event.Event{Type: "IDENTITY", Code: "DEFAULT_UPDATE", Members: updated{Accounts: r.Owners}})
}

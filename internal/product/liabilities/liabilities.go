package liabilities

import (
	"context"
	"encoding/json"
	"fmt"

	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/item/cache"
	"weft/internal/item/debts"
	"weft/internal/item/document"
	"weft/internal/item/state"
	"weft/internal/plaid"
	"weft/internal/product"
)

const productName = "liabilities"

// New is the product.
func New(items *item.Service) product.Product {
	s := &service{items}
	return product.Product{Name: "liabilities", Apply: s.apply, Routes: []httpapi.Route{
		{Path: "/liabilities/get", Summary: "What is owed on an Item's credit cards, mortgages and student loans", Endpoint: item.Endpoint(items, s.get, item.AccountsDocument, debts.Document)},
		{Path: "/processor/liabilities/get", Summary: "What is owed on a processor's account",
			Endpoint: product.Mirror(items, []string{productName}, s.get, product.Narrow(only))},
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

// get answers from the stored documents.
func (s *service) get(ctx context.Context, it item.Item, req getRequest) (httpapi.Raw, error) {
	it, err := s.items.WithProduct(ctx, it, productName, state.Owed, "NO_LIABILITY_ACCOUNTS")
	if err != nil {
		return nil, err
	}
	ids := document.Distinct(req.Options.AccountIDs)
	kind := fmt.Sprintf("liabilities/%q", ids)
	head, err := cache.Get(s.items.Cache, it.Key, it.Version, kind, func() (loaded cache.Loaded[[]byte], err error) {
		docs, err := item.ReadDocuments(ctx, s.items.DB, it, item.AccountsDocument, debts.Document)
		if err != nil {
			return loaded, err
		}
		owed, err := debts.Open(s.items.Keys, it, docs.ByKind[debts.Document])
		if err != nil {
			return loaded, err
		}
		out, err := answer(docs.ByKind[item.AccountsDocument], owed, ids)
		return cache.Loaded[[]byte]{Value: out, Size: len(out), Version: docs.Version}, err
	})
	if err != nil {
		return nil, err
	}
	return httpapi.Raw{head, it.Tail}, nil
}

// answer is `{"accounts":…,"liabilities":…` of all accounts or of some.
func answer(accounts, liabilities []byte, ids []string) ([]byte, error) {
	if err := document.CheckAccounts(accounts, ids); err != nil {
		return nil, err
	}
	accounts, err := document.OfAccounts(accounts, ids)
	if err != nil {
		return nil, err
	}
	if liabilities, err = ofAccounts(liabilities, ids); err != nil {
		return nil, err
	}
	out := make([]byte, 0, len(accounts)+len(liabilities)+32)
	out = append(append(out, `{"accounts":`...), accounts...)
	return append(append(out, `,"liabilities":`...), liabilities...), nil
}

// ofAccounts is the document with the debts of some accounts alone.
func ofAccounts(doc []byte, ids []string) ([]byte, error) {
	if len(doc) == 0 {
		return plaid.JSON(position{})
	}
	if len(ids) == 0 {
		return doc, nil
	}
	var parts struct {
		Credit   json.RawMessage `json:"credit"`
		Mortgage json.RawMessage `json:"mortgage"`
		Student  json.RawMessage `json:"student"`
	}
	if err := json.Unmarshal(doc, &parts); err != nil {
		return nil, err
	}
	for _, part := range []*json.RawMessage{&parts.Credit, &parts.Mortgage, &parts.Student} {
		kept, err := document.OfAccounts(*part, ids)
		if err != nil {
			return nil, err
		}
		if *part = kept; string(kept) == "[]" {
			*part = json.RawMessage("null")
		}
	}
	return plaid.JSON(parts)
}

// Package auth is the product of account numbers: /auth/get answers what is needed to move money to and from an Item's accounts.
// The numbers are sealed where they are stored; they are opened for each answer alone, and never cached.
package auth

import (
	"context"
	"encoding/json"

	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/item/document"
	"weft/internal/item/state"
	"weft/internal/plaid"
	"weft/internal/product"
	"weft/internal/store"
)

const productName = "auth"

// New is the product.
func New(items *item.Service) product.Product {
	s := &service{items}
	return product.Product{Name: productName, Apply: s.apply, Routes: []httpapi.Route{
		{Path: "/auth/get", Summary: "Account and routing numbers of an Item's checking, savings and cash management accounts", Endpoint: item.Endpoint(items, s.get)},
		{Path: "/processor/auth/get", Summary: "Account and routing number of a processor's account",
			Endpoint: product.Mirror(items, []string{productName}, s.get, product.Narrow(only), product.SingleNumbers)},
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

type getResponse struct {
	Accounts []json.RawMessage `json:"accounts"`
	Numbers  numbers           `json:"numbers"`
	Item     json.RawMessage   `json:"item"`
}

// numbers are those of all accounts, by the kind of their country.
type numbers struct {
	ACH           []ach           `json:"ach"`
	EFT           []eft           `json:"eft"`
	International []international `json:"international"`
	BACS          []bacs          `json:"bacs"`
}

type ach struct {
	AccountID   string  `json:"account_id"`
	Account     string  `json:"account"`
	Tokenized   bool    `json:"is_tokenized_account_number"`
	Routing     string  `json:"routing"`
	WireRouting *string `json:"wire_routing"`
}

type eft struct {
	AccountID   string `json:"account_id"`
	Account     string `json:"account"`
	Institution string `json:"institution"`
	Branch      string `json:"branch"`
}

type international struct {
	AccountID string `json:"account_id"`
	IBAN      string `json:"iban"`
	BIC       string `json:"bic"`
}

type bacs struct {
	AccountID string `json:"account_id"`
	Account   string `json:"account"`
	SortCode  string `json:"sort_code"`
}

const noAccounts = plaid.Code("NO_AUTH_ACCOUNTS")

// get answers the accounts that have numbers, or those of them that are asked for. Numbers that a person has typed are not told
// before they are verified.
func (s *service) get(ctx context.Context, it item.Item, req getRequest) (getResponse, error) {
	it, err := s.items.WithProduct(ctx, it, productName, state.Numbered, noAccounts)
	if err != nil {
		return getResponse{}, err
	}
	if it.Typed.Unverified() {
		return getResponse{}, plaid.Err("PRODUCT_NOT_READY")
	}
	res := getResponse{Item: it.Document()}
	err = s.items.DB.Read(ctx, func(tx *store.Tx) error {
		res.Accounts, err = s.accounts(ctx, tx, it, document.Distinct(req.Options.AccountIDs))
		if err == nil {
			res.Numbers, err = s.numbers(ctx, tx, it, res.Accounts)
		}
		return err
	})
	return res, err
}

// ofAccount is what is read of an account's document.
type ofAccount struct {
	AccountID string `json:"account_id"`
	Type      string `json:"type"`
	Subtype   string `json:"subtype"`
}

// accounts are the documents of the accounts that have numbers.
func (s *service) accounts(ctx context.Context, q store.Querier, it item.Item, accountIDs []string) ([]json.RawMessage, error) {
	docs, err := item.ReadDocuments(ctx, q, it, item.AccountsDocument)
	if err != nil {
		return nil, err
	}
	doc := docs.ByKind[item.AccountsDocument]
	if err := document.CheckAccounts(doc, accountIDs); err != nil {
		return nil, err
	}
	elements, err := document.Elements(doc)
	if err != nil {
		return nil, err
	}
	list := []json.RawMessage{}
	for _, e := range elements {
		var a ofAccount
		if err := json.Unmarshal(e, &a); err != nil {
			return nil, err
		}
		if state.Numbered(a.Type, a.Subtype) && (len(accountIDs) == 0 || plaid.Known(accountIDs, a.AccountID)) {
			list = append(list, e)
		}
	}
	if len(list) == 0 {
		return nil, plaid.Err(noAccounts)
	}
	return list, nil
}

// numbers are those of some accounts.
func (s *service) numbers(ctx context.Context, q store.Querier, it item.Item, accounts []json.RawMessage) (numbers, error) {
	out := numbers{ACH: []ach{}, EFT: []eft{}, International: []international{}, BACS: []bacs{}}
	asked := map[string]bool{}
	for _, e := range accounts {
		var a ofAccount
		if err := json.Unmarshal(e, &a); err != nil {
			return out, err
		}
		asked[a.AccountID] = true
	}
	all, err := s.items.Numbers(ctx, q, it)
	for _, n := range all {
		if !asked[n.AccountID] {
			continue
		}
		if a := n.ACH; a != nil {
			one := ach{AccountID: n.AccountID, Account: a.Account, Routing: a.Routing}
			if a.WireRouting != "" {
				one.WireRouting = &a.WireRouting
			}
			out.ACH = append(out.ACH, one)
		}
		if e := n.EFT; e != nil {
			out.EFT = append(out.EFT, eft{n.AccountID, e.Account, e.Institution, e.Branch})
		}
		if i := n.International; i != nil {
			out.International = append(out.International, international{n.AccountID, i.IBAN, i.BIC})
		}
		if b := n.BACS; b != nil {
			out.BACS = append(out.BACS, bacs{n.AccountID, b.Account, b.SortCode})
		}
	}
	return out, err
}

// apply tells of numbers that the bank has changed: whoever moves money with the old ones must stop.
func (s *service) apply(ctx context.Context, tx *store.Tx, r *item.Refreshed) (bool, error) {
	if !r.Item.Has(productName) || len(r.Renumbered)+len(r.Numbered) == 0 {
		return false, nil
	}
	return false, s.items.Events.Tell(ctx, tx, r.Item.Target(), state.Renumbered(append([]string{}, r.Numbered...), r.Renumbered))
}

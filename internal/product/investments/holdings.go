package investments

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/item/cache"
	"weft/internal/item/document"
	"weft/internal/store"
)

// Kinds of the documents that this package writes: JSON arrays.
const (
	holdingsDocument = "holdings"
	// securitiesDocument are the securities of the holdings, each once.
	securitiesDocument = "holding_securities"
)

type holdingsRequest struct {
	Options accountOptions `json:"options"`
}

// holdings answers {accounts, holdings, securities, item, is_investments_fallback_item}, joined from stored documents.
func (s *service) holdings(ctx context.Context, it item.Item, req holdingsRequest) (httpapi.Raw, error) {
	it, err := s.ready(ctx, it)
	if err != nil {
		return nil, err
	}
	parts, err := s.positions(ctx, s.items.DB, it, document.Distinct(req.Options.AccountIDs))
	if err != nil {
		return nil, err
	}
	return append(append(make(httpapi.Raw, 0, len(parts)+2), parts...), it.Tail, notFallback), nil
}

// notFallback says that the institution gave the data, and not the user by hand.
var notFallback = []byte(`,"is_investments_fallback_item":false`)

// positions is `{"accounts":…,"holdings":…,"securities":…` of the Item or of some of its accounts, in the pieces that are stored.
func (s *service) positions(ctx context.Context, q store.Querier, it item.Item, accountIDs []string) (httpapi.Raw, error) {
	kind := "position"
	if len(accountIDs) > 0 {
		kind = fmt.Sprintf("position/%q", accountIDs)
	}
	return cache.Get(s.items.Cache, it.Key, it.Version, kind, func() (loaded cache.Loaded[httpapi.Raw], err error) {
		docs, err := item.ReadDocuments(ctx, q, it, item.InvestmentAccountsDocument, holdingsDocument, securitiesDocument)
		if err != nil {
			return loaded, err
		}
		accounts, holdings, securities := docs.ByKind[item.InvestmentAccountsDocument], docs.ByKind[holdingsDocument], docs.ByKind[securitiesDocument]
		if err := document.CheckAccounts(accounts, accountIDs); err != nil {
			return loaded, err
		}
		if accounts, err = document.OfAccounts(accounts, accountIDs); err != nil {
			return loaded, err
		}
		if holdings, err = document.OfAccounts(holdings, accountIDs); err != nil {
			return loaded, err
		}
		if securities, err = held(securities, holdings, len(accountIDs) > 0); err != nil {
			return loaded, err
		}
		pieces := httpapi.Raw{accountsName, accounts, holdingsName, holdings, securitiesName, securities}
		return cache.Loaded[httpapi.Raw]{Value: pieces, Size: len(accounts) + len(holdings) + len(securities) + 160, Version: docs.Version}, nil
	})
}

// Names of members of an answer, with what stands before.
var accountsName, holdingsName, securitiesName = []byte(`{"accounts":`), []byte(`,"holdings":`), []byte(`,"securities":`)

// held keeps the securities that holdings name, where the holdings were filtered.
func held(securities, holdings []byte, filtered bool) ([]byte, error) {
	if len(securities) == 0 {
		return []byte("[]"), nil
	}
	if !filtered {
		return securities, nil
	}
	type named struct {
		SecurityID string `json:"security_id"`
	}
	var wanted []named
	if err := json.Unmarshal(holdings, &wanted); err != nil {
		return nil, err
	}
	list, err := document.Elements(securities)
	if err != nil {
		return nil, err
	}
	var kept []json.RawMessage
	for _, e := range list {
		var n named
		if err := json.Unmarshal(e, &n); err != nil {
			return nil, err
		}
		if slices.Contains(wanted, n) {
			kept = append(kept, e)
		}
	}
	return document.Join(kept), nil
}

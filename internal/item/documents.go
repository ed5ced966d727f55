package item

import (
	"context"

	"weft/internal/item/accounts"
	"weft/internal/item/document"
	"weft/internal/plaid"
	"weft/internal/store"
)

// Kinds of the documents that this package writes: JSON arrays, one element an account.
const (
	AccountsDocument           = accounts.Document
	InvestmentAccountsDocument = accounts.InvestmentsDocument
	OwnersDocument             = accounts.OwnersDocument
)

// AccountOwners is an element of the OwnersDocument.
type AccountOwners = accounts.Owners

// Documents are documents of an Item, as they stand together at one version of it.
type Documents = document.Documents

// PutDocument writes a document of an Item where it differs from the one that is there.
func PutDocument(ctx context.Context, tx *store.Tx, itemKey, kind string, value any) (changed bool, err error) {
	return document.Put(ctx, tx, itemKey, kind, value)
}

// ReadDocuments reads up to three documents of an Item: those that there are. An Item that is gone has none, which is
// ITEM_NOT_FOUND. Outside a transaction they are those that were read with the Item.
func ReadDocuments(ctx context.Context, q store.Querier, it Item, kinds ...string) (Documents, error) {
	if docs, ok := it.Documents(q, kinds); ok {
		return docs, nil
	}
	docs, err := document.Read(ctx, q, it.Tenant, it.Key, kinds...)
	if err == nil && len(docs.ByKind) == 0 {
		err = plaid.Err("ITEM_NOT_FOUND")
	}
	return docs, err
}

// Numbers opens the routing and account numbers of an Item.
func (s *Service) Numbers(ctx context.Context, q store.Querier, it Item) ([]accounts.Numbers, error) {
	return accounts.ReadNumbers(ctx, q, s.Keys, it.Tenant, it.Key)
}

package item

import (
	"context"
	"fmt"

	"weft/internal/plaid"
	"weft/internal/store"
)

// Kinds of the documents that this package writes: JSON arrays, one element an account.
const (
	// AccountsDocument are the accounts as most endpoints answer them.
	AccountsDocument = "accounts"
	// InvestmentAccountsDocument are the accounts as the investments endpoints answer them.
	InvestmentAccountsDocument = "investment_accounts"
	// OwnersDocument are the accounts' owners: {account_id, owners}.
	OwnersDocument = "owners"
)

// AccountOwners is an element of the OwnersDocument.
type AccountOwners struct {
	AccountID string        `json:"account_id"`
	Owners    []plaid.Owner `json:"owners"`
}

// PutDocument writes a document of an Item where it differs from the one that is there.
func PutDocument(ctx context.Context, tx *store.Tx, itemKey, kind string, value any) (changed bool, err error) {
	doc, err := plaid.JSON(value)
	if err != nil {
		return false, fmt.Errorf("item: document %s: %w", kind, err)
	}
	return putRaw(ctx, tx, itemKey, kind, doc)
}

func putRaw(ctx context.Context, tx *store.Tx, itemKey, kind string, doc []byte) (changed bool, err error) {
	n, err := tx.Exec(ctx, `insert into documents (item_key, kind, document) values ($1, $2, $3)
		on conflict (item_key, kind) do update set document = excluded.document where documents.document <> excluded.document`,
		itemKey, kind, string(doc))
	return n > 0, err
}

// documentsQuery reads up to three documents of an Item, and the version that they belong to. The join with items holds the
// tenant.
const documentsQuery = `select i.version, d.kind, d.document from documents d
	join items i on i.item_key = d.item_key and i.client_id = $2 and i.environment = $3
	where d.item_key = $1 and d.kind in ($4, $5, $6)`

// Documents are documents of an Item, as they stand together at one version of it.
type Documents struct {
	Version int64
	ByKind  map[string][]byte
}

// ReadDocuments reads up to three documents of an Item: those that there are. An Item that is gone has none, which is
// ITEM_NOT_FOUND.
func ReadDocuments(ctx context.Context, q store.Querier, it Item, kinds ...string) (Documents, error) {
	args := []any{it.Key, it.Tenant.Client, it.Tenant.Environment, "", "", ""}
	for i, kind := range kinds {
		args[3+i] = kind
	}
	rows, err := q.Query(ctx, documentsQuery, args...)
	if err != nil {
		return Documents{}, err
	}
	defer rows.Close()
	docs := Documents{ByKind: make(map[string][]byte, len(kinds))}
	for rows.Next() {
		var kind string
		var doc []byte
		if err := rows.Scan(&docs.Version, &kind, &doc); err != nil {
			return Documents{}, err
		}
		docs.ByKind[kind] = doc
	}
	if err := rows.Err(); err != nil {
		return Documents{}, err
	}
	if len(docs.ByKind) == 0 {
		return Documents{}, plaid.Err("ITEM_NOT_FOUND")
	}
	return docs, nil
}

package document

import (
	"bytes"
	"context"
	"fmt"
	"unsafe"

	"weft/internal/plaid"
	"weft/internal/store"
)

// Put writes a document of an Item where it differs from the one that is there.
func Put(ctx context.Context, tx *store.Tx, itemKey, kind string, value any) (changed bool, err error) {
	doc, err := plaid.JSON(value)
	if err != nil {
		return false, fmt.Errorf("item: document %s: %w", kind, err)
	}
	return PutRaw(ctx, tx, itemKey, kind, doc)
}

// PutRaw is Put for what is a document already.
func PutRaw(ctx context.Context, tx *store.Tx, itemKey, kind string, doc []byte) (changed bool, err error) {
	n, err := tx.Exec(ctx, `insert into documents (item_key, kind, document) values ($1, $2, $3)
		on conflict (item_key, kind) do update set document = excluded.document where documents.document <> excluded.document`,
		itemKey, kind, string(doc))
	return n > 0, err
}

// readQuery reads up to three documents of an Item, and the version that they belong to. The join with items holds the
// tenant.
const readQuery = `select i.version, d.kind, d.document from documents d
	join items i on i.item_key = d.item_key and i.client_id = $2 and i.environment = $3
	where d.item_key = $1 and d.kind in ($4, $5, $6)`

// Documents are documents of an Item, as they stand together at one version of it. They are what the driver has read: nobody may
// change them.
type Documents struct {
	Version int64
	ByKind  map[string][]byte
}

// Read reads up to three documents of an Item: those that there are.
func Read(ctx context.Context, q store.Querier, tenant store.Tenant, itemKey string, kinds ...string) (Documents, error) {
	args := []any{itemKey, tenant.Client, tenant.Environment, "", "", ""}
	for i, kind := range kinds {
		args[3+i] = kind
	}
	docs := Documents{ByKind: make(map[string][]byte, len(kinds))}
	rows, err := q.Query(ctx, readQuery, args...)
	if err != nil {
		return docs, err
	}
	defer rows.Close()
	for rows.Next() {
		var kind string
		var doc Text
		if err := rows.Scan(&docs.Version, &kind, &doc); err != nil {
			return docs, err
		}
		docs.ByKind[kind] = doc
	}
	return docs, rows.Err()
}

// Text is a document that is read without being copied: documents are the most of what is read, and nobody changes them.
type Text []byte

// Scan implements sql.Scanner.
func (t *Text) Scan(value any) error {
	switch v := value.(type) {
	case nil:
		*t = nil
	case string:
		*t = unsafe.Slice(unsafe.StringData(v), len(v))
	case []byte: // the driver's own
		*t = bytes.Clone(v)
	default:
		return fmt.Errorf("item: a document is a %T", value)
	}
	return nil
}

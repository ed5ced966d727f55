// Package debts keeps what is owed sealed: what banks say of loans has account numbers in it.
package debts

import (
	"encoding/json"
	"fmt"

	"weft/internal/item"
	"weft/internal/seal"
)

// Document is the kind of an Item's document.
const Document = "liabilities"

func place(it item.Item) seal.Place {
	return seal.Place{Tenant: it.Tenant.Client + "/" + it.Tenant.Environment, Table: "documents", Column: Document, Row: it.Key}
}

// Seal is a document as it is stored.
func Seal(keys *seal.Keys, it item.Item, document []byte) (string, error) {
	return keys.Seal(document, place(it))
}

// Open is a stored document in clear: what is owed as JSON, none where there is no document.
func Open(keys *seal.Keys, it item.Item, stored []byte) ([]byte, error) {
	if len(stored) == 0 {
		return nil, nil
	}
	var sealed string
	if err := json.Unmarshal(stored, &sealed); err != nil {
		return nil, fmt.Errorf("debts: stored document: %w", err)
	}
	return keys.Open(sealed, place(it))
}

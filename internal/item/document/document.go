// Package document cuts and joins the JSON arrays that the store keeps of Items, without reading what is in them.
package document

import (
	"bytes"
	"encoding/json"
	"slices"

	"weft/internal/plaid"
)

// Elements splits a document that is a JSON array into its elements.
func Elements(doc []byte) ([]json.RawMessage, error) {
	if len(doc) == 0 {
		return nil, nil
	}
	var list []json.RawMessage
	err := json.Unmarshal(doc, &list)
	return list, err
}

// Join writes elements as a JSON array.
func Join(elements []json.RawMessage) []byte { return Append(nil, elements) }

// Append writes elements as a JSON array after what is there. It makes room for all of them at once.
func Append[E ~[]byte | ~string](out []byte, elements []E) []byte {
	size := 2
	for _, e := range elements {
		size += len(e) + 1
	}
	out = append(slices.Grow(out, size), '[')
	for i, e := range elements {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, e...)
	}
	return append(out, ']')
}

// OfAccounts keeps the elements of a document (a JSON array of objects with an account_id) that belong to the accounts
// asked for; all, where none are.
func OfAccounts(doc []byte, accountIDs []string) ([]byte, error) {
	if len(accountIDs) == 0 {
		if len(doc) == 0 {
			return []byte("[]"), nil
		}
		return doc, nil
	}
	list, err := Elements(doc)
	if err != nil {
		return nil, err
	}
	var kept []json.RawMessage
	for _, e := range list {
		var has struct {
			AccountID string `json:"account_id"`
		}
		if err := json.Unmarshal(e, &has); err != nil {
			return nil, err
		}
		if plaid.Known(accountIDs, has.AccountID) {
			kept = append(kept, e)
		}
	}
	return Join(kept), nil
}

// Distinct is a list of ids without those that are there twice: what a client repeats costs nothing.
func Distinct(ids []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(ids)))
}

// CheckAccounts refuses account ids that the Item does not have.
func CheckAccounts(accounts []byte, accountIDs []string) error {
	for _, id := range accountIDs {
		quoted, err := json.Marshal(id)
		if err != nil {
			return err
		}
		if !bytes.Contains(accounts, append([]byte(`"account_id":`), quoted...)) {
			return plaid.Err("INVALID_ACCOUNT_ID")
		}
	}
	return nil
}

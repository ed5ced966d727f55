package document

import (
	"encoding/json"
	"errors"
	"slices"

	"weft/internal/plaid"
)

// Accounts are documents that have one element an account: the accounts' ids in order, and of each kind of document the
// element of each account.
type Accounts struct {
	Order    []string
	kinds    []string
	elements map[string]map[string]json.RawMessage
}

// ReadAccounts takes documents apart. The order is that of the first kind.
func ReadAccounts(byKind map[string][]byte, kinds ...string) (*Accounts, error) {
	l := &Accounts{kinds: kinds, elements: map[string]map[string]json.RawMessage{}}
	var err error
	for i, kind := range kinds {
		l.elements[kind] = map[string]json.RawMessage{}
		elements, splitErr := Elements(byKind[kind])
		err = errors.Join(err, splitErr)
		for _, e := range elements {
			var has struct {
				AccountID string `json:"account_id"`
			}
			err = errors.Join(err, json.Unmarshal(e, &has))
			l.elements[kind][has.AccountID] = e
			if i == 0 {
				l.Order = append(l.Order, has.AccountID)
			}
		}
	}
	return l, err
}

// Element is an account's element of a kind, nil where there is none.
func (l *Accounts) Element(kind, id string) json.RawMessage { return l.elements[kind][id] }

// Keep takes an account into the order.
func (l *Accounts) Keep(id string) {
	if !slices.Contains(l.Order, id) {
		l.Order = append(l.Order, id)
	}
}

// Put writes an account's elements, one of each kind, and reports whether they are what they were.
func (l *Accounts) Put(id string, values ...any) (same bool, err error) {
	l.Keep(id)
	same = true
	for i, kind := range l.kinds {
		doc, err := plaid.JSON(values[i])
		if err != nil {
			return false, err
		}
		same = same && string(doc) == string(l.elements[kind][id])
		l.elements[kind][id] = doc
	}
	return same, nil
}

// Document is the document of a kind, with the accounts of the order.
func (l *Accounts) Document(kind string) []byte {
	elements := make([]json.RawMessage, len(l.Order))
	for i, id := range l.Order {
		elements[i] = l.elements[kind][id]
	}
	return Join(elements)
}

// Types are "type/subtype" of each account.
func (l *Accounts) Types() ([]string, error) {
	types := make([]string, len(l.Order))
	for i, id := range l.Order {
		var a struct {
			Type    string `json:"type"`
			Subtype string `json:"subtype"`
		}
		if err := json.Unmarshal(l.elements[l.kinds[0]][id], &a); err != nil {
			return nil, err
		}
		types[i] = a.Type + "/" + a.Subtype
	}
	return types, nil
}

package liabilities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/seal"
	"weft/internal/store"
)

// place is where an Item's debts are sealed: what banks say of loans has account numbers in it.
func place(it item.Item) seal.Place {
	return seal.Place{Tenant: it.Tenant.Client + "/" + it.Tenant.Environment, Table: "documents", Column: liabilitiesDocument, Row: it.Key}
}

// open is a stored document in clear: a position as JSON, none where there is no document.
func (s *service) open(it item.Item, stored []byte) ([]byte, error) {
	if len(stored) == 0 {
		return nil, nil
	}
	var sealed string
	if err := json.Unmarshal(stored, &sealed); err != nil {
		return nil, fmt.Errorf("liabilities: stored debts: %w", err)
	}
	return s.items.Keys.Open(sealed, place(it))
}

// read is what is stored, in clear; none where nothing is.
func (s *service) read(ctx context.Context, tx *store.Tx, it item.Item) (document []byte, err error) {
	docs, err := item.ReadDocuments(ctx, tx, it, liabilitiesDocument)
	var none *plaid.Error
	if errors.As(err, &none) { // it has no such document yet
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return s.open(it, docs.ByKind[liabilitiesDocument])
}

func (s *service) write(ctx context.Context, tx *store.Tx, it item.Item, document []byte) error {
	sealed, err := s.items.Keys.Seal(document, place(it))
	if err != nil {
		return err
	}
	_, err = item.PutDocument(ctx, tx, it.Key, liabilitiesDocument, sealed)
	return err
}

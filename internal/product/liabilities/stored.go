package liabilities

import (
	"context"
	"errors"

	"weft/internal/item"
	"weft/internal/item/debts"
	"weft/internal/plaid"
	"weft/internal/store"
)

// read is what is stored, in clear; none where nothing is.
func (s *service) read(ctx context.Context, tx *store.Tx, it item.Item) (document []byte, err error) {
	docs, err := item.ReadDocuments(ctx, tx, it, debts.Document)
	var none *plaid.Error
	if errors.As(err, &none) { // it has no such document yet
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return debts.Open(s.items.Keys, it, docs.ByKind[debts.Document])
}

func (s *service) write(ctx context.Context, tx *store.Tx, it item.Item, document []byte) error {
	sealed, err := debts.Seal(s.items.Keys, it, document)
	if err != nil {
		return err
	}
	_, err = item.PutDocument(ctx, tx, it.Key, debts.Document, sealed)
	return err
}

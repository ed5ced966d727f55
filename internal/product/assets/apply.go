package assets

import (
	"context"

	"weft/internal/item"
	"weft/internal/product/assets/contents"
	"weft/internal/store"
)

// apply keeps what a bank states of an Item with the product. A statement file is no whole statement; what it brings is among the
// transactions.
func (s *service) apply(ctx context.Context, tx *store.Tx, r *item.Refreshed) (bool, error) {
	if r.Batch.Partial || !(r.Item.Has(productName) || r.Want.Has(productName)) || r.Batch.TransactionHistory == nil {
		return false, nil
	}
	list := make([]contents.Stated, 0, len(r.Batch.Transactions))
	for _, t := range r.Batch.Transactions {
		if id, ok := r.AccountIDs[t.AccountKey]; ok {
			list = append(list, contents.Stated{AccountID: id, Transaction: t})
		}
	}
	return item.PutDocument(ctx, tx, r.Item.Key, contents.TransactionsDocument, list)
}

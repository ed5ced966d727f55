package assets

import (
	"context"

	"weft/internal/connector"
	"weft/internal/item"
	"weft/internal/store"
)

// transactionsDocument has all transactions that the Item's bank states, for its reports: the product of transactions keeps as much
// history as it was asked for, and reports may want more. Its elements are [stated].
const transactionsDocument = "asset_transactions"

// stated is a transaction as the bank states it, with the public id of its account.
type stated struct {
	AccountID string `json:"account_id"`
	connector.Transaction
}

// apply keeps what a bank states of an Item with the product. A statement file is no whole statement; what it brings is among the
// transactions.
func (s *service) apply(ctx context.Context, tx *store.Tx, r *item.Refreshed) (bool, error) {
	if r.Batch.Partial || !(r.Item.Has(productName) || r.Want.Has(productName)) || r.Batch.TransactionHistory == nil {
		return false, nil
	}
	list := make([]stated, 0, len(r.Batch.Transactions))
	for _, t := range r.Batch.Transactions {
		if id, ok := r.AccountIDs[t.AccountKey]; ok {
			list = append(list, stated{id, t})
		}
	}
	return item.PutDocument(ctx, tx, r.Item.Key, transactionsDocument, list)
}

package accounts

import (
	"context"
	"slices"

	"weft/internal/connector"
	"weft/internal/item/event"
	"weft/internal/item/rows"
	"weft/internal/item/state"
	"weft/internal/store"
)

// Admit leaves of a bank's answer what the user shares, and tells of accounts that were taken back or are new: of each once.
func Admit(ctx context.Context, tx *store.Tx, events event.Notifier, it *rows.Item, batch connector.Batch) (admitted connector.Batch, changed bool, err error) {
	var known map[string]Row
	if len(batch.Revoked) > 0 {
		if known, err = Known(ctx, tx, it.Key); err != nil {
			return batch, false, err
		}
	}
	for _, key := range batch.Revoked {
		row, ok := known[key]
		if !ok || slices.Contains(it.Gone, row.ID) {
			continue
		}
		it.Unshare(key)
		changed = true
		if err := events.Tell(ctx, tx, it.Target(), state.AccountRevoked(row.ID)); err != nil {
			return batch, false, err
		}
	}
	batch = batch.Without(func(key string) bool { return slices.Contains(batch.Revoked, key) })
	if it.Offer(slices.DeleteFunc(batch.Keys(), it.Shares)) {
		changed = true
		if err := events.Tell(ctx, tx, it.Target(), state.NewAccounts); err != nil {
			return batch, false, err
		}
	}
	return batch.Without(func(key string) bool { return !it.Shares(key) }), changed, nil
}

package investments

import (
	"context"
	"errors"

	"weft/internal/item"
	"weft/internal/item/event"
	"weft/internal/item/state"
	"weft/internal/job"
	"weft/internal/plaid"
	"weft/internal/product"
	"weft/internal/product/investments/rows"
	"weft/internal/store"
)

// history is an Item whose history was asked for with async_update.
type history struct {
	Client      string `json:"client"`
	Environment string `json:"environment"`
	ItemID      string `json:"item_id"`
}

// askLater has the Item get the product, and its client be told when it has. Asked again before that, it does nothing more.
func (s *service) askLater(ctx context.Context, it item.Item) error {
	return s.items.DB.Write(ctx, func(tx *store.Tx) error {
		args := history{Client: it.Tenant.Client, Environment: it.Tenant.Environment, ItemID: it.ID}
		_, err := s.histories.Enqueue(ctx, tx, args, job.Options{Key: it.ID})
		return err
	})
}

// bring gives an Item its history, unless a request for its holdings has done so meanwhile, and tells its client, once: the job ends in the
// transaction that tells. An Item that is gone, or that cannot have the product, has no history to come.
func (s *service) bring(ctx context.Context, j job.Job[history]) error {
	it, err := s.items.ItemByID(ctx, store.Tenant{Client: j.Args.Client, Environment: j.Args.Environment}, j.Args.ItemID)
	if err == nil {
		it, err = s.ready(ctx, it)
	}
	if err == nil {
		err = s.items.DB.Write(ctx, func(tx *store.Tx) error {
			whole := product.Range{From: 0, To: plaid.DateOf(tx.Now).AddDays(1)}
			docs, err := item.ReadDocuments(ctx, tx, it, item.InvestmentAccountsDocument, rows.DaysDocument)
			if err != nil {
				return err
			}
			days, err := product.ReadDays(docs.ByKind[rows.DaysDocument])
			if err != nil {
				return err
			}
			told := event.Event{Type: transactionsType, Code: "HISTORICAL_UPDATE", Members: transactionsUpdated{New: int(days.Total(it, whole))}}
			if err := s.items.Events.Tell(ctx, tx, it.Target(), told); err != nil {
				return err
			}
			return job.CompleteTx(ctx, tx, j)
		})
	}
	var pe *plaid.Error
	if errors.As(err, &pe) && (pe.Code == "ITEM_NOT_FOUND" || pe.Code == "NO_INVESTMENT_ACCOUNTS" || state.Lasting(pe.Code)) {
		return nil
	}
	return err
}

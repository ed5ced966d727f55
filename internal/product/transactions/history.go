package transactions

import (
	"context"
	"errors"
	"time"

	"weft/internal/item"
	"weft/internal/item/state"
	"weft/internal/job"
	"weft/internal/plaid"
	"weft/internal/store"
)

// When the two steps of a history come, after the product was added.
const (
	recentAfter = 5 * time.Second
	wholeAfter  = 40 * time.Second
)

// advance is a step of an Item's history that is to come.
type advance struct {
	Client      string     `json:"client"`
	Environment string     `json:"environment"`
	ItemID      string     `json:"item_id"`
	Step        state.Step `json:"step"`
}

// begin has the history of an Item that has just got the product come in its two steps.
func (s *service) begin(ctx context.Context, tx *store.Tx, r *item.Refreshed, c reach) (changed bool, err error) {
	if s.history == nil || c.before.Began != nil || !r.Item.Has(productName) {
		return false, nil
	}
	args := advance{Client: r.Item.Tenant.Client, Environment: r.Item.Tenant.Environment, ItemID: r.Item.ID, Step: state.StepRecent}
	if _, err := s.history.Enqueue(ctx, tx, args, job.Options{At: tx.Now.Add(recentAfter), Lane: r.Item.ID}); err != nil {
		return false, err
	}
	args.Step = state.StepWhole
	if _, err := s.history.Enqueue(ctx, tx, args, job.Options{At: tx.Now.Add(wholeAfter), Lane: r.Item.ID}); err != nil {
		return false, err
	}
	return c.write(ctx, tx, r)
}

// advance brings a step of an Item's history. An Item that is gone, or that its bank refuses, has no history to come.
func (s *service) advance(ctx context.Context, j job.Job[advance]) error {
	it, err := s.items.ItemByID(ctx, store.Tenant{Client: j.Args.Client, Environment: j.Args.Environment}, j.Args.ItemID)
	if err == nil {
		_, err = s.items.Advance(ctx, it, j.Args.Step)
	}
	var pe *plaid.Error
	if errors.As(err, &pe) && (pe.Code == "ITEM_NOT_FOUND" || state.Lasting(pe.Code)) {
		return nil
	}
	return err
}

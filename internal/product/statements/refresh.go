package statements

import (
	"context"
	"errors"
	"slices"

	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/item/event"
	"weft/internal/item/state"
	"weft/internal/job"
	"weft/internal/plaid"
	"weft/internal/store"
)

// refresh is an Item whose statements of some days are to be fetched.
type refresh struct {
	Client      string     `json:"client"`
	Environment string     `json:"environment"`
	ItemID      string     `json:"item_id"`
	From        plaid.Date `json:"from"`
	To          plaid.Date `json:"to"`
}

type refreshRequest struct {
	StartDate plaid.Date `json:"start_date" weft:"required"`
	EndDate   plaid.Date `json:"end_date" weft:"required"`
}

// Validate checks the dates: up to two years may be asked for.
func (r *refreshRequest) Validate(httpapi.Version) error {
	start := r.StartDate.Time()
	switch {
	case r.EndDate < r.StartDate:
		return plaid.InvalidField("end_date", "must not be before start_date")
	case r.EndDate > plaid.NewDate(start.Year()+2, start.Month(), start.Day()):
		return plaid.InvalidField("end_date", "must be at most two years after start_date")
	}
	return nil
}

// refresh has the statements fetched beside the request.
func (s *service) refresh(ctx context.Context, it item.Item, req refreshRequest) (httpapi.None, error) {
	it, err := s.ready(ctx, it)
	if err != nil {
		return httpapi.None{}, err
	}
	err = s.items.DB.Write(ctx, func(tx *store.Tx) error {
		args := refresh{Client: it.Tenant.Client, Environment: it.Tenant.Environment, ItemID: it.ID, From: req.StartDate, To: req.EndDate}
		_, err := s.refreshes.Enqueue(ctx, tx, args, job.Options{})
		return err
	})
	return httpapi.None{}, err
}

type refreshed struct {
	Result string `json:"result"`
}

// bring fetches statements and tells the client what became of it, once: the job ends in the transaction that tells. An Item
// that is gone has nobody to tell.
func (s *service) bring(ctx context.Context, j job.Job[refresh]) error {
	it, err := s.items.ItemByID(ctx, store.Tenant{Client: j.Args.Client, Environment: j.Args.Environment}, j.Args.ItemID)
	if gone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	result := refreshed{"SUCCESS"}
	err = s.fetch(ctx, it, state.Days{From: j.Args.From, To: j.Args.To})
	var refused *plaid.Error
	switch {
	case gone(err):
		return nil
	case errors.As(err, &refused):
		result.Result = "FAILURE"
	case err != nil:
		return err
	}
	return s.items.DB.Write(ctx, func(tx *store.Tx) error {
		told := event.Event{Type: "STATEMENTS", Code: "STATEMENTS_REFRESH_COMPLETE", Members: result}
		if err := s.items.Events.Tell(ctx, tx, it.Target(), told); err != nil {
			return err
		}
		return job.CompleteTx(ctx, tx, j)
	})
}

// mostDays is how many ranges of days an Item remembers: what was found in those before is kept.
const mostDays = 16

// fetch asks the bank for the statements of some more days.
func (s *service) fetch(ctx context.Context, it item.Item, days state.Days) error {
	if err := it.Failed(); err != nil {
		return err
	}
	it, err := s.items.Update(ctx, it, func(st *item.State) {
		st.Statements = append(slices.DeleteFunc(slices.Clone(st.Statements), func(d state.Days) bool { return days.From <= d.From && d.To <= days.To }), days)
		st.Statements = st.Statements[max(len(st.Statements)-mostDays, 0):]
	})
	if err != nil {
		return err
	}
	_, err = s.items.Refresh(ctx, it)
	return err
}

func gone(err error) bool {
	var refused *plaid.Error
	return errors.As(err, &refused) && refused.Code == "ITEM_NOT_FOUND"
}

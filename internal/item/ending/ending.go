// Package ending is how Items come into errors in which they stay until their user acts: because the bank says so, or because
// time has come. By its clock the verification of typed account numbers comes to its end as well.
package ending

import (
	"context"
	"errors"
	"slices"

	"weft/internal/item/accounts"
	"weft/internal/item/consent"
	"weft/internal/item/event"
	"weft/internal/item/rows"
	"weft/internal/item/state"
	"weft/internal/job"
	"weft/internal/plaid"
	"weft/internal/store"
)

// LoginRequired is the error in which an Item is whose login has ended.
const LoginRequired = plaid.Code("ITEM_LOGIN_REQUIRED")

// Fall puts a locked Item into an error, and tells of it if the Item was not in that already. One whose user has taken back all
// stays in that: a lesser error would have it answer what is kept.
func Fall(ctx context.Context, tx *store.Tx, events event.Notifier, it *rows.Item, code plaid.Code) error {
	if it.Error == code || it.Revoked() != nil {
		return nil
	}
	it.Error = code
	if err := rows.Save(ctx, tx, it); err != nil {
		return err
	}
	if it.Revoked() != nil {
		if err := consent.Note(ctx, tx, *it, consent.AllRevoked); err != nil {
			return err
		}
	}
	return events.Tell(ctx, tx, it.Target(), state.ErrorEvent(code))
}

// Reset has Items need a new login, which are locked in the order of their ids.
func Reset(ctx context.Context, tx *store.Tx, events event.Notifier, tenant store.Tenant, itemIDs []string) error {
	for _, id := range slices.Sorted(slices.Values(itemIDs)) {
		it, err := rows.Lock(ctx, tx, tenant, id)
		if err == nil && it.InstitutionID != "" { // account numbers alone have no login
			err = Fall(ctx, tx, events, &it, LoginRequired)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Unlink has the user of a locked Item take back all that they share, here and not at the bank: no answer of the bank brings it
// back, but a new login.
func Unlink(ctx context.Context, tx *store.Tx, events event.Notifier, it *rows.Item) error {
	it.Unlink()
	if err := rows.Save(ctx, tx, it); err != nil {
		return err
	}
	if err := consent.Note(ctx, tx, *it, consent.Unlinked); err != nil {
		return err
	}
	return events.Tell(ctx, tx, it.Target(), state.ErrorEvent(it.Error))
}

// Clock has Items end with their logins and consents, by jobs: one an Item that ends, so that idle Items cost nothing. Nil has
// none end.
type Clock struct {
	db     *store.DB
	events event.Notifier
	kind   *job.Kind[args]
}

// args name an Item.
type args struct {
	Client      string `json:"client"`
	Environment string `json:"environment"`
	ItemID      string `json:"item_id"`
}

// New is a clock whose jobs a queue runs.
func New(db *store.DB, events event.Notifier, q *job.Queue) *Clock {
	c := &Clock{db: db, events: events}
	c.kind = job.Register(q, job.Spec{Name: "item_end"}, c.look)
	return c
}

// Plan has an Item looked at when time next changes something of it.
func (c *Clock) Plan(ctx context.Context, tx *store.Tx, it rows.Item) error {
	at, ok := it.Next()
	if c == nil || !ok {
		return nil
	}
	_, err := c.kind.Enqueue(ctx, tx, args{Client: it.Tenant.Client, Environment: it.Tenant.Environment, ItemID: it.ID},
		job.Options{At: at, Key: it.ID, Again: true, Soon: true})
	return err
}

// look looks at an Item: its client is told some days ahead that it ends, and then it ends. Nothing happens to one that is
// gone, does not work, or was repaired meanwhile.
func (c *Clock) look(ctx context.Context, j job.Job[args]) error {
	return c.db.Write(ctx, func(tx *store.Tx) error {
		it, err := rows.Lock(ctx, tx, store.Tenant{Client: j.Args.Client, Environment: j.Args.Environment}, j.Args.ItemID)
		var pe *plaid.Error
		if errors.As(err, &pe) { // it was removed
			return job.CompleteTx(ctx, tx, j)
		}
		if err == nil {
			err = c.strike(ctx, tx, &it)
		}
		if err != nil {
			return err
		}
		if err := job.CompleteTx(ctx, tx, j); err != nil {
			return err
		}
		return c.Plan(ctx, tx, it)
	})
}

// strike does to a locked Item what is due.
func (c *Clock) strike(ctx context.Context, tx *store.Tx, it *rows.Item) error {
	if at, ok := it.Verifies(); ok && !at.After(tx.Now) {
		it.Typed.Become(it.Typed.Then)
		return accounts.Verified(ctx, tx, c.events, it)
	}
	at, ok := it.Next()
	switch {
	case !ok || at.After(tx.Now):
		return nil
	case it.Ends() <= tx.Now.UnixMilli():
		return Fall(ctx, tx, c.events, it, LoginRequired)
	}
	it.Warned = it.Ends()
	if err := rows.Save(ctx, tx, it); err != nil {
		return err
	}
	return c.events.Tell(ctx, tx, it.Target(), it.Ending())
}

package connections

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"weft/internal/connector"
	"weft/internal/ident"
	"weft/internal/store"
)

// ErrLost says that a lease was lost: another has asked the bank meanwhile, or the connection is gone.
var ErrLost = errors.New("the lease of the connection was lost")

// LeaseTime is how long a lease lasts that is not renewed: so long a connection stays unasked after its asker has died.
const LeaseTime = 30 * time.Second

// Lease is the right to ask a connection's bank, which one at a time has, on whatever server.
type Lease struct {
	tenant    store.Tenant
	id, owner string
}

// Take takes the lease of a connection for an owner, who is a new one each time. Taken is false where another has it; a
// connection that is gone is store.ErrNotFound.
func Take(ctx context.Context, tx *store.Tx, tenant store.Tenant, id, owner string) (lease Lease, taken bool, err error) {
	n, err := tx.Exec(ctx, `update connections set lease_owner = $1, lease_until = $2
		where connection_id = $3 and client_id = $4 and environment = $5 and (lease_until is null or lease_until <= $6)`,
		owner, tx.Now.Add(LeaseTime).UnixMilli(), id, tenant.Client, tenant.Environment, tx.Now.UnixMilli())
	if err != nil || n > 0 {
		return Lease{tenant, id, owner}, n > 0, err
	}
	var there int64
	err = tx.QueryRow(ctx, `select 1 from connections where connection_id = $1 and client_id = $2 and environment = $3`,
		id, tenant.Client, tenant.Environment).Scan(&there)
	return Lease{}, false, err
}

// Renew makes the lease last from now, unless it was lost.
func (l Lease) Renew(ctx context.Context, tx *store.Tx) error {
	return l.exec(ctx, tx, `update connections set lease_until = $4 where connection_id = $1 and client_id = $2 and environment = $3 and lease_owner = $5`,
		tx.Now.Add(LeaseTime).UnixMilli(), l.owner)
}

// Keep writes a memory down while the bank is asked: what is spent there must not be forgotten in a crash.
func (l Lease) Keep(ctx context.Context, tx *store.Tx, memory json.RawMessage) error {
	return l.exec(ctx, tx, `update connections set memory = $4 where connection_id = $1 and client_id = $2 and environment = $3 and lease_owner = $5`,
		string(memory), l.owner)
}

// Outcome is what a fetch leaves on its connection. A nil memory keeps what it had.
type Outcome struct {
	Memory   json.RawMessage
	Due      *time.Time
	Failures int64
	// Asked says that the bank was asked with success, and Balances that it was for balances alone.
	Asked, Balances bool
}

// End gives the lease back with the outcome of the fetch. It belongs into the transaction that applies what was fetched: where
// the lease was lost, ErrLost undoes that.
func (l Lease) End(ctx context.Context, tx *store.Tx, o Outcome) error {
	var memory *string
	if o.Memory != nil {
		text := string(o.Memory)
		memory = &text
	}
	rounds, balances := 0, 0
	switch {
	case o.Asked && o.Balances:
		balances = 1
	case o.Asked:
		rounds = 1
	}
	return l.exec(ctx, tx, `update connections set memory = coalesce($4, memory), due_at = $6, failures = $7, rounds = rounds + $8, balance_rounds = balance_rounds + $9,
		lease_owner = null, lease_until = null
		where connection_id = $1 and client_id = $2 and environment = $3 and lease_owner = $5`, memory, l.owner, millis(o.Due), o.Failures, rounds, balances)
}

func (l Lease) exec(ctx context.Context, tx *store.Tx, query string, args ...any) error {
	n, err := tx.Exec(ctx, query, append([]any{l.id, l.tenant.Client, l.tenant.Environment}, args...)...)
	if err == nil && n == 0 {
		return ErrLost
	}
	return err
}

// leasePoll is how often a lease that another server has is asked for again.
const leasePoll = 100 * time.Millisecond

// Leases gives connections to ask.
type Leases struct {
	DB  *store.DB
	IDs *ident.Source
}

// ErrBusy says that another asks the bank now.
var ErrBusy = errors.New("another asks the bank of this connection now")

// Wait takes the lease of a connection. That another has it is ErrBusy without patience.
func (s Leases) Wait(ctx context.Context, tenant store.Tenant, id string, patient bool) (lease Lease, err error) {
	owner := s.IDs.UUID()
	for {
		var taken bool
		err = s.DB.Write(ctx, func(tx *store.Tx) error {
			lease, taken, err = Take(ctx, tx, tenant, id, owner)
			return err
		})
		switch {
		case err != nil || taken:
			return lease, err
		case !patient:
			return lease, ErrBusy
		}
		select {
		case <-ctx.Done():
			return lease, ctx.Err()
		case <-time.After(leasePoll):
		}
	}
}

// Hold renews a lease until stop is called. The context ends where the lease is lost.
func (s Leases) Hold(ctx context.Context, lease Lease) (held context.Context, stop func()) {
	held, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		renew := time.NewTicker(LeaseTime / 3)
		defer renew.Stop()
		for {
			select {
			case <-held.Done():
				return
			case <-renew.C:
				err := s.DB.Write(held, func(tx *store.Tx) error { return lease.Renew(held, tx) })
				if errors.Is(err, ErrLost) {
					cancel(err)
				}
			}
		}
	}()
	return held, func() {
		cancel(context.Canceled)
		<-done
	}
}

// GiveBack ends a lease without a fetch.
func (s Leases) GiveBack(ctx context.Context, lease Lease, conn Connection) error {
	ctx = context.WithoutCancel(ctx)
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		return lease.End(ctx, tx, Outcome{Due: conn.Due, Failures: conn.Failures})
	})
	if errors.Is(err, ErrLost) {
		return nil
	}
	return err
}

// firstRetry is how long to wait after a first failure.
const firstRetry = 5 * time.Minute

// NextDue is when a connection is asked again by itself: after the connector's interval, give or take a tenth of it so that
// not all ask at once, or within an hour of when its data is known to change; and sooner after a failure, at first after
// minutes. Nil is never.
func NextDue(con connector.Connector, conn connector.Connection, now time.Time, failures int64) *time.Time {
	wait, early, spread := time.Duration(0), time.Duration(0), time.Duration(0)
	if periodic, ok := con.(connector.Periodic); ok {
		wait = retry(periodic.RefreshEvery(), failures)
		early, spread = wait/10, wait/5
	} else if changing, ok := con.(connector.Changing); ok {
		at := changing.NextChange(conn.Credentials, now)
		if at.IsZero() {
			return nil
		}
		wait, spread = retry(at.Sub(now), failures), time.Hour
	} else {
		return nil
	}
	h := fnv.New64a()
	fmt.Fprintf(h, "%s/%d", conn.ID, now.UnixNano())
	at := now.Add(wait - early + time.Duration(h.Sum64()%uint64(max(spread, 1))))
	return &at
}

// retry is how long to wait after so many failures, instead of the usual time.
func retry(usual time.Duration, failures int64) time.Duration {
	if failures == 0 {
		return usual
	}
	return min(usual, firstRetry<<(2*min(failures-1, 10)))
}

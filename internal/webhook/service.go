package webhook

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"weft/internal/clock"
	"weft/internal/ident"
	"weft/internal/job"
	"weft/internal/metrics"
	"weft/internal/outbound"
	"weft/internal/seal"
	"weft/internal/store"
	"weft/internal/store/batch"
	"weft/internal/webhook/bell"
	"weft/internal/webhook/signing"
)

// Config is what a service is made of.
type Config struct {
	DB    *store.DB
	Keys  *seal.Keys
	Clock clock.Clock
	// IDs mints ids of webhooks and keys. Webhooks are written from several goroutines in no fixed order, so a seeded source
	// should be one of the service's own.
	IDs *ident.Source
	// Random is a number from 0 below n.
	Random func(n int64) int64
	Log    *slog.Logger
	Queue  *job.Queue
	// Metrics counts webhooks; nil counts nothing.
	Metrics *metrics.Metrics
	// Outbound says what may be called besides the public internet.
	Outbound outbound.Options
	// Loopback allows receivers on this machine, over http too: for a server that is itself reached from there alone.
	Loopback bool
	// Retries is when a webhook is tried again; Steady if it is zero.
	Retries Retries
	// Timeout is how long a receiver has to answer; 10 seconds if it is zero.
	Timeout time.Duration
	// Poll is how often one who listens looks for what other servers and commands have written; 1 second by default.
	Poll time.Duration
}

// Key is a public key as receivers ask for it.
type Key = signing.Key

// Service writes and delivers webhooks.
type Service struct {
	*signing.Keys
	db      *store.DB
	clock   clock.Clock
	ids     *ident.Source
	random  func(n int64) int64
	log     *slog.Logger
	metrics *metrics.Metrics
	retries Retries
	timeout time.Duration
	errands *job.Kind[errand]
	// suspects has an entry for each failing receiver that is being called.
	suspects chan struct{}
	// deliveries are those that are to be recorded.
	deliveries *batch.Batch[delivery]
	// public calls receivers, local those on this machine; nil where they are not allowed.
	public, local *outbound.Client
	// bell and poll are for those who listen.
	bell *bell.Bell
	poll time.Duration
}

// Retries are when a webhook is tried again: First after the first failed attempt, Factor times as long after each further
// one, at most Limit, each time up to a fifth less or more.
type Retries struct {
	First  time.Duration
	Factor int
	Limit  time.Duration
	// Probe is the most that a failing receiver is left alone while anything waits for it.
	Probe time.Duration
	// Horizon is how long a webhook is tried.
	Horizon time.Duration
	// Alone: webhooks are tried each by itself, in no order.
	Alone bool
}

// Kinds of retries.
var (
	// Steady begins as Plaid does, and then asks a failing receiver often enough that all that waits for it is on its way six
	// minutes after it has come back, at the latest.
	Steady = Retries{First: 30 * time.Second, Factor: 4, Limit: time.Hour, Probe: 270 * time.Second, Horizon: 72 * time.Hour}
	// Plaid is what Plaid documents of itself.
	Plaid = Retries{First: 30 * time.Second, Factor: 4, Limit: 24 * time.Hour, Horizon: 24 * time.Hour, Alone: true}
)

// ParseRetries finds them by name.
func ParseRetries(name string) (Retries, error) {
	switch name {
	case "steady":
		return Steady, nil
	case "plaid":
		return Plaid, nil
	}
	return Retries{}, fmt.Errorf("%q is not steady or plaid", name)
}

// after is the wait after a number of failed attempts, without its random part.
func (r Retries) after(failures int64, limit time.Duration) time.Duration {
	d := r.First
	for i := int64(1); i < failures && d < limit; i++ {
		d *= time.Duration(r.Factor)
	}
	return min(d, limit)
}

// defaultTimeout is how long a receiver has to answer, as Plaid documents it.
const defaultTimeout = 10 * time.Second

// recordFor bounds the record of answers.
const recordFor = 10 * time.Second

// gatherFor is how long an answer waits for others to be recorded with, unless its visit waits for the record.
const gatherFor = 5 * time.Millisecond

// workers is how many receivers are called at once. One that hangs takes a place for the whole timeout, and costs little.
const workers = 256

// suspects is how many of them may be receivers that have failed before: however many hang, the others find a place.
const suspects = workers / 4

// loopback are the networks of this machine.
var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// New makes a service, whose deliveries the queue runs.
func New(c Config) *Service {
	s := &Service{
		db: c.DB, clock: c.Clock, ids: c.IDs, random: c.Random, log: c.Log, metrics: c.Metrics, retries: c.Retries, suspects: make(chan struct{}, suspects), bell: bell.New(), poll: cmp.Or(c.Poll, time.Second),
	}
	s.deliveries = batch.New(c.DB, recordFor, gatherFor, s.recordDeliveries)
	if s.retries == (Retries{}) {
		s.retries = Steady
	}
	s.Keys = signing.New(c.DB, c.Keys, c.Clock, c.IDs, max(s.retries.Horizon, Steady.Horizon))
	o := c.Outbound
	s.timeout = cmp.Or(c.Timeout, defaultTimeout)
	o.Whole, o.Header, o.MaxBody = s.timeout, s.timeout, 1<<30 // no more than its beginning is read
	s.public = outbound.New(o)
	if c.Loopback {
		o.Allow, o.AllowHTTP = loopback, true
		s.local = outbound.New(o)
	}
	s.errands = job.Register(c.Queue, job.Spec{
		Name: "webhook", Workers: workers, Timeout: 4 * drainFor, Attempts: 1000, Backoff: job.Backoff{First: 5 * time.Second, Limit: time.Minute},
	}, s.work)
	job.Register(c.Queue, job.Spec{Name: "webhook-cleaning", Every: 24 * time.Hour, Workers: 1}, func(ctx context.Context, j job.Job[struct{}]) error {
		return s.db.Write(ctx, func(tx *store.Tx) error {
			if err := clean(ctx, tx); err != nil {
				return err
			}
			return job.CompleteTx(ctx, tx, j)
		})
	})
	return s
}

// kept is how long webhooks that are done stay listed.
const kept = 30 * 24 * time.Hour

// clean forgets, of all tenants, webhooks that were done long ago or kept for those who listened, and keys that have expired.
func clean(ctx context.Context, tx *store.Tx) error {
	tenants, err := tenants(ctx, tx)
	if err != nil {
		return err
	}
	const old = `client_id = $1 and environment = $2 and webhook_id < $3 and state <> 'pending'`
	for _, t := range tenants {
		args := []any{t.Client, t.Environment, timeKey(tx.Now.Add(-kept))}
		if _, err := tx.Exec(ctx, `delete from webhook_attempts where webhook_id in (select webhook_id from webhooks where `+old+`)`, args...); err != nil {
			return err
		}
		tx.Changing(SentMark)
		if _, err := tx.Exec(ctx, `delete from webhooks where `+old, args...); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, `delete from heard_webhooks where created_at < $1`, tx.Now.Add(-heardFor).UnixMilli()); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `delete from webhook_keys where expired_at < $1`, tx.Now.UnixMilli())
	return err
}

// tenants are those that were ever told of something.
func tenants(ctx context.Context, tx *store.Tx) (list []store.Tenant, err error) {
	rows, err := tx.Query(ctx, `select distinct client_id, environment from webhook_receivers`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var t store.Tenant
		if err := rows.Scan(&t.Client, &t.Environment); err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, rows.Err()
}

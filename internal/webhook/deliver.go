package webhook

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"weft/internal/job"
	"weft/internal/store"
	"weft/internal/webhook/signing"
)

// Bounds of one visit to a receiver; what is left then is the next one's.
const (
	drainFor  = 30 * time.Second
	drainMost = 2000
	page      = 50
)

// waiting is a webhook to be delivered.
type waiting struct {
	id, target string
	kind, code string
	body       []byte
	position   int64
	attempts   int64
	created    int64
	expires    int64
}

// work is one run of a job.
func (s *Service) work(ctx context.Context, j job.Job[errand]) error {
	key, err := s.Signer(ctx)
	if err != nil {
		return err
	}
	v := &visit{Service: s, errand: j.Args, key: key, held: j.Held, end: s.clock.Now().Add(drainFor)}
	if j.Args.Webhook != "" {
		return v.alone(ctx)
	}
	if err := v.arrive(ctx); err != nil {
		return err
	}
	leave, err := s.enter(v.failing)
	if err != nil {
		return err
	}
	defer leave()
	for {
		err = v.drain(ctx)
		if unrecorded := v.settle(0); unrecorded != nil {
			return unrecorded
		}
		if err != nil || !v.clock.Now().Before(v.end) || !j.More(linger) {
			return err
		}
	}
}

// enter takes one of the places for receivers that have failed, if this is one. Where there is none, the job waits a little.
func (s *Service) enter(suspect bool) (leave func(), err error) {
	if !suspect {
		return func() {}, nil
	}
	select {
	case s.suspects <- struct{}{}:
		return func() { <-s.suspects }, nil
	default:
		return nil, job.NotBefore(s.clock.Now().Add(s.spread(time.Second)))
	}
}

// linger is how long a visit that has delivered all waits for more, which then needs no job to be taken.
const linger = 250 * time.Millisecond

// visit is the delivery of what waits for a receiver.
type visit struct {
	*Service
	errand
	key *signing.Signer
	// held reports whether the visit is still this server's.
	held func() bool
	// end is when the visit gives its place to another; sent is how many webhooks it has sent.
	end  time.Time
	sent int
	// failing: the receiver has failed before and has taken nothing since.
	failing bool
	// records are those of deliveries that are being written, oldest first.
	records []<-chan error
}

func (v *visit) tenant() store.Tenant {
	return store.Tenant{Client: v.Client, Environment: v.Environment}
}

const waitingColumns = `select webhook_id, url, webhook_type, webhook_code, body, position, attempts, created_at, expires_at from webhooks `

func (v *visit) read(ctx context.Context, query string, args ...any) (list []waiting, err error) {
	rows, err := v.db.Query(ctx, waitingColumns+query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var w waiting
		var body string
		if err := rows.Scan(&w.id, &w.target, &w.kind, &w.code, &body, &w.position, &w.attempts, &w.created, &w.expires); err != nil {
			return nil, err
		}
		w.body = []byte(body)
		list = append(list, w)
	}
	return list, rows.Err()
}

// next are the next webhooks of the receiver behind a position, in order.
func (v *visit) next(ctx context.Context, after int64) ([]waiting, error) {
	return v.read(ctx, nextPage, v.Client, v.Environment, v.Receiver, after)
}

// nextPage has its limit in its text: SQLite prepares a statement anew each time where that is a parameter.
var nextPage = fmt.Sprintf(`where client_id = $1 and environment = $2 and receiver = $3 and state = 'pending' and alone = 0 and position > $4
	order by position limit %d`, page)

// mostUnrecorded is how many answers may wait to be recorded while the next webhook is sent. A killed server's successor
// sends those again, in their order.
const mostUnrecorded = 16

// arrive asks how the receiver has fared.
func (v *visit) arrive(ctx context.Context) error {
	return v.db.QueryRow(ctx, `select failures > 0 from webhook_receivers where client_id = $1 and environment = $2 and address = $3`,
		v.Client, v.Environment, v.Receiver).Scan(&v.failing)
}

// goesOn reports whether the visit may send another webhook.
func (v *visit) goesOn() bool {
	return v.sent < drainMost && v.clock.Now().Before(v.end) && v.held()
}

// drain delivers what waits, one after another, until one fails.
func (v *visit) drain(ctx context.Context) error {
	for after := int64(0); v.goesOn(); {
		list, err := v.next(ctx, after)
		if err != nil || len(list) == 0 {
			return err
		}
		whole, err := v.deliver(ctx, list)
		if err != nil {
			return err
		}
		if after = list[len(list)-1].position; whole && len(list) == page {
			continue // what is behind is read while these are still being recorded
		}
		if err := v.settle(0); err != nil { // what is not recorded would be read again
			return err
		}
		after = 0
	}
	return job.NotBefore(v.clock.Now())
}

// deliver delivers webhooks, one after another. It reports whether all were taken; where one was not and the receiver is to be left
// alone, the error says until when.
func (v *visit) deliver(ctx context.Context, list []waiting) (whole bool, err error) {
	for i, w := range list {
		r, err := v.send(ctx, v.key, w.target, w.body)
		if err != nil {
			return false, err
		}
		v.sent++
		if !r.delivered() {
			return false, v.failed(ctx, w, r, list[i+1:]) // where it goes on, the list is read anew: the one that has failed is done with
		}
		if err := v.took(ctx, w, r); err != nil {
			return false, err
		}
		if !v.goesOn() {
			return false, nil
		}
	}
	return true, nil
}

// took records a delivery. The record is written while the next webhook is sent, together with those of other visits; but the
// first one after a failure, which changes the receiver too, is written by itself.
func (v *visit) took(ctx context.Context, w waiting, r result) error {
	if v.failing {
		v.failing = false
		return v.recordRecovery(ctx, w, r)
	}
	v.records = append(v.records, v.deliveries.Write(delivery{v.tenant(), w, r}))
	return v.settle(mostUnrecorded - 1)
}

// settle waits until so many records at most are not written. Where half of those that may be are not, it has them written soon.
func (v *visit) settle(most int) error {
	for len(v.records) > 0 {
		var err error
		select {
		case err = <-v.records[0]:
		default:
			if len(v.records) > most || len(v.records) == mostUnrecorded/2 {
				v.deliveries.Flush()
			}
			if len(v.records) <= most {
				return nil
			}
			err = <-v.records[0]
		}
		if v.records = v.records[1:]; err != nil {
			return err
		}
	}
	return nil
}

// attempted writes an attempt that has failed. It reports false where another server has done with the webhook meanwhile.
func (v *visit) attempted(ctx context.Context, tx *store.Tx, w waiting, r result) (bool, error) {
	var attempt int64
	err := tx.QueryRow(ctx, `update webhooks set attempts = attempts + 1, sent_at = $1
		where webhook_id = $2 and client_id = $3 and environment = $4 and `+stillPending+` returning attempts`,
		r.at, w.id, v.Client, v.Environment).Scan(&attempt)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	v.count(tx, delivery{v.tenant(), w, r})
	_, err = tx.Exec(ctx, `insert into webhook_attempts (webhook_id, attempt, at, status, duration_ms, answer, error) values ($1, $2, $3, $4, $5, $6, $7)`,
		w.id, attempt, r.at, r.status, r.duration, r.answer, r.failure)
	return true, err
}

// record writes an attempt that has failed and what follows from it, in one transaction.
func (v *visit) record(ctx context.Context, w waiting, r result, then func(ctx context.Context, tx *store.Tx, w waiting, r result) error) error {
	return v.db.Write(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		pending, err := v.attempted(ctx, tx, w, r)
		if !pending || err != nil {
			return err
		}
		return then(ctx, tx, w, r)
	})
}

// recordRecovery records a delivery, which ends the failures of its receiver.
func (v *visit) recordRecovery(ctx context.Context, w waiting, r result) error {
	return v.db.Write(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		if err := v.recordDeliveries(ctx, tx, []delivery{{v.tenant(), w, r}}); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `update webhook_receivers set failures = 0, failing_since = null
			where client_id = $1 and environment = $2 and address = $3 and failures > 0`, v.Client, v.Environment, v.Receiver)
		return err
	})
}

func (v *visit) finish(ctx context.Context, tx *store.Tx, w waiting, state string) error {
	_, err := tx.Exec(ctx, `update webhooks set state = $1, finished_at = $2 where webhook_id = $3 and client_id = $4 and environment = $5`,
		state, tx.Now.UnixMilli(), w.id, v.Client, v.Environment)
	return err
}

// sparedAttempts is after how many failed attempts of a webhook the one behind it is tried: perhaps the receiver refuses this
// one alone.
const sparedAttempts = 3

// failed records a failed attempt at the receiver's oldest webhook. Where the receiver is to be left alone for a while the error says
// until when; there is none where the webhook is done with or the receiver takes nothing any more.
func (v *visit) failed(ctx context.Context, w waiting, r result, behind []waiting) error {
	v.log.Info("a webhook was not delivered", "webhook_id", w.id, "receiver", v.Receiver, "attempt", w.attempts+1, "reason", r.reason())
	if err := v.settle(0); err != nil {
		return err
	}
	v.failing = true
	if r.status != 0 && r.status != http.StatusGone && w.attempts+1 >= sparedAttempts && len(behind) > 0 {
		other, err := v.send(ctx, v.key, behind[0].target, behind[0].body)
		if err != nil {
			return err
		}
		if other.delivered() {
			if err := v.recordRecovery(ctx, behind[0], other); err != nil {
				return err
			}
			return v.record(ctx, w, r, v.setAside)
		}
	}
	var wait time.Duration
	goOn := false
	err := v.record(ctx, w, r, func(ctx context.Context, tx *store.Tx, w waiting, r result) (err error) {
		wait, goOn, err = v.fell(ctx, tx, w, r)
		return err
	})
	if err != nil || goOn {
		return err
	}
	return job.NotBefore(v.clock.Now().Add(wait))
}

// fell counts the receiver's failure and decides how long it is left alone.
func (v *visit) fell(ctx context.Context, tx *store.Tx, w waiting, r result) (wait time.Duration, goOn bool, err error) {
	if r.status == http.StatusGone {
		return 0, true, v.suspend(ctx, tx, "it answered 410 Gone")
	}
	var failures, since int64
	err = tx.QueryRow(ctx, `update webhook_receivers set failures = failures + 1, failing_since = coalesce(failing_since, $1)
		where client_id = $2 and environment = $3 and address = $4 returning failures, failing_since`,
		r.at, v.Client, v.Environment, v.Receiver).Scan(&failures, &since)
	if err != nil {
		return 0, false, err
	}
	wait = v.spread(v.retries.after(failures, cmp.Or(v.retries.Probe, v.retries.Limit)))
	again := tx.Now.Add(wait).UnixMilli()
	switch {
	case again-since >= v.retries.Horizon.Milliseconds():
		return 0, true, v.suspend(ctx, tx, "it has failed for "+v.retries.Horizon.String()+"; at last: "+r.reason())
	case again >= w.expires:
		return 0, true, v.finish(ctx, tx, w, Dead)
	}
	return wait, false, nil
}

// suspend has a receiver be sent nothing until someone resumes it. What waits for it is dead, and can be replayed.
func (v *visit) suspend(ctx context.Context, tx *store.Tx, reason string) error {
	if _, err := tx.Exec(ctx, `update webhook_receivers set suspended_at = $1, reason = $2 where client_id = $3 and environment = $4 and address = $5`,
		tx.Now.UnixMilli(), reason, v.Client, v.Environment, v.Receiver); err != nil {
		return err
	}
	tx.OnCommit(func() { v.log.Warn("a receiver of webhooks is suspended", "receiver", v.Receiver, "reason", reason) })
	_, err := tx.Exec(ctx, `update webhooks set state = 'dead', finished_at = $1
		where client_id = $2 and environment = $3 and receiver = $4 and state = 'pending'`, tx.Now.UnixMilli(), v.Client, v.Environment, v.Receiver)
	return err
}

// setAside has a webhook that the receiver refuses, while it takes others, be tried by itself.
func (v *visit) setAside(ctx context.Context, tx *store.Tx, w waiting, _ result) error {
	if _, err := tx.Exec(ctx, `update webhooks set alone = 1 where webhook_id = $1 and client_id = $2 and environment = $3`,
		w.id, v.Client, v.Environment); err != nil {
		return err
	}
	e := v.errand
	e.Webhook = w.id
	_, err := v.errands.Enqueue(ctx, tx, e, job.Options{Key: e.key(), At: tx.Now.Add(v.spread(v.retries.after(w.attempts+1, v.retries.Limit)))})
	return err
}

// alone delivers one webhook that is not in its receiver's order.
func (v *visit) alone(ctx context.Context) error {
	list, err := v.read(ctx, `where webhook_id = $1 and client_id = $2 and environment = $3 and `+stillPending+` and alone = 1`,
		v.Webhook, v.Client, v.Environment)
	if err != nil || len(list) == 0 {
		return err
	}
	w := list[0]
	leave, err := v.enter(w.attempts > 0)
	if err != nil {
		return err
	}
	defer leave()
	r, err := v.send(ctx, v.key, w.target, w.body)
	if err != nil {
		return err
	}
	if r.delivered() {
		return v.recordRecovery(ctx, w, r)
	}
	v.log.Info("a webhook was not delivered", "webhook_id", w.id, "receiver", v.Receiver, "attempt", w.attempts+1, "reason", r.reason())
	wait := v.spread(v.retries.after(w.attempts+1, v.retries.Limit))
	over := false
	err = v.record(ctx, w, r, func(ctx context.Context, tx *store.Tx, w waiting, r result) error {
		over = r.status == http.StatusGone || tx.Now.Add(wait).UnixMilli() >= w.expires
		switch {
		case r.status == http.StatusGone:
			return v.suspend(ctx, tx, "it answered 410 Gone")
		case over:
			return v.finish(ctx, tx, w, Dead)
		}
		return nil
	})
	if err != nil || over {
		return err
	}
	return job.NotBefore(v.clock.Now().Add(wait))
}

// spread is a duration between four and six fifths of d.
func (s *Service) spread(d time.Duration) time.Duration {
	return d - d/5 + time.Duration(s.random(int64(2*d/5)+1))
}

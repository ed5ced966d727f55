package webhook

import (
	"context"
	"errors"
	"slices"
	"time"

	"weft/internal/clock"
	"weft/internal/store"
)

// Webhook is a webhook as its client sees it.
type Webhook struct {
	ID, ItemID, URL, Type, Code string
	State                       string
	Body                        string
	Attempts                    int64
	CreatedAt                   time.Time
	// ExpiresAt is when it is given up, SentAt when it was last tried, FinishedAt when it was delivered or given up.
	ExpiresAt          time.Time
	SentAt, FinishedAt *time.Time
	// Suspended is why its receiver is sent nothing, empty where it is.
	Suspended string
}

// Attempt is one attempt at a webhook. Status is 0 where there was no answer, and Error says why.
type Attempt struct {
	At            time.Time
	Status        int
	Duration      time.Duration
	Answer, Error string
}

// Filter says which webhooks to list: of an Item, in a state, before an id of an earlier page. What is empty is any.
type Filter struct {
	ItemID, State, Before string
	Limit                 int
}

const webhookColumns = `select w.webhook_id, w.item_id, w.url, w.webhook_type, w.webhook_code, w.state, w.body, w.attempts, w.created_at, w.expires_at, w.sent_at,
	w.finished_at, case when r.suspended_at is null then '' else r.reason end from webhooks w
	join webhook_receivers r on r.client_id = w.client_id and r.environment = w.environment and r.address = w.receiver
	where w.client_id = $1 and w.environment = $2 and `

// newest is behind every id.
const newest = "~"

// List is a tenant's webhooks, newest first.
func (s *Service) List(ctx context.Context, tenant store.Tenant, f Filter) ([]Webhook, error) {
	if f.Before == "" {
		f.Before = newest
	}
	args := []any{tenant.Client, tenant.Environment, f.Before, f.Limit}
	const order = `w.webhook_id < $3 order by w.webhook_id desc limit $4`
	query := webhookColumns
	switch {
	case f.ItemID != "" && f.State != "":
		query, args = query+`w.item_id = $5 and w.state = $6 and `, append(args, f.ItemID, f.State)
	case f.ItemID != "":
		query, args = query+`w.item_id = $5 and `, append(args, f.ItemID)
	case f.State == Delivered: // most are
		query += `w.state = 'delivered' and `
	case f.State != "":
		query, args = query+`w.state = $5 and w.state <> 'delivered' and `, append(args, f.State)
	}
	return s.scan(ctx, query+order, args...)
}

func (s *Service) scan(ctx context.Context, query string, args ...any) ([]Webhook, error) {
	rows, err := s.db.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Webhook
	for rows.Next() {
		var w Webhook
		var created, expires int64
		var sent, finished *int64
		if err := rows.Scan(&w.ID, &w.ItemID, &w.URL, &w.Type, &w.Code, &w.State, &w.Body, &w.Attempts, &created, &expires, &sent, &finished, &w.Suspended); err != nil {
			return nil, err
		}
		w.CreatedAt, w.ExpiresAt = time.UnixMilli(created).UTC(), time.UnixMilli(expires).UTC()
		w.SentAt, w.FinishedAt = clock.Moment(sent), clock.Moment(finished)
		list = append(list, w)
	}
	return list, rows.Err()
}

// Get is a tenant's webhook with the latest of its attempts, newest first. It returns store.ErrNotFound for any other.
func (s *Service) Get(ctx context.Context, tenant store.Tenant, id string, attempts int) (Webhook, []Attempt, error) {
	list, err := s.scan(ctx, webhookColumns+`w.webhook_id = $3`, tenant.Client, tenant.Environment, id)
	if err != nil {
		return Webhook{}, nil, err
	}
	if len(list) == 0 {
		return Webhook{}, nil, store.ErrNotFound
	}
	rows, err := s.db.Query(ctx, `select attempts as attempt, sent_at, status, duration_ms, answer, '' as error from webhooks
		where client_id = $1 and environment = $2 and webhook_id = $3 and status is not null
		union all select attempt, at, status, duration_ms, answer, error from webhook_attempts where webhook_id = $3
		order by attempt desc limit $4`, tenant.Client, tenant.Environment, id, attempts)
	if err != nil {
		return Webhook{}, nil, err
	}
	defer rows.Close()
	var tried []Attempt
	for rows.Next() {
		var a Attempt
		var number, at, duration int64
		if err := rows.Scan(&number, &at, &a.Status, &duration, &a.Answer, &a.Error); err != nil {
			return Webhook{}, nil, err
		}
		a.At, a.Duration = time.UnixMilli(at).UTC(), time.Duration(duration)*time.Millisecond
		tried = append(tried, a)
	}
	return list[0], tried, rows.Err()
}

// LastSent is the last webhook of an Item that was sent: when, and its code, which is empty where there is none.
func (s *Service) LastSent(ctx context.Context, tenant store.Tenant, itemID string) (at time.Time, code string, err error) {
	var ms int64
	err = s.db.QueryRow(ctx, `select sent_at, webhook_code from webhooks where client_id = $1 and environment = $2 and item_id = $3 and sent_at is not null
		order by webhook_id desc limit 1`, tenant.Client, tenant.Environment, itemID).Scan(&ms, &code)
	if errors.Is(err, store.ErrNotFound) {
		return time.Time{}, "", nil
	}
	return time.UnixMilli(ms).UTC(), code, err
}

// Replay has a webhook of a tenant delivered once more, whatever became of it, and resumes its receiver.
func (s *Service) Replay(ctx context.Context, tenant store.Tenant, id string) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		e, err := s.again(ctx, tx, tenant, id)
		if err != nil {
			return err
		}
		return s.enqueue(ctx, tx, e, true)
	})
}

// again makes a webhook wait once more, and returns the errand that delivers it.
func (s *Service) again(ctx context.Context, tx *store.Tx, tenant store.Tenant, id string) (errand, error) {
	var address string
	err := tx.QueryRow(ctx, `select receiver from webhooks where webhook_id = $1 and client_id = $2 and environment = $3`,
		id, tenant.Client, tenant.Environment).Scan(&address)
	if err != nil {
		return errand{}, err
	}
	if err := resume(ctx, tx, tenant, address); err != nil { // before the webhook: Notify locks in this order too
		return errand{}, err
	}
	_, err = tx.Exec(ctx, `insert into webhook_attempts (webhook_id, attempt, at, status, duration_ms, answer, error)
		select webhook_id, attempts, sent_at, status, duration_ms, answer, '' from webhooks
		where webhook_id = $1 and client_id = $2 and environment = $3 and status is not null`, id, tenant.Client, tenant.Environment)
	if err != nil {
		return errand{}, err
	}
	_, err = tx.Exec(ctx, `update webhooks set state = 'pending', alone = $1, finished_at = null, expires_at = $2, status = null, duration_ms = null, answer = null
		where webhook_id = $3 and client_id = $4 and environment = $5`, number(s.retries.Alone), tx.Now.Add(s.retries.Horizon).UnixMilli(),
		id, tenant.Client, tenant.Environment)
	return s.errandFor(tenant, address, id), err
}

// replayPage is how many webhooks are replayed in one transaction.
const replayPage = 200

// ReplayBetween replays the webhooks that were written from a time on and before another, in their order, and returns how many
// there were.
func (s *Service) ReplayBetween(ctx context.Context, tenant store.Tenant, from, to time.Time) (int, error) {
	count, after := 0, timeKey(from)
	for {
		var ids []string
		err := s.db.Write(ctx, func(tx *store.Tx) (err error) {
			if ids, err = idsBetween(ctx, tx, tenant, after, timeKey(to)); err != nil {
				return err
			}
			var errands []errand
			for _, id := range ids {
				e, err := s.again(ctx, tx, tenant, id)
				if err != nil {
					return err
				}
				if !slices.Contains(errands, e) {
					errands = append(errands, e)
				}
			}
			for _, e := range errands {
				if err := s.enqueue(ctx, tx, e, true); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || len(ids) == 0 {
			return count, err
		}
		count, after = count+len(ids), ids[len(ids)-1]
	}
}

func idsBetween(ctx context.Context, tx *store.Tx, tenant store.Tenant, after, before string) (ids []string, err error) {
	rows, err := tx.Query(ctx, `select webhook_id from webhooks where client_id = $1 and environment = $2 and webhook_id > $3 and webhook_id < $4
		order by webhook_id limit $5`, tenant.Client, tenant.Environment, after, before, replayPage)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// resume lifts the suspension of a receiver.
func resume(ctx context.Context, tx *store.Tx, tenant store.Tenant, address string) error {
	_, err := tx.Exec(ctx, `update webhook_receivers set suspended_at = null, reason = null, failures = 0, failing_since = null
		where client_id = $1 and environment = $2 and address = $3`, tenant.Client, tenant.Environment, address)
	return err
}

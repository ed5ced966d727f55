package webhook

import (
	"context"
	"errors"
	"time"

	"weft/internal/store"
)

// Heard is a webhook as it is handed to one who listens.
type Heard struct {
	ItemID, Type, Code string
	// Body is to the byte what is to be forwarded, and Verification its signature, made at the handing over.
	Body, Verification string
	CreatedAt          time.Time
	// Position is where to go on after it.
	Position int64
}

// Hearing is what one who listens is given: webhooks in their order, and where to go on. Missed says that there were others
// before these, which are not kept any more or came while nobody listened.
type Hearing struct {
	Webhooks []Heard
	Next     int64
	Missed   bool
}

// Bounds of listening.
const (
	// tapOpen is for how long webhooks are kept for one who does not come back, at most; at least it is half of that.
	tapOpen = 2 * time.Hour
	// heardPage is how many webhooks are handed over at once: few enough that the last signature is still good where each
	// receiver before it took its time to answer.
	heardPage = 20
	// heardMost is how many webhooks of a tenant are kept, and heardEvery how often the older ones are forgotten.
	heardMost, heardEvery = 10_000, 100
	// heardFor is for how long they are kept at least.
	heardFor = 24 * time.Hour
)

// Listen returns a tenant's webhooks behind a position, those of all its Items, and waits for one where there is none yet.
// Without a position it returns at once where to begin: nothing that happens from then on is left out.
//
// Whoever asks keeps the tap open for another hour at least. Positions follow the order of commits, so none appears behind a reader.
func (s *Service) Listen(ctx context.Context, tenant store.Tenant, after *int64, wait time.Duration) (Hearing, error) {
	last, err := s.keepOpen(ctx, tenant)
	if err != nil || after == nil {
		return Hearing{Next: last}, err
	}
	end := time.NewTimer(wait)
	defer end.Stop()
	for {
		rung := s.bell.Next(tenant) // before the look, so that what is written after it is not slept through
		h, err := s.behind(ctx, tenant, *after)
		if err != nil || h.Missed || len(h.Webhooks) > 0 || wait <= 0 {
			return h, err
		}
		poll := time.NewTimer(s.poll)
		over := false
		select {
		case <-rung:
		case <-poll.C:
		case <-end.C:
			over = true
		case <-s.bell.Silenced():
			over = true
		case <-ctx.Done(): // nobody reads the answer
			over = true
		}
		poll.Stop()
		if over {
			return h, nil
		}
	}
}

// Listening reports whether someone listens to a tenant's webhooks.
func (s *Service) Listening(ctx context.Context, tenant store.Tenant) (bool, error) {
	_, until, err := s.tap(ctx, tenant)
	return until > s.clock.Now().UnixMilli(), err
}

// StopListening has all who wait in Listen return at once: the server stops.
func (s *Service) StopListening() { s.bell.Silence() }

// tap is the last position of a tenant's tap, and until when it is open; both are 0 where there is none.
func (s *Service) tap(ctx context.Context, tenant store.Tenant) (last, until int64, err error) {
	err = s.db.QueryRow(ctx, `select last_position, open_until from webhook_taps where client_id = $1 and environment = $2`,
		tenant.Client, tenant.Environment).Scan(&last, &until)
	if errors.Is(err, store.ErrNotFound) {
		err = nil
	}
	return last, until, err
}

// keepOpen opens a tenant's tap, or keeps it open, and returns its last position. Who listens asks often; a row is written
// when half of the time is over.
func (s *Service) keepOpen(ctx context.Context, tenant store.Tenant) (last int64, err error) {
	last, until, err := s.tap(ctx, tenant)
	if err != nil || until > s.clock.Now().Add(tapOpen/2).UnixMilli() {
		return last, err
	}
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `insert into webhook_taps (client_id, environment, last_position, open_until) values ($1, $2, 0, $3)
			on conflict (client_id, environment) do update set open_until = excluded.open_until,
			last_position = webhook_taps.last_position + case when webhook_taps.open_until > $4 then 0 else 1 end returning last_position`,
			tenant.Client, tenant.Environment, tx.Now.Add(tapOpen).UnixMilli(), tx.Now.UnixMilli()).Scan(&last)
	})
	return last, err
}

// behind are the webhooks behind a position, as far as nothing is missing between them.
func (s *Service) behind(ctx context.Context, tenant store.Tenant, after int64) (Hearing, error) {
	last, _, err := s.tap(ctx, tenant)
	if err != nil || last == after {
		return Hearing{Next: after}, err
	}
	list, err := s.readHeard(ctx, tenant, after)
	if err != nil {
		return Hearing{}, err
	}
	if len(list) == 0 || last < after { // they are forgotten, or the database was restored from a backup
		return Hearing{Next: last, Missed: true}, nil
	}
	h := Hearing{Next: list[0].Position - 1, Missed: list[0].Position != after+1}
	key, err := s.Signer(ctx)
	if err != nil {
		return Hearing{}, err
	}
	for _, w := range list {
		if w.Position != h.Next+1 {
			break
		}
		if w.Verification, err = key.Sign([]byte(w.Body), s.clock.Now()); err != nil {
			return Hearing{}, err
		}
		h.Webhooks, h.Next = append(h.Webhooks, w), w.Position
	}
	return h, nil
}

func (s *Service) readHeard(ctx context.Context, tenant store.Tenant, after int64) (list []Heard, err error) {
	rows, err := s.db.Query(ctx, `select position, item_id, webhook_type, webhook_code, body, created_at from heard_webhooks
		where client_id = $1 and environment = $2 and position > $3 order by position limit $4`, tenant.Client, tenant.Environment, after, heardPage)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var w Heard
		var created int64
		if err := rows.Scan(&w.Position, &w.ItemID, &w.Type, &w.Code, &w.Body, &created); err != nil {
			return nil, err
		}
		w.CreatedAt = time.UnixMilli(created).UTC()
		list = append(list, w)
	}
	return list, rows.Err()
}

// keepHeard keeps events for those who listen to a tenant, and wakes them once they are committed. Where nobody listens it keeps
// none. It locks the tap until the transaction ends.
func (s *Service) keepHeard(ctx context.Context, tx *store.Tx, tenant store.Tenant, list []told) error {
	var last int64
	err := tx.QueryRow(ctx, `update webhook_taps set last_position = last_position + $4 where client_id = $1 and environment = $2 and open_until > $3
		returning last_position`, tenant.Client, tenant.Environment, tx.Now.UnixMilli(), len(list)).Scan(&last)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	first := last - int64(len(list)) + 1
	rows := make([][]any, len(list))
	for i, t := range list {
		rows[i] = []any{tenant.Client, tenant.Environment, first + int64(i), t.to.ItemID, t.e.Type, t.e.Code, string(t.body), tx.Now.UnixMilli()}
	}
	err = tx.Insert(ctx, "heard_webhooks", []string{"client_id", "environment", "position", "item_id", "webhook_type", "webhook_code", "body", "created_at"}, rows, "")
	if err != nil {
		return err
	}
	tx.OnCommit(func() { s.bell.Ring(tenant) })
	if last/heardEvery == (first-1)/heardEvery {
		return nil
	}
	_, err = tx.Exec(ctx, `delete from heard_webhooks where client_id = $1 and environment = $2 and position <= $3`,
		tenant.Client, tenant.Environment, last-heardMost)
	return err
}

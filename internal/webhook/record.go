package webhook

import (
	"context"
	"time"

	"weft/internal/store"
)

// delivery is a webhook that its receiver has taken, to be recorded.
type delivery struct {
	tenant store.Tenant
	waiting
	result
}

// stillPending is said of a webhook that is named by its id. PostgreSQL, which knows little of a table that fills and empties, else finds
// it among all that are pending, by an index that is full of those that were.
const stillPending = `state || '' = 'pending'`

const recordDelivery = `update webhooks set attempts = attempts + 1, sent_at = $1, state = 'delivered', finished_at = $2, status = $3, duration_ms = $4, answer = $5
	where client_id = $6 and environment = $7 and webhook_id = $8 and ` + stillPending

// recordDeliveries records those of several receivers. What another server has recorded meanwhile stays as it is.
func (s *Service) recordDeliveries(ctx context.Context, tx *store.Tx, list []delivery) error {
	rows := make([][]any, len(list))
	for i, d := range list {
		rows[i] = []any{d.at, tx.Now.UnixMilli(), d.status, d.duration, d.answer, d.tenant.Client, d.tenant.Environment, d.id}
		s.count(tx, d)
	}
	return tx.ExecEach(ctx, recordDelivery, rows)
}

// SentMark is the mark of what was sent to whom ([store.DB.Mark]), of all Items.
const SentMark = "webhooks sent"

// count counts an attempt once it is committed.
func (s *Service) count(tx *store.Tx, d delivery) {
	tx.Changing(SentMark)
	tx.OnCommit(func() {
		s.metrics.Attempted(d.kind, d.code, d.delivered(), time.Duration(d.at+d.duration-d.created)*time.Millisecond)
	})
}

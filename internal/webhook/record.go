package webhook

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"weft/internal/store"
)

// delivery is a webhook that its receiver has taken, to be recorded.
type delivery struct {
	tenant store.Tenant
	waiting
	result
}

var attemptColumns = []string{"webhook_id", "attempt", "at", "status", "duration_ms", "answer", "error"}

// row is an attempt as it is stored.
func (r result) row(id string, attempt int64) []any {
	return []any{id, attempt, r.at, r.status, r.duration, r.answer, r.failure}
}

// recordedAtOnce are the lengths of list for which there is a statement: a shorter list is filled up with its last one. The last is
// as much as a batch writes at once.
var recordedAtOnce = []int{1, 8, 64, store.MostTogether}

var recordQueries = recordQueriesFor(recordedAtOnce)

func recordQueriesFor(lengths []int) map[int]string {
	queries := map[int]string{}
	for _, length := range lengths {
		values := []string{"(cast($2 as text), cast($3 as text), cast($4 as text), cast($5 as bigint))"}
		for i := 6; len(values) < length; i += 4 {
			values = append(values, fmt.Sprintf("($%d, $%d, $%d, $%d)", i, i+1, i+2, i+3))
		}
		queries[length] = `update webhooks set attempts = attempts + 1, sent_at = v.column4, state = 'delivered', finished_at = $1
			from (values ` + strings.Join(values, ", ") + `) as v
			where webhook_id = v.column1 and client_id = v.column2 and environment = v.column3 and state = 'pending' returning webhook_id, attempts`
	}
	return queries
}

// recordDeliveries records those of several receivers in two statements. What another server has recorded meanwhile stays as it is.
func (s *Service) recordDeliveries(ctx context.Context, tx *store.Tx, list []delivery) error {
	length := recordedAtOnce[slices.IndexFunc(recordedAtOnce, func(n int) bool { return n >= len(list) })]
	by, args := make(map[string]delivery, len(list)), []any{tx.Now.UnixMilli()}
	for i := range length {
		d := list[min(i, len(list)-1)]
		by[d.id] = d
		args = append(args, d.id, d.tenant.Client, d.tenant.Environment, d.at)
	}
	attempts, err := s.recorded(ctx, tx, recordQueries[length], args, by)
	if err != nil {
		return err
	}
	return tx.Insert(ctx, "webhook_attempts", attemptColumns, attempts, "")
}

// recorded runs a statement of recordQueries and returns the rows of the attempts that it has recorded.
func (s *Service) recorded(ctx context.Context, tx *store.Tx, query string, args []any, by map[string]delivery) (attempts [][]any, err error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var attempt int64
		if err := rows.Scan(&id, &attempt); err != nil {
			return nil, err
		}
		attempts = append(attempts, by[id].row(id, attempt))
		s.count(tx, by[id])
	}
	return attempts, rows.Err()
}

// count counts an attempt once it is committed.
func (s *Service) count(tx *store.Tx, d delivery) {
	tx.OnCommit(func() {
		s.metrics.Attempted(d.kind, d.code, d.delivered(), time.Duration(d.at+d.duration-d.created)*time.Millisecond)
	})
}

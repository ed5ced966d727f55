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

// recordedAtOnce are the lengths of list for which there is a statement: a shorter list is filled up with its last one. The last is
// as much as a batch writes at once.
var recordedAtOnce = []int{1, 8, 64, store.MostTogether}

var recordQueries = recordQueriesFor(recordedAtOnce)

func recordQueriesFor(lengths []int) map[int]string {
	queries := map[int]string{}
	for _, length := range lengths {
		values := []string{`(cast($2 as text), cast($3 as text), cast($4 as text), cast($5 as bigint), cast($6 as bigint), cast($7 as bigint), cast($8 as text))`}
		for i := 9; len(values) < length; i += 7 {
			values = append(values, fmt.Sprintf("($%d, $%d, $%d, $%d, $%d, $%d, $%d)", i, i+1, i+2, i+3, i+4, i+5, i+6))
		}
		queries[length] = `update webhooks set attempts = attempts + 1, sent_at = v.column4, state = 'delivered', finished_at = $1,
			status = v.column5, duration_ms = v.column6, answer = v.column7 from (values ` + strings.Join(values, ", ") + `) as v
			where client_id = v.column1 and environment = v.column2 and webhook_id = v.column3 and state = 'pending' returning webhook_id`
	}
	return queries
}

// recordDeliveries records those of several receivers in one statement. What another server has recorded meanwhile stays as it is.
func (s *Service) recordDeliveries(ctx context.Context, tx *store.Tx, list []delivery) error {
	length := recordedAtOnce[slices.IndexFunc(recordedAtOnce, func(n int) bool { return n >= len(list) })]
	by, args := make(map[string]delivery, len(list)), []any{tx.Now.UnixMilli()}
	for i := range length {
		d := list[min(i, len(list)-1)]
		by[d.id] = d
		args = append(args, d.tenant.Client, d.tenant.Environment, d.id, d.at, d.status, d.duration, d.answer)
	}
	rows, err := tx.Query(ctx, recordQueries[length], args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return err
		}
		s.count(tx, by[id])
	}
	return rows.Err()
}

// count counts an attempt once it is committed.
func (s *Service) count(tx *store.Tx, d delivery) {
	tx.OnCommit(func() {
		s.metrics.Attempted(d.kind, d.code, d.delivered(), time.Duration(d.at+d.duration-d.created)*time.Millisecond)
	})
}

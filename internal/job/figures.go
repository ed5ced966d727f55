package job

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Figures are the jobs of a kind. Ready are due now, Waiting are due later or behind others of their lane, Dead were given up, in the
// whole database; Running are those at work here. Oldest is how long the longest due has been so.
type Figures struct {
	Kind                          string
	Ready, Waiting, Running, Dead int64
	Oldest                        time.Duration
}

// Figures are those of all kinds, in order. A running job is among those that wait, as long as its lease lasts.
func (q *Queue) Figures(ctx context.Context) ([]Figures, error) {
	now := q.clock.Now().UnixMilli()
	names := q.names()
	parts, args := make([]string, len(names)), []any{now}
	for i, name := range names {
		parts[i] = fmt.Sprintf(`select cast($%[1]d as text), (select count(*) from jobs where kind = $%[1]d), (select count(*) from jobs where kind = $%[1]d and due_at <= $1),
			(select min(due_at) from jobs where kind = $%[1]d and due_at > 0), (select count(*) from dead_jobs where kind = $%[1]d)`, i+2)
		args = append(args, name)
	}
	rows, err := q.db.Query(ctx, strings.Join(parts, " union all ")+" order by 1", args...)
	if err != nil {
		return nil, fmt.Errorf("job: figures: %w", err)
	}
	defer rows.Close()
	var list []Figures
	for rows.Next() {
		var f Figures
		var all int64
		var first *int64
		if err := rows.Scan(&f.Kind, &all, &f.Ready, &first, &f.Dead); err != nil {
			return nil, err
		}
		f.Waiting = all - f.Ready
		if first != nil && *first < now {
			f.Oldest = time.Duration(now-*first) * time.Millisecond
		}
		list = append(list, f)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for i := range list {
		list[i].Running = int64(q.count[list[i].Kind])
	}
	return list, rows.Err()
}

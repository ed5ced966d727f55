package limit

import (
	"context"

	"weft/internal/store"
)

// taken is what the database has given of a limit: shares, and what is told to requests that they do not suffice for.
type taken struct {
	shares int64
	short  verdict
}

// takeIn takes shares for so many waiting requests, and for some to come while nobody has run out.
func (l *Limiter) takeIn(ctx context.Context, tx *store.Tx, w window, most, waiting int64) (taken, error) {
	used, contended, err := lock(ctx, tx, w)
	if err != nil {
		return taken{}, err
	}
	left := max(most-used, 0)
	got := taken{shares: min(waiting, left), short: refused}
	if left >= waiting && !contended {
		got.shares += (left - waiting) / 2
	}
	if got.shares < waiting {
		if got.short, err = l.want(ctx, tx, w, contended); err != nil {
			return taken{}, err
		}
		contended = true
	}
	if got.shares > waiting {
		_, err = tx.Exec(ctx, `insert into rate_limit_shares (client_id, environment, item_id, path, minute, server_id, wanted)
			values ($1, $2, $3, $4, $5, $6, 0) on conflict do nothing`, w.tenant.Client, w.tenant.Environment, w.item, w.path, w.minute, l.Server)
		if err != nil {
			return taken{}, err
		}
	}
	return got, save(ctx, tx, w, used+got.shares, contended)
}

// lock takes the row of a limit for the rest of the transaction.
func lock(ctx context.Context, tx *store.Tx, w window) (used int64, contended bool, err error) {
	var c int64
	err = tx.QueryRow(ctx, `insert into rate_limits (client_id, environment, item_id, path, minute, granted, contended)
		values ($1, $2, $3, $4, $5, 0, 0)
		on conflict (client_id, environment, item_id, path, minute) do update set contended = rate_limits.contended
		returning granted, contended`, w.tenant.Client, w.tenant.Environment, w.item, w.path, w.minute).Scan(&used, &c)
	return used, c == 1, err
}

func save(ctx context.Context, tx *store.Tx, w window, used int64, contended bool) error {
	var c int64
	if contended {
		c = 1
	}
	_, err := tx.Exec(ctx, `update rate_limits set granted = $1, contended = $2
		where client_id = $3 and environment = $4 and item_id = $5 and path = $6 and minute = $7`,
		used, c, w.tenant.Client, w.tenant.Environment, w.item, w.path, w.minute)
	return err
}

// want has other servers give back the shares that they hold, and reports whether there is any such server. From the first time
// on nobody takes shares that it has no use for, so it is asked once.
func (l *Limiter) want(ctx context.Context, tx *store.Tx, w window, asked bool) (verdict, error) {
	if !asked {
		if _, err := tx.Exec(ctx, `update rate_limit_shares set wanted = 1
			where client_id = $1 and environment = $2 and item_id = $3 and path = $4 and minute = $5 and server_id <> $6`,
			w.tenant.Client, w.tenant.Environment, w.item, w.path, w.minute, l.Server); err != nil {
			return refused, err
		}
	}
	var holders int64
	err := tx.QueryRow(ctx, `select count(*) from rate_limit_shares
		where client_id = $1 and environment = $2 and item_id = $3 and path = $4 and minute = $5 and wanted = 1`,
		w.tenant.Client, w.tenant.Environment, w.item, w.path, w.minute).Scan(&holders)
	if holders > 0 {
		return later, err
	}
	return refused, err
}

// release waits no longer for servers that do not give back what they hold: it counts as used.
func (l *Limiter) release(ctx context.Context, w window) error {
	return l.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `delete from rate_limit_shares
			where client_id = $1 and environment = $2 and item_id = $3 and path = $4 and minute = $5 and wanted = 1`,
			w.tenant.Client, w.tenant.Environment, w.item, w.path, w.minute)
		return err
	})
}

// giveBack gives unused shares of limits back.
func (l *Limiter) giveBack(ctx context.Context, unused map[window]int64) error {
	return l.DB.Write(ctx, func(tx *store.Tx) error {
		for _, w := range sorted(unused) {
			used, contended, err := lock(ctx, tx, w)
			if err != nil {
				return err
			}
			if err := save(ctx, tx, w, used-unused[w], contended); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `delete from rate_limit_shares
				where client_id = $1 and environment = $2 and item_id = $3 and path = $4 and minute = $5 and server_id = $6`,
				w.tenant.Client, w.tenant.Environment, w.item, w.path, w.minute, l.Server); err != nil {
				return err
			}
		}
		return nil
	})
}

// wanted are the limits of which another server wants this one's shares back.
func (l *Limiter) wanted(ctx context.Context) ([]window, error) {
	rows, err := l.DB.Query(ctx, `select client_id, environment, item_id, path, minute from rate_limit_shares
		where server_id = $1 and wanted = 1`, l.Server)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []window
	for rows.Next() {
		var w window
		if err := rows.Scan(&w.tenant.Client, &w.tenant.Environment, &w.item, &w.path, &w.minute); err != nil {
			return nil, err
		}
		list = append(list, w)
	}
	return list, rows.Err()
}

// forget deletes what is of minutes that are over.
func (l *Limiter) forget(ctx context.Context, minute int64) error {
	return l.DB.Write(ctx, func(tx *store.Tx) error {
		for _, table := range []string{"rate_limit_shares", "rate_limits"} {
			if _, err := tx.Exec(ctx, `delete from `+table+` where minute < $1`, minute); err != nil {
				return err
			}
		}
		return nil
	})
}

// readCounts are what was used of all limits in a minute.
func (l *Limiter) readCounts(ctx context.Context, minute int64) (map[key]int64, error) {
	rows, err := l.DB.Query(ctx, `select client_id, environment, item_id, path, granted from rate_limits where minute = $1`, minute)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	counts := map[key]int64{}
	for rows.Next() {
		var k key
		var used int64
		if err := rows.Scan(&k.tenant.Client, &k.tenant.Environment, &k.item, &k.path, &used); err != nil {
			return nil, err
		}
		counts[k] = used
	}
	return counts, rows.Err()
}

// writeCounts writes down what a sole server has let through.
func (l *Limiter) writeCounts(ctx context.Context, used map[window]int64) error {
	rows := make([][]any, 0, len(used))
	for _, w := range sorted(used) {
		rows = append(rows, []any{w.tenant.Client, w.tenant.Environment, w.item, w.path, w.minute, used[w], 0})
	}
	return l.DB.Write(ctx, func(tx *store.Tx) error {
		return tx.Insert(ctx, "rate_limits", []string{"client_id", "environment", "item_id", "path", "minute", "granted", "contended"}, rows,
			`on conflict (client_id, environment, item_id, path, minute) do update set granted = excluded.granted`)
	})
}

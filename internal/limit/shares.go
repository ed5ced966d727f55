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

// row is what the database knows of a limit.
type row struct {
	used int64
	// contended: no server takes more than it has requests for.
	contended bool
	// holder is the server that has asked for it first and may hold shares, empty where they are written down by themselves.
	holder string
}

// give takes shares for those who wait, and for some to come while nobody has run out.
func (r row) give(a *asked) (taken, row) {
	waiting := int64(len(a.answers))
	left := max(a.most-r.used, 0)
	shares := min(waiting, left)
	if left >= waiting && !r.contended {
		shares += (left - waiting) / 2
	}
	return taken{shares: shares}, row{r.used + shares, r.contended || shares < waiting, ""}
}

// takeAll takes shares of limits for the requests that wait. Nearly all are the first of their minute, anywhere: these are written
// down at once, and only others are read before. An error is that of limits of which nothing is returned.
func (l *Limiter) takeAll(ctx context.Context, batch map[window]*asked) (all map[window]taken, err error) {
	first, known := make(map[window]row, len(batch)), map[window]bool{}
	all = make(map[window]taken, len(batch))
	for w, a := range batch {
		if l.knows(w) {
			known[w] = true
			continue
		}
		got, r := row{}.give(a)
		if got.shares > int64(len(a.answers)) {
			r.holder = l.Server
		}
		all[w], first[w] = got, r
	}
	for _, w := range l.open(ctx, first) {
		known[w] = true
	}
	if len(known) == 0 {
		return all, nil
	}
	err = l.DB.WriteRelaxed(ctx, func(tx *store.Tx) error { return l.takeKnown(ctx, tx, sorted(known), batch, all) })
	if err != nil {
		for w := range known {
			delete(all, w)
		}
	}
	return all, err
}

// takeKnown takes shares of limits that somebody has asked for before.
func (l *Limiter) takeKnown(ctx context.Context, tx *store.Tx, known []window, batch map[window]*asked, all map[window]taken) error {
	rows, err := lock(ctx, tx, known)
	if err != nil {
		return err
	}
	var held [][]any
	short := map[window]bool{} // and whether it was so before
	for _, w := range known {
		was, waiting := rows[w], int64(len(batch[w].answers))
		all[w], rows[w] = was.give(batch[w])
		if was.holder != "" {
			held = append(held, w.values(was.holder, 0))
		}
		if all[w].shares > waiting && was.holder != l.Server {
			held = append(held, w.values(l.Server, 0))
		}
		if all[w].shares < waiting {
			short[w] = was.contended
		}
	}
	if err := holding.run(ctx, tx, held, nil); err != nil {
		return err
	}
	for _, w := range sorted(short) {
		if all[w], err = l.want(ctx, tx, w, all[w], short[w]); err != nil {
			return err
		}
	}
	return save(ctx, tx, rows)
}

// open writes the rows of limits, and returns those that were there already, which it leaves as they are. All that lock rows do so in
// the order of compare. What fails may have been written, and counts as used.
func (l *Limiter) open(ctx context.Context, rows map[window]row) (known []window) {
	if len(rows) == 0 {
		return nil
	}
	unknown := make(map[window]bool, len(rows))
	text, values := opening.statement(values(rows))
	err := l.DB.WriteOne(ctx, text, values, func(of store.Rows) error {
		var w window
		err := of.Scan(&w.tenant.Client, &w.tenant.Environment, &w.item, &w.path, &w.minute)
		unknown[w] = true
		return err
	})
	l.told(ctx, "rate limits could not be written by themselves, and go through a transaction", err)
	for _, w := range sorted(rows) {
		if !unknown[w] || err != nil {
			known = append(known, w)
		}
	}
	return known
}

// lock reads rows and keeps others from them until the end of the transaction.
func lock(ctx context.Context, tx *store.Tx, list []window) (map[window]row, error) {
	rows := make(map[window]row, len(list))
	for _, w := range list {
		rows[w] = row{}
	}
	return rows, locking.run(ctx, tx, values(rows), func(of store.Rows) error {
		var w window
		var r row
		var contended int64
		err := of.Scan(&w.tenant.Client, &w.tenant.Environment, &w.item, &w.path, &w.minute, &r.used, &contended, &r.holder)
		r.contended = contended == 1
		rows[w] = r
		return err
	})
}

func save(ctx context.Context, tx *store.Tx, rows map[window]row) error {
	return saving.run(ctx, tx, values(rows), nil)
}

// want has other servers give back the shares that they hold, and reports whether there is any such server. From the first time
// on nobody takes shares that it has no use for, so it is asked once.
func (l *Limiter) want(ctx context.Context, tx *store.Tx, w window, got taken, asked bool) (taken, error) {
	if !asked {
		if _, err := tx.Exec(ctx, `update rate_limit_shares set wanted = 1
			where client_id = $1 and environment = $2 and item_id = $3 and path = $4 and minute = $5 and server_id <> $6`,
			w.tenant.Client, w.tenant.Environment, w.item, w.path, w.minute, l.Server); err != nil {
			return got, err
		}
	}
	var holders int64
	err := tx.QueryRow(ctx, `select count(*) from rate_limit_shares
		where client_id = $1 and environment = $2 and item_id = $3 and path = $4 and minute = $5 and wanted = 1`,
		w.tenant.Client, w.tenant.Environment, w.item, w.path, w.minute).Scan(&holders)
	if holders > 0 {
		got.short = later
	}
	return got, err
}

// release waits no longer for servers that do not give back what they hold: it counts as used.
func (l *Limiter) release(ctx context.Context, w window) error {
	return l.DB.WriteRelaxed(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `delete from rate_limit_shares
			where client_id = $1 and environment = $2 and item_id = $3 and path = $4 and minute = $5 and wanted = 1`,
			w.tenant.Client, w.tenant.Environment, w.item, w.path, w.minute)
		return err
	})
}

// giveBack gives unused shares of limits back.
func (l *Limiter) giveBack(ctx context.Context, unused map[window]int64) error {
	return l.DB.WriteRelaxed(ctx, func(tx *store.Tx) error {
		rows, err := lock(ctx, tx, sorted(unused))
		if err != nil {
			return err
		}
		held := make([][]any, 0, len(unused))
		for _, w := range sorted(unused) {
			r := rows[w]
			r.used = max(r.used-unused[w], 0) // a crash of the database may have forgotten them
			if r.holder == l.Server {
				r.holder = ""
			}
			rows[w] = r
			held = append(held, w.values(l.Server))
		}
		if err := save(ctx, tx, rows); err != nil {
			return err
		}
		return tx.ExecEach(ctx, `delete from rate_limit_shares
			where client_id = $1 and environment = $2 and item_id = $3 and path = $4 and minute = $5 and server_id = $6`, held)
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
	return l.DB.WriteRelaxed(ctx, func(tx *store.Tx) error {
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
	return l.DB.WriteRelaxed(ctx, func(tx *store.Tx) error {
		return tx.Insert(ctx, "rate_limits", []string{"client_id", "environment", "item_id", "path", "minute", "granted", "contended"}, rows,
			`on conflict (client_id, environment, item_id, path, minute) do update set granted = excluded.granted`)
	})
}

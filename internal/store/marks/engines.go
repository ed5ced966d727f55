package marks

import (
	"context"
	"strings"
)

// Engine are the statements by which programs on one database tell each other what they change.
type Engine struct {
	// First is the base of the first question, which is answered by that it is not known what has changed.
	First string
	// Changed reads, since a base, a row for each transaction that has changed something, or one without keys where none has: the next
	// base, 1 where it is not known what has changed, and the keys, a line each.
	Changed string
	// Tell writes down the keys of what a transaction changes, in that transaction.
	Tell string
	// Forget deletes what could be seen when it ran the last time: whoever asks less often does not know what has changed.
	Forget []string
}

// SQLite numbers transactions in the order in which they are written down, which is that of their commits: one writes at a time.
var SQLite = Engine{
	Changed: `select cast(coalesce(n.last, max(f.gone - 1, 0)) as text), $1 = '' or f.gone > cast($1 as bigint) + 1, c.keys
		from changes_forgotten f left join (select max(xid) as last from changes) n on 1 = 1
		left join (select keys from changes where xid > cast($1 as bigint) and $1 <> '' order by xid limit 1001) c on 1 = 1
		where f.id = 1`,
	Tell: `insert into changes (xid, keys)
		select 1 + max(coalesce((select max(xid) from changes), 0), gone - 1), $1 from changes_forgotten where id = 1`,
	Forget: []string{
		`update changes_forgotten set gone = next, next = 1 + max(coalesce((select max(xid) from changes), 0), next - 1) where id = 1`,
		`delete from changes where xid < (select gone from changes_forgotten where id = 1)`,
	},
}

// Postgres goes by snapshots. One says of every transaction whether what it has written is seen, so those that one snapshot sees and an
// earlier one did not have been committed between the two, in whatever order they began. A base is a snapshot, when the server was
// started, and which table it is: after another start, or in a database that was restored, numbers may mean other transactions.
var Postgres = Engine{
	First: "1:1: ", // of no start of any server
	Changed: `select cast(pg_current_snapshot() as text) || ' ' || here.id,
		case when b.id <> here.id or f.gone > b.least then 1 else 0 end, c.keys
		from (select cast(pg_postmaster_start_time() as text) || ' ' || cast(cast(cast('changes' as regclass) as oid) as text) as id) as here
		cross join (select cast(cast(pg_snapshot_xmin(snapshot) as text) as bigint) as least, snapshot, id from (
			select cast(split_part($1, ' ', 1) as pg_snapshot) as snapshot, substr($1, position(' ' in $1) + 1) as id) as base) as b
		join changes_forgotten f on f.id = 1
		left join lateral (select keys from changes
			where xid >= b.least and not pg_visible_in_snapshot(cast(cast(xid as text) as xid8), b.snapshot) order by xid limit 1001) c on true`,
	Tell: `insert into changes (xid, keys) values (cast(cast(pg_current_xact_id() as text) as bigint), $1)`,
	// A row that can be seen has a lower number than transactions to come, but in a database that was restored elsewhere.
	Forget: []string{
		`update changes_forgotten set gone = next, next = cast(cast(pg_snapshot_xmin(pg_current_snapshot()) as text) as bigint) where id = 1`,
		`delete from changes where xid < (select gone from changes_forgotten where id = 1)
			or xid >= (select cast(cast(pg_snapshot_xmax(pg_current_snapshot()) as text) as bigint))`,
	},
}

// most is how many transactions' changes are read at once. Where there are more it is as if all had changed.
const most = 1000

// Rows are those of a query.
type Rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
	Close()
}

// Asking asks by an engine's statement.
func (e Engine) Asking(query func(ctx context.Context, query string, args []any) (Rows, error)) Ask {
	return func(ctx context.Context, base string) (a Answer, err error) {
		if base == "" {
			base = e.First
		}
		rows, err := query(ctx, e.Changed, []any{base})
		if err != nil {
			return a, err
		}
		defer rows.Close()
		for n := 1; rows.Next(); n++ {
			var all int64
			var keys *string
			if err := rows.Scan(&a.Base, &all, &keys); err != nil {
				return a, err
			}
			a.All = a.All || all == 1 || n > most
			if keys != nil {
				a.Keys = append(a.Keys, strings.Split(*keys, "\n")...)
			}
		}
		return a, rows.Err()
	}
}

package store

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// A server that stands still (a paused machine, a stopped process) in the middle of a transaction has locked rows, and its machine's
// kernel keeps the connection alive. PostgreSQL ends such transactions by the settings of connections, and where none of them sees
// it, whoever waits for the rows does: all well before the leases of what the server was at work on (30 seconds) end.

// errEnded says that a connection ended in the middle of a transaction, before a commit was sent.
var errEnded = errors.New("the connection ended in a transaction")

// ofCommit tells a commit that PostgreSQL cannot have read from one that it may have done. Whether the driver holds an error safe
// to retry does not tell: it says so of answers that were cut off, too.
func ofCommit(err error) error {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "write" {
		return fmt.Errorf("%w: %w", errEnded, err)
	}
	return err
}

// again reports whether a failed transaction may run again: it is certain that PostgreSQL has undone it, and another attempt may
// go better. What became of a commit without an answer nobody knows, so that is not repeated.
func (e *postgresEngine) again(ctx context.Context, err error) bool {
	var pe *pgconn.PgError
	switch errors.As(err, &pe); {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return false
	case errors.Is(err, errEnded):
		return true
	case pe == nil:
		return false
	}
	switch pe.Code {
	case "40P01", "40001": // a deadlock, a serialisation failure
		return true
	case "25P03": // this server stood still for too long; who commits is no longer told so
		return true
	case "55P03": // another has kept the rows
		return e.endSilent(ctx)
	}
	return false
}

// silent are transactions in whose middle, even that of a statement or a copy, a server sends nothing: they have written, and
// PostgreSQL waits for what they do next. A copy tells of itself how much has come.
const (
	silent = ` from pg_stat_activity a left join pg_stat_progress_copy c using (pid)
		where a.datname = current_database() and a.usename = current_user and a.backend_xid is not null and a.wait_event = 'ClientRead'
		and a.state_change < clock_timestamp() - cast(current_setting('lock_timeout') as interval) / 2`
	silentState = `concat_ws(' ', pid, a.state_change, c.bytes_processed)`
)

// endSilent ends the transactions of servers that stand still, and reports whether there were any. It looks twice: what has come
// from meanwhile is slow, and not silent.
func (e *postgresEngine) endSilent(ctx context.Context) bool {
	var seen []string
	err := e.pool.QueryRow(ctx, `select coalesce(array_agg(`+silentState+`), '{}')`+silent).Scan(&seen)
	if err != nil || len(seen) == 0 { // where it cannot be asked the caller is told of the lock
		return false
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(silence):
	}
	var ended int64
	err = e.pool.QueryRow(ctx, `select count(pg_terminate_backend(pid))`+silent+` and `+silentState+` = any($1)`, seen).Scan(&ended)
	return err == nil && ended > 0
}

// silence is the time between the two looks.
const silence = 2 * time.Second

// Package connection says what connections to PostgreSQL ask for, and how they end.
package connection

import (
	"context"
	"errors"
	"io"
	"maps"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
)

// settings are those of each connection, named as it is opened: they cost no round trip. A connection string may name others.
var settings = map[string]string{
	// A transaction of a server that sends nothing is undone. Nothing waits for the outside in a transaction: the longest of
	// such silences is that in which a server makes the rows of a large bank's answer. What is written for others in one transaction
	// (limits, outcomes of jobs) waits for up to ten seconds.
	"idle_in_transaction_session_timeout": "8s",
	// Nobody waits for rows for longer, with a connection of the pool in hand.
	"lock_timeout": "20s",
	// A machine that is gone, or takes nothing that PostgreSQL sends, is given up. Sockets of the same machine know of no such thing.
	"tcp_keepalives_idle":     "10",
	"tcp_keepalives_interval": "5",
	"tcp_keepalives_count":    "2",
	"tcp_user_timeout":        "20s",
}

// Settle adds the settings to those that a connection string names.
func Settle(params map[string]string) {
	named := maps.Clone(params)
	maps.Copy(params, settings)
	maps.Copy(params, named)
}

// Lost reports whether a connection has ended. That none could be made is another matter: PostgreSQL is away.
func Lost(err error) bool {
	var none *pgconn.ConnectError
	var said *pgconn.PgError
	var broken net.Error
	switch {
	case err == nil, errors.As(err, &none), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return false
	case errors.As(err, &said):
		return said.Code == "57P01" || said.Code == "57P02" // it was told to stop, or crashes
	}
	return pgconn.SafeToRetry(err) || errors.As(err, &broken) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}

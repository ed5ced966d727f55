// Package store opens the database, SQLite or PostgreSQL, and runs one SQL text on both.
//
// The text keeps to what the two engines share: $1 parameters, on conflict, returning, text ids, bigint milliseconds, and
// text for dates, decimals and JSON documents. Everything that writes goes through [DB.Write], whose transaction has one
// Now; what only reads uses [DB.QueryRow] and [DB.Query], or [DB.Read] where several queries must agree.
//
// SQLite runs with a write-ahead log and synchronous=FULL: a committed write survives a power cut. One connection writes,
// a few read. The server holds a lock beside the file, so that a second server on the same file refuses to start; command
// line tools may open the file at the same time, and write down for the server what they change ([DB.Current]).
//
// On PostgreSQL each connection asks for limits of time, so that a server which stands still keeps its locks from nobody for long.
// What the database has undone by that runs again when the server wakes; a commit whose answer was lost does not.
package store

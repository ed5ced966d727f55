// Package sandbox is the connector of the simulated banks. Whoever logs in with one of the documented user names gets that
// person's data, the same every time and dated back from the day on which the connection was made: static figures (package
// fixed), a bank with books of investments (package books), accounts of ordinary people (package household) or accounts that
// a developer writes down (package custom). Nothing here asks a network or keeps state; a connection's credentials, and for
// user_transactions_dynamic its memory (package dynamic), say all that a fetch needs.
//
// A person is one JSON file in personas, households in their own folder there: a new file is a new user name.
//
// Passwords choose what happens instead of being checked: error_<CODE> fails with that code, mfa_... opens a connection that
// remembers its challenge, and the default user alone has a password to get right.
package sandbox

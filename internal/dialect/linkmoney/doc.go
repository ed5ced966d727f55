// Package linkmoney serves Link Money's dialect of the API: what its developers have called stays where it was, below /v1/plaid
// and /v2/plaid, with its credentials and in its shapes.
//
// The dialect is a table over the routes that there are (see table.go): it finds out whose a call is, asks the routes for each
// Item, joins what they answer and leaves out what Link Money does not have. It keeps nothing of banks by itself; what it keeps
// is how a developer has configured it.
package linkmoney

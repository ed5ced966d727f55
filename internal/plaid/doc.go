// Package plaid holds the words of the Plaid-compatible contract: accounts, securities, holdings, investment
// transactions, Items, institutions, dates, decimals and the catalogue of errors. It knows no HTTP, no database and no
// bank; every other package speaks in these types.
//
// Money, prices and quantities are [Decimal]: exact, written to JSON as plain numbers with the digits they came with.
// Signs follow Plaid: a transaction's amount is positive when money leaves the account, a holding's or trade's quantity is
// positive when it adds to the position.
package plaid

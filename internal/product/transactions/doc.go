// Package transactions is the product of bank, card and loan transactions. So far it keeps what banks state of them, with a
// sequence of changes per Item; its endpoints are still to come.
package transactions

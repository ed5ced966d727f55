// Package transactions is the product of bank, card and loan transactions: what banks state of them, read by a range of days or
// followed by a cursor. Each change of one has the Item's next sequence number.
package transactions

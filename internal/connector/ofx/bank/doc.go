// Package bank reads the statements of bank, card and loan accounts.
package bank

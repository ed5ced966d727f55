// Package investments is the product of investment accounts: holdings, securities, investment transactions, and what a
// transfer of the account needs.
//
// A refresh keeps three things of a bank's answer. Holdings and the securities behind them are one document each, as the
// API answers them. Investment transactions are a row each, numbered per Item in the order in which they became known, so
// that pages are stable: newest date first, and among equal dates the one known last first. Securities are kept per Item
// under the bank's key, with a security_id that is the same for the same instrument everywhere; see identity.go. Holdings whose
// bank states no lots get them of the transactions in the same write; see taxlots.
package investments

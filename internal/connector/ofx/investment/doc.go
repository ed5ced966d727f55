// Package investment reads the statements of brokers' and retirement accounts: positions as holdings, the twenty investment
// transactions, and what an account is worth.
package investment

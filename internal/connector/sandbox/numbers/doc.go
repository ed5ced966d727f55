// Package numbers gives the sandbox's accounts the account and routing numbers of their country: those that Plaid
// documents for its US sandbox, and ones of the right shape elsewhere.
package numbers

package connector

import "weft/internal/plaid"

// Liability is what a bank states of a debt, by the key of its account. One of the three is set; each has everything but the
// account_id.
type Liability struct {
	AccountKey string
	Credit     *plaid.CreditCard
	Mortgage   *plaid.Mortgage
	Student    *plaid.StudentLoan
}

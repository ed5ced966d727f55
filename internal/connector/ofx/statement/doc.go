// Package statement is what all statements of OFX have in common, whatever the account: who the account is, in which currency
// and window it speaks, by which keys its transactions are known, and what was corrected.
package statement

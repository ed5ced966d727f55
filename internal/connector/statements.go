package connector

import (
	"context"

	"weft/internal/plaid"
)

// Statements is the power of a bank to give the statements that its batches list as documents.
type Statements interface {
	// AccountStatement is a statement as PDF: the same bytes each time. The error is INVALID_FIELD of statement_id where the bank
	// has it no longer.
	AccountStatement(ctx context.Context, conn Connection, accountKey, key string) ([]byte, error)
}

// AccountStatement is one of an account's statements, without its document.
type AccountStatement struct {
	AccountKey string
	// Key is unique within the account and the same in every fetch.
	Key string
	// Year and Month are those that it is called by, and Posted the day on which it was made.
	Year, Month int
	Posted      plaid.Date
}

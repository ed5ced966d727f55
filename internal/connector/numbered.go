package connector

import (
	"encoding/json"
	"time"

	"weft/internal/plaid"
)

// Typed are the numbers of a US account as a person has typed them, digits alone.
type Typed struct {
	Routing string `json:"routing"`
	Account string `json:"account"`
	// Name is who has the account, and Subtype is checking or savings; both are empty of an account that a login has shown.
	Name    string `json:"name,omitempty"`
	Subtype string `json:"subtype,omitempty"`
}

// Numbers are the typed numbers as those of an account.
func (t Typed) Numbers() Numbers { return Numbers{ACH: &ACH{Account: t.Account, Routing: t.Routing}} }

// Mask is the end of the account number, by which a person knows it again.
func (t Typed) Mask() string {
	const shown = 4
	return t.Account[max(len(t.Account)-shown, 0):]
}

// Entry is typed numbers on their way to be verified, by one of some methods (those of package plaid).
type Entry struct {
	Typed
	Methods []string
	Now     time.Time
}

// Verification is how typed numbers are verified: by which method, with which status, and when that becomes another by itself
// (zero for never). An empty status says that they are as good as the bank's own.
type Verification struct {
	Method, Status string
	Until          time.Time
	Then           string
	Insights       *plaid.VerificationInsights
}

// Numbered is the power to make connections of account numbers alone, without a login.
type Numbered interface {
	Connector
	// Methods are the methods by which numbers can be verified here.
	Methods() []string
	// Verify says how numbers are verified. The error is INVALID_ACCOUNT_NUMBER where none of the methods can.
	Verify(entry Entry) (Verification, error)
	// Keep is what a connection keeps of numbers as its credentials, and the key of the account that it has.
	Keep(t Typed) (credentials json.RawMessage, accountKey string, err error)
	// Confirm reports whether a code is the one in the text of the deposit, in which letters may be large or small.
	Confirm(credentials json.RawMessage, code string) (bool, error)
	// DepositText is the text of the deposit as the bank shows it, with the code left open.
	DepositText(clientName string) string
}

// Matching is the power of banks that do not give account numbers to tell whether those are right that a person types.
type Matching interface {
	// Match says how the numbers of an account are verified that a login has shown, by its mask. The error is
	// INSTANT_MATCH_FAILED where none of the methods can.
	Match(institutionID string, credentials json.RawMessage, mask string, entry Entry) (Verification, error)
}

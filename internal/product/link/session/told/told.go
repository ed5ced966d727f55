// Package told is what the client is told of a session: its events while it goes on, and its end.
package told

import (
	"time"

	"weft/internal/product/link/session/shown"
)

// Event is something that has happened in Link, as the client is told.
type Event struct {
	ID   string    `json:"id"`
	Name string    `json:"name"`
	At   time.Time `json:"at"`
	// Metadata are the members that say something, by their contract names, without link_session_id and timestamp.
	Metadata map[string]string `json:"metadata,omitempty"`
}

// metadataKeys are the members that onEvent is given, null where they say nothing.
var metadataKeys = []string{
	"account_number_mask", "error_type", "error_code", "error_message", "exit_status", "institution_id", "institution_name",
	"institution_search_query", "is_update_mode", "match_reason", "mfa_type", "request_id", "routing_number", "selection", "view_name",
}

// timestampFormat is ISO 8601 with milliseconds.
const timestampFormat = "2006-01-02T15:04:05.000Z"

// OnEvent is the metadata as the callback onEvent is given it.
func (e Event) OnEvent(sessionID string) map[string]any {
	m := map[string]any{"link_session_id": sessionID, "timestamp": e.At.UTC().Format(timestampFormat)}
	for _, key := range metadataKeys {
		m[key] = nil
		if v, ok := e.Metadata[key]; ok {
			m[key] = v
		}
	}
	return m
}

// Finished is the end of a session. It is a success with PublicToken (empty where tokens are given elsewhere, as with several
// Items) and Success, or an exit with Exit and, where something was unresolved, Error. Its JSON is what the callbacks onSuccess
// and onExit are given.
type Finished struct {
	PublicToken string     `json:"public_token,omitempty"`
	Success     *Success   `json:"success,omitempty"`
	Exit        *Exit      `json:"exit,omitempty"`
	Error       *ExitError `json:"error,omitempty"`
	// CompletionURI is where a hosted page goes then.
	CompletionURI string `json:"completion_uri,omitempty"`
}

// Success is the metadata of onSuccess.
type Success struct {
	Institution *Named   `json:"institution"`
	Accounts    []Shared `json:"accounts"`
	Account     *Shared  `json:"account"`
	AccountID   *string  `json:"account_id"`
	SessionID   string   `json:"link_session_id"`
	PublicToken string   `json:"public_token"`
	Transfer    *string  `json:"transfer_status"`
}

// Named is an institution in metadata.
type Named struct {
	Name          *string `json:"name"`
	InstitutionID *string `json:"institution_id"`
}

// Shared is an account that the person shares.
type Shared struct {
	ID                 string  `json:"id"`
	Name               string  `json:"name"`
	Mask               *string `json:"mask"`
	Type               string  `json:"type"`
	Subtype            string  `json:"subtype"`
	VerificationStatus *string `json:"verification_status"`
	ClassType          *string `json:"class_type"`
}

// Exit is the metadata of onExit.
type Exit struct {
	Institution *Named  `json:"institution"`
	Status      *string `json:"status"`
	SessionID   string  `json:"link_session_id"`
	RequestID   string  `json:"request_id"`
}

// ExitError is the error of onExit.
type ExitError struct {
	Type           string  `json:"error_type"`
	Code           string  `json:"error_code"`
	Message        string  `json:"error_message"`
	DisplayMessage *string `json:"display_message"`
}

// Account is the account as it is shown once it is shared.
func (a Shared) Account() shown.Account {
	out := shown.Account{Key: a.ID, Name: a.Name, Type: a.Type, Subtype: a.Subtype, Checked: true}
	if a.Mask != nil {
		out.Mask = *a.Mask
	}
	return out
}

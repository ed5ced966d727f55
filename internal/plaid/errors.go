package plaid

import (
	"fmt"
	"strings"
)

// Code is an error code of the contract.
type Code string

// Definition is what the catalogue says of a code.
type Definition struct {
	Code   Code   `json:"error_code"`
	Type   string `json:"error_type"`
	Status int    `json:"status"`
	// Message is the default error_message; the place that returns the code may give a more exact one.
	Message string `json:"error_message"`
	// Display is what may be shown to an end user, empty for null.
	Display string `json:"display_message"`
	// Action is what the developer should do, empty for null.
	Action string `json:"suggested_action"`
}

// Error is an error in the contract's shape. Its request_id and documentation_url are added where it is answered.
type Error struct {
	Definition
	// Reason is the optional error_code_reason.
	Reason string
	// Causes are the errors of Items, where an operation on several has failed.
	Causes []ItemCause
	// Cause is an inner error for the log. It is never shown to a client.
	Cause error
}

// ItemCause is the error of one Item among several.
type ItemCause struct {
	ItemID         string  `json:"item_id"`
	ErrorType      string  `json:"error_type"`
	ErrorCode      Code    `json:"error_code"`
	ErrorMessage   string  `json:"error_message"`
	DisplayMessage *string `json:"display_message"`
}

// CauseOf is an error as that of an Item.
func CauseOf(itemID string, e *Error) ItemCause {
	w := e.Wire()
	return ItemCause{ItemID: itemID, ErrorType: w.ErrorType, ErrorCode: w.ErrorCode, ErrorMessage: w.ErrorMessage, DisplayMessage: w.DisplayMessage}
}

func (e *Error) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("%s: %s: %v", e.Code, e.Message, e.Cause)
	}
	return fmt.Sprintf("%s: %s", e.Code, e.Message)
}

func (e *Error) Unwrap() error { return e.Cause }

// Err is the catalogue's error for a code.
func Err(code Code) *Error {
	def, ok := catalogue[code]
	if !ok {
		def = catalogue[InternalServerError]
		return &Error{Definition: def, Cause: fmt.Errorf("code %s is not in the catalogue", code)}
	}
	return &Error{Definition: def}
}

// Errf is the catalogue's error for a code, with a message of its own.
func Errf(code Code, format string, args ...any) *Error {
	e := Err(code)
	e.Message = fmt.Sprintf(format, args...)
	return e
}

// InvalidField is INVALID_FIELD naming the field: InvalidField("options.count", "must be between 1 and 500").
func InvalidField(field, problem string) *Error {
	return Errf("INVALID_FIELD", "%s %s", field, problem)
}

// MissingFields is MISSING_FIELDS naming all fields that are missing.
func MissingFields(fields ...string) *Error {
	return Errf("MISSING_FIELDS", "the following required fields are missing: %s", strings.Join(fields, ", "))
}

// Bounds of what an error repeats of a request.
const (
	maxEcho  = 100
	maxNamed = 20
)

// UnknownFields is UNKNOWN_FIELDS naming all fields that the endpoint does not have.
func UnknownFields(fields ...string) *Error {
	for i, f := range fields { // they are the request's own text
		if len(f) > maxEcho {
			fields[i] = strings.ToValidUTF8(f[:maxEcho], "") + "…"
		}
	}
	if len(fields) > maxNamed {
		fields = append(fields[:maxNamed:maxNamed], "…")
	}
	return Errf("UNKNOWN_FIELDS", "the following fields are not recognized by this endpoint: %s", strings.Join(fields, ", "))
}

// Quoted lists values for a message as a JSON array: ["a","b"]. The values may be a client's own.
func Quoted(values []string) string {
	b, err := JSON(append([]string{}, values...)) // not nil, which would be null
	if err != nil {
		panic(err) // strings can be encoded
	}
	return string(b)
}

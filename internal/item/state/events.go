package state

import (
	"weft/internal/item/event"
	"weft/internal/plaid"
)

const itemType = "ITEM"

// Repaired is told when an Item's error has passed without its user's new login here.
var Repaired = event.Event{Type: itemType, Code: "LOGIN_REPAIRED"}

// ErrorEvent is told when an Item is in an error from now on.
func ErrorEvent(code plaid.Code) event.Event {
	return event.Event{Type: itemType, Code: "ERROR", Members: struct {
		Error *plaid.ItemError `json:"error"`
	}{plaid.Err(code).Wire()}}
}

package state

import (
	"time"

	"weft/internal/item/event"
	"weft/internal/plaid"
)

const itemType = "ITEM"

// Repaired is told when an Item's error has passed without its user's new login here.
var Repaired = event.Event{Type: itemType, Code: "LOGIN_REPAIRED"}

// Failing are the members of an event that is an error or, without one, the absence of it.
type Failing struct {
	Error *plaid.ItemError `json:"error"`
}

// NewAccounts is told when the bank has accounts that the user has not been asked to share.
var NewAccounts = event.Event{Type: itemType, Code: "NEW_ACCOUNTS_AVAILABLE", Members: Failing{}}

const revoked = plaid.Code("USER_PERMISSION_REVOKED")

// ErrorEvent is told when an Item is in an error from now on.
func ErrorEvent(code plaid.Code) event.Event {
	e := event.Event{Type: itemType, Code: "ERROR", Members: Failing{plaid.Err(code).Wire()}}
	if code == revoked {
		e.Code = string(revoked)
	}
	return e
}

// AccountRevoked is told when the user has taken back an account at the bank.
func AccountRevoked(accountID string) event.Event {
	return event.Event{Type: itemType, Code: "USER_ACCOUNT_REVOKED", Members: struct {
		AccountID string `json:"account_id"`
	}{accountID}}
}

// Ending is told some time before the Item ends to work by itself: as the end of consent in the UK and the EU.
func (s State) Ending() event.Event {
	at := plaid.Timestamp(time.UnixMilli(s.Ends()))
	if s.ConsentNeeded {
		return Disconnect(at)
	}
	return event.Event{Type: itemType, Code: "PENDING_EXPIRATION", Members: struct {
		ConsentExpirationTime string `json:"consent_expiration_time"`
	}{at}}
}

// Disconnect is told some time before the end of a login.
func Disconnect(at string) event.Event {
	return event.Event{Type: itemType, Code: "PENDING_DISCONNECT", Members: struct {
		Reason         string `json:"reason"`
		DisconnectTime string `json:"disconnect_time"`
	}{"INSTITUTION_TOKEN_EXPIRATION", at}}
}

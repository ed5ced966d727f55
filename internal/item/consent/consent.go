// Package consent is the history of what users agree to share and take back: each change of it is written down in the
// transaction that makes it.
package consent

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"weft/internal/item/accounts"
	"weft/internal/item/document"
	"weft/internal/item/rows"
	"weft/internal/plaid"
	"weft/internal/store"
)

// Event is what has happened, in the contract's words. Type and Code are empty where the consent stayed as it was.
type Event struct {
	Activity              string
	Type, Code, Initiator string
}

// Who has caused an event.
const (
	user     = "END_USER"
	provider = "DATA_PROVIDER"
	customer = "CUSTOMER"
)

// Kinds of events.
const (
	Granted = "CONSENT_GRANTED"
	Revoked = "CONSENT_REVOKED"
	updated = "CONSENT_UPDATED"
)

// The events that there are.
var (
	// Created and Imported begin an Item: by a login, or with what a person or program has brought.
	Created  = Event{"ITEM_CREATE", Granted, "USER_AGREEMENT", user}
	Imported = Event{"ITEM_IMPORT", Granted, "USER_AGREEMENT", user}
	// Agreed is a new consent after one that was taken back or has ended; LoggedIn is a new login that changes nothing of it.
	Agreed   = Event{"ITEM_UPDATE", Granted, "USER_AGREEMENT", user}
	LoggedIn = Event{"ITEM_UPDATE", "", "", user}
	// Widened and Chosen are what the user changes in update mode: the data and the accounts that they share.
	Widened = Event{"SCOPES_UPDATE", updated, "DATA_SCOPES", user}
	Chosen  = Event{"SCOPES_UPDATE", updated, "ACCOUNT_SCOPES", user}
	// Added is a product that the client adds where the bank's country asks for no consent.
	Added = Event{"SCOPES_UPDATE", updated, "DATA_SCOPES", customer}
	// AccountRevoked and AllRevoked are what the user takes back at the bank; Unlinked is all, taken back here.
	AccountRevoked = Event{"SCOPES_UPDATE", updated, "ACCOUNT_SCOPES", provider}
	AllRevoked     = Event{"PORTAL_UNLINK", Revoked, "REVOCATION", provider}
	Unlinked       = Event{"ITEM_UNLINK", Revoked, "REVOCATION", user}
	// Removed ends an Item.
	Removed = Event{"ITEM_REMOVE", Revoked, "REVOCATION", customer}
)

// Record is an event as it is stored.
type Record struct {
	Event
	ItemID string
	// Number counts the events of an Item, from 1.
	Number    int64
	CreatedAt time.Time
	// Consent is what holds from then on; nil of an Item that was removed.
	Consent *Consent
}

// Consent is what a user shares.
type Consent struct {
	InstitutionID   string    `json:"institution_id"`
	InstitutionName string    `json:"institution_name"`
	Scopes          []string  `json:"scopes"`
	Accounts        []Account `json:"accounts"`
	// NewAccounts: accounts to come are shared too.
	NewAccounts bool `json:"new_accounts"`
}

// Account is an account that is shared, as the contract has it.
type Account struct {
	AccountID    string  `json:"account_id"`
	Mask         *string `json:"mask,omitempty"`
	Name         string  `json:"name"`
	OfficialName *string `json:"official_name,omitempty"`
	Type         string  `json:"type"`
	Subtype      *string `json:"subtype"`
}

// Scopes is the data that an Item's products may read.
func Scopes(it rows.Item) []string {
	return plaid.DataScopes(slices.Concat(it.Consented, it.Products))
}

// Of is what the user of an Item shares.
func Of(ctx context.Context, q store.Querier, it rows.Item) (Consent, error) {
	c := Consent{InstitutionID: it.InstitutionID, InstitutionName: it.InstitutionName, Scopes: []string{}, Accounts: []Account{}}
	if it.Revoked() != nil {
		return c, nil
	}
	c.Scopes, c.NewAccounts = Scopes(it), it.Shared == nil
	docs, err := document.Read(ctx, q, it.Tenant, it.Key, accounts.Document)
	if err != nil || len(docs.ByKind[accounts.Document]) == 0 {
		return c, err
	}
	if err := json.Unmarshal(docs.ByKind[accounts.Document], &c.Accounts); err != nil {
		return c, fmt.Errorf("consent: stored accounts: %w", err)
	}
	c.Accounts = slices.DeleteFunc(c.Accounts, func(a Account) bool { return slices.Contains(it.Gone, a.AccountID) })
	return c, nil
}

// Note writes down an event of a locked Item, which is as it is after it.
func Note(ctx context.Context, tx *store.Tx, it rows.Item, e Event) error {
	c, err := Of(ctx, tx, it)
	if err != nil {
		return err
	}
	doc, err := plaid.JSON(c)
	if err != nil {
		return err
	}
	return insert(ctx, tx, it, e, string(doc))
}

// Beginning is how an Item begins: with what somebody has brought, or by a login.
func Beginning(imported bool) Event {
	if imported {
		return Imported
	}
	return Created
}

// NoteChange writes down what a bank's answer, and the user's new login in update mode, have changed of what is shared. A new Item
// has its own event.
func NoteChange(ctx context.Context, tx *store.Tx, before, after rows.Item, repaired bool) error {
	if before.Version == 0 {
		return nil
	}
	for _, e := range changes(before, after, repaired, tx.Now) {
		if err := Note(ctx, tx, after, e); err != nil {
			return err
		}
	}
	return nil
}

func changes(before, after rows.Item, repaired bool, now time.Time) (events []Event) {
	wider := !slices.Equal(Scopes(before), Scopes(after))
	if !repaired {
		if wider {
			events = append(events, Added)
		}
		return events
	}
	expired := before.ConsentExpires != 0 && before.ConsentExpires <= now.UnixMilli()
	if before.Revoked() != nil || expired {
		events = append(events, Agreed)
	} else if wider {
		events = append(events, Widened)
	}
	if !slices.Equal(slices.Sorted(slices.Values(before.Shared)), slices.Sorted(slices.Values(after.Shared))) {
		events = append(events, Chosen)
	}
	if len(events) == 0 {
		events = append(events, LoggedIn)
	}
	return events
}

// End writes down that an Item is removed. What is kept of it says what happened and when, and nothing of the user.
func End(ctx context.Context, tx *store.Tx, it rows.Item) error {
	_, err := tx.Exec(ctx, `update consent_events set document = '' where client_id = $1 and environment = $2 and item_id = $3`,
		it.Tenant.Client, it.Tenant.Environment, it.ID)
	if err != nil {
		return err
	}
	return insert(ctx, tx, it, Removed, "")
}

// Package state is an Item's record: what is known of it beside its data, and how the API answers it.
package state

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"weft/internal/plaid"
)

// State is an Item's record, stored as JSON.
type State struct {
	InstitutionID   string `json:"institution_id"`
	InstitutionName string `json:"institution_name"`
	// Supported are the products of the institution when the Item was made.
	Supported []string `json:"supported"`
	// Products are those that were initialised, Consented those that the user agreed to share data for. ConsentNeeded says
	// that a product without consent cannot be added (institutions in the US and Canada).
	Products      []string `json:"products"`
	Consented     []string `json:"consented"`
	ConsentNeeded bool     `json:"consent_needed"`
	Webhook       string   `json:"webhook,omitempty"`
	// Error is the code of the error in which the Item is, empty for none.
	Error plaid.Code `json:"error,omitempty"`
	// Unlinked: the user has taken back here, and not at the bank, all that they share.
	Unlinked bool `json:"unlinked,omitempty"`
	// ConsentExpires is when the user's consent ends, in milliseconds, 0 for never.
	ConsentExpires int64 `json:"consent_expires,omitempty"`
	// LoginEnds is when the login ends by itself, in milliseconds, 0 for never. Warned is the end, of whichever, that the client
	// was told of ahead.
	LoginEnds int64 `json:"login_ends,omitempty"`
	Warned    int64 `json:"warned,omitempty"`
	// UserID is the user that the Item belongs to, empty for none. The Item's row has it too, as a key.
	UserID string `json:"user_id,omitempty"`
	// History is how the history of transactions was asked for when the Item was made.
	History History `json:"history"`
	// Statements are the days of which statements were asked for, by when they were made.
	Statements []Days `json:"statements,omitempty"`
	// Synced says that a client follows the Item's transactions by cursor.
	Synced bool `json:"synced,omitempty"`
	// AccountTypes are "type/subtype" of each account.
	AccountTypes []string `json:"account_types"`
	// Shared are the bank's keys of the accounts that the user shares; null for all there are and will be. Offered are those that
	// the user could choose from, or that the client was told of: they are not new.
	Shared  []string `json:"shared"`
	Offered []string `json:"offered,omitempty"`
	// Gone are the ids of accounts that the bank no longer has, or the user no longer shares. What is kept of them is not answered.
	Gone []string `json:"gone,omitempty"`
	// Typed is how far the account numbers that a person has typed are verified, nil where the bank has given them.
	Typed     *Typed `json:"typed,omitempty"`
	CreatedAt int64  `json:"created_at"`
}

// History is the range of transactions that was asked for when the Item was made: a number of days, or two dates.
type History struct {
	Days int         `json:"days,omitempty"`
	From *plaid.Date `json:"from,omitempty"`
	To   *plaid.Date `json:"to,omitempty"`
	// All: what there is, as of data that people bring themselves.
	All bool `json:"all,omitempty"`
}

// Days are days from one to another, both included.
type Days struct {
	From plaid.Date `json:"from"`
	To   plaid.Date `json:"to"`
}

// Decode reads a stored record.
func Decode(text string) (State, error) {
	var s State
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return State{}, fmt.Errorf("item: stored state: %w", err)
	}
	return s, nil
}

// Encode is the record as it is stored.
func (s State) Encode() (string, error) {
	b, err := plaid.JSON(s)
	return string(b), err
}

// Has reports whether a product was initialised.
func (s State) Has(product string) bool { return plaid.Known(s.Products, product) }

// Add adds products, and reports whether any was new.
func (s *State) Add(products []string) (added bool) {
	for _, p := range products {
		if !s.Has(p) {
			s.Products, added = append(slices.Clone(s.Products), p), true
		}
	}
	return added
}

// HasAccounts reports whether an account's type and subtype satisfy a test.
func (s State) HasAccounts(fits func(accountType, subtype string) bool) bool {
	return slices.ContainsFunc(s.AccountTypes, func(ts string) bool {
		accountType, subtype, _ := strings.Cut(ts, "/")
		return fits(accountType, subtype)
	})
}

// Revoked is the error of an Item whose user has taken back all that they shared: nothing of it may be told any more.
func (s State) Revoked() error {
	if s.Error != revoked {
		return nil
	}
	return s.Failed()
}

// Failed is the error in which the Item is, nil for none.
func (s State) Failed() error {
	if s.Error == "" {
		return nil
	}
	return plaid.Err(s.Error)
}

// free are the products that need no fetch of their own; they come with every Item of a bank and are never billed by being added.
func (s State) free() []string {
	if s.InstitutionID == "" {
		return nil
	}
	return []string{"balance"}
}

// Wire is the Item as the API answers it.
func (s State) Wire(itemID string) plaid.Item {
	w := plaid.Item{
		ItemID: itemID, InstitutionID: &s.InstitutionID, InstitutionName: &s.InstitutionName,
		Products:   plaid.Ordered(plaid.Products, s.Products),
		UpdateType: "background", BilledProducts: plaid.Ordered(plaid.Products, s.Products),
		ConsentedProducts: plaid.Ordered(plaid.Products, s.Consented),
	}
	available := slices.DeleteFunc(slices.Concat(s.Supported, s.free()), s.Has)
	w.AvailableProducts = plaid.Ordered(plaid.Products, available)
	if s.InstitutionID == "" { // there are account numbers, and no bank
		w.InstitutionID, w.InstitutionName = nil, nil
	}
	if method := s.AuthMethod(); method != "" {
		w.AuthMethod = &method
	}
	if s.Webhook != "" {
		w.Webhook = &s.Webhook
	}
	if s.ConsentExpires != 0 {
		t := plaid.Timestamp(time.UnixMilli(s.ConsentExpires))
		w.ConsentExpirationTime = &t
	}
	if s.Error != "" {
		w.Error = plaid.Err(s.Error).Wire()
	}
	return w
}

// WithConsent is the Item as /item/get answers it.
func (s State) WithConsent(itemID string) plaid.ItemWithConsent {
	return plaid.ItemWithConsent{
		Item: s.Wire(itemID), CreatedAt: plaid.Timestamp(time.UnixMilli(s.CreatedAt)),
		ConsentedUseCases: []string{}, ConsentedDataScopes: plaid.DataScopes(s.Consented),
	}
}

// lasting are the errors in which an Item is until its user acts; others pass.
var lasting = []plaid.Code{
	"ITEM_LOGIN_REQUIRED", "INVALID_CREDENTIALS", "INVALID_MFA", "ITEM_LOCKED", "USER_SETUP_REQUIRED", "PASSWORD_RESET_REQUIRED",
	"INSUFFICIENT_CREDENTIALS", "ACCESS_NOT_GRANTED", "USER_PERMISSION_REVOKED", "ITEM_NOT_SUPPORTED", "MFA_NOT_SUPPORTED", "NO_ACCOUNTS",
}

// Lasting reports whether an Item is in an error until its user acts.
func Lasting(code plaid.Code) bool { return slices.Contains(lasting, code) }

// Step is how far the history of transactions is to come: not further than it has, the newest days, all of it.
type Step int

// Steps of the history.
const (
	StepNone Step = iota
	StepRecent
	StepWhole
)

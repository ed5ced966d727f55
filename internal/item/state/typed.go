package state

import (
	"slices"
	"time"

	"weft/internal/connector"
	"weft/internal/item/event"
	"weft/internal/plaid"
)

// Typed is how far the numbers of an account are verified that a person has typed. The numbers themselves are sealed, with the
// account.
type Typed struct {
	// AccountKey is the bank's key of the account; Name is who the person says has it, empty where they were not asked.
	AccountKey string `json:"account_key"`
	Name       string `json:"name,omitempty"`
	// Mask is the end of the account number.
	Mask string `json:"mask"`
	// Method is an auth_method and Status a verification_status, empty for numbers that are as good as the bank's.
	Method   string                      `json:"method"`
	Status   string                      `json:"status,omitempty"`
	Insights *plaid.VerificationInsights `json:"insights,omitempty"`
	// Until is when the status becomes Then by itself, in milliseconds, 0 for never.
	Until int64  `json:"until,omitempty"`
	Then  string `json:"then,omitempty"`
	// Wrong counts the codes that were not the deposit's.
	Wrong int `json:"wrong,omitempty"`
}

// MostCodes is how many wrong codes of a deposit are accepted.
const MostCodes = 3

// NewTyped is what is kept of numbers that were verified, or whose verification has begun.
func NewTyped(accountKey string, t connector.Typed, v connector.Verification) *Typed {
	return &Typed{AccountKey: accountKey, Name: t.Name, Mask: t.Mask(), Method: v.Method, Status: v.Status, Insights: v.Insights, Until: millis(v.Until), Then: v.Then}
}

// Become gives the numbers a status that stays.
func (t *Typed) Become(status string) { t.Status, t.Until, t.Then = status, 0, "" }

// Unverified reports whether the numbers must not be used yet, or never will.
func (t *Typed) Unverified() bool { return t != nil && plaid.Known(plaid.Unverified, t.Status) }

// Left is how many more codes may be tried.
func (t *Typed) Left() int { return max(MostCodes-t.Wrong, 0) }

// Verifies is when time next changes the status of typed numbers.
func (s State) Verifies() (at time.Time, ok bool) {
	if s.Typed == nil || s.Typed.Until == 0 {
		return time.Time{}, false
	}
	return time.UnixMilli(s.Typed.Until), true
}

// Numbered are the kinds of accounts that have numbers for transfers.
func Numbered(accountType, subtype string) bool {
	return accountType == plaid.TypeDepository && slices.Contains([]string{"checking", "savings", "cash management"}, subtype)
}

// Verification is the status of an account whose numbers a person has typed, nil of all others.
func (s State) Verification(accountKey string) *string {
	if s.Typed == nil || s.Typed.AccountKey != accountKey || s.Typed.Status == "" {
		return nil
	}
	return &s.Typed.Status
}

// AuthMethod is how the account numbers have come here, empty where there are none.
func (s State) AuthMethod() string {
	switch {
	case s.Typed != nil:
		return s.Typed.Method
	case s.Has("auth") && s.HasAccounts(Numbered):
		return plaid.InstantAuth
	}
	return ""
}

const authType = "AUTH"

// told are the webhook codes of the statuses that the client is told of.
var told = map[string]string{plaid.VerifiedAutomatic: "AUTOMATICALLY_VERIFIED", plaid.VerificationExpired: "VERIFICATION_EXPIRED"}

// Verified is told when typed numbers have a status from now on; false for those of which the client is not told.
func Verified(accountID, status string) (event.Event, bool) {
	code, ok := told[status]
	return event.Event{Type: authType, Code: code, Members: struct {
		AccountID string `json:"account_id"`
		Failing
	}{AccountID: accountID}}, ok
}

// Renumbered is told when the bank has given accounts other numbers than before: of each ACCOUNT_NUMBER, ROUTING_NUMBER or both.
// fresh are accounts that had none.
func Renumbered(fresh []string, changed map[string][]string) event.Event {
	return event.Event{Type: authType, Code: "DEFAULT_UPDATE", Members: struct {
		New     []string            `json:"account_ids_with_new_auth"`
		Updated map[string][]string `json:"account_ids_with_updated_auth"`
		Failing
	}{New: fresh, Updated: changed}}
}

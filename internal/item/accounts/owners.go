package accounts

import (
	"encoding/json"
	"reflect"

	"weft/internal/plaid"
)

// Owners is an element of the OwnersDocument.
type Owners struct {
	AccountID string        `json:"account_id"`
	Owners    []plaid.Owner `json:"owners"`
}

// The contract's words for what of an account's owners has changed.
const (
	phones    = "PHONES"
	addresses = "ADDRESSES"
	emails    = "EMAILS"
	names     = "NAMES"
)

// ownersChanged is what of an account's owners is not as in their stored element. Of an account that had none stored nothing has
// changed.
func ownersChanged(stored json.RawMessage, now []plaid.Owner) ([]string, error) {
	if stored == nil {
		return nil, nil
	}
	var old Owners
	if err := json.Unmarshal(stored, &old); err != nil {
		return nil, err
	}
	var changed []string
	note := func(kind string, part func(plaid.Owner) any) {
		if !reflect.DeepEqual(each(old.Owners, part), each(now, part)) {
			changed = append(changed, kind)
		}
	}
	note(phones, func(o plaid.Owner) any { return notNil(o.PhoneNumbers) })
	note(addresses, func(o plaid.Owner) any { return notNil(o.Addresses) })
	note(emails, func(o plaid.Owner) any { return notNil(o.Emails) })
	note(names, func(o plaid.Owner) any { return notNil(o.Names) })
	return changed, nil
}

func each(owners []plaid.Owner, part func(plaid.Owner) any) []any {
	list := make([]any, len(owners))
	for i, o := range owners {
		list[i] = part(o)
	}
	return list
}

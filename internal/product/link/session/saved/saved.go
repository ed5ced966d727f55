// Package saved is what people are recognised by: the number of a phone, and the logins of its owner.
package saved

import (
	"slices"
	"strings"

	"weft/internal/user/identity"
)

// Login is a login that a person is recognised by: of an Item that they have linked before, or a simulated one.
type Login struct {
	InstitutionID string `json:"institution_id"`
	// ItemID is the Item, empty for a simulated login, which Username and Password are of.
	ItemID   string `json:"item_id,omitempty"`
	Username string `json:"username,omitempty"`
	Password string `json:"password,omitempty"`
	// Accounts are the keys or masks of the accounts that were shared; nil for all there are.
	Accounts []string `json:"accounts,omitempty"`
	// Auto: it is taken without a question.
	Auto bool `json:"auto,omitempty"`
}

// Has reports whether an account was shared before.
func (l *Login) Has(key, mask string) bool {
	return l.Accounts == nil || slices.Contains(l.Accounts, key) || slices.Contains(l.Accounts, mask)
}

// PhoneOf is a phone number in E.164 form. Digits alone are a number of the United States or Canada, where an institution of one
// of them is looked for.
func PhoneOf(text string, countries []string) (number string, ok bool) {
	number = identity.CanonicalPhone(text)
	if !strings.HasPrefix(number, "+") && (slices.Contains(countries, "US") || slices.Contains(countries, "CA")) {
		number = "+1" + strings.TrimPrefix(number, "1")
	}
	return number, identity.IsPhone(number)
}

// Masked is the end of a phone number.
func Masked(number string) string {
	const shown = 4
	if len(number) <= shown {
		return number
	}
	return number[len(number)-shown:]
}

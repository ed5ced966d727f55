// Package entry is what a person types of an account, and how it is read.
package entry

import (
	"slices"
	"strings"

	"weft/internal/connector"
	"weft/internal/plaid"
)

// Entry is what a person has typed of an account, in place of a login or beside it.
type Entry struct {
	connector.Typed
	// Key is that of the account that the login has shown, and Seen the end of its number; both are empty without a login.
	Key  string `json:"key,omitempty"`
	Seen string `json:"seen,omitempty"`
	// BankName is the bank of the routing number, where it is known.
	BankName string `json:"bank_name,omitempty"`
	// Method is how the numbers will be verified, empty before that is known, and Text the text of the deposit.
	Method string `json:"method,omitempty"`
	Text   string `json:"text,omitempty"`
	// Wrong is how many codes were not that of the deposit.
	Wrong int `json:"wrong,omitempty"`
}

// Settled is what is known of numbers that were looked at: by which method they will be verified, and the text of the deposit.
type Settled struct{ Method, Text string }

// Deposit reports whether money is sent, which the person has to allow.
func (e *Entry) Deposit() bool {
	return slices.Contains([]string{plaid.Automated, plaid.SameDay, plaid.InstantDeposit}, e.Method)
}

// End is the end of the account number, as it was typed or seen.
func (e *Entry) End() string {
	if e.Account == "" {
		return e.Seen
	}
	return e.Mask()
}

// digits is a number as it was typed, without what people write between the digits.
func digits(text string) string {
	return strings.NewReplacer(" ", "", "-", "", "\u00a0", "").Replace(strings.TrimSpace(text))
}

// TakeRouting takes the routing number, and reports whether it is one.
func (e *Entry) TakeRouting(text string) bool {
	number := digits(text)
	if !plaid.RoutingNumber(number) {
		return false
	}
	e.Routing = number
	return true
}

// Bounds of what is typed.
const (
	shortestNumber = 4
	longestNumber  = 17
	longestName    = 200
)

// TakeNumber takes the account number, typed twice, and names the field that is wrong.
func (e *Entry) TakeNumber(text, again string) (wrong string) {
	number := digits(text)
	switch {
	case len(number) < shortestNumber || len(number) > longestNumber || strings.Trim(number, "0123456789") != "":
		return "account"
	case number != digits(again):
		return "account_again"
	}
	e.Account = number
	return ""
}

// TakeHolder takes whose account it is and of which type, and names the field that is wrong.
func (e *Entry) TakeHolder(text, kind string) (wrong string) {
	name := strings.Join(strings.Fields(text), " ")
	switch {
	case name == "" || len(name) > longestName:
		return "name"
	case kind != "checking" && kind != "savings":
		return "type"
	}
	e.Name, e.Subtype = name, kind
	return ""
}

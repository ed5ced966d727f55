// Package match recognises rows of an account's log in another answer of the bank.
package match

import (
	"cmp"
	"slices"
	"strings"

	"weft/internal/connector"
	"weft/internal/plaid"
)

// Entry is a row of an account's log, as far as it takes to recognise it in another answer of the bank.
type Entry struct {
	Account, Key string
	Date         plaid.Date
	// Content is what the row says: amount, text, security.
	Content string
}

// Content joins the parts of a row that say what it is, without regard to case and spacing, which banks change at will.
func Content(parts ...string) string {
	for i, p := range parts {
		parts[i] = strings.ToUpper(strings.Join(strings.Fields(p), " "))
	}
	return strings.Join(parts, "\x00")
}

// Rows finds known rows in a new answer although the bank names them otherwise now: some banks number a row anew in every
// file. A row that the answer has under an unknown key is taken for a known one that it lacks, if both have the same day
// and content. That is believed of a day that the answer covers whole, which the first and last day of its window are
// not, or where the answer has no known key of the account at all. It returns the known key by account and new key.
//
// Known rows need their content only where the answer lacks them, stated ones only where they are not known. Rows are matched one to one, so two equal coffees of one day stay two.
func Rows(known, stated []Entry, window func(account string) *connector.Window) map[[2]string]string {
	type place struct {
		account string
		date    plaid.Date
		content string
	}
	inAnswer := map[[2]string]bool{}
	for _, e := range stated {
		inAnswer[[2]string{e.Account, e.Key}] = true
	}
	knownKey, stable := map[[2]string]bool{}, map[string]bool{}
	missing := map[place][]string{}
	for _, e := range known {
		id := [2]string{e.Account, e.Key}
		knownKey[id] = true
		if inAnswer[id] {
			stable[e.Account] = true
			continue
		}
		at := place{e.Account, e.Date, e.Content}
		missing[at] = append(missing[at], e.Key)
	}
	renamed := map[[2]string]string{}
	ordered := slices.SortedStableFunc(slices.Values(stated), func(a, b Entry) int { return cmp.Compare(a.Key, b.Key) })
	for _, e := range ordered {
		id := [2]string{e.Account, e.Key}
		at := place{e.Account, e.Date, e.Content}
		if knownKey[id] || len(missing[at]) == 0 {
			continue
		}
		w := window(e.Account)
		inside := w != nil && e.Date > w.From && e.Date < w.To
		if stable[e.Account] && !inside {
			continue
		}
		slices.Sort(missing[at])
		renamed[id] = missing[at][0]
		missing[at] = missing[at][1:]
	}
	return renamed
}

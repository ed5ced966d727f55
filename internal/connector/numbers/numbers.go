// Package numbers is the connector of accounts that a person knows the numbers of and nobody logs in to: it knows what was typed,
// and no balance. Small deposits, by which a person shows that an account is theirs, are simulated; a server that has no bank to
// send money from cannot make any, so where nothing is simulated numbers are judged by their form alone.
package numbers

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"weft/internal/connector"
	"weft/internal/plaid"
)

// Connector takes account numbers.
type Connector struct{ simulated bool }

var _ connector.Numbered = Connector{}

// New judges numbers by their form.
func New() Connector { return Connector{} }

// Simulated makes simulated deposits, and knows the numbers that are documented for tests.
func Simulated() Connector { return Connector{simulated: true} }

// Name is "numbers".
func (Connector) Name() string { return "numbers" }

// key is that of the one account of a connection. Keys are not secret, so it has nothing of the number.
const key = "typed"

// Fetch states the account as it was typed. Nothing else is known of it.
func (Connector) Fetch(ctx context.Context, conn connector.Connection, _ connector.Want) (connector.Batch, error) {
	if err := ctx.Err(); err != nil {
		return connector.Batch{}, err
	}
	t, err := read(conn.Credentials)
	if err != nil {
		return connector.Batch{}, fmt.Errorf("numbers: connection %s: %w", conn.ID, err)
	}
	mask, subtype, dollars := t.Mask(), t.Subtype, "USD"
	return connector.Batch{Accounts: []connector.Account{{Key: key, Numbers: t.Numbers(), Account: plaid.Account{
		Name: strings.ToUpper(subtype[:1]) + subtype[1:] + "..." + mask, Mask: &mask, Type: plaid.TypeDepository, Subtype: &subtype,
		Balances: plaid.Balances{ISOCurrencyCode: &dollars},
	}}}}, nil
}

// Keep keeps numbers whole.
func (Connector) Keep(t connector.Typed) (credentials json.RawMessage, accountKey string, err error) {
	credentials, err = json.Marshal(t)
	return credentials, key, err
}

func read(credentials json.RawMessage) (connector.Typed, error) {
	var t connector.Typed
	if err := json.Unmarshal(credentials, &t); err != nil {
		return t, err
	}
	if t.Account == "" || t.Subtype == "" {
		return t, fmt.Errorf("there are no account numbers")
	}
	return t, nil
}

// Methods are those that need no money to be sent, and with simulated deposits all.
func (c Connector) Methods() []string {
	if !c.simulated {
		return []string{plaid.DatabaseInsights}
	}
	return []string{plaid.InstantDeposit, plaid.DatabaseMatch, plaid.DatabaseInsights, plaid.SameDay}
}

// What is documented for tests: the routing number of the bank that takes instant deposits, how numbers end that are known or that
// may be right, and the code of every deposit.
const (
	instantRouting = "333333334"
	endOfKnown     = "1111"
	endOfCaution   = "3333"
	depositCode    = "ABC"
)

// codeWithin is how long a person may take to bring the code of a deposit.
const codeWithin = 7 * 24 * time.Hour

// Verify takes the quickest method that is wanted and works.
func (c Connector) Verify(e connector.Entry) (connector.Verification, error) {
	wants := func(method string) bool {
		return slices.Contains(e.Methods, method) && slices.Contains(c.Methods(), method)
	}
	insights := c.insights(e.Account)
	switch {
	case !plaid.RoutingNumber(e.Routing):
	case wants(plaid.InstantDeposit) && e.Routing == instantRouting:
		return connector.Verification{Method: plaid.InstantDeposit, Status: plaid.VerifiedManually}, nil
	case wants(plaid.DatabaseMatch) && insights.Status == plaid.InsightsPass:
		return connector.Verification{Method: plaid.DatabaseMatch, Status: plaid.DatabaseMatched}, nil
	case wants(plaid.DatabaseInsights) && (insights.Status != plaid.InsightsFail || !wants(plaid.SameDay)):
		return insights, nil
	case wants(plaid.SameDay):
		return connector.Verification{
			Method: plaid.SameDay, Status: plaid.PendingManual, Until: e.Now.Add(codeWithin), Then: plaid.VerificationExpired,
		}, nil
	}
	return connector.Verification{}, plaid.Err("INVALID_ACCOUNT_NUMBER")
}

// insights is what is known of a number without a deposit. Nothing is known of real ones, whose routing number has its check digit
// right: they may be right.
func (c Connector) insights(account string) connector.Verification {
	v := connector.Verification{Method: plaid.DatabaseInsights, Status: plaid.InsightsCaution}
	seen := plaid.VerificationInsights{NumberFormat: "unknown"}
	switch {
	case !c.simulated:
	case strings.HasSuffix(account, endOfKnown):
		v.Status, seen.NumberFormat = plaid.InsightsPass, "valid"
		seen.NetworkStatus = plaid.VerificationNetwork{Match: true, Verified: true}
		seen.PreviousReturns = &plaid.VerificationReturns{}
	case strings.HasSuffix(account, endOfCaution):
		seen.NumberFormat = "valid"
	default:
		v.Status, seen.NumberFormat = plaid.InsightsFail, "invalid"
	}
	v.Insights = &seen
	return v
}

// Confirm compares with the code of the simulated deposits.
func (c Connector) Confirm(credentials json.RawMessage, code string) (bool, error) {
	if _, err := read(credentials); err != nil {
		return false, fmt.Errorf("numbers: a deposit's code: %w", err)
	}
	return c.simulated && strings.EqualFold(strings.TrimPrefix(strings.TrimSpace(code), "#"), depositCode), nil
}

// shownOfClient is how many letters of a client's name fit into the text of a deposit.
const shownOfClient = 11

// DepositText is what the bank's list of transactions shows.
func (Connector) DepositText(clientName string) string {
	name := []rune(strings.ToUpper(clientName))
	return "#XXX " + string(name[:min(len(name), shownOfClient)]) + " ACCTVERIFY"
}

package sandbox

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/numbers"
	"weft/internal/plaid"
)

var _ connector.Matching = (*Connector)(nil)

// depositTakes is how long a deposit is on its way.
const depositTakes = 24 * time.Hour

// Match compares typed numbers with the bank's own: the documented account number that ends with the mask, and the routing number
// of wires. A login with the password microdeposits_good is one to which a deposit has to be made.
func (c *Connector) Match(_ string, opened json.RawMessage, mask string, e connector.Entry) (connector.Verification, error) {
	var creds credentials
	if err := json.Unmarshal(opened, &creds); err != nil {
		return connector.Verification{}, fmt.Errorf("sandbox: the credentials of a login: %w", err)
	}
	right := e.Routing == numbers.WireRouting && e.Account == numbers.Account(mask)
	switch {
	case right && !creds.Microdeposits && slices.Contains(e.Methods, plaid.InstantMatch):
		return connector.Verification{Method: plaid.InstantMatch}, nil
	case right && slices.Contains(e.Methods, plaid.Automated):
		return connector.Verification{
			Method: plaid.Automated, Status: plaid.PendingAutomatic, Until: e.Now.Add(depositTakes), Then: plaid.VerifiedAutomatic,
		}, nil
	}
	return connector.Verification{}, plaid.Err("INSTANT_MATCH_FAILED")
}

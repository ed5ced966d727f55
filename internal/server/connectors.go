package server

import (
	"time"

	"weft/internal/connector"
	"weft/internal/connector/ofx"
	"weft/internal/connector/sandbox"
	"weft/internal/connector/simplefin"
	"weft/internal/item"
	"weft/internal/outbound"
	"weft/internal/plaid"
)

// connectors are the sources of bank data, by environment: simulated banks in the sandbox, where logins last for a time, real
// ones elsewhere.
func connectors(seed string, loginLife time.Duration, out outbound.Options) item.Connectors {
	var options []simplefin.Option
	if out.AllowHTTP {
		options = append(options, simplefin.AllowHTTP())
	}
	real := []connector.Connector{ofx.New(), simplefin.New(outbound.New(out), options...)}
	return item.Connectors{
		plaid.Sandbox:     []connector.Connector{sandbox.New(seed, loginLife)},
		plaid.Development: real,
		plaid.Production:  real,
	}
}

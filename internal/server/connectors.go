package server

import (
	"weft/internal/connector"
	"weft/internal/connector/ofx"
	"weft/internal/connector/sandbox"
	"weft/internal/connector/simplefin"
	"weft/internal/item"
	"weft/internal/outbound"
	"weft/internal/plaid"
)

// connectors are the sources of bank data, by environment: simulated banks in the sandbox, real ones elsewhere.
func connectors(seed string, out outbound.Options) item.Connectors {
	var options []simplefin.Option
	if out.AllowHTTP {
		options = append(options, simplefin.AllowHTTP())
	}
	real := []connector.Connector{ofx.New(), simplefin.New(outbound.New(out), options...)}
	return item.Connectors{
		plaid.Sandbox:     []connector.Connector{sandbox.New(seed)},
		plaid.Development: real,
		plaid.Production:  real,
	}
}

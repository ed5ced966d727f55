package server

import (
	"weft/internal/connector"
	"weft/internal/connector/ofx"
	"weft/internal/connector/sandbox"
	"weft/internal/item"
	"weft/internal/plaid"
)

// connectors are the sources of bank data, by environment: simulated banks in the sandbox, real ones elsewhere.
func connectors(seed string) item.Connectors {
	real := []connector.Connector{ofx.New()}
	return item.Connectors{
		plaid.Sandbox:     []connector.Connector{sandbox.New(seed)},
		plaid.Development: real,
		plaid.Production:  real,
	}
}

package server

import (
	"weft/internal/connector"
	"weft/internal/connector/sandbox"
	"weft/internal/item"
	"weft/internal/plaid"
)

// connectors are the sources of bank data, by environment: simulated banks in the sandbox alone.
func connectors(seed string) item.Connectors {
	return item.Connectors{
		plaid.Sandbox: []connector.Connector{sandbox.New(seed)},
	}
}

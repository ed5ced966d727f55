package server

import (
	"time"

	"weft/internal/connector"
	"weft/internal/connector/numbers"
	"weft/internal/connector/ofx"
	"weft/internal/connector/sandbox"
	"weft/internal/connector/simplefin"
	"weft/internal/item"
	"weft/internal/outbound"
	"weft/internal/plaid"
	"weft/internal/seal"
)

// connectors are the sources of bank data, by environment: simulated banks in the sandbox, where logins last for a time, real
// ones elsewhere.
func connectors(seed string, loginLife time.Duration, out outbound.Options, site sandbox.Site) item.Connectors {
	var options []simplefin.Option
	if out.AllowHTTP {
		options = append(options, simplefin.AllowHTTP())
	}
	real := []connector.Connector{ofx.New(), simplefin.New(outbound.New(out), options...), numbers.New()}
	return item.Connectors{
		plaid.Sandbox:     []connector.Connector{sandbox.New(seed, loginLife).WithSite(site), numbers.Simulated()},
		plaid.Development: real,
		plaid.Production:  real,
	}
}

// bankSeals seals what browsers carry to and from the pages of simulated banks.
type bankSeals struct{ keys *seal.Keys }

func (b bankSeals) Seal(kind string, plain []byte) (string, error) {
	return b.keys.Seal(plain, b.place(kind))
}

func (b bankSeals) Open(kind, sealed string) ([]byte, error) {
	return b.keys.Open(sealed, b.place(kind))
}

// place is none in the database: these texts are not kept.
func (bankSeals) place(kind string) seal.Place { return seal.Place{Table: "bank's page", Column: kind} }

package sandbox

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/books/persona"
	"weft/internal/connector/sandbox/directory"
	"weft/internal/connector/sandbox/fixed"
	"weft/internal/connector/sandbox/household"
	"weft/internal/connector/sandbox/market"
	"weft/internal/connector/sandbox/personas"
	"weft/internal/connector/sandbox/trading"
	"weft/internal/plaid"
)

// Name is the connector's key in storage.
const Name = "sandbox"

// Connector is the simulated banks of one seed. It never changes after [New] and may be shared by goroutines.
type Connector struct {
	directory *directory.Directory
	// market and people are read when a bank is first asked for what somebody has there.
	market    func() *market.Market
	people    func() *people
	seed      string
	loginLife time.Duration
	// site is nil without [WithSite].
	site *site
}

// people are who banks at the simulated banks, by user name.
type people struct {
	static     map[string]*fixed.Persona
	books      map[string]persona.Persona
	households *household.Library
}

var (
	_ connector.Connector     = (*Connector)(nil)
	_ connector.Directory     = (*Connector)(nil)
	_ connector.Authenticator = (*Connector)(nil)
	_ connector.Identifying   = (*Connector)(nil)
	_ connector.Simulator     = (*Connector)(nil)
	_ connector.Changing      = (*Connector)(nil)
	_ connector.Balances      = (*Connector)(nil)
)

// LoginDays is how many days a login lasts at Plaid's simulated banks.
const LoginDays = 30

// New is the sandbox of a seed, which decides prices and the health of institutions. Logins last for a time, 0 for ever. It
// panics later only if a persona file of the program is broken, which a test rules out.
func New(seed string, loginLife time.Duration) *Connector { return of(seed, loginLife, personas.FS) }

// of is the sandbox with the personas of a file system.
func of(seed string, loginLife time.Duration, files fs.FS) *Connector {
	c := &Connector{directory: directory.New(seed), seed: seed, loginLife: loginLife}
	c.market = sync.OnceValue(func() *market.Market { return market.New(seed) })
	c.people = sync.OnceValue(func() *people {
		p, err := readPeople(files)
		if err != nil {
			panic("sandbox: " + err.Error())
		}
		return p
	})
	return c
}

// readPeople reads the personas of a file system: every file of its root must be one. Households are read when they are needed.
func readPeople(files fs.FS) (*people, error) {
	static, err := fixed.Load(files)
	if err != nil {
		return nil, err
	}
	books, err := persona.Load(files)
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(files, "*.json")
	if err != nil {
		return nil, err
	}
	if len(static)+len(books) != len(names) {
		return nil, fmt.Errorf("of %d persona files %d are of kind %q or %q", len(names), len(static)+len(books), fixed.Kind, persona.Kind)
	}
	households, err := household.Open(files)
	if err != nil {
		return nil, err
	}
	if static[userGood] == nil {
		return nil, fmt.Errorf("there is no static persona %s", userGood)
	}
	return &people{static, books, households}, nil
}

// Name is "sandbox".
func (c *Connector) Name() string { return Name }

// Institutions are the documented sandbox institutions, then a catalogue of invented ones.
func (c *Connector) Institutions(now time.Time) []connector.Institution {
	return c.directory.Institutions(now)
}

// Logo is an institution's logo, a PNG in base64; false for an unknown id. It is apart from the list because the logos of
// a whole catalogue are large and rarely wanted.
func (c *Connector) Logo(institutionID string) (string, bool) {
	return c.directory.Logo(institutionID)
}

// NextChange is the next midnight for people who trade: the books of the day are closed then. What others have is asked for
// when a client wants it.
func (c *Connector) NextChange(text json.RawMessage, now time.Time) time.Time {
	var creds credentials
	if err := json.Unmarshal(text, &creds); err != nil || !trading.Trades(c.people().books[creds.User]) {
		return time.Time{}
	}
	return plaid.DateOf(now).AddDays(1).Time()
}

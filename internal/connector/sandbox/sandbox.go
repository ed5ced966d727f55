package sandbox

import (
	"encoding/json"
	"fmt"
	"io/fs"
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
	market    *market.Market
	directory *directory.Directory
	// institutions are the directory's, by id: for what does not depend on the day.
	institutions map[string]*connector.Institution
	static       map[string]*fixed.Persona
	books        map[string]persona.Persona
	households   *household.Library
	seed         string
	loginLife    time.Duration
	// site is nil without [WithSite].
	site *site
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
// panics only if a persona file of the program is broken, which a test rules out.
func New(seed string, loginLife time.Duration) *Connector {
	c, err := open(seed, personas.FS)
	if err != nil {
		panic("sandbox: " + err.Error())
	}
	c.loginLife = loginLife
	return c
}

// open reads the personas of a file system: every file of its root must be one. Households are read when they are needed.
func open(seed string, files fs.FS) (*Connector, error) {
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
	c := &Connector{
		market: market.New(seed), directory: directory.New(seed), static: static, books: books,
		households: households, seed: seed, institutions: map[string]*connector.Institution{},
	}
	list := c.directory.Institutions(time.Unix(0, 0))
	for i := range list {
		c.institutions[list[i].InstitutionID] = &list[i]
	}
	return c, nil
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
	if err := json.Unmarshal(text, &creds); err != nil || !trading.Trades(c.books[creds.User]) {
		return time.Time{}
	}
	return plaid.DateOf(now).AddDays(1).Time()
}

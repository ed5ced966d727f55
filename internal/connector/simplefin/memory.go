package simplefin

import (
	"encoding/json"
	"slices"
	"time"

	"weft/internal/connector/simplefin/span"
	"weft/internal/plaid"
)

// memoryVersion is raised when the meaning of the memory changes; another version's memory counts as none.
const memoryVersion = 1

// memory is what an access URL's fetches leave for the next.
type memory struct {
	Version int `json:"v"`
	// Spent are the seconds at which requests of the last day were made, in order.
	Spent []int64 `json:"spent,omitempty"`
	// NotBefore is the second before which the server wants no request.
	NotBefore    int64                         `json:"not_before,omitempty"`
	Institutions map[string]*institutionMemory `json:"institutions,omitempty"`
	Notes        []Note                        `json:"notes,omitempty"`
}

// institutionMemory is what is known of one bank.
type institutionMemory struct {
	// Covered are the days whose movements were fetched, apart and in order, of the Kinds and under the Overrides (a digest).
	Covered   []span.Span `json:"covered,omitempty"`
	Kinds     []string    `json:"kinds,omitempty"`
	Overrides string      `json:"overrides,omitempty"`
	// Accounts are the bank's accounts by key.
	Accounts map[string]accountMemory `json:"accounts,omitempty"`
	// Symbols are the names of securities that were held, by symbol and currency: movements tell of them later.
	Symbols map[string]string `json:"symbols,omitempty"`
}

// accountMemory holds on to what was inferred of an account: a card that is paid off stays a card.
type accountMemory struct {
	Type    string `json:"type"`
	Subtype string `json:"subtype,omitempty"`
	Held    bool   `json:"held,omitempty"`
}

// Note is something about the last fetch that is worth telling: what a server said, or what could not be read. Its text is
// fit to be shown.
type Note struct {
	// Code is the server's (act.failed), or begins with "weft.": weft.record for what could not be read, weft.window for days
	// that could not be asked for.
	Code          string `json:"code,omitempty"`
	Message       string `json:"message"`
	InstitutionID string `json:"institution,omitempty"`
	AccountKey    string `json:"account,omitempty"`
}

// Notes are the notes of the fetch that left a memory.
func Notes(stored json.RawMessage) []Note { return readMemory(stored).Notes }

const mostNotes = 50

func (m *memory) note(n Note) {
	if len(m.Notes) < mostNotes && !slices.Contains(m.Notes, n) {
		m.Notes = append(m.Notes, n)
	}
}

// readMemory reads a memory. One that cannot be read is none: everything is then fetched again.
func readMemory(stored json.RawMessage) *memory {
	m := &memory{}
	if err := json.Unmarshal(stored, m); len(stored) > 0 && err != nil || m.Version != memoryVersion {
		m = &memory{Version: memoryVersion}
	}
	if m.Institutions == nil {
		m.Institutions = map[string]*institutionMemory{}
	}
	for id, of := range m.Institutions {
		if of == nil {
			delete(m.Institutions, id)
		}
	}
	slices.Sort(m.Spent)
	return m
}

func (m *memory) encode() json.RawMessage {
	text, err := plaid.JSON(m)
	if err != nil {
		panic(err) // texts, numbers and days can be encoded
	}
	return text
}

// of is an institution's memory, made where there was none.
func (m *memory) of(id string) *institutionMemory {
	im := m.Institutions[id]
	if im == nil {
		im = &institutionMemory{}
		m.Institutions[id] = im
	}
	if im.Accounts == nil {
		im.Accounts = map[string]accountMemory{}
	}
	if im.Symbols == nil {
		im.Symbols = map[string]string{}
	}
	return im
}

// ledger is what an access URL has spent, as far as this process knows.
type ledger struct {
	spent     []int64
	notBefore int64
}

const day = int64(24 * time.Hour / time.Second)

// reserved is the part of a day's requests that is not spent on old days, so that the newest can still be asked for.
const reserved = 4

// open gives the ledger of an access URL what a memory knows, and the memory what the ledger knows. The caller has the lock.
func (c *Connector) open(creds credentials, m *memory, now int64) *ledger {
	for digest, other := range c.ledgers { // what is over is forgotten
		other.spent = recent(other.spent, now)
		if len(other.spent) == 0 && other.notBefore <= now {
			delete(c.ledgers, digest)
		}
	}
	l := c.ledgers[creds.digest()]
	if l == nil {
		l = &ledger{}
		c.ledgers[creds.digest()] = l
	}
	l.spent = union(l.spent, recent(m.Spent, now))
	l.notBefore = max(l.notBefore, min(m.NotBefore, now+day)) // a clock that ran ahead does not lock the connection for good
	m.Spent, m.NotBefore = slices.Clone(l.spent), l.notBefore
	return l
}

// spend pays for a request, or says that there is nothing left to pay with.
func (c *Connector) spend(creds credentials, m *memory, at time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := at.Unix()
	l := c.open(creds, m, now)
	switch {
	case l.notBefore > now:
		return rateLimited("the SimpleFIN server wants no request before %s", l.notBefore)
	case len(l.spent) >= c.daily && c.daily > 0:
		return rateLimited("the requests that the SimpleFIN server admits in a day are used up; the next can be made at %s", l.spent[len(l.spent)-c.daily]+day)
	case c.daily <= 0:
		return plaid.Err("INSTITUTION_RATE_LIMIT")
	}
	l.spent = union(append(l.spent, now), nil)
	m.Spent = slices.Clone(l.spent)
	return nil
}

// spare reports whether a request can be made for old days.
func (c *Connector) spare(creds credentials, m *memory, at time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.open(creds, m, at.Unix())
	return l.notBefore <= at.Unix() && len(l.spent) < c.daily-c.daily/reserved
}

// pause notes that the server wants to be left alone.
func (c *Connector) pause(creds credentials, m *memory, at time.Time, pause time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.open(creds, m, at.Unix())
	l.notBefore = max(l.notBefore, at.Add(pause).Unix())
	m.NotBefore = l.notBefore
}

func rateLimited(format string, second int64) *plaid.Error {
	return plaid.Errf("INSTITUTION_RATE_LIMIT", format, plaid.Timestamp(time.Unix(second, 0)))
}

// recent are the seconds that are less than a day away: those that lie ahead were spent before the clock was set back.
func recent(spent []int64, now int64) []int64 {
	var kept []int64
	for _, s := range spent {
		if s > now-day && s < now+day {
			kept = append(kept, s)
		}
	}
	return kept
}

// union are all seconds of two lists, each as often as in the list that has it oftener, in order.
func union(a, b []int64) []int64 {
	counts := map[int64]int{}
	for _, list := range [][]int64{a, b} {
		own := map[int64]int{}
		for _, s := range list {
			own[s]++
			counts[s] = max(counts[s], own[s])
		}
	}
	all := []int64{}
	for s, n := range counts {
		for range n {
			all = append(all, s)
		}
	}
	slices.Sort(all)
	return all
}

package simplefin

import (
	"encoding/json"
	"slices"

	"weft/internal/connector"
	"weft/internal/connector/simplefin/budget"
	"weft/internal/connector/simplefin/span"
	"weft/internal/plaid"
)

// memoryVersion is raised when the meaning of the memory changes; another version's memory counts as none.
const memoryVersion = 1

// memory is what an access URL's fetches leave for the next.
type memory struct {
	Version int `json:"v"`
	budget.Spending
	Institutions map[string]*institutionMemory `json:"institutions,omitempty"`
	Notes        []note                        `json:"notes,omitempty"`
}

// institutionMemory is what is known of one bank.
type institutionMemory struct {
	// Covered are the days whose movements were fetched, apart and in order, of the Kinds and under the Overrides (a digest).
	Covered   []span.Span `json:"covered,omitempty"`
	Kinds     []string    `json:"kinds,omitempty"`
	Overrides string      `json:"overrides,omitempty"`
	// Accounts are the bank's accounts by key.
	Accounts map[string]accountMemory `json:"accounts,omitempty"`
	// Pending is the day of the oldest pending movement of a bank account; 0 for none. Fetches reach back to it.
	Pending plaid.Date `json:"pending,omitempty"`
	// Symbols are the names of securities that were held, by symbol and currency: movements tell of them later.
	Symbols map[string]string `json:"symbols,omitempty"`
}

// accountMemory holds on to what was inferred of an account: a card that is paid off stays a card.
type accountMemory struct {
	Type    string `json:"type"`
	Subtype string `json:"subtype,omitempty"`
	Held    bool   `json:"held,omitempty"`
}

// note is a [connector.Note] as it is stored, with the account's key. Its code is the server's (act.failed), or begins with
// "weft.": weft.record for what could not be read, weft.window for days that could not be asked for.
type note struct {
	Code          string `json:"code,omitempty"`
	Message       string `json:"message"`
	InstitutionID string `json:"institution,omitempty"`
	AccountKey    string `json:"account,omitempty"`
}

// Notes are the notes of the fetch that left a memory.
func (*Connector) Notes(stored json.RawMessage) []connector.Note {
	list := []connector.Note{}
	for _, n := range readMemory(stored).Notes {
		list = append(list, connector.Note(n))
	}
	return list
}

const mostNotes = 50

func (m *memory) note(n note) {
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

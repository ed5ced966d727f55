package dynamic

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"weft/internal/connector"
	"weft/internal/plaid"
)

// Memory is what a connection keeps of what happened to it.
type Memory struct {
	Version int `json:"version"`
	// Rounds are the days on which clients asked for news, in their order.
	Rounds []Round `json:"rounds,omitempty"`
	// Stated are the transactions that clients created, in their order.
	Stated []Stated `json:"stated,omitempty"`
}

// Round is a day, and how often a client asked on it.
type Round struct {
	Day   plaid.Date `json:"day"`
	Count int        `json:"count"`
}

// Stated is a transaction that a client created.
type Stated struct {
	Transacted  plaid.Date    `json:"transacted"`
	Posted      plaid.Date    `json:"posted"`
	Amount      plaid.Decimal `json:"amount"`
	Description string        `json:"description"`
	Currency    string        `json:"currency"`
}

const version = 1

// What a memory may hold: beyond it nothing new happens. A client that asks every minute reaches it after a day.
const (
	mostRounds      = 1000
	mostStated      = 500
	mostDescription = 255
)

// ReadMemory reads what a connection kept; nothing at first.
func ReadMemory(text json.RawMessage) (Memory, error) {
	m := Memory{Version: version}
	if len(text) == 0 {
		return m, nil
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return Memory{}, err
	}
	if m.Version != version {
		return Memory{}, fmt.Errorf("a memory of version %d", m.Version)
	}
	return m, nil
}

// JSON is the memory as it is kept.
func (m Memory) JSON() (json.RawMessage, error) { return json.Marshal(m) }

// asked is how often clients asked.
func (m Memory) asked() int {
	n := 0
	for _, r := range m.Rounds {
		n += r.Count
	}
	return n
}

// Ask is the memory after a client asked for news.
func (m Memory) Ask(today plaid.Date) Memory {
	last := len(m.Rounds) - 1
	switch {
	case m.asked() >= mostRounds:
		return m
	case last >= 0 && m.Rounds[last].Day >= today: // also where a clock went back
		rounds := append([]Round(nil), m.Rounds...)
		rounds[last].Count++
		m.Rounds = rounds
	default:
		m.Rounds = append(m.Rounds[:last+1:last+1], Round{today, 1})
	}
	return m
}

// mostAtOnce and daysBack are the documented limits of what can be created.
const (
	mostAtOnce = 10
	daysBack   = 14
)

// Create is the memory after a client created transactions. The error is a *plaid.Error, in the documented words.
func (m Memory) Create(today plaid.Date, list []connector.SimulatedTransaction) (Memory, error) {
	if len(list) == 0 {
		return m, plaid.InvalidField("transactions", "must not be empty")
	}
	if len(list) > mostAtOnce {
		return m, refused("The request contains too many transactions.")
	}
	if len(m.Stated)+len(list) > mostStated {
		return m, plaid.InvalidField("transactions", fmt.Sprintf("would be more than %d for the Item", mostStated))
	}
	m.Stated = m.Stated[:len(m.Stated):len(m.Stated)]
	for i, t := range list {
		if t.Transacted > today || t.Posted > today || t.Transacted < today.AddDays(-daysBack) || t.Posted < t.Transacted {
			return m, refused("Transaction and posted dates must be within the last 14 days. The posted date cannot be before the transaction date.")
		}
		field := fmt.Sprintf("transactions[%d].", i)
		switch {
		case t.Description == "" || len(t.Description) > mostDescription || !storable(t.Description):
			return m, plaid.InvalidField(field+"description", fmt.Sprintf("must be a text of 1 to %d bytes", mostDescription))
		case len(t.Amount.String()) > plaid.MaxDecimalText:
			return m, plaid.InvalidField(field+"amount", "has too many digits")
		case t.ISOCurrencyCode != "" && !code(t.ISOCurrencyCode):
			return m, plaid.InvalidField(field+"iso_currency_code", "must be an ISO 4217 code such as USD")
		}
		if t.ISOCurrencyCode == "" {
			t.ISOCurrencyCode = "USD"
		}
		m.Stated = append(m.Stated, Stated{t.Transacted, t.Posted, t.Amount, t.Description, t.ISOCurrencyCode})
	}
	return m, nil
}

func refused(message string) error {
	err := plaid.Errf("INVALID_FIELD", "%s", message)
	err.Display = message
	return err
}

// storable reports whether a text can be stored: PostgreSQL refuses NUL.
func storable(text string) bool {
	for _, r := range text {
		if r == 0 {
			return false
		}
	}
	return utf8.ValidString(text)
}

func code(s string) bool {
	for _, r := range s {
		if r < 'A' || r > 'Z' {
			return false
		}
	}
	return len(s) == 3
}

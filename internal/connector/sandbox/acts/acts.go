// Package acts is what a simulated person does at the bank besides spending: they open accounts, and take back what they have
// shared. It lies over whatever the bank states of the person, and is kept in the connection's memory.
package acts

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/custom"
	"weft/internal/connector/sandbox/custom/bank"
	"weft/internal/connector/sandbox/numbers"
	"weft/internal/plaid"
)

// Memory is what a connection keeps of what its person did.
type Memory struct {
	Version int `json:"version"`
	// Opened are the accounts that were opened, in their order.
	Opened []Opened `json:"opened,omitempty"`
	// Revoked are the keys of accounts that were taken back; with ConsentRevoked it is all.
	Revoked        []string `json:"revoked,omitempty"`
	ConsentRevoked bool     `json:"consent_revoked,omitempty"`
	// Renumbered is how often accounts were given another number, by their keys.
	Renumbered map[string]int `json:"renumbered,omitempty"`
	// Bank is the memory of what lies below.
	Bank json.RawMessage `json:"bank,omitempty"`
}

// Opened is an account that a person opened.
type Opened struct {
	Type     string         `json:"type"`
	Subtype  string         `json:"subtype"`
	Name     string         `json:"name"`
	Balance  *plaid.Decimal `json:"balance,omitempty"`
	Currency string         `json:"currency,omitempty"`
}

const version = 1

// What a memory may hold.
const (
	mostOpened  = 50
	longestName = 255
)

// Read reads what a connection kept; nothing at first.
func Read(text json.RawMessage) (Memory, error) {
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

// Open is the memory after one more account was opened. The error is a *plaid.Error that names the field.
func (m Memory) Open(a connector.SimulatedAccount) (Memory, error) {
	switch {
	case !plaid.Known(plaid.AccountTypes, a.Type):
		return m, plaid.InvalidField("type", "must be one of "+strings.Join(plaid.AccountTypes, ", "))
	case !belongs(a.Type, a.Subtype):
		return m, plaid.InvalidField("subtype", "must be a subtype of the type "+a.Type)
	case strings.TrimSpace(a.Name) == "" || len(a.Name) > longestName || strings.ContainsRune(a.Name, 0):
		return m, plaid.InvalidField("name", fmt.Sprintf("must be a text of 1 to %d bytes", longestName))
	case a.Balance != nil && len(a.Balance.String()) > plaid.MaxDecimalText:
		return m, plaid.InvalidField("balance", "has too many digits")
	case a.Currency != "" && !code(a.Currency):
		return m, plaid.InvalidField("currency", "must be an ISO 4217 code such as USD")
	case len(m.Opened) >= mostOpened:
		return m, plaid.InvalidField("name", fmt.Sprintf("would be more than %d accounts that were opened", mostOpened))
	}
	m.Opened = append(slices.Clone(m.Opened), Opened{a.Type, a.Subtype, a.Name, a.Balance, a.Currency})
	return m, nil
}

// belongs reports whether there are accounts of a type and subtype.
func belongs(accountType, subtype string) bool {
	return plaid.Known(plaid.SubtypesOf(accountType), subtype) || accountType == plaid.TypeOther && subtype == plaid.TypeOther
}

func code(s string) bool {
	return len(s) == 3 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// Revoke is the memory after an account was taken back.
func (m Memory) Revoke(accountKey string) Memory {
	if !slices.Contains(m.Revoked, accountKey) {
		m.Revoked = append(slices.Clone(m.Revoked), accountKey)
	}
	return m
}

// mostRenumbered is how often an account can be given another number.
const mostRenumbered = 999

// Renumber is the memory after an account was given another number. The error is a *plaid.Error.
func (m Memory) Renumber(accountKey string) (Memory, error) {
	if m.Renumbered[accountKey] >= mostRenumbered {
		return m, plaid.InvalidField("account_id", fmt.Sprintf("is of an account that was given %d other numbers", mostRenumbered))
	}
	m.Renumbered = maps.Clone(m.Renumbered)
	if m.Renumbered == nil {
		m.Renumbered = map[string]int{}
	}
	m.Renumbered[accountKey]++
	return m, nil
}

// renumber gives the accounts of an answer their other numbers, which end as before.
func (m Memory) renumber(accounts []connector.Account, country string) []connector.Account {
	accounts = slices.Clone(accounts)
	for i, a := range accounts {
		n := a.Numbers
		if times := m.Renumbered[a.Key]; times > 0 && a.Mask != nil && (n.ACH != nil || n.EFT != nil || n.BACS != nil || n.International != nil) {
			accounts[i].Numbers = numbers.Bank(country, fmt.Sprintf("111122229%03d%s", times, *a.Mask))
		}
	}
	return accounts
}

// Renew is the memory after the person has logged in anew: what they had taken back they share again.
func (m Memory) Renew() Memory {
	m.Revoked, m.ConsentRevoked = nil, false
	return m
}

// Overlay is what the bank states with what was opened, and without what was taken back.
func (m Memory) Overlay(batch connector.Batch, w bank.World) connector.Batch {
	if len(m.Opened) > 0 {
		batch.Accounts = append(slices.Clone(batch.Accounts), m.accounts(batch, w)...)
	}
	if len(m.Renumbered) > 0 {
		batch.Accounts = m.renumber(batch.Accounts, w.Country)
	}
	batch.Revoked = m.Revoked
	return batch.Without(func(key string) bool { return slices.Contains(m.Revoked, key) })
}

// accounts are the opened accounts. They have moved nothing yet.
func (m Memory) accounts(below connector.Batch, w bank.World) []connector.Account {
	if len(below.Accounts) > 0 && len(below.Accounts[0].Owners) > 0 {
		w.Owner = below.Accounts[0].Owners[0]
	}
	w.ConnectionID += "\x1fopened"
	cfg := &custom.Config{}
	for _, o := range m.Opened {
		a := custom.Account{Type: &o.Type, Subtype: &o.Subtype, StartingBalance: o.Balance, Meta: &custom.Meta{Name: &o.Name},
			Transactions: []custom.Transaction{}, Holdings: custom.OneOrMany[custom.Holding]{}}
		if o.Currency != "" {
			a.Currency = &o.Currency
		}
		cfg.Accounts = append(cfg.Accounts, a)
	}
	accounts := bank.Statement(cfg, w).Accounts
	for i := range accounts {
		accounts[i].Key = "opened-" + strconv.Itoa(i)
	}
	return accounts
}

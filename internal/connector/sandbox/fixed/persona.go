package fixed

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/debt"
	"weft/internal/plaid"
)

// Kind marks the persona files that this package reads.
const Kind = "static"

// Persona is a person as the file has it. It is read only after [Parse].
type Persona struct {
	Kind        string      `json:"kind"`
	Name        string      `json:"name"`
	Description string      `json:"description"`
	Owner       plaid.Owner `json:"owner"`
	Accounts    []Account   `json:"accounts"`
	Securities  []Security  `json:"securities"`
	// PriceAsOf is the day of the prices of holdings that do not have their own.
	PriceAsOf *plaid.Date `json:"price_as_of"`
	Holdings  []Holding   `json:"holdings"`
	// HistoryDays is how many days before the connection was made the history begins.
	HistoryDays int         `json:"history_days"`
	History     []Recurring `json:"history"`
	// Transactions are those of bank accounts and cards.
	Transactions []Movement `json:"transactions"`
	// Liabilities are what is agreed on cards and loans.
	Liabilities []debt.Terms `json:"liabilities"`
}

// Account is an account with its balances. Without a currency it is kept in that of the institution's country, and without
// numbers it has that country's default ones.
type Account struct {
	Key            string             `json:"key"`
	Name           string             `json:"name"`
	OfficialName   *string            `json:"official_name"`
	Mask           string             `json:"mask"`
	Type           string             `json:"type"`
	Subtype        string             `json:"subtype"`
	HolderCategory string             `json:"holder_category"`
	Currency       string             `json:"currency"`
	Available      *plaid.Decimal     `json:"available"`
	Current        *plaid.Decimal     `json:"current"`
	Limit          *plaid.Decimal     `json:"limit"`
	MarginLoan     *plaid.Decimal     `json:"margin_loan"`
	Numbers        *connector.Numbers `json:"numbers"`
}

// Security is an instrument; without a currency it is in dollars.
type Security struct {
	Key string `json:"key"`
	plaid.Security
}

// Holding is a position. Price is per unit; Value is quantity times price unless the bank says otherwise; CostBasis is the
// total.
type Holding struct {
	Account   string         `json:"account"`
	Security  string         `json:"security"`
	Quantity  plaid.Decimal  `json:"quantity"`
	Price     plaid.Decimal  `json:"price"`
	PriceAsOf *plaid.Date    `json:"price_as_of"`
	Value     *plaid.Decimal `json:"value"`
	CostBasis *plaid.Decimal `json:"cost_basis"`
	Currency  string         `json:"currency"`
}

// Recurring is a row of the history that comes again and again: for the last time First days before the connection was
// made, and every Every days before that. Quantities and amounts are taken in turn, the latest row having the first.
// Amounts that are not given are quantity times price, and the fees, in cents. Signs are the contract's.
type Recurring struct {
	ID       string          `json:"id"`
	Account  string          `json:"account"`
	Security string          `json:"security"`
	Name     string          `json:"name"`
	Type     string          `json:"type"`
	Subtype  string          `json:"subtype"`
	First    int             `json:"first"`
	Every    int             `json:"every"`
	Quantity []plaid.Decimal `json:"quantity"`
	Price    plaid.Decimal   `json:"price"`
	Amount   []plaid.Decimal `json:"amount"`
	Fees     plaid.Decimal   `json:"fees"`
	Currency string          `json:"currency"`
}

// Movement is a transaction of a bank account or a card that comes again and again, like the rows of the history. Authorized
// is how many days before it the person acted, nil where the bank does not say. Its currency is the account's.
type Movement struct {
	ID         string        `json:"id"`
	Account    string        `json:"account"`
	Name       string        `json:"name"`
	First      int           `json:"first"`
	Every      int           `json:"every"`
	Amount     plaid.Decimal `json:"amount"`
	Authorized *int          `json:"authorized"`
}

// Load reads the personas of this package's kind from the root of a file system; other files are left alone. Each persona
// has the name of its file.
func Load(fsys fs.FS) (map[string]*Persona, error) {
	files, err := fs.Glob(fsys, "*.json")
	if err != nil {
		return nil, err
	}
	all := map[string]*Persona{}
	for _, file := range files {
		text, err := fs.ReadFile(fsys, file)
		if err != nil {
			return nil, err
		}
		var head struct {
			Kind string `json:"kind"`
		}
		if err := json.Unmarshal(text, &head); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if head.Kind != Kind {
			continue
		}
		p, err := Parse(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if name := strings.TrimSuffix(file, ".json"); p.Name != name {
			return nil, fmt.Errorf("%s: the persona's name is %q", file, p.Name)
		}
		all[p.Name] = p
	}
	return all, nil
}

// Parse reads one persona strictly; the error names all faults.
func Parse(text []byte) (*Persona, error) {
	p := new(Persona)
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(p); err != nil {
		return nil, err
	}
	if err := p.validate(); err != nil {
		return nil, err
	}
	return p, nil
}

func (p *Persona) validate() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if p.Kind != Kind || p.Name == "" || len(p.Owner.Names) == 0 {
		fault("a persona has the kind %q, a name and an owner", Kind)
	}
	accounts, securities := map[string]string{}, map[string]bool{}
	for _, a := range p.Accounts {
		if _, twice := accounts[a.Key]; twice || a.Key == "" || a.Name == "" {
			fault("account %q: the key is used twice, or key or name is empty", a.Key)
		}
		accounts[a.Key] = a.Type
		if !plaid.Known(plaid.SubtypesOf(a.Type), a.Subtype) {
			fault("account %q: %s/%s is no type", a.Key, a.Type, a.Subtype)
		}
	}
	for _, s := range p.Securities {
		if securities[s.Key] || s.Key == "" {
			fault("security %q: the key is empty or used twice", s.Key)
		}
		securities[s.Key] = true
		if s.Type == nil || !plaid.Known(plaid.SecurityTypes, *s.Type) || s.Subtype == nil || !plaid.Known(plaid.SecuritySubtypes, *s.Subtype) {
			fault("security %q: unknown type or subtype", s.Key)
		}
	}
	positions := map[[2]string]bool{}
	for _, h := range p.Holdings {
		place := [2]string{h.Account, h.Security}
		if accounts[h.Account] != plaid.TypeInvestment || !securities[h.Security] || positions[place] {
			fault("holding %v: no such investment account or security, or listed twice", place)
		}
		positions[place] = true
	}
	ids := map[string]bool{}
	for _, r := range p.History {
		if accounts[r.Account] != plaid.TypeInvestment || r.Security != "" && !securities[r.Security] {
			fault("history %q: no such investment account or security", r.ID)
		}
		if err := r.validate(); err != nil || ids[r.ID] || r.ID == "" {
			fault("history %q: the id is empty or used twice, or: %w", r.ID, err)
		}
		ids[r.ID] = true
	}
	for _, m := range p.Transactions {
		kind, known := accounts[m.Account]
		if !known || kind == plaid.TypeInvestment || ids[m.ID] || m.ID == "" || m.Name == "" || m.Every < 1 || m.First < 0 {
			fault("transaction %q: no such account, the id is used twice, or it has no id, name or period", m.ID)
		}
		ids[m.ID] = true
	}
	for i := range p.Liabilities {
		t := &p.Liabilities[i]
		if err := t.Check(accounts[t.Account]); err != nil {
			fault("liability of %q: %w", t.Account, err)
		}
	}
	return errors.Join(faults...)
}

func (r *Recurring) validate() error {
	switch {
	case r.Every < 1 || r.First < 0:
		return errors.New("every is at least 1 and first at least 0")
	case !plaid.Known(plaid.InvestmentTransactionTypes, r.Type) || !plaid.Known(plaid.InvestmentTransactionSubtypes, r.Subtype):
		return fmt.Errorf("%s/%s is no type", r.Type, r.Subtype)
	case len(r.Quantity) == 0 && len(r.Amount) == 0:
		return errors.New("quantity or amount is needed")
	}
	return nil
}

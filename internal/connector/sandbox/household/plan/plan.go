package plan

import (
	"encoding/json"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/books/persona"
	"weft/internal/connector/sandbox/debt"
	"weft/internal/plaid"
)

// Kind marks the files that this package reads.
const Kind = "household"

// Plan is a person's money as the file has it.
type Plan struct {
	Kind        string `json:"kind"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Place       Place  `json:"place"`
	// Days is how many days before the connection was made the books begin.
	Days   int                    `json:"days"`
	Owners map[string]plaid.Owner `json:"owners"`
	// Changes are what becomes different about the owners, in the order of time.
	Changes  []Change  `json:"changes"`
	Accounts []Account `json:"accounts"`
	Habits   []Habit   `json:"habits"`
	// Flows are the person's own; those of the habits are added when the file is read.
	Flows []Flow `json:"flows"`
	// Refresh are what happens when a client asks for news, of the one user whose bank makes news then.
	Refresh []Flow `json:"refresh"`
	// Investments are books of the kind that package books keeps, for accounts of type investment.
	Investments json.RawMessage `json:"investments"`
	// Books is Investments when it has been read.
	Books *persona.Persona `json:"-"`
}

// Change is what is different about an owner from some days after the connection was made: the parts that it gives.
type Change struct {
	Of   string `json:"owner"`
	Days int    `json:"days"`
	plaid.Owner
}

// Owner is an owner as of some days after the connection was made.
func (p *Plan) Owner(key string, days int) plaid.Owner {
	o := p.Owners[key]
	for _, c := range p.Changes {
		if c.Of != key || c.Days > days {
			continue
		}
		if c.Names != nil {
			o.Names = c.Names
		}
		if c.PhoneNumbers != nil {
			o.PhoneNumbers = c.PhoneNumbers
		}
		if c.Emails != nil {
			o.Emails = c.Emails
		}
		if c.Addresses != nil {
			o.Addresses = c.Addresses
		}
	}
	return o
}

// Place is where the person lives, as it stands in the names of shops.
type Place struct {
	City  string `json:"city"`
	State string `json:"state"`
}

// Account is an account and how its bank keeps it. Without a currency it is kept in that of the institution's country.
type Account struct {
	Key            string             `json:"key"`
	Name           string             `json:"name"`
	OfficialName   *string            `json:"official_name"`
	Mask           string             `json:"mask"`
	Type           string             `json:"type"`
	Subtype        string             `json:"subtype"`
	HolderCategory string             `json:"holder_category"`
	Currency       string             `json:"currency"`
	Numbers        *connector.Numbers `json:"numbers"`
	Owners         []string           `json:"owners"`
	// Opening is what the account has, or what is owed on it, when the books begin.
	Opening plaid.Decimal  `json:"opening"`
	Limit   *plaid.Decimal `json:"limit"`
	// Floor is what by choice is always left in the account: who would have less does without.
	Floor plaid.Decimal `json:"floor"`
	// InterestPercent is what the account earns a year, or costs, settled at the end of each month or, on a card, at the
	// closing of a statement that follows one that was not paid in full.
	InterestPercent plaid.Decimal `json:"interest_percent"`
	InterestName    string        `json:"interest_name"`
	// Closes is the day of the month on which a card's statement closes.
	Closes int `json:"closes"`
	// Overdraft is how far below zero the bank lets the account go: what would take it further is returned unpaid.
	Overdraft plaid.Decimal `json:"overdraft"`
	// OverdraftFee is charged on a day that ends below zero and had a payment.
	OverdraftFee *plaid.Decimal `json:"overdraft_fee"`
	// Prefix is what the bank writes before a purchase by card once it is posted.
	Prefix string `json:"prefix"`
	// Hidden accounts tell no balance, Locked ones no available balance.
	Hidden bool `json:"hidden"`
	Locked bool `json:"locked"`
	// Terms are what is agreed on a card or a loan beside the interest.
	Terms *debt.Terms `json:"terms"`
}

// Habit is a set of flows taken over by name, and the account that they go through. Percent, of 100 by default, says how
// much is spent each time where that varies.
type Habit struct {
	Set     string `json:"set"`
	Account string `json:"account"`
	Percent int    `json:"percent"`
}

// Flow is money that moves again and again. Its id is part of the keys of its transactions.
type Flow struct {
	ID      string `json:"id"`
	Account string `json:"account"`
	// Names are what the bank writes, one of them each time. In it ? is a digit and ~ a letter or digit that is drawn each
	// time; {city}, {state}, {mm}, {dd}, {yy} and {check} are filled in.
	Names []string `json:"names"`
	// Kind is the bank's own word: the TRNTYPE of a statement file.
	Kind string `json:"kind"`
	// To is the person's other account where the money arrives, ToDays later, and ToNames what its bank writes.
	To      string   `json:"to"`
	ToNames []string `json:"to_names"`
	ToDays  int      `json:"to_days"`

	// A flow comes Every week, two weeks, month, quarter, half year or year, On a weekday (1 is Monday) or a day of the month,
	// or by chance, so many times a month or a year. Start and End are days from the making of the connection.
	Every  string `json:"every"`
	On     int    `json:"on"`
	Start  *int   `json:"start"`
	End    *int   `json:"end"`
	AMonth int    `json:"a_month"`
	AYear  int    `json:"a_year"`
	// Months are those in which it comes, all if there are none; Days are "workdays" or "weekends".
	Months []int  `json:"months"`
	Days   string `json:"days"`
	// Book is "before" or "after": what falls on a day on which banks are closed is booked on the last or the next open one.
	Book string `json:"book"`

	// Amount is fixed, one of several in turn by chance, or anything from Least to Most; positive leaves the account. Raise is
	// the percent by which it grows each January.
	Amount []plaid.Decimal `json:"amount"`
	Least  *plaid.Decimal  `json:"least"`
	Most   *plaid.Decimal  `json:"most"`
	Raise  plaid.Decimal   `json:"raise"`
	// Pays is "full" or "minimum": the statement of the card To.
	Pays string `json:"pays"`
	// Above sweeps what the account has above it; with Below the flow comes only while To has less.
	Above *plaid.Decimal `json:"above"`
	Below *plaid.Decimal `json:"below"`

	// Posts is the fewest and the most days that it is pending. Purchases are made with a card.
	Posts    [2]int `json:"posts"`
	Purchase bool   `json:"purchase"`
	// Tip is the most percent that a restaurant's guest adds before it is posted.
	Tip int `json:"tip"`
	// Check is the number of the first check of those that are written, 0 where none are.
	Check int `json:"check"`
}

// ByChance reports whether the flow has no fixed days.
func (f *Flow) ByChance() bool { return f.AMonth > 0 || f.AYear > 0 }

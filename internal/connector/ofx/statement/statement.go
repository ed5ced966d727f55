package statement

import (
	"iter"
	"strings"

	"weft/internal/connector"
	"weft/internal/connector/ofx/reader"
	"weft/internal/connector/ofx/securities"
	"weft/internal/connector/ofx/value"
	"weft/internal/plaid"
)

// Problem is something that could not be read: the line, the element, and what was expected of it.
type Problem = reader.Problem

// Statement is one statement of one account.
type Statement struct {
	Line        int
	Institution Institution
	Identity    Identity
	// Account is the account with its balances.
	Account connector.Account
	// Balanced is false where the file states no balance; the account then has one of 0.
	Balanced bool
	AsOf     *plaid.Date
	// Window is DTSTART and DTEND as the file has them, by their days.
	Window *connector.Window
	// Complete is the whole days that the statement covers without any doubt: a transaction dated in them that is missing is
	// no longer true. It is nil where a row is dated outside.
	Complete *connector.Window

	Transactions           []connector.Transaction
	Holdings               []connector.Holding
	InvestmentTransactions []connector.InvestmentTransaction
	// Corrections are what the bank takes back of statements that it gave before.
	Corrections []Correction
	// Facts has the raw facts of each transaction by its key.
	Facts map[string]Facts

	// Cash is the currency of a cash holding, empty where there is none.
	Cash string
}

// Correction says that the transaction with a FITID, in this statement or an earlier one, was wrong.
type Correction struct {
	AccountKey, FITID string
	// Action is REPLACE or DELETE; Key is the transaction that replaces it.
	Action, Key string
}

// Facts are what a transaction's key was made of and what else identifies it.
type Facts struct {
	FITID string
	// Fingerprint is a digest of date, amount and description, alike for the same transaction under another FITID.
	Fingerprint string
	// Settled is when an investment transaction was settled; its date is that of the trade.
	Settled *plaid.Date
}

// Reading is a statement while it is read.
type Reading struct {
	*Book
	// Of is the statement.
	Of *Statement
	// Rows is how many transactions it may have.
	Rows int

	seen map[string]int // how often a key occurred
	iso  *string        // the statement's currency, as one of the two codes
	code *string
	// daysOnly says that DTEND has no time of day, or midnight.
	daysOnly bool
}

// Amount reads a number. What is not there is no problem, what is there and is none is one.
func (r *Reading) Amount(e reader.Element, name string) (plaid.Decimal, bool) {
	c := e.Child(name)
	text := c.Text()
	if text == "" {
		return plaid.Decimal{}, false
	}
	d, ok := value.Amount(text)
	if !ok {
		r.Report(Problem{Line: c.Line(), Element: name, Expected: "a decimal number"})
	}
	return d, ok
}

// Moment reads a date, in the same way.
func (r *Reading) Moment(e reader.Element, name string) (value.Moment, bool) {
	c := e.Child(name)
	text := c.Text()
	if text == "" {
		return value.Moment{}, false
	}
	m, ok := value.Date(text)
	if !ok {
		r.Report(Problem{Line: c.Line(), Element: name, Expected: "a date of the form YYYYMMDDHHMMSS"})
	}
	return m, ok
}

// Currencies are a row's two currency codes: those of its CURRENCY, else the statement's. ORIGCURRENCY tells only what was
// converted.
func (r *Reading) Currencies(e reader.Element) (iso, unofficial *string) {
	if c := e.Child("CURRENCY"); c.OK() {
		iso, unofficial = securities.Currency(c.Value("CURSYM"))
	}
	if iso == nil && unofficial == nil || iso != nil && r.iso != nil && *iso == *r.iso {
		return r.iso, r.code
	}
	return iso, unofficial
}

// noCurrency is ISO 4217's code for no currency: that of a statement which names none, in place of a guess.
const noCurrency = "XXX"

// currency reads the statement's currency: CURDEF, else that of its first transaction with one (CURDEF may be an empty
// tag), else none.
func (r *Reading) currency(e reader.Element, list string) {
	if r.iso, r.code = securities.Currency(e.Value("CURDEF")); r.iso != nil || r.code != nil {
		return
	}
	for row := range Entries(e, list) {
		if r.iso, r.code = securities.Currency(row.Child("CURRENCY").Value("CURSYM")); r.iso != nil || r.code != nil {
			return
		}
	}
	none := noCurrency
	r.iso = &none
	r.Report(Problem{Line: e.Line(), Element: "CURDEF", Expected: "a currency of ISO 4217"})
}

// Currency is the code of the statement's currency.
func (r *Reading) Currency() string {
	if r.iso != nil {
		return *r.iso
	}
	return *r.code
}

// Entries are the elements of a list, and those beside it: a list without an end tag has lost them.
func Entries(e reader.Element, list string) iter.Seq[reader.Element] {
	return func(yield func(reader.Element) bool) {
		for l := range e.All(list) {
			for c := range l.Children() {
				if !yield(c) {
					return
				}
			}
		}
		for c := range e.Children() {
			if !c.Is(list) && !yield(c) {
				return
			}
		}
	}
}

// Unbalanced states a balance of 0 where the file has none.
func (r *Reading) Unbalanced(e reader.Element, element string) {
	r.Of.Balanced = false
	r.Of.Account.Balances.Current = new(plaid.Decimal)
	r.Report(Problem{Line: e.Line(), Element: element, Expected: "a balance"})
}

// Deleted takes note of a DELETE and says so: the row is nothing else. A REPLACE is also a row.
func (r *Reading) Deleted(e reader.Element) bool {
	fitid := e.Value("CORRECTFITID")
	if fitid == "" || !strings.EqualFold(e.Value("CORRECTACTION"), "DELETE") {
		return false
	}
	r.Of.Corrections = append(r.Of.Corrections, Correction{AccountKey: r.Of.Account.Key, FITID: fitid, Action: "DELETE"})
	return true
}

// Replaced takes note of what a stated row replaces.
func (r *Reading) Replaced(e reader.Element, key string) {
	if fitid := e.Value("CORRECTFITID"); fitid != "" {
		r.Of.Corrections = append(r.Of.Corrections, Correction{AccountKey: r.Of.Account.Key, FITID: fitid, Action: "REPLACE", Key: key})
	}
}

// Window reads the statement's window.
func (r *Reading) Window(e reader.Element, list string) {
	l := e.Child(list)
	if !l.Child("DTSTART").OK() {
		l = e // a list without an end tag
	}
	start, began := r.Moment(l, "DTSTART")
	end, ended := r.Moment(l, "DTEND")
	if !began || !ended || start.Day > end.Day {
		return
	}
	r.Of.Window = &connector.Window{From: start.Day, To: end.Day}
	whole := *r.Of.Window
	if start.Seconds > 0 {
		whole.From++ // of a day that it begins in the middle of, the morning is missing
	}
	r.daysOnly = end.Seconds == 0
	if !end.EndOfDay() {
		whole.To-- // and of the day of the download the evening
	}
	r.Of.Complete = &whole
}

// Finish settles what the statement covers wholly. A row on the last day shows that a DTEND without a time of day means
// the whole day, as most banks do; a row elsewhere outside shows that the window cannot be relied on.
func (r *Reading) Finish() {
	w := r.Of.Complete
	if w == nil {
		return
	}
	outside := false
	cover := func(d plaid.Date) {
		if d == r.Of.Window.To && r.daysOnly {
			w.To = d
		}
		outside = outside || d < w.From || d > w.To
	}
	for _, t := range r.Of.Transactions {
		if !t.Pending {
			cover(t.Date)
		}
	}
	for _, t := range r.Of.InvestmentTransactions {
		cover(t.Date)
	}
	if outside || w.From > w.To {
		r.Of.Complete = nil
	}
}

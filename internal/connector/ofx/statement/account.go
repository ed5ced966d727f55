package statement

import (
	"strings"

	"weft/internal/connector"
	"weft/internal/connector/ofx/reader"
	"weft/internal/connector/ofx/securities"
	"weft/internal/plaid"
)

// Book is what the statements of a file share.
type Book struct {
	// Report takes a problem.
	Report func(Problem)
	// Securities are the file's.
	Securities *securities.List
	// Signon is the institution that signed the user on.
	Signon Institution

	listed map[string]connector.Account // by their keys
	taken  map[string]Identity          // the first account of each key
}

// NewBook is a book without statements.
func NewBook(report func(Problem)) *Book {
	return &Book{Report: report, Securities: securities.New(), listed: map[string]connector.Account{}, taken: map[string]Identity{}}
}

// Listed is an account of an account list. Its connector.Account has no balances.
type Listed struct {
	Line        int
	Institution Institution
	Identity    Identity
	Account     connector.Account
}

// accountKind is what an account is to Plaid, and what it is called where the bank does not say.
type accountKind struct{ typ, subtype, title string }

var bankKinds = map[string]accountKind{
	"CHECKING":   {plaid.TypeDepository, "checking", "Checking"},
	"SAVINGS":    {plaid.TypeDepository, "savings", "Savings"},
	"MONEYMRKT":  {plaid.TypeDepository, "money market", "Money market"},
	"CD":         {plaid.TypeDepository, "cd", "Certificate of deposit"},
	"CREDITLINE": {plaid.TypeLoan, "line of credit", "Line of credit"},
	"CREDITCARD": {plaid.TypeCredit, "credit card", "Credit card"},
}

var loanKinds = map[string]accountKind{
	"AUTO":       {plaid.TypeLoan, "auto", "Auto loan"},
	"CONSUMER":   {plaid.TypeLoan, "consumer", "Consumer loan"},
	"MORTGAGE":   {plaid.TypeLoan, "mortgage", "Mortgage"},
	"COMMERCIAL": {plaid.TypeLoan, "commercial", "Commercial loan"},
	"STUDENT":    {plaid.TypeLoan, "student", "Student loan"},
	"SMB":        {plaid.TypeLoan, "business", "Business loan"},
	"CONSTR":     {plaid.TypeLoan, "construction", "Construction loan"},
	"HOMEEQUITY": {plaid.TypeLoan, "home equity", "Home equity loan"},
}

// usProducts are USPRODUCTTYPE of an investment account.
var usProducts = map[string]string{
	"401K": "401k", "403B": "403B", "IRA": "ira", "KEOGH": "keogh", "SARSEP": "sarsep", "SIMPLE": "simple ira",
	"TDA": "other annuity", "TRUST": "trust", "UGMA": "ugma", "NORMAL": "brokerage", "OTHER": "other",
}

// holders are INVACCTTYPE of an investment account.
var holders = map[string]string{"INDIVIDUAL": "personal", "JOINT": "personal", "CORPORATE": "business"}

// accountElements are where an account is identified, with the element around it in an account list.
var accountElements = []struct{ from, info string }{
	{"BANKACCTFROM", "BANKACCTINFO"}, {"CCACCTFROM", "CCACCTINFO"}, {"LOANACCTFROM", "LOANACCTINFO"}, {"INVACCTFROM", "INVACCTINFO"},
}

// identify reads an account's identification, an element of a name that may be missing.
func (b *Book) identify(from reader.Element, name string) (Institution, Identity, accountKind) {
	ins := b.Signon
	id := Identity{
		BankID: from.Value("BANKID"), BranchID: from.Value("BRANCHID"), BrokerID: from.Value("BROKERID"), AccountID: from.Value("ACCTID"),
		AccountType: strings.ToUpper(from.Value("ACCTTYPE")),
	}
	ins.BankID, ins.BrokerID = id.BankID, id.BrokerID
	kind, known := accountKind{plaid.TypeDepository, "", "Account"}, false
	switch name {
	case "CCACCTFROM":
		id.AccountType = "CREDITCARD"
	case "INVACCTFROM":
		id.AccountType, kind, known = "INVESTMENT", accountKind{plaid.TypeInvestment, "brokerage", ""}, true
	case "LOANACCTFROM":
		id.AccountID, id.AccountType = from.Value("LOANACCTID"), strings.ToUpper(from.Value("LOANACCTTYPE"))
		if id.AccountID == "" {
			id.AccountID = from.Value("ACCTID")
		}
		if kind, known = loanKinds[id.AccountType]; !known {
			kind, known = accountKind{plaid.TypeLoan, "loan", "Loan"}, true
		}
	}
	if k, ok := bankKinds[id.AccountType]; ok && !known {
		kind = k
	}
	if id.AccountType == "INVESTMENT" && kind.typ != plaid.TypeInvestment { // keys must not meet
		id.AccountType = ""
	}
	if id.AccountID == "" && from.OK() {
		b.Report(Problem{Line: from.Line(), Element: name, Expected: "an ACCTID"})
	}
	return ins, id, kind
}

// account is an account as far as its identification tells.
func account(ins Institution, id Identity, kind accountKind) connector.Account {
	a := connector.Account{Account: plaid.Account{Type: kind.typ, Name: kind.title, Mask: optional(mask(id.AccountID)), Subtype: optional(kind.subtype)}}
	switch kind.typ {
	case plaid.TypeDepository:
		a.Numbers = bankNumbers(id)
	case plaid.TypeInvestment:
		a.Name = ins.Name()
		if a.Name == "" {
			a.Name = "Brokerage"
		}
		if id.AccountID != "" && kind.subtype != "401k" && kind.subtype != "403B" { // plans are not moved by ACATS
			a.Numbers.ACATS = &connector.ACATS{Account: id.AccountID, DTCNumbers: []string{}}
		}
	}
	if a.Mask != nil {
		a.Name += " ..." + *a.Mask
	}
	return a
}

// optional is a text that may be absent.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// List reads one entry of an account list: an account, or several that belong together.
func (b *Book) List(e reader.Element) []Listed {
	var all []Listed
	for info := range e.Children() {
		for _, el := range accountElements {
			from := info.Child(el.from)
			if !info.Is(el.info) || !from.OK() {
				continue
			}
			ins, id, kind := b.identify(from, el.from)
			if subtype, ok := usProducts[strings.ToUpper(info.Value("USPRODUCTTYPE"))]; ok && kind.typ == plaid.TypeInvestment {
				kind.subtype = subtype
			}
			l := Listed{Line: info.Line(), Institution: ins, Identity: id, Account: account(ins, id, kind)}
			l.Account.Key = digest(ins.Key(), id.AccountID, id.AccountType)
			if desc := e.Value("DESC"); desc != "" {
				l.Account.Name, l.Account.OfficialName = desc, &desc
			}
			l.Account.HolderCategory = optional(holders[strings.ToUpper(info.Value("INVACCTTYPE"))])
			all = append(all, l)
			b.listed[l.Account.Key] = l.Account
		}
	}
	if len(all) == 0 {
		b.Report(Problem{Line: e.Line(), Element: "ACCTINFO", Expected: "an account of a bank, a card, a loan or a broker"})
	}
	return all
}

// mostRoom bounds the room that is made before anything is read.
const mostRoom = 150_000

// Begin begins a statement of the account that one of its elements identifies, such as BANKACCTFROM. A currency that CURDEF
// does not have is taken from the first transaction of the list that has one.
func (b *Book) Begin(e reader.Element, from, list string) *Reading {
	ins, id, kind := b.identify(e.Child(from), from)
	if !e.Child(from).OK() {
		b.Report(Problem{Line: e.Line(), Element: e.Name(), Expected: from})
	}
	rows := 0 // about: room is made for all of them at once
	for range Entries(e, list) {
		if rows++; rows == mostRoom {
			break
		}
	}
	st := &Statement{Line: e.Line(), Institution: ins, Facts: make(map[string]Facts, rows), Balanced: true}
	r := &Reading{Book: b, Of: st, Rows: rows, seen: make(map[string]int, rows)}
	r.currency(e, list)
	id.Currency = r.Currency()
	st.Identity, st.Account = id, account(ins, id, kind)
	st.Account.Key = b.accountKey(ins, id)
	st.Account.Balances.ISOCurrencyCode, st.Account.Balances.UnofficialCurrencyCode = r.iso, r.code
	if l, ok := b.listed[st.Account.Key]; ok && l.Type == st.Account.Type {
		st.Account.Name, st.Account.OfficialName = l.Name, l.OfficialName
		st.Account.Subtype, st.Account.HolderCategory = l.Subtype, l.HolderCategory
	}
	return r
}

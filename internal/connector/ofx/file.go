package ofx

import (
	"bytes"

	"weft/internal/connector"
	"weft/internal/connector/ofx/bank"
	"weft/internal/connector/ofx/investment"
	"weft/internal/connector/ofx/reader"
	"weft/internal/connector/ofx/statement"
	"weft/internal/plaid"
)

// What a file consists of, under the names that its readers use.
type (
	// Problem is something that could not be read: the line, the element, and what was expected of it.
	Problem = reader.Problem
	// Statement is one statement of one account.
	Statement = statement.Statement
	// Listed is an account of an account list.
	Listed = statement.Listed
	// Institution is the institution that a file speaks for.
	Institution = statement.Institution
	// Facts are what identifies a transaction beside its key.
	Facts = statement.Facts
	// Correction is what a bank takes back.
	Correction = statement.Correction
)

// mostProblems bounds the list of problems of a file.
const mostProblems = 1000

// File is what a file states.
type File struct {
	// Version is that of the header, such as 102 or 211; empty where there is no header.
	Version string
	// Error says in Plaid's words why the bank refused the sign-on or, in a file that has no account, the first request.
	Error *plaid.Error
	// Failures are all answers of the bank that are not successes, in the order of the file.
	Failures []Failure
	// Statements are in the order of the file. An account may have several, of several months.
	Statements []*Statement
	// Accounts are the accounts that an account list names, with and without a statement.
	Accounts []Listed
	// Problems are what could not be read, the first thousand; MoreProblems counts the rest.
	Problems     []Problem
	MoreProblems int

	books []*statement.Book
}

// Parse reads a file. The error is a Problem that leaves nothing to read; all lesser ones are in the file's list.
func Parse(content []byte) (File, error) {
	if len(bytes.TrimSpace(content)) == 0 {
		return File{}, Problem{Expected: "an OFX file, not an empty one"}
	}
	doc, err := reader.Read(content)
	if err != nil {
		return File{}, err
	}
	if c := doc.Header["COMPRESSION"]; c != "" && c != "NONE" {
		return File{}, Problem{Line: 1, Element: "COMPRESSION", Expected: "NONE"}
	}
	p := parser{File: &File{Version: doc.Header["VERSION"]}}
	for _, problem := range doc.Problems {
		p.report(problem)
	}
	found := false
	for root := range doc.Root().All("OFX") {
		found = true
		p.ofx(root)
	}
	if !found {
		problem := Problem{Line: 1, Element: "OFX", Expected: "an element of this name"}
		if first := doc.Root().First(); first.OK() {
			problem = Problem{Line: first.Line(), Element: first.Name(), Expected: "the element OFX instead"}
		}
		return File{}, problem
	}
	p.settleError()
	return *p.File, nil
}

// parser is a file while it is read.
type parser struct{ *File }

func (p parser) report(problem Problem) {
	if len(p.Problems) >= mostProblems {
		p.MoreProblems++
		return
	}
	p.Problems = append(p.Problems, problem)
}

// settleError gives a file without accounts the error of its first request.
func (p parser) settleError() {
	if p.Error != nil || len(p.Statements) > 0 || len(p.Accounts) > 0 {
		return
	}
	for _, f := range p.Failures {
		if f.Error != nil {
			p.Error = f.Error
			return
		}
	}
}

// ofx reads one OFX element: some files are several, one behind the other, each with its own sign-on.
func (p parser) ofx(root reader.Element) {
	before := len(p.Statements)
	book := statement.NewBook(p.report)
	p.books = append(p.books, book)
	// Securities and the account list first: they say what the statements are of, and stand behind them in the file.
	walk(root, 0, func(e reader.Element) bool {
		switch e.Name() {
		case "SECLIST": // inside the statement in files of Interactive Brokers
			book.Securities.Read(e, p.report)
		case "SONRS":
			book.Signon = signon(e)
		case "BANKTRANLIST", "INVTRANLIST", "INVPOSLIST":
		default:
			return true
		}
		return false
	})
	walk(root, 0, func(e reader.Element) bool {
		if e.Is("ACCTINFO") {
			p.Accounts = append(p.Accounts, book.List(e)...)
		}
		return !e.Is("ACCTINFO") && !statements[e.Name()]
	})
	walk(root, 0, func(e reader.Element) bool {
		switch {
		case e.Is("SONRS"):
			p.status(e.Child("STATUS"), e.Name())
			return false
		case e.Is("INVSTMTRS"):
			p.Statements = append(p.Statements, investment.Read(book, e))
			return false
		case statements[e.Name()]:
			p.Statements = append(p.Statements, bank.Read(book, e))
			return false
		case e.Child("STATUS").OK():
			p.status(e.Child("STATUS"), e.Name())
		}
		return true
	})
	adopt(p.Statements[before:])
}

// adopt gives a card, which has no BANKID, the bank of the accounts that it is in a file with, where the sign-on names no
// institution. The key of the card stays what it is in a file of its own.
func adopt(all []*Statement) {
	for _, card := range all {
		if i := &card.Institution; i.ORG != "" || i.FID != "" || i.BankID != "" || i.BrokerID != "" {
			continue
		}
		for _, st := range all {
			if st.Institution.BankID != "" || st.Institution.BrokerID != "" {
				card.Institution = st.Institution
				break
			}
		}
	}
}

// statements are the elements that are one.
var statements = map[string]bool{"STMTRS": true, "CCSTMTRS": true, "LOANSTMTRS": true, "INVSTMTRS": true}

func signon(e reader.Element) Institution {
	fi := e.Child("FI")
	return Institution{ORG: fi.Value("ORG"), FID: fi.Value("FID"), IntuitID: e.Value("INTU.BID")}
}

// deepest is how far below OFX a statement may be. There are two levels in between, and files that leave one out.
const deepest = 6

// walk visits elements, and goes into those of which visit says so.
func walk(e reader.Element, depth int, visit func(reader.Element) bool) {
	if depth > deepest {
		return
	}
	for c := range e.Children() {
		if visit(c) {
			walk(c, depth+1, visit)
		}
	}
}

// Securities are all securities of the file, also those that no statement names.
func (f File) Securities() []connector.Security {
	code := "XXX" // no currency
	if len(f.Statements) > 0 {
		code = f.Statements[0].Identity.Currency
	}
	return f.securities(code)
}

// securities are those of the file in a currency for what has none of its own. Of two descriptions in one file the first
// counts.
func (f File) securities(currency string) []connector.Security {
	var all []connector.Security
	known := map[string]bool{}
	for _, book := range f.books {
		for _, e := range book.Securities.All {
			if !known[e.Key] {
				known[e.Key] = true
				all = append(all, e.Describe(currency))
			}
		}
	}
	return all
}

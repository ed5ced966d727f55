// Package ofx writes a book as statements of OFX 2.1.1, one for each account, which programs for personal finance import. Its signs
// are those of OFX: what leaves an account is negative.
package ofx

import (
	"bufio"
	"encoding/xml"
	"io"
	"strings"
	"time"

	"weft/internal/export/ledger"
	"weft/internal/plaid"
)

// Write writes a book.
func Write(w io.Writer, b *ledger.Book) error {
	f := &file{out: bufio.NewWriter(w), book: b}
	f.text(`<?xml version="1.0" encoding="UTF-8" standalone="no"?>` + "\n" +
		`<?OFX OFXHEADER="200" VERSION="211" SECURITY="NONE" OLDFILEUID="NONE" NEWFILEUID="NONE"?>` + "\n")
	f.in("OFX", func() {
		f.in("SIGNONMSGSRSV1", func() {
			f.in("SONRS", func() {
				f.status()
				f.put("DTSERVER", moment(b.At))
				f.put("LANGUAGE", "ENG")
				f.in("FI", func() {
					f.put("ORG", "Weft")
					f.put("FID", "Weft")
				})
			})
		})
		f.messages("BANKMSGSRSV1", f.bank, func(a *ledger.Account) bool { return !investment(a) && a.Type != "credit" })
		f.messages("CREDITCARDMSGSRSV1", f.card, func(a *ledger.Account) bool { return !investment(a) && a.Type == "credit" })
		f.messages("INVSTMTMSGSRSV1", f.investment, investment)
		f.securities()
	})
	if f.err != nil {
		return f.err
	}
	return f.out.Flush()
}

func investment(a *ledger.Account) bool {
	return a.Type == "investment" || len(a.Holdings) > 0 || len(a.Investments) > 0
}

// file is a file that is being written. Its first error ends it.
type file struct {
	out   *bufio.Writer
	book  *ledger.Book
	depth int
	err   error
}

func (f *file) text(s string) {
	if f.err == nil {
		_, f.err = f.out.WriteString(s)
	}
}

// in writes an aggregate.
func (f *file) in(name string, inside func()) {
	f.text(strings.Repeat(" ", f.depth) + "<" + name + ">\n")
	f.depth++
	inside()
	f.depth--
	f.text(strings.Repeat(" ", f.depth) + "</" + name + ">\n")
}

// put writes an element, if it has a value.
func (f *file) put(name, value string) {
	if value == "" || f.err != nil {
		return
	}
	f.text(strings.Repeat(" ", f.depth) + "<" + name + ">")
	if f.err == nil {
		f.err = xml.EscapeText(f.out, []byte(value))
	}
	f.text("</" + name + ">\n")
}

// number writes a number, if there is one.
func (f *file) number(name string, d *plaid.Decimal) {
	if d != nil {
		f.put(name, d.String())
	}
}

func (f *file) status() {
	f.in("STATUS", func() {
		f.put("CODE", "0")
		f.put("SEVERITY", "INFO")
	})
}

// messages writes the statements of one kind of account.
func (f *file) messages(set string, write func(*ledger.Account), kind func(*ledger.Account) bool) {
	var list []*ledger.Account
	for i := range f.book.Accounts {
		if a := &f.book.Accounts[i]; kind(a) {
			list = append(list, a)
		}
	}
	if len(list) == 0 {
		return
	}
	response := map[string]string{"BANKMSGSRSV1": "STMTTRNRS", "CREDITCARDMSGSRSV1": "CCSTMTTRNRS", "INVSTMTMSGSRSV1": "INVSTMTTRNRS"}[set]
	f.in(set, func() {
		for _, a := range list {
			f.in(response, func() {
				f.put("TRNUID", "0")
				f.status()
				write(a)
			})
		}
	})
}

// accountTypes are OFX's types of bank accounts by subtype; others are checking, and loans a line of credit.
var accountTypes = map[string]string{"savings": "SAVINGS", "hsa": "SAVINGS", "cd": "CD", "money market": "MONEYMRKT"}

func (f *file) bank(a *ledger.Account) {
	kind := "CHECKING"
	if a.Subtype != nil && accountTypes[*a.Subtype] != "" {
		kind = accountTypes[*a.Subtype]
	}
	if a.Type == "loan" {
		kind = "CREDITLINE"
	}
	f.in("STMTRS", func() {
		f.put("CURDEF", currency(a))
		f.in("BANKACCTFROM", func() {
			f.put("BANKID", cut(strings.TrimPrefix(a.InstitutionID, "ins_"), 9))
			f.put("ACCTID", accountID(a))
			f.put("ACCTTYPE", kind)
		})
		f.rows(a)
	})
}

func (f *file) card(a *ledger.Account) {
	f.in("CCSTMTRS", func() {
		f.put("CURDEF", currency(a))
		f.in("CCACCTFROM", func() { f.put("ACCTID", accountID(a)) })
		f.rows(a)
	})
}

// rows writes an account's transactions and balances.
func (f *file) rows(a *ledger.Account) {
	first, last := a.Days()
	f.in("BANKTRANLIST", func() {
		f.put("DTSTART", day(first))
		f.put("DTEND", day(last))
		for _, t := range a.Transactions {
			f.transaction(t)
		}
	})
	current := plaid.Decimal{}
	if a.Balances.Current != nil {
		current = *a.Balances.Current
	}
	if a.Owed() {
		current = current.Neg()
	}
	f.in("LEDGERBAL", func() {
		f.put("BALAMT", current.String())
		f.put("DTASOF", moment(a.AsOf))
	})
	if a.Balances.Available != nil {
		f.in("AVAILBAL", func() {
			f.put("BALAMT", a.Balances.Available.String())
			f.put("DTASOF", moment(a.AsOf))
		})
	}
}

func (f *file) transaction(t ledger.Transaction) {
	amount := t.Amount.Neg()
	kind := "CREDIT"
	switch {
	case t.CheckNumber != nil:
		kind = "CHECK"
	case amount.Sign() < 0:
		kind = "DEBIT"
	}
	f.in("STMTTRN", func() {
		f.put("TRNTYPE", kind)
		f.put("DTPOSTED", day(t.Date))
		if t.AuthorizedDate != nil {
			f.put("DTUSER", day(*t.AuthorizedDate))
		}
		f.put("TRNAMT", amount.String())
		f.put("FITID", t.TransactionID)
		if t.CheckNumber != nil {
			f.put("CHECKNUM", cut(*t.CheckNumber, 12))
		}
		f.put("NAME", cut(t.Name, 32))
		memo := t.Name
		if t.OriginalDescription != nil {
			memo = *t.OriginalDescription
		}
		if memo != cut(t.Name, 32) {
			f.put("MEMO", cut(memo, 255))
		}
	})
}

// currency is an account's currency where it is one that OFX has.
func currency(a *ledger.Account) string {
	if c := a.Currency(); len(c) == 3 {
		return c
	}
	return "USD"
}

// accountID tells accounts apart. It is not the account's number, which an export is no place for.
func accountID(a *ledger.Account) string { return cut(a.AccountID, 22) }

// cut is text of some letters at most, without line breaks.
func cut(s string, most int) string {
	s = strings.Join(strings.Fields(s), " ")
	if letters := []rune(s); len(letters) > most {
		return strings.TrimSpace(string(letters[:most]))
	}
	return s
}

func day(d plaid.Date) string { return strings.ReplaceAll(d.String(), "-", "") + "120000" }

func moment(t time.Time) string { return t.UTC().Format("20060102150405") }

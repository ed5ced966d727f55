package bank

import (
	"slices"
	"strings"

	"weft/internal/connector"
	"weft/internal/connector/ofx/reader"
	"weft/internal/connector/ofx/statement"
	"weft/internal/plaid"
)

// Read reads a statement: a STMTRS, CCSTMTRS or LOANSTMTRS.
func Read(b *statement.Book, e reader.Element) *statement.Statement {
	from, list := "BANKACCTFROM", "BANKTRANLIST"
	for _, name := range []string{"CCACCTFROM", "LOANACCTFROM"} {
		if e.Child(name).OK() {
			from = name
		}
	}
	if e.Child("LOANTRANLIST").OK() {
		list = "LOANTRANLIST"
	}
	r := reading{b.Begin(e, from, list)}
	r.Of.Transactions = slices.Grow(r.Of.Transactions, r.Rows)
	r.Window(e, list)
	for row := range statement.Entries(e, list) {
		if row.Is("STMTTRN") || row.Is("LOANSTMTTRN") {
			r.transaction(row)
		}
	}
	for pending := range e.All("BANKTRANLISTP") {
		for row := range pending.All("STMTTRNP") {
			r.transaction(row)
		}
	}
	r.balances(e)
	r.Finish()
	return r.Of
}

// reading is a statement while it is read.
type reading struct{ *statement.Reading }

// balances reads the balances. Of cards and loans Plaid's current is what is owed, where OFX has a negative balance.
func (r reading) balances(e reader.Element) {
	balances := &r.Of.Account.Balances
	ledger, stated := r.balance(e, "LEDGERBAL")
	owed := r.Of.Account.Type == plaid.TypeCredit || r.Of.Account.Type == plaid.TypeLoan
	if stated && owed {
		ledger = ledger.Neg()
	}
	for _, name := range []string{"PRINBAL", "PRINCIPALBAL"} { // of a loan: owed, whatever its sign
		if d, ok := r.balance(e, name); ok && !stated {
			ledger, stated = d.Abs(), true
		}
	}
	available, known := r.balance(e, "AVAILBAL")
	if known && !(owed && stated && available.Sign() < 0 && available.Equal(ledger.Neg())) { // BMO repeats the balance there
		balances.Available = &available
	}
	if owed {
		balances.Limit = r.limit(e)
	}
	if stated {
		balances.Current = &ledger
	}
	if balances.Current == nil && balances.Available == nil {
		r.Unbalanced(e, "LEDGERBAL")
	}
}

func (r reading) balance(e reader.Element, name string) (plaid.Decimal, bool) {
	bal := e.Child(name)
	d, ok := r.Amount(bal, "BALAMT")
	if m, dated := r.Moment(bal, "DTASOF"); dated && r.Of.AsOf == nil {
		r.Of.AsOf = m.Day.Ptr()
	}
	return d, ok
}

// limit is the credit limit, if the bank lists it among its own balances.
func (r reading) limit(e reader.Element) *plaid.Decimal {
	for bal := range e.Child("BALLIST").All("BAL") {
		if name := statement.Normal(bal.Value("NAME")); name == "CREDIT LIMIT" || name == "CREDITLIMIT" || name == "CREDIT LINE" {
			if d, ok := r.Amount(bal, "VALUE"); ok {
				return d.Abs().Ptr()
			}
		}
	}
	return nil
}

// titles name a transaction that has nothing but its kind.
var titles = map[string]string{
	"CREDIT": "Credit", "DEBIT": "Debit", "INT": "Interest", "DIV": "Dividend", "FEE": "Fee", "SRVCHG": "Service charge",
	"DEP": "Deposit", "ATM": "ATM", "POS": "Point of sale", "XFER": "Transfer", "CHECK": "Check", "PAYMENT": "Payment",
	"CASH": "Cash withdrawal", "DIRECTDEP": "Direct deposit", "DIRECTDEBIT": "Direct debit", "REPEATPMT": "Repeating payment",
	"HOLD": "Hold",
}

// Row is what a STMTTRN says, of a bank and inside INVBANKTRAN of a broker.
type Row struct {
	Kind, FITID, Name, Payee, Memo, Check string
	Day                                   plaid.Date
	User                                  *plaid.Date
	// Amount is positive for money that comes in, as the file has it.
	Amount plaid.Decimal
}

// Description is all of a row's text.
func (w Row) Description() string { return w.Name + " " + w.Payee + " " + w.Memo }

// ReadRow reads a row; false if it cannot be stated. A row that only deletes another is not one.
func ReadRow(r *statement.Reading, e reader.Element) (row Row, ok bool) {
	row = Row{
		Kind: strings.ToUpper(e.Value("TRNTYPE")), FITID: e.Value("FITID"), Name: e.Value("NAME"), Payee: e.Child("PAYEE").Value("NAME"),
		Memo: e.Value("MEMO"), Check: e.Value("CHECKNUM"),
	}
	if row.Kind == "" {
		row.Kind = strings.ToUpper(e.Value("LOANTRNTYPE"))
	}
	if r.Deleted(e) {
		return row, false
	}
	if strings.Trim(row.Check, "0") == "" { // Suncorp numbers every card payment as check 0
		row.Check = ""
	}
	for _, text := range []string{e.Value("EXTDNAME"), row.Payee, row.Memo} {
		if row.Name == "" {
			row.Name = text
		}
	}
	if row.Name == "" {
		if row.Name = titles[row.Kind]; row.Name == "" {
			row.Name = "Transaction"
		}
		if row.Check != "" {
			row.Name += " " + row.Check
		}
	}
	amount, known := r.Amount(e, "TRNAMT")
	user, acted := r.Moment(e, "DTUSER")
	posted, dated := r.Moment(e, "DTPOSTED")
	if !dated {
		posted, dated = r.Moment(e, "DTTRAN") // of a pending one
	}
	if acted {
		row.User = user.Day.Ptr()
		if !dated {
			posted, dated = user, true
			r.Report(statement.Problem{Line: e.Line(), Element: e.Name(), Expected: "a DTPOSTED"})
		}
	}
	if !known || !dated {
		r.Report(statement.Problem{Line: e.Line(), Element: e.Name(), Expected: "a TRNAMT and a DTPOSTED, without which it is left out"})
		return row, false
	}
	row.Amount, row.Day = amount, posted.Day
	return row, true
}

func (r reading) transaction(e reader.Element) {
	row, ok := ReadRow(r.Reading, e)
	if !ok {
		return
	}
	t := connector.Transaction{
		AccountKey: r.Of.Account.Key, Reference: row.FITID, Pending: e.Is("STMTTRNP"), Date: row.Day, AuthorizedDate: row.User, Amount: row.Amount.Neg(),
		Name: row.Name, Payee: row.Payee, Memo: row.Memo, CheckNumber: row.Check, Kind: row.Kind,
	}
	t.ISOCurrencyCode, t.UnofficialCurrencyCode = r.Currencies(e)
	t.Key = r.Key(statement.Content{Kind: e.Name(), FITID: row.FITID, Day: row.Day, Amount: t.Amount, Text: row.Description()}, nil)
	r.Replaced(e, t.Key)
	r.Of.Transactions = append(r.Of.Transactions, t)
}

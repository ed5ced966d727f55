package ofx

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"weft/internal/plaid"
)

func TestBankTransactions(t *testing.T) {
	const begin = "<STMTTRN><TRNTYPE>debit<DTPOSTED>20260115120000[-5:EST]<TRNAMT>-4.50<FITID>1"
	for name, c := range map[string]struct{ row, want string }{
		"all of it":       {begin + "<DTUSER>20260113<CHECKNUM>0042<NAME>Coffee<PAYEE><NAME>Coffee House</PAYEE><MEMO>two cups</STMTTRN>", `2026-01-15 2026-01-13 4.50 USD "Coffee" "Coffee House" "two cups" "0042" DEBIT`},
		"memo alone":      {begin + "<MEMO>two cups</STMTTRN>", `2026-01-15 - 4.50 USD "two cups" "" "two cups" "" DEBIT`},
		"payee alone":     {begin + "<PAYEE><NAME>Coffee House</PAYEE></STMTTRN>", `2026-01-15 - 4.50 USD "Coffee House" "Coffee House" "" "" DEBIT`},
		"nothing":         {begin + "<NAME></NAME></STMTTRN>", `2026-01-15 - 4.50 USD "Debit" "" "" "" DEBIT`},
		"check":           {"<STMTTRN><TRNTYPE>CHECK<DTPOSTED>20260115<TRNAMT>-200,00<FITID>2<CHECKNUM>1000</STMTTRN>", `2026-01-15 - 200.00 USD "Check 1000" "" "" "1000" CHECK`},
		"check 0 is none": {begin + "<CHECKNUM>0<NAME>X</STMTTRN>", `2026-01-15 - 4.50 USD "X" "" "" "" DEBIT`},
		"unknown word":    {"<STMTTRN><TRNTYPE>IN<DTPOSTED>20260115<TRNAMT>7<FITID>2</STMTTRN>", `2026-01-15 - -7 USD "Transaction" "" "" "" IN`},
		"currency":        {begin + "<NAME>X<CURRENCY><CURRATE>1.1<CURSYM>EUR</CURRENCY></STMTTRN>", `2026-01-15 - 4.50 EUR "X" "" "" "" DEBIT`},
		"was converted":   {begin + "<NAME>X<ORIGCURRENCY><CURRATE>1.1<CURSYM>EUR</ORIGCURRENCY></STMTTRN>", `2026-01-15 - 4.50 USD "X" "" "" "" DEBIT`},
		"user date alone": {"<STMTTRN><TRNTYPE>POS<DTPOSTED><DTUSER>20260113<TRNAMT>-1<NAME>X</STMTTRN>", `2026-01-13 2026-01-13 1 USD "X" "" "" "" POS`},
	} {
		b := only(t, bankFile(c.row))
		if len(b.Transactions) != 1 {
			t.Errorf("%s: %d transactions", name, len(b.Transactions))
			continue
		}
		row := b.Transactions[0]
		user := "-"
		if row.AuthorizedDate != nil {
			user = row.AuthorizedDate.String()
		}
		got := fmt.Sprintf("%s %s %s %s %q %q %q %q %s", row.Date, user, row.Amount, *row.ISOCurrencyCode, row.Name, row.Payee, row.Memo, row.CheckNumber, row.Kind)
		if got != c.want || row.Pending {
			t.Errorf("%s:\n got  %s\n want %s", name, got, c.want)
		}
	}
}

func TestPending(t *testing.T) {
	text := strings.Replace(bankFile(stmt("1", "20260115", "-5", "Posted")), "<LEDGERBAL>",
		"<BANKTRANLISTP><DTASOF>20260131<STMTTRNP><TRNTYPE>POS<DTTRAN>20260130<TRNAMT>-9<NAME>Pending</STMTTRNP></BANKTRANLISTP><LEDGERBAL>", 1)
	b := only(t, text)
	if len(b.Transactions) != 2 || b.Transactions[0].Pending || !b.Transactions[1].Pending || b.Transactions[1].Date != day("2026-01-30") {
		t.Errorf("%+v", b.Transactions)
	}
}

// statementOf is a statement of an account with balances.
func statementOf(element, account, balances string) string {
	return "<OFX><X><" + element + "><CURDEF>USD" + account + balances + "</" + element + "></X></OFX>"
}

func TestAccounts(t *testing.T) {
	bank := func(typ string) string {
		return "<BANKACCTFROM><BANKID>021000021<ACCTID>9876-54321<ACCTTYPE>" + typ + "</BANKACCTFROM>"
	}
	const card = "<CCACCTFROM><ACCTID>4111111111111111</CCACCTFROM>"
	ledger := func(amount string) string { return "<LEDGERBAL><BALAMT>" + amount + "<DTASOF>20260131</LEDGERBAL>" }
	available := func(amount string) string { return "<AVAILBAL><BALAMT>" + amount + "</AVAILBAL>" }
	for name, c := range map[string]struct{ element, account, balances, want string }{
		"checking":                {"STMTRS", bank("CHECKING"), ledger("10.50") + available("9"), `"Checking ...4321" 4321 depository/checking 10.50 9 - ach`},
		"savings":                 {"STMTRS", bank("savings"), ledger("10.50"), `"Savings ...4321" 4321 depository/savings 10.50 - - ach`},
		"money market":            {"STMTRS", bank("MONEYMRKT"), ledger("1"), `"Money market ...4321" 4321 depository/money_market 1 - - ach`},
		"certificate":             {"STMTRS", bank("CD"), ledger("1"), `"Certificate of deposit ...4321" 4321 depository/cd 1 - - ach`},
		"line of credit":          {"STMTRS", bank("CREDITLINE"), ledger("-500") + available("1500"), `"Line of credit ...4321" 4321 loan/line_of_credit 500 1500 - -`},
		"unknown type":            {"STMTRS", bank("WHATEVER"), ledger("1"), `"Account ...4321" 4321 depository/- 1 - - ach`},
		"overdrawn":               {"STMTRS", bank("CHECKING"), ledger("-10"), `"Checking ...4321" 4321 depository/checking -10 - - ach`},
		"available alone":         {"STMTRS", bank("CHECKING"), available("9"), `"Checking ...4321" 4321 depository/checking - 9 - ach`},
		"no routing number":       {"STMTRS", "<BANKACCTFROM><BANKID>021000022<ACCTID>1<ACCTTYPE>CHECKING</BANKACCTFROM>", ledger("1"), `"Checking ...1" 1 depository/checking 1 - - -`},
		"the government's prefix": {"STMTRS", "<BANKACCTFROM><BANKID>000000123<ACCTID>1<ACCTTYPE>CHECKING</BANKACCTFROM>", ledger("1"), `"Checking ...1" 1 depository/checking 1 - - -`},
		"masked number":           {"STMTRS", "<BANKACCTFROM><BANKID>021000021<ACCTID>XXXX1234<ACCTTYPE>CHECKING</BANKACCTFROM>", ledger("1"), `"Checking ...1234" 1234 depository/checking 1 - - -`},
		"card":                    {"CCSTMTRS", card, ledger("-552.63") + available("4447.37"), `"Credit card ...1111" 1111 credit/credit_card 552.63 4447.37 - -`},
		"card in credit":          {"CCSTMTRS", card, ledger("12"), `"Credit card ...1111" 1111 credit/credit_card -12 - - -`},
		"card, balance twice": {"CCSTMTRS", card, ledger("-552.63") + available("-552.63"),
			`"Credit card ...1111" 1111 credit/credit_card 552.63 - - -`},
		"card with a limit": {"CCSTMTRS", card, ledger("-5") + "<BALLIST><BAL><NAME>Credit Limit<DESC>x<BALTYPE>DOLLAR<VALUE>5000</BAL></BALLIST>",
			`"Credit card ...1111" 1111 credit/credit_card 5 - 5000 -`},
		"card in STMTRS": {"STMTRS", bank("CREDITCARD"), ledger("-5"), `"Credit card ...4321" 4321 credit/credit_card 5 - - -`},
		"mortgage": {"LOANSTMTRS", "<LOANACCTFROM><LOANACCTID>77-8<LOANACCTTYPE>MORTGAGE</LOANACCTFROM>", "<PRINBAL><BALAMT>250000<DTASOF>20260131</PRINBAL>",
			`"Mortgage ...778" 778 loan/mortgage 250000 - - -`},
		"loan, negative": {"LOANSTMTRS", "<LOANACCTFROM><ACCTID>77-8<LOANACCTTYPE>MILITARY</LOANACCTFROM>", ledger("-10"),
			`"Loan ...778" 778 loan/loan 10 - - -`},
	} {
		a := only(t, statementOf(c.element, c.account, c.balances)).Accounts[0]
		numbers := "-"
		if a.Numbers.ACH != nil {
			numbers = "ach"
		}
		got := fmt.Sprintf("%q %s %s/%s %s %s %s %s", a.Name, *a.Mask, a.Type, word(a.Subtype), text(a.Balances.Current), text(a.Balances.Available), text(a.Balances.Limit), numbers)
		if got != c.want {
			t.Errorf("%s:\n got  %s\n want %s", name, got, c.want)
		}
	}
}

// text writes a number digit for digit.
func text(d *plaid.Decimal) string {
	if d == nil {
		return "-"
	}
	return d.String()
}

func TestLoanTransactions(t *testing.T) {
	b := only(t, "<OFX><LOANMSGSRSV1><LOANSTMTTRNRS><LOANSTMTRS><CURDEF>CAD<LOANACCTFROM><LOANACCTID>1<LOANACCTTYPE>AUTO</LOANACCTFROM><LOANTRANLIST>"+
		"<DTSTART>20260101<DTEND>20260131<LOANSTMTTRN><LOANTRNTYPE>PAYMENT<DTPOSTED>20260115<TRNAMT>850<FITID>1<NAME>Payment</LOANSTMTTRN></LOANTRANLIST>"+
		"<PRINBAL><BALAMT>85000<DTASOF>20260131</PRINBAL></LOANSTMTRS></LOANSTMTTRNRS></LOANMSGSRSV1></OFX>")
	if len(b.Transactions) != 1 || b.Transactions[0].Kind != "PAYMENT" || b.Transactions[0].Amount.String() != "-850" || *b.Accounts[0].Subtype != "auto" {
		t.Errorf("%+v", b)
	}
}

// TestAccountList: a list names accounts, and what it says of them goes into their statements.
func TestAccountList(t *testing.T) {
	list := "<SIGNUPMSGSRSV1><ACCTINFOTRNRS><STATUS><CODE>0<SEVERITY>INFO</STATUS><ACCTINFORS><DTACCTUP>20260101" +
		"<ACCTINFO><DESC>Power Checking<BANKACCTINFO><BANKACCTFROM><BANKID>021000021<ACCTID>111122223333<ACCTTYPE>CHECKING</BANKACCTFROM><SUPTXDL>Y</BANKACCTINFO></ACCTINFO>" +
		"<ACCTINFO><DESC>My Roth<INVACCTINFO><INVACCTFROM><BROKERID>acme.example<ACCTID>Z1</INVACCTFROM><USPRODUCTTYPE>IRA<INVACCTTYPE>INDIVIDUAL</INVACCTINFO></ACCTINFO>" +
		"<ACCTINFO><CCACCTINFO><CCACCTFROM><ACCTID>4111111111111111</CCACCTFROM></CCACCTINFO></ACCTINFO>" +
		"<ACCTINFO><DESC>Nothing</ACCTINFO></ACCTINFORS></ACCTINFOTRNRS></SIGNUPMSGSRSV1>"
	f := parse(t, strings.Replace(bankFile(), "<BANKMSGSRSV1>", list+"<BANKMSGSRSV1>", 1))
	imports := f.Imports()
	if len(f.Accounts) != 3 || len(imports) != 1 || len(imports[0].Listed) != 2 || len(f.Problems) != 1 || f.Problems[0].Element != "ACCTINFO" {
		t.Fatalf("%d listed, %d imports, problems %v", len(f.Accounts), len(imports), f.Problems)
	}
	if a := imports[0].Batch.Accounts[0]; a.Name != "Power Checking" || *a.OfficialName != "Power Checking" {
		t.Errorf("account %q", a.Name)
	}
	ira := imports[0].Listed[0]
	if *ira.Subtype != "ira" || *ira.HolderCategory != "personal" || ira.Name != "My Roth" || ira.Type != plaid.TypeInvestment || ira.Balances.Current != nil {
		t.Errorf("listed %+v", ira)
	}
	if imports[0].Listed[1].Name != "Credit card ...1111" {
		t.Errorf("listed %q", imports[0].Listed[1].Name)
	}
}

func TestStatuses(t *testing.T) {
	for status, want := range map[string]string{
		"<CODE>0<SEVERITY>INFO":      "",
		"<CODE>1<SEVERITY>INFO":      "",
		"<CODE>15500<SEVERITY>ERROR": "INVALID_CREDENTIALS",
		"<CODE>15502<SEVERITY>ERROR": "ITEM_LOCKED",
		"<CODE>15000<SEVERITY>ERROR": "USER_SETUP_REQUIRED",
		"<CODE>13000<SEVERITY>ERROR": "USER_SETUP_REQUIRED",
		"<CODE>15510<SEVERITY>ERROR": "USER_SETUP_REQUIRED",
		"<CODE>15511<SEVERITY>ERROR": "USER_SETUP_REQUIRED",
		"<CODE>13504<SEVERITY>ERROR": "USER_SETUP_REQUIRED",
		"<CODE>3000<SEVERITY>ERROR":  "MFA_NOT_SUPPORTED",
		"<CODE>15512<SEVERITY>ERROR": "MFA_NOT_SUPPORTED",
		"<CODE>3001<SEVERITY>ERROR":  "INVALID_MFA",
		"<CODE>15513<SEVERITY>ERROR": "INVALID_MFA",
		"<CODE>2003<SEVERITY>ERROR":  "NO_ACCOUNTS",
		"<CODE>12250<SEVERITY>ERROR": "PRODUCTS_NOT_SUPPORTED",
		"<CODE>2000<SEVERITY>ERROR":  "INSTITUTION_NOT_RESPONDING",
		"<CODE>15501<SEVERITY>ERROR": "INSTITUTION_NOT_RESPONDING",
		"<CODE>99999<SEVERITY>ERROR": "INSTITUTION_NOT_RESPONDING",
		"<CODE>15500":                "INVALID_CREDENTIALS",
		"<CODE>x<SEVERITY>ERROR":     "INSTITUTION_NOT_RESPONDING",
		"<CODE>2000<SEVERITY>WARN":   "",
	} {
		for _, text := range []string{
			"<OFX><SIGNONMSGSRSV1><SONRS><STATUS>" + status + "<MESSAGE>No.</STATUS></SONRS></SIGNONMSGSRSV1></OFX>",
			"<OFX>" + signonText + "<BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STATUS>" + status + "<MESSAGE>No.</STATUS></STMTTRNRS></BANKMSGSRSV1></OFX>",
		} {
			f := parse(t, text)
			got := ""
			if f.Error != nil {
				got = string(f.Error.Code)
			}
			if got != want {
				t.Errorf("%s: %q, want %q", status, got, want)
			}
			if f.Error != nil && !strings.Contains(f.Error.Error(), "No.") || f.Error != nil && strings.Contains(f.Error.Message, "No.") {
				t.Errorf("%s: the bank's text belongs into the cause: %v", status, f.Error)
			}
		}
	}
	for code, plaidCode := range codes {
		if _, ok := plaid.Lookup(plaidCode); !ok {
			t.Errorf("%d: %s is not in the catalogue", code, plaidCode)
		}
	}
	// One request of several failed: the rest counts, and the failure is told.
	f := parse(t, strings.Replace(bankFile(stmt("1", "20260115", "-5", "A")), "</BANKMSGSRSV1>",
		"<STMTTRNRS><STATUS><CODE>2003<SEVERITY>ERROR</STATUS></STMTTRNRS></BANKMSGSRSV1>", 1))
	if f.Error != nil || len(f.Statements) != 1 || len(f.Failures) != 1 || f.Failures[0].Error.Code != "NO_ACCOUNTS" || f.Failures[0].Element != "STMTTRNRS" {
		t.Errorf("error %v, failures %+v", f.Error, f.Failures)
	}
}

func TestBadFiles(t *testing.T) {
	for text, want := range map[string]string{
		"":                                    "expected an OFX file, not an empty one",
		" \n":                                 "expected an OFX file, not an empty one",
		"Date,Amount\n2026-01-01,5":           "line 1: OFX: expected an element of this name",
		"\n<html><body>Sign in</body></html>": "line 2: HTML: expected the element OFX instead",
		"COMPRESSION:GZIP\n<OFX>":             "line 1: COMPRESSION: expected NONE",
		"<OFX>\n" + strings.Repeat("<A>", 70): "line 2: A: expected at most 64 elements inside each other",
	} {
		_, err := Parse([]byte(text))
		var p Problem
		if !errors.As(err, &p) || err.Error() != want {
			t.Errorf("%.20q: %v, want %s", text, err, want)
		}
	}
}

// TestHalfReadable: what can be read is, and the rest is named with its line.
func TestHalfReadable(t *testing.T) {
	f := parse(t, bankFile("\n"+stmt("1", "20260115", "-5", "Good"), "\n"+stmt("2", "20261315", "-5", "No month"), "\n"+stmt("3", "20260115", "five", "No number"), "\n"+stmt("4", "20260115", "", "Empty"), "\n"+stmt("5", "20260116", "-6", "Good")))
	if rows := f.Imports()[0].Batch.Transactions; len(rows) != 2 {
		t.Errorf("%d transactions", len(rows))
	}
	var got []string
	for _, p := range f.Problems {
		got = append(got, fmt.Sprintf("%d %s", p.Line, p.Element))
	}
	if s := strings.Join(got, ", "); s != "3 DTPOSTED, 3 STMTTRN, 4 TRNAMT, 4 STMTTRN, 5 STMTTRN" {
		t.Errorf("problems %s", s)
	}
	const bad = "<BUYSTOCK><INVBUY><INVTRAN><FITID>1</INVTRAN></INVBUY></BUYSTOCK>"
	for rows, want := range map[string]string{
		bad: "BUYSTOCK", "<BUYSTOCK><INVBUY>" + tran("1", "", stock) + "</INVBUY></BUYSTOCK>": "BUYSTOCK",
		plainRow("INCOME", "", stock, "<TOTAL>x"):                     "TOTAL,INCOME",
		plainRow("SPLIT", "", stock, ""):                              "SPLIT",
		plainRow("CLOSUREOPT", "", option, "<OPTACTION>BURN<UNITS>1"): "CLOSUREOPT",
		"<BUYGOLD>" + tran("1", "", "") + "</BUYGOLD>":                "BUYGOLD",
	} {
		f := parse(t, brokerFile(rows, "<INVBAL><AVAILCASH>1</INVBAL>", brokerSecurities))
		var got []string
		for _, p := range f.Problems {
			got = append(got, p.Element)
		}
		if s := strings.Join(got, ","); s != want {
			t.Errorf("%s: problems %s, want %s", rows, s, want)
		}
	}
	for list, want := range map[string]string{
		"<POSSTOCK><INVPOS><UNITS>1</INVPOS></POSSTOCK>": "POSSTOCK", pos("POSSTOCK", stock, ""): "POSSTOCK", pos("POSSTOCK", stock, "<UNITS>1<UNITPRICE>1<MKTVAL>?"): "MKTVAL",
	} {
		f := parse(t, brokerFile("", "<INVPOSLIST>"+list+"</INVPOSLIST><INVBAL><AVAILCASH>1</INVBAL>", ""))
		if len(f.Problems) != 1 || f.Problems[0].Element != want {
			t.Errorf("%s: problems %v", list, f.Problems)
		}
	}
	many := parse(t, bankFile(strings.Repeat(stmt("1", "x", "-5", "A"), 700)))
	if len(many.Problems) != mostProblems || many.MoreProblems != 400 {
		t.Errorf("%d problems and %d more", len(many.Problems), many.MoreProblems)
	}
	none := parse(t, "<OFX><STMTRS><BANKACCTFROM><ACCTTYPE>CHECKING</BANKACCTFROM></STMTRS></OFX>")
	if im := none.Imports()[0]; len(im.Unbalanced) != 1 || *im.Batch.Accounts[0].Balances.ISOCurrencyCode != "XXX" || len(none.Problems) != 3 {
		t.Errorf("%v, %v", im.Unbalanced, none.Problems)
	}
}

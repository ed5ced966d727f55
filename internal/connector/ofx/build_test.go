package ofx

import (
	"strings"
	"testing"

	"weft/internal/connector"
	"weft/internal/plaid"
)

const signonText = "<SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS><DTSERVER>20260131<FI><ORG>Acme Bank<FID>77</FI></SONRS></SIGNONMSGSRSV1>"

// bankFile is a file with one checking account.
func bankFile(rows ...string) string {
	return "<OFX>" + signonText + "<BANKMSGSRSV1><STMTTRNRS><STATUS><CODE>0<SEVERITY>INFO</STATUS>" + bankStatement("20260101", "20260131", rows...) +
		"</STMTTRNRS></BANKMSGSRSV1></OFX>"
}

func bankStatement(from, to string, rows ...string) string {
	return "<STMTRS><CURDEF>USD<BANKACCTFROM><BANKID>021000021<ACCTID>111122223333<ACCTTYPE>CHECKING</BANKACCTFROM><BANKTRANLIST><DTSTART>" + from +
		"<DTEND>" + to + strings.Join(rows, "") + "</BANKTRANLIST><LEDGERBAL><BALAMT>100.00<DTASOF>" + to + "</LEDGERBAL></STMTRS>"
}

// stmt is a STMTTRN.
func stmt(fitid, day, amount, name string) string {
	return "<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>" + day + "<TRNAMT>" + amount + "<FITID>" + fitid + "<NAME>" + name + "</STMTTRN>"
}

// brokerFile is a file with one brokerage account: transactions, and what else the statement has.
func brokerFile(rows, more, securities string) string {
	return "<OFX>" + signonText + "<INVSTMTMSGSRSV1><INVSTMTTRNRS><STATUS><CODE>0<SEVERITY>INFO</STATUS><INVSTMTRS><DTASOF>20260131<CURDEF>USD" +
		"<INVACCTFROM><BROKERID>acme.example<ACCTID>Z99-123456</INVACCTFROM><INVTRANLIST><DTSTART>20260101<DTEND>20260131" + rows + "</INVTRANLIST>" + more +
		"</INVSTMTRS></INVSTMTTRNRS></INVSTMTMSGSRSV1><SECLISTMSGSRSV1><SECLIST>" + securities + "</SECLIST></SECLISTMSGSRSV1></OFX>"
}

func secid(id string) string {
	return "<SECID><UNIQUEID>" + id + "<UNIQUEIDTYPE>CUSIP</SECID>"
}

// tran is an INVTRAN and a SECID.
func tran(fitid, memo, id string) string {
	text := "<INVTRAN><FITID>" + fitid + "<DTTRADE>20260115<MEMO>" + memo + "</INVTRAN>"
	if id != "" {
		text += secid(id)
	}
	return text
}

// parse reads a file that must be readable, and holds it to the rules.
func parse(t testing.TB, text string) File {
	t.Helper()
	f, err := Parse([]byte(text))
	if err != nil {
		t.Fatalf("%v\nin %s", err, text)
	}
	if tt, ok := t.(*testing.T); ok {
		conform(tt, f)
	}
	return f
}

// only is the batch of a file with one institution.
func only(t testing.TB, text string) connector.Batch {
	t.Helper()
	imports := parse(t, text).Imports()
	if len(imports) != 1 {
		t.Fatalf("%d institutions", len(imports))
	}
	return imports[0].Batch
}

// told writes an investment transaction: TYPE/SUBTYPE quantity @ price = amount (fees).
func told(row connector.InvestmentTransaction) string {
	text := row.Type + "/" + row.Subtype + " " + number(&row.Quantity) + " @ " + number(&row.Price) + " = " + number(&row.Amount)
	if row.Fees != nil {
		text += " (" + number(row.Fees) + ")"
	}
	return text
}

func day(s string) plaid.Date { return plaid.MustDate(s) }

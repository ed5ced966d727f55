package ofx

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// fields are the leaves that an element may have in a file of someone who means no good, with or without sense.
var fields = map[string][]string{
	"account": {"BANKID", "ACCTID", "ACCTTYPE", "BROKERID", "LOANACCTID", "LOANACCTTYPE"},
	"row":     {"TRNTYPE", "DTPOSTED", "DTUSER", "TRNAMT", "FITID", "NAME", "MEMO", "CHECKNUM", "CORRECTFITID", "CORRECTACTION"},
	"trade": {"UNITS", "UNITPRICE", "TOTAL", "COMMISSION", "FEES", "INCOMETYPE", "BUYTYPE", "SHPERCTRCT", "TFERACTION", "POSTYPE", "OLDUNITS",
		"NEWUNITS", "FRACCASH", "OPTACTION", "SUBACCTSEC", "DTTRADE", "MEMO", "FITID", "INV401KSOURCE", "WITHHOLDING"},
	"position": {"UNITS", "UNITPRICE", "MKTVAL", "POSTYPE", "DTPRICEASOF", "AVGCOSTBASIS", "INV401KSOURCE"},
	"info":     {"SECNAME", "TICKER", "UNITPRICE", "DTASOF", "FIID"},
	"terms":    {"STOCKTYPE", "DEBTCLASS", "DTMAT", "COUPONRT", "PARVALUE", "OPTTYPE", "STRIKEPRICE", "DTEXPIRE", "SHPERCTRCT", "YIELDTOMAT"},
	"balances": {"AVAILCASH", "MARGINBALANCE", "SHORTBALANCE"},
	"plan":     {"CURRENTVESTPCT", "PLANID", "EMPLOYERNAME"},
}

// values are good and bad values of any of them.
var values = []string{
	"", "0", "-0.00", "1", "-1", "5.25", "999999999999999", "-999999999999999.99999999999999999999", "0.00000000000000000001", "1E3", "1,5", "x", "$",
	"20260115", "20260115120000", "00010101", "99991231", "19000101", "20261301", "IN", "OUT", "SHORT", "LONG", "DIV", "CGLONG", "EXPIRE", "EXERCISE",
	"MATCH", "PRETAX", "CHECKING", "INVESTMENT", "CREDITLINE", "CREDITCARD", "MORTGAGE", "DELETE", "REPLACE", "DEBIT", "INT", "XFER", "CALL", "PUT",
	"TREASURY", "REVERSAL", "MONEY MARKET", "ACME260220C50", "ACME260220C00050000", "037833100", "US0378331005", "912797TB3", "SPAXX", "USD", "BTC",
	"\u00a0", "e\u0301\ufffd", "&#0;", "&#55296;", "<", "1000000", "100", "0.5", "YES 06/25/2026",
}

func anyLeaves(t *rapid.T, kind string) string {
	var b strings.Builder
	for range rapid.IntRange(0, 8).Draw(t, kind) {
		b.WriteString("<" + rapid.SampledFrom(fields[kind]).Draw(t, "field") + ">" + rapid.SampledFrom(values).Draw(t, "value"))
	}
	return b.String()
}

// around is an element; now and then its end tag is missing.
func around(t *rapid.T, name, inner string) string {
	if rapid.IntRange(0, 30).Draw(t, "cut") == 0 {
		return "<" + name + ">" + inner
	}
	return "<" + name + ">" + inner + "</" + name + ">"
}

func anySecid(t *rapid.T) string {
	id := rapid.SampledFrom([]string{"037833100", "912797TB3", "OPT1", "USD", "", "X", "US0378331005"}).Draw(t, "id")
	return around(t, "SECID", "<UNIQUEID>"+id+"<UNIQUEIDTYPE>"+rapid.SampledFrom([]string{"CUSIP", "ISIN", "TICKER", "CASH", ""}).Draw(t, "type"))
}

func anyCurrency(t *rapid.T) string {
	if rapid.IntRange(0, 3).Draw(t, "currency") > 0 {
		return ""
	}
	return around(t, "CURRENCY", "<CURRATE>"+rapid.SampledFrom(values).Draw(t, "rate")+"<CURSYM>"+rapid.SampledFrom([]string{"EUR", "usd", "BTC", "?"}).Draw(t, "code"))
}

func anyEntry(t *rapid.T) string {
	switch rapid.IntRange(0, 3).Draw(t, "entry") {
	case 0:
		return around(t, "STMTTRN", anyLeaves(t, "row")+anyCurrency(t))
	case 1:
		return around(t, "INVBANKTRAN", around(t, "STMTTRN", anyLeaves(t, "row")+anyCurrency(t)))
	case 2:
		name := rapid.SampledFrom([]string{"POSSTOCK", "POSMF", "POSDEBT", "POSOPT", "POSOTHER"}).Draw(t, "position")
		return around(t, name, around(t, "INVPOS", anySecid(t)+anyLeaves(t, "position")+anyCurrency(t)))
	}
	name := rapid.SampledFrom(twenty()).Draw(t, "kind")
	body := around(t, "INVTRAN", anyLeaves(t, "trade")) + anySecid(t) + anyLeaves(t, "trade") + anyCurrency(t)
	if strings.HasPrefix(name, "BUY") {
		body = around(t, "INVBUY", body) + anyLeaves(t, "trade")
	} else if strings.HasPrefix(name, "SELL") {
		body = around(t, "INVSELL", body) + anyLeaves(t, "trade")
	}
	return around(t, name, body)
}

// twenty are the names of the investment transactions.
func twenty() []string {
	return strings.Fields("BUYDEBT BUYMF BUYOPT BUYOTHER BUYSTOCK CLOSUREOPT INCOME INVEXPENSE JRNLFUND JRNLSEC MARGININTEREST REINVEST RETOFCAP " +
		"SELLDEBT SELLMF SELLOPT SELLOTHER SELLSTOCK SPLIT TRANSFER")
}

func anyStatement(t *rapid.T) string {
	value := rapid.SampledFrom(values)
	text := "<CURDEF>" + rapid.SampledFrom([]string{"USD", "", "BTC", "EUR"}).Draw(t, "curdef") + "<DTASOF>" + value.Draw(t, "asof")
	if from := rapid.SampledFrom([]string{"BANKACCTFROM", "CCACCTFROM", "INVACCTFROM", "LOANACCTFROM", ""}).Draw(t, "from"); from != "" {
		text += around(t, from, anyLeaves(t, "account"))
	}
	list := "<DTSTART>" + value.Draw(t, "start") + "<DTEND>" + value.Draw(t, "end")
	for range rapid.IntRange(0, 6).Draw(t, "entries") {
		list += anyEntry(t)
	}
	text += around(t, rapid.SampledFrom([]string{"BANKTRANLIST", "INVTRANLIST", "INVPOSLIST", "LOANTRANLIST"}).Draw(t, "list"), list)
	text += around(t, "LEDGERBAL", "<BALAMT>"+value.Draw(t, "ledger")) + around(t, "INVBAL", anyLeaves(t, "balances")) + around(t, "INV401K", anyLeaves(t, "plan"))
	return around(t, rapid.SampledFrom([]string{"STMTRS", "CCSTMTRS", "INVSTMTRS", "INVSTMTRS", "LOANSTMTRS"}).Draw(t, "statement"), text)
}

// TestAnythingConforms: out of any mixture of OFX's elements and of values that do not suit them comes a batch that keeps
// the rules, and the same one twice.
func TestAnythingConforms(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := "<OFX>" + around(rt, "SONRS", around(rt, "FI", "<ORG>"+rapid.SampledFrom(values).Draw(rt, "org")))
		for range rapid.IntRange(0, 3).Draw(rt, "listed") {
			text += around(rt, "ACCTINFO", around(rt, "INVACCTINFO", around(rt, "INVACCTFROM", anyLeaves(rt, "account"))+"<USPRODUCTTYPE>IRA"))
		}
		for range rapid.IntRange(0, 3).Draw(rt, "statements") {
			text += anyStatement(rt)
		}
		list := ""
		for range rapid.IntRange(0, 4).Draw(rt, "securities") {
			name := rapid.SampledFrom([]string{"STOCKINFO", "MFINFO", "DEBTINFO", "OPTINFO", "OTHERINFO"}).Draw(rt, "info")
			list += around(rt, name, around(rt, "SECINFO", anySecid(rt)+anyLeaves(rt, "info"))+anyLeaves(rt, "terms")+anySecid(rt))
		}
		text += around(rt, "SECLIST", list)
		f, err := Parse([]byte(text))
		if err != nil {
			rt.Fatalf("%v\nin %s", err, text)
		}
		conform(t, f)
		if t.Failed() {
			rt.Fatalf("in %s", text)
		}
		again, _ := Parse([]byte(text))
		if !slices.Equal(summary(f), summary(again)) {
			rt.Fatalf("two readings of %s", text)
		}
	})
}

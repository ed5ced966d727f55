package ofx

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"unicode/utf16"

	"pgregory.net/rapid"
)

// made is a file to be written in several ways: the texts of the rows of a bank account and of a broker's.
type made struct {
	rows   [][4]string // FITID, day, amount, name
	trades [][4]string // FITID, day, units, memo
}

// letters are all in Windows-1252; each has an ASCII letter behind it, so that no two of them make UTF-8 by chance.
var letters = rapid.StringMatching(`([a-zA-Z0-9]|é[a-z]|ü[a-z]|€[a-z]|Ñ[a-z]|&[a-z]|<[0-9]| [a-z]){1,20}`)

func draw(t *rapid.T) made {
	var m made
	fitid := rapid.SampledFrom([]string{"", "1", "1", "2", "x-9"})
	date := rapid.SampledFrom([]string{"20260102", "20260115120000", "202601311159", "20260120000000.000[-5:EST]"})
	amount := rapid.StringMatching(`-?(0|[1-9][0-9]{0,6})(\.[0-9]{1,4})?`)
	for range rapid.IntRange(0, 6).Draw(t, "rows") {
		m.rows = append(m.rows, [4]string{fitid.Draw(t, "fitid"), date.Draw(t, "date"), amount.Draw(t, "amount"), letters.Draw(t, "name")})
	}
	for range rapid.IntRange(0, 6).Draw(t, "trades") {
		m.trades = append(m.trades, [4]string{fitid.Draw(t, "fitid"), date.Draw(t, "date"), amount.Draw(t, "units"), letters.Draw(t, "memo")})
	}
	return m
}

// style is a way of writing it.
type style struct {
	xml     bool
	comma   bool
	between string
}

var escapes = strings.NewReplacer("&", "&amp;", "<", "&lt;")

func (s style) leaf(name, value string) string {
	value = escapes.Replace(value)
	if !s.xml && value != "" {
		return "<" + name + ">" + value + s.between
	}
	return "<" + name + ">" + value + "</" + name + ">" + s.between
}

func (s style) number(name, value string) string {
	if s.comma {
		value = strings.Replace(value, ".", ",", 1)
	}
	return s.leaf(name, value)
}

func (s style) all(name string, parts ...string) string {
	return "<" + name + ">" + s.between + strings.Join(parts, "") + "</" + name + ">" + s.between
}

func (m made) write(s style) string {
	bank := []string{s.leaf("DTSTART", "20260101"), s.leaf("DTEND", "20260131")}
	for _, r := range m.rows {
		bank = append(bank, s.all("STMTTRN", s.leaf("TRNTYPE", "DEBIT"), s.leaf("DTPOSTED", r[1]), s.number("TRNAMT", r[2]), s.leaf("FITID", r[0]), s.leaf("NAME", r[3])))
	}
	broker := []string{s.leaf("DTSTART", "20260101"), s.leaf("DTEND", "20260131")}
	for _, r := range m.trades {
		broker = append(broker, s.all("BUYSTOCK", s.all("INVBUY",
			s.all("INVTRAN", s.leaf("FITID", r[0]), s.leaf("DTTRADE", r[1]), s.leaf("MEMO", r[3])),
			s.all("SECID", s.leaf("UNIQUEID", "037833100"), s.leaf("UNIQUEIDTYPE", "CUSIP")), s.number("UNITS", r[2]), s.number("UNITPRICE", "2.5"))))
	}
	header := "OFXHEADER:100\nDATA:OFXSGML\nVERSION:211\n\n"
	if s.xml {
		header = `<?xml version="1.0" encoding="UTF-8"?><?OFX OFXHEADER="200" VERSION="211"?>`
	}
	return header + s.all("OFX",
		s.all("SIGNONMSGSRSV1", s.all("SONRS", s.all("STATUS", s.leaf("CODE", "0"), s.leaf("SEVERITY", "INFO")), s.all("FI", s.leaf("ORG", "Acme"), s.leaf("FID", "1")))),
		s.all("BANKMSGSRSV1", s.all("STMTTRNRS", s.all("STMTRS", s.leaf("CURDEF", "USD"),
			s.all("BANKACCTFROM", s.leaf("BANKID", "021000021"), s.leaf("ACCTID", "1234"), s.leaf("ACCTTYPE", "CHECKING")),
			s.all("BANKTRANLIST", bank...), s.all("LEDGERBAL", s.number("BALAMT", "12.34"), s.leaf("DTASOF", "20260131"))))),
		s.all("INVSTMTMSGSRSV1", s.all("INVSTMTTRNRS", s.all("INVSTMTRS", s.leaf("CURDEF", "USD"),
			s.all("INVACCTFROM", s.leaf("BROKERID", "b"), s.leaf("ACCTID", "9")), s.all("INVTRANLIST", broker...), s.all("INVBAL", s.number("AVAILCASH", "1.25"))))))
}

// bare is a file without its lines, which depend on how it is written.
func bare(t *rapid.T, content []byte) File {
	f, err := Parse(content)
	if err != nil {
		t.Fatalf("%v\nin %s", err, content)
	}
	for _, st := range f.Statements {
		st.Line = 0
	}
	if len(f.Problems) > 0 {
		t.Fatalf("problems %v\nin %s", f.Problems, content)
	}
	f.books = nil
	return f
}

func TestEveryRenderingIsOneFile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := draw(t)
		want := bare(t, []byte(m.write(style{xml: true})))
		if len(want.Statements[0].Transactions) != len(m.rows) || len(want.Statements[1].InvestmentTransactions) != len(m.trades) {
			t.Fatalf("%d and %d rows of %d and %d", len(want.Statements[0].Transactions), len(want.Statements[1].InvestmentTransactions), len(m.rows), len(m.trades))
		}
		s := style{
			xml: rapid.Bool().Draw(t, "xml"), comma: rapid.Bool().Draw(t, "comma"),
			between: rapid.SampledFrom([]string{"", "\n", "\r\n", "\r", "\n\n  "}).Draw(t, "between"),
		}
		written := m.write(s)
		if got := bare(t, []byte(written)); !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v:\n%s\n%+v\n%+v", s, written, got.Statements[0], want.Statements[0])
		}
		for name, content := range encoded(written) {
			if got := bare(t, content); !reflect.DeepEqual(got, want) {
				t.Fatalf("%s of\n%s", name, written)
			}
		}
	})
}

// encoded is a text in every encoding that banks use.
func encoded(text string) map[string][]byte {
	units := utf16.Encode([]rune(text))
	little, big := []byte{0xff, 0xfe}, []byte{0xfe, 0xff}
	for _, u := range units {
		little, big = append(little, byte(u), byte(u>>8)), append(big, byte(u>>8), byte(u))
	}
	var latin []byte
	for _, r := range strings.ReplaceAll(text, "UTF-8", "") {
		if r == '€' {
			r = 0x80
		}
		latin = append(latin, byte(r))
	}
	return map[string][]byte{
		"UTF-8 with a mark": []byte("\ufeff" + text), "UTF-16LE": little, "UTF-16BE": big, "UTF-16LE without a mark": little[2:],
		"UTF-16BE without a mark": big[2:], "Windows-1252": latin,
	}
}

// FuzzParse: whatever is in a file, there is no panic, and what is stated keeps the rules of a connector.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		bankFile(stmt("1", "20260115", "-4.50", "Coffee")),
		brokerFile(buy("BUYDEBT", "", bill, "<UNITS>96000<UNITPRICE>99.292<TOTAL>-95320.32", "")+plainRow("SPLIT", "", stock, "<OLDUNITS>1<NEWUNITS>2<FRACCASH>1"),
			"<INVPOSLIST>"+pos("POSOPT", option, "<UNITS>2<UNITPRICE>5<MKTVAL>1000")+"</INVPOSLIST><INVBAL><AVAILCASH>1</INVBAL>", brokerSecurities),
		brokerFile(plainRow("CLOSUREOPT", "", option, "<OPTACTION>EXPIRE<UNITS>1")+plainRow("REINVEST", "REVERSAL", stock, "<INCOMETYPE>DIV<UNITS>1<UNITPRICE>1"), "<INV401KBAL><TOTAL>5</INV401KBAL>", ""),
		statementOf("LOANSTMTRS", "<LOANACCTFROM><LOANACCTID>1</LOANACCTFROM>", "<PRINBAL><BALAMT>1</PRINBAL>"),
		"<OFX><ACCTINFO><INVACCTINFO><INVACCTFROM><ACCTID>1</INVACCTFROM><USPRODUCTTYPE>IRA",
		"<OFX><INVSTMTRS><CURDEF>BTC<INVPOSLIST><POSMF><INVPOS><SECID><UNIQUEID>USD<UNIQUEIDTYPE>CASH</SECID><UNITS>999999999999999<UNITPRICE>0.00000000000000000001<INV401KSOURCE>MATCH",
	} {
		f.Add([]byte(seed))
	}
	for _, path := range fixturePaths() {
		if content, err := os.ReadFile(path); err == nil {
			f.Add(content)
		}
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		file, err := Parse(content)
		if err != nil {
			if err.Error() == "" || fmt.Sprintf("%T", err) != "reader.Problem" {
				t.Fatalf("error %T %v", err, err)
			}
			return
		}
		conform(t, file)
	})
}

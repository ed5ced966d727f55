package ofx

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"weft/internal/plaid"
)

// hundredThousand is how many transactions a file of the benchmark has.
const hundredThousand = 100_000

// large is a bank's file with many rows, a little longer than most banks' rows are.
func large(rows int) []byte {
	var b strings.Builder
	first := plaid.MustDate("2020-01-01")
	for i := range rows {
		day := strings.ReplaceAll(first.AddDays(i/100).String(), "-", "")
		fmt.Fprintf(&b, "<STMTTRN>\n<TRNTYPE>DEBIT\n<DTPOSTED>%s120000.000[-5:EST]\n<DTUSER>%s\n<TRNAMT>-%d.%02d\n<FITID>%s%09d\n<NAME>MERCHANT %d &amp; SONS\n"+
			"<MEMO>CARD PURCHASE 1234 MERCHANT %d SPRINGFIELD\n</STMTTRN>\n", day, day, i%500, i%100, day, i, i%1000, i%1000)
	}
	return []byte(bankFile(b.String()))
}

// largeBroker is a broker's file with many rows.
func largeBroker(rows int) []byte {
	var b strings.Builder
	for i := range rows {
		fmt.Fprintf(&b, "<BUYSTOCK><INVBUY><INVTRAN><FITID>%09d</FITID><DTTRADE>20260115120000.000[-5:EST]</DTTRADE><DTSETTLE>20260117</DTSETTLE><MEMO>YOU BOUGHT</MEMO></INVTRAN>"+
			"<SECID><UNIQUEID>037833100</UNIQUEID><UNIQUEIDTYPE>CUSIP</UNIQUEIDTYPE></SECID><UNITS>%d.125</UNITS><UNITPRICE>25.635</UNITPRICE><COMMISSION>7.95</COMMISSION>"+
			"<TOTAL>-%d.50</TOTAL><SUBACCTSEC>CASH</SUBACCTSEC><SUBACCTFUND>CASH</SUBACCTFUND></INVBUY><BUYTYPE>BUY</BUYTYPE></BUYSTOCK>\n", i, i%100+1, i)
	}
	return []byte(brokerFile(b.String(), "<INVBAL><AVAILCASH>1</INVBAL>", brokerSecurities))
}

// BenchmarkParse prints rows a second, and what reading a row allocates in all.
func BenchmarkParse(b *testing.B) {
	for name, content := range map[string][]byte{"bank": large(hundredThousand), "broker": largeBroker(hundredThousand)} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(content)))
			b.ReportAllocs()
			for b.Loop() {
				f, err := Parse(content)
				if err != nil || len(f.Imports()) != 1 {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(hundredThousand)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// TestMemory: a file with a hundred thousand transactions is read with less than 300 MB, even if nothing were ever freed.
func TestMemory(t *testing.T) {
	const most = 300 << 20
	for name, content := range map[string][]byte{"bank": large(hundredThousand), "broker": largeBroker(hundredThousand)} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f, err := Parse(content)
		if err != nil {
			t.Fatal(err)
		}
		im := f.Imports()[0]
		runtime.ReadMemStats(&after)
		if n := len(im.Batch.Transactions) + len(im.Batch.InvestmentTransactions); n != hundredThousand {
			t.Errorf("%s: %d rows", name, n)
		}
		used := after.TotalAlloc - before.TotalAlloc
		if t.Logf("%s: %d MB for a file of %d MB", name, used>>20, len(content)>>20); used > most {
			t.Errorf("%s: %d MB allocated", name, used>>20)
		}
	}
}

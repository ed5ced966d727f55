package ofx

import (
	"slices"
	"strings"
	"testing"

	"weft/internal/connector"
)

func keys(b connector.Batch) (all []string) {
	for _, row := range b.Transactions {
		all = append(all, row.Key)
	}
	for _, row := range b.InvestmentTransactions {
		all = append(all, row.Key)
	}
	return all
}

func distinct(all []string) int {
	all = slices.Clone(all)
	slices.Sort(all)
	return len(slices.Compact(all))
}

func TestTransactionKeys(t *testing.T) {
	coffee := stmt("7", "20260115", "-4.50", "Coffee")
	two := keys(only(t, bankFile(coffee, coffee)))
	if distinct(two) != 2 {
		t.Error("two equal coffees are one")
	}
	if again := keys(only(t, bankFile(coffee, coffee))); !slices.Equal(two, again) {
		t.Error("a second reading gives other keys")
	}
	// A later file that overlaps: the same rows have the same keys, among others before and behind them.
	later := keys(only(t, bankFile(stmt("6", "20260114", "-1", "Before"), coffee, stmt("8", "20260116", "-1", "Behind"), coffee)))
	if later[1] != two[0] || later[3] != two[1] {
		t.Error("a file that overlaps has other keys for the same rows")
	}
	// Chase gives a fee the FITID of its purchase, Banco do Brasil uses one for all: nothing is lost.
	same := keys(only(t, bankFile(stmt("7", "20260115", "-4.50", "A"), stmt("7", "20260115", "-0.12", "Fee"), stmt("7", "20260116", "-4.50", "B"))))
	if distinct(same) != 3 {
		t.Error("rows with one FITID are lost")
	}
	if a, b := keys(only(t, bankFile(stmt("7", "20260115", "-4.5", "A")))), keys(only(t, bankFile(stmt("7", "20260115000000[0:GMT]", "-4.50", "A")))); a[0] != b[0] {
		t.Error("4.5 and 4.50 are two amounts")
	}
	// Without a FITID the text tells rows apart, whatever their order.
	a, b := stmt("", "20260115", "-1", "A"), stmt("", "20260115", "-1", "B")
	if x, y := keys(only(t, bankFile(a, b))), keys(only(t, bankFile(b, a))); x[0] != y[1] || x[1] != y[0] {
		t.Error("rows without a FITID change their keys with their order")
	}
	// With one it does not: banks complete a description later.
	if x, y := keys(only(t, bankFile(stmt("7", "20260115", "-1", "PENDING TEXT")))), keys(only(t, bankFile(stmt("7", "20260115", "-1", "Final text")))); x[0] != y[0] {
		t.Error("another description is another key")
	}
	// What tells rows apart is in the key itself, so that a row has the same one without its neighbours.
	for name, pair := range map[string][2]string{
		"FITID":    {stmt("1", "20260115", "-1", "A"), stmt("2", "20260115", "-1", "A")},
		"kind":     {buy("BUYSTOCK", "", stock, "<UNITS>1<TOTAL>-5", ""), buy("BUYOTHER", "", stock, "<UNITS>1<TOTAL>-5", "")},
		"security": {buy("BUYSTOCK", "", "999", "<UNITS>1<TOTAL>-5", ""), buy("BUYSTOCK", "", stock, "<UNITS>1<TOTAL>-5", "")},
	} {
		file := func(rows ...string) string { return bankFile(rows...) }
		if strings.HasPrefix(pair[0], "<BUY") {
			file = func(rows ...string) string {
				return brokerFile(strings.Join(rows, ""), "<INVBAL><AVAILCASH>1</INVBAL>", "")
			}
		}
		if keys(only(t, file(pair[0], pair[1])))[1] != keys(only(t, file(pair[1])))[0] {
			t.Errorf("%s: a row has another key beside one that differs in it", name)
		}
	}
	// The example of the specification uses 23321 for a purchase and for a movement of cash.
	rows := buy("BUYSTOCK", "", stock, "<UNITS>1<UNITPRICE>5<TOTAL>-5", "") + buy("BUYSTOCK", "", "999", "<UNITS>1<UNITPRICE>5<TOTAL>-5", "") +
		buy("BUYOTHER", "", stock, "<UNITS>1<UNITPRICE>5<TOTAL>-5", "") +
		"<INVBANKTRAN><STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20260115<TRNAMT>-5<FITID>1<NAME>X</STMTTRN></INVBANKTRAN>"
	if distinct(keys(only(t, brokerFile(rows, "<INVBAL><AVAILCASH>1</INVBAL>", "")))) != 4 {
		t.Error("security, element or kind do not count")
	}
}

func TestFacts(t *testing.T) {
	first := parse(t, bankFile(stmt("A1", "20260115", "-4.50", "Coffee  house, 5th"))).Statements[0]
	second := parse(t, bankFile(stmt("B9", "20260115", "-4.5", "COFFEE HOUSE 5TH"))).Statements[0]
	other := parse(t, bankFile(stmt("A1", "20260115", "-4.50", "Tea house, 5th"))).Statements[0]
	a, b, c := first.Facts[first.Transactions[0].Key], second.Facts[second.Transactions[0].Key], other.Facts[other.Transactions[0].Key]
	if a.FITID != "A1" || b.FITID != "B9" || a.Fingerprint != b.Fingerprint || a.Fingerprint == "" || a.Fingerprint == c.Fingerprint {
		t.Errorf("facts %+v, %+v, %+v", a, b, c)
	}
}

func TestCorrections(t *testing.T) {
	row := func(action string) string {
		return "<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20260115<TRNAMT>-5<FITID>2<CORRECTFITID>1<CORRECTACTION>" + action + "<NAME>X</STMTTRN>"
	}
	st := parse(t, bankFile(row("REPLACE"))).Statements[0]
	want := Correction{AccountKey: st.Account.Key, FITID: "1", Action: "REPLACE"}
	if len(st.Transactions) == 1 {
		want.Key = st.Transactions[0].Key
	}
	if len(st.Corrections) != 1 || st.Corrections[0] != want || want.Key == "" {
		t.Errorf("replace: %+v", st.Corrections)
	}
	st = parse(t, bankFile(row("delete"))).Statements[0]
	if len(st.Transactions) != 0 || len(st.Corrections) != 1 || st.Corrections[0] != (Correction{AccountKey: st.Account.Key, FITID: "1", Action: "DELETE"}) {
		t.Errorf("delete: %d rows, %+v", len(st.Transactions), st.Corrections)
	}
}

// What a file corrects is in its batch, for rows of this file and of earlier ones, and is no problem.
func TestCorrectionsOfABatch(t *testing.T) {
	correct := func(fitid, corrects, action string) string {
		return "<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20260115<TRNAMT>-5<FITID>" + fitid + "<CORRECTFITID>" + corrects + "<CORRECTACTION>" + action + "<NAME>X</STMTTRN>"
	}
	file, err := New().ReadFile([]byte(bankFile(stmt("1", "20260114", "-4", "X"), correct("2", "1", "REPLACE"), correct("3", "0", "DELETE"))))
	if err != nil || len(file.Problems) != 0 {
		t.Fatalf("%v, %v", file.Problems, err)
	}
	b := file.Statements[0].Batch
	if len(b.Transactions) != 2 || b.Transactions[0].Reference != "1" || b.Transactions[1].Reference != "2" {
		t.Fatalf("rows %+v", b.Transactions)
	}
	account := b.Accounts[0].Key
	if want := []connector.Correction{{AccountKey: account, Reference: "1", ReplacedBy: b.Transactions[1].Key}, {AccountKey: account, Reference: "0"}}; !slices.Equal(b.Corrections, want) {
		t.Errorf("corrections %+v, want %+v", b.Corrections, want)
	}
	// Of a broker: a split with a fraction is two rows, which replace two.
	split := strings.Replace(plainRow("SPLIT", "", stock, "<OLDUNITS>1<NEWUNITS>2<FRACCASH>1"), "<DTTRADE>", "<CORRECTFITID>0<CORRECTACTION>REPLACE<DTTRADE>", 1)
	moved := "<INVBANKTRAN>" + correct("9", "8", "replace") + "</INVBANKTRAN>"
	b = only(t, brokerFile(split+moved, "", brokerSecurities))
	rows := b.InvestmentTransactions
	if len(rows) != 3 || len(b.Corrections) != 3 || rows[0].Reference == "" || rows[0].Reference != rows[1].Reference || rows[2].Reference != "9" {
		t.Fatalf("rows %+v, corrections %+v", rows, b.Corrections)
	}
	for i, c := range b.Corrections {
		if c.ReplacedBy != rows[i].Key || c.Reference != []string{"0", "0", "8"}[i] {
			t.Errorf("correction %d: %+v of %+v", i, c, rows[i])
		}
	}
}

func TestAccountKeys(t *testing.T) {
	key := func(text string) string { return only(t, text).Accounts[0].Key }
	base := bankFile()
	if strings.Contains(key(base), "3333") || key(base) != key(bankFile(stmt("1", "20260115", "-1", "A"))) {
		t.Error("an account's key shows its number, or changes with its rows")
	}
	for name, change := range map[string][2]string{
		"institution": {"Acme Bank", "Other Bank"}, "number": {"111122223333", "111122223334"}, "type": {"CHECKING", "SAVINGS"},
	} {
		if key(strings.Replace(base, change[0], change[1], 1)) == key(base) {
			t.Errorf("another %s is the same account", name)
		}
	}
	for name, change := range map[string][2]string{"capitals": {"Acme Bank", "ACME BANK"}, "routing number": {"021000021", "011401533"}} {
		if key(strings.Replace(base, change[0], change[1], 1)) != key(base) {
			t.Errorf("other %s are another account", name)
		}
	}
	// Where a file has two accounts under one key, they are told apart.
	euro := strings.Replace(bankStatement("20260101", "20260131"), "<CURDEF>USD", "<CURDEF>EUR", 1)
	b := only(t, strings.Replace(base, "</STMTTRNRS>", euro+"</STMTTRNRS>", 1))
	if len(b.Accounts) != 2 || b.Accounts[0].Key == b.Accounts[1].Key || b.Accounts[0].Key != key(base) {
		t.Errorf("%d accounts in two currencies", len(b.Accounts))
	}
}

func TestInstitutions(t *testing.T) {
	for name, c := range map[string]struct {
		a, b Institution
		same bool
	}{
		"by sign-on":  {Institution{ORG: "A", FID: "1", BrokerID: "x"}, Institution{ORG: "a", FID: "1", BankID: "y"}, true},
		"FID":         {Institution{ORG: "A", FID: "1"}, Institution{ORG: "A", FID: "2"}, false},
		"by broker":   {Institution{BrokerID: "x", BankID: "1"}, Institution{BrokerID: "X"}, true},
		"by bank":     {Institution{BankID: "1", IntuitID: "5"}, Institution{BankID: "1"}, true},
		"by Quicken":  {Institution{IntuitID: "5"}, Institution{IntuitID: "6"}, false},
		"bank, FID":   {Institution{FID: "1"}, Institution{BankID: "1"}, false},
		"bank, other": {Institution{BankID: "1"}, Institution{BrokerID: "1"}, false},
	} {
		if (c.a.Key() == c.b.Key()) != c.same {
			t.Errorf("%s: %v", name, !c.same)
		}
	}
	if (Institution{ORG: "A", BrokerID: "B"}).Name() != "A" || (Institution{BrokerID: "B"}).Name() != "B" || (Institution{BankID: "1"}).Name() != "" {
		t.Error("names")
	}
	// Two institutions in one file, each with its own sign-on.
	imports := parse(t, bankFile(stmt("1", "20260115", "-1", "A"))+strings.ReplaceAll(brokerFile("", "<INVBAL><AVAILCASH>1</INVBAL>", ""), "Acme Bank", "Other")).Imports()
	if len(imports) != 2 || imports[0].Institution.Name() != "Acme Bank" || imports[1].Institution.Name() != "Other" || len(imports[0].Batch.Securities) != 0 || len(imports[1].Batch.Transactions) != 0 {
		t.Errorf("%+v", imports)
	}
	// A card without an institution belongs to the bank that it is in a file with, under the key that it has alone.
	card := "<CCSTMTRS><CURDEF>USD<CCACCTFROM><ACCTID>4111</CCACCTFROM><LEDGERBAL><BALAMT>-1</LEDGERBAL></CCSTMTRS>"
	together := parse(t, "<OFX>"+card+bankStatement("20260101", "20260131")+"</OFX>").Imports()
	alone := parse(t, "<OFX>"+card+"</OFX>").Imports()
	if len(together) != 1 || len(together[0].Batch.Accounts) != 2 || together[0].Batch.Accounts[0].Key != alone[0].Batch.Accounts[0].Key {
		t.Errorf("a card and its bank are %d institutions", len(together))
	}
}

// TestSeveralStatements: two months of an account that overlap by a day are one account, and no row is there twice.
func TestSeveralStatements(t *testing.T) {
	shared := stmt("2", "20260131", "-2", "Both")
	january := bankStatement("20260101", "20260131", stmt("1", "20260102", "-1", "One"), shared, shared)
	february := strings.Replace(bankStatement("20260131", "20260228", shared, shared, stmt("3", "20260215", "-3", "Three")), "100.00", "94.00", 1)
	for _, text := range []string{january + february, february + january} {
		f := parse(t, "<OFX>"+signonText+text+"</OFX>")
		im := f.Imports()[0]
		if len(f.Statements) != 2 || len(im.Batch.Accounts) != 1 || len(im.Batch.Transactions) != 4 || im.Batch.Accounts[0].Balances.Current.String() != "94.00" {
			t.Errorf("%d statements, %d accounts, %d transactions, %s", len(f.Statements), len(im.Batch.Accounts), len(im.Batch.Transactions), im.Batch.Accounts[0].Balances.Current)
		}
	}
}

func TestWindows(t *testing.T) {
	for name, c := range map[string]struct{ from, to, row, window, complete string }{
		"days":                    {"20260101", "20260131", "20260115", "2026-01-01 2026-01-31", "2026-01-01 2026-01-30"},
		"days, row on the last":   {"20260101", "20260131", "20260131", "2026-01-01 2026-01-31", "2026-01-01 2026-01-31"},
		"times":                   {"20260101120000", "20260131180000", "20260115", "2026-01-01 2026-01-31", "2026-01-02 2026-01-30"},
		"end of the day":          {"20260101000000", "20260131235959", "20260115", "2026-01-01 2026-01-31", "2026-01-01 2026-01-31"},
		"row in half a day":       {"20260101", "20260131180000", "20260131", "2026-01-01 2026-01-31", "-"},
		"row before it":           {"20260101", "20260131", "20251231", "2026-01-01 2026-01-31", "-"},
		"row behind it":           {"20260101", "20260131", "20260201", "2026-01-01 2026-01-31", "-"},
		"no whole day":            {"20260101120000", "20260102120000", "", "2026-01-01 2026-01-02", "-"},
		"backwards":               {"20260131", "20260101", "20260115", "-", "-"},
		"none":                    {"", "20260131", "20260115", "-", "-"},
		"a day that is not there": {"20260230", "20260331", "20260315", "-", "-"},
	} {
		row := ""
		if c.row != "" {
			row = stmt("1", c.row, "-1", "A")
		}
		st := parse(t, "<OFX>"+signonText+bankStatement(c.from, c.to, row)+"</OFX>").Statements[0]
		write := func(w *connector.Window) string {
			if w == nil {
				return "-"
			}
			return w.From.String() + " " + w.To.String()
		}
		if write(st.Window) != c.window || write(st.Complete) != c.complete {
			t.Errorf("%s: %s and %s, want %s and %s", name, write(st.Window), write(st.Complete), c.window, c.complete)
		}
	}
	// What two accounts cover together is what both cover.
	one := brokerFile("", "<INVBAL><AVAILCASH>1</INVBAL>", "")
	other := strings.NewReplacer("Z99-123456", "Z11", "20260101", "20260110").Replace(one)
	w := parse(t, one+other).Imports()[0].Batch.InvestmentHistory
	if w == nil || w.From != day("2026-01-10") || w.To != day("2026-01-30") {
		t.Errorf("window of both %v", w)
	}
}

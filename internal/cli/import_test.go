package cli_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// statement is a bank's file of one account with one transaction.
const statement = `OFXHEADER:100
DATA:OFXSGML
VERSION:102

<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS><DTSERVER>20261101<LANGUAGE>ENG
<FI><ORG>Larkfield Brokers<FID>4711</FI></SONRS></SIGNONMSGSRSV1>
<INVSTMTMSGSRSV1><INVSTMTTRNRS><TRNUID>1<STATUS><CODE>0<SEVERITY>INFO</STATUS>
<INVSTMTRS><DTASOF>20261030<CURDEF>USD<INVACCTFROM><BROKERID>larkfield.example<ACCTID>77001234</INVACCTFROM>
<INVTRANLIST><DTSTART>20261001<DTEND>20261030
<BUYSTOCK><INVBUY><INVTRAN><FITID>F1<DTTRADE>20261005<MEMO>BOUGHT APPLE</INVTRAN><SECID><UNIQUEID>037833100<UNIQUEIDTYPE>CUSIP</SECID>
<UNITS>10<UNITPRICE>150.25<COMMISSION>1.00<TOTAL>-1503.50<SUBACCTSEC>CASH<SUBACCTFUND>CASH</INVBUY><BUYTYPE>BUY</BUYSTOCK>
</INVTRANLIST>
<INVBAL><AVAILCASH>250.75<MARGINBALANCE>0<SHORTBALANCE>0</INVBAL></INVSTMTRS></INVSTMTTRNRS></INVSTMTMSGSRSV1>
<SECLISTMSGSRSV1><SECLIST><STOCKINFO><SECINFO><SECID><UNIQUEID>037833100<UNIQUEIDTYPE>CUSIP</SECID>
<SECNAME>APPLE INC<TICKER>AAPL</SECINFO><STOCKTYPE>COMMON</STOCKINFO></SECLIST></SECLISTMSGSRSV1></OFX>
`

func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A file that is imported beside a running server can be read from it at once, by the token that was printed once.
func TestImportBesideARunningServer(t *testing.T) {
	s := serve(t, filepath.Join(t.TempDir(), "data"), nil)
	id, secrets := printed(t, s.greeting)
	file := write(t, "broker.ofx", statement)
	token := regexp.MustCompile(`access_token  (access-production-[0-9a-f-]{36})  \(shown this once\)\n`)

	before := hashes(t, s.data)
	dry := weft(t, nil, "import", "--dry-run", "--data", s.data, file).succeeds(t)
	if !strings.Contains(dry.out, "Larkfield Brokers") || token.MatchString(dry.out) {
		t.Errorf("a dry run printed %q", dry.out)
	}
	if rows := len(before) - len(hashes(t, s.data)); rows != 0 {
		t.Errorf("a dry run has changed the number of files by %d", rows)
	}
	first := weft(t, nil, "import", "--data", s.data, file).succeeds(t)
	m := token.FindStringSubmatch(first.out)
	if m == nil || !strings.HasPrefix(first.out, "broker.ofx\n  Larkfield Brokers\n") || !regexp.MustCompile(`(?m)^    accounts +1 +0 +0 +0$`).MatchString(first.out) {
		t.Fatalf("printed %q", first.out)
	}
	body := `{"client_id":"` + id + `","access_token":"` + m[1] + `","secret":"`
	if status, code := s.post("/accounts/get", body+secrets["production"]+`"}`); status != 200 {
		t.Errorf("the accounts: %d %s", status, code)
	}
	if status, code := s.post("/accounts/get", body+secrets["sandbox"]+`"}`); code != "INVALID_ACCESS_TOKEN" {
		t.Errorf("with another environment's secret: %d %s", status, code)
	}
	// A second time nothing is new, and no token is told.
	again := weft(t, nil, "import", "--json", "--data", s.data, file).succeeds(t)
	var out struct {
		Files []struct {
			Items []struct {
				AccessToken string `json:"access_token"`
				Changes     map[string]struct{ Added, Changed, Removed int }
			}
		}
	}
	if err := json.Unmarshal([]byte(again.out), &out); err != nil || len(out.Files) != 1 || len(out.Files[0].Items) != 1 {
		t.Fatalf("%s: %v", again.out, err)
	}
	it := out.Files[0].Items[0]
	if it.AccessToken != "" || it.Changes["accounts"].Added != 0 || it.Changes["investment_transactions"].Added != 0 {
		t.Errorf("a second import: %+v", it)
	}
	// What is no statement is told, and fails the command, but not the other files.
	bad := weft(t, nil, "import", "--data", s.data, write(t, "notes.txt", "hello"), file)
	bad.fails(t, "a bad file", 1, "1 of 2 files could not be imported")
	if !strings.Contains(bad.out, "notes.txt\n  could not be imported: ") || !strings.Contains(bad.out, "broker.ofx\n  Larkfield Brokers\n") {
		t.Errorf("printed %q", bad.out)
	}
}

func TestImportRefuses(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	file := write(t, "broker.ofx", statement)
	weft(t, nil, "import", "--data", data).fails(t, "no file", 2, "weft import needs at least one FILE or FOLDER")
	for _, environment := range []string{"sandbox", "staging", ""} {
		weft(t, nil, "import", "--data", data, "--environment", environment, file).fails(t, environment, 2, "is not production or development")
	}
	weft(t, nil, "import", "--data", data, file).fails(t, "no database", 1, "there is no Weft database at "+filepath.Join(data, "weft.db")+" yet")
	if made := hashes(t, filepath.Dir(data)); len(made) != 1 {
		t.Errorf("made %v", made)
	}
	data, _ = used(t)
	weft(t, nil, "import", "--data", data, "--client", "nobody", file).fails(t, "client", 1, `there is no client "nobody"`)
	weft(t, nil, "import", "--data", data, file+".missing").fails(t, "missing", 1, file+".missing", "no such file")
	for text, fault := range map[string]string{"": "must not be empty", " ": "must not be empty", "a\nb": "without control characters", strings.Repeat("x", 101): "at most 100 characters"} {
		weft(t, nil, "import", "--data", data, "--institution", text, file).fails(t, text, 2, "weft: --institution must", fault)
	}
}

// unnamed is a bank's file that does not say whose it is; %s is where it could.
const unnamed = `<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>USD<BANKACCTFROM>%s<ACCTID>1122<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST><DTSTART>20261001<DTEND>20261031<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20261005<TRNAMT>-5.00<FITID>1<NAME>Shop</STMTTRN></BANKTRANLIST>
<LEDGERBAL><BALAMT>50<DTASOF>20261031</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
`

// Of a folder the statement files are imported by name, and nothing else in it.
func TestImportAFolder(t *testing.T) {
	data, _ := used(t)
	dir := t.TempDir()
	for name, content := range map[string]string{
		"b.OFX": statement, "a.qbo": statement, "c.qfx": fmt.Sprintf(unnamed, ""), "notes.txt": "hello", ".hidden.ofx": statement, "d.ofx.part": statement, "sub/e.ofx": statement,
	} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(content), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(dir, "sub", "e.ofx"), filepath.Join(dir, "link.ofx")); err != nil {
		t.Fatal(err)
	}
	all := []string{"import", "--data", data, dir}
	dry := weft(t, nil, append(all, "--dry-run")...).succeeds(t)
	if !strings.Contains(dry.out, "\nNothing was changed (--dry-run); each file was tried without the others.\n") {
		t.Errorf("a dry run printed %q", dry.out)
	}
	o := weft(t, nil, all...).succeeds(t)
	if files := regexp.MustCompile(`(?m)^\S+$`).FindAllString(o.out, -1); strings.Join(files, " ") != "a.qbo b.OFX c.qfx" {
		t.Errorf("imported %q", files)
	}
	if !regexp.MustCompile(`\n\n3 files, 0 of them refused\n +added +changed +removed +unchanged\n    accounts +2 +0 +0 +1\n    holdings +\d.*\n` +
		`    investment transactions +1 +0 +0 +1\n    transactions +1 +0 +0 +0\n$`).MatchString(o.out) {
		t.Errorf("printed %q", o.out)
	}
	weft(t, nil, "import", "--data", data, filepath.Join(dir, "sub", "..", "sub")).succeeds(t)
	empty := t.TempDir()
	weft(t, nil, "import", "--data", data, empty).fails(t, "empty", 1, empty+": the folder has no statement files (*.ofx, *.qfx, *.qbo)")
}

// A file that cannot be imported is told with the reason, and does not keep the others from it.
func TestImportGoesOn(t *testing.T) {
	data, _ := used(t)
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	missing, table, empty, large := filepath.Join(dir, "missing.ofx"), file("table.csv", "Date,Amount,Text\n"), file("empty.ofx", "\n"), file("large.ofx", "x")
	if err := os.Truncate(large, 64<<20+1); err != nil {
		t.Fatal(err)
	}
	half := file("half.ofx", strings.Replace(statement, "<UNITS>10<UNITPRICE>150.25", "<UNITS>x<UNITPRICE>y", 1))
	o := weft(t, nil, "import", "--data", data, missing, table, dir+"/nothing\x1b[31m", empty, large, half)
	o.fails(t, "files", 1, "weft: 5 of 6 files could not be imported:\n", "\n  - "+missing+": it cannot be read: no such file or directory\n",
		"\n  - "+table+": the file is no OFX statement but a table (CSV): of the formats that the bank offers for download, take OFX, QFX (Quicken) or QBO (QuickBooks)\n",
		"/nothing?[31m: it cannot be read: ", "\n  - "+empty+": the file is empty", "\n  - "+large+": the file has more than 64 MiB: download it in parts")
	for _, part := range []string{"missing.ofx\n  could not be imported: it cannot be read: ", "\nhalf.ofx\n  Larkfield Brokers\n",
		"\n  not all of the file could be read; this is left out or incomplete, the rest is imported:\n    line 11: ", "\n\n6 files, 5 of them refused\n"} {
		if !strings.Contains(o.out, part) {
			t.Errorf("no %q in %q", part, o.out)
		}
	}
	if strings.Contains(o.out+o.errors, "\x1b") {
		t.Error("a file's name reaches the terminal with its control characters")
	}
	o = weft(t, nil, "import", "--json", "--data", data, missing, half)
	o.fails(t, "JSON", 1, "1 of 2 files could not be imported:\n  - "+missing)
	var out struct {
		Files []struct {
			Name  string
			Items []struct{}
			Error *struct {
				Code string `json:"error_code"`
			}
		}
	}
	if err := json.Unmarshal([]byte(o.out), &out); err != nil || len(out.Files) != 2 || out.Files[0].Error == nil || out.Files[0].Error.Code != "INVALID_FIELD" || len(out.Files[1].Items) != 1 {
		t.Errorf("printed %q: %v", o.out, err)
	}
	// A single file's reason is the command's only message.
	if o = weft(t, nil, "import", "--data", data, table); o.out != "" || !strings.HasPrefix(o.errors, "weft: "+table+": the file is no OFX statement but a table") {
		t.Errorf("printed %q and %q", o.out, o.errors)
	}
}

// The name that a person gives tells banks apart whose files do not say whose they are.
func TestImportInstitution(t *testing.T) {
	data, _ := used(t)
	file := write(t, "bank.ofx", fmt.Sprintf(unnamed, ""))
	item := func(name, path string, args ...string) string {
		t.Helper()
		o := weft(t, nil, append([]string{"import", "--data", data, path}, args...)...).succeeds(t)
		m := regexp.MustCompile(`^\S+\n  (.+)\n    item_id +(\w+)\n`).FindStringSubmatch(o.out)
		if m == nil || m[1] != name {
			t.Fatalf("printed %q, want %s", o.out, name)
		}
		return m[2]
	}
	oak, elm, none := item("Oak Bank", file, "--institution", "Oak Bank"), item("Elm Bank", file, "--institution", "Elm Bank"), item("My bank", file)
	if oak == elm || oak == none || elm == none || oak != item("Oak Bank", file, "--institution", " oak bank ") || none != item("My bank", file) {
		t.Error("the name does not tell the banks apart")
	}
	number := write(t, "number.ofx", fmt.Sprintf(unnamed, "<BANKID>021000021"))
	if first := item("Ash Bank", number, "--institution", "Ash Bank"); first != item("Ash Bank", number) {
		t.Error("a file with a bank's number is told apart by the name")
	}
	item("Larkfield Brokers", write(t, "named.ofx", statement), "--institution", "Yew Bank")
}

func TestServeWatches(t *testing.T) {
	data, dir := filepath.Join(t.TempDir(), "data"), t.TempDir()
	file := write(t, "broker.ofx", statement)
	for _, command := range [][]string{{}, {"serve"}} {
		weft(t, nil, append(command, "--data", data, "--watch", dir+"/missing")...).fails(t, "missing", 2, `--watch "`+dir+`/missing" is not a folder that can be read: no such file or directory`)
		weft(t, []string{"WEFT_WATCH=" + file}, append(command, "--data", data)...).fails(t, "a file", 2, `--watch "`+file+`" is not a folder that can be read: not a directory`)
	}
	if _, err := os.Stat(data); err == nil {
		t.Error("a refused server has made its folder")
	}
	s := serve(t, data, []string{"WEFT_WATCH=" + dir})
	if want := "\nStatement files (*.ofx, *.qfx, *.qbo) in " + dir + " are imported as they come.\n"; !strings.Contains(s.greeting, want) {
		t.Errorf("greeted %q", s.greeting)
	}
	if o := s.stop(); o.status != 0 {
		t.Errorf("status %d: %s", o.status, o.errors)
	}
}

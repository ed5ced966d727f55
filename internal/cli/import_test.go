package cli_test

import (
	"encoding/json"
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
	weft(t, nil, "import", "--data", data).fails(t, "no file", 2, "weft import needs at least one FILE")
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
}

package wire

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"weft/internal/needs"
)

func read(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(needs.Shared(t, "fixtures"), name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestRecordedAnswers(t *testing.T) {
	for name, want := range map[string]struct{ version, problems, connections, accounts, rows, holdings int }{
		"simplefin-v2/demo_v2.json":                        {2, 0, 1, 3, 4, 0},
		"simplefin-v2/errors_v2.json":                      {2, 5, 0, 0, 0, 0},
		"simplefin4py/tests/fixtures/account_set.json":     {1, 0, 0, 1, 1, 0},
		"simplefin4py/tests/fixtures/200-with-errors.json": {1, 2, 0, 8, 1, 2},
		"simplefin4py/tests/fixtures/402.json":             {1, 1, 0, 0, 0, 0},
	} {
		a, err := Decode(read(t, name))
		rows, holdings := 0, 0
		for _, acc := range a.Accounts {
			rows += len(acc.Transactions)
			holdings += len(acc.Holdings)
			if len(acc.Rejected) > 0 {
				t.Errorf("%s: %v", name, acc.Rejected)
			}
		}
		if err != nil || a.Version != want.version || len(a.Problems) != want.problems || len(a.Connections) != want.connections ||
			len(a.Accounts) != want.accounts || rows != want.rows || holdings != want.holdings || len(a.Rejected) > 0 {
			t.Errorf("%s: %v, %+v", name, err, a)
		}
	}
	if _, err := Decode(read(t, "simplefin4py/tests/fixtures/403.txt")); err == nil {
		t.Error("HTML is an answer")
	}
	a, _ := Decode(read(t, "simplefin-v2/errors_v2.json"))
	if p := a.Problems[2]; p.Message != "Authentication failed for My Bank - Jim" || p.Code != "con.auth" || p.ConnID != "CON-1" {
		t.Errorf("%+v", p)
	}
}

// TestTolerance: what is strange in one record costs that record, and the others stay.
func TestTolerance(t *testing.T) {
	good := `{"id":"A","balance":"1.50"}`
	for name, c := range map[string]struct {
		body               string
		accounts, rejected int
		lost               string // the reason for which something of the first account was left out
	}{
		"numbers for texts":   {`{"accounts":[{"id":7,"balance":1.50,"available-balance":null}]}`, 1, 0, ""},
		"no id":               {`{"accounts":[` + good + `,{"balance":"1"}]}`, 1, 1, ""},
		"id twice":            {`{"accounts":[` + good + `,` + good + `]}`, 1, 1, ""},
		"NaN":                 {`{"accounts":[{"id":"B","balance":"NaN"},` + good + `]}`, 1, 1, ""},
		"1e400":               {`{"accounts":[{"id":"B","balance":1e400},` + good + `]}`, 1, 1, ""},
		"endless digits":      {`{"accounts":[{"id":"B","balance":"1111111111111111111111111"},` + good + `]}`, 1, 1, ""},
		"no balance":          {`{"accounts":[{"id":"B"},` + good + `]}`, 1, 1, ""},
		"no object":           {`{"accounts":[null,1,"x",[],` + good + `]}`, 1, 4, ""},
		"list for text":       {`{"accounts":[{"id":["B"],"balance":"1"},` + good + `]}`, 1, 1, ""},
		"no list":             {`{"accounts":` + good + `}`, 1, 0, ""},
		"null":                {`{"accounts":null,"errors":null}`, 0, 0, ""},
		"bad available":       {`{"accounts":[{"id":"A","balance":"1","available-balance":"much"}]}`, 1, 0, "available-balance"},
		"bad date":            {`{"accounts":[{"id":"A","balance":"1","balance-date":"0000-00-00"}]}`, 1, 0, "balance-date"},
		"milliseconds":        {`{"accounts":[{"id":"A","balance":"1","balance-date":1705413843000}]}`, 1, 0, "balance-date"},
		"fraction of seconds": {`{"accounts":[{"id":"A","balance":"1","balance-date":1705413843.5}]}`, 1, 0, ""},
		"row without id":      {`{"accounts":[{"id":"A","balance":"1","transactions":[{"amount":"1","posted":1}]}]}`, 1, 0, "no id"},
		"row without amount":  {`{"accounts":[{"id":"A","balance":"1","transactions":[{"id":"t","posted":1}]}]}`, 1, 0, "no amount"},
		"row of nonsense":     {`{"accounts":[{"id":"A","balance":"1","transactions":[7]}]}`, 1, 0, "cannot be read"},
		"row of bad amount":   {`{"accounts":[{"id":"A","balance":"1","transactions":[{"id":"t","amount":"1,50","posted":1}]}]}`, 1, 0, "amount"},
		"row of bad day":      {`{"accounts":[{"id":"A","balance":"1","transactions":[{"id":"t","amount":"1","posted":-1}]}]}`, 1, 0, "posted"},
		"row twice":           {`{"accounts":[{"id":"A","balance":"1","transactions":[{"id":"t","amount":"1"},{"id":"t","amount":"2"}]}]}`, 1, 0, "twice"},
		"holding of nothing":  {`{"accounts":[{"id":"A","balance":"1","holdings":[{"id":"h","shares":"1"}]}]}`, 1, 0, "market value"},
		"holding of nonsense": {`{"accounts":[{"id":"A","balance":"1","holdings":[{"id":"h","market_value":"1","shares":"x"}]}]}`, 1, 0, "shares"},
		"BOM":                 {"\ufeff" + `{"accounts":[` + good + `]}`, 1, 0, ""},
		"too many":            {`{"accounts":[` + strings.Repeat(good+",", mostAccounts) + good + `]}`, 1, mostAccounts, ""},
	} {
		a, err := Decode([]byte(c.body))
		if err != nil || len(a.Accounts) != c.accounts || len(a.Rejected) != c.rejected {
			t.Errorf("%s: %v, %d accounts, rejected %v", name, err, len(a.Accounts), a.Rejected)
			continue
		}
		if c.lost != "" && (len(a.Accounts[0].Rejected) != 1 || !strings.Contains(a.Accounts[0].Rejected[0], c.lost)) {
			t.Errorf("%s: left out %v", name, a.Accounts[0].Rejected)
		}
	}
	for _, body := range []string{``, `null`, `[]`, `{}`, `{"accounts":[}`, `{"accounts":[]} x`, `"x"`, `<html>secret</html>`, strings.Repeat("[", 1<<20)} {
		if a, err := Decode([]byte(body)); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%.20s: %+v, %v", body, a, err)
		}
	}
}

func TestProblemsOfEveryForm(t *testing.T) {
	a, err := Decode([]byte(`{"errors":["old"," \u0000",7,{"code":"x","message":"draft"},[]],"errlist":[{"code":"con.auth","msg":"live","message":"draft","conn_id":3}]}`))
	if err != nil || a.Version != 2 || len(a.Problems) != 6 || a.Problems[0] != (Problem{Message: "old"}) || a.Problems[1].Message != "" || a.Problems[2].Message != "7" ||
		a.Problems[3].Message != "draft" || a.Problems[4].Message == "" || a.Problems[5] != (Problem{"con.auth", "live", "3", ""}) {
		t.Errorf("%+v, %v", a, err)
	}
}

func TestPendingAndExactness(t *testing.T) {
	a, err := Decode([]byte(`{"accounts":[{"id":"A","balance":"0.10","transactions":[
		{"id":"1","posted":0,"amount":"-0.10"},{"id":"2","posted":5,"amount":1234567890.123456789},{"id":"3","posted":"5","pending":true,"amount":"+1"},{"id":"4","amount":"-0.00"}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, row := range a.Accounts[0].Transactions {
		got += row.ID + " " + row.Amount.String()
		if row.Pending {
			got += " pending"
		}
		got += ", "
	}
	if want := "1 -0.10 pending, 2 1234567890.123456789, 3 1 pending, 4 0.00 pending, "; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"a\x00b\x07": "ab", " a \t\r\n b ": "a b", "\u202egnp.exe": "gnp.exe", "a\u200bb": "ab", "caf\u00e9": "café", "a\xffb": "a\ufffdb", "\u2028x": "x",
		strings.Repeat("é", MaxText+9): strings.Repeat("é", MaxText), "\ue000": "",
	} {
		if got := Clean(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if key("a") != "a" || key("a\x00") == key("a\x01") || key(strings.Repeat("a", 200)) == key(strings.Repeat("a", 201)) || len(key("a ")) > longestKey {
		t.Error("keys are not what they were, or not apart")
	}
}

// FuzzDecode: no answer makes the decoder panic; what it takes is clean, exact and has keys.
func FuzzDecode(f *testing.F) {
	for _, name := range []string{"simplefin-v2/demo_v2.json", "simplefin-v2/errors_v2.json", "simplefin4py/tests/fixtures/account_set.json", "simplefin4py/tests/fixtures/200-with-errors.json", "simplefin4py/tests/fixtures/403.txt"} {
		f.Add(read(f, name))
	}
	f.Add([]byte(`{"accounts":[{"id":"A","balance":1e9,"holdings":[{"market_value":"1"}],"transactions":{"id":"\ud800","amount":"1"}}],"errlist":"x"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		a, err := Decode(body)
		if err != nil {
			if len(err.Error()) > 200 {
				t.Fatalf("an error of %d bytes", len(err.Error()))
			}
			return
		}
		for _, p := range a.Problems {
			sound(t, p.Code, p.Message, p.ConnID, p.AccountID)
		}
		for _, c := range a.Connections {
			sound(t, c.ID, c.Name, c.OrgID, c.OrgName, c.OrgURL)
		}
		for _, acc := range a.Accounts {
			sound(t, acc.ID, acc.ConnID, acc.Name, acc.Currency, acc.Org.ID, acc.Org.Domain, acc.Org.Name, acc.Org.URL)
			if acc.ID == "" || len(acc.Balance.String()) > mostDigits {
				t.Fatalf("account %q with %s", acc.ID, acc.Balance)
			}
			seen := map[string]bool{}
			for _, row := range acc.Transactions {
				sound(t, row.ID, row.Description, row.Payee, row.Memo)
				if row.ID == "" || seen[row.ID] || row.Posted < 0 || row.Posted > lastSecond || len(row.Amount.String()) > mostDigits {
					t.Fatalf("%+v", row)
				}
				seen[row.ID] = true
			}
			for _, h := range acc.Holdings {
				sound(t, h.ID, h.Currency, h.Description, h.Symbol)
				if h.MarketValue == nil {
					t.Fatalf("%+v", h)
				}
			}
		}
	})
}

func sound(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !utf8.ValidString(text) || utf8.RuneCountInString(text) > MaxText || strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.C, r) }) {
			t.Fatalf("%q", text)
		}
	}
}

// TestSilent: an account without a list of movements is not one that has none.
func TestSilent(t *testing.T) {
	for rows, silent := range map[string]bool{``: true, `,"transactions":null`: true, `,"transactions":[]`: false, `,"transactions":[{"id":"1","amount":"1"}]`: false} {
		a, err := Decode([]byte(`{"accounts":[{"id":"A","balance":"1.50"` + rows + `}]}`))
		if err != nil || len(a.Accounts) != 1 || a.Accounts[0].Silent != silent || len(a.Accounts[0].Rejected) > 0 {
			t.Errorf("%q: %+v, %v", rows, a, err)
		}
	}
}

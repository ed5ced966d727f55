package ofx

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"weft/internal/connector"
	"weft/internal/connector/connectortest"
	"weft/internal/connector/ofx/statement"
	"weft/internal/needs"
	"weft/internal/plaid"
)

// word writes a text as one word; an absent one is a dash.
func word(p *string) string {
	if p == nil || *p == "" {
		return "-"
	}
	return strings.ReplaceAll(*p, " ", "_")
}

func number(d *plaid.Decimal) string {
	if d == nil {
		return "-"
	}
	return statement.Plain(*d)
}

// summary writes what a file states in the lines of testdata/golden.txt.
func summary(f File) []string {
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	for _, im := range f.Imports() {
		summarise(im, add)
	}
	if len(f.Statements) > 0 && f.Statements[0].Window != nil {
		add("window %s %s", f.Statements[0].Window.From, f.Statements[0].Window.To)
	}
	if len(f.Problems) > 0 {
		add("problems %d", len(f.Problems))
	}
	return lines
}

func summarise(im Import, add func(string, ...any)) {
	invested := false
	for _, a := range im.Batch.Accounts {
		current, more := number(a.Balances.Current), ""
		if slices.Contains(im.Unbalanced, a.Key) {
			current = "?"
		}
		if a.MarginLoan != nil {
			more = " " + number(a.MarginLoan)
		}
		add("account %s %s/%s %s %s %s%s", word(a.Mask), a.Type, word(a.Subtype), word(a.Balances.ISOCurrencyCode), current, number(a.Balances.Available), more)
		invested = invested || a.Type == plaid.TypeInvestment
	}
	var amount, quantity plaid.Decimal
	for _, t := range im.Batch.Transactions {
		amount = amount.Add(t.Amount)
	}
	if !invested {
		add("rows %d %s", len(im.Batch.Transactions), number(&amount))
		return
	}
	kinds, order := map[string]int{}, []string{}
	for _, t := range im.Batch.InvestmentTransactions {
		amount, quantity = amount.Add(t.Amount), quantity.Add(t.Quantity)
		kind := strings.ReplaceAll(t.Type+"/"+t.Subtype, " ", "_")
		if kinds[kind]++; kinds[kind] == 1 {
			order = append(order, kind)
		}
	}
	add("investments %d %s %s", len(im.Batch.InvestmentTransactions), number(&amount), number(&quantity))
	for _, k := range order {
		add("kind %s %d", k, kinds[k])
	}
	for _, h := range im.Batch.Holdings {
		more := ""
		if h.VestedQuantity != nil {
			more = " vested " + number(h.VestedQuantity)
		}
		add("holding %s %s %s %s%s", h.SecurityKey, number(&h.Quantity), number(&h.InstitutionPrice), number(&h.InstitutionValue), more)
	}
	for _, s := range im.Batch.Securities {
		add("security %s %s/%s %s %s %s %s", s.Key, word(s.Type), word(s.Subtype), word(s.CUSIP), word(s.ISIN), word(s.TickerSymbol), word(s.InstitutionSecurityID))
	}
}

// golden reads testdata/golden.txt: the lines by file.
func golden(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("testdata/golden.txt")
	if err != nil {
		t.Fatal(err)
	}
	files, current := map[string][]string{}, ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		key, rest, _ := strings.Cut(line, " ")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case key == "file":
			current = rest
			files[current] = nil
		case key == "kinds":
			for kind := range strings.SplitSeq(rest, ", ") {
				files[current] = append(files[current], "kind "+kind)
			}
		default:
			files[current] = append(files[current], line)
		}
	}
	return files
}

func TestGolden(t *testing.T) {
	files := golden(t)
	if len(files) < 25 {
		t.Fatalf("%d files in golden.txt", len(files))
	}
	base := needs.Shared(t, "fixtures")
	for name, want := range files {
		content, err := os.ReadFile(filepath.Join(base, name))
		if err != nil {
			t.Error(err)
			continue
		}
		f, err := Parse(content)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		// A section may leave out a kind of line, but not some of the lines of a kind.
		said := map[string]bool{}
		for _, line := range want {
			key, _, _ := strings.Cut(line, " ")
			said[key] = true
		}
		got := slices.DeleteFunc(summary(f), func(line string) bool {
			key, _, _ := strings.Cut(line, " ")
			return !said[key] && key != "problems" && key != "account"
		})
		slices.Sort(got)
		slices.Sort(want)
		for _, line := range got {
			if !slices.Contains(want, line) {
				t.Errorf("%s: %s: not in golden.txt", name, line)
			}
		}
		for _, line := range want {
			if !slices.Contains(got, line) {
				t.Errorf("%s: %s: not in the file", name, line)
			}
		}
	}
}

// conform holds every batch of a file to what callers of a connector rely on.
func conform(t *testing.T, f File) {
	t.Helper()
	for _, im := range f.Imports() {
		want := connector.Want{Products: []string{"transactions", "investments"}, Now: time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)}
		if w := im.Batch.InvestmentHistory; w != nil {
			want.HistoryFrom = w.From
		}
		connectortest.Check(t, im.Batch, want)
		accounts := map[string]string{}
		for _, a := range im.Batch.Accounts {
			accounts[a.Key] = a.Type
		}
		seen := map[[2]string]bool{}
		for _, row := range im.Batch.Transactions {
			place := [2]string{row.AccountKey, row.Key}
			if seen[place] || row.Key == "" {
				t.Errorf("transaction key %q is empty or used twice", row.Key)
			}
			seen[place] = true
			if _, ok := accounts[row.AccountKey]; !ok || row.Name == "" || (row.ISOCurrencyCode == nil) == (row.UnofficialCurrencyCode == nil) {
				t.Errorf("transaction of %s: account known: %v, name %q", row.Date, ok, row.Name)
			}
		}
		for _, st := range im.Statements {
			if len(st.Facts) != len(st.Transactions)+len(st.InvestmentTransactions) {
				t.Errorf("%d facts of %d and %d transactions", len(st.Facts), len(st.Transactions), len(st.InvestmentTransactions))
			}
		}
	}
}

// unreadable are the fixtures that Parse refuses, each with the reason. There are none: those of fail_nice lack dates and
// balances, those of busted_responses line breaks, and example-response2 is cut, and all are read as far as they go.
var unreadable = map[string]string{}

// halfReadable are the fixtures with problems, with how many they have; golden.txt names more.
var halfReadable = map[string]int{
	"date_missing.ofx": 4, "decimal_error.ofx": 2, "empty_balance.ofx": 1, "ofx-v102-empty-tags.ofx": 1, "example-response2.ofx": 1,
	"fidelity-savings.ofx": 1, "vanguard.ofx": 1, "inv_all_types_v102.ofx": 4, "inv_all_types_v220.ofx": 4,
}

// fixtureFiles are the OFX files of the reference material.
func fixtureFiles(t testing.TB) []string {
	t.Helper()
	return ofxFiles(needs.Shared(t, "fixtures"))
}

// fixturePaths are the same where they are, for a fuzz target, which has its own seeds too.
func fixturePaths() []string { return ofxFiles("../../../../shared/fixtures") }

func ofxFiles(base string) []string {
	var files []string
	_ = filepath.WalkDir(base, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && strings.Contains(path, "ofx") &&
			slices.Contains([]string{".ofx", ".qfx", ".xml", ".sgml", ".ofx2", ".txt"}, filepath.Ext(path)) {
			files = append(files, path)
		}
		return nil // what is not there is counted by who needs it
	})
	return files
}

func TestFixtures(t *testing.T) {
	files := fixtureFiles(t)
	if len(files) < 50 {
		t.Fatalf("%d fixture files", len(files))
	}
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			f, err := Parse(content)
			if reason := unreadable[filepath.Base(path)]; (err != nil) != (reason != "") {
				t.Fatalf("%v, but the list says %q", err, reason)
			}
			if len(f.Problems) != halfReadable[filepath.Base(path)] {
				t.Errorf("problems %v", f.Problems)
			}
			conform(t, f)
		})
	}
}

// TestBothRenderings: the two generated files are the same data in both syntaxes.
func TestBothRenderings(t *testing.T) {
	var both [2][]string
	for i, name := range []string{"102", "220"} {
		content, err := os.ReadFile(needs.Shared(t, "fixtures/ofxtools-generated/inv_all_types_v"+name+".ofx"))
		if err != nil {
			t.Fatal(err)
		}
		f, err := Parse(content)
		if err != nil || f.Version != name {
			t.Fatalf("version %q, %v", f.Version, err)
		}
		both[i] = summary(f)
		for _, row := range f.Imports()[0].Batch.InvestmentTransactions {
			both[i] = append(both[i], strconv.Quote(row.Name)+row.Key+row.Amount.String()+number(row.Fees))
		}
	}
	if !slices.Equal(both[0], both[1]) {
		t.Errorf("SGML %v\nXML  %v", both[0], both[1])
	}
}

package enrich_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"weft/internal/enrich"
	"weft/internal/enrich/taxonomy"
	"weft/internal/needs"
	"weft/internal/plaid"
)

// labelled is a line of testdata/labelled.txt.
type labelled struct {
	in                          enrich.Input
	merchant, category, channel string
}

func readLabelled(t testing.TB) (out []labelled) {
	content, err := os.ReadFile("testdata/labelled.txt")
	if err != nil {
		t.Fatal(err)
	}
	types := map[string]string{"d": plaid.TypeDepository, "c": plaid.TypeCredit, "l": plaid.TypeLoan}
	channels := map[string]string{"o": enrich.Online, "s": enrich.InStore, "x": enrich.Other, "?": "?"}
	for line := range strings.Lines(string(content)) {
		if strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "" {
			continue
		}
		f := strings.Split(strings.TrimSpace(line), " | ")
		if len(f) != 6 || types[f[2]] == "" || channels[f[5]] == "" {
			t.Fatalf("%q is not understood", line)
		}
		if d, ok := taxonomy.Find(f[4]); f[4] != "?" && (!ok || d.V2 != f[4]) {
			t.Fatalf("%q has the unknown category %q", line, f[4])
		}
		l := labelled{enrich.Input{Description: f[0], Amount: plaid.Dec(f[1]), AccountType: types[f[2]]}, f[3], f[4], channels[f[5]]}
		if f[2] == "l" {
			l.in.AccountSubtype = "mortgage"
		}
		out = append(out, l)
	}
	return out
}

// score counts how many answers of a kind were given, were right, and would have been right.
type score struct{ given, right, wanted int }

func (s score) String() string {
	return fmt.Sprintf("precision %d/%d = %d%%, recall %d/%d = %d%%", s.right, s.given, percent(s.right, s.given), s.right, s.wanted, percent(s.right, s.wanted))
}

func percent(part, whole int) int {
	if whole == 0 {
		return 100
	}
	return part * 100 / whole
}

// count counts an answer; an empty one is none.
func (s *score) count(got, want string, same bool) {
	if got != "" {
		s.given++
	}
	if want != "" {
		s.wanted++
	}
	if got != "" && same {
		s.right++
	}
}

var letters = regexp.MustCompile(`[^a-z0-9]`)

// sameName: the names differ in marks alone, or one says more than the other.
func sameName(a, b string) bool {
	a, b = letters.ReplaceAllString(strings.ToLower(a), ""), letters.ReplaceAllString(strings.ToLower(b), "")
	return a != "" && b != "" && (strings.Contains(a, b) || strings.Contains(b, a))
}

// Held-out descriptions: how often a merchant, a category and a channel are found, and how often they are right.
func TestLabelled(t *testing.T) {
	e := enrich.New()
	var merchant, category, primary, channel score
	var wrong []string
	lines := readLabelled(t)
	for _, l := range lines {
		r := e.Enrich(l.in)
		if l.merchant != "?" {
			want := strings.TrimPrefix(l.merchant, "-")
			same := sameName(r.MerchantName, want)
			merchant.count(r.MerchantName, want, same)
			if r.MerchantName != want && !same {
				wrong = append(wrong, fmt.Sprintf("merchant %q, not %q: %s", r.MerchantName, want, l.in.Description))
			}
		}
		if l.category != "?" {
			want, got := strings.TrimPrefix(l.category, "OTHER_OTHER"), strings.TrimPrefix(r.V2.Detailed, "OTHER_OTHER")
			category.count(got, want, got == want)
			d, _ := taxonomy.Find(want)
			primary.count(strings.TrimPrefix(r.V2.Primary, "OTHER"), d.Primary, r.V2.Primary == d.Primary)
			if got != want {
				wrong = append(wrong, fmt.Sprintf("category %s (%s), not %s: %s", got, r.V2.Confidence, want, l.in.Description))
			}
		}
		if l.channel != "?" {
			channel.count(r.PaymentChannel, l.channel, r.PaymentChannel == l.channel)
			if r.PaymentChannel != l.channel {
				wrong = append(wrong, fmt.Sprintf("channel %s, not %s: %s", r.PaymentChannel, l.channel, l.in.Description))
			}
		}
	}
	t.Logf("%d held-out descriptions\nmerchant: %v\ndetailed category: %v\nprimary category: %v\nchannel: %v\n%s", len(lines), merchant, category, primary, channel, strings.Join(wrong, "\n"))
	for name, floor := range map[string]struct {
		score
		least int
	}{"merchant": {merchant, 97}, "detailed category": {category, 95}, "primary category": {primary, 96}, "channel": {channel, 96}} {
		if percent(floor.right, floor.given) < floor.least || percent(floor.right, floor.wanted) < floor.least {
			t.Errorf("%s: %v, less than %d%%", name, floor.score, floor.least)
		}
	}
}

// The descriptions of all fixture files and of Plaid's published custom users: how much is recognised of what was written by
// others.
func TestFixtures(t *testing.T) { measureFolder(t, needs.Shared(t, "fixtures"), 3, 50) }

func TestCustomUsers(t *testing.T) { measureFolder(t, needs.Shared(t, "plaid/custom-users"), 58, 88) }

func measureFolder(t *testing.T, root string, merchantFloor, categoryFloor int) {
	e := enrich.New()
	seen := map[string]bool{}
	rows, merchants, categories := 0, 0, 0
	var sample []string
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, in := range append(ofxRows(string(content)), jsonRows(string(content))...) {
			key := in.Description + "|" + in.Memo + "|" + in.Amount.String()
			if seen[key] {
				continue
			}
			seen[key] = true
			r := e.Enrich(in)
			rows++
			if r.MerchantName != "" {
				merchants++
			}
			if r.V2.Detailed != "OTHER_OTHER" {
				categories++
			}
			sample = append(sample, fmt.Sprintf("%-60.60s %-16.16s %8s -> %-22.22s %s %s", in.Description, in.Memo, in.Amount, r.MerchantName, r.V2.Detailed, r.V2.Confidence))
		}
		return nil
	})
	if err != nil || rows < 50 {
		t.Fatalf("%d rows, %v", rows, err)
	}
	slices.Sort(sample)
	t.Logf("%d distinct rows: a merchant in %d%%, a category in %d%%\n%s", rows, percent(merchants, rows), percent(categories, rows), strings.Join(sample[:min(len(sample), 100)], "\n"))
	if percent(merchants, rows) < merchantFloor || percent(categories, rows) < categoryFloor {
		t.Errorf("less than %d%% with a merchant, or %d%% with a category", merchantFloor, categoryFloor)
	}
}

var (
	ofxRow     = regexp.MustCompile(`(?is)<STMTTRN>(.*?)(?:</STMTTRN>|(?:<STMTTRN>)|</BANKTRANLIST>)`)
	jsonRow    = regexp.MustCompile(`\{[^{}]*"amount"[^{}]*\}`)
	jsonAmount = regexp.MustCompile(`"amount"\s*:\s*"?(-?[0-9.]+)`)
	jsonText   = regexp.MustCompile(`"description"\s*:\s*"([^"]+)"`)
)

// ofxRows reads the transactions of a statement, roughly: only the words matter here.
func ofxRows(content string) (out []enrich.Input) {
	for _, m := range ofxRow.FindAllStringSubmatch(content, -1) {
		amount, err := plaid.ParseDecimal(strings.ReplaceAll(ofxField(m[1], "TRNAMT"), ",", "."))
		if err != nil {
			continue
		}
		out = append(out, enrich.Input{Description: ofxField(m[1], "NAME"), Memo: ofxField(m[1], "MEMO"), Kind: ofxField(m[1], "TRNTYPE"),
			CheckNumber: ofxField(m[1], "CHECKNUM"), Amount: amount.Neg(), AccountType: plaid.TypeDepository})
	}
	return out
}

func ofxField(row, name string) string {
	_, rest, ok := strings.Cut(row, "<"+name+">")
	if !ok {
		return ""
	}
	if at := strings.IndexAny(rest, "<\r\n"); at >= 0 {
		rest = rest[:at]
	}
	return strings.TrimSpace(strings.ReplaceAll(rest, "&amp;", "&"))
}

func jsonRows(content string) (out []enrich.Input) {
	for _, row := range jsonRow.FindAllString(content, -1) {
		amount, text := jsonAmount.FindStringSubmatch(row), jsonText.FindStringSubmatch(row)
		if amount == nil || text == nil {
			continue
		}
		if a, err := plaid.ParseDecimal(amount[1]); err == nil {
			out = append(out, enrich.Input{Description: text[1], Amount: a, AccountType: plaid.TypeDepository})
		}
	}
	return out
}

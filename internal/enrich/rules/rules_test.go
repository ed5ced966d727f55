package rules_test

import (
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"weft/internal/enrich/rules"
	"weft/internal/enrich/taxonomy"
	"weft/internal/enrich/words"
)

var site = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)+$`)

// The data is whole: each merchant once, with a proper website and categories, in all groups of categories.
func TestMerchants(t *testing.T) {
	r := rules.Embedded()
	if r.Merchants < 2000 {
		t.Errorf("%d merchants", r.Merchants)
	}
	primaries := map[string]int{}
	names, aliases := map[string]string{}, 0
	err := fs.WalkDir(os.DirFS("data/merchants"), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile("data/merchants/" + path)
		head := ""
		for line := range strings.Lines(string(content)) {
			line = strings.TrimSpace(line)
			switch c := strings.Split(line, "|"); {
			case strings.HasPrefix(line, "="):
				head = strings.Fields(line)[1]
			case len(c) > 2:
				name, website := strings.TrimSpace(c[0]), strings.TrimSpace(c[1])
				if other := names[strings.ToLower(name)]; other != "" {
					t.Errorf("%s is in %s and in %s", name, other, path)
				}
				names[strings.ToLower(name)] = path
				if website != "" && !site.MatchString(website) {
					t.Errorf("%s has the website %q", name, website)
				}
				found, _ := taxonomy.Find(head)
				primaries[found.Primary]++
				aliases += strings.Count(c[2], ";") + 1
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range taxonomy.Primaries(taxonomy.V2) {
		if n := primaries[p.Name]; n == 0 && !slices.Contains([]string{"OTHER", "BANK_FEES", "TRANSFER_IN", "LOAN_DISBURSEMENTS"}, p.Name) {
			t.Errorf("no merchant in %s", p.Name)
		}
	}
	t.Logf("%d merchants, %d aliases: %v", len(names), aliases, primaries)
}

// An alias leads to one merchant: of two lines with the same alias only the first would be found.
func TestAliasesAreUnique(t *testing.T) {
	r := rules.Embedded()
	shared := 0
	err := fs.WalkDir(os.DirFS("data/merchants"), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile("data/merchants/" + path)
		for line := range strings.Lines(string(content)) {
			c := strings.Split(line, "|")
			if strings.HasPrefix(line, "=") || len(c) < 3 {
				continue
			}
			name := strings.TrimSpace(c[0])
			for alias := range strings.SplitSeq(c[2], ";") {
				alias = strings.TrimPrefix(strings.TrimSpace(alias), "^")
				cut := words.Cut(alias)
				if len(cut) == 0 {
					continue
				}
				var first string
				r.Aliases.At(cut, func(a rules.Alias, length int) {
					if length == len(cut) && first == "" {
						first = a.Name
					}
				})
				if first != name {
					shared++
					t.Errorf("%q is an alias of %s, and before it of %s", alias, name, first)
				}
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A mistake in the data names its file and line.
func TestMistakes(t *testing.T) {
	for name, change := range map[string][2]string{
		"data/merchants/food.txt:1: ": {"data/merchants/food.txt", "= FOOD_AND_DRINK_AIR"},
		"data/merchants/food.txt:2: ": {"data/merchants/food.txt", "= FOOD_AND_DRINK_COFFEE\nStarbucks"},
		"data/keywords.txt:1: ":       {"data/keywords.txt", "= BANK_FEES_ATM_FEES sideways"},
		"data/noise.txt:1: ":          {"data/noise.txt", "= loud"},
		"data/kinds.txt:1: ":          {"data/kinds.txt", "ATM | out"},
		"data/mcc.txt:1: ":            {"data/mcc.txt", "x | TRAVEL_FLIGHTS"},
		"data/processors.txt:1: ":     {"data/processors.txt", "sq | Square | squareup.com | shop | online"},
	} {
		files := fstest.MapFS{}
		err := fs.WalkDir(os.DirFS("."), "data", func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				content, _ := os.ReadFile(path)
				files[path] = &fstest.MapFile{Data: content}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		files[change[0]] = &fstest.MapFile{Data: []byte(change[1])}
		if _, err := rules.Read(files); err == nil || !strings.HasPrefix(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

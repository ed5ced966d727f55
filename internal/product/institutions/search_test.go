package institutions

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSearch(t *testing.T) {
	c := newCatalogue(few())
	for _, tc := range []struct {
		query string
		want  string // ids, best first; a list that ends in ... may have more
	}{
		// Ranking.
		{"Tartan Bank", "ins_4 ins_5"},
		{"First Platypus Bank", "ins_1 ins_2"},
		{"first platypus", "ins_1 ins_2"},
		{"Platypus", "ins_3 ins_1 ins_2"},
		{"platypus bank", "ins_1 ins_3 ins_2"},
		{"bank platypus first", "ins_1 ins_2"},
		{"dominion", "ins_5"},
		{"canada tartan", "ins_5"},
		// Unfinished words.
		{"hound", "ins_6"},
		{"tatt fed", "ins_7"},
		{"pl", "ins_3 ins_1 ins_2 ins_11"},
		// Writing: case, accents, punctuation, ordinals, words run together or torn apart.
		{"TARTAN-dominion", "ins_5"},
		{"caisse d'epargne", "ins_8"},
		{"epargne", "ins_8"},
		{"caisse depargne", "ins_8"},
		{"caisse d epargne", "ins_8"},
		{"saint evariste", "ins_8"},
		{"Évariste", "ins_8"},
		{"E\u0301variste", "ins_8"},
		{"konigsbuhl", "ins_9"},
		{"koenigsbuehl", "ins_9"},
		{"o'malloran", "ins_10"},
		{"omalloran", "ins_10"},
		{"O’Malloran and Co", "ins_10"},
		{"401k", "ins_11"},
		{"401(k)", "ins_11"},
		{"first milletford", "ins_12"},
		{"1st platypus", "ins_1 ins_2"},
		{"spoldzielczy legowozka", "ins_13"},
		{"nv", "ins_14"},
		{"houndstoothbank", "ins_6"},
		{"hounds tooth", "ins_6"},
		{"the tartan bank", "ins_4 ins_5"},
		{"the bank of tartan", "ins_5 ins_4"},
		// Initials.
		{"tfcu", "ins_7"},
		{"FPBB", "ins_2"},
		// Typing errors.
		{"Tartn Bank", "ins_4 ins_5"},
		{"Tratan", "ins_4 ins_5"},
		{"tartam", "ins_4 ins_5"},
		{"hoondstoth", "ins_6"},
		{"houdnstooth bank", "ins_6"},
		{"platypsu", "ins_1 ins_3 ins_2"},
		{"platpyus balnace", "ins_2"},
		{"tatersal federal", "ins_7"},
		{"hundstoo", "ins_6"}, // wrong and unfinished
		{"qaurryvale", "ins_15"},
		// Numbers and addresses.
		{"021000021", "ins_6 ins_15"},
		{"0210-0002-1", "ins_6 ins_15"},
		{"110000000", "ins_6"},
		{"999999999", ""},
		{"tartan-bank.example", "ins_4"},
		{"https://www.tartan-bank.example/login?x=1", "ins_4"},
		{"LOGIN.Tartan-Bank.Example", "ins_4"},
		{"http://[", ""},
		// Nothing.
		{"", ""},
		{"   ", ""},
		{"?!/", ""},
		{"xylophone", ""},
		{"tartan xylophone", ""},
		{"axe", ""},
	} {
		got := strings.Join(ids(c.search(tc.query, filter{})), " ")
		if got != tc.want {
			t.Errorf("search(%q) = %q, want %q", tc.query, got, tc.want)
		}
	}
}

func TestSearchFilters(t *testing.T) {
	c := newCatalogue(few())
	yes, no := true, false
	for _, tc := range []struct {
		query string
		f     filter
		want  string
	}{
		{"tartan", filter{countries: []string{"CA"}}, "ins_5"},
		{"tartan", filter{countries: []string{"CA", "US"}}, "ins_4 ins_5"},
		{"tartan", filter{countries: []string{"FR"}}, ""},
		{"platypus", filter{oauth: &yes}, "ins_3"},
		{"platypus", filter{oauth: &no}, "ins_1 ins_2"},
		{"platypus", filter{products: []string{"transactions", "balance"}}, "ins_3 ins_1 ins_2"},
		{"platypus", filter{products: []string{"transactions", "auth"}}, ""},
		{"021000021", filter{countries: []string{"CA"}}, ""},
		{"tartan-bank.example", filter{countries: []string{"CA"}}, ""},
	} {
		if got := strings.Join(ids(c.search(tc.query, tc.f)), " "); got != tc.want {
			t.Errorf("search(%q, %+v) = %q, want %q", tc.query, tc.f, got, tc.want)
		}
	}
}

func TestSearchFindsAtMostTen(t *testing.T) {
	c := newCatalogue(sample())
	got := c.search("bank", filter{})
	if len(got) != 10 {
		t.Fatalf("%d found, want 10", len(got))
	}
	if !slices.Equal(ids(got), ids(c.search("bank", filter{}))) {
		t.Error("the same search finds others")
	}
}

// One typing error in a word of five or more letters does not hide a bank.
func TestSearchForgivesAnyOneError(t *testing.T) {
	list := sample()
	c := newCatalogue(list)
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.SampledFrom(list).Draw(t, "institution")
		words := fold(in.Name).words
		long := []int{}
		for i, w := range words {
			if len(w) >= 5 {
				long = append(long, i)
			}
		}
		at := rapid.SampledFrom(long).Draw(t, "word")
		words[at] = misspell(t, words[at])
		query := strings.Join(words, " ")
		if !slices.Contains(ids(c.search(query, filter{})), in.InstitutionID) {
			t.Fatalf("%q does not find %q, but %v", query, in.Name, c.search(query, filter{}))
		}
	})
}

func misspell(t *rapid.T, word string) string {
	b := []byte(word)
	i := rapid.IntRange(0, len(b)-2).Draw(t, "place")
	switch rapid.SampledFrom([]string{"transpose", "delete", "substitute", "insert"}).Draw(t, "error") {
	case "transpose":
		b[i], b[i+1] = b[i+1], b[i]
	case "delete":
		b = slices.Delete(b, i, i+1)
	case "insert":
		b = slices.Insert(b, i, rapid.ByteRange('a', 'z').Draw(t, "letter"))
	default:
		b[i] = rapid.ByteRange('a', 'z').Draw(t, "letter")
	}
	return string(b)
}

// A name finds its institution first, however it is written; its beginning finds it, or ten others that begin so too.
func TestSearchFindsNames(t *testing.T) {
	list := sample()
	c := newCatalogue(list)
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.SampledFrom(list).Draw(t, "institution")
		query := rapid.SampledFrom([]func(string) string{strings.ToLower, strings.ToUpper, func(s string) string { return s },
			func(s string) string { return strings.ReplaceAll(s, " ", " - ") }}).Draw(t, "style")(in.Name)
		got := c.search(query, filter{})
		if len(got) == 0 || got[0].InstitutionID != in.InstitutionID {
			t.Fatalf("search(%q) finds %v first", query, ids(got))
		}
		name := strings.Join(fold(in.Name).words, " ")
		start := name[:rapid.IntRange(1, len(name)).Draw(t, "length")]
		got = c.search(start, filter{})
		if !slices.Contains(ids(got), in.InstitutionID) && len(got) < searchLimit {
			t.Fatalf("search(%q) does not find %q", start, in.Name)
		}
	})
}

// Whatever is asked, a search answers: at most ten institutions, each once, each let through by the filter.
func TestSearchOfAnything(t *testing.T) {
	list := sample()
	c := newCatalogue(list)
	rapid.Check(t, func(t *rapid.T) {
		f := drawFilter(t)
		query := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-z' .0-9-]{0,60}`)).Draw(t, "query")
		got := c.search(query, f)
		if got == nil || len(got) > searchLimit {
			t.Fatalf("%d found", len(got))
		}
		seen := map[string]bool{}
		for _, in := range got {
			if seen[in.InstitutionID] || !allowedBy(f, in) {
				t.Fatalf("search(%q, %+v) finds %+v", query, f, in.Institution)
			}
			seen[in.InstitutionID] = true
		}
	})
}

func TestHostileQueriesAreCut(t *testing.T) {
	c := newCatalogue(sample())
	for _, query := range []string{
		strings.Repeat("a.", 1<<19), strings.Repeat("alderbrook ", 1<<16), strings.Repeat("x", 1<<20), strings.Repeat("é", 1<<18),
		strings.Repeat("'", 1<<20), strings.Repeat("a'", 1<<18),
	} {
		if n := testing.AllocsPerRun(1, func() { c.search(query, filter{}) }); n > 1000 {
			t.Errorf("a query of %d bytes makes %v allocations", len(query), n)
		}
	}
}

// The table of distances against the definition, written the slow way.
func TestDistance(t *testing.T) {
	for _, tc := range []struct {
		typed, word      string
		whole, beginning int
	}{
		{"", "", 0, 0},
		{"abc", "abc", 0, 0},
		{"abd", "abc", 1, 1},
		{"acb", "abc", 1, 1},
		{"ab", "abcdef", 4, 0},
		{"axb", "abcdef", 5, 1},
		{"ca", "abc", 3, 1}, // no letter is edited twice
		{"tratan", "tartan", 1, 1},
	} {
		whole, beginning := distance(tc.typed, tc.word)
		if whole != tc.whole || beginning != tc.beginning {
			t.Errorf("distance(%q, %q) = %d, %d; want %d, %d", tc.typed, tc.word, whole, beginning, tc.whole, tc.beginning)
		}
	}
	word := rapid.StringMatching(`[abc]{0,7}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		whole, beginning := distance(a, b)
		least := len(a)
		for n := range len(b) + 1 {
			least = min(least, slowDistance(a, b[:n]))
		}
		if want := slowDistance(a, b); whole != want || beginning != least {
			t.Fatalf("distance(%q, %q) = %d, %d; want %d, %d", a, b, whole, beginning, want, least)
		}
		for errors := range 3 {
			if whole <= errors && !mayBeWhole(a, b, letterSet(a), letterSet(b), errors) {
				t.Fatalf("%q and %q are %d apart, and are ruled out at %d", a, b, whole, errors)
			}
			if beginning <= errors && !mayLack(letterSet(a), letterSet(b), errors) {
				t.Fatalf("%q begins %q with %d errors, and is ruled out at %d", a, b, beginning, errors)
			}
		}
	})
}

func slowDistance(a, b string) int {
	if a == "" || b == "" {
		return len(a) + len(b)
	}
	x, y := len(a)-1, len(b)-1
	change := 1
	if a[x] == b[y] {
		change = 0
	}
	d := min(slowDistance(a[:x], b[:y])+change, slowDistance(a[:x], b)+1, slowDistance(a, b[:y])+1)
	if x > 0 && y > 0 && a[x] == b[y-1] && a[x-1] == b[y] {
		d = min(d, slowDistance(a[:x-1], b[:y-1])+1)
	}
	return d
}

func TestFold(t *testing.T) {
	for text, want := range map[string]string{
		"First  Platypus\tBank":   "first platypus bank",
		"Tartan-Dominion":         "tartan dominion",
		"O'Hara & Sons, Inc.":     "ohara and sons inc; o hara",
		"d’Épargne":               "depargne; d epargne",
		"401(k) (Plan)":           "401k plan",
		"N.V. A/S":                "nv a s",
		"1st 2ND 3rd":             "first second third",
		"ÆØÅ ßœþ ŁÓDŹ":            "aeoa ssoeth lodz",
		"Zu\u0308rich":            "zurich",
		"'quoted'":                "quoted; quoted",
		"Банк":                    "банк",
		"\xff\xfe":                "",
		strings.Repeat("a ", 100): "a a a a a a a a a a",
	} {
		f := fold(text)
		got := strings.Join(f.words, " ")
		if len(f.parts) > 0 {
			got += "; " + strings.Join(f.parts, " ")
		}
		if got != want {
			t.Errorf("fold(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestFoldingTwiceChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		once := fold(rapid.String().Draw(t, "text")).words
		if twice := fold(strings.Join(once, " ")).words; !slices.Equal(once, twice) {
			t.Fatalf("%q, then %q", once, twice)
		}
	})
}

func BenchmarkSearch(b *testing.B) {
	c := newCatalogue(sample())
	for _, query := range []string{
		"bank", "Alderbrook", "Aldrebrok Savngis Bank", "caisse d'economie de Kettlehavn", "b", "xylophone quartz", "010000500",
		"first quillridge bank and trsut", "the quick brown fox jumps over the lazy dog again",
	} {
		b.Run(query, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.search(query, filter{countries: []string{"US", "CA"}})
			}
		})
	}
}

func BenchmarkNewCatalogue(b *testing.B) {
	list := sample()
	for b.Loop() {
		newCatalogue(list)
	}
}

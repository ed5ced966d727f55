package words

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"weft/internal/plaid"
)

// complete are the languages that lack nothing.
var complete = []string{"en", "es", "fr"}

var placeholder = regexp.MustCompile(`\{[a-z]*\}`)

// holes are a text's placeholders, each once, in order.
func holes(text string) string {
	found := placeholder.FindAllString(text, -1)
	slices.Sort(found)
	return strings.Join(slices.Compact(found), " ")
}

// TestLanguagesAreComplete: each key is in each of the complete languages, and has the same placeholders in every language that
// has it. None has a key that English lacks, but for other plurals.
func TestLanguagesAreComplete(t *testing.T) {
	english := For("en").texts
	if len(english) < 300 {
		t.Fatalf("English has %d texts", len(english))
	}
	for _, language := range plaid.Languages {
		texts := For(language).texts
		for _, key := range slices.Sorted(maps.Keys(english)) {
			text, ok := texts[key]
			switch {
			case !ok && slices.Contains(complete, language):
				t.Errorf("%s lacks %s", language, key)
			case ok && holes(text) != holes(english[key]):
				t.Errorf("%s: %s has the places %s, English %s", language, key, holes(text), holes(english[key]))
			case ok && strings.TrimSpace(text) != text || ok && text == "":
				t.Errorf("%s: %s is %q", language, key, text)
			}
		}
		for key := range texts {
			base, category, _ := cutLast(key)
			if _, ok := english[key]; !ok && (english[base+".other"] == "" || !slices.Contains([]string{zero, one, few, many}, category)) {
				t.Errorf("%s has %s, which English lacks", language, key)
			}
		}
	}
}

func cutLast(key string) (before, after string, found bool) {
	i := strings.LastIndex(key, ".")
	return key[:max(i, 0)], key[i+1:], i >= 0
}

// TestTextsAreTexts: no markup, no double spaces, no ASCII quotes that a typesetter would not leave, and no key twice in a file.
func TestTextsAreTexts(t *testing.T) {
	for _, language := range complete {
		raw, err := files.ReadFile(language + ".json")
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		dec := json.NewDecoder(strings.NewReader(string(raw)))
		if _, err := dec.Token(); err != nil {
			t.Fatal(err)
		}
		for dec.More() {
			key, err := dec.Token()
			if err != nil {
				t.Fatal(err)
			}
			text, err := dec.Token()
			if err != nil {
				t.Fatal(err)
			}
			if seen[key.(string)] {
				t.Errorf("%s has %s twice", language, key)
			}
			seen[key.(string)] = true
			if s := text.(string); strings.ContainsAny(s, "<>&\"\t\n") || strings.Contains(s, "  ") {
				t.Errorf("%s: %s is %q", language, key, s)
			}
		}
	}
}

func TestTextFallsBackKeyByKey(t *testing.T) {
	if got, want := For("de").Text("consent.continue"), For("en").Text("consent.continue"); got != want {
		t.Errorf("German without a text shows %q, want %q", got, want)
	}
	if got := For("xx").Language; got != "en" {
		t.Errorf("an unknown language is shown in %s", got)
	}
	if got := For("de").Language; got != "de" {
		t.Errorf("German pages say that they are in %s", got)
	}
	if got := For("en").Text("no.such"); got != "no.such" || For("en").Has("no.such") {
		t.Errorf("a key without a text shows %q", got)
	}
}

// TestFillIsDoneOnce: what a client calls itself is not read as a text with places.
func TestFillIsDoneOnce(t *testing.T) {
	got := For("en").Text("consent.title", "client", "{client} {institution}\u202e\n")
	if want := "Connect your accounts to {client} {institution} "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := fill("{a} {b}.", []string{"a", "1"}); got != "1 {b}." {
		t.Errorf("got %q", got)
	}
}

func TestPlurals(t *testing.T) {
	for language, want := range map[string]string{ // for 0, 1, 2, 5, 11, 12, 21, 22, 101
		"en": "other one other other other other other other other",
		"de": "other one other other other other other other other",
		"fr": "one one other other other other other other other",
		"pl": "many one few many many many many few many",
		"lt": "other one few few other other one few one",
		"lv": "zero one other other zero zero one other one",
		"ro": "few one few few few few other other few",
		"vi": "other other other other other other other other other",
	} {
		var got []string
		for _, n := range []int{0, 1, 2, 5, 11, 12, 21, 22, 101} {
			got = append(got, plural(language, n))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", language, got, want)
		}
	}
	if got := For("en").Count("institutions.found", 1) + ", " + For("pl").Count("institutions.found", 3); got != "1 bank, 3 banks" {
		t.Errorf("got %q", got)
	}
}

func TestMoney(t *testing.T) {
	for _, c := range []struct{ language, amount, currency, want string }{
		{"en", "110", "USD", "$110.00"},
		{"en", "-410.5", "USD", "−$410.50"},
		{"en", "1234567.891", "EUR", "€1,234,567.89"},
		{"en", "23631.9805", "USD", "$23,631.98"},
		{"en", "12", "CHF", "12.00\u00a0CHF"},
		{"en", "0.53120001", "BTC", "0.53120001\u00a0BTC"},
		{"en", "1200.4", "JPY", "¥1,200"},
		{"en", "999", "", "999"},
		{"de", "1234.5", "EUR", "1.234,50\u00a0€"},
		{"fr", "1234.5", "EUR", "1\u202f234,50\u00a0€"},
		{"es", "1234.5", "EUR", "1234,50\u00a0€"},
		{"es", "12345.5", "EUR", "12.345,50\u00a0€"},
		{"es", "1234.5", "USD", "$1,234.50"},
		{"nl", "-1234.5", "EUR", "−€\u00a01.234,50"},
		{"sv", "1234", "SEK", "1\u00a0234,00\u00a0kr"},
		{"en", "12345678901234567890.12", "USD", "$12,345,678,901,234,567,890.12"},
		{"en", "", "USD", ""},
		{"en", "many", "USD", ""},
		{"en", "-0.001", "USD", "$0.00"},
	} {
		if got := For(c.language).Money(c.amount, c.currency); got != c.want {
			t.Errorf("%s %s in %s: %q, want %q", c.amount, c.currency, c.language, got, c.want)
		}
	}
	for _, language := range plaid.Languages {
		if styles[language].decimal == "" {
			t.Errorf("%s has no style of numbers", language)
		}
	}
}

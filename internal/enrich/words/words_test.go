package words_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"weft/internal/enrich/words"
)

func TestCut(t *testing.T) {
	for text, want := range map[string]string{
		"McDonald's #3322":                      "mcdonalds 3322",
		"ACH Electronic CreditGUSTO PAY 123456": "ach electronic credit gusto pay 123456",
		"AT&T*BILL":                             "at and t bill",
		"Crème Brûlée":                          "creme brulee",
		"PayPal DoorDash eBay":                  "paypal doordash ebay",
		"H-E-B 7-ELEVEN":                        "h e b 7 eleven",
		"  & ***  ":                             "",
		"":                                      "",
	} {
		var got []string
		for _, w := range words.Cut(text) {
			got = append(got, w.Text)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestTokens(t *testing.T) {
	cut := words.Cut("SQ *Cafe   12ab/34")
	if !cut[0].Star || !cut[0].Capital || cut[1].Capital || cut[1].Star || !cut[2].Wide || !cut[2].Digit || cut[2].Digits || !cut[3].Digits || cut[3].Before != '/' {
		t.Errorf("%+v", cut)
	}
}

func TestBounded(t *testing.T) {
	for text, want := range map[string]string{" a\tb\n": "a b", "caf\xe9": "caf", "x\x00y": "xy", "\u00a0z": "z"} {
		if got := words.Bounded(text); got != want {
			t.Errorf("%q: %q, not %q", text, got, want)
		}
	}
	for _, text := range []string{strings.Repeat("ß", 999), strings.Repeat("a", 511) + "ß", strings.Repeat("\U0001F600", 300), strings.Repeat("\x80", 999)} {
		if got := words.Bounded(text); len(got) > 512 || !utf8.ValidString(got) {
			t.Errorf("%d bytes, valid %t", len(got), utf8.ValidString(got))
		}
	}
}

func TestPhrases(t *testing.T) {
	var p words.Phrases[string]
	for _, phrase := range []string{"credit card 0 payment", "credit card", "credit", "optometr*", "card", "donut", "credit ca* fee"} {
		p.Add(words.Of(phrase), phrase)
	}
	for text, want := range map[string]string{
		"credit card 3333 payment": "credit, credit card, credit card 0 payment",
		"credit card xxxx payment": "credit, credit card, credit card 0 payment",
		"credit cash fee":          "credit, credit ca* fee",
		"optometrist":              "optometr*",
		"card":                     "card",
		"debit card":               "",
		"":                         "",
	} {
		var got []string
		p.At(words.Cut(text), func(phrase string, length int) {
			got = append(got, phrase)
			if length != len(words.Of(phrase)) {
				t.Errorf("%s has %d words", phrase, length)
			}
		})
		if strings.Join(got, ", ") != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}

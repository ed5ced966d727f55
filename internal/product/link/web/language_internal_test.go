package web

import "testing"

func TestTheLanguageThatABrowserLikesBest(t *testing.T) {
	for header, want := range map[string]string{
		"":                                   "en",
		"es":                                 "es",
		"es-MX,es;q=0.9,en;q=0.8":            "es",
		"en;q=0.5, fr;q=0.9":                 "fr",
		"ja, zh-TW;q=0.9, de-AT;q=0.3":       "de",
		"fr;q=0, en":                         "en",
		"nb-NO":                              "no",
		"nn, en;q=0.1":                       "no",
		"*":                                  "en",
		"ja":                                 "en",
		"es;q=x, fr":                         "fr", // what can be read
		"xx, fr-CA;q=0.8":                    "fr",
		"\x00\xff;;;,,,":                     "en",
		"ES-419 , en":                        "es",
		"x-klingon, pt-BR;q=0.2, it;q=0.200": "pt",
	} {
		if got := preferred(header); got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
}

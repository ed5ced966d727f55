package match

import (
	"maps"
	"testing"

	"weft/internal/connector"
	"weft/internal/plaid"
)

func day(n int) plaid.Date { return plaid.MustDate("2026-01-01").AddDays(n) }

func TestRows(t *testing.T) {
	row := func(key string, d int, content string) Entry {
		return Entry{Account: "a", Key: key, Date: day(d), Content: content}
	}
	window := &connector.Window{From: day(0), To: day(9)}
	for name, c := range map[string]struct {
		known, stated []Entry
		window        *connector.Window
		want          map[string]string
	}{
		"the same keys": {
			[]Entry{row("1", 3, "x")}, []Entry{row("1", 3, "x")}, window, nil,
		},
		"all renumbered": {
			[]Entry{row("1", 3, "x"), row("2", 4, "y")}, []Entry{row("8", 3, "x"), row("9", 4, "y")}, nil, map[string]string{"8": "1", "9": "2"},
		},
		"one renumbered inside the window": {
			[]Entry{row("1", 3, "x"), row("2", 4, "y")}, []Entry{row("1", 3, "x"), row("9", 4, "y")}, window, map[string]string{"9": "2"},
		},
		// The file may begin in the middle of its first day: the known row may be another one.
		"on the window's first day, where keys are stable": {
			[]Entry{row("1", 3, "x"), row("2", 0, "y")}, []Entry{row("1", 3, "x"), row("9", 0, "y")}, window, nil,
		},
		"an equal row that is new": {
			[]Entry{row("1", 3, "coffee")}, []Entry{row("1", 3, "coffee"), row("2", 3, "coffee")}, window, nil,
		},
		"two equal rows renumbered, a third new": {
			[]Entry{row("1", 3, "coffee"), row("2", 3, "coffee")}, []Entry{row("7", 3, "coffee"), row("8", 3, "coffee"), row("9", 3, "coffee")},
			nil, map[string]string{"7": "1", "8": "2"},
		},
		"another day": {
			[]Entry{row("1", 3, "x")}, []Entry{row("9", 4, "x")}, window, nil,
		},
		"another account": {
			[]Entry{{Account: "b", Key: "1", Date: day(3), Content: "x"}}, []Entry{row("9", 3, "x")}, window, nil,
		},
	} {
		got := map[string]string{}
		for id, key := range Rows(c.known, c.stated, func(string) *connector.Window { return c.window }) {
			got[id[1]] = key
		}
		if !maps.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestContentForgivesCaseAndSpacing(t *testing.T) {
	if Content("5.00", " Coffee  Shop ") != Content("5.00", "COFFEE SHOP") {
		t.Error("case and spacing make another content")
	}
	if Content("a", "bc") == Content("ab", "c") || Content("a") == Content("b") {
		t.Error("different contents are one")
	}
}

package match

import (
	"slices"
	"testing"

	"weft/internal/connector"
	"weft/internal/plaid"
)

// settled are the keys of rows that corrections take back.
func settled(rows []Row, corrections ...*Correction) []string {
	c := newCorrections("item", "kind")
	for _, one := range corrections {
		one.Account = "a"
		if one.Until == 0 {
			one.Until = day(100)
		}
		c.add(one)
	}
	c.Settle(rows)
	keys := []string{}
	for _, id := range c.Taken() {
		keys = append(keys, id[1])
	}
	return keys
}

func TestSettle(t *testing.T) {
	row := func(key, reference string, d int, amount string) Row {
		return Row{Account: "a", Key: key, Reference: reference, Date: day(d), Amount: plaid.Dec(amount), Content: amount}
	}
	by := func(reference, key string, d int, amount string) *Correction {
		return &Correction{Reference: reference, ReplacedBy: key, Date: day(d), Amount: plaid.Dec(amount)}
	}
	deleted := func(reference string) *Correction { return &Correction{Reference: reference} }
	purchase, fee := row("purchase", "7", 3, "4.50"), row("fee", "7", 3, "0.12")
	other := row("other", "8", 3, "4.50")
	for name, c := range map[string]struct {
		rows        []Row
		corrections []*Correction
		want        []string
	}{
		"replaced":                           {[]Row{purchase, other}, []*Correction{by("7", "new", 4, "4.60")}, []string{"purchase"}},
		"deleted":                            {[]Row{purchase, other}, []*Correction{deleted("7")}, []string{"purchase"}},
		"not there":                          {[]Row{other}, []*Correction{by("7", "new", 4, "4.60"), deleted("7")}, nil},
		"a fee of one reference":             {[]Row{purchase, fee}, []*Correction{by("7", "new", 3, "4.60")}, []string{"purchase"}},
		"the fee is meant":                   {[]Row{purchase, fee}, []*Correction{by("7", "new", 3, "0.15")}, []string{"fee"}},
		"the day comes before the amount":    {[]Row{purchase, row("later", "7", 9, "4.60")}, []*Correction{by("7", "new", 4, "4.60")}, []string{"purchase"}},
		"both are replaced":                  {[]Row{purchase, fee}, []*Correction{by("7", "new", 3, "4.60"), by("7", "new fee", 3, "0.15")}, []string{"fee", "purchase"}},
		"deleted, and it is not clear which": {[]Row{purchase, fee}, []*Correction{deleted("7")}, nil},
		"deleted one of two that are equal":  {[]Row{purchase, row("twice", "7", 3, "4.50")}, []*Correction{deleted("7")}, []string{"purchase"}},
		"one replaced, the other deleted":    {[]Row{purchase, fee}, []*Correction{deleted("7"), by("7", "new", 3, "4.60")}, []string{"fee", "purchase"}},
		"replaced and replaced again": {[]Row{purchase, row("new", "9", 3, "4.60")}, []*Correction{by("7", "new", 3, "4.60"), by("9", "newest", 3, "4.70")},
			[]string{"new", "purchase"}},
		"replaced under its own reference": {[]Row{purchase, row("new", "7", 3, "4.60")}, []*Correction{by("7", "new", 3, "4.60")}, []string{"purchase"}},
		"replaced by itself":               {[]Row{purchase}, []*Correction{by("7", "purchase", 3, "4.50")}, nil},
		"each the other's replacement":     {[]Row{purchase, other}, []*Correction{by("7", "other", 3, "4.50"), by("8", "purchase", 3, "4.50")}, []string{"purchase"}},
		"a reference that is used again":   {[]Row{row("next year", "7", 200, "4.50")}, []*Correction{deleted("7")}, nil},
	} {
		for range 3 { // the order of rows does not count
			if got := settled(c.rows, c.corrections...); !slices.Equal(got, append([]string{}, c.want...)) {
				t.Errorf("%s: took back %q, want %q", name, got, c.want)
			}
			for _, one := range c.corrections {
				one.Took = nil
			}
			slices.Reverse(c.rows)
		}
	}
}

// A bank that has one reference for all rows says nothing with it.
func TestSettleReferenceOfAllRows(t *testing.T) {
	rows := make([]Row, mostOfOne+1)
	for i := range rows {
		rows[i] = Row{Account: "a", Key: day(i).String(), Reference: "1", Date: day(i)}
	}
	c := &Correction{Reference: "1", ReplacedBy: "new", Date: day(5), Until: day(5000)}
	if got := settled(rows, c); len(got) != 0 {
		t.Errorf("took back %q", got)
	}
	if got := settled(rows[:mostOfOne], c); !slices.Equal(got, []string{day(5).String()}) {
		t.Errorf("took back %q", got)
	}
}

// What was taken back before it was known that another row was meant is given back.
func TestSettleRestores(t *testing.T) {
	c := newCorrections("item", "kind")
	c.add(&Correction{Account: "a", Reference: "7", ReplacedBy: "new", Date: day(3), Amount: plaid.Dec("4.60"), Until: day(9)})
	fee := Row{Account: "a", Key: "fee", Reference: "7", Date: day(3), Amount: plaid.Dec("0.12"), Text: "the fee"}
	purchase := Row{Account: "a", Key: "purchase", Reference: "7", Date: day(3), Amount: plaid.Dec("4.50")}
	if restored := c.Settle([]Row{fee}); len(restored) != 0 || !c.TakenBack("a", "fee") || c.Heir("a", "fee") != "new" {
		t.Fatalf("at first: %v, taken %v", restored, c.Taken())
	}
	clear(c.taken)
	restored := c.Settle([]Row{purchase})
	if len(restored) != 1 || restored[0].Text != "the fee" || c.TakenBack("a", "fee") || !c.TakenBack("a", "purchase") {
		t.Errorf("then: %v, taken %v", restored, c.Taken())
	}
}

func TestLearn(t *testing.T) {
	window := &connector.Window{From: day(0), To: day(31)}
	batch := connector.Batch{Accounts: []connector.Account{{Key: "acct", History: window}}, Corrections: []connector.Correction{
		{AccountKey: "acct", Reference: "1", ReplacedBy: "new"}, {AccountKey: "acct", Reference: "2"}, {AccountKey: "acct", Reference: "3", ReplacedBy: "elsewhere"},
	}}
	rows := slices.Values([]Row{{Account: "a", Key: "new", Date: day(4), Amount: plaid.Dec("5")}})
	c := newCorrections("item", "kind")
	c.Learn(batch, map[string]string{"acct": "a"}, rows)
	if len(c.all) != 2 || !c.Names("a", "1") || !c.Names("a", "2") || c.Names("a", "3") || c.Names("a", "") || !c.Replacement("a", "new") {
		t.Errorf("learnt %v", c.all)
	}
	one := c.all[place{"a", "1", "new"}]
	if one.Date != day(4) || one.Amount.String() != "5" || one.Until != day(31+slack) {
		t.Errorf("learnt %+v", one)
	}
	window.To = day(10)
	c.Learn(batch, map[string]string{"acct": "a"}, rows)
	if one.Until != day(10+slack) {
		t.Errorf("until %s", one.Until)
	}
	batch.Accounts[0].History.To = plaid.MustDate("9999-12-31")
	c = newCorrections("item", "kind")
	c.Learn(batch, map[string]string{"acct": "a"}, rows)
	if until := c.all[place{"a", "2", ""}].Until; until != lastDay {
		t.Errorf("until %s", until)
	}
}

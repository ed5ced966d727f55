package match

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestPhones(t *testing.T) {
	for _, c := range []struct{ a, b, want string }{
		{"+14157452130", "+14157452130", perfect},
		{"+14157452130", "(415) 745-2130", perfect},
		{"+14157452130", "415.745.2130", perfect},
		{"14157452130", "4157452130", perfect},
		{"1112223333", "+1 111 222 3333", perfect},
		{"+14157452130", "+14157452131", mismatch},
		{"+14157452130", "+4414157452130", mismatch},
		{"+14157452130 x12", "+14157452130", strong},
		{"+14157452130 ext. 12", "415-745-2130 x12", perfect},
		{"+14157452130 ext. 12", "+14157452130;ext=13", mismatch},
		{"+14157452130", "745-2130", partial},
		{"+442079460958", "020 7946 0958", strong},
		{"+442079460958", "0044 20 7946 0958", perfect},
		{"+442079460958", "011 44 20 7946 0958", perfect},
		{"", "+14157452130", mismatch},
		{"123", "123", mismatch},
	} {
		if got := Phones(c.a, c.b); band(got) != c.want {
			t.Errorf("%q and %q: %d, want %s", c.a, c.b, got, c.want)
		}
	}
}

func TestHasPhone(t *testing.T) {
	for s, want := range map[string]bool{
		"+14157452130": true, "(415) 745-2130 ext. 7": true, "1112223333": true, "745-2130": true,
		"": false, "12345": false, "call me": false, "+1234567890123456": false, "4157452130 (home)": false,
	} {
		if HasPhone(s) != want {
			t.Errorf("%q: %v", s, !want)
		}
	}
}

func TestEmails(t *testing.T) {
	for _, c := range []struct{ a, b, want string }{
		{"accountholder0@example.com", "AccountHolder0@Example.COM", perfect},
		{" a@example.com ", "a@example.com", perfect},
		{"a+bank@example.com", "a@example.com", strong},
		{"a+bank@example.com", "a+shop@example.com", strong},
		{"j.smith@gmail.com", "jsmith@googlemail.com", strong},
		{"j.smith@example.com", "jsmith@example.com", mismatch},
		{"a@example.com", "a@example.org", mismatch},
		{"+@example.com", "+@example.com", perfect},
		{"nobody", "nobody", mismatch},
		{"", "a@example.com", mismatch},
	} {
		if got := Emails(c.a, c.b); band(got) != c.want {
			t.Errorf("%q and %q: %d, want %s", c.a, c.b, got, c.want)
		}
	}
}

func TestAddresses(t *testing.T) {
	full := Address{"2992 Cameron Road", "Malakoff", "NY", "14236", "US"}
	with := func(change func(*Address)) Address {
		a := full
		change(&a)
		return a
	}
	for name, c := range map[string]struct {
		other  Address
		want   string
		postal bool
	}{
		"the same":           {full, perfect, true},
		"short words":        {Address{"2992 Cameron Rd.", "MALAKOFF", "New York", "14236-1234", "USA"}, perfect, true},
		"no country":         {with(func(a *Address) { a.Country = "" }), perfect, true},
		"no region":          {with(func(a *Address) { a.Region = "" }), strong, true},
		"no postal code":     {with(func(a *Address) { a.PostalCode = "" }), strong, false},
		"another code":       {with(func(a *Address) { a.PostalCode = "14237" }), partial, false},
		"a slip":             {with(func(a *Address) { a.Street = "2992 Camron Road" }), strong, true},
		"a unit":             {with(func(a *Address) { a.Street = "2992 Cameron Road Apt 4" }), strong, true},
		"a unit before":      {with(func(a *Address) { a.Street = "#4, 2992 Cameron Rd" }), strong, true},
		"no Road":            {with(func(a *Address) { a.Street = "2992 Cameron" }), strong, true},
		"North":              {with(func(a *Address) { a.Street = "2992 N Cameron Road" }), strong, true},
		"number last":        {with(func(a *Address) { a.Street = "Cameron Road 2992" }), perfect, true},
		"another number":     {with(func(a *Address) { a.Street = "17 Cameron Road" }), partial, true},
		"another street":     {with(func(a *Address) { a.Street = "2992 Juniper Boulevard" }), mismatch, true},
		"postal code alone":  {Address{PostalCode: "14236"}, mismatch, true},
		"city alone":         {Address{City: "Malakoff"}, mismatch, false},
		"another country":    {with(func(a *Address) { a.Country = "CA" }), mismatch, true},
		"somewhere else":     {Address{"12 Elm Street", "Portland", "OR", "97201", "US"}, mismatch, false},
		"nothing":            {Address{}, mismatch, false},
		"nothing in country": {Address{Country: "US"}, mismatch, false},
	} {
		got := Addresses(full, c.other)
		if band(got.Score) != c.want || got.PostalCode != c.postal {
			t.Errorf("%s: %+v, want %s, %v", name, got, c.want, c.postal)
		}
	}
	for _, c := range []struct{ a, b string }{
		{"PO Box 12", "P.O. Box 12"}, {"1 Main St Suite 300", "1 Main Street #300"}, {"5 Fifth Avenue", "5 5th Ave"},
		{"8 Saint Mark's Place", "8 St Marks Pl"}, {"Hauptstraße 5", "HAUPTSTRASSE 5"},
	} {
		if got := Addresses(Address{Street: c.a}, Address{Street: c.b}); got.Score != 100 {
			t.Errorf("%q and %q: %+v", c.a, c.b, got)
		}
	}
}

// Contacts and addresses score from 0 to 100, the same from either side, and 100 for what is the same.
func TestContactsProperties(t *testing.T) {
	text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[+(]?[0-9 ().-]{0,16}( ?(x|ext\.?) ?[0-9]{1,4})?`),
		rapid.StringMatching(`[a-z.+]{0,6}@(gmail|example)\.com`), rapid.StringMatching(`([0-9]{1,4} )?(N |Saint )?[A-Z][a-z]{2,9}( (St|Road|Ave))?( (Apt|#) ?[0-9])?`))
	rapid.Check(t, func(t *rapid.T) {
		hold := func(what string, one, other, self int, is bool) {
			if one != other || one < 0 || one > 100 || is && self != 100 {
				t.Fatalf("%s: %d, the other way round %d, with itself %d", what, one, other, self)
			}
		}
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		hold("phones", Phones(a, b), Phones(b, a), Phones(a, a), HasPhone(a))
		hold("emails", Emails(a, b), Emails(b, a), Emails(a, a), strings.Contains(a, "@") && !strings.HasPrefix(strings.TrimSpace(a), "@"))
		place := func(label string) Address {
			return Address{text.Draw(t, label), text.Draw(t, label), text.Draw(t, label), text.Draw(t, label), rapid.SampledFrom([]string{"", "US", "CA"}).Draw(t, label)}
		}
		x, y := place("x"), place("y")
		one, other := Addresses(x, y), Addresses(y, x)
		hold("addresses", one.Score, other.Score, Addresses(x, x).Score, !x.Empty())
		if one.PostalCode != other.PostalCode {
			t.Fatalf("the postal codes of %+v and %+v", x, y)
		}
	})
}

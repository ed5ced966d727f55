package match

import (
	"slices"
	"strings"
	"unicode"

	"weft/internal/plaid"
)

// Address is a postal address, of which each part may be empty.
type Address struct{ Street, City, Region, PostalCode, Country string }

// AddressOf is an address as banks and clients give it.
func AddressOf(a plaid.AddressData) Address {
	text := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	return Address{a.Street, text(a.City), text(a.Region), text(a.PostalCode), text(a.Country)}
}

// AddressScore is how well two addresses match.
type AddressScore struct {
	Score int
	// PostalCode says that both have a postal code, and the same.
	PostalCode bool
}

// abroad bounds the score of addresses in two countries.
const abroad = 40

// Empty reports whether an address says nothing, or the country alone.
func (a Address) Empty() bool {
	n := a.normal()
	n.Country = ""
	return n == Address{}
}

// Addresses scores two addresses. Each part has its weight; what one side leaves out is not wrong, but leaves less to match by.
func Addresses(a, b Address) AddressScore {
	x, y := a.normal(), b.normal()
	matched, compared, stated := 0, 0, 0
	add := func(weight int, p, q string, score func(p, q string) int) {
		if p == "" && q == "" {
			return
		}
		stated += weight
		if p != "" && q != "" {
			compared += weight
			matched += weight * score(p, q)
		}
	}
	add(50, x.Street, y.Street, streets)
	add(20, x.City, y.City, likeness)
	add(10, x.Region, y.Region, sameness)
	add(20, x.PostalCode, y.PostalCode, sameness)
	s := AddressScore{PostalCode: x.PostalCode != "" && x.PostalCode == y.PostalCode}
	if compared == 0 {
		return s
	}
	s.Score = matched * (compared + stated) / (2 * stated * compared)
	if x.Country != "" && y.Country != "" && x.Country != y.Country {
		s.Score = min(s.Score, abroad)
	}
	return s
}

func sameness(p, q string) int {
	if p == q {
		return 100
	}
	return 0
}

// likeness forgives slips of the pen alone.
func likeness(p, q string) int {
	if p == q {
		return 100
	}
	return spelling(word{p, p}, word{q, q})
}

// normal is the address with its parts as they are compared.
func (a Address) normal() Address {
	country := strings.ToUpper(strings.Join(parts(a.Country), ""))
	if country == "USA" || country == "UNITEDSTATES" || country == "UNITEDSTATESOFAMERICA" {
		country = "US"
	}
	region := strings.Join(parts(a.Region), " ")
	if code, ok := regions[region]; ok {
		region = code
	}
	postal := strings.ToUpper(strings.Join(parts(a.PostalCode), ""))
	if digits := strings.Trim(postal, "0123456789") == ""; digits && len(postal) == 9 && (country == "US" || country == "") {
		postal = postal[:5] // the rest names the block
	}
	city := parts(a.City)
	for i, w := range city {
		if long, ok := cityWords[w]; ok {
			city[i] = long
		}
	}
	return Address{strings.Join(street(a.Street), " "), strings.Join(city, " "), region, postal, country}
}

// parts are the words of a text, folded.
func parts(s string) []string {
	s = strings.NewReplacer("'", "", "’", "", "#", " # ").Replace(fold(s))
	return strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '#' })
}

// street are the words of a street, in their short forms.
func street(s string) []string {
	words := parts(s)
	if len(words) > 2 && words[0] == "p" && words[1] == "o" {
		words = append([]string{"po"}, words[2:]...)
	}
	for i, w := range words {
		if short, ok := streetWords[w]; ok {
			words[i] = short
		}
	}
	// A unit is "unit" and its number, whatever it is called: Apt 4, Suite 4, # 4, Unit #4.
	return slices.Compact(words)
}

// streets compares two streets: the house's number, the street's name and the unit.
func streets(p, q string) int {
	x, y := splitStreet(p), splitStreet(q)
	score := 0
	switch {
	case x.name == y.name:
		score = 100
	case slices.Equal(sorted(x.name), sorted(y.name)): // Main St 5, 5 Main St
		score = 98
	default:
		score = spelling(word{x.name, x.name}, word{y.name, y.name})
		if d := shortened(x.name, y.name); d > score {
			score = d
		}
	}
	switch {
	case x.number == y.number:
	case x.number == "" || y.number == "":
		score = part(score, 70)
	default:
		score = part(score, 40)
	}
	switch {
	case x.unit == y.unit:
	case x.unit == "" || y.unit == "":
		score = part(score, 92)
	default:
		score = part(score, 80)
	}
	return score
}

func sorted(s string) []string { return slices.Sorted(strings.FieldsSeq(s)) }

// shortened scores names of which one leaves words out that streets are called besides: North Main St, Main St, Main.
func shortened(a, b string) int {
	x, y := strings.Fields(a), strings.Fields(b)
	if len(x) < len(y) {
		x, y = y, x
	}
	core := func(words []string) []string {
		return slices.DeleteFunc(slices.Clone(words), func(w string) bool { return besides[w] })
	}
	extra := slices.DeleteFunc(slices.Clone(x), func(w string) bool { return slices.Contains(y, w) })
	if len(y) == 0 || len(core(y)) == 0 || len(core(extra)) > 0 || slices.ContainsFunc(y, func(w string) bool { return !slices.Contains(x, w) }) {
		return 0
	}
	return 90
}

type splitted struct{ number, name, unit string }

func splitStreet(s string) splitted {
	var out splitted
	words := strings.Fields(s)
	if i := slices.Index(words, "unit"); i >= 0 && i+1 < len(words) {
		end := i + 2
		out.unit = words[i+1]
		words = slices.Delete(words, i, end)
	}
	if i := slices.IndexFunc(words, func(w string) bool { return w[0] >= '0' && w[0] <= '9' && !ordinal(w) }); i >= 0 {
		out.number = words[i]
		words = slices.Delete(words, i, i+1)
	}
	out.name = strings.Join(words, " ")
	return out
}

// ordinal reports whether a word is the name of a numbered street: 5th.
func ordinal(w string) bool {
	rest := strings.TrimLeft(w, "0123456789")
	return rest == "st" || rest == "nd" || rest == "rd" || rest == "th"
}

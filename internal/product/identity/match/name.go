package match

import (
	"slices"
	"strings"
)

// NameScore is how well two names match.
type NameScore struct {
	Score int
	// FirstOrLast says that the first names or the last names are the same.
	FirstOrLast bool
	// Nickname says that one first name is what people with the other one are called.
	Nickname bool
	// Business says that one of the names is a business's.
	Business bool
}

// HasName reports whether a text has anything that could be a name.
func HasName(s string) bool { return len(wordsOf(s)) > 0 }

// Names scores two names. A joint name (John and Jane Smith) matches by the better of its persons.
func Names(a, b string) NameScore {
	var best NameScore
	business := false
	for _, x := range persons(a) {
		for _, y := range persons(b) {
			one := score(x, y)
			business = business || one.Business
			if one.better(best) {
				best = one
			}
		}
	}
	best.Business = business
	return best
}

func (s NameScore) better(than NameScore) bool {
	if s.Score != than.Score {
		return s.Score > than.Score
	}
	return rank(s) > rank(than)
}

// rank orders scores that are the same.
func rank(s NameScore) (n int) {
	if s.FirstOrLast {
		n += 2
	}
	if s.Nickname {
		n++
	}
	return n
}

// persons are the name, and where it is of several persons, each of theirs. Those without a family name share the last one's.
func persons(s string) []name {
	whole := parse(s)
	if whole.business {
		return []name{whole}
	}
	var parts []name
	for _, text := range jointly(s) {
		if p := parse(text); len(p.words) > 0 {
			parts = append(parts, p)
		}
	}
	if len(parts) < 2 {
		return []name{whole}
	}
	var family []word
	for _, p := range parts {
		if n := len(p.words); n > 1 {
			family = p.words[n-1:]
		}
	}
	for i, p := range parts {
		if len(p.words) == 1 {
			parts[i].words = append(p.words, family...)
		}
	}
	return parts
}

// jointly splits a joint name. In a name with a comma the words are no list.
func jointly(s string) []string {
	s = strings.ReplaceAll(s, "&", " and ")
	words := strings.Fields(s)
	var parts []string
	var part []string
	for _, w := range append(words, "and") {
		switch strings.ToLower(w) {
		case "and", "or", "und", "et":
			parts, part = append(parts, strings.Join(part, " ")), nil
		default:
			part = append(part, w)
		}
	}
	return parts
}

// score compares two names that are each of one.
func score(a, b name) NameScore {
	if len(a.words) == 0 || len(b.words) == 0 {
		return NameScore{Business: a.business || b.business}
	}
	if a.business || b.business {
		return NameScore{Score: bags(a.telling(), b.telling()), Business: true}
	}
	var best NameScore
	for _, x := range a.readings() {
		for _, y := range b.readings() {
			if x.turned && y.turned || x.called && y.called {
				continue
			}
			if one := x.with(y); one.better(best) {
				best = one
			}
		}
	}
	if !slices.Equal(a.particles, b.particles) {
		best.Score = part(best.Score, 98)
	}
	if a.joined == b.joined {
		best.Score = max(best.Score, 99)
	}
	best.Score = part(best.Score, suffixFactor(a.suffix, b.suffix))
	return best
}

// suffixFactor: a generation that only one side names is left out by habit; two that differ are father and son.
func suffixFactor(a, b string) int {
	switch {
	case a == b:
		return 100
	case a == "" || b == "":
		return 98
	}
	return 80
}

// reading is one way to read a name: which of its words are the first name, the middle ones and the family's.
type reading struct {
	first  word
	middle []word
	family []word
	// turned: the family's name stands first, as in banks' lists. called: the first name is a later given name.
	turned, called bool
}

// readings are the ways to read a name. A name of one word is read as either.
func (n name) readings() []reading {
	if len(n.words) == 1 {
		return []reading{{first: n.words[0]}}
	}
	var list []reading
	add := func(given, family []word, turned bool) {
		list = append(list, reading{first: given[0], middle: given[1:], family: family, turned: turned})
		if len(given) > 1 && !turned {
			list = append(list, reading{first: given[1], middle: given[2:], family: family, called: true})
		}
	}
	last := len(n.words)
	if n.family > 0 {
		add(n.words[:last-n.family], n.words[last-n.family:], false)
		return list
	}
	add(n.words[:last-1], n.words[last-1:], false)
	if last > 2 {
		add(n.words[:last-2], n.words[last-2:], false)
	}
	add(n.words[1:], n.words[:1], true)
	return list
}

// enough is the least that a part must match for the whole to match at all.
const enough = 70

// with compares two readings.
func (r reading) with(o reading) NameScore {
	if len(r.family) == 0 || len(o.family) == 0 {
		return r.single(o)
	}
	first, nickname := firstNames(r.first, o.first)
	family := families(r.family, o.family)
	if len(r.family) != len(o.family) && len(r.middle) != len(o.middle) {
		family = min(family, enough-1) // the one's middle name is another's family name
	}
	s := NameScore{FirstOrLast: first == 100 || family == 100, Nickname: nickname}
	if first < enough || family < enough {
		s.Score = min(part((first+family)/2, 80), enough-1)
		return s
	}
	s.Score = part(part(first, family), middles(r.middle, o.middle))
	if r.turned != o.turned {
		s.Score = part(s.Score, 97)
	}
	if r.called != o.called {
		s.Score = part(s.Score, 82)
	}
	return s
}

// single compares where one side has one word, which may be a first name or a family's. Only the same word is the same name.
func (r reading) single(o reading) NameScore {
	if len(r.family) == 0 && len(o.family) == 0 {
		first, nickname := firstNames(r.first, o.first)
		return NameScore{Score: first, FirstOrLast: first == 100, Nickname: nickname}
	}
	if len(o.family) > 0 {
		r, o = o, r
	}
	first, nickname := firstNames(r.first, o.first)
	family := families(r.family, []word{o.first})
	return NameScore{Score: part(max(first, family), 60), FirstOrLast: first == 100 || family == 100, Nickname: nickname}
}

// firstNames compares two given names.
func firstNames(a, b word) (score int, nickname bool) {
	switch {
	case a.plain == b.plain:
		return 100, false
	case same(a, b):
		return 99, false
	case sameNickname(a.plain, b.plain):
		return 92, true
	case a.initial() != b.initial() && []rune(a.plain)[0] == []rune(b.plain)[0]:
		return 80, false
	}
	return spelling(a, b), false
}

// families compares two family names, each of one word or more. One that is part of the other is that of somebody who has
// married, or of a country where people have two.
func families(a, b []word) int {
	x, y := join(a), join(b)
	switch {
	case x.plain == y.plain:
		return 100
	case same(x, y):
		return 99
	case contains(a, b) || contains(b, a):
		return 88
	case len(a) == 1 && len(b) == 1 && a[0].initial() != b[0].initial() && []rune(x.plain)[0] == []rune(y.plain)[0]:
		return 75
	}
	return spelling(x, y)
}

func join(words []word) word {
	var w word
	for _, each := range words {
		w.plain += each.plain
		w.spelled += each.spelled
	}
	return w
}

// contains reports whether all words of a part are words of the whole, initials apart.
func contains(whole, part []word) bool {
	return !slices.ContainsFunc(part, func(p word) bool {
		return p.initial() || !slices.ContainsFunc(whole, func(w word) bool { return same(w, p) })
	})
}

// middles is a factor in hundredths for the middle names.
func middles(a, b []word) int {
	if len(a) == 0 && len(b) == 0 {
		return 100
	}
	if len(a) == 0 || len(b) == 0 {
		return 97
	}
	least := 100
	for i := range min(len(a), len(b)) {
		s, _ := firstNames(a[i], b[i])
		switch {
		case s >= 99:
		case s == 80: // an initial
			least = min(least, 99)
		case s >= enough:
			least = min(least, 96)
		default:
			least = min(least, 82)
		}
	}
	if len(a) != len(b) {
		least = part(least, 98)
	}
	return least
}

// same reports whether two words are the same in one of their spellings.
func same(a, b word) bool {
	return a.plain == b.plain || a.spelled == b.plain || a.plain == b.spelled || a.spelled == b.spelled
}

// spelling is the score of two words that differ: a slip of the pen, or another word.
func spelling(a, b word) int {
	longest := max(len([]rune(a.plain)), len([]rune(b.plain)))
	switch d := distance(a.plain, b.plain); {
	case d == 1 && longest >= 5:
		return 88
	case d == 1 && longest == 4, d == 2 && longest >= 9:
		return 78
	}
	return part(alike(a.plain, b.plain), 60)
}

// bags compares the words of two names of which one is a business's, in whatever order: how much of the letters of both is
// the same.
func bags(a, b []word) int { return max(paired(a, b), paired(b, a)) }

// paired gives each word its best partner of those that are left.
func paired(a, b []word) int {
	matched, total, alone := 0, 0, 0
	rest := slices.Clone(b)
	for _, w := range a {
		total += len([]rune(w.plain))
		best, at := 0, -1
		for i, o := range rest {
			s := spelling(w, o)
			if same(w, o) {
				s = 100
			}
			if s > best && s >= enough {
				best, at = s, i
			}
		}
		if at >= 0 {
			matched += best * (len([]rune(w.plain)) + len([]rune(rest[at].plain)))
			total += len([]rune(rest[at].plain))
			rest = slices.Delete(rest, at, at+1)
		} else {
			alone++
		}
	}
	for _, w := range rest {
		total += len([]rune(w.plain))
	}
	score := matched / max(total, 1)
	if alone > 0 && len(rest) > 0 { // the one says something else, not only more
		return part(score, 80)
	}
	return score
}

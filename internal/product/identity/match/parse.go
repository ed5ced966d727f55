package match

import (
	"slices"
	"strings"
	"unicode"
)

// word is a part of a name, folded, and as it is where marks are spelled out.
type word struct{ plain, spelled string }

func (w word) initial() bool { return len([]rune(w.plain)) == 1 }

// name is a name of a person or a business, taken apart.
type name struct {
	// words are the given names and then the family names, without titles, particles and suffixes. Those of a business are
	// without its legal form.
	words []word
	// family is how many of the last words are the family's, where a comma says so; else 0.
	family int
	// particles are the small words of family names, suffix the generation.
	particles []string
	suffix    string
	// joined are words and particles written together, which is how banks and people differ most: Mc Donald, Vandenberg, JeanLuc.
	joined   string
	business bool
}

var (
	titles    = set("mr mrs ms miss mx dr prof professor rev reverend fr sir hon capt lt sgt herr frau madame mme mlle sr sra srta senor senora")
	degrees   = set("phd md dds dvm esq cpa jd mba msc bsc cfa")
	particles = set("de del della di da do dos das du des la las le les los van von vom zu zum zur der den dem ten ter te het of bin ibn bint ben al el af av zum")
	suffixes  = map[string]string{"jr": "jr", "junior": "jr", "sr": "sr", "senior": "sr", "ii": "ii", "2nd": "ii", "iii": "iii", "3rd": "iii", "iv": "iv", "4th": "iv", "v": "v"}

	// legalForms say of a name, wherever they stand in it, that it is a business's; lastForms only at its end. Those that people
	// are called too need two words before them.
	legalForms = set("llc llp lllp pllc inc incorporated corp corporation ltd limited plc gmbh sarl pty dba company")
	lastForms  = set("co lp pc ag kg bv nv sa sas srl spa oy ab aps as kft oyj pte ohg ug")
	alsoNames  = set("co sa as ab oy")
	fillers    = set("the and of a")
)

func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

// wordsOf are the words of a text. An apostrophe belongs to its word, everything else that is neither letter nor digit ends one.
func wordsOf(s string) []word {
	split := func(folded string) []string {
		folded = strings.NewReplacer("'", "", "’", "", "‘", "", "ʼ", "", "`", "", "´", "").Replace(folded)
		return strings.FieldsFunc(folded, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
	}
	plain, spelled := split(fold(s)), split(foldSpelled(s))
	list := make([]word, len(plain))
	for i, p := range plain {
		list[i] = word{p, p}
		if len(spelled) == len(plain) {
			list[i].spelled = spelled[i]
		}
	}
	return list
}

// parse takes a name apart. A text without any letter or digit is a name without words.
func parse(s string) name {
	before, after, comma := strings.Cut(s, ",")
	family, given := wordsOf(before), wordsOf(after)
	if i := slices.IndexFunc(given, isNoSuffix); i > 0 { // Charleson, Jr., Robert
		family, given = append(family, given[:i]...), given[i:]
	}
	var n name
	switch {
	case !comma || len(given) == 0 || !slices.ContainsFunc(given, isNoSuffix):
		n.words = append(family, given...)
	case isBusiness(append(slices.Clone(family), given...)):
		n.words = append(family, given...)
	default:
		// The suffix of "Charleson Jr, Alberta" is the family's, and goes to the end with it.
		n.words, n.family = append(given, family...), len(family)
	}
	if isBusiness(n.words) {
		return n.ofBusiness()
	}
	return n.ofPerson()
}

func isNoSuffix(w word) bool { return suffixes[w.plain] == "" && !degrees[w.plain] }

// isBusiness reports whether words say that they are a business's name.
func isBusiness(words []word) bool {
	if words = joinInitials(words); len(words) == 0 {
		return false
	}
	if slices.ContainsFunc(words, func(w word) bool { return legalForms[w.plain] }) {
		return true
	}
	last := words[len(words)-1:]
	return len(words) > 1 && lastForms[last[0].plain] && (len(words) > 2 || !alsoNames[last[0].plain])
}

// joinInitials writes single letters that are a legal form together: L.L.C.
func joinInitials(words []word) []word {
	var joined []word
	for i := 0; i < len(words); i++ {
		text, end := "", i
		for end < len(words) && words[end].initial() {
			text += words[end].plain
			end++
		}
		if end-i > 1 && (legalForms[text] || lastForms[text] && end == len(words)) {
			joined, i = append(joined, word{text, text}), end-1
			continue
		}
		joined = append(joined, words[i])
	}
	return joined
}

func (n name) ofBusiness() name {
	n.business, n.family = true, 0
	all := joinInitials(n.words)
	n.words = without(all, func(w word) bool { return legalForms[w.plain] || lastForms[w.plain] })
	if len(n.words) == 0 {
		n.words = all
	}
	return n
}

// telling are the words without the small ones of businesses' names, which either side may leave out.
func (n name) telling() []word {
	if words := without(n.words, func(w word) bool { return fillers[w.plain] }); len(words) > 0 {
		return words
	}
	return n.words
}

// ofPerson takes titles, degrees, suffix and particles out, as long as words remain.
func (n name) ofPerson() name {
	words := n.words
	for len(words) > 1 && titles[words[0].plain] {
		words = words[1:]
	}
	n.words = nil
	for i, w := range words {
		last := i >= len(words)-1
		switch {
		case i > 0 && degrees[w.plain] && !slices.ContainsFunc(words[i:], isNoSuffix):
			n.dropFamily(i, len(words))
		case i > 0 && suffixes[w.plain] != "" && (len(words) > 2 || last) && (w.plain != "v" || last):
			n.suffix = suffixes[w.plain]
			n.dropFamily(i, len(words))
		case i > 0 && !last && particles[w.plain]:
			n.particles = append(n.particles, w.plain)
			n.joined += w.plain
			n.dropFamily(i, len(words))
		case !last && (w.plain == "mc" || w.plain == "mac") && i > 0:
			words[i+1] = word{w.plain + words[i+1].plain, w.spelled + words[i+1].spelled}
			n.dropFamily(i, len(words))
		default:
			n.words = append(n.words, w)
			n.joined += w.plain
		}
	}
	n.family = min(n.family, max(len(n.words)-1, 0))
	return n
}

// dropFamily counts the word at a place no longer, where it was one of the family's at the end.
func (n *name) dropFamily(at, of int) {
	if n.family > 0 && at >= of-n.family {
		n.family--
	}
}

func without(words []word, left func(word) bool) []word {
	return slices.DeleteFunc(slices.Clone(words), left)
}

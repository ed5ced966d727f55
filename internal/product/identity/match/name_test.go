package match

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The bands that the contract gives scores: perfect, strong, partial, no match.
const (
	perfect  = "perfect"
	strong   = "strong"
	partial  = "partial"
	mismatch = "mismatch"
)

func band(score int) string {
	switch {
	case score == 100:
		return perfect
	case score >= 85:
		return strong
	case score >= 70:
		return partial
	}
	return mismatch
}

func TestNames(t *testing.T) {
	for _, c := range []struct {
		a, b, want  string
		first, nick bool
	}{
		{"Alberta Bobbeth Charleson", "Alberta Bobbeth Charleson", perfect, true, false},
		{"ALBERTA  BOBBETH CHARLESON", "alberta bobbeth charleson", perfect, true, false},
		{"Alberta Charleson", "Alberta Bobbeth Charleson", strong, true, false},
		{"Alberta B. Charleson", "Alberta Bobbeth Charleson", strong, true, false},
		{"A. Bobbeth Charleson", "Alberta Bobbeth Charleson", partial, true, false},
		{"A Charleson", "Alberta Charleson", partial, true, false},
		{"Alberta C.", "Alberta Charleson", partial, true, false},
		{"Albrta Charleson", "Alberta Charleson", strong, true, false},
		{"Alberta Charlson", "Alberta Charleson", strong, true, false},
		{"Alberta Xavier Charleson", "Alberta Bobbeth Charleson", partial, true, false},
		{"Xavier Bobbeth Charleson", "Alberta Bobbeth Charleson", mismatch, true, false},
		{"Bobbeth Charleson", "Alberta Bobbeth Charleson", partial, true, false},
		{"Robert Charleson", "Alberta Charleson", mismatch, true, false},
		{"Alberta Smith", "Alberta Charleson", mismatch, true, false},
		{"Zoe Quimby", "Alberta Charleson", mismatch, false, false},
		{"Charleson", "Alberta Charleson", mismatch, true, false},
		{"Cher", "Cher", perfect, true, false},
		// Nicknames.
		{"Jenn Miller", "Jennifer Miller", strong, true, true},
		{"Bob Miller", "Robert Miller", strong, true, true},
		{"Bob Miller", "Rob Miller", strong, true, true},
		{"Peggy Miller", "Margaret Jane Miller", strong, true, true},
		{"Bob Miller", "William Miller", mismatch, true, false},
		{"Bob Smith", "Robert Miller", mismatch, false, true},
		// Order.
		{"Charleson, Alberta Bobbeth", "Alberta Bobbeth Charleson", perfect, true, false},
		{"CHARLESON ALBERTA B", "Alberta Bobbeth Charleson", strong, true, false},
		{"Charleson Jr., Robert", "Robert Charleson Jr", perfect, true, false},
		{"Charleson, Jr., Robert", "Robert Charleson Jr", perfect, true, false},
		{"Robert Charleson, Jr.", "Robert Charleson Jr", perfect, true, false},
		// Titles, degrees, generations.
		{"Dr. Alberta Charleson, PhD", "Alberta Charleson", perfect, true, false},
		{"Mr Robert Charleson", "Mrs Robert Charleson", perfect, true, false},
		{"Robert Charleson III", "Robert Charleson", strong, true, false},
		{"Robert Charleson Jr", "Robert Charleson Sr", partial, true, false},
		{"Yo-Yo Ma", "Yo Yo Ma", perfect, true, false},
		// Particles.
		{"Ludwig van Beethoven", "Ludwig Beethoven", strong, true, false},
		{"Ludwig van Beethoven", "ludwig VAN beethoven", perfect, true, false},
		{"Maria de la Cruz", "Maria Cruz", strong, true, false},
		{"De La Cruz, Maria", "Maria de la Cruz", perfect, true, false},
		{"Vincent Vandenberg", "Vincent van den Berg", strong, true, false},
		{"Omar al-Rashid", "Omar Alrashid", strong, true, false},
		{"Van Morrison", "Van Morrison", perfect, true, false},
		{"Ewan McDonald", "Ewan Mc Donald", perfect, true, false},
		{"Kim Van Do", "Kim Van Do", perfect, true, false},
		// Hyphens, apostrophes, names of two words.
		{"Jean-Luc Picard", "Jean Luc Picard", perfect, true, false},
		{"Jeanluc Picard", "Jean-Luc Picard", strong, true, false},
		{"Anna Smith-Jones", "Anna Smith", strong, true, false},
		{"Anna Smith-Jones", "Anna Jones", strong, true, false},
		{"María García López", "Maria Garcia", strong, true, false},
		{"John Paul Smith", "John Michael Paul", mismatch, true, false},
		{"Sinéad O’Connor", "SINEAD OCONNOR", perfect, true, false},
		{"Sinead O Connor", "Sinead O'Connor", perfect, true, false},
		// Marks.
		{"José Núñez", "JOSE NUNEZ", perfect, true, false},
		{"Jürgen Müller", "Juergen Mueller", strong, false, false},
		{"Jürgen Müller", "Jurgen Muller", perfect, true, false},
		{"Søren Kjær", "Soren Kjaer", perfect, true, false},
		{"Łukasz Strauß", "Lukasz Strauss", perfect, true, false},
		// Joint accounts.
		{"Jane Smith", "John & Jane Smith", perfect, true, false},
		{"John Smith", "John and Jane Smith", perfect, true, false},
		{"John Smith", "JOHN SMITH OR MARY JONES", perfect, true, false},
		{"Mary Smith", "JOHN SMITH OR MARY JONES", mismatch, true, false},
		{"Jane Smith", "Smith, John and Jane", perfect, true, false},
		// What is no name.
		{"", "Alberta Charleson", mismatch, false, false},
		{"...", "...", mismatch, false, false},
	} {
		got := Names(c.a, c.b)
		if band(got.Score) != c.want || got.FirstOrLast != c.first || got.Nickname != c.nick || got.Business {
			t.Errorf("%q and %q: %+v (%s), want %s, first or last %v, nickname %v", c.a, c.b, got, band(got.Score), c.want, c.first, c.nick)
		}
	}
}

func TestBusinessNames(t *testing.T) {
	for _, c := range []struct{ a, b, want string }{
		{"Tectra Inc.", "TECTRA, INC", perfect},
		{"Tectra Incorporated", "Tectra Inc", perfect},
		{"The Madison Bicycle Shop LLC", "Madison Bicycle Shop", perfect},
		{"Madison Bicycle Shop LLC", "The Shop of Bicycle Madison", perfect},
		{"The Bakery LLC", "The Bakery", perfect},
		{"The LLC", "The", perfect},
		{"Madison Bicycle Shop L.L.C.", "Madison Bicycle Shop, LLC", perfect},
		{"Smith & Sons Ltd", "Smith and Sons Limited", perfect},
		{"Bicycle Shop Madison GmbH", "Madison Bicycle Shop GmbH", perfect},
		{"Madison Bicicle Shop Corp", "Madison Bicycle Shop Corp", strong},
		{"Madison Bicycle Repairs LLC", "Madison Bicycle Shop LLC", mismatch},
		{"Alberta Charleson", "Tectra Holdings LLC", mismatch},
		{"Alberta Charleson LLC", "Alberta Charleson", perfect},
		{"Madison Bicycle Co", "Madison Bicycle Company", perfect},
		{"LLC", "LLC", perfect},
	} {
		got := Names(c.a, c.b)
		if band(got.Score) != c.want || !got.Business {
			t.Errorf("%q and %q: %+v (%s), want %s", c.a, c.b, got, band(got.Score), c.want)
		}
	}
	for _, person := range []string{"Maria Sa", "Anh Co", "Incan Corpus", "Ana Limiteda", "L L Cool"} {
		if Names(person, person).Business {
			t.Errorf("%q is taken for a business", person)
		}
	}
}

// somebody draws names as people and banks write them, and texts that are none.
func somebody() *rapid.Generator[string] {
	words := strings.Fields("Alberta Bobbeth Charleson Bob Robert A B. van de la O'Brien Smith-Jones Müller Mueller Jr III Dr. PhD LLC Inc. Co & and , - Ma José 王伟 محمد 4 ß İ Ltd. mc Donald")
	return rapid.OneOf(
		rapid.Custom(func(t *rapid.T) string {
			return strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 0, 6).Draw(t, "words"), " ")
		}),
		rapid.String(),
	)
}

// Scores are from 0 to 100, the same from either side, and 100 for what is the same.
func TestNamesProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := somebody().Draw(t, "a"), somebody().Draw(t, "b")
		holdNames(t, a, b)
	})
}

func holdNames(t interface{ Fatalf(string, ...any) }, a, b string) {
	x, y := Names(a, b), Names(b, a)
	if x != y {
		t.Fatalf("%q with %q: %+v, the other way round %+v", a, b, x, y)
	}
	if x.Score < 0 || x.Score > 100 {
		t.Fatalf("%q with %q: %+v", a, b, x)
	}
	for _, s := range []string{a, b} {
		if got := Names(s, s).Score; HasName(s) && got != 100 {
			t.Fatalf("%q with itself: %d", s, got)
		}
	}
	if !HasName(a) && x.Score != 0 {
		t.Fatalf("%q is no name and matches %q: %+v", a, b, x)
	}
}

// Case, marks, titles and blanks say nothing of who somebody is.
func TestNamesDoNotSeeHowTheyAreWritten(t *testing.T) {
	given := rapid.SampledFrom([]string{"Alberta", "Robert", "José", "Jean-Luc", "Xu"})
	family := rapid.SampledFrom([]string{"Charleson", "Núñez", "O'Brien", "Smith-Jones", "van den Berg"})
	rapid.Check(t, func(t *rapid.T) {
		name := given.Draw(t, "given") + " " + family.Draw(t, "family")
		other := rapid.SampledFrom([]func(string) string{
			strings.ToUpper, strings.ToLower, fold,
			func(s string) string { return "Dr. " + s + ", PhD" },
			func(s string) string { return "  " + strings.ReplaceAll(s, " ", "   ") },
			func(s string) string { g, f, _ := strings.Cut(s, " "); return f + ", " + g },
		}).Draw(t, "written otherwise")(name)
		if got := Names(name, other); got.Score != 100 {
			t.Fatalf("%q and %q: %+v", name, other, got)
		}
	})
}

func FuzzNames(f *testing.F) {
	f.Add("Alberta Bobbeth Charleson", "Charleson, A.B. Jr")
	f.Add("L.L.C.", "& and ,")
	f.Add("ﷺ \u20dd", "İ\u0307")
	f.Fuzz(func(t *testing.T, a, b string) {
		if len(a)+len(b) < 400 {
			holdNames(t, a, b)
		}
	})
}

// Each nickname leads somewhere: no line is of one name, and none has a name twice.
func TestNicknames(t *testing.T) {
	for line := range strings.SplitSeq(strings.TrimSpace(nicknameLines), "\n") {
		seen := map[string]bool{}
		for _, name := range strings.Fields(line) {
			if seen[name] || fold(name) != name {
				t.Errorf("%q in %q: twice, or not folded", name, line)
			}
			seen[name] = true
		}
		if len(seen) < 2 {
			t.Errorf("%q is of one name", line)
		}
	}
}

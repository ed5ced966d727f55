package match

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Letters that have no decomposition, and spellings that some languages write for letters with marks.
var (
	plainLetters = strings.NewReplacer("ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "ł", "l", "đ", "d", "ð", "d", "þ", "th", "ı", "i", "ħ", "h")
	spelledOut   = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ø", "oe", "å", "aa", "ñ", "ny")
)

// fold is a text in small letters without marks: Ångström and angstrom are the same.
func fold(s string) string {
	decomposed := norm.NFKD.String(plainLetters.Replace(strings.ToLower(norm.NFC.String(s))))
	return plainLetters.Replace(strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, decomposed)))
}

// foldSpelled is fold where marks are spelled out: Müller becomes mueller.
func foldSpelled(s string) string {
	return fold(spelledOut.Replace(strings.ToLower(norm.NFC.String(s))))
}

// distance is how many letters must be put in, left out, changed or swapped with their neighbour to make one word of another.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	before, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(y)]
}

// alike is how much of two words is the same, from 0 to 100.
func alike(a, b string) int {
	longest := max(len([]rune(a)), len([]rune(b)))
	if longest == 0 {
		return 0
	}
	return 100 - 100*distance(a, b)/longest
}

// part is so many hundredths of a score, rounded.
func part(score, hundredths int) int { return (score*hundredths + 50) / 100 }

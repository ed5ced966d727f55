package words

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// longest bounds what is looked at of a text, in bytes: statements have lines, not pages.
const longest = 512

// mostTokens bounds the words that are looked at.
const mostTokens = 64

// Token is a word of a description: letters and digits, folded to lower case without accents.
type Token struct {
	Text string
	// Start and End are where it stands in the text it was cut from.
	Start, End int
	// Before is the last mark between the word before and this one, ' ' where there are only spaces.
	Before byte
	// Star: the next mark is a star, which processors of payments write behind their name.
	Star bool
	// Wide: a column begins here, after two spaces or more.
	Wide bool
	// Digits: it is a number. Digit: it has a digit.
	Digits, Digit bool
	// Capital: it is written in capitals.
	Capital bool
}

// Bounded is the text that is looked at: valid UTF-8, without control characters, spaces at its ends, or too much of it.
func Bounded(s string) string {
	if len(s) > longest {
		s = s[:longest]
		for s != "" && !utf8.RuneStart(s[len(s)-1]) {
			s = s[:len(s)-1]
		}
		if s != "" && s[len(s)-1] >= utf8.RuneSelf {
			s = s[:len(s)-1]
		}
	}
	plain := true
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf || s[i] < ' ' || s[i] == 0x7f {
			plain = false
			break
		}
	}
	if !plain {
		s = strings.Map(func(r rune) rune {
			switch {
			case r == '\u00a0' || r == '\t' || r == '\n' || r == '\r':
				return ' '
			case r == utf8.RuneError || unicode.IsControl(r):
				return -1
			}
			return r
		}, s)
	}
	return strings.TrimSpace(s)
}

// folded are the letters that accents and ligatures stand for.
var folded = strings.NewReplacer("à", "a", "á", "a", "â", "a", "ã", "a", "ä", "a", "å", "a", "ç", "c", "è", "e", "é", "e", "ê", "e", "ë", "e",
	"ì", "i", "í", "i", "î", "i", "ï", "i", "ñ", "n", "ò", "o", "ó", "o", "ô", "o", "õ", "o", "ö", "o", "ø", "o", "ù", "u", "ú", "u", "û", "u",
	"ü", "u", "ý", "y", "ÿ", "y", "œ", "oe", "æ", "ae", "ß", "ss")

// Cut cuts a text into words. Apostrophes are dropped, "&" is the word "and", and small letters that run into capitals are
// cut there, as in CreditGUSTO.
func Cut(s string) []Token {
	out := make([]Token, 0, 16)
	before, spaces, start := byte(' '), 2, -1
	flush := func(end int) {
		if start >= 0 && len(out) < mostTokens {
			out = append(out, newToken(s, start, end, before, spaces))
			before, spaces = ' ', 0
		}
		start = -1
	}
	for i := 0; i < len(s); {
		r, size := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(s[i:])
		}
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if start >= 0 && glued(s, start, i) {
				flush(i)
			}
			if start < 0 {
				start = i
			}
		case (r == '\'' || r == '\u2019' || r == '`') && start >= 0:
		case r == '&':
			flush(i)
			if len(out) > 0 && len(out) < mostTokens {
				out = append(out, Token{Text: "and", Start: i, End: i + 1, Before: before})
				before, spaces = ' ', 0
			}
		default:
			flush(i)
			if r == ' ' {
				spaces++
			} else {
				before, spaces = byte(r), 0
				if r == '*' && len(out) > 0 {
					out[len(out)-1].Star = true
				}
			}
		}
		i += size
	}
	flush(len(s))
	return out
}

// glued: three capitals begin at i right behind small letters.
func glued(s string, start, i int) bool {
	if i-start < 3 || i+2 >= len(s) {
		return false
	}
	small := func(c byte) bool { return c >= 'a' && c <= 'z' }
	capital := func(c byte) bool { return c >= 'A' && c <= 'Z' }
	return small(s[i-1]) && small(s[i-2]) && capital(s[i]) && capital(s[i+1]) && capital(s[i+2])
}

func newToken(s string, start, end int, before byte, spaces int) Token {
	t := Token{Start: start, End: end, Before: before, Wide: spaces >= 2, Digits: true, Capital: true}
	word := s[start:end]
	lower := true
	for i := 0; i < len(word); i++ {
		switch c := word[i]; {
		case c >= '0' && c <= '9':
			t.Digit = true
		case c >= 'a' && c <= 'z':
			t.Digits, t.Capital = false, false
		case c >= 'A' && c <= 'Z':
			t.Digits, lower = false, false
		default:
			t.Digits, t.Capital, lower = false, false, false
		}
	}
	t.Text = word
	if !lower {
		t.Text = strings.ToLower(word)
		if t.Text != word || !t.Capital {
			t.Text = plain(t.Text)
		}
	}
	return t
}

// plain drops apostrophes and accents.
func plain(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= utf8.RuneSelf || c == '\'' || c == '`' {
			return strings.NewReplacer("'", "", "\u2019", "", "`", "").Replace(folded.Replace(s))
		}
	}
	return s
}

// Of are the words of a phrase of the data. There, a star at the end of a word stands for any ending, and the word 0 for
// any number.
func Of(phrase string) []string {
	cut := Cut(phrase)
	out := make([]string, len(cut))
	for i, t := range cut {
		out[i] = t.Text
		if t.Star {
			out[i] += "*"
		}
	}
	return out
}

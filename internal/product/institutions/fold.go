package institutions

import (
	"unicode"
	"unicode/utf8"
)

// Bounds that keep a hostile query cheap. Longer text is cut, which costs a search nothing: no name has so many words.
const (
	maxWords      = 10
	maxWordLength = 40
)

// folded is a name or a query as the search compares it.
type folded struct {
	// words are in small letters without accents and punctuation; "&" is "and", "1st" is "first".
	words []string
	// parts are the pieces of words with an apostrophe: "d'épargne" is the word depargne with the parts d and epargne.
	parts []string
}

// fold breaks text into words. Letters and digits make words; dots, brackets and apostrophes inside a word join its sides
// (N.V., 401(k), O'Hara); all else separates.
func fold(text string) folded {
	f := folder{}
	for _, r := range text {
		f.add(unicode.ToLower(r))
	}
	f.endWord()
	return f.out
}

// folder is the word that fold is in.
type folder struct {
	out   folded
	word  []byte
	split []int // where the word had apostrophes
}

func (f *folder) add(r rune) {
	if unicode.Is(unicode.Mn, r) {
		return // a mark that follows its letter: decomposed text
	}
	before := len(f.word)
	if f.word = appendLetter(f.word, r); len(f.word) > before {
		return
	}
	switch r {
	case '.', '(', ')':
	case '\'', '’', '‘', 'ʼ', '`', '´':
		if len(f.word) > 0 {
			f.split = append(f.split, len(f.word))
		}
	case '&':
		f.endWord()
		f.word = append(f.word, "and"...)
		f.endWord()
	default:
		f.endWord()
	}
}

func (f *folder) endWord() {
	if len(f.word) > 0 && len(f.out.words) < maxWords {
		f.out.words = append(f.out.words, ordinal(cut(string(f.word))))
		from := 0
		for _, at := range append(f.split, len(f.word)) {
			if len(f.split) > 0 && at > from {
				f.out.parts = append(f.out.parts, cut(string(f.word[from:at])))
			}
			from = at
		}
	}
	f.word, f.split = f.word[:0], f.split[:0]
}

func cut(word string) string { return word[:min(len(word), maxWordLength)] }

// ordinal writes the small ordinals as words: banks do both.
func ordinal(word string) string {
	switch word {
	case "1st":
		return "first"
	case "2nd":
		return "second"
	case "3rd":
		return "third"
	case "4th":
		return "fourth"
	case "5th":
		return "fifth"
	}
	return word
}

// appendLetter adds a letter or digit without its marks, and nothing for what is neither. It takes small letters only.
// Letters of other scripts stay as they are.
func appendLetter(word []byte, r rune) []byte {
	switch {
	case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
		return append(word, byte(r))
	case r < 0x80 || !unicode.IsLetter(r) && !unicode.IsDigit(r):
		return word
	}
	if plain := latin(r); plain != "" {
		return append(word, plain...)
	}
	return utf8.AppendRune(word, r)
}

// latin takes the marks off a Latin letter; ligatures become two letters. Empty for all other letters.
func latin(r rune) string {
	switch r {
	case 'à', 'á', 'â', 'ã', 'ä', 'å', 'ā', 'ă', 'ą', 'ǎ', 'ạ', 'ả', 'ấ', 'ầ', 'ậ', 'ắ', 'ằ':
		return "a"
	case 'ç', 'ć', 'ĉ', 'ċ', 'č':
		return "c"
	case 'ď', 'đ', 'ð':
		return "d"
	case 'è', 'é', 'ê', 'ë', 'ē', 'ĕ', 'ė', 'ę', 'ě', 'ẹ', 'ẻ', 'ẽ', 'ế', 'ề', 'ệ':
		return "e"
	case 'ĝ', 'ğ', 'ġ', 'ģ':
		return "g"
	case 'ĥ', 'ħ':
		return "h"
	case 'ì', 'í', 'î', 'ï', 'ĩ', 'ī', 'ĭ', 'į', 'ı', 'ị':
		return "i"
	case 'ĵ':
		return "j"
	case 'ķ', 'ĸ':
		return "k"
	case 'ĺ', 'ļ', 'ľ', 'ŀ', 'ł':
		return "l"
	case 'ñ', 'ń', 'ņ', 'ň', 'ŉ', 'ŋ':
		return "n"
	case 'ò', 'ó', 'ô', 'õ', 'ö', 'ø', 'ō', 'ŏ', 'ő', 'ơ', 'ọ', 'ố', 'ồ', 'ộ':
		return "o"
	case 'ŕ', 'ŗ', 'ř':
		return "r"
	case 'ś', 'ŝ', 'ş', 'š', 'ș', 'ſ':
		return "s"
	case 'ţ', 'ť', 'ŧ', 'ț':
		return "t"
	case 'ù', 'ú', 'û', 'ü', 'ũ', 'ū', 'ŭ', 'ů', 'ű', 'ų', 'ư', 'ụ':
		return "u"
	case 'ŵ':
		return "w"
	case 'ý', 'ÿ', 'ŷ':
		return "y"
	case 'ź', 'ż', 'ž':
		return "z"
	case 'æ':
		return "ae"
	case 'œ':
		return "oe"
	case 'ß':
		return "ss"
	case 'þ':
		return "th"
	case 'ĳ':
		return "ij"
	}
	return ""
}

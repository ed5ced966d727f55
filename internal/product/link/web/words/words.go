// Package words holds the texts of Link's pages, one file of JSON per language, by keys that begin with their pane. A language
// may lack some: they are then shown in English.
package words

import (
	"embed"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"weft/internal/plaid"
)

// Fallback is the language of what another one lacks.
const Fallback = "en"

//go:embed *.json
var files embed.FS

// Book is the texts of one language.
type Book struct {
	// Language is one of plaid.Languages.
	Language string
	texts    map[string]string
	fallback *Book
}

var books = sync.OnceValue(load)

// load reads the texts of all languages. A file that cannot be read is a mistake of the build.
func load() map[string]*Book {
	all := make(map[string]*Book, len(plaid.Languages))
	for _, language := range append([]string{Fallback}, plaid.Languages...) {
		if all[language] != nil {
			continue
		}
		b := &Book{Language: language, texts: map[string]string{}, fallback: all[Fallback]}
		if text, err := files.ReadFile(language + ".json"); err == nil {
			if err := json.Unmarshal(text, &b.texts); err != nil {
				panic(fmt.Sprintf("words/%s.json: %v", language, err))
			}
		}
		all[language] = b
	}
	return all
}

// For is the book of a language, of English where Link does not speak it.
func For(language string) *Book {
	all := books()
	if b, ok := all[language]; ok {
		return b
	}
	return all[Fallback]
}

// find is a text and the book that has it.
func (b *Book) find(key string) (string, *Book) {
	if text, ok := b.texts[key]; ok {
		return text, b
	}
	if b.fallback == nil {
		return "", nil
	}
	return b.fallback.find(key)
}

// Has reports whether there is a text, be it in English.
func (b *Book) Has(key string) bool {
	_, in := b.find(key)
	return in != nil
}

// Text is the text of a key. Pairs are the names of its placeholders, each followed by what stands there. A key without a
// text is shown itself: tests find it.
func (b *Book) Text(key string, pairs ...string) string {
	text, in := b.find(key)
	if in == nil {
		return key
	}
	return fill(text, pairs)
}

// Count is the text of a key for a number of things, which is its placeholder count.
func (b *Book) Count(key string, n int, pairs ...string) string {
	pairs = append([]string{"count", strconv.Itoa(n)}, pairs...)
	for at := b; at != nil; at = at.fallback {
		for _, category := range []string{plural(at.Language, n), other} {
			if text, ok := at.texts[key+"."+category]; ok {
				return fill(text, pairs)
			}
		}
	}
	return key
}

// fill puts values into their placeholders, each once: what looks like a placeholder in a value stays as it is.
func fill(text string, pairs []string) string {
	var out strings.Builder
	for {
		before, rest, open := strings.Cut(text, "{")
		name, after, closed := strings.Cut(rest, "}")
		out.WriteString(before)
		if !open || !closed {
			return out.String()
		}
		out.WriteString(valueOf(name, pairs))
		text = after
	}
}

func valueOf(name string, pairs []string) string {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] == name {
			return Clean(pairs[i+1])
		}
	}
	return "{" + name + "}"
}

// Clean takes out of a name what would change the text around it: control characters, and those that turn the direction of
// writing.
func Clean(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Bidi_Control, r), r == '\u2028', r == '\u2029', r == '\ufeff':
			return -1
		case unicode.IsControl(r):
			return ' '
		}
		return r
	}, name)
}

// Categories of plurals, as the Unicode project names them.
const (
	one   = "one"
	few   = "few"
	many  = "many"
	zero  = "zero"
	other = "other"
)

// plural is the category of a whole number in a language that Link speaks.
func plural(language string, n int) string {
	ten, hundred := n%10, n%100
	teens := hundred >= 11 && hundred <= 19
	switch language {
	case "vi":
		return other
	case "fr", "pt", "hi":
		return pick(n == 0 || n == 1, one, other)
	case "pl":
		return pick(n == 1, one, pick(ten >= 2 && ten <= 4 && (hundred < 12 || hundred > 14), few, many))
	case "lt":
		return pick(ten == 1 && !teens, one, pick(ten >= 2 && !teens, few, other))
	case "lv":
		return pick(ten == 0 || teens, zero, pick(ten == 1, one, other))
	case "ro":
		return pick(n == 1, one, pick(n == 0 || (hundred >= 1 && hundred <= 19), few, other))
	}
	return pick(n == 1, one, other)
}

func pick(is bool, yes, no string) string {
	if is {
		return yes
	}
	return no
}

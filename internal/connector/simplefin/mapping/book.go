package mapping

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"weft/internal/connector"
	"weft/internal/connector/simplefin/rules"
	"weft/internal/connector/simplefin/wire"
)

// Book is the securities of an institution: those of its holdings, those that were held before, and those that movements name.
type Book struct {
	symbols map[string]string // the names of what was ever held, by symbol and currency
	all     map[string]connector.Security
	names   map[string][]string // the keys of securities by the first word of their name
	needed  map[string]bool
}

// NewBook begins with the securities that were held before: their names by symbol and currency. What is held now is entered
// there too.
func NewBook(symbols map[string]string) *Book {
	b := &Book{symbols: symbols, all: map[string]connector.Security{}, names: map[string][]string{}, needed: map[string]bool{}}
	for _, place := range slices.Sorted(maps.Keys(symbols)) {
		symbol, currency, ok := strings.Cut(place, ":")
		if ok {
			b.add(securityOf(wire.Holding{Symbol: symbol, Description: symbols[place]}, currency))
		}
	}
	return b
}

// add enters a security, in the place of what was remembered of it.
func (b *Book) add(s connector.Security) string {
	b.all[s.Key] = s
	if s.Name != nil {
		words := strings.Fields(nameWords(*s.Name))
		if len(words) >= 2 && !slices.Contains(b.names[words[0]], s.Key) { // one word alone is in too many texts
			b.names[words[0]] = append(b.names[words[0]], s.Key)
		}
	}
	return s.Key
}

// Used are the securities that holdings and movements have named.
func (b *Book) Used() []connector.Security {
	var list []connector.Security
	for key := range b.needed {
		list = append(list, b.all[key])
	}
	slices.SortFunc(list, func(x, y connector.Security) int { return cmp.Compare(x.Key, y.Key) })
	return list
}

// mostSymbols is how many securities are remembered.
const mostSymbols = 500

// remember keeps a security's name, so that movements are recognised after it was sold.
func (b *Book) remember(symbol, currency, name string) {
	place := symbol + ":" + currency
	if _, known := b.symbols[place]; symbol != "" && !strings.Contains(symbol, ":") && (known || len(b.symbols) < mostSymbols) {
		b.symbols[place] = name
	}
}

// find is the security that a movement's text names: by its symbol in brackets, by a symbol that is known, or by its whole
// name. A symbol in brackets is a security even if it is not known, if the movement is of a kind that has one.
func (b *Book) find(acc wire.Account, text string, ofSecurity bool) string {
	code := currencyOf(acc.Currency)
	for _, symbol := range rules.Symbols(text) {
		key := securityKey(symbol, code)
		if _, known := b.all[key]; !known {
			if !ofSecurity {
				continue
			}
			key = b.add(securityOf(wire.Holding{Symbol: symbol}, acc.Currency))
			b.remember(symbol, acc.Currency, "")
		}
		b.needed[key] = true
		return key
	}
	found := map[string]bool{}
	for _, word := range rules.SymbolWords(text) {
		if _, known := b.all[securityKey(word, code)]; known && len(word) > 1 {
			found[securityKey(word, code)] = true
		}
	}
	words := nameWords(text)
	for _, word := range strings.Fields(words) {
		for _, key := range b.names[word] {
			if s := b.all[key]; strings.Contains(words, nameWords(deref(s.Name))) && cmp.Or(deref(s.ISOCurrencyCode), deref(s.UnofficialCurrencyCode)) == code {
				found[key] = true
			}
		}
	}
	if len(found) != 1 { // none, or nobody knows which
		return ""
	}
	for key := range found {
		b.needed[key] = true
		return key
	}
	return ""
}

// nameWords is a text's words in lower case, each between spaces.
func nameWords(text string) string {
	fields := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !('a' <= r && r <= 'z' || '0' <= r && r <= '9' || r >= 0x80) })
	return " " + strings.Join(fields, " ") + " "
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

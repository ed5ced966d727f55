package journal

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"weft/internal/export/ledger"
)

// names are what accounts, currencies and instruments are called in a journal: one thing, one name.
type names struct {
	book        *ledger.Book
	accounts    map[string]string // by account_id
	commodities map[string]string // by currency, or security_id
	taken       map[string]commodity
}

func newNames(b *ledger.Book) *names {
	n := &names{book: b, accounts: map[string]string{}, commodities: map[string]string{}, taken: map[string]commodity{}}
	for _, a := range b.Accounts {
		n.currency(a.Currency())
	}
	return n
}

// account is the name of a bank's account: its kind, its institution and what the bank calls it.
func (n *names) account(a *ledger.Account) string {
	if name, ok := n.accounts[a.AccountID]; ok {
		return name
	}
	kind := "Assets"
	if a.Owed() {
		kind = "Liabilities"
	}
	name := join(kind, part(a.InstitutionName, a.InstitutionID), part(a.Name+" "+text(a.Mask), a.AccountID))
	unique := name
	for i := 2; n.hasAccount(unique); i++ {
		unique = fmt.Sprintf("%s-%d", name, i)
	}
	n.accounts[a.AccountID] = unique
	return unique
}

func (n *names) hasAccount(name string) bool {
	for _, taken := range n.accounts {
		if taken == name {
			return true
		}
	}
	return false
}

// part is text as a part of an account's name: words of letters and digits, of which the first begins with a capital or a digit.
func part(s, otherwise string) string {
	words := strings.FieldsFunc(s, func(r rune) bool { return !letter(r) })
	if len(words) == 0 {
		words = strings.FieldsFunc(otherwise, func(r rune) bool { return !letter(r) })
	}
	if len(words) == 0 {
		return "X"
	}
	first := []rune(words[0])
	first[0] = unicode.ToUpper(first[0])
	words[0] = string(first)
	return strings.Join(words, "-")
}

func letter(r rune) bool { return r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) }

// currency is the name of a currency.
func (n *names) currency(code string) string {
	return n.commodity(code, commodity{symbol: code, name: code})
}

// security is the name of an instrument: its ticker, where it has one that is not taken.
func (n *names) security(id string) string {
	s := n.book.Security(id)
	if s == nil {
		return n.commodity(id, commodity{symbol: id, securityID: id})
	}
	symbol := text(s.TickerSymbol)
	if symbol == "" {
		symbol = text(s.CUSIP)
	}
	if symbol == "" {
		symbol = text(s.Name)
	}
	return n.commodity(id, commodity{symbol: symbol, name: text(s.Name), securityID: id})
}

// isSecurity reports whether a name is that of an instrument.
func (n *names) isSecurity(symbol string) bool { return n.taken[symbol].securityID != "" }

// longest is how long the name of a commodity may be, in Beancount.
const longest = 24

func (n *names) commodity(key string, c commodity) string {
	if symbol, ok := n.commodities[key]; ok {
		return symbol
	}
	symbol := clean(c.symbol)
	unique := symbol
	for i := 2; ; i++ {
		if _, taken := n.taken[unique]; !taken {
			break
		}
		ending := fmt.Sprintf("-%d", i)
		unique = symbol[:min(len(symbol), longest-len(ending))] + ending
	}
	c.symbol = unique
	n.commodities[key], n.taken[unique] = unique, c
	return unique
}

// clean is a symbol of capitals, digits and a few marks, that begins with a letter, ends with a letter or a digit, and has two signs
// at least.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch r = unicode.ToUpper(r); {
		case letter(r), r == '.', r == '-', r == '_', r == '\'':
			return r
		case unicode.IsSpace(r), r == '/', r == ':':
			return '-'
		}
		return -1
	}, s)
	s = strings.TrimLeft(s, ".-_'")
	if s == "" || unicode.IsDigit(rune(s[0])) {
		s = "X" + s
	}
	s = strings.TrimRight(s[:min(len(s), longest)], ".-_'")
	if len(s) == 1 {
		s += "-S"
	}
	return s
}

// used are the commodities that have a name, in its order.
func (n *names) used() []commodity {
	var list []commodity
	for _, c := range n.taken {
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b commodity) int { return strings.Compare(a.symbol, b.symbol) })
	return list
}

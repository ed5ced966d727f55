package rules

import (
	"regexp"
	"strings"
	"sync"
)

// Row is what a movement of an investment account is, in the contract's words.
type Row struct {
	Type, Subtype string
	// OfSecurity says that such a movement is about a security, so that a symbol in its text is one.
	OfSecurity bool
}

// rowRule gives a row its kind by its text. An empty subtype is a deposit or a withdrawal, by the sign.
type rowRule struct {
	pattern func() *regexp.Regexp
	row     Row
}

// lazy is a pattern that is compiled when it is first tried: most servers ask no bridge, and all patterns together take a while.
func lazy(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

func row(pattern, kind, subtype string, ofSecurity bool) rowRule {
	return rowRule{pattern: lazy(`(?i)\b(?:` + pattern + `)\b`), row: Row{kind, subtype, ofSecurity}}
}

// rows are tried in this order, first at the beginning of the text and then anywhere: names of securities have words like
// Dividend and Interest in them, and what happened is said first.
var rows = []rowRule{
	row(`(?:long[- ]?term|lt) (?:cap(?:ital)? gains?) re-?invest\w*|re-?invest\w* (?:long[- ]?term|lt) cap\w* gains?`, "buy", "long-term capital gain reinvestment", true),
	row(`(?:short[- ]?term|st) (?:cap(?:ital)? gains?) re-?invest\w*|re-?invest\w* (?:short[- ]?term|st) cap\w* gains?`, "buy", "short-term capital gain reinvestment", true),
	row(`interest re-?invest\w*|re-?invest\w* interest`, "buy", "interest reinvestment", true),
	row(`dividends? re-?invest\w*|re-?invest(?:ment|ed|ing)?(?: shares| dividends?)?|drip`, "buy", "dividend reinvestment", true),
	row(`non[- ]?resident (?:alien )?tax|nra tax|nra withholding`, "fee", "non-resident tax", true),
	row(`(?:federal |state |foreign |backup )?(?:tax )?withholding|(?:foreign )?tax(?:es)? with ?held`, "fee", "tax withheld", true),
	row(`foreign tax(?: paid)?|tax paid`, "fee", "tax", true),
	row(`return of (?:capital|principal)|roc`, "cash", "return of principal", true),
	row(`(?:long[- ]?term|lt) cap(?:ital)? gains?(?: distribution| dist)?`, "cash", "long-term capital gain", true),
	row(`(?:short[- ]?term|st) cap(?:ital)? gains?(?: distribution| dist)?`, "cash", "short-term capital gain", true),
	row(`(?:non[- ]?qualified|ordinary) div(?:idend)?s?`, "cash", "non-qualified dividend", true),
	row(`qualified div(?:idend)?s?`, "cash", "qualified dividend", true),
	row(`margin interest|interest charged? on margin|margin int`, "cash", "margin expense", false),
	row(`stock split|reverse split|forward split|split`, "transfer", "split", true),
	row(`spin[- ]?off`, "transfer", "spin off", true),
	row(`merger|exchanged in merger`, "transfer", "merger", true),
	row(`assigned|assignment`, "transfer", "assignment", true),
	row(`exercised?|option exercise`, "transfer", "exercise", true),
	row(`expired|expiration|option expired`, "transfer", "expire", true),
	row(`(?:you )?(?:bought|buy) to (?:cover|close)`, "buy", "buy to cover", true),
	row(`(?:you )?(?:sold|sell) short|short sale|(?:you )?sold to open`, "sell", "sell short", true),
	row(`(?:you )?(?:bought|buy|purchased?)`, "buy", "buy", true),
	row(`(?:you )?(?:sold|sell|sale of|redeemed|redemption)`, "sell", "sell", true),
	row(`(?:cash )?div(?:idend)?s?(?: received| payment| paid)?`, "cash", "dividend", true),
	row(`(?:bank |credit |bond |bdp )?(?:interest|int)(?: earned| received| payment| paid| income)?`, "cash", "interest", true),
	row(`(?:management|advisory|advisor|adviser|wrap|portfolio) fees?`, "fee", "management fee", false),
	row(`(?:wire|transfer|acats?) (?:out )?fees?`, "fee", "transfer fee", false),
	row(`(?:trust|trustee) fees?`, "fee", "trust fee", false),
	row(`legal fees?`, "fee", "legal fee", false),
	row(`(?:fund|12b-?1|redemption) fees?|expense ratio`, "fee", "fund fee", true),
	row(`(?:account|custodial|custody|maintenance|annual|service|inactivity|record ?keeping) (?:fees?|charges?)`, "fee", "account fee", false),
	row(`fees?|commissions?|adr fee|service charge`, "fee", "miscellaneous fee", false),
	row(`loan (?:re)?payments?`, "cash", "loan payment", false),
	row(`(?:employer |employee |payroll |after[- ]tax |roth |partic(?:ipant)? )?contributions?(?: received)?|employer match`, "cash", "contribution", false),
	row(`(?:normal |premature |early |required )?(?:minimum )?distributions?|rmd`, "cash", "distribution", false),
	row(`journal(?:ed)?|transfer of assets|acats?|transferred (?:from|to)|rollover|roth conversion|conversion|internal transfer|exchange (?:in|out)`, "transfer", "transfer", false),
	row(`electronic funds? transfer|eft|ach|direct deposit|deposits?|wire|withdrawals?|funds? (?:received|paid)|transfers?|moneylink|bill ?pay(?:ment)?|checks?(?: received| paid)?`, "cash", "", false),
}

// ClassifyRow tells from a movement's text what it is; inward says that it brought cash in. What no rule knows is a deposit or a
// withdrawal, and not found.
func ClassifyRow(text string, inward bool) (found Row, known bool) {
	text = strings.TrimSpace(text)
	for _, rule := range rows {
		if at := rule.pattern().FindStringIndex(text); at != nil && at[0] == 0 {
			return rule.row.signed(inward), true
		}
	}
	for _, rule := range rows {
		if rule.pattern().MatchString(text) {
			return rule.row.signed(inward), true
		}
	}
	return Row{Type: "cash"}.signed(inward), false
}

func (r Row) signed(inward bool) Row {
	if r.Subtype == "" {
		r.Subtype = "withdrawal"
		if inward {
			r.Subtype = "deposit"
		}
	}
	return r
}

// marked finds what stands where a symbol does: in brackets, or after a word that announces it.
var marked = lazy(`\(([A-Z]{1,5}(?:[./-][A-Z]{1,2})?)\)|(?i:\b(?:symbol|ticker)):? *([A-Z]{1,5}(?:[./-][A-Z]{1,2})?)\b`)

// noSymbols are the words that brokers put in brackets beside symbols.
var noSymbols = map[string]bool{
	"CASH": true, "MARGI": true, "IRA": true, "USD": true, "CAD": true, "EUR": true, "GBP": true, "ETF": true, "ADR": true, "ADS": true,
	"REIT": true, "SHORT": true, "LONG": true, "COM": true, "CL": true, "INC": true, "USA": true, "US": true, "ACH": true, "EFT": true,
	"RMD": true, "DRIP": true, "LT": true, "ST": true, "CD": true, "N/A": true, "NA": true, "FUND": true, "STOCK": true, "TYPE": true,
}

// Symbols are the symbols that a movement's text names as such, in their order.
func Symbols(text string) []string {
	var found []string
	for _, m := range marked().FindAllStringSubmatch(text, -1) {
		if s := m[1] + m[2]; !noSymbols[s] {
			found = append(found, s)
		}
	}
	return found
}

// SymbolWords are the words of a text that a symbol could be, spelled as they are.
func SymbolWords(text string) []string {
	return strings.FieldsFunc(text, func(c rune) bool { return c < 0x80 && !wordByte(byte(c)) })
}

func wordByte(b byte) bool {
	return b == '.' || b == '-' || b == '/' || '0' <= b && b <= '9' || 'A' <= b && b <= 'Z' || 'a' <= b && b <= 'z'
}

// traded finds how many units were traded at which price: "10.5 shares @ $20.25".
var traded = lazy(`(?i)([0-9][0-9,]*(?:\.[0-9]+)?) *(?:shares?|shs?|units?)? *(?:@|at) *\$? *([0-9][0-9,]*(?:\.[0-9]+)?)`)

// Traded is the number of units and the price that a movement's text tells, as texts without separators.
func Traded(text string) (units, price string, ok bool) {
	m := traded().FindStringSubmatch(text)
	if m == nil {
		return "", "", false
	}
	return strings.ReplaceAll(m[1], ",", ""), strings.ReplaceAll(m[2], ",", ""), true
}

package journal

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"weft/internal/export/ledger"
	"weft/internal/plaid"
)

// Beancount writes a book as a journal of Beancount 2 and 3.
func Beancount(w io.Writer, b *ledger.Book) error {
	k, out := keep(b), bufio.NewWriter(w)
	fmt.Fprintf(out, "; Exported by Weft, %s\noption \"title\" \"Weft\"\n", plaid.Timestamp(b.At))
	for _, c := range currencies(b) {
		fmt.Fprintf(out, "option \"operating_currency\" %s\n", quoted(c))
	}
	fmt.Fprintln(out)
	for _, c := range k.commodities {
		fmt.Fprintf(out, "%s commodity %s\n", firstDay(k), c.symbol)
		if c.name != "" && c.securityID != "" {
			fmt.Fprintf(out, "  name: %s\n", quoted(c.name))
		}
	}
	for _, name := range k.accounts {
		fmt.Fprintf(out, "%s open %s\n", k.opened[name], name)
	}
	for _, e := range k.entries {
		flag := "*"
		if e.pending {
			flag = "!"
		}
		payee := ""
		if e.payee != "" {
			payee = quoted(e.payee) + " "
		}
		fmt.Fprintf(out, "\n%s %s %s%s\n", e.date, flag, payee, quoted(e.narration))
		if e.id != "" {
			fmt.Fprintf(out, "  id: %s\n", quoted(e.id))
		}
		for _, p := range e.postings {
			fmt.Fprintf(out, "  %s  %s %s%s\n", p.account, p.quantity, p.commodity, p.at(func(s string) string { return s }))
		}
	}
	fmt.Fprintln(out)
	for _, a := range k.assertions { // Beancount holds them at the beginning of a day
		fmt.Fprintf(out, "%s balance %s  %s\n", a.date.AddDays(1), a.account, a.amount)
	}
	for _, p := range k.prices {
		fmt.Fprintf(out, "%s price %s  %s\n", p.date, p.commodity, p.amount)
	}
	return out.Flush()
}

// Hledger writes a book as a journal of hledger, which passes its strict checks.
func Hledger(w io.Writer, b *ledger.Book) error {
	k, out := keep(b), bufio.NewWriter(w)
	fmt.Fprintf(out, "; Exported by Weft, %s\n\n", plaid.Timestamp(b.At))
	for _, c := range k.commodities {
		fmt.Fprintf(out, "commodity %s\n", symbol(c.symbol))
	}
	for _, name := range k.accounts {
		fmt.Fprintf(out, "account %s\n", name)
	}
	for _, e := range k.entries {
		flag := "*"
		if e.pending {
			flag = "!"
		}
		description := described(e)
		if e.id != "" {
			description += "  ; id:" + e.id
		}
		fmt.Fprintf(out, "\n%s %s %s\n", e.date, flag, description)
		for _, p := range e.postings {
			fmt.Fprintf(out, "    %s  %s %s%s\n", p.account, p.quantity, symbol(p.commodity), p.at(symbol))
		}
	}
	for _, a := range k.assertions {
		zero := plaid.Decimal{}
		fmt.Fprintf(out, "\n%s * Balance\n    %s  %s %s = %s %s\n", a.date, a.account, zero, symbol(a.commodity), a.number, symbol(a.commodity))
	}
	fmt.Fprintln(out)
	for _, p := range k.prices {
		fmt.Fprintf(out, "P %s %s %s %s\n", p.date, symbol(p.commodity), p.number, symbol(p.amount.commodity))
	}
	return out.Flush()
}

// described is what an entry is about, in which | parts the payee from the rest, and ; begins a comment.
func described(e entry) string {
	plain := strings.NewReplacer("|", "/", ";", ",")
	text := oneLine(plain.Replace(e.narration))
	if e.payee != "" {
		text = oneLine(plain.Replace(e.payee)) + " | " + text
	}
	return strings.TrimLeft(text, "(!*") // which would be a code or a flag
}

// at is what a posting was exchanged for.
func (p posting) at(name func(string) string) string {
	if p.total == nil {
		return ""
	}
	return fmt.Sprintf(" @@ %s %s", p.total.number, name(p.total.commodity))
}

// symbol is a commodity as hledger writes it: in quotes where it is not letters alone.
func symbol(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return r < 'A' || r > 'Z' }) {
		return `"` + s + `"`
	}
	return s
}

// quoted is a string of Beancount.
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(oneLine(s)) + `"`
}

// currencies are those of the accounts.
func currencies(b *ledger.Book) (list []string) {
	seen := map[string]bool{}
	for _, a := range b.Accounts {
		if c := clean(a.Currency()); !seen[c] {
			seen[c], list = true, append(list, c)
		}
	}
	return list
}

// firstDay is the first day of a journal.
func firstDay(k *books) string {
	first := plaid.MustDate("1970-01-01")
	for i, name := range k.accounts {
		if day := k.opened[name]; i == 0 || day < first {
			first = day
		}
	}
	return first.String()
}

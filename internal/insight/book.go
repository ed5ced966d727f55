package insight

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"weft/internal/plaid"
)

// book is the input in order, with what was found in it so far.
type book struct {
	in    Input
	rules *rules
	// accounts are by id, each account once, also where it is linked twice; ids are theirs in order.
	accounts map[string]Account
	ids      []string
	// posted are the settled rows up to today, by payee, account and date. payees are the parts of it that were paid to one payee
	// in one currency, and did not come back.
	posted []Transaction
	payees [][]Transaction
	found  []Insight
}

// keyed is a row with its payee.
type keyed struct {
	Transaction
	payee string
}

func open(in Input) *book {
	b := &book{in: in, rules: embedded(), accounts: map[string]Account{}}
	b.foldAccounts()
	rows := make([]keyed, 0, len(in.Transactions))
	for _, t := range in.Transactions {
		if _, ok := b.accounts[t.Account]; ok && !t.Pending && t.Date <= in.AsOf {
			rows = append(rows, keyed{t, payeeOf(t)})
		}
	}
	slices.SortFunc(rows, compareRows)
	seen := make(map[string]bool, len(rows))
	rows = slices.DeleteFunc(rows, func(r keyed) bool {
		again := seen[r.ID]
		seen[r.ID] = true
		return again
	})
	b.posted = make([]Transaction, len(rows))
	for i, r := range rows {
		b.posted[i] = r.Transaction
	}
	for from := 0; from < len(rows); {
		to := from + 1
		for to < len(rows) && rows[to].payee == rows[from].payee && rows[to].Currency == rows[from].Currency {
			to++
		}
		if rows[from].payee != "" {
			b.payees = append(b.payees, b.kept(b.posted[from:to]))
		}
		from = to
	}
	return b
}

// foldAccounts keeps of one account that is linked twice the one whose id comes first.
func (b *book) foldAccounts() {
	accounts := slices.Clone(b.in.Accounts)
	slices.SortStableFunc(accounts, func(x, y Account) int {
		return cmp.Or(strings.Compare(x.ID, y.ID), strings.Compare(x.Identity, y.Identity), strings.Compare(x.Name, y.Name),
			strings.Compare(x.Type+x.Subtype, y.Type+y.Subtype), strings.Compare(x.Currency, y.Currency))
	})
	known := map[string]bool{}
	for _, a := range accounts {
		_, again := b.accounts[a.ID]
		if again || a.Identity != "" && known[a.Identity] {
			continue
		}
		known[a.Identity] = true
		b.accounts[a.ID] = a
		b.ids = append(b.ids, a.ID)
	}
}

// compareRows orders rows by payee, currency, account and date, and nothing is left to their order in the input.
func compareRows(x, y keyed) int {
	return cmp.Or(strings.Compare(x.payee, y.payee), strings.Compare(x.Currency, y.Currency), strings.Compare(x.Account, y.Account),
		cmp.Compare(x.Date, y.Date), strings.Compare(x.ID, y.ID), x.Amount.Cmp(y.Amount), strings.Compare(x.Category, y.Category),
		strings.Compare(x.Name, y.Name), strings.Compare(x.Merchant, y.Merchant))
}

// payeeOf is what rows to one payee have in common: the merchant, or the words of the name that have no digits.
func payeeOf(t Transaction) string {
	switch {
	case t.Entity != "":
		return "#" + t.Entity
	case t.Merchant != "":
		return strings.ToLower(t.Merchant)
	}
	var kept []string
	for _, w := range strings.Fields(strings.ToLower(t.Name)) {
		if !strings.ContainsFunc(w, unicode.IsDigit) {
			kept = append(kept, w)
		}
	}
	return strings.Join(kept, " ")
}

// called is what a row's payee is called.
func called(t Transaction) string {
	if t.Merchant != "" {
		return t.Merchant
	}
	return strings.Join(strings.Fields(t.Name), " ")
}

// kept are a payee's payments without those that came back whole, to the same account and within the days of the rules.
func (b *book) kept(rows []Transaction) []Transaction {
	type payment struct{ account, amount string }
	open := map[payment][]int{}
	back := map[int]bool{}
	for i, r := range rows {
		key := payment{r.Account, canonical(r.Amount.Abs())}
		switch {
		case r.Amount.Sign() > 0:
			open[key] = append(open[key], i)
		case r.Amount.Sign() < 0:
			if n := len(open[key]); n > 0 && ago(r.Date, rows[open[key][n-1]].Date) <= b.rules.Charges.RefundDays {
				back[open[key][n-1]] = true
				open[key] = open[key][:n-1]
			}
		}
	}
	kept := make([]Transaction, 0, len(rows))
	for i, r := range rows {
		if r.Amount.Sign() >= 0 && !back[i] {
			kept = append(kept, r)
		}
	}
	return kept
}

// canonical is an amount's text without zeros at its end, so that equal amounts have equal texts.
func canonical(amount plaid.Decimal) string {
	text := amount.String()
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}

// byAccount calls a function for the rows of each account; rows are of one payee.
func byAccount(rows []Transaction, each func([]Transaction)) {
	for from := 0; from < len(rows); {
		to := from + 1
		for to < len(rows) && rows[to].Account == rows[from].Account {
			to++
		}
		each(rows[from:to])
		from = to
	}
}

package paper

import (
	"strconv"
	"strings"

	"weft/internal/pdf"
	"weft/internal/plaid"
	"weft/internal/product/assets/report"
)

// leastOfItem and leastOfAccount are so many millimetres of them that they are not begun below.
const (
	leastOfItem    = 100
	leastOfAccount = 80
)

// item draws an Item with its accounts.
func (p *sheet) item(it report.Item) {
	p.Part(it.InstitutionName, leastOfItem)
	p.Details(2, []pdf.Fact{{Name: "Item", Value: it.ItemID}, {Name: "Last updated", Value: it.DateLastUpdated}, {Name: "Institution's id", Value: it.InstitutionID},
		{Name: "Accounts in this report", Value: strconv.Itoa(len(it.Accounts))}})
	if len(it.Accounts) == 0 {
		p.Text("No account of this Item is in the report.")
	}
	for _, a := range it.Accounts {
		p.account(a)
	}
}

func (p *sheet) account(a report.Account) {
	right := "—"
	if a.Balances.Current != nil {
		right = money(*a.Balances.Current) + " " + currency(a)
	}
	p.Section(named(a), right, leastOfAccount)
	p.Details(4, p.facts(a))
	p.Details(2, []pdf.Fact{{Name: "Official name", Value: known(a.OfficialName)}, {Name: "Account", Value: a.AccountID}})
	p.owners(a.Owners)
	p.balances(a)
	p.transactions(a)
	if a.Investments != nil {
		p.investments(a)
	}
	p.Space(1)
}

// facts are what is known of an account itself.
func (p *sheet) facts(a report.Account) []pdf.Fact {
	b := a.Balances
	current := "Current balance"
	if owed(a) {
		current = "Current balance (owed)"
	}
	facts := []pdf.Fact{{Name: current, Value: amount(b.Current)}, {Name: "Available balance", Value: amount(b.Available)}}
	if b.Limit != nil {
		facts = append(facts, pdf.Fact{Name: "Limit", Value: money(*b.Limit)})
	}
	if b.MarginLoanAmount != nil {
		facts = append(facts, pdf.Fact{Name: "Margin loan", Value: money(*b.MarginLoanAmount)})
	}
	facts = append(facts, pdf.Fact{Name: "Currency", Value: currency(a)}, pdf.Fact{Name: "Type", Value: joined(", ", a.Type, text(a.Subtype))},
		pdf.Fact{Name: "Mask", Value: known(a.Mask)}, pdf.Fact{Name: "Days of history", Value: strconv.Itoa(a.DaysAvailable)})
	for _, f := range []struct {
		name  string
		value *string
	}{{"Ownership", a.OwnershipType}, {"Balances as of", b.LastUpdatedDatetime}} {
		if f.value != nil {
			facts = append(facts, pdf.Fact{Name: f.name, Value: *f.value})
		}
	}
	return facts
}

// owners draws who holds an account: each address, phone number and email in a row of its own.
func (p *sheet) owners(owners []plaid.Owner) {
	p.Label("Owners")
	if len(owners) == 0 {
		p.Text("The institution does not tell who owns this account.")
		return
	}
	t := pdf.Table{Small: true, Columns: []pdf.Column{{Title: "Name", Width: 23}, {Title: "Address", Width: 31}, {Title: "Phone", Width: 16}, {Title: "Email", Width: 30}}}
	for _, o := range owners {
		for i := range max(1, len(o.Addresses), len(o.PhoneNumbers), len(o.Emails)) {
			row := make([]string, 4)
			if i == 0 {
				row[0] = strings.Join(o.Names, ", ")
			}
			if i < len(o.Addresses) {
				a := o.Addresses[i]
				row[1] = joined(", ", a.Data.Street, text(a.Data.City), joined(" ", text(a.Data.Region), text(a.Data.PostalCode)), text(a.Data.Country)) + primary(a.Primary)
			}
			if i < len(o.PhoneNumbers) {
				row[2] = o.PhoneNumbers[i].Data + primary(o.PhoneNumbers[i].Primary)
			}
			if i < len(o.Emails) {
				row[3] = o.Emails[i].Data + primary(o.Emails[i].Primary)
			}
			t.Rows = append(t.Rows, row)
		}
	}
	p.Table(t)
}

func primary(is bool) string {
	if is {
		return " (primary)"
	}
	return ""
}

// balances draws what an account had at the end of each day.
func (p *sheet) balances(a report.Account) {
	h := a.HistoricalBalances
	if len(h) == 0 {
		return
	}
	title := "Balance at the end of each day"
	if owed(a) {
		title = "Owed at the end of each day"
	}
	c := pdf.Chart{Title: title, Series: []pdf.Series{{}}, Label: label}
	lowest, highest, sum := h[0].Current, h[0].Current, plaid.Decimal{}
	for i := len(h) - 1; i >= 0; i-- {
		b := h[i].Current
		c.Names, c.Series[0].Values = append(c.Names, h[i].Date.String()), append(c.Series[0].Values, cents(b))
		lowest, highest, sum = least(lowest, b), most(highest, b), sum.Add(b)
	}
	p.Chart(c)
	p.Details(4, []pdf.Fact{{Name: "Lowest", Value: money(lowest)}, {Name: "Average", Value: money(sum.Div(plaid.DecimalFromInt(int64(len(h))), 2))}, {Name: "Highest", Value: money(highest)},
		{Name: "Days", Value: h[len(h)-1].Date.String() + " to " + h[0].Date.String()}})
}

// transactions draws an account's transactions with their sums.
func (p *sheet) transactions(a report.Account) {
	if a.Type == plaid.TypeDepository && len(a.Transactions) > 0 {
		p.months(a)
	}
	p.Label("Transactions")
	if len(a.Transactions) == 0 {
		p.Text("There are no transactions in the days of this report.")
		return
	}
	p.Text(moved(a))
	p.Note("Positive amounts are money out of the account, negative ones money into it.")
	t := pdf.Table{Small: true, Columns: []pdf.Column{{Title: "Date", Width: 12}, {Title: "Description", Width: 72}, {Title: "Amount (" + currency(a) + ")", Width: 16, Right: true}}}
	categories := false
	for _, x := range a.Transactions {
		categories = categories || x.Insights != nil
	}
	if categories {
		t.Columns = []pdf.Column{t.Columns[0], {Title: "Description", Width: 43}, {Title: "Category", Width: 29}, t.Columns[2]}
	}
	for _, x := range a.Transactions {
		row := []string{x.Date.String(), described(x)}
		if categories {
			row = append(row, category(x))
		}
		t.Rows = append(t.Rows, append(row, money(x.Amount)+foreign(a, x.ISOCurrencyCode, x.UnofficialCurrencyCode)))
	}
	p.Table(t)
}

// described is what a bank says of a transaction.
func described(x report.Transaction) string {
	out := text(x.OriginalDescription)
	if out == "" {
		out = "—"
	}
	if x.CheckNumber != nil {
		out += ", check " + *x.CheckNumber
	}
	if x.Pending {
		out += " (pending)"
	}
	return out
}

// category is what a transaction was for, in the words of people.
func category(x report.Transaction) string {
	switch {
	case x.Insights == nil:
		return ""
	case x.CreditCategory == nil:
		return strings.Join(x.Category, ", ")
	}
	rest := strings.TrimPrefix(x.CreditCategory.Detailed, x.CreditCategory.Primary+"_")
	if rest == x.CreditCategory.Primary {
		return plain(rest)
	}
	return plain(x.CreditCategory.Primary) + ": " + strings.ToLower(plain(rest))
}

// plain is a word of an enumeration as people write it.
func plain(word string) string {
	words := strings.ToLower(strings.ReplaceAll(word, "_", " "))
	if words == "" {
		return ""
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

// foreign is a currency where it is not the account's.
func foreign(a report.Account, iso, unofficial *string) string {
	c := text(iso) + text(unofficial)
	if c == currency(a) || c == "" {
		return ""
	}
	return " " + c
}

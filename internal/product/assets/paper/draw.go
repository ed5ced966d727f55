// Package paper draws Asset Reports as PDF: a cover with what there is in all, and a part for each Item with its accounts. It draws what
// the stored report has and nothing else, so that the same report is the same bytes. Amounts have the signs of the report.
package paper

import (
	"strconv"
	"strings"
	"time"

	"weft/internal/pdf"
	"weft/internal/plaid"
	"weft/internal/product/assets/report"
)

// Sheet is what a report is drawn from.
type Sheet struct {
	Report   report.Report
	Warnings []report.Warning
	// Days is how many days of history the reader wanted at most, nil for all.
	Days *int
}

// sheet is a report while it is drawn.
type sheet struct {
	Sheet
	*pdf.Document
	// made is the report's time.
	made time.Time
}

// Draw is the report as PDF.
func (s Sheet) Draw() ([]byte, error) {
	r := s.Report
	made, err := time.Parse(time.RFC3339, r.DateGenerated)
	if err != nil {
		return nil, err
	}
	generated := moment(made)
	d := pdf.New(pdf.Style{Letter: s.american()}, pdf.About{Title: "Asset Report " + r.AssetReportID, Author: "Weft", Subject: joined(", ", s.person(), text(r.ClientReportID)),
		Made: made, Head: "Asset Report", Foot: "Asset Report " + r.AssetReportID + " · generated " + generated})
	d.Banner("Asset Report", s.person(), "Generated "+generated)
	p := &sheet{s, d, made}
	p.cover()
	for _, it := range r.Items {
		p.item(it)
	}
	return d.Bytes()
}

// american reports whether any account is in dollars of North America, where paper has another size.
func (s Sheet) american() bool {
	for _, it := range s.Report.Items {
		for _, a := range it.Accounts {
			if c := text(a.Balances.ISOCurrencyCode); c == "USD" || c == "CAD" {
				return true
			}
		}
	}
	return false
}

func (s Sheet) person() string {
	u := s.Report.User
	return joined(" ", text(u.FirstName), text(u.MiddleName), text(u.LastName))
}

func (p *sheet) cover() {
	r := p.Report
	p.Details(2, p.about())
	if len(p.Warnings) > 0 {
		p.Notice("What this report lacks", p.lacks())
	}
	p.Space(0.5)
	totals := totalsOf(r)
	for _, t := range totals {
		p.Figures([]pdf.Fact{{Name: "Assets (" + t.currency + ")", Value: money(t.assets)}, {Name: "Debts (" + t.currency + ")", Value: money(t.debts)},
			{Name: "Net assets (" + t.currency + ")", Value: money(t.assets.Sub(t.debts))}})
	}
	p.Heading("Accounts")
	if len(totals) == 0 {
		p.Text("This report has no accounts.")
		return
	}
	for _, g := range groups {
		p.group(g)
	}
	p.Heading("Net assets over time, of accounts with daily balances")
	for _, t := range totals {
		title := ""
		if len(totals) > 1 {
			title = "In " + t.currency
		}
		p.net(t, title)
	}
	p.Label("How to read this report")
	p.Note("It is a snapshot of what the institutions stated when it was generated, and does not change. Current balances of loans and credit cards are what is owed; " +
		"a negative one was overpaid. Available balances are what can be withdrawn or spent, where the institution says so. Amounts of transactions are positive when " +
		"money leaves the account and negative when it comes in. Dates are as the institution posts them, times are UTC. “—” stands for what is not known, and □ for letters that " +
		"this document cannot show.")
}

// about is what identifies the report and the person.
func (p *sheet) about() []pdf.Fact {
	r, u := p.Report, p.Report.User
	days := strconv.Itoa(r.DaysRequested)
	if p.Days != nil && *p.Days < r.DaysRequested {
		days += ", of which the last " + strconv.Itoa(*p.Days) + " are shown"
	}
	facts := []pdf.Fact{{Name: "Report", Value: r.AssetReportID}, {Name: "Generated", Value: moment(p.made)},
		{Name: "Client's id of the report", Value: known(r.ClientReportID)}, {Name: "Days of history requested", Value: days}}
	for _, f := range []struct {
		name  string
		value *string
	}{{"Client's id of the user", u.ClientUserID}, {"Social security number", u.SSN}, {"Phone", u.PhoneNumber}, {"Email", u.Email}} {
		if f.value != nil {
			facts = append(facts, pdf.Fact{Name: f.name, Value: *f.value})
		}
	}
	name := p.person()
	if name == "" {
		name = "—"
	}
	return append([]pdf.Fact{{Name: "User, as the client gave it", Value: name}, {Name: "Institutions", Value: p.institutions()}}, facts...)
}

func (p *sheet) institutions() string {
	var names []string
	for _, it := range p.Report.Items {
		names = append(names, it.InstitutionName)
	}
	if len(names) == 0 {
		return "—"
	}
	return strings.Join(names, ", ")
}

// lacking says what warnings mean.
var lacking = map[string]string{
	"OWNERS_UNAVAILABLE":       "The owners of some accounts are not known",
	"INVESTMENTS_UNAVAILABLE":  "Holdings and investment transactions are missing",
	"TRANSACTIONS_UNAVAILABLE": "Nothing could be had of an Item, which is missing from this report",
}

func (p *sheet) lacks() (lines []string) {
	names := map[string]string{}
	for _, it := range p.Report.Items {
		names[it.ItemID] = it.InstitutionName
	}
	for _, w := range p.Warnings {
		says, ok := lacking[w.WarningCode]
		if !ok {
			says = "Something is missing"
		}
		lines = append(lines, says+": "+joined(", ", names[w.Cause.ItemID], "Item "+w.Cause.ItemID)+". "+w.WarningCode+", because of "+string(w.Cause.ErrorCode)+": "+w.Cause.ErrorMessage)
	}
	return lines
}

// group are the types of accounts that stand together on the cover.
type group struct {
	name  string
	types []string
}

var groups = []group{{"Cash accounts", []string{"depository"}}, {"Investments", []string{"investment", "brokerage"}}, {"Other accounts", []string{"other"}},
	{"Credit cards", []string{"credit"}}, {"Loans", []string{"loan"}}}

// group draws the accounts of a group with their sums by currency.
func (p *sheet) group(g group) {
	t := pdf.Table{Small: true, Columns: []pdf.Column{{Title: g.name, Width: 30}, {Title: "Institution", Width: 19}, {Title: "Type", Width: 14}, {Title: "Days", Width: 7, Right: true},
		{Title: "Available", Width: 13, Right: true}, {Title: "Current", Width: 17, Right: true}}}
	var sums amounts
	for _, it := range p.Report.Items {
		for _, a := range it.Accounts {
			if !plaid.Known(g.types, a.Type) {
				continue
			}
			t.Rows = append(t.Rows, []string{named(a), it.InstitutionName, kind(a), strconv.Itoa(a.DaysAvailable), amount(a.Balances.Available), amount(a.Balances.Current) + " " + currency(a)})
			if a.Balances.Current != nil {
				sums.add(currency(a), *a.Balances.Current)
			}
		}
	}
	if len(t.Rows) == 0 {
		return
	}
	if len(sums.list) == 1 && len(t.Rows) > 1 {
		t.Total = []string{"", "", "", "", "Total", money(sums.list[0].value) + " " + sums.list[0].currency}
	}
	p.Table(t)
	p.Space(0.8)
}

// net draws what there was in all in a currency, as far as the balances of days tell it.
func (p *sheet) net(t total, title string) {
	n := t.over(p.Report)
	if n.counted == 0 {
		p.Text(joined(": ", title, "No account has daily balances in this report."))
		return
	}
	p.Chart(pdf.Chart{Title: title, Names: n.days, Series: []pdf.Series{{Values: n.values}}, Label: label})
	note := "Cash less what is owed on credit cards at the end of each day, and what the accounts have now at last."
	if n.left > 0 {
		note += " Investments, loans and other accounts have no daily balances and are not in it."
	}
	if n.shorter {
		note += " It begins where the account with the shortest history does."
	}
	p.Note(note)
}

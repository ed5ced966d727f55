package paper

import (
	"strings"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/daybook"
	"weft/internal/pdf"
	"weft/internal/plaid"
)

// Sheet is what a statement is drawn from.
type Sheet struct {
	Bank connector.Institution
	// Country decides the paper.
	Country string
	Account connector.Account
	Book    daybook.Book
	Period  Period
	// Card is what the bank stated of a card at the end of the period, nil of other accounts.
	Card *plaid.CreditCard
}

// sums are what moved in a period.
type sums struct {
	opening, closing, in, out, interest plaid.Decimal
	rows                                []connector.Transaction
}

func (s Sheet) sums() sums {
	out := sums{opening: s.Book.At(s.Period.From.AddDays(-1)), closing: s.Book.At(s.Period.To), rows: s.Book.Between(s.Period.From, s.Period.To)}
	for _, row := range out.rows {
		switch {
		case row.Kind == "INT" && s.debt():
			out.interest = out.interest.Add(row.Amount)
		case row.Amount.Sign() < 0:
			out.in = out.in.Sub(row.Amount)
		default:
			out.out = out.out.Add(row.Amount)
		}
	}
	return out
}

func (s Sheet) debt() bool { return s.Account.Type != plaid.TypeDepository }

// Draw is the statement as PDF.
func (s Sheet) Draw() ([]byte, error) {
	sum := s.sums()
	made := s.Period.To.Time()
	d := pdf.New(pdf.Style{Letter: s.Country == "US" || s.Country == "CA", Color: strings.TrimPrefix(text(s.Bank.PrimaryColor), "#")},
		pdf.About{Title: s.Bank.Name + ", " + s.Account.Name + ", " + made.Format("January 2006"), Author: s.Bank.Name, Made: made,
			Foot: s.Bank.Name + " is a simulated bank of a test environment. This statement is of no real account and no real person."})
	d.Banner(s.Bank.Name, s.title(), s.Period.days())
	d.Address(s.address())
	d.Space(1)
	d.Heading(s.Account.Name)
	d.Facts(s.account(), s.summary(sum))
	if s.Card != nil {
		d.Heading("Payment information")
		d.Facts(s.payment())
	}
	d.Heading("Transactions")
	if len(sum.rows) == 0 {
		d.Text("There were no transactions in this period.")
		return d.Bytes()
	}
	d.Table(s.table(sum))
	return d.Bytes()
}

func (s Sheet) title() string {
	switch s.Account.Type {
	case plaid.TypeCredit:
		return "Credit card statement"
	case plaid.TypeLoan:
		return "Loan statement"
	default:
		return "Account statement"
	}
}

// address is the names and the main address of who holds the account.
func (s Sheet) address() []string {
	var names []string
	var lines []string
	for _, o := range s.Account.Owners {
		names = append(names, o.Names...)
		for _, a := range o.Addresses {
			if len(lines) > 0 || !a.Primary {
				continue
			}
			lines = []string{a.Data.Street, joined(", ", text(a.Data.City), joined(" ", text(a.Data.Region), text(a.Data.PostalCode)))}
			if c := text(a.Data.Country); c != s.Country {
				lines = append(lines, c)
			}
		}
	}
	if len(names) == 0 {
		names = []string{"Account holder"}
	}
	return append([]string{strings.Join(names, " and ")}, lines...)
}

func (s Sheet) account() []pdf.Fact {
	facts := []pdf.Fact{
		{Name: "Account", Value: "•••• " + text(s.Account.Mask)},
		{Name: "Statement date", Value: long(s.Period.To)},
		{Name: "Days in period", Value: plaid.DecimalFromInt(int64(s.Period.To-s.Period.From) + 1).String()},
		{Name: "Currency", Value: s.currency()},
	}
	if limit := s.Account.Balances.Limit; limit != nil {
		facts = append(facts, pdf.Fact{Name: "Credit limit", Value: money(*limit)})
	}
	return facts
}

func (s Sheet) currency() string {
	return text(s.Account.Balances.ISOCurrencyCode) + text(s.Account.Balances.UnofficialCurrencyCode)
}

func (s Sheet) summary(sum sums) []pdf.Fact {
	if !s.debt() {
		return []pdf.Fact{
			{Name: "Opening balance", Value: money(sum.opening)}, {Name: "Money in", Value: money(sum.in)},
			{Name: "Money out", Value: money(sum.out.Neg())}, {Name: "Closing balance", Value: money(sum.closing)},
		}
	}
	charges := "Purchases and other charges"
	if s.Account.Type == plaid.TypeLoan {
		charges = "Advances and fees"
	}
	return []pdf.Fact{
		{Name: "Previous balance", Value: money(sum.opening)}, {Name: "Payments and credits", Value: money(sum.in.Neg())},
		{Name: charges, Value: money(sum.out)}, {Name: "Interest charged", Value: money(sum.interest)}, {Name: "New balance", Value: money(sum.closing)},
	}
}

// payment is what a card's holder has to do.
func (s Sheet) payment() []pdf.Fact {
	facts := []pdf.Fact{
		{Name: "Minimum payment due", Value: money(*s.Card.MinimumPaymentAmount)},
		{Name: "Payment due date", Value: long(*s.Card.NextPaymentDueDate)},
	}
	for _, apr := range s.Card.APRs {
		if apr.Type == "purchase_apr" {
			facts = append(facts, pdf.Fact{Name: "Annual percentage rate for purchases", Value: apr.Percentage.String() + " %"})
		}
	}
	return facts
}

// table is the transactions, each with the balance after it.
func (s Sheet) table(sum sums) pdf.Table {
	t := pdf.Table{Columns: []pdf.Column{{Title: "Date", Width: 9}, {Title: "Description", Width: 52},
		{Title: "Money out", Width: 13, Right: true}, {Title: "Money in", Width: 13, Right: true}, {Title: "Balance", Width: 13, Right: true}}}
	if s.debt() {
		t.Columns[2].Title, t.Columns[3].Title = "Charges", "Payments"
	}
	balance := sum.opening
	var in, out plaid.Decimal
	for _, row := range sum.rows {
		cells := []string{row.Date.Time().Format("Jan 02"), row.Name, "", "", ""}
		if row.Amount.Sign() < 0 {
			cells[3], in = money(row.Amount.Neg()), in.Sub(row.Amount)
		} else {
			cells[2], out = money(row.Amount), out.Add(row.Amount)
		}
		if s.debt() {
			balance = balance.Add(row.Amount)
		} else {
			balance = balance.Sub(row.Amount)
		}
		cells[4] = money(balance)
		t.Rows = append(t.Rows, cells)
	}
	t.Total = []string{"", "Total", money(out), money(in), money(balance)}
	return t
}

// money is an amount for people: two places, thousands apart, and a real minus.
func money(d plaid.Decimal) string {
	whole, cents, _ := strings.Cut(d.Abs().Round(2).String(), ".")
	for len(cents) < 2 {
		cents += "0"
	}
	var out strings.Builder
	if d.Round(2).Sign() < 0 {
		out.WriteString("−")
	}
	for i, digit := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			out.WriteByte(',')
		}
		out.WriteRune(digit)
	}
	return out.String() + "." + cents
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// joined joins what is not empty.
func joined(separator string, parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, separator)
}

package paper

import (
	"fmt"
	"slices"

	"weft/internal/pdf"
	"weft/internal/plaid"
	"weft/internal/product/assets/report"
)

// amounts are sums by currency, in the order in which the currencies came.
type amounts struct{ list []inCurrency }

type inCurrency struct {
	currency string
	value    plaid.Decimal
}

func (a *amounts) add(currency string, value plaid.Decimal) {
	i := slices.IndexFunc(a.list, func(c inCurrency) bool { return c.currency == currency })
	if i < 0 {
		i, a.list = len(a.list), append(a.list, inCurrency{currency: currency})
	}
	a.list[i].value = a.list[i].value.Add(value)
}

// total is what there is in a currency.
type total struct {
	currency      string
	assets, debts plaid.Decimal
}

// owed reports whether an account's balance is a debt.
func owed(a report.Account) bool { return a.Type == plaid.TypeCredit || a.Type == plaid.TypeLoan }

// totalsOf are the totals of a report by currency, of the accounts whose balance is known.
func totalsOf(r report.Report) (totals []total) {
	for _, it := range r.Items {
		for _, a := range it.Accounts {
			i := slices.IndexFunc(totals, func(t total) bool { return t.currency == currency(a) })
			if i < 0 {
				i, totals = len(totals), append(totals, total{currency: currency(a)})
			}
			switch {
			case a.Balances.Current == nil:
			case owed(a):
				totals[i].debts = totals[i].debts.Add(*a.Balances.Current)
			default:
				totals[i].assets = totals[i].assets.Add(*a.Balances.Current)
			}
		}
	}
	return totals
}

// history is what there was on some days, of the accounts that have balances of days.
type history struct {
	days   []string
	values []int64
	// counted and left are how many accounts are in it and how many are not; shorter is whether some go further back than it.
	counted, left int
	shorter       bool
}

// over is what there was in a currency at the end of each day for which all accounts with balances of days have them, oldest first, and
// now, which is the day after the last of them.
func (t total) over(r report.Report) (out history) {
	var sums []plaid.Decimal // by days ago
	var now plaid.Date
	for _, it := range r.Items {
		for _, a := range it.Accounts {
			if currency(a) != t.currency {
				continue
			}
			if len(a.HistoricalBalances) == 0 {
				out.left++
				continue
			}
			size := len(a.HistoricalBalances) + 1
			if out.counted > 0 {
				out.shorter = out.shorter || size != len(sums)
				size = min(size, len(sums))
				sums = sums[:size]
			} else {
				sums = make([]plaid.Decimal, size)
			}
			out.counted++
			now = a.HistoricalBalances[0].Date.AddDays(1)
			for i := range sums {
				sums[i] = sums[i].Add(signed(a, i))
			}
		}
	}
	for i := len(sums) - 1; i >= 0; i-- {
		out.days, out.values = append(out.days, now.AddDays(-i).String()), append(out.values, cents(sums[i]))
	}
	return out
}

// signed is what an account had so many days ago, negative when it was owed.
func signed(a report.Account, ago int) plaid.Decimal {
	value := plaid.Decimal{}
	switch {
	case ago > 0:
		value = a.HistoricalBalances[ago-1].Current
	case a.Balances.Current != nil:
		value = *a.Balances.Current
	}
	if owed(a) {
		return value.Neg()
	}
	return value
}

// moved says what came into an account and went out of it.
func moved(a report.Account) string {
	var in, out, waiting plaid.Decimal
	pending, others := 0, 0
	for _, x := range a.Transactions {
		switch {
		case foreign(a, x.ISOCurrencyCode, x.UnofficialCurrencyCode) != "":
			others++
		case x.Pending:
			pending, waiting = pending+1, waiting.Add(x.Amount)
		case x.Amount.Sign() < 0:
			in = in.Sub(x.Amount)
		default:
			out = out.Add(x.Amount)
		}
	}
	noun := "transactions"
	if len(a.Transactions) == 1 {
		noun = "transaction"
	}
	says := fmt.Sprintf("%d %s: %s %s in, %s %s out.", len(a.Transactions), noun, money(in), currency(a), money(out), currency(a))
	if pending > 0 {
		says += fmt.Sprintf(" %d pending, of %s in all, in neither sum.", pending, money(waiting))
	}
	if others > 0 {
		says += fmt.Sprintf(" %d in other currencies, in neither sum.", others)
	}
	return says
}

// months draws what came in and went out by month, where there are several.
func (p *sheet) months(a report.Account) {
	type month struct{ in, out plaid.Decimal }
	by := map[string]month{}
	first, last := a.Transactions[0].Date, a.Transactions[0].Date
	for _, x := range a.Transactions {
		first, last = min(first, x.Date), max(last, x.Date)
		if x.Pending || foreign(a, x.ISOCurrencyCode, x.UnofficialCurrencyCode) != "" {
			continue
		}
		m := by[monthOf(x.Date)]
		if x.Amount.Sign() < 0 {
			m.in = m.in.Sub(x.Amount)
		} else {
			m.out = m.out.Add(x.Amount)
		}
		by[monthOf(x.Date)] = m
	}
	c := pdf.Chart{Title: "Money in and out by month", Bars: true, Label: label, Series: []pdf.Series{{Name: "Money in"}, {Name: "Money out"}}}
	for d := first; d <= last; d = d.AddDays(1) {
		if name := monthOf(d); len(c.Names) == 0 || c.Names[len(c.Names)-1] != name {
			c.Names = append(c.Names, name)
			c.Series[0].Values, c.Series[1].Values = append(c.Series[0].Values, cents(by[name].in)), append(c.Series[1].Values, cents(by[name].out))
		}
	}
	if len(c.Names) > 1 {
		p.Chart(c)
	}
}

// monthOf is a day's month, like 2026-10.
func monthOf(d plaid.Date) string { return d.String()[:len("2006-01")] }

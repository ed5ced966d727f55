package paper

import (
	"weft/internal/pdf"
	"weft/internal/plaid"
	"weft/internal/product/assets/report"
)

// investments draws what an account holds, and what happened in it.
func (p *sheet) investments(a report.Account) {
	securities := map[string]report.Security{}
	for _, s := range a.Investments.Securities {
		securities[s.SecurityID] = s
	}
	p.holdings(a, securities)
	p.events(a, securities)
}

func (p *sheet) holdings(a report.Account, securities map[string]report.Security) {
	p.Label("Holdings")
	if len(a.Investments.Holdings) == 0 {
		p.Text("There are no holdings.")
		return
	}
	t := pdf.Table{Small: true, Columns: []pdf.Column{{Title: "Security", Width: 34}, {Title: "Quantity", Width: 13, Right: true}, {Title: "Price", Width: 12, Right: true},
		{Title: "As of", Width: 12}, {Title: "Value (" + currency(a) + ")", Width: 15, Right: true}, {Title: "Cost", Width: 14, Right: true}}}
	var sums amounts
	for _, h := range a.Investments.Holdings {
		code := foreign(a, h.ISOCurrencyCode, h.UnofficialCurrencyCode)
		priced := "—"
		if h.InstitutionPriceAsOf != nil {
			priced = h.InstitutionPriceAsOf.String()
		}
		t.Rows = append(t.Rows, []string{secured(securities[h.SecurityID]), grouped(h.Quantity), money(h.InstitutionPrice), priced, money(h.InstitutionValue) + code, amount(h.CostBasis)})
		sums.add(code, h.InstitutionValue)
	}
	if len(sums.list) == 1 {
		t.Total = []string{"Total", "", "", "", money(sums.list[0].value) + sums.list[0].currency}
	}
	p.Table(t)
}

func (p *sheet) events(a report.Account, securities map[string]report.Security) {
	p.Label("Investment transactions")
	if len(a.Investments.Transactions) == 0 {
		p.Text("There are no investment transactions in the days of this report.")
		return
	}
	p.Note("Positive amounts are money out of the account's cash, as for a purchase; negative ones money into it, as for a sale.")
	t := pdf.Table{Small: true, Columns: []pdf.Column{{Title: "Date", Width: 12}, {Title: "Description", Width: 31}, {Title: "Type", Width: 14}, {Title: "Quantity", Width: 11, Right: true},
		{Title: "Price", Width: 11, Right: true}, {Title: "Fees", Width: 7, Right: true}, {Title: "Amount (" + currency(a) + ")", Width: 14, Right: true}}}
	for _, x := range a.Investments.Transactions {
		name := x.Name
		if x.SecurityID != nil {
			if ticker := securities[*x.SecurityID].TickerSymbol; ticker != nil {
				name += " (" + *ticker + ")"
			}
		}
		subtype := x.Subtype
		if subtype == "" {
			subtype = x.Type
		}
		t.Rows = append(t.Rows, []string{x.Date.String(), name, subtype, grouped(x.Quantity), money(x.Price), amount(x.Fees),
			money(x.Amount) + foreign(a, x.ISOCurrencyCode, x.UnofficialCurrencyCode)})
	}
	p.Table(t)
}

// secured is what a security is called.
func secured(s report.Security) string {
	out := joined(", ", text(s.Name), text(s.TickerSymbol), text(s.Type))
	if out == "" {
		return s.SecurityID
	}
	return out
}

func least(a, b plaid.Decimal) plaid.Decimal {
	if b.Cmp(a) < 0 {
		return b
	}
	return a
}

func most(a, b plaid.Decimal) plaid.Decimal {
	if b.Cmp(a) > 0 {
		return b
	}
	return a
}

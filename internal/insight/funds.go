package insight

import (
	"cmp"
	"slices"
	"strings"

	"weft/internal/plaid"
)

// fundRules are those of funds.json: funds by the index that they follow. Figures older than OldestDays are not told.
type fundRules struct {
	About      string
	LeastFound plaid.Decimal `json:"least_found"`
	OldestDays days          `json:"oldest_days"`
	Families   []family

	byISIN, byTicker map[string]place
}

// family is funds of one index. Those of a family with a currency are known by their ticker too, in that currency.
type family struct {
	Index, Currency string
	Funds           []fund
}

// fund has its yearly cost in percent, as of a day, and where that stands.
type fund struct {
	Ticker, ISIN, Name string
	ETF                bool
	Ratio              plaid.Decimal
	AsOf               plaid.Date `json:"as_of"`
	Source             string
}

// place is where a fund stands in the data.
type place struct{ family, fund int }

func (r *fundRules) index() {
	r.byISIN, r.byTicker = map[string]place{}, map[string]place{}
	for i, fam := range r.Families {
		for j, f := range fam.Funds {
			if f.ISIN != "" {
				r.byISIN[f.ISIN] = place{i, j}
			}
			if fam.Currency != "" {
				r.byTicker[fam.Currency+" "+f.Ticker] = place{i, j}
			}
		}
	}
}

// find is the fund that a holding is of. A ticker alone counts where no other ISIN is stated.
func (r *fundRules) find(h Holding) (family, fund, bool) {
	at, ok := r.byISIN[strings.ToUpper(h.ISIN)]
	if !ok {
		at, ok = r.byTicker[h.Currency+" "+strings.ToUpper(h.Ticker)]
		if !ok || h.ISIN != "" && r.Families[at.family].Funds[at.fund].ISIN != "" {
			return family{}, fund{}, false
		}
	}
	return r.Families[at.family], r.Families[at.family].Funds[at.fund], true
}

// cheapest is the fund of a family that costs least, of those that anybody can buy.
func (f family) cheapest() fund {
	var best *fund
	for i := range f.Funds {
		if f.Funds[i].ETF && (best == nil || f.Funds[i].Ratio.Cmp(best.Ratio) < 0) {
			best = &f.Funds[i]
		}
	}
	if best == nil {
		return fund{}
	}
	return *best
}

// position is what an account has of a security.
type position struct{ account, security, currency string }

// cheaperFunds finds funds that cost more than another of the same index.
func (b *book) cheaperFunds() {
	values := map[position]plaid.Decimal{}
	var order []Holding
	holdings := slices.Clone(b.in.Holdings)
	slices.SortFunc(holdings, func(x, y Holding) int {
		return cmp.Or(strings.Compare(x.Account, y.Account), strings.Compare(x.Security, y.Security), strings.Compare(x.Currency, y.Currency),
			strings.Compare(x.ISIN, y.ISIN), strings.Compare(x.Ticker, y.Ticker))
	})
	for _, h := range holdings {
		if _, ok := b.accounts[h.Account]; !ok {
			continue
		}
		at := position{h.Account, h.Security, h.Currency}
		if _, known := values[at]; !known {
			order = append(order, h)
		}
		values[at] = values[at].Add(h.Value)
	}
	for _, h := range order {
		fam, held, ok := b.rules.Funds.find(h)
		if !ok {
			continue
		}
		if cheaper := fam.cheapest(); cheaper.Ticker != "" && cheaper.Ratio.Cmp(held.Ratio) < 0 {
			b.tellCheaper(h, values[position{h.Account, h.Security, h.Currency}], fam.Index, held, cheaper)
		}
	}
}

func (b *book) tellCheaper(h Holding, value plaid.Decimal, index string, held, cheaper fund) {
	amount := value.Mul(held.Ratio.Sub(cheaper.Ratio)).Div(hundred, 6)
	asOf := min(held.AsOf, cheaper.AsOf)
	if amount.Cmp(b.rules.scaled(b.rules.Funds.LeastFound, h.Currency)) < 0 || ago(b.in.AsOf, asOf) > b.rules.Funds.OldestDays {
		return
	}
	b.tell(finding{kind: CheaperFund, about: held.Ticker, currency: h.Currency, amount: amount, first: []string{h.Account, h.Security, h.Currency}, date: b.in.AsOf,
		accounts: []string{h.Account}, securities: []string{h.Security}, words: map[string]string{"index": index, "cheaper": cheaper.Ticker,
			"old": held.Ratio.String() + "%", "new": cheaper.Ratio.String() + "%", "date": asOf.String(), "value": b.exact(value, h.Currency)}})
}

package taxlots

import (
	"slices"

	"weft/internal/lots"
	"weft/internal/plaid"
)

// Found is what the transactions say of a holding.
type Found struct {
	// Explained says that they explain all of it. Lots are nil otherwise.
	Explained bool       `json:"explained,omitempty"`
	Lots      []lots.Lot `json:"lots,omitempty"`
	// Why are the reasons why the holding is not explained, or why a cost or a day is not known.
	Why []lots.Reason `json:"why,omitempty"`
}

// Account finds the lots of an account's holdings, by the ids of their securities.
func Account(list []plaid.InvestmentTransaction, holdings []plaid.Holding, securities map[string]Security, method lots.Method) map[string]Found {
	book := lots.New(method)
	book.OpenOnly = true
	e := &events{book: book, securities: securities, rows: read(list, securities), currency: map[string]string{}, running: map[string]plaid.Decimal{},
		broken: map[string]bool{}, hopeless: map[string]bool{}, exchanged: map[string]plaid.Date{}}
	held, positions := map[string]plaid.Decimal{}, map[string]int{}
	for _, h := range holdings {
		held[h.SecurityID] = held[h.SecurityID].Add(h.Quantity)
		positions[h.SecurityID]++
		e.currency[h.SecurityID] = currencyOf(h.ISOCurrencyCode, h.UnofficialCurrencyCode)
	}
	for _, r := range e.rows {
		if _, ok := e.currency[r.security]; !ok {
			e.currency[r.security] = currencyOf(r.ISOCurrencyCode, r.UnofficialCurrencyCode)
		}
	}
	e.make(held)
	found := make(map[string]Found, len(held))
	for security := range held {
		f := Found{Lots: book.Lots(security)}
		// Which lots are of which of two positions in one security nobody says.
		f.Explained = len(f.Lots) > 0 && !e.broken[security] && oneSided(f.Lots) && positions[security] == 1
		for _, l := range f.Lots {
			if l.Why != "" && !slices.Contains(f.Why, l.Why) {
				f.Why = append(f.Why, l.Why)
			}
		}
		if !f.Explained {
			f.Lots = nil
			if _, moved := e.running[security]; !moved {
				f.Why = []lots.Reason{lots.Before}
			} else if len(f.Why) == 0 {
				f.Why = []lots.Reason{unexplained}
			}
		}
		found[security] = f
	}
	return found
}

// oneSided reports whether lots are all long or all short.
func oneSided(list []lots.Lot) bool {
	return !slices.ContainsFunc(list, func(l lots.Lot) bool { return l.Quantity.Sign() != list[0].Quantity.Sign() })
}

package taxlots

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"weft/internal/connector"
	"weft/internal/connector/sandbox"
	"weft/internal/lots"
	"weft/internal/plaid"
	"weft/internal/store/storetest"
)

// The simulated brokers keep lots of their own. Made anew of the transactions alone, lots are theirs wherever nothing came in
// that a transaction does not say the cost of, and never another cost. What is left out is told, so that it cannot grow unseen.
func TestLotsOfTheSimulatedBrokers(t *testing.T) {
	for user, want := range map[string]struct{ same, unknown int }{
		"user_investor": {62, 22}, // a spin-off, and shares that came from another broker
		"user_crypto":   {4, 2},
		"user_retiree":  {9, 2},
	} {
		t.Run(user, func(t *testing.T) {
			b := fetchAll(t, user)
			same, unknown := 0, []string{}
			securities := securitiesOf(b)
			for _, account := range b.Accounts {
				list, holdings, stated := ofAccount(b, account.Key)
				found := Account(list, holdings, securities, lots.FIFO)
				for _, h := range holdings {
					own := stated[h.SecurityID]
					f := found[h.SecurityID]
					if len(own) == 0 || securities[h.SecurityID].cash() {
						continue
					}
					costs := costOf(f.Lots) != nil
					if same++; !f.Explained || !costs {
						unknown = append(unknown, fmt.Sprintf("%s %s: %q", account.Key, h.SecurityID, f.Why))
						same--
					}
					if slices.ContainsFunc(f.Lots, func(l lots.Lot) bool { return l.Acquired == nil }) {
						continue
					}
					if got, theirs := written(wire(f.Lots, h.InstitutionValue), costs), written(own, costs); got != theirs {
						t.Errorf("%s %s: got\n%s\nthe broker has\n%s", account.Key, h.SecurityID, got, theirs)
					}
				}
			}
			if same != want.same || len(unknown) != want.unknown {
				t.Errorf("%d holdings are as the broker has them, want %d; %d are unknown, want %d:\n%s", same, want.same, len(unknown), want.unknown, strings.Join(unknown, "\n"))
			}
		})
	}
}

// fetchAll is a persona's whole history.
func fetchAll(t *testing.T, user string) connector.Batch {
	t.Helper()
	con := sandbox.New("lots", 0)
	opened, err := con.Authenticate(t.Context(), connector.Login{InstitutionID: "ins_109508", Username: user, Password: "pass_good", Now: storetest.Start})
	if err != nil {
		t.Fatal(err)
	}
	conn := connector.Connection{ID: "lots", InstitutionID: "ins_109508", Credentials: opened.Credentials, CreatedAt: storetest.Start}
	b, err := con.Fetch(t.Context(), conn, connector.Want{Now: storetest.Start, Products: []string{"investments"}, HistoryFrom: plaid.MustDate("2000-01-01")})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// ofAccount are an account's transactions and holdings as the API has them, and the lots that its broker states. Keys stand for
// ids.
func ofAccount(b connector.Batch, key string) (list []plaid.InvestmentTransaction, holdings []plaid.Holding, stated map[string][]plaid.TaxLot) {
	for _, t := range b.InvestmentTransactions {
		if t.AccountKey == key {
			if t.SecurityKey != "" {
				t.SecurityID = &t.SecurityKey
			}
			t.InvestmentTransactionID = t.Key
			list = append(list, t.InvestmentTransaction)
		}
	}
	stated = map[string][]plaid.TaxLot{}
	for _, h := range b.Holdings {
		if h.AccountKey == key {
			h.SecurityID = h.SecurityKey
			stated[h.SecurityID] = h.TaxLots
			holdings = append(holdings, h.Holding)
		}
	}
	return list, holdings, stated
}

func securitiesOf(b connector.Batch) map[string]Security {
	all := map[string]Security{}
	for _, s := range b.Securities {
		all[s.Key] = describe(s.Security)
	}
	return all
}

// written are the lots of each day, by quantity and, if it is known, cost: an order that was filled in parts is one lot to some.
func written(list []plaid.TaxLot, costs bool) string {
	type day struct{ quantity, cost plaid.Decimal }
	days := map[string]day{}
	for _, l := range list {
		name := "-"
		if l.OriginalPurchaseDatetime != nil {
			name = (*l.OriginalPurchaseDatetime)[:10]
		}
		d := days[name]
		d.quantity = d.quantity.Add(*l.Quantity)
		if costs {
			d.cost = d.cost.Add(*l.CostBasis)
		}
		days[name] = d
	}
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(days)) {
		line := fmt.Sprintf("%s %s", name, lots.Short(days[name].quantity))
		if costs {
			line += " for " + lots.Short(days[name].cost).String()
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

package books

import (
	"testing"

	"pgregory.net/rapid"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/books/persona"
	"weft/internal/connector/sandbox/market"
	"weft/internal/plaid"
)

// only is a person with one account and some orders.
func only(orders ...persona.Order) persona.Persona {
	opening := -100
	return persona.Persona{Kind: persona.Kind, Name: "only", Accounts: []persona.Account{{
		Key: "broker", Name: "Broker", Type: "investment", Subtype: "brokerage", Currency: "USD", Cash: "USD", Opened: 101,
		Orders: append([]persona.Order{{Do: "deposit", Day: &opening, Amount: plaid.Dec("100000").Ptr()}}, orders...),
	}}}
}

func trades(b connector.Batch) (list []connector.InvestmentTransaction) {
	for _, tx := range b.InvestmentTransactions {
		if tx.Type != "cash" {
			list = append(list, tx)
		}
	}
	return list
}

// TestLimitOrders: a limit order is filled at its limit or better, within its days, at most for its size, and pays one fee.
func TestLimitOrders(t *testing.T) {
	m, parts, none := market.New("limits"), 0, 0
	rapid.Check(t, func(t *rapid.T) {
		day, good := rapid.IntRange(-99, -40).Draw(t, "day"), rapid.IntRange(1, 30).Draw(t, "good")
		limit := plaid.NewDecimal(rapid.Int64Range(930, 1010).Draw(t, "limit"), -3)
		o := persona.Order{Do: "buy", Day: &day, Security: "MSFT", Quantity: plaid.Dec("37").Ptr(), Limit: &limit, Good: good, Fees: plaid.Dec("4.95"), Chance: rapid.Uint64().Draw(t, "chance")}
		placed := m.NextTradingDay(created.AddDays(day))
		before, _ := m.Price("MSFT", placed.AddDays(-1))
		most := before.Mul(limit).Round(2)
		filled, fees := plaid.Decimal{}, plaid.Decimal{}
		list := trades(mustRun(t, m, only(o), "x", created, created))
		for _, tx := range list {
			if tx.Price.Cmp(most) > 0 || tx.Date < placed || tx.Date > placed.AddDays(good) {
				t.Fatalf("filled at %s on %s: the limit is %s from %s for %d days", tx.Price, tx.Date, most, placed, good)
			}
			filled, fees = filled.Add(tx.Quantity), fees.Add(*tx.Fees)
		}
		if filled.Cmp(plaid.Dec("37")) > 0 || len(list) > 0 && !fees.Equal(plaid.Dec("4.95")) {
			t.Fatalf("filled %s for %s", filled, fees)
		}
		if len(list) > 1 {
			parts++
		}
		if len(list) == 0 {
			none++
		}
		for d := placed; len(list) == 0 && d <= placed.AddDays(good); d++ {
			if p, on, _ := m.Quote("MSFT", d); on == d && p.Cmp(most) <= 0 {
				t.Fatalf("not filled, although the price was %s on %s and the limit %s", p, d, most)
			}
		}
	})
	if parts == 0 || none == 0 {
		t.Errorf("%d orders were filled in parts, %d not at all", parts, none)
	}
}

// TestBrokenTrades: a broken trade is told on its day, and on the next one gone or followed by its reversal. Either way the
// position and the cash are what they were.
func TestBrokenTrades(t *testing.T) {
	m := market.New("broken")
	for _, do := range []string{"buy", "sell"} {
		for _, fate := range []string{persona.Vanishes, persona.Reversed} {
			first, day := -60, -30
			o := persona.Order{Do: do, Day: &day, Security: "MSFT", Quantity: plaid.Dec("5").Ptr(), Broken: fate}
			p := only(persona.Order{Do: "buy", Day: &first, Security: "MSFT", Quantity: plaid.Dec("20").Ptr()}, o)
			on := m.NextTradingDay(created.AddDays(day))
			before := mustRun(t, m, p, "x", created, on.AddDays(-1))
			during, after := mustRun(t, m, p, "x", created, on), mustRun(t, m, p, "x", created, on.AddDays(1))
			report(t, do+" "+fate, examine(m, p, created, on, during))
			report(t, do+" "+fate, examine(m, p, created, on.AddDays(1), after))
			if list := trades(during); len(list) != 2 || list[1].Type != do {
				t.Errorf("%s %s: on its day %v", do, fate, list)
			}
			list := trades(after)
			if fate == persona.Vanishes && len(list) != 1 || fate == persona.Reversed && (len(list) != 3 || list[2].Type != "cancel" || !list[2].Amount.Equal(list[1].Amount.Neg())) {
				t.Errorf("%s %s: on the next day %v", do, fate, list)
			}
			for i, h := range before.Holdings {
				if now := after.Holdings[i]; !now.Quantity.Equal(h.Quantity) || !now.CostBasis.Equal(*h.CostBasis) || len(now.TaxLots) != len(h.TaxLots) {
					t.Errorf("%s %s: %s of %s, before %s", do, fate, now.Quantity, h.SecurityKey, h.Quantity)
				}
			}
		}
	}
}

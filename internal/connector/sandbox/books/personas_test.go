package books

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/books/persona"
	"weft/internal/connector/sandbox/market"
	"weft/internal/plaid"
)

// TestInvestorUsesEverything: whatever day the connection is made, its two years show each kind of transaction.
func TestInvestorUsesEverything(t *testing.T) {
	all := load(t)
	for _, seed := range []string{"a", "b"} {
		for made := plaid.MustDate("2025-01-10"); made < plaid.MustDate("2028-01-01"); made += 47 {
			b := mustRun(t, market.New(seed), all["user_investor"], "x", made, made)
			seen := map[string]bool{}
			for _, tx := range b.InvestmentTransactions {
				if tx.Date >= made.AddDays(-730) {
					seen[tx.Type+"/"+tx.Subtype] = true
				}
			}
			for _, want := range []string{
				"buy/buy", "buy/assignment", "buy/buy to cover", "buy/contribution", "buy/dividend reinvestment",
				"buy/long-term capital gain reinvestment", "sell/sell", "sell/sell short", "sell/exercise", "cash/contribution",
				"cash/deposit", "cash/dividend", "cash/qualified dividend", "cash/non-qualified dividend", "cash/interest",
				"cash/long-term capital gain", "cash/tax withheld", "cash/withdrawal", "fee/account fee", "fee/management fee",
				"fee/interest receivable", "fee/margin expense", "fee/non-resident tax", "fee/dividend", "transfer/assignment",
				"transfer/exercise", "transfer/expire", "transfer/merger", "transfer/spin off", "transfer/split",
			} {
				if !seen[want] {
					t.Errorf("seed %s, made %s: no %s", seed, made, want)
				}
			}
			held := map[string]bool{}
			for _, h := range b.Holdings {
				if h.Quantity.Sign() < 0 {
					held["short"] = true
				}
				for _, s := range b.Securities {
					if s.Key == h.SecurityKey {
						held[*s.Type] = true
					}
				}
			}
			for _, want := range []string{"short", "cash", "cryptocurrency", "derivative", "equity", "etf", "fixed income", "mutual fund"} {
				if !held[want] {
					t.Errorf("seed %s, made %s: no %s is held", seed, made, want)
				}
			}
		}
	}
}

func TestRunRefuses(t *testing.T) {
	m := market.New("t")
	for order, want := range map[string]string{
		`{"do": "buy", "day": -9, "security": "NONE", "quantity": 1}`:                                                        "unknown security",
		`{"do": "buy", "day": -9, "security": "@none", "quantity": 1}`:                                                       "unknown security",
		`{"do": "buy", "day": -9, "security": "USD", "quantity": 1}`:                                                         "the account's cash",
		`{"do": "buy", "day": -9, "option": {"underlying": "NONE", "type": "put", "strike": 1, "days": 9}, "quantity": 100}`: "unknown underlying",
		`{"do": "transfer in", "day": -9, "security": "HBL*", "quantity": 1, "bought": -3000}`:                               "no price",
	} {
		p, err := persona.Parse([]byte(`{"kind": "books", "name": "test", "accounts": [{"key": "a", "name": "A", "type": "investment",
			"subtype": "brokerage", "opened": 50, "currency": "USD", "cash": "USD", "orders": [` + order + `]}]}`))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Run(m, p, "x", created, created); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "account a") {
			t.Errorf("%s: %v", order, err)
		}
	}
}

// TestLotsAgainstTheLog plays the log of plain trades anew and compares the lots: an independent first-in-first-out.
func TestLotsAgainstTheLog(t *testing.T) {
	all := load(t)
	for name, p := range all {
		b := mustRun(t, market.New("lots"), p, "x", created, created)
		compared := 0
		for _, h := range b.Holdings {
			lots, plain := replay(b, h)
			if !plain || h.SecurityKey == "ORCH" { // a spin-off takes cost without a transaction of the parent
				continue
			}
			compared++
			var got []string
			for _, l := range h.TaxLots {
				got = append(got, l.Quantity.Round(8).String()+"@"+l.CostBasis.Round(2).String())
			}
			if !slices.Equal(got, lots) {
				t.Errorf("%s: %s of %s: lots %v, the log gives %v", name, h.SecurityKey, h.AccountKey, got, lots)
			}
		}
		if compared < 2 {
			t.Errorf("%s: only %d holdings are compared", name, compared)
		}
	}
}

func replay(b connector.Batch, h connector.Holding) (lots []string, plain bool) {
	type piece struct{ q, basis plaid.Decimal }
	var open []piece
	for _, tx := range b.InvestmentTransactions {
		if tx.AccountKey != h.AccountKey || tx.SecurityKey != h.SecurityKey || tx.Quantity.IsZero() {
			continue
		}
		if tx.Type == "transfer" || tx.Type == "cancel" || tx.Subtype == "assignment" || strings.Contains(tx.Name, " on exercise") {
			return nil, false
		}
		if len(open) == 0 || open[0].q.Sign() == tx.Quantity.Sign() {
			open = append(open, piece{tx.Quantity, tx.Amount})
			continue
		}
		for left := tx.Quantity; !left.IsZero(); {
			first := &open[0]
			if left.Abs().Cmp(first.q.Abs()) >= 0 {
				left = left.Add(first.q)
				open = open[1:]
				continue
			}
			cut := first.basis.Mul(left.Neg()).Div(first.q, 2)
			first.q, first.basis, left = first.q.Add(left), first.basis.Sub(cut), plaid.Decimal{}
		}
	}
	for _, o := range open {
		lots = append(lots, o.q.Round(8).String()+"@"+o.basis.Round(2).String())
	}
	return lots, len(open) > 0
}

// TestGolden fixes the digits of one persona's log by their sum: no platform may give others.
func TestGolden(t *testing.T) {
	b := mustRun(t, market.New("weft"), load(t)["user_crypto"], "x", created, created)
	var sum plaid.Decimal
	for _, tx := range b.InvestmentTransactions {
		sum = sum.Add(tx.Amount.Abs()).Add(tx.Quantity.Abs())
	}
	if got := fmt.Sprintf("%d transactions, sum %s", len(b.InvestmentTransactions), sum); got != "538 transactions, sum 73822.78623551" {
		t.Error(got)
	}
}

func BenchmarkRunInvestor(b *testing.B) {
	p, m := load(b)["user_investor"], market.New("weft")
	for b.Loop() {
		if _, err := Run(m, p, "x", created, created); err != nil {
			b.Fatal(err)
		}
	}
}

package taxlots

import (
	"fmt"
	"testing"

	"weft/internal/lots"
	"weft/internal/plaid"
)

// BenchmarkAccount finds the lots of an account of 50,000 transactions, of which each fourth sells nearly all of three.
func BenchmarkAccount(b *testing.B) {
	var list []plaid.InvestmentTransaction
	var held plaid.Decimal
	first := plaid.MustDate("2000-01-01")
	for i := range 50_000 {
		line := fmt.Sprintf("%s buy/buy XYZ 1 %d", first.AddDays(i/6), 100+i%50)
		if i%4 == 3 {
			line = fmt.Sprintf("%s sell/sell XYZ -2.99 -330", first.AddDays(i/6))
		}
		t := transaction(b, i, line)
		held = held.Add(t.Quantity)
		list = append(list, t)
	}
	usd := "USD"
	holdings := []plaid.Holding{{SecurityID: "XYZ", Quantity: held, ISOCurrencyCode: &usd}}
	for _, method := range lots.Methods {
		b.Run(method, func(b *testing.B) {
			for b.Loop() {
				if f := Account(list, holdings, known(), lots.Method(method))["XYZ"]; !f.Explained {
					b.Fatal(f)
				}
			}
		})
	}
}

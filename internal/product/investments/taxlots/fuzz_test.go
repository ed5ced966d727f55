package taxlots

import (
	"fmt"
	"strings"
	"testing"

	"weft/internal/lots"
	"weft/internal/plaid"
)

// Whatever a bank states, what is explained adds up to what is held, in whichever order the rows come, and a cost is never there
// with a reason why it is not known.
func FuzzAccount(f *testing.F) {
	f.Add("10", uint8(0), "buy/buy XYZ 10 100;sell/sell XYZ -5 -60;transfer/split XYZ 5 0")
	f.Add("-5", uint8(1), "sell/sell-short XYZ -10 -100;buy/buy-to-cover XYZ 5 60;cash/return-of-principal XYZ 0 -5")
	f.Add("100", uint8(2), "buy/buy CALL 100 300;transfer/exercise CALL -100 0;buy/buy XYZ 100 5000 50")
	f.Add("7", uint8(3), "buy/buy ABC 7 70;transfer/merger ABC -7 -3;transfer/merger XYZ 7 0;transfer/spin-off NEW 1 0;cash/deposit XYZ 0 -1")
	f.Add("1", uint8(0), "buy/buy XYZ 3 0;buy/buy XYZ -2 0;cancel/buy XYZ 1 5;fee/x XYZ -1 3;transfer/expire CALL 9 0;transfer/assignment BARE 4 4")
	f.Fuzz(func(t *testing.T, held string, method uint8, text string) {
		quantity, err := plaid.ParseDecimal(held)
		if err != nil || quantity.IsZero() {
			return
		}
		var list []plaid.InvestmentTransaction
		first := plaid.MustDate("2020-01-01")
		for i, line := range strings.Split(text, ";") {
			words := append(strings.Fields(line), "0")
			if len(words) < 5 || i > 40 {
				return
			}
			for _, number := range words[2:5] {
				if _, err := plaid.ParseDecimal(number); err != nil {
					return
				}
			}
			list = append(list, transaction(t, i, fmt.Sprint(first.AddDays(i/2), " ", strings.Join(words[:5], " "))))
		}
		usd := "USD"
		holdings := []plaid.Holding{{SecurityID: "XYZ", Quantity: quantity, ISOCurrencyCode: &usd}}
		way := lots.Method(lots.Methods[int(method)%len(lots.Methods)])
		found := Account(list, holdings, known(), way)["XYZ"]
		var all plaid.Decimal
		for _, l := range found.Lots {
			all = all.Add(l.Quantity)
			if (l.Cost == nil || l.Acquired == nil) != (l.Why != "") {
				t.Errorf("a lot and its reason: %+v", l)
			}
		}
		if found.Explained && !all.Equal(quantity) {
			t.Errorf("%s are held, the lots are of %s", quantity, all)
		}
		for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 {
			list[i], list[j] = list[j], list[i]
		}
		if again := Account(list, holdings, known(), way)["XYZ"]; fmt.Sprintf("%+v", again) != fmt.Sprintf("%+v", found) && describeFound(again) != describeFound(found) {
			t.Errorf("the other way round: %s, before %s", describeFound(again), describeFound(found))
		}
	})
}

func describeFound(f Found) string {
	var b strings.Builder
	fmt.Fprint(&b, f.Explained, f.Why)
	for _, l := range f.Lots {
		fmt.Fprint(&b, " ", l.ID, l.Quantity)
		if l.Cost != nil {
			fmt.Fprint(&b, " for ", *l.Cost)
		}
		if l.Acquired != nil {
			fmt.Fprint(&b, " on ", *l.Acquired)
		}
	}
	return b.String()
}

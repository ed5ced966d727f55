package taxlots

import (
	"fmt"
	"strings"
	"testing"

	"weft/internal/lots"
	"weft/internal/plaid"
)

// transaction reads "2020-01-02 buy/dividend-reinvestment XYZ 10 100.50 9.95": day, type and subtype, security, quantity with its
// sign, amount, price and words.
func transaction(t testing.TB, i int, line string) plaid.InvestmentTransaction {
	t.Helper()
	words := append(strings.Fields(line), "0")
	if len(words) < 6 {
		t.Fatalf("%q says too little", line)
	}
	name := "ROW"
	if len(words) > 7 {
		name = words[6]
	}
	kind, subtype, _ := strings.Cut(words[1], "/")
	usd := "USD"
	return plaid.InvestmentTransaction{InvestmentTransactionID: fmt.Sprintf("%03d", i), SecurityID: &words[2], Date: plaid.MustDate(words[0]), Name: name,
		Quantity: plaid.Dec(words[3]), Amount: plaid.Dec(words[4]), Price: plaid.Dec(words[5]), Type: kind, Subtype: strings.ReplaceAll(subtype, "-", " "), ISOCurrencyCode: &usd}
}

// known are the securities of the tests: shares by their ticker, and calls and puts on XYZ at 50.
func known() map[string]Security {
	all := map[string]Security{"USD": {Type: "cash"}}
	for _, ticker := range []string{"XYZ", "ABC", "NEW"} {
		all[ticker] = Security{Type: "equity", Ticker: ticker, Name: ticker + ", Inc."}
	}
	for name, kind := range map[string]string{"CALL": "call", "PUT": "put"} {
		all[name] = Security{Type: "derivative", Option: &plaid.OptionContract{ContractType: kind, StrikePrice: plaid.Dec("50"), UnderlyingSecurityTicker: "XYZ"}}
	}
	all["BOND"] = Security{Type: "fixed income"}
	all["BARE"] = Security{Type: "derivative"}
	return all
}

// find finds the lots of the first of what is held, "XYZ 10 ABC 5", and writes them: the day, the quantity and the cost of each, or
// why there are none.
func find(t testing.TB, method lots.Method, held string, lines ...string) []string {
	t.Helper()
	var list []plaid.InvestmentTransaction
	for i, line := range lines {
		list = append(list, transaction(t, i, line))
	}
	words, usd := strings.Fields(held), "USD"
	var holdings []plaid.Holding
	for i := 0; i < len(words); i += 2 {
		holdings = append(holdings, plaid.Holding{SecurityID: words[i], Quantity: plaid.Dec(words[i+1]), ISOCurrencyCode: &usd})
	}
	f := Account(list, holdings, known(), method)[words[0]]
	if !f.Explained {
		return []string{"none: " + string(f.Why[0])}
	}
	var out []string
	for _, l := range f.Lots {
		day, cost := "-", "-"
		if l.Acquired != nil {
			day = l.Acquired.String()
		}
		if l.Cost != nil {
			cost = l.Cost.String()
		}
		out = append(out, fmt.Sprintf("%s %s cost %s", day, l.Quantity, cost))
	}
	return out
}

func TestAccount(t *testing.T) {
	const buy = "2020-01-02 buy/buy XYZ 10 100"
	for _, c := range []struct {
		what, held string
		lines      []string
		want       []string
	}{
		{"purchases and a sale", "XYZ 15", []string{buy, "2021-01-04 buy/buy XYZ 10 204.95 20", "2022-01-04 sell/sell XYZ -5 -150"}, []string{"2020-01-02 5 cost 50.00", "2021-01-04 10 cost 204.95"}},
		{"reinvested", "XYZ 10.5", []string{buy, "2020-04-01 cash/dividend XYZ 0 -6", "2020-04-01 buy/dividend-reinvestment XYZ 0.5 6"}, []string{"2020-01-02 10 cost 100", "2020-04-01 0.5 cost 6"}},
		{"contributed", "XYZ 10", []string{"2020-01-02 buy/contribution XYZ 10 100"}, []string{"2020-01-02 10 cost 100"}},
		{"in any order", "XYZ 5", []string{"2022-01-04 sell/sell XYZ -5 -150", buy}, []string{"2020-01-02 5 cost 50.00"}},
		{"bought and sold on one day, the sale first", "XYZ 5", []string{"2020-01-02 sell/sell XYZ -5 -150", buy}, []string{"2020-01-02 5 cost 50.00"}},

		{"no transactions", "XYZ 10", nil, []string{"none: " + string(lots.Before)}},
		{"bought before", "XYZ 15", []string{buy}, []string{"none: " + string(lots.Before)}},
		{"sold before", "XYZ 5", []string{buy}, []string{"none: " + string(unexplained)}},
		{"all that was held before is gone", "XYZ 10", []string{"2019-01-02 sell/sell XYZ -5 -50", buy}, []string{"2020-01-02 10 cost 100"}},
		{"not all of it", "XYZ 9", []string{"2019-01-02 sell/sell XYZ -5 -50", buy, "2021-01-02 sell/sell XYZ -1 -20"}, []string{"2020-01-02 9 cost 90.00"}},
		{"nor all of it, and bought again", "XYZ 9", []string{"2019-01-02 sell/sell XYZ -4 -40", buy, "2021-01-02 sell/sell XYZ -2 -20"}, []string{"none: " + string(unexplained)}},
		{"more was sold than had come", "XYZ 10", []string{"2019-01-02 sell/sell XYZ -5 -50", "2020-01-02 buy/buy XYZ 15 150"}, []string{"none: " + string(unexplained)}},
		{"of holdings that are older than the last purchase", "XYZ 10", []string{buy, "2021-01-04 buy/buy XYZ 3 30"}, []string{"none: " + string(unexplained)}},
		{"the same, sold and bought", "XYZ 10", []string{buy, "2021-01-04 buy/buy XYZ 3 30", "2021-02-04 sell/sell XYZ -3 -30"}, []string{"2020-01-02 7 cost 70.00", "2021-01-04 3 cost 30"}},

		{"transferred in", "XYZ 15", []string{buy, "2020-02-03 transfer/transfer XYZ 5 77 15"}, []string{"- 5 cost -", "2020-01-02 10 cost 100"}},
		{"transferred out", "XYZ 4", []string{buy, "2020-02-03 transfer/transfer XYZ -6 0"}, []string{"2020-01-02 4 cost 40.00"}},
		{"given for nothing", "XYZ 10", []string{"2020-01-02 buy/buy XYZ 10 0"}, []string{"2020-01-02 10 cost -"}},
		{"paid for as if sold", "XYZ 10", []string{"2020-01-02 buy/buy XYZ 10 -100"}, []string{"2020-01-02 10 cost -"}},
		{"a plan's costs, paid in units", "XYZ 9", []string{buy, "2020-02-03 fee/management-fee XYZ -1 10 10"}, []string{"2020-01-02 9 cost 90.00"}},

		{"a bond", "BOND 10", []string{"2020-01-02 buy/buy BOND 10 987.50 98.75"}, []string{"2020-01-02 10 cost 987.50"}},
		{"a bond, and interest perhaps", "BOND 10", []string{"2020-01-02 buy/buy BOND 10 999.12 98.75"}, []string{"2020-01-02 10 cost -"}},
		{"a position that is stated twice", "XYZ 5 XYZ 5", []string{buy}, []string{"none: " + string(unexplained)}},

		{"taken back", "XYZ 10", []string{buy, "2020-03-03 buy/buy XYZ 5 60", "2020-03-04 buy/buy XYZ -5 -60"}, []string{"2020-01-02 10 cost 100"}},
		{"cancelled", "XYZ 10", []string{buy, "2020-03-03 sell/sell XYZ -5 -60", "2020-03-04 cancel/sell XYZ 5 60"}, []string{"2020-01-02 10 cost 100"}},
		{"taken back, and what is not known", "XYZ 5", []string{buy, "2020-03-04 buy/buy XYZ -5 -60"}, []string{"- 5 cost -"}},

		{"split", "XYZ 30", []string{buy, "2021-01-04 transfer/split XYZ 20 0", "2022-01-04 sell/sell XYZ -3 -30", "2023-01-04 buy/buy XYZ 3 33"}, []string{"2020-01-02 27 cost 90.00", "2023-01-04 3 cost 33"}},
		{"split backwards", "XYZ 1", []string{buy, "2021-01-04 transfer/split XYZ -9 0"}, []string{"2020-01-02 1 cost 100"}},
		{"stock dividend", "XYZ 11", []string{buy, "2021-01-04 cash/stock-distribution XYZ 1 0"}, []string{"2020-01-02 11 cost 100"}},
		{"split with money for a fraction", "XYZ 15", []string{buy, "2021-01-04 transfer/split XYZ 5 0", "2021-01-09 cash/deposit XYZ 0 -3.20"}, []string{"- 15 cost -"}},
		{"money that is of no split", "XYZ 10", []string{buy, "2021-01-09 cash/deposit XYZ 0 -3.20"}, []string{"2020-01-02 10 cost 100"}},

		{"capital returned", "XYZ 10", []string{buy, "2021-01-04 cash/return-of-principal XYZ 0 -30"}, []string{"2020-01-02 10 cost 70"}},
		{"beyond the cost", "XYZ 10", []string{buy, "2021-01-04 cash/return-of-principal XYZ 0 -130"}, []string{"2020-01-02 10 cost 0"}},
		{"and asked back", "XYZ 10", []string{buy, "2021-01-04 cash/return-of-principal XYZ 0 30"}, []string{"2020-01-02 10 cost -"}},

		{"shares for shares", "NEW 5", []string{buy, "2021-01-04 transfer/merger XYZ -10 0", "2021-01-04 transfer/merger NEW 5 0 40"}, []string{"2020-01-02 5 cost 100"}},
		{"shares for shares and money", "NEW 5", []string{buy, "2021-01-04 transfer/merger XYZ -10 -20", "2021-01-04 transfer/merger NEW 5 0 40"}, []string{"- 5 cost -"}},
		{"two mergers at once", "NEW 5", []string{buy, "2020-01-02 buy/buy ABC 1 9", "2021-01-04 transfer/merger XYZ -10 0", "2021-01-04 transfer/merger ABC -1 0", "2021-01-04 transfer/merger NEW 5 0"}, []string{"- 5 cost -"}},
		{"a merger of what is not known", "NEW 5", []string{"2021-01-04 transfer/merger XYZ -10 0", "2021-01-04 transfer/merger NEW 5 0"}, []string{"- 5 cost -"}},
		{"bought for money and bought again", "XYZ 1", []string{buy, "2021-01-04 transfer/merger XYZ -10 -200", "2022-01-04 buy/buy XYZ 1 8"}, []string{"2022-01-04 1 cost 8"}},

		{"what was spun off", "NEW 2 XYZ 10", []string{buy, "2021-01-04 transfer/spin-off NEW 2 0 4"}, []string{"- 2 cost -"}},
		{"what it was spun off from, perhaps", "XYZ 10 NEW 2", []string{buy, "2021-01-04 transfer/spin-off NEW 2 0 4"}, []string{"2020-01-02 10 cost -"}},
		{"what it was spun off from, as the bank says", "NEW 2 XYZ 10", []string{buy, "2021-01-04 transfer/spin-off NEW 2 0 4", "2021-01-04 transfer/spin-off XYZ 0 0"}, []string{"2020-01-02 2 cost -"}},
		{"what it was spun off from, by the words of the row", "NEW 2 XYZ 10", []string{buy, "2021-01-04 transfer/spin-off NEW 2 0 4 from-XYZ"}, []string{"2020-01-02 2 cost -"}},
		{"another, by the words of the row", "ABC 1 XYZ 10 NEW 2", []string{buy, "2020-01-02 buy/buy ABC 1 9", "2021-01-04 transfer/spin-off NEW 2 0 4 NEW-INC-from-XYZ-INC"}, []string{"2020-01-02 1 cost 9"}},
		{"another, where the bank says from which", "ABC 1 XYZ 10 NEW 2", []string{buy, "2020-01-02 buy/buy ABC 1 9", "2021-01-04 transfer/spin-off NEW 2 0 4", "2021-01-04 transfer/spin-off XYZ 0 0"}, []string{"2020-01-02 1 cost 9"}},

		{"sold short", "XYZ -10", []string{"2020-01-02 sell/sell-short XYZ -15 -150", "2020-02-03 buy/buy-to-cover XYZ 5 40"}, []string{"2020-01-02 -10 cost -100.00"}},
		{"sold short without the word", "XYZ -10", []string{"2020-01-02 sell/sell XYZ -10 -150"}, []string{"none: " + string(lots.Oversold)}},
		{"covered and bought", "XYZ 5", []string{"2020-01-02 sell/sell-short XYZ -10 -150", "2020-02-03 buy/buy XYZ 15 150"}, []string{"2020-02-03 5 cost 50.00"}},

		{"a call that was exercised", "XYZ 100", []string{"2020-01-02 buy/buy CALL 100 300 3", "2020-02-03 transfer/exercise CALL -100 0", "2020-02-03 buy/buy XYZ 100 5010 50"}, []string{"2020-02-03 100 cost 5310"}},
		{"delivered a day later, among others", "XYZ 101", []string{"2020-01-02 buy/buy CALL 100 300 3", "2020-02-03 transfer/exercise CALL -100 0", "2020-02-03 buy/buy XYZ 1 51 51", "2020-02-04 buy/exercise XYZ 100 5010 50"}, []string{"2020-02-03 1 cost 51", "2020-02-04 100 cost 5310"}},
		{"a call whose shares did not come", "XYZ 60", []string{"2020-01-02 buy/buy CALL 100 300 3", "2020-02-03 transfer/exercise CALL -100 0", "2020-02-03 buy/buy XYZ 60 3000 50"}, []string{"2020-02-03 60 cost -"}},
		{"a call of which no contract is known", "XYZ 100", []string{"2020-01-02 buy/buy BARE 100 300 3", "2020-02-03 transfer/exercise BARE -100 0", "2020-02-03 buy/buy XYZ 100 5010 50"}, []string{"2020-02-03 100 cost -"}},
		{"a call that was bought before", "XYZ 100", []string{"2020-02-03 transfer/exercise CALL -100 0", "2020-02-03 buy/buy XYZ 100 5010 50"}, []string{"2020-02-03 100 cost -"}},
		{"shares of an exercise that is not there", "XYZ 100", []string{"2020-02-03 buy/exercise XYZ 100 5010 50"}, []string{"2020-02-03 100 cost -"}},
		{"a put that was assigned", "XYZ 100", []string{"2020-01-02 sell/sell-short PUT -100 -300 3", "2020-02-03 transfer/assignment PUT 100 0", "2020-02-03 buy/assignment XYZ 100 5000 50"}, []string{"2020-02-03 100 cost 4700"}},
		{"a call that expired, and one that is held", "CALL 100", []string{"2020-01-02 buy/buy CALL 100 300 3", "2020-02-03 transfer/expire CALL -100 0", "2020-03-03 buy/buy CALL 100 250 2.5"}, []string{"2020-03-03 100 cost 250"}},
		{"a call that was written", "CALL -100", []string{"2020-01-02 sell/sell-short CALL -200 -300 3", "2020-02-03 transfer/expire CALL 100 0"}, []string{"2020-01-02 -100 cost -150.00"}},
	} {
		if got := find(t, lots.FIFO, c.held, c.lines...); strings.Join(got, "|") != strings.Join(c.want, "|") {
			t.Errorf("%s: got %q, want %q", c.what, got, c.want)
		}
	}
}

// What is paid for in another currency than it is held in has no cost in the currency of the holding.
func TestForeignCost(t *testing.T) {
	bought := transaction(t, 0, "2020-01-02 buy/buy XYZ 10 100 10")
	eur := "EUR"
	bought.ISOCurrencyCode = &eur
	usd := "USD"
	f := Account([]plaid.InvestmentTransaction{bought}, []plaid.Holding{{SecurityID: "XYZ", Quantity: plaid.Dec("10"), ISOCurrencyCode: &usd}}, known(), lots.FIFO)["XYZ"]
	if !f.Explained || f.Lots[0].Cost != nil || f.Lots[0].Price != nil || f.Lots[0].Why != foreign {
		t.Errorf("%+v", f)
	}
}

// A price at which nothing was bought is the price of no lot: what units were worth when they came is not what they were bought for.
func TestPriceOfWhatWasNotBought(t *testing.T) {
	usd := "USD"
	for line, price := range map[string]string{
		"2020-01-02 buy/buy XYZ 5 77 15.4":           "15.4",
		"2020-01-02 transfer/transfer XYZ 5 77 15.4": "",
		"2020-01-02 transfer/merger XYZ 5 0 15.4":    "",
		"2020-01-02 transfer/spin-off XYZ 5 0 15.4":  "",
	} {
		holdings := []plaid.Holding{{SecurityID: "XYZ", Quantity: plaid.Dec("5"), ISOCurrencyCode: &usd}}
		f := Account([]plaid.InvestmentTransaction{transaction(t, 0, line)}, holdings, known(), lots.FIFO)["XYZ"]
		if len(f.Lots) != 1 || (f.Lots[0].Price == nil) != (price == "") || price != "" && f.Lots[0].Price.String() != price {
			t.Errorf("%s: %+v", line, f.Lots)
		}
	}
}

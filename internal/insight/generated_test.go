package insight_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"weft/internal/insight"
	"weft/internal/plaid"
)

// street makes households with what is planted in them, and with what only looks like it.
type street struct {
	*rand.Rand
	h household
}

const fullYear = 12

// generate is the household of a seed: a year of ordinary money, with some of the plants and some of the distractors.
func generate(seed uint64) household {
	s := &street{Rand: rand.New(rand.NewPCG(seed, 7))}
	s.h = household{Name: fmt.Sprintf("seed %d", seed), AsOf: plaid.MustDate("2026-06-30"), Accounts: []insight.Account{
		{ID: "chk", Name: "Checking", Type: "depository", Subtype: "checking", Currency: "USD", Available: plaid.Dec("1500").Ptr()},
		{ID: "card", Name: "Card", Type: "credit", Subtype: "credit card", Currency: "USD", Current: plaid.Dec("800").Ptr()},
		{ID: "inv", Name: "Brokerage", Type: "investment", Subtype: "brokerage", Currency: "USD"},
	}}
	s.ordinary()
	for _, plant := range []func(){s.rise, s.double, s.trial, s.fee, s.idle, s.fund, s.duplicate, s.unusual} {
		if s.IntN(3) == 0 {
			plant()
		}
	}
	for _, distract := range []func(){s.usage, s.moved, s.refunded, s.coffees, s.waived, s.promotion, s.abroad, s.twins} {
		if s.IntN(2) == 0 {
			distract()
		}
	}
	return s.h
}

// cents is an amount between two, in cents.
func (s *street) cents(from, to int) plaid.Decimal {
	return plaid.NewDecimal(int64(from+s.IntN(to-from)), -2)
}

func (s *street) add(rows ...series) { s.h.Rows = append(s.h.Rows, rows...) }

func (s *street) expect(kind insight.Kind, about string, amount plaid.Decimal) {
	s.h.Expect = append(s.h.Expect, answer{kind, about, amount})
}

// monthly is the first day of a series of so many months that ends in the last weeks.
func (s *street) monthly(months int) plaid.Date {
	return plaid.NewDate(2026, time.Month(7-months), 1+s.IntN(27))
}

// ordinary is what everybody pays: varying amounts on varying days.
func (s *street) ordinary() {
	s.add(series{Name: "PAYROLL", Category: "INCOME_SALARY", From: plaid.MustDate("2025-07-15"), Times: fullYear, Months: 1, Amount: s.cents(300000, 600000).Neg()},
		series{Name: "RENT", Category: "RENT_AND_UTILITIES_RENT", From: plaid.MustDate("2025-07-01"), Times: fullYear, Months: 1, Amount: s.cents(90000, 200000)})
	for _, shop := range []struct {
		merchant, category string
		every, from, to    int
	}{
		{"Kroger", "FOOD_AND_DRINK_GROCERIES", 4, 1500, 15000}, {"Chipotle", "FOOD_AND_DRINK_FAST_FOOD", 9, 900, 2400},
		{"Shell", "TRANSPORTATION_GAS", 8, 3000, 6500}, {"Amazon", "GENERAL_MERCHANDISE_ONLINE_MARKETPLACES", 6, 800, 12000},
		{"Uber", "TRANSPORTATION_TAXIS_AND_RIDE_SHARES", 11, 800, 2900}, {"Olive Garden", "FOOD_AND_DRINK_RESTAURANT", 13, 2500, 9000},
		{"CVS", "MEDICAL_PHARMACIES_AND_SUPPLEMENTS", 15, 500, 6000},
	} {
		row := series{Merchant: shop.merchant, Category: shop.category, Account: []string{"chk", "card"}[s.IntN(2)]}
		for day := plaid.MustDate("2025-07-01").AddDays(s.IntN(shop.every)); day <= s.h.AsOf; day = day.AddDays(1 + s.IntN(2*shop.every)) {
			row.On, row.Amounts = append(row.On, day), append(row.Amounts, s.cents(shop.from, shop.to))
		}
		s.add(row)
	}
}

func (s *street) rise() {
	old, step, months := s.cents(800, 3000), s.cents(100, 300), 1+s.IntN(6)
	day := s.monthly(months)
	before := plaid.NewDate(day.Time().Year(), day.Time().Month()-4, day.Time().Day())
	s.add(series{Merchant: "Netflix", Category: "ENTERTAINMENT_TV_AND_MOVIES", From: before, Times: 4, Months: 1, Amount: old},
		series{Merchant: "Netflix", Category: "ENTERTAINMENT_TV_AND_MOVIES", From: day, Times: months, Months: 1, Amount: old.Add(step)})
	s.expect(insight.PriceRise, "Netflix", step.Mul(plaid.DecimalFromInt(12)))
}

func (s *street) double() {
	price := s.cents(500, 3000)
	s.add(series{Merchant: "Spotify", Category: "ENTERTAINMENT_MUSIC_AND_AUDIO", From: s.monthly(9), Times: 9, Months: 1, Amount: price},
		series{Merchant: "Spotify", Category: "ENTERTAINMENT_MUSIC_AND_AUDIO", From: s.monthly(5), Times: 5, Months: 1, Amount: price, Account: "card"})
	s.expect(insight.Doubled, "Spotify", price.Mul(plaid.DecimalFromInt(12)))
}

func (s *street) trial() {
	price, day := s.cents(500, 3000), s.h.AsOf.AddDays(-60+s.IntN(25))
	s.add(series{Merchant: "Audible", Category: "ENTERTAINMENT_MUSIC_AND_AUDIO", On: []plaid.Date{day.AddDays(-7 * (1 + s.IntN(4)))}, Amount: s.cents(0, 100), Account: "card"},
		series{Merchant: "Audible", Category: "ENTERTAINMENT_MUSIC_AND_AUDIO", On: []plaid.Date{day, day.AddDays(30)}, Amount: price, Account: "card"})
	s.expect(insight.Trial, "Audible", price.Add(price))
}

func (s *street) fee() {
	n, price := 1+s.IntN(5), s.cents(200, 500)
	s.add(series{Name: "NON-NETWORK ATM FEE", Category: "BANK_FEES_ATM_FEES", From: plaid.MustDate("2025-09-03"), Times: n, Days: 1 + s.IntN(50), Amount: price})
	s.expect(insight.Fee, "Fees of cash machines", price.Mul(plaid.DecimalFromInt(int64(n))))
}

func (s *street) idle() {
	owed, rate := s.cents(50000, 300000), s.cents(1500, 3000)
	s.h.Accounts = append(s.h.Accounts,
		insight.Account{ID: "sav", Name: "Savings", Type: "depository", Subtype: "savings", Currency: "USD", Available: plaid.Dec("40000").Ptr()},
		insight.Account{ID: "blue", Name: "Blue", Type: "credit", Subtype: "credit card", Currency: "USD", Current: &owed, APRs: []plaid.APR{{Type: "purchase_apr", Percentage: rate}}})
	s.add(series{Name: "INTEREST CHARGE", Category: "BANK_FEES_INTEREST_CHARGE", From: plaid.MustDate("2026-04-20"), Times: 3, Months: 1, Amount: s.cents(500, 5000), Account: "blue"})
	s.expect(insight.IdleCash, "Blue", owed.Mul(rate).Div(plaid.DecimalFromInt(100), 2))
}

func (s *street) fund() {
	value := s.cents(2000000, 9000000)
	s.h.Holdings = append(s.h.Holdings, insight.Holding{Account: "inv", Security: "spy", Ticker: "SPY", Currency: "USD", Value: value},
		insight.Holding{Account: "inv", Security: "voo", Ticker: "VOO", Currency: "USD", Value: value})
	s.expect(insight.CheaperFund, "SPY", value.Mul(plaid.Dec("0.000645")).Round(2))
}

func (s *street) duplicate() {
	price, day := s.cents(5001, 20000), s.h.AsOf.AddDays(-s.IntN(50))
	s.add(series{Merchant: "Home Depot", Category: "HOME_IMPROVEMENT_HARDWARE", On: []plaid.Date{day, day.AddDays(s.IntN(2) - 1)}, Amount: price})
	s.expect(insight.Duplicate, "Home Depot", price)
}

func (s *street) unusual() {
	row := series{Merchant: "Verizon", Category: "RENT_AND_UTILITIES_TELEPHONE", From: s.monthly(9), Months: 1, Amounts: []plaid.Decimal{plaid.Dec("55.99")}}
	for range 7 {
		row.Amounts = append(row.Amounts, s.cents(4000, 5500))
	}
	high := s.cents(17000, 30000)
	row.Amounts = append(row.Amounts, high)
	s.add(row)
	s.expect(insight.Unusual, "Verizon", high.Sub(plaid.Dec("55.99")))
}

// usage is a bill that goes with use, and rises in winter.
func (s *street) usage() {
	row := series{Merchant: "City Power", Category: "RENT_AND_UTILITIES_GAS_AND_ELECTRICITY", From: plaid.MustDate("2025-07-12"), Months: 1}
	for month := range fullYear {
		row.Amounts = append(row.Amounts, s.cents(6000+800*month, 9000+900*month))
	}
	s.add(row)
}

// moved is a subscription that goes from one account to another.
func (s *street) moved() {
	s.add(series{Merchant: "Max", Category: "ENTERTAINMENT_TV_AND_MOVIES", From: plaid.MustDate("2025-08-09"), Times: 5, Months: 1, Amount: plaid.Dec("16.99"), Account: "card"},
		series{Merchant: "Max", Category: "ENTERTAINMENT_TV_AND_MOVIES", From: plaid.MustDate("2026-01-09"), Times: 6, Months: 1, Amount: plaid.Dec("16.99")})
}

// refunded is a double charge that came back.
func (s *street) refunded() {
	day := s.h.AsOf.AddDays(-20)
	s.add(series{Merchant: "Best Buy", Category: "GENERAL_MERCHANDISE_ELECTRONICS", On: []plaid.Date{day, day}, Amount: plaid.Dec("129.99")},
		series{Merchant: "Best Buy", Category: "GENERAL_MERCHANDISE_ELECTRONICS", On: []plaid.Date{day.AddDays(3)}, Amount: plaid.Dec("-129.99")})
}

// coffees are two of a price on a day.
func (s *street) coffees() {
	for i := range 5 {
		day := s.h.AsOf.AddDays(-9 * i)
		s.add(series{Merchant: "Starbucks", Category: "FOOD_AND_DRINK_COFFEE", On: []plaid.Date{day, day}, Amount: plaid.Dec("10.45")})
	}
}

// waived is a fee that the bank gave back.
func (s *street) waived() {
	day := s.h.AsOf.AddDays(-40)
	s.add(series{Name: "OVERDRAFT FEE", Category: "BANK_FEES_OVERDRAFT_FEES", On: []plaid.Date{day}, Amount: plaid.Dec("34")},
		series{Name: "OVERDRAFT FEE REVERSAL", Category: "BANK_FEES_OVERDRAFT_FEES", On: []plaid.Date{day.AddDays(4)}, Amount: plaid.Dec("-34")})
}

// promotion is a low price for some months, as was agreed.
func (s *street) promotion() {
	s.add(series{Merchant: "Peacock", Category: "ENTERTAINMENT_TV_AND_MOVIES", From: plaid.MustDate("2025-11-03"), Times: 3, Months: 1, Amount: plaid.Dec("4.99")},
		series{Merchant: "Peacock", Category: "ENTERTAINMENT_TV_AND_MOVIES", From: plaid.MustDate("2026-02-03"), Times: 5, Months: 1, Amount: plaid.Dec("10.99")})
}

// abroad is a subscription in another currency.
func (s *street) abroad() {
	row := series{Merchant: "Le Monde", Category: "GENERAL_MERCHANDISE_BOOKSTORES_AND_NEWSSTANDS", From: plaid.MustDate("2025-11-07"), Months: 1}
	for range 8 {
		row.Amounts = append(row.Amounts, s.cents(1050, 1200))
	}
	s.add(row)
}

// twins are a pending payment and the same posted.
func (s *street) twins() {
	row := series{Merchant: "Target", Category: "GENERAL_MERCHANDISE_SUPERSTORES", On: []plaid.Date{s.h.AsOf.AddDays(-2)}, Amount: plaid.Dec("155.55")}
	pending := row
	pending.Pending = true
	s.add(row, pending)
}

func TestGeneratedHouseholds(t *testing.T) {
	s := score{}
	for seed := range uint64(300) {
		h := generate(seed)
		s.add(t, h.Name, insight.Find(h.input()), h.Expect)
	}
	s.hold(t, "generated", 97, insight.Kinds)
}

package enrich_test

import (
	"testing"

	"weft/internal/enrich"
	"weft/internal/enrich/taxonomy"
	"weft/internal/plaid"
)

// The lines of Plaid's sandbox. Merchants, channels, websites and store numbers are as answers of 2023 and 2024 record
// them; so is the category of Tectra Inc, a name that means nothing. For SparkFun, INTRST PYMNT, CD DEPOSIT and AUTOMATIC
// PAYMENT those answers were wrong at LOW confidence (such as INCOME_WAGES for interest); here they are what they are.
func TestSandboxLabels(t *testing.T) {
	e := enrich.New()
	for _, c := range []struct {
		description, amount, account         string
		name, merchant, website, channel     string
		v1, v2, legacy, store                string
		counterparty, processor, methodOfPay string
	}{
		{"Uber 063015 SF**POOL**", "5.4", "depository", "Uber 063015 SF**POOL**", "Uber", "uber.com", "online",
			"TRANSPORTATION_TAXIS_AND_RIDE_SHARES", "TRANSPORTATION_TAXIS_AND_RIDE_SHARES", "22016000", "", "merchant", "", ""},
		{"Uber 072515 SF**POOL**", "6.33", "depository", "Uber 072515 SF**POOL**", "Uber", "uber.com", "online",
			"TRANSPORTATION_TAXIS_AND_RIDE_SHARES", "TRANSPORTATION_TAXIS_AND_RIDE_SHARES", "22016000", "", "merchant", "", ""},
		{"SparkFun", "89.4", "depository", "SparkFun", "SparkFun", "sparkfun.com", "in store",
			"GENERAL_MERCHANDISE_ELECTRONICS", "GENERAL_MERCHANDISE_ELECTRONICS", "19013000", "", "merchant", "", ""},
		{"Starbucks", "4.33", "depository", "Starbucks", "Starbucks", "starbucks.com", "in store",
			"FOOD_AND_DRINK_COFFEE", "FOOD_AND_DRINK_COFFEE", "13005043", "", "merchant", "", ""},
		{"McDonald's", "12", "depository", "McDonald's", "McDonald's", "mcdonalds.com", "in store",
			"FOOD_AND_DRINK_FAST_FOOD", "FOOD_AND_DRINK_FAST_FOOD", "13005032", "", "merchant", "", ""},
		{"McDonalds #3322", "12", "depository", "McDonald's", "McDonald's", "mcdonalds.com", "in store",
			"FOOD_AND_DRINK_FAST_FOOD", "FOOD_AND_DRINK_FAST_FOOD", "13005032", "3322", "merchant", "", ""},
		{"KFC", "500", "credit", "KFC", "KFC", "kfc.com", "in store",
			"FOOD_AND_DRINK_FAST_FOOD", "FOOD_AND_DRINK_FAST_FOOD", "13005032", "", "merchant", "", ""},
		{"Madison Bicycle Shop", "500", "credit", "Madison Bicycle Shop", "", "", "in store",
			"GENERAL_MERCHANDISE_SPORTING_GOODS", "GENERAL_MERCHANDISE_SPORTING_GOODS", "19046000", "", "", "", ""},
		{"Tectra Inc", "500", "credit", "Tectra Inc", "", "", "in store",
			"ENTERTAINMENT_SPORTING_EVENTS_AMUSEMENT_PARKS_AND_MUSEUMS", "ENTERTAINMENT_SPORTING_EVENTS_AMUSEMENT_PARKS_AND_MUSEUMS", "17001000", "", "", "", ""},
		{"Touchstone Climbing", "78.5", "depository", "Touchstone Climbing", "Touchstone Climbing", "touchstoneclimbing.com", "in store",
			"PERSONAL_CARE_GYMS_AND_FITNESS_CENTERS", "PERSONAL_CARE_GYMS_AND_FITNESS_CENTERS", "17018000", "", "merchant", "", ""},
		{"United Airlines", "500", "depository", "United Airlines", "United Airlines", "united.com", "in store",
			"TRAVEL_FLIGHTS", "TRAVEL_FLIGHTS", "22001000", "", "merchant", "", ""},
		{"United Airlines", "-500", "depository", "United Airlines", "United Airlines", "united.com", "in store",
			"TRAVEL_FLIGHTS", "TRAVEL_FLIGHTS", "22001000", "", "merchant", "", ""},
		{"AUTOMATIC PAYMENT - THANK", "2078.5", "credit", "AUTOMATIC PAYMENT - THANK", "", "", "other",
			"LOAN_PAYMENTS_CREDIT_CARD_PAYMENT", "LOAN_PAYMENTS_CREDIT_CARD_PAYMENT", "16001000", "", "", "", ""},
		{"CREDIT CARD 3333 PAYMENT *//", "25", "depository", "CREDIT CARD 3333 PAYMENT *//", "", "", "other",
			"LOAN_PAYMENTS_CREDIT_CARD_PAYMENT", "LOAN_PAYMENTS_CREDIT_CARD_PAYMENT", "16001000", "", "", "", ""},
		{"INTRST PYMNT", "-4.22", "depository", "INTRST PYMNT", "", "", "other",
			"INCOME_INTEREST_EARNED", "INCOME_INTEREST_EARNED", "15001000", "", "", "", ""},
		{"CD DEPOSIT .INITIAL.", "1000", "depository", "CD DEPOSIT .INITIAL.", "", "", "other",
			"TRANSFER_OUT_SAVINGS", "TRANSFER_OUT_SAVINGS", "21008000", "", "", "", ""},
		{"ACH Electronic CreditGUSTO PAY 123456", "5850", "depository", "ACH Electronic CreditGUSTO PAY 123456", "Gusto", "gusto.com", "online",
			"INCOME_WAGES", "INCOME_SALARY", "21009000", "", "income_source", "", "ACH"},
		{"PURCHASE WM SUPERCENTER #1700", "72.1", "depository", "Walmart", "Walmart", "walmart.com", "in store",
			"GENERAL_MERCHANDISE_SUPERSTORES", "GENERAL_MERCHANDISE_SUPERSTORES", "19051000", "1700", "merchant", "", ""},
		{"DD DOORDASH BURGERKIN 855-123-4567 CA", "28.34", "depository", "DD DOORDASH BURGERKIN 855-123-4567 CA", "Burger King", "burgerking.com", "online",
			"FOOD_AND_DRINK_FAST_FOOD", "FOOD_AND_DRINK_FAST_FOOD", "13005032", "", "merchant", "DoorDash", ""},
	} {
		r := e.Enrich(enrich.Input{Description: c.description, Amount: plaid.Dec(c.amount), AccountType: c.account})
		kind, processor := "", ""
		if n := len(r.Counterparties); n > 0 {
			kind = string(r.Counterparties[n-1].Type)
			if n > 1 {
				processor = r.Counterparties[0].Name
			}
		}
		got := []string{r.Name, r.MerchantName, r.Website, r.PaymentChannel, r.Category(taxonomy.V1).Detailed, r.Category(taxonomy.V2).Detailed,
			r.LegacyCategoryID, r.Location.StoreNumber, kind, processor, r.PaymentMeta.PaymentMethod}
		want := []string{c.name, c.merchant, c.website, c.channel, c.v1, c.v2, c.legacy, c.store, c.counterparty, c.processor, c.methodOfPay}
		for i, field := range []string{"name", "merchant", "website", "channel", "v1", "v2", "legacy", "store", "counterparty", "processor", "method"} {
			if got[i] != want[i] {
				t.Errorf("%s: the %s is %q, not %q", c.description, field, got[i], want[i])
			}
		}
	}
}

package bank

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/custom"
	"weft/internal/plaid"
)

// on is the statement of a configuration on a day.
func on(t *testing.T, text, day string) connector.Batch {
	t.Helper()
	cfg, err := custom.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	w := world()
	w.Today = plaid.MustDate(day)
	return Statement(cfg, w)
}

func lines(b connector.Batch) string {
	var list []string
	for _, row := range b.Transactions {
		currency, authorized := "", "-"
		if row.ISOCurrencyCode != nil {
			currency = *row.ISOCurrencyCode
		}
		if row.AuthorizedDate != nil {
			authorized = row.AuthorizedDate.String()
		}
		list = append(list, fmt.Sprint(row.Key, " ", row.Date, " ", authorized, " ", row.Amount, " ", currency, " ", row.Name, " ", row.Pending, " ", row.PendingKey))
	}
	return strings.Join(list, "\n")
}

// TestGivenTransactions: what is given comes back; a day of posting that is to come makes it pending until then. The
// connection was made on 2026-05-29.
func TestGivenTransactions(t *testing.T) {
	const text = `{"override_accounts":[{"type":"depository","subtype":"checking","currency":"CAD","transactions":[
		{"date_transacted":"2026-05-20","date_posted":"2026-05-22","amount":12.30,"description":"A","currency":"USD"},
		{"date_transacted":"2026-05-28","date_posted":"2026-06-02","amount":-7,"description":"B"},
		{"date_transacted":"2026-06-10","amount":0.005,"description":""},
		{"date_posted":"2026-06-02","amount":1,"description":"D"}]}]}`
	for day, want := range map[string]string{
		"2026-05-29": `transaction-0 2026-05-22 2026-05-20 12.30 USD A false 
transaction-1-pending 2026-05-28 2026-05-28 -7 CAD B true 
transaction-2-pending 2026-06-10 2026-06-10 0.005 CAD  true 
transaction-3-pending 2026-05-29 - 1 CAD D true `,
		"2026-06-12": `transaction-0 2026-05-22 2026-05-20 12.30 USD A false 
transaction-1 2026-06-02 2026-05-28 -7 CAD B false transaction-1-pending
transaction-2 2026-06-10 2026-06-10 0.005 CAD  false transaction-2-pending
transaction-3 2026-06-02 - 1 CAD D false transaction-3-pending`,
	} {
		if got := lines(on(t, text, day)); got != want {
			t.Errorf("on %s\n got %s\nwant %s", day, got, want)
		}
	}
}

func TestTransactionsThatAreNotGiven(t *testing.T) {
	blank := only(t, `{"type":"depository","transactions":[{"currency":"EUR"}]}`).Transactions
	if len(blank) != 1 || blank[0].Amount.IsZero() || blank[0].Name == "" || blank[0].Pending || blank[0].Date >= created || *blank[0].ISOCurrencyCode != "EUR" {
		t.Errorf("%+v", blank)
	}
	if rows := only(t, `{"type":"depository","transactions":[]}`).Transactions; len(rows) != 0 {
		t.Errorf("%d transactions where there are none", len(rows))
	}
	for account, want := range map[string]bool{
		`{"type":"depository","subtype":"checking"}`: true, `{"type":"depository","subtype":"savings"}`: true,
		`{"type":"credit"}`: true, `{"type":"loan","subtype":"student"}`: false, `{"type":"investment"}`: false, `{"type":"payroll"}`: false,
	} {
		if rows := only(t, account).Transactions; len(rows) > 20 != want {
			t.Errorf("%s: %d transactions", account, len(rows))
		}
	}
	if rows := state(t, `{"override_accounts":[`+strings.Repeat(`{"subtype":"savings"},`, 400)+`{}]}`).Transactions; len(rows) > 2000 {
		t.Errorf("%d made-up transactions", len(rows))
	}
	// The days between the history and the connection depend on the seed alone.
	text := `{"seed":"s","override_accounts":[{"type":"depository"}]}`
	first, again := on(t, text, "2026-05-29").Transactions, on(t, text, "2026-09-01").Transactions
	if !reflect.DeepEqual(first, again) {
		t.Error("made-up history changes with time")
	}
	cfg, err := custom.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	w := world()
	w.Created, w.Today = created.AddDays(17), created.AddDays(17)
	for i, row := range Statement(cfg, w).Transactions {
		if row.Date != first[i].Date.AddDays(17) || !row.Amount.Equal(first[i].Amount) || row.Name != first[i].Name {
			t.Fatalf("%+v, and 17 days later %+v", first[i], row)
		}
	}
}

func TestInflow(t *testing.T) {
	account := func(kind, model string) string {
		return `{"override_accounts":[{` + kind + `,"starting_balance":1200.00,"transactions":[],"inflow_model":{` + model + `,"transaction_name":"IN"}}]}`
	}
	const card, checking, loan = `"type":"credit","subtype":"credit card"`, `"type":"depository","subtype":"checking"`, `"type":"loan","subtype":"student"`
	for _, c := range []struct {
		name, text, today, last string
		count                   int
	}{
		{"income", account(checking, `"type":"monthly-income","income_amount":5125.25,"payment_day_of_month":1`), "2026-05-29", "inflow-202605 2026-05-01 - -5125.25 USD IN false ", 24},
		{"income later", account(checking, `"type":"monthly-income","income_amount":5125.25,"payment_day_of_month":1`), "2026-07-01", "inflow-202607 2026-07-01 - -5125.25 USD IN false ", 26},
		{"last day", account(checking, `"type":"monthly-income","income_amount":10,"payment_day_of_month":"last"`), "2026-03-01", "inflow-202602 2026-02-28 - -10 USD IN false ", 22},
		{"balance", account(card, `"type":"monthly-balance-payment","payment_day_of_month":15,"statement_day_of_month":"13"`), "2026-05-29", "inflow-202605 2026-05-15 - -1200.00 USD IN false ", 24},
		{"interest", account(card, `"type":"monthly-interest-only-payment","payment_day_of_month":15`), "2026-05-29", "inflow-202605 2026-05-15 - -12.50 USD IN false ", 24},
		{"interest at a rate", account(card+`,"liability":{"type":"credit","purchase_apr":12.9}`, `"type":"monthly-interest-only-payment"`), "2026-05-29", "inflow-202605 2026-05-01 - -12.90 USD IN false ", 24},
		{"student", account(loan+`,"liability":{"type":"student","nominal_apr":6}`, `"type":"monthly-interest-only-payment"`), "2026-05-29", "inflow-202605 2026-05-01 - -6.00 USD IN false ", 24},
		{"no debt", account(`"type":"depository","subtype":"paypal"`, `"type":"monthly-interest-only-payment"`), "2026-05-29", "", 0},
		{"none", account(checking, `"type":"none"`), "2026-05-29", "", 0},
	} {
		b := on(t, c.text, c.today)
		rows := strings.Split(lines(b), "\n")
		if len(b.Transactions) != c.count || rows[len(rows)-1] != c.last {
			t.Errorf("%s: %d payments, the last %q, want %d and %q", c.name, len(b.Transactions), rows[len(rows)-1], c.count, c.last)
		}
	}
	huge := `{"override_accounts":[{` + card + `,"starting_balance":` + strings.Repeat("9", 60) + `,"transactions":[],"inflow_model":{"type":"monthly-balance-payment","transaction_name":"IN"}}]}`
	for _, row := range on(t, huge, "2026-05-29").Transactions {
		if len(row.Amount.String()) > plaid.MaxDecimalText {
			t.Errorf("a payment of %s", row.Amount)
		}
	}
}

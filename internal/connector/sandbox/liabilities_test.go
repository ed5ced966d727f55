package sandbox

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"weft/internal/connector"
	"weft/internal/connector/sandbox/daybook"
	"weft/internal/connector/sandbox/debt"
	"weft/internal/connector/sandbox/household/plan"
	"weft/internal/connector/sandbox/personas"
	"weft/internal/plaid"
)

// owing is what a person's bank states on a day of a connection that was made earlier.
func owing(t *testing.T, user, password string, created time.Time, days int) connector.Batch {
	t.Helper()
	opened, code := login(t, platypus, user, password)
	if code != "" {
		t.Fatalf("%s: %s", user, code)
	}
	at := created.AddDate(0, 0, days)
	batch, err := shared().Fetch(t.Context(), connector.Connection{ID: "one", InstitutionID: platypus, Credentials: opened.Credentials, CreatedAt: created},
		connector.Want{Now: at, Products: []string{"liabilities", "transactions"}, HistoryFrom: plaid.DateOf(at).AddDays(-730)})
	if err != nil {
		t.Fatal(err)
	}
	return batch
}

// everybody who has a card or a loan, but for those whose debts are written down.
func borrowers(t *testing.T) (users []string) {
	t.Helper()
	people, err := plan.Names(personas.FS)
	if err != nil {
		t.Fatal(err)
	}
	for _, user := range people {
		if user == "user_limited_purpose_checking" { // has a password, and no debts
			continue
		}
		batch := owing(t, user, "any", now, 0)
		if slices.ContainsFunc(batch.Accounts, debt.Fits) {
			users = append(users, user)
		}
	}
	if len(users) < 10 {
		t.Fatalf("only %v have debts", users)
	}
	return users
}

// Each account with debts has one, and only such: what a card states is what its transactions come to.
func TestDebtsAgreeWithTheBooks(t *testing.T) {
	for _, user := range borrowers(t) {
		for _, days := range []int{0, 1, 9, 33, 64, 200} {
			batch := owing(t, user, "any", now, days)
			today := plaid.DateOf(now).AddDays(days)
			if user == userDynamic { // its bank stands still
				today = plaid.DateOf(now)
			}
			stated := map[string]connector.Liability{}
			for _, l := range batch.Liabilities {
				stated[l.AccountKey] = l
			}
			for _, a := range batch.Accounts {
				l, has := stated[a.Key]
				if has != debt.Fits(a) {
					t.Fatalf("%s, day %d: %s %v", user, days, a.Key, has)
				}
				switch book := daybook.Of(batch, a); {
				case l.Credit != nil:
					checkCard(t, user, today, *l.Credit, book)
				case l.Mortgage != nil:
					checkPaid(t, user, today, *l.Mortgage.LastPaymentDate, *l.Mortgage.NextPaymentDueDate, *l.Mortgage.YTDInterestPaid, *l.Mortgage.YTDPrincipalPaid, book)
				case l.Student != nil:
					checkPaid(t, user, today, *l.Student.LastPaymentDate, *l.Student.NextPaymentDueDate, *l.Student.YTDInterestPaid, *l.Student.YTDPrincipalPaid, book)
				}
			}
		}
	}
}

func checkCard(t *testing.T, user string, today plaid.Date, c plaid.CreditCard, book daybook.Book) {
	t.Helper()
	if len(c.APRs) == 0 || *c.LastStatementIssueDate > today || *c.LastStatementIssueDate < today.AddDays(-31) ||
		*c.NextPaymentDueDate < today || *c.NextPaymentDueDate > today.AddDays(31) {
		t.Errorf("%s, %s: %+v", user, today, c)
	}
	if !c.LastStatementBalance.Equal(book.At(*c.LastStatementIssueDate)) || c.MinimumPaymentAmount.Cmp(plaid.Dec("0")) < 0 ||
		c.LastStatementBalance.Sign() > 0 && c.MinimumPaymentAmount.Cmp(*c.LastStatementBalance) > 0 {
		t.Errorf("%s, %s: statement %s, minimum %s", user, today, c.LastStatementBalance, c.MinimumPaymentAmount)
	}
	if c.LastPaymentDate == nil {
		return
	}
	if !slices.ContainsFunc(book.Between(*c.LastPaymentDate, *c.LastPaymentDate), func(row connector.Transaction) bool { return row.Amount.Equal(c.LastPaymentAmount.Neg()) }) {
		t.Errorf("%s: no payment of %s on %s", user, c.LastPaymentAmount, c.LastPaymentDate)
	}
}

// checkPaid holds what was paid this year against the book: together it is the sum of the payments.
func checkPaid(t *testing.T, user string, today, last, due plaid.Date, interest, principal plaid.Decimal, book daybook.Book) {
	t.Helper()
	if last > today || last < today.AddDays(-40) || due <= today || due > today.AddDays(31) {
		t.Errorf("%s, %s: paid %s, due %s", user, today, last, due)
	}
	var sum plaid.Decimal
	for _, row := range book.Between(plaid.NewDate(today.Time().Year(), 1, 1), today) {
		if row.Amount.Sign() < 0 {
			sum = sum.Sub(row.Amount)
		}
	}
	if !sum.Equal(interest.Add(principal)) || interest.Sign() < 0 || principal.Sign() < 0 {
		t.Errorf("%s, %s: interest %s and principal %s of %s", user, today, interest, principal, sum)
	}
}

// Who pays the minimum late is overdue until they pay; who pays in full never is.
func TestOverdue(t *testing.T) {
	overdue := func(user string) (days int) {
		for day := 0; day < 200; day += 5 {
			for _, l := range owing(t, user, "any", now, day).Liabilities {
				if l.Credit != nil && *l.Credit.IsOverdue {
					days++
				}
			}
		}
		return days
	}
	if days := overdue("user_credit_profile_excellent"); days != 0 {
		t.Errorf("who pays in full is overdue on %d days", days)
	}
	if days := overdue("user_credit_profile_poor"); days < 2 || days > 15 {
		t.Errorf("who has less than is due is overdue on %d of 40 days", days)
	}
}

// The documented person's debts are those of the published sample, and their days go with the calendar.
func TestDocumentedDebts(t *testing.T) {
	for _, days := range []int{0, 20, 300} {
		batch := owing(t, "user_good", "pass_good", now, days)
		today := plaid.DateOf(now).AddDays(days)
		if len(batch.Liabilities) != 4 {
			t.Fatalf("%d debts", len(batch.Liabilities))
		}
		card, again := batch.Liabilities[0].Credit, owing(t, "user_good", "pass_good", now, days).Liabilities[0].Credit
		if card.LastStatementBalance.String() != "1708.77" || *card.LastStatementIssueDate > today || *card.LastPaymentDate >= *card.LastStatementIssueDate ||
			*card.NextPaymentDueDate <= today || card.NextPaymentDueDate.Time().Day() != 28 {
			t.Errorf("%+v", card)
		}
		x, _ := json.Marshal(card)
		if y, _ := json.Marshal(again); string(x) != string(y) {
			t.Errorf("another time: %s, before %s", y, x)
		}
	}
}

// A configuration's debts are as it says, and what it leaves open as on the documented accounts.
func TestConfiguredDebts(t *testing.T) {
	batch := owing(t, "user_custom", `{"override_accounts":[
		{"type":"credit","subtype":"credit card","starting_balance":1245.67,"transactions":[],"liability":{"type":"credit","purchase_apr":16.99,"cash_apr":24.99,
			"balance_transfer_apr":18.99,"special_apr":0,"last_payment_amount":250,"minimum_payment_amount":35,"is_overdue":true}},
		{"type":"loan","subtype":"student","liability":{"type":"student","origination_date":"2022-01-01","principal":45123,"nominal_apr":4.23,"guarantor":"X",
			"loan_name":"L","repayment_plan_type":"interest only","repayment_model":{"type":"standard","non_repayment_months":12,"repayment_months":120}}},
		{"type":"loan","subtype":"mortgage","starting_balance":1000,"inflow_model":{"type":"monthly-interest-only-payment","payment_day_of_month":3,"transaction_name":"P"}},
		{"type":"loan","subtype":"auto"}, {"type":"depository"}]}`, now, 0)
	if len(batch.Liabilities) != 3 {
		t.Fatalf("%+v", batch.Liabilities)
	}
	card, loan, house := batch.Liabilities[0].Credit, batch.Liabilities[1].Student, batch.Liabilities[2].Mortgage
	if !*card.IsOverdue || card.LastPaymentAmount.String() != "250" || card.MinimumPaymentAmount.String() != "35" || card.LastStatementBalance.String() != "1245.67" ||
		len(card.APRs) != 4 || card.APRs[2].Percentage.String() != "16.99" || card.APRs[2].Type != "purchase_apr" {
		t.Errorf("%+v", card)
	}
	// 45123 at 4.23 percent over 120 months.
	if loan.MinimumPaymentAmount.String() != "461.80" || loan.ExpectedPayoffDate.String() != "2033-01-01" || *loan.Guarantor != "X" || *loan.LoanStatus.Type != "repayment" ||
		*loan.RepaymentPlan.Type != "interest-only" || loan.InterestRatePercentage.String() != "4.23" || loan.OriginationPrincipalAmount.String() != "45123" {
		t.Errorf("%+v, minimum %s", loan, loan.MinimumPaymentAmount)
	}
	if house.LastPaymentAmount.String() != "3.33" || house.NextPaymentDueDate.Time().Day() != 3 || *house.LoanTerm != "30 year" || house.PropertyAddress.City == nil {
		t.Errorf("%+v", house)
	}
}

// Numbers that no money has do no harm.
func TestAbsurdDebts(t *testing.T) {
	big := "9e55"
	batch := owing(t, "user_custom", `{"override_accounts":[{"type":"credit","starting_balance":`+big+`,"liability":{"type":"credit","purchase_apr":`+big+`},
		"transactions":[{"amount":`+big+`,"date_posted":"2026-08-20"},{"amount":-1e-40,"date_posted":"2026-08-21"}]},
		{"type":"loan","subtype":"student","liability":{"type":"student","principal":`+big+`,"nominal_apr":`+big+`,"repayment_model":{"repayment_months":1000000000}}}]}`, now, 5)
	for _, l := range batch.Liabilities {
		doc, err := json.Marshal(l)
		if err != nil {
			t.Fatal(err)
		}
		var back connector.Liability
		if err := json.Unmarshal(doc, &back); err != nil {
			t.Errorf("%v: %s", err, doc)
		}
	}
}

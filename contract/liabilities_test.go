package contract

import (
	"testing"
	"time"
)

const liabilitiesGet = "/liabilities/get"

type liabilitiesAnswer struct {
	accountsAnswer
	Liabilities struct {
		Credit   []map[string]any `json:"credit"`
		Mortgage []map[string]any `json:"mortgage"`
		Student  []map[string]any `json:"student"`
	} `json:"liabilities"`
}

func (a liabilitiesAnswer) count() int {
	return len(a.Liabilities.Credit) + len(a.Liabilities.Mortgage) + len(a.Liabilities.Student)
}

// testLiabilities: the debts of documented, played and described people, today and later, and what cannot be asked.
func testLiabilities(t *testing.T, p *probe) {
	token := p.link(t, login{products: []string{"liabilities"}})
	var all liabilitiesAnswer
	p.ok(t, liabilitiesGet, about(token)).into(t, &all)
	sum := 0
	for _, a := range all.Accounts {
		var one liabilitiesAnswer
		p.ok(t, liabilitiesGet, filtered(token, a.ID)).into(t, &one)
		sum += one.count()
	}
	if all.count() != 4 || sum != 4 {
		t.Errorf("%d debts, and %d by account", all.count(), sum)
	}
	p.ok(t, liabilitiesGet, about(token, "options", nil))
	p.refused(t, liabilitiesGet, "INVALID_ACCOUNT_ID", filtered(token, "nobody's"))

	people := []login{{user: "user_yuppie"}, {user: "user_credit_joint_account"}, {user: "user_credit_profile_poor"}, {user: "user_transactions_dynamic"},
		{user: "user_custom", password: `{}`},
		{user: "user_custom", password: `{"override_accounts":[{"type":"loan","subtype":"mortgage"},{"type":"loan","subtype":"student","liability":{"type":"student",
			"principal":9000,"pslf_status":{"payments_made":3},"loan_status":{"type":"forbearance","end_date":"2027-01-01"}}},{"type":"credit","subtype":"paypal"}]}`},
	}
	for i := range people {
		people[i].products = []string{"liabilities"}
		if people[i].password == "" {
			people[i].password = "x"
		}
		var got liabilitiesAnswer
		if p.ok(t, liabilitiesGet, about(p.link(t, people[i]))).into(t, &got); got.count() == 0 {
			t.Errorf("%s has no debts", people[i].user)
		}
	}
	p.refused(t, liabilitiesGet, "NO_LIABILITY_ACCOUNTS", about(p.link(t, login{user: "user_investor", password: "x", products: []string{"liabilities"}})))
	p.refused(t, liabilitiesGet, "ADDITIONAL_CONSENT_REQUIRED", about(p.link(t, login{products: []string{"auth"}})))
	for range 2 {
		p.Advance(10 * 24 * time.Hour)
		p.ok(t, liabilitiesGet, about(token))
	}
}

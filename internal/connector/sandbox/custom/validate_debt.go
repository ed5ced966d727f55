package custom

import (
	"slices"
	"strings"
)

var (
	liabilityTypes = []string{"credit", "student"}
	inflowTypes    = []string{"none", "monthly-income", "monthly-balance-payment", "monthly-interest-only-payment"}
	loanStatuses   = []string{
		"cancelled", "charged off", "claim", "consolidated", "deferment", "delinquent", "discharged", "extension",
		"forbearance", "in grace", "in military", "in school", "not fully disbursed", "other", "paid in full", "refunded",
		"repayment", "transferred", "pending idr",
	}
	repaymentPlans = []string{
		"extended graduated", "extended standard", "graduated", "income-contingent repayment", "income-based repayment",
		"income-sensitive repayment", "interest only", "other", "pay as you earn", "revised pay as you earn", "standard",
		"saving on a valuable education",
	}
	incomeTypes    = []string{"bonus", "overtime", "regular"}
	maritalStatus  = []string{"single", "married"}
	payFrequencies = []string{
		"PAY_FREQUENCY_UNKNOWN", "PAY_FREQUENCY_WEEKLY", "PAY_FREQUENCY_BIWEEKLY", "PAY_FREQUENCY_SEMIMONTHLY",
		"PAY_FREQUENCY_MONTHLY",
	}
	earningsTypes = []string{
		"BONUS", "COMMISSION", "OVERTIME", "PAID TIME OFF", "REGULAR PAY", "VACATION", "BASIC ALLOWANCE HOUSING",
		"BASIC ALLOWANCE SUBSISTENCE", "OTHER",
	}
)

func (c *check) liability(path string, l *Liability) {
	c.oneOf(path+".type", l.Type, liabilityTypes)
	if l.Type != nil {
		c.belong(path, *l.Type, "credit", map[string]bool{
			"purchase_apr": l.PurchaseAPR != nil, "cash_apr": l.CashAPR != nil,
			"balance_transfer_apr": l.BalanceTransferAPR != nil, "special_apr": l.SpecialAPR != nil,
			"last_payment_amount": l.LastPaymentAmount != nil,
		})
		c.belong(path, *l.Type, "student", map[string]bool{
			"origination_date": l.OriginationDate != nil, "principal": l.Principal != nil, "nominal_apr": l.NominalAPR != nil,
			"interest_capitalization_grace_period_months": l.InterestCapitalizationGracePeriodMonth != nil,
			"repayment_model":            l.RepaymentModel != nil && !isBlank(*l.RepaymentModel),
			"expected_payoff_date":       l.ExpectedPayoffDate != nil,
			"guarantor":                  l.Guarantor != nil,
			"is_federal":                 l.IsFederal != nil,
			"loan_name":                  l.LoanName != nil,
			"loan_status":                l.LoanStatus != nil && !isBlank(*l.LoanStatus),
			"payment_reference_number":   l.PaymentReferenceNumber != nil,
			"repayment_plan_description": l.RepaymentPlanDescription != nil,
			"repayment_plan_type":        l.RepaymentPlanType != nil,
			"sequence_number":            l.SequenceNumber != nil,
		})
	}
	c.notNegative(path+".interest_capitalization_grace_period_months", l.InterestCapitalizationGracePeriodMonth)
	if m := l.RepaymentModel; m != nil {
		c.oneOf(path+".repayment_model.type", m.Type, []string{"standard"})
		c.notNegative(path+".repayment_model.non_repayment_months", m.NonRepaymentMonths)
		c.notNegative(path+".repayment_model.repayment_months", m.RepaymentMonths)
	}
	if s := l.LoanStatus; s != nil {
		c.oneOf(path+".loan_status.type", s.Type, loanStatuses)
	}
	if p := l.PSLFStatus; p != nil {
		c.notNegative(path+".pslf_status.payments_made", p.PaymentsMade)
		c.notNegative(path+".pslf_status.payments_remaining", p.PaymentsRemaining)
	}
	c.oneOf(path+".repayment_plan_type", l.RepaymentPlanType, repaymentPlans)
	if l.ServicerAddress != nil {
		c.address(path+".servicer_address", *l.ServicerAddress)
	}
}

// belong refuses fields of one kind of debt on the other. Names are sorted, so that the same fault is always found first.
func (c *check) belong(path, have, want string, given map[string]bool) {
	if have == want {
		return
	}
	names := make([]string, 0, len(given))
	for name, set := range given {
		if set {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		c.fail(path+"."+name, "can only be set if type is %s", want)
	}
}

func (c *check) inflow(path string, m *InflowModel) {
	c.oneOf(path+".type", m.Type, inflowTypes)
	kind := valueOr(m.Type, "none")
	if kind == "monthly-income" && m.IncomeAmount == nil {
		c.fail(path+".income_amount", "is required when type is monthly-income")
	}
	if kind != "none" && m.TransactionName == nil {
		c.fail(path+".transaction_name", "is required when type is %s", kind)
	}
}

func (c *check) income(path string, in *Income) {
	for i := range in.Paystubs {
		c.paystub(index(path+".paystubs", i), &in.Paystubs[i])
	}
	for i := range in.W2s {
		c.parties(index(path+".w2s", i), in.W2s[i].Employer, in.W2s[i].Employee)
	}
}

func (c *check) paystub(path string, p *Paystub) {
	c.parties(path, p.Employer, p.Employee)
	for i, part := range p.IncomeBreakdown {
		c.oneOf(index(path+".income_breakdown", i)+".type", part.Type, incomeTypes)
	}
	if p.NetPay != nil {
		c.isoCurrency(path+".net_pay.currency", p.NetPay.Currency)
	}
	if d := p.Deductions; d != nil {
		for i, line := range d.Breakdown {
			c.isoCurrency(index(path+".deductions.breakdown", i)+".currency", line.Currency)
		}
		if d.Total != nil {
			c.isoCurrency(path+".deductions.total.currency", d.Total.Currency)
		}
	}
	if e := p.Earnings; e != nil {
		for i, line := range e.Breakdown {
			at := index(path+".earnings.breakdown", i)
			c.isoCurrency(at+".currency", line.Currency)
			if d := line.CanonicalDescription; d != nil {
				// Published files write REGULAR_PAY, the schema REGULAR PAY.
				spaced := strings.ReplaceAll(*d, "_", " ")
				c.oneOf(at+".canonical_description", &spaced, earningsTypes)
			}
		}
		if e.Total != nil {
			c.isoCurrency(path+".earnings.total.currency", e.Total.Currency)
		}
	}
	if d := p.PayPeriodDetails; d != nil {
		c.oneOf(path+".pay_period_details.pay_frequency", d.PayFrequency, payFrequencies)
		for i, part := range d.DistributionBreakdown {
			c.isoCurrency(index(path+".pay_period_details.distribution_breakdown", i)+".currency", part.Currency)
		}
	}
}

func (c *check) parties(path string, employer *Employer, employee *Employee) {
	if employer != nil {
		c.postal(path+".employer.address", employer.Address)
	}
	if employee != nil {
		c.postal(path+".employee.address", employee.Address)
		if s := employee.MaritalStatus; s != nil {
			lower := strings.ToLower(*s)
			c.oneOf(path+".employee.marital_status", &lower, maritalStatus)
		}
	}
}

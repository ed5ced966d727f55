package custom

import "weft/internal/plaid"

// Liability is the debt of a credit card or a student loan. Rates are percentages.
type Liability struct {
	// Type is credit or student; most fields belong to one of the two.
	Type                 *string        `json:"type"`
	PurchaseAPR          *plaid.Decimal `json:"purchase_apr"`
	CashAPR              *plaid.Decimal `json:"cash_apr"`
	BalanceTransferAPR   *plaid.Decimal `json:"balance_transfer_apr"`
	SpecialAPR           *plaid.Decimal `json:"special_apr"`
	LastPaymentAmount    *plaid.Decimal `json:"last_payment_amount"`
	MinimumPaymentAmount *plaid.Decimal `json:"minimum_payment_amount"`
	IsOverdue            *bool          `json:"is_overdue"`

	OriginationDate                        *plaid.Date     `json:"origination_date"`
	Principal                              *plaid.Decimal  `json:"principal"`
	NominalAPR                             *plaid.Decimal  `json:"nominal_apr"`
	InterestCapitalizationGracePeriodMonth *int            `json:"interest_capitalization_grace_period_months"`
	RepaymentModel                         *RepaymentModel `json:"repayment_model"`
	ExpectedPayoffDate                     *plaid.Date     `json:"expected_payoff_date"`
	Guarantor                              *string         `json:"guarantor"`
	IsFederal                              *bool           `json:"is_federal"`
	LoanName                               *string         `json:"loan_name"`
	LoanStatus                             *LoanStatus     `json:"loan_status"`
	PaymentReferenceNumber                 *string         `json:"payment_reference_number"`
	PSLFStatus                             *PSLFStatus     `json:"pslf_status"`
	RepaymentPlanDescription               *string         `json:"repayment_plan_description"`
	RepaymentPlanType                      *string         `json:"repayment_plan_type"`
	SequenceNumber                         *string         `json:"sequence_number"`
	ServicerAddress                        *Address        `json:"servicer_address"`
}

// RepaymentModel is how a student loan is paid back.
type RepaymentModel struct {
	Type               *string `json:"type"`
	NonRepaymentMonths *int    `json:"non_repayment_months"`
	RepaymentMonths    *int    `json:"repayment_months"`
}

// LoanStatus is the state of a student loan, and until when.
type LoanStatus struct {
	EndDate *plaid.Date `json:"end_date"`
	Type    *string     `json:"type"`
}

// PSLFStatus is the progress towards public service loan forgiveness.
type PSLFStatus struct {
	EstimatedEligibilityDate *plaid.Date `json:"estimated_eligibility_date"`
	PaymentsMade             *int        `json:"payments_made"`
	PaymentsRemaining        *int        `json:"payments_remaining"`
}

// InflowModel is regular income of an account, or the regular payment of a debt.
type InflowModel struct {
	// Type is none, monthly-income, monthly-balance-payment or monthly-interest-only-payment.
	Type                *string        `json:"type"`
	IncomeAmount        *plaid.Decimal `json:"income_amount"`
	PaymentDayOfMonth   *DayOfMonth    `json:"payment_day_of_month"`
	TransactionName     *string        `json:"transaction_name"`
	StatementDayOfMonth *DayOfMonth    `json:"statement_day_of_month"`
}

// Income is the payroll data of an account of type payroll.
type Income struct {
	Paystubs []Paystub `json:"paystubs"`
	W2s      []W2      `json:"w2s"`
}

// Paystub is one pay slip.
type Paystub struct {
	Employer         *Employer         `json:"employer"`
	Employee         *Employee         `json:"employee"`
	IncomeBreakdown  []IncomePart      `json:"income_breakdown"`
	NetPay           *NetPay           `json:"net_pay"`
	Deductions       *Deductions       `json:"deductions"`
	Earnings         *Earnings         `json:"earnings"`
	PayPeriodDetails *PayPeriodDetails `json:"pay_period_details"`
}

// Employer is who pays.
type Employer struct {
	Name    *string      `json:"name"`
	Address *AddressData `json:"address"`
}

// Employee is who is paid.
type Employee struct {
	Name          *string      `json:"name"`
	Address       *AddressData `json:"address"`
	MaritalStatus *string      `json:"marital_status"`
	TaxpayerID    *TaxpayerID  `json:"taxpayer_id"`
}

// TaxpayerID is the visible part of an employee's tax number.
type TaxpayerID struct {
	IDType *string `json:"id_type"`
	IDMask *string `json:"id_mask"`
}

// IncomePart is one kind of pay of a pay slip.
type IncomePart struct {
	Type  *string        `json:"type"`
	Rate  *plaid.Decimal `json:"rate"`
	Hours *plaid.Decimal `json:"hours"`
	Total *plaid.Decimal `json:"total"`
}

// NetPay is what is left after deductions.
type NetPay struct {
	Description *string        `json:"description"`
	Currency    *string        `json:"currency"`
	YTDAmount   *plaid.Decimal `json:"ytd_amount"`
}

// Deductions of a pay slip.
type Deductions struct {
	Breakdown []PayLine `json:"breakdown"`
	Total     *PayTotal `json:"total"`
}

// Earnings of a pay slip.
type Earnings struct {
	Breakdown []EarningsLine `json:"breakdown"`
	Total     *EarningsTotal `json:"total"`
}

// PayLine is one deduction.
type PayLine struct {
	CurrentAmount *plaid.Decimal `json:"current_amount"`
	Description   *string        `json:"description"`
	Currency      *string        `json:"currency"`
	YTDAmount     *plaid.Decimal `json:"ytd_amount"`
}

// PayTotal is the sum of deductions.
type PayTotal struct {
	CurrentAmount *plaid.Decimal `json:"current_amount"`
	Currency      *string        `json:"currency"`
	YTDAmount     *plaid.Decimal `json:"ytd_amount"`
}

// EarningsLine is one kind of earnings.
type EarningsLine struct {
	CanonicalDescription *string        `json:"canonical_description"`
	CurrentAmount        *plaid.Decimal `json:"current_amount"`
	Description          *string        `json:"description"`
	Hours                *plaid.Decimal `json:"hours"`
	Currency             *string        `json:"currency"`
	Rate                 *plaid.Decimal `json:"rate"`
	YTDAmount            *plaid.Decimal `json:"ytd_amount"`
}

// EarningsTotal is the sum of earnings.
type EarningsTotal struct {
	Hours     *plaid.Decimal `json:"hours"`
	Currency  *string        `json:"currency"`
	YTDAmount *plaid.Decimal `json:"ytd_amount"`
}

// PayPeriodDetails is the period of a pay slip and how its pay was paid out.
type PayPeriodDetails struct {
	CheckAmount           *plaid.Decimal `json:"check_amount"`
	DistributionBreakdown []Distribution `json:"distribution_breakdown"`
	EndDate               *plaid.Date    `json:"end_date"`
	GrossEarnings         *plaid.Decimal `json:"gross_earnings"`
	PayDate               *plaid.Date    `json:"pay_date"`
	PayFrequency          *string        `json:"pay_frequency"`
	PayDay                *plaid.Date    `json:"pay_day"`
	StartDate             *plaid.Date    `json:"start_date"`
}

// Distribution is the part of a pay that went to one account.
type Distribution struct {
	AccountName   *string        `json:"account_name"`
	BankName      *string        `json:"bank_name"`
	CurrentAmount *plaid.Decimal `json:"current_amount"`
	Currency      *string        `json:"currency"`
	Mask          *string        `json:"mask"`
	Type          *string        `json:"type"`
}

// W2 is a yearly tax form. Its boxes are text, though files write numbers and booleans too.
type W2 struct {
	Employer                 *Employer `json:"employer"`
	Employee                 *Employee `json:"employee"`
	TaxYear                  *Text     `json:"tax_year"`
	EmployerIDNumber         *Text     `json:"employer_id_number"`
	WagesTipsOtherComp       *Text     `json:"wages_tips_other_comp"`
	FederalIncomeTaxWithheld *Text     `json:"federal_income_tax_withheld"`
	SocialSecurityWages      *Text     `json:"social_security_wages"`
	SocialSecurityTax        *Text     `json:"social_security_tax_withheld"`
	MedicareWagesAndTips     *Text     `json:"medicare_wages_and_tips"`
	MedicareTaxWithheld      *Text     `json:"medicare_tax_withheld"`
	SocialSecurityTips       *Text     `json:"social_security_tips"`
	AllocatedTips            *Text     `json:"allocated_tips"`
	Box9                     *Text     `json:"box_9"`
	DependentCareBenefits    *Text     `json:"dependent_care_benefits"`
	NonqualifiedPlans        *Text     `json:"nonqualified_plans"`
	Box12                    []W2Box12 `json:"box_12"`
	StatutoryEmployee        *Text     `json:"statutory_employee"`
	RetirementPlan           *Text     `json:"retirement_plan"`
	ThirdPartySickPay        *Text     `json:"third_party_sick_pay"`
	Other                    *Text     `json:"other"`
	StateAndLocalWages       []W2Wages `json:"state_and_local_wages"`
}

// W2Box12 is one entry of box 12.
type W2Box12 struct {
	Code   *Text `json:"code"`
	Amount *Text `json:"amount"`
}

// W2Wages is the part of a W2 for one state and locality.
type W2Wages struct {
	State                 *Text `json:"state"`
	EmployerStateIDNumber *Text `json:"employer_state_id_number"`
	StateWagesTips        *Text `json:"state_wages_tips"`
	StateIncomeTax        *Text `json:"state_income_tax"`
	LocalWagesTips        *Text `json:"local_wages_tips"`
	LocalIncomeTax        *Text `json:"local_income_tax"`
	LocalityName          *Text `json:"locality_name"`
}

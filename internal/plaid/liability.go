package plaid

// CreditCard is what is owed on a credit card. Amounts are positive where money is owed.
type CreditCard struct {
	AccountID              string   `json:"account_id"`
	APRs                   []APR    `json:"aprs"`
	IsOverdue              *bool    `json:"is_overdue"`
	LastPaymentAmount      *Decimal `json:"last_payment_amount"`
	LastPaymentDate        *Date    `json:"last_payment_date"`
	LastStatementIssueDate *Date    `json:"last_statement_issue_date"`
	LastStatementBalance   *Decimal `json:"last_statement_balance"`
	MinimumPaymentAmount   *Decimal `json:"minimum_payment_amount"`
	NextPaymentDueDate     *Date    `json:"next_payment_due_date"`
}

// APR is a card's yearly rate in percent, for one kind of debt: balance_transfer_apr, cash_apr, purchase_apr or special.
type APR struct {
	Percentage           Decimal  `json:"apr_percentage"`
	Type                 string   `json:"apr_type"`
	BalanceSubjectToAPR  *Decimal `json:"balance_subject_to_apr"`
	InterestChargeAmount *Decimal `json:"interest_charge_amount"`
}

// Mortgage is a loan on a house.
type Mortgage struct {
	AccountID                  string          `json:"account_id"`
	AccountNumber              *string         `json:"account_number"`
	CurrentLateFee             *Decimal        `json:"current_late_fee"`
	EscrowBalance              *Decimal        `json:"escrow_balance"`
	HasPMI                     *bool           `json:"has_pmi"`
	HasPrepaymentPenalty       *bool           `json:"has_prepayment_penalty"`
	InterestRate               MortgageRate    `json:"interest_rate"`
	LastPaymentAmount          *Decimal        `json:"last_payment_amount"`
	LastPaymentDate            *Date           `json:"last_payment_date"`
	LoanTerm                   *string         `json:"loan_term"`
	LoanTypeDescription        *string         `json:"loan_type_description"`
	MaturityDate               *Date           `json:"maturity_date"`
	NextMonthlyPayment         *Decimal        `json:"next_monthly_payment"`
	NextPaymentDueDate         *Date           `json:"next_payment_due_date"`
	OriginationDate            *Date           `json:"origination_date"`
	OriginationPrincipalAmount *Decimal        `json:"origination_principal_amount"`
	PastDueAmount              *Decimal        `json:"past_due_amount"`
	PropertyAddress            PropertyAddress `json:"property_address"`
	YTDInterestPaid            *Decimal        `json:"ytd_interest_paid"`
	YTDPrincipalPaid           *Decimal        `json:"ytd_principal_paid"`
}

// MortgageRate is a yearly rate in percent, fixed or variable.
type MortgageRate struct {
	Percentage *Decimal `json:"percentage"`
	Type       *string  `json:"type"`
}

// PropertyAddress is where a house stands, or where a servicer is.
type PropertyAddress struct {
	City       *string `json:"city"`
	Country    *string `json:"country"`
	PostalCode *string `json:"postal_code"`
	Region     *string `json:"region"`
	Street     *string `json:"street"`
}

// StudentLoan is a loan for studies. Rates are in percent a year.
type StudentLoan struct {
	AccountID                  string            `json:"account_id"`
	AccountNumber              *string           `json:"account_number"`
	DisbursementDates          []Date            `json:"disbursement_dates"`
	ExpectedPayoffDate         *Date             `json:"expected_payoff_date"`
	Guarantor                  *string           `json:"guarantor"`
	InterestRatePercentage     Decimal           `json:"interest_rate_percentage"`
	IsOverdue                  *bool             `json:"is_overdue"`
	LastPaymentAmount          *Decimal          `json:"last_payment_amount"`
	LastPaymentDate            *Date             `json:"last_payment_date"`
	LastStatementIssueDate     *Date             `json:"last_statement_issue_date"`
	LastStatementBalance       *Decimal          `json:"last_statement_balance"`
	LoanName                   *string           `json:"loan_name"`
	LoanStatus                 StudentLoanStatus `json:"loan_status"`
	MinimumPaymentAmount       *Decimal          `json:"minimum_payment_amount"`
	NextPaymentDueDate         *Date             `json:"next_payment_due_date"`
	OriginationDate            *Date             `json:"origination_date"`
	OriginationPrincipalAmount *Decimal          `json:"origination_principal_amount"`
	OutstandingInterestAmount  *Decimal          `json:"outstanding_interest_amount"`
	PaymentReferenceNumber     *string           `json:"payment_reference_number"`
	PSLFStatus                 PSLFStatus        `json:"pslf_status"`
	RepaymentPlan              RepaymentPlan     `json:"repayment_plan"`
	SequenceNumber             *string           `json:"sequence_number"`
	ServicerAddress            PropertyAddress   `json:"servicer_address"`
	YTDInterestPaid            *Decimal          `json:"ytd_interest_paid"`
	YTDPrincipalPaid           *Decimal          `json:"ytd_principal_paid"`
}

// StudentLoanStatus is the state of a student loan, and until when.
type StudentLoanStatus struct {
	EndDate *Date   `json:"end_date"`
	Type    *string `json:"type"`
}

// PSLFStatus is the progress towards public service loan forgiveness.
type PSLFStatus struct {
	EstimatedEligibilityDate *Date `json:"estimated_eligibility_date"`
	PaymentsMade             *int  `json:"payments_made"`
	PaymentsRemaining        *int  `json:"payments_remaining"`
}

// RepaymentPlan is how a student loan is paid back.
type RepaymentPlan struct {
	Description *string `json:"description"`
	Type        *string `json:"type"`
}

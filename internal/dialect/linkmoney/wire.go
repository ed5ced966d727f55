package linkmoney

import "encoding/json"

// raw is a value as the route has answered it, digit for digit. One that the route does not answer is null.
type raw = json.RawMessage

// none is an answer with its request_id alone.
type none struct{}

func (*none) join(*none) {}

// bare is an Item as most answers tell of it, and listed an Item with its products, as some do.
type bare struct {
	ConsentExpirationTime raw `json:"consent_expiration_time"`
	Error                 raw `json:"error"`
	InstitutionID         raw `json:"institution_id"`
	ItemID                raw `json:"item_id"`
	UpdateType            raw `json:"update_type"`
	Webhook               raw `json:"webhook"`
}

type listed struct {
	AvailableProducts raw `json:"available_products"`
	BilledProducts    raw `json:"billed_products"`
	bare
}

type itemAnswer struct {
	Item   bare    `json:"item"`
	Status *status `json:"status,omitempty"`
}

// finish leaves out what the Item does not have.
func (a *itemAnswer) finish() error {
	if a.Status != nil {
		a.Status.Investments = orNothing(a.Status.Investments)
	}
	return nil
}

// orNothing is a value that is left out where it is null.
func orNothing(v raw) raw {
	if string(v) == "null" {
		return nil
	}
	return v
}

type status struct {
	Investments  raw `json:"investments,omitempty"`
	Transactions raw `json:"transactions"`
	LastWebhook  raw `json:"last_webhook"`
}

type account struct {
	AccountID    raw      `json:"account_id"`
	Balances     balances `json:"balances"`
	Mask         raw      `json:"mask"`
	Name         raw      `json:"name"`
	OfficialName raw      `json:"official_name"`
	Subtype      raw      `json:"subtype"`
	Type         raw      `json:"type"`
	// VerificationStatus is there where the account's numbers were typed.
	VerificationStatus raw `json:"verification_status,omitempty"`
}

type balances struct {
	Available              raw `json:"available"`
	Current                raw `json:"current"`
	ISOCurrencyCode        raw `json:"iso_currency_code"`
	Limit                  raw `json:"limit"`
	UnofficialCurrencyCode raw `json:"unofficial_currency_code"`
}

// held is what the answers of accounts have in common. Items are there where the answer is of several: Item is the first.
type held[I any] struct {
	Accounts []account `json:"accounts"`
	Item     I         `json:"item"`
	Items    []I       `json:"items,omitempty"`
}

// joinHeld adds what another Item has answered.
func (h *held[I]) joinHeld(o *held[I]) {
	if len(h.Items) == 0 {
		h.Items = []I{h.Item}
	}
	h.Accounts, h.Items = append(h.Accounts, o.Accounts...), append(h.Items, o.Item)
}

type accountsAnswer struct{ held[bare] }

func (a *accountsAnswer) join(o *accountsAnswer) { a.joinHeld(&o.held) }

type balancesAnswer struct{ held[listed] }

func (a *balancesAnswer) join(o *balancesAnswer) { a.joinHeld(&o.held) }

type transactionsAnswer struct {
	held[listed]
	Transactions []transaction `json:"transactions"`
	Total        int           `json:"total_transactions"`
}

// finish leaves out what was not asked for.
func (a *transactionsAnswer) finish() error {
	for i := range a.Transactions {
		a.Transactions[i].OriginalDescription = orNothing(a.Transactions[i].OriginalDescription)
	}
	return nil
}

type transaction struct {
	AccountID              raw    `json:"account_id"`
	Amount                 raw    `json:"amount"`
	ISOCurrencyCode        raw    `json:"iso_currency_code"`
	UnofficialCurrencyCode raw    `json:"unofficial_currency_code"`
	Category               raw    `json:"category"`
	CategoryID             raw    `json:"category_id"`
	Date                   string `json:"date"`
	Datetime               raw    `json:"datetime"`
	AuthorizedDate         raw    `json:"authorized_date"`
	AuthorizedDatetime     raw    `json:"authorized_datetime"`
	Location               raw    `json:"location"`
	Name                   raw    `json:"name"`
	MerchantName           raw    `json:"merchant_name"`
	PaymentMeta            raw    `json:"payment_meta"`
	PaymentChannel         raw    `json:"payment_channel"`
	Pending                raw    `json:"pending"`
	PendingTransactionID   raw    `json:"pending_transaction_id"`
	AccountOwner           raw    `json:"account_owner"`
	TransactionID          raw    `json:"transaction_id"`
	TransactionCode        raw    `json:"transaction_code"`
	TransactionType        raw    `json:"transaction_type"`
	OriginalDescription    raw    `json:"original_description,omitempty"`
	*advice
}

type holdingsAnswer struct {
	held[bare]
	Holdings   []holding  `json:"holdings"`
	Securities []security `json:"securities"`
}

func (a *holdingsAnswer) join(o *holdingsAnswer) {
	a.joinHeld(&o.held)
	a.Holdings, a.Securities = append(a.Holdings, o.Holdings...), united(a.Securities, o.Securities)
}

type holding struct {
	AccountID              raw `json:"account_id"`
	CostBasis              raw `json:"cost_basis"`
	InstitutionPrice       raw `json:"institution_price"`
	InstitutionPriceAsOf   raw `json:"institution_price_as_of"`
	InstitutionValue       raw `json:"institution_value"`
	ISOCurrencyCode        raw `json:"iso_currency_code"`
	Quantity               raw `json:"quantity"`
	SecurityID             raw `json:"security_id"`
	UnofficialCurrencyCode raw `json:"unofficial_currency_code"`
}

type security struct {
	ClosePrice             raw    `json:"close_price"`
	ClosePriceAsOf         raw    `json:"close_price_as_of"`
	CUSIP                  raw    `json:"cusip"`
	InstitutionID          raw    `json:"institution_id"`
	InstitutionSecurityID  raw    `json:"institution_security_id"`
	IsCashEquivalent       raw    `json:"is_cash_equivalent"`
	ISIN                   raw    `json:"isin"`
	ISOCurrencyCode        raw    `json:"iso_currency_code"`
	Name                   raw    `json:"name"`
	ProxySecurityID        raw    `json:"proxy_security_id"`
	SecurityID             string `json:"security_id"`
	SEDOL                  raw    `json:"sedol"`
	TickerSymbol           raw    `json:"ticker_symbol"`
	Type                   raw    `json:"type"`
	UnofficialCurrencyCode raw    `json:"unofficial_currency_code"`
}

type investmentsAnswer struct {
	held[listed]
	Transactions []investmentTransaction `json:"investment_transactions"`
	Securities   []security              `json:"securities"`
	Total        int                     `json:"total_investment_transactions"`
}

type investmentTransaction struct {
	AccountID               raw     `json:"account_id"`
	Amount                  raw     `json:"amount"`
	CancelTransactionID     raw     `json:"cancel_transaction_id"`
	Date                    string  `json:"date"`
	Fees                    raw     `json:"fees"`
	InvestmentTransactionID raw     `json:"investment_transaction_id"`
	ISOCurrencyCode         raw     `json:"iso_currency_code"`
	Name                    raw     `json:"name"`
	Price                   raw     `json:"price"`
	Quantity                raw     `json:"quantity"`
	SecurityID              *string `json:"security_id"`
	Subtype                 raw     `json:"subtype"`
	Type                    raw     `json:"type"`
	UnofficialCurrencyCode  raw     `json:"unofficial_currency_code"`
}

type authAnswer struct {
	held[listed]
	Numbers numbers `json:"numbers"`
}

func (a *authAnswer) join(o *authAnswer) {
	a.joinHeld(&o.held)
	n := &a.Numbers
	n.ACH, n.EFT = append(n.ACH, o.Numbers.ACH...), append(n.EFT, o.Numbers.EFT...)
	n.International, n.BACS = append(n.International, o.Numbers.International...), append(n.BACS, o.Numbers.BACS...)
}

type numbers struct {
	ACH []struct {
		Account     raw `json:"account"`
		AccountID   raw `json:"account_id"`
		Routing     raw `json:"routing"`
		WireRouting raw `json:"wire_routing"`
	} `json:"ach"`
	EFT           []raw `json:"eft"`
	International []raw `json:"international"`
	BACS          []raw `json:"bacs"`
}

type liabilitiesAnswer struct {
	held[listed]
	Liabilities struct {
		Credit   []credit  `json:"credit"`
		Mortgage []raw     `json:"mortgage"`
		Student  []student `json:"student"`
	} `json:"liabilities"`
}

func (a *liabilitiesAnswer) join(o *liabilitiesAnswer) {
	a.joinHeld(&o.held)
	l := &a.Liabilities
	l.Credit, l.Mortgage, l.Student = append(l.Credit, o.Liabilities.Credit...), append(l.Mortgage, o.Liabilities.Mortgage...), append(l.Student, o.Liabilities.Student...)
}

type credit struct {
	AccountID              raw `json:"account_id"`
	APRs                   raw `json:"aprs"`
	IsOverdue              raw `json:"is_overdue"`
	LastPaymentAmount      raw `json:"last_payment_amount"`
	LastPaymentDate        raw `json:"last_payment_date"`
	LastStatementIssueDate raw `json:"last_statement_issue_date"`
	MinimumPaymentAmount   raw `json:"minimum_payment_amount"`
	NextPaymentDueDate     raw `json:"next_payment_due_date"`
}

type student struct {
	AccountID                  raw `json:"account_id"`
	AccountNumber              raw `json:"account_number"`
	DisbursementDates          raw `json:"disbursement_dates"`
	ExpectedPayoffDate         raw `json:"expected_payoff_date"`
	Guarantor                  raw `json:"guarantor"`
	InterestRatePercentage     raw `json:"interest_rate_percentage"`
	IsOverdue                  raw `json:"is_overdue"`
	LastPaymentAmount          raw `json:"last_payment_amount"`
	LastPaymentDate            raw `json:"last_payment_date"`
	LastStatementIssueDate     raw `json:"last_statement_issue_date"`
	LoanName                   raw `json:"loan_name"`
	LoanStatus                 raw `json:"loan_status"`
	MinimumPaymentAmount       raw `json:"minimum_payment_amount"`
	NextPaymentDueDate         raw `json:"next_payment_due_date"`
	OriginationDate            raw `json:"origination_date"`
	OriginationPrincipalAmount raw `json:"origination_principal_amount"`
	OutstandingInterestAmount  raw `json:"outstanding_interest_amount"`
	PaymentReferenceNumber     raw `json:"payment_reference_number"`
	PSLFStatus                 raw `json:"pslf_status"`
	RepaymentPlan              raw `json:"repayment_plan"`
	SequenceNumber             raw `json:"sequence_number"`
	ServicerAddress            raw `json:"servicer_address"`
	YTDInterestPaid            raw `json:"ytd_interest_paid"`
	YTDPrincipalPaid           raw `json:"ytd_principal_paid"`
}

type keyAnswer struct {
	Key raw `json:"key"`
}

// reportAnswer is an Asset Report. What is not named here is as the report has it.
type reportAnswer struct {
	Report struct {
		AssetReportID  raw          `json:"asset_report_id"`
		ClientReportID raw          `json:"client_report_id"`
		DateGenerated  raw          `json:"date_generated"`
		DaysRequested  raw          `json:"days_requested"`
		Items          []reportItem `json:"items"`
		User           raw          `json:"user"`
	} `json:"report"`
	Warnings raw `json:"warnings"`
}

type reportItem struct {
	Accounts        []map[string]raw `json:"accounts"`
	DateLastUpdated raw              `json:"date_last_updated"`
	InstitutionID   raw              `json:"institution_id"`
	InstitutionName raw              `json:"institution_name"`
	ItemID          raw              `json:"item_id"`
}

// finish leaves the balances that Link Money has.
func (a *reportAnswer) finish() error {
	for _, it := range a.Report.Items {
		for _, acc := range it.Accounts {
			var b struct {
				balances
				LastUpdatedDatetime raw `json:"last_updated_datetime,omitempty"`
			}
			if err := json.Unmarshal(acc["balances"], &b); err != nil {
				return err
			}
			b.LastUpdatedDatetime = orNothing(b.LastUpdatedDatetime)
			text, err := json.Marshal(b)
			if err != nil {
				return err
			}
			acc["balances"] = text
		}
	}
	return nil
}

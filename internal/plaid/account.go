package plaid

// Balances of an account. Current is what the account holds (depository), is worth in all (investment) or owes (credit,
// loan: positive is owed); available is what can be withdrawn or spent; exactly one of the two currency codes is set.
type Balances struct {
	Available              *Decimal `json:"available"`
	Current                *Decimal `json:"current"`
	Limit                  *Decimal `json:"limit"`
	ISOCurrencyCode        *string  `json:"iso_currency_code"`
	UnofficialCurrencyCode *string  `json:"unofficial_currency_code"`
	LastUpdatedDatetime    *string  `json:"last_updated_datetime"`
}

// InvestmentBalances are balances as the investments endpoints answer them: with the margin loan, positive when owed.
type InvestmentBalances struct {
	Balances
	MarginLoanAmount *Decimal `json:"margin_loan_amount"`
}

// AccountWith is an account with balances of one of two forms.
type AccountWith[B Balances | InvestmentBalances] struct {
	AccountID           string  `json:"account_id"`
	Balances            B       `json:"balances"`
	Mask                *string `json:"mask"`
	Name                string  `json:"name"`
	OfficialName        *string `json:"official_name"`
	Type                string  `json:"type"`
	Subtype             *string `json:"subtype"`
	PersistentAccountID string  `json:"persistent_account_id,omitempty"`
	HolderCategory      *string `json:"holder_category"`
	// VerificationStatus is one of the statuses of package plaid. It, VerificationName and VerificationInsights are there where a
	// person has typed the account's numbers.
	VerificationStatus   string                `json:"verification_status,omitempty"`
	VerificationName     string                `json:"verification_name,omitempty"`
	VerificationInsights *VerificationInsights `json:"verification_insights,omitempty"`
}

// Account is an account as /accounts/get answers it.
type Account = AccountWith[Balances]

// InvestmentAccount is an account as the investments endpoints answer it.
type InvestmentAccount = AccountWith[InvestmentBalances]

// Owner is one holder of an account, as the identity endpoints answer it.
type Owner struct {
	Names        []string      `json:"names"`
	PhoneNumbers []PhoneNumber `json:"phone_numbers"`
	Emails       []Email       `json:"emails"`
	Addresses    []Address     `json:"addresses"`
}

// PhoneNumber of an owner; Type is home, work, office, mobile, mobile1 or other.
type PhoneNumber struct {
	Data    string `json:"data"`
	Primary bool   `json:"primary"`
	Type    string `json:"type"`
}

// Email of an owner; Type is primary, secondary or other.
type Email struct {
	Data    string `json:"data"`
	Primary bool   `json:"primary"`
	Type    string `json:"type"`
}

// Address of an owner.
type Address struct {
	Data    AddressData `json:"data"`
	Primary bool        `json:"primary"`
}

// AddressData is a postal address.
type AddressData struct {
	City       *string `json:"city"`
	Region     *string `json:"region"`
	Street     string  `json:"street"`
	PostalCode *string `json:"postal_code"`
	Country    *string `json:"country"`
}

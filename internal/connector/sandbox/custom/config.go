package custom

import "weft/internal/plaid"

// Config is a user_custom configuration. A nil field was not given. Config is read only: Fetch after Fetch shares it.
type Config struct {
	// Version is "1" or "2"; both are read alike.
	Version *string `json:"version"`
	// Seed replaces the connection's id as the source of made-up data, so that two connections can look the same.
	Seed     *string   `json:"seed"`
	Accounts []Account `json:"override_accounts"`
	MFA      *MFA      `json:"mfa"`
	// Recaptcha is "good" or "bad".
	Recaptcha *string `json:"recaptcha"`
	// ForceError is the code of the error with which opening the connection answers.
	ForceError *string `json:"force_error"`
}

// Account is one entry of override_accounts.
type Account struct {
	Type                    *string                          `json:"type"`
	Subtype                 *string                          `json:"subtype"`
	StartingBalance         *plaid.Decimal                   `json:"starting_balance"`
	ForceAvailableBalance   *plaid.Decimal                   `json:"force_available_balance"`
	HasNullAvailableBalance *bool                            `json:"has_null_available_balance"`
	Currency                *string                          `json:"currency"`
	HolderCategory          *string                          `json:"holder_category"`
	Meta                    *Meta                            `json:"meta"`
	Numbers                 *Numbers                         `json:"numbers"`
	Transactions            []Transaction                    `json:"transactions"`
	Holdings                OneOrMany[Holding]               `json:"holdings"`
	InvestmentTransactions  OneOrMany[InvestmentTransaction] `json:"investment_transactions"`
	Identity                *Identity                        `json:"identity"`
	Liability               *Liability                       `json:"liability"`
	InflowModel             *InflowModel                     `json:"inflow_model"`
	Income                  *Income                          `json:"income"`
}

// Meta is how an account presents itself.
type Meta struct {
	Name         *string        `json:"name"`
	OfficialName *string        `json:"official_name"`
	Limit        *plaid.Decimal `json:"limit"`
	// Mask may be empty: an account whose bank shows no digits.
	Mask *string `json:"mask"`
}

// Numbers are an account's numbers for transfers.
type Numbers struct {
	Account           *string `json:"account"`
	ACHRouting        *string `json:"ach_routing"`
	ACHWireRouting    *string `json:"ach_wire_routing"`
	EFTInstitution    *string `json:"eft_institution"`
	EFTBranch         *string `json:"eft_branch"`
	InternationalBIC  *string `json:"international_bic"`
	InternationalIBAN *string `json:"international_iban"`
	BACSSortCode      *string `json:"bacs_sort_code"`
}

// Transaction is one entry of an account's transactions; its amount is positive when money leaves the account.
type Transaction struct {
	DateTransacted *plaid.Date    `json:"date_transacted"`
	DatePosted     *plaid.Date    `json:"date_posted"`
	Amount         *plaid.Decimal `json:"amount"`
	Description    *string        `json:"description"`
	Currency       *string        `json:"currency"`
}

// Holding is a position of an investment account. The fields after Security are those of the response that the contract's
// own object does not have.
type Holding struct {
	InstitutionPrice     *plaid.Decimal `json:"institution_price"`
	InstitutionPriceAsOf *plaid.Date    `json:"institution_price_as_of"`
	CostBasis            *plaid.Decimal `json:"cost_basis"`
	Quantity             *plaid.Decimal `json:"quantity"`
	Currency             *string        `json:"currency"`
	Security             *Security      `json:"security"`

	InstitutionPriceDatetime *string        `json:"institution_price_datetime"`
	InstitutionValue         *plaid.Decimal `json:"institution_value"`
	UnofficialCurrencyCode   *string        `json:"unofficial_currency_code"`
	VestedQuantity           *plaid.Decimal `json:"vested_quantity"`
	VestedValue              *plaid.Decimal `json:"vested_value"`
	TaxLots                  []TaxLot       `json:"tax_lots"`
}

// TaxLot is one purchase of a holding, as in the response.
type TaxLot struct {
	InstitutionLotID         *string        `json:"institution_lot_id"`
	OriginalPurchaseDatetime *string        `json:"original_purchase_datetime"`
	Quantity                 *plaid.Decimal `json:"quantity"`
	PurchasePrice            *plaid.Decimal `json:"purchase_price"`
	CostBasis                *plaid.Decimal `json:"cost_basis"`
	CurrentValue             *plaid.Decimal `json:"current_value"`
	PositionType             *string        `json:"position_type"`
}

// Security names an instrument. The fields after Currency are those of the response that the contract's own object does
// not have.
type Security struct {
	ISIN         *string `json:"isin"`
	CUSIP        *string `json:"cusip"`
	SEDOL        *string `json:"sedol"`
	Name         *string `json:"name"`
	TickerSymbol *string `json:"ticker_symbol"`
	Currency     *string `json:"currency"`

	Type                  *string         `json:"type"`
	Subtype               *string         `json:"subtype"`
	IsCashEquivalent      *bool           `json:"is_cash_equivalent"`
	ClosePrice            *plaid.Decimal  `json:"close_price"`
	ClosePriceAsOf        *plaid.Date     `json:"close_price_as_of"`
	OptionContract        *OptionContract `json:"option_contract"`
	FixedIncome           *FixedIncome    `json:"fixed_income"`
	MarketIdentifierCode  *string         `json:"market_identifier_code"`
	Sector                *string         `json:"sector"`
	Industry              *string         `json:"industry"`
	CFICode               *string         `json:"cfi_code"`
	InstitutionSecurityID *string         `json:"institution_security_id"`
}

// OptionContract is the terms of a listed option; given, it is given whole.
type OptionContract struct {
	ContractType             *string        `json:"contract_type"`
	ExpirationDate           *plaid.Date    `json:"expiration_date"`
	StrikePrice              *plaid.Decimal `json:"strike_price"`
	UnderlyingSecurityTicker *string        `json:"underlying_security_ticker"`
}

// FixedIncome is the terms of a bond, note, bill or certificate of deposit.
type FixedIncome struct {
	YieldRate    *YieldRate     `json:"yield_rate"`
	MaturityDate *plaid.Date    `json:"maturity_date"`
	IssueDate    *plaid.Date    `json:"issue_date"`
	FaceValue    *plaid.Decimal `json:"face_value"`
}

// YieldRate is a rate in percent.
type YieldRate struct {
	Percentage *plaid.Decimal `json:"percentage"`
	Type       *string        `json:"type"`
}

// InvestmentTransaction is one event of an investment account: quantity is positive when units are added, amount positive
// when cash leaves.
type InvestmentTransaction struct {
	Date     *plaid.Date    `json:"date"`
	Name     *string        `json:"name"`
	Quantity *plaid.Decimal `json:"quantity"`
	Price    *plaid.Decimal `json:"price"`
	Fees     *plaid.Decimal `json:"fees"`
	Type     *string        `json:"type"`
	Currency *string        `json:"currency"`
	Security *Security      `json:"security"`

	Subtype             *string        `json:"subtype"`
	Amount              *plaid.Decimal `json:"amount"`
	TransactionDatetime *string        `json:"transaction_datetime"`
}

// Identity is who holds an account. Two names are joint holders.
type Identity struct {
	Names        []*string     `json:"names"`
	PhoneNumbers []PhoneNumber `json:"phone_numbers"`
	Emails       []Email       `json:"emails"`
	Addresses    []Address     `json:"addresses"`
}

// PhoneNumber of a holder.
type PhoneNumber struct {
	Data    *string `json:"data"`
	Primary *bool   `json:"primary"`
	Type    *string `json:"type"`
}

// Email of a holder.
type Email struct {
	Data    *string `json:"data"`
	Primary *bool   `json:"primary"`
	Type    *string `json:"type"`
}

// Address of a holder or a servicer.
type Address struct {
	Data    *AddressData `json:"data"`
	Primary *bool        `json:"primary"`
}

// AddressData is a postal address.
type AddressData struct {
	City       *string `json:"city"`
	Region     *string `json:"region"`
	Street     *string `json:"street"`
	PostalCode *string `json:"postal_code"`
	Country    *string `json:"country"`
}

// MFA is what a login asks for after the password.
type MFA struct {
	// Type is device, selections or questions.
	Type                  *string `json:"type,omitempty"`
	QuestionRounds        *int    `json:"question_rounds,omitempty"`
	QuestionsPerRound     *int    `json:"questions_per_round,omitempty"`
	SelectionRounds       *int    `json:"selection_rounds,omitempty"`
	SelectionsPerQuestion *int    `json:"selections_per_question,omitempty"`
}

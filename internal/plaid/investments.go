package plaid

// Holding is a position in one security of one account. Quantity counts units (options: contracts times 100; short
// positions are negative), InstitutionPrice is per unit, CostBasis is the total paid for the position.
type Holding struct {
	AccountID                string   `json:"account_id"`
	SecurityID               string   `json:"security_id"`
	InstitutionPrice         Decimal  `json:"institution_price"`
	InstitutionPriceAsOf     *Date    `json:"institution_price_as_of"`
	InstitutionPriceDatetime *string  `json:"institution_price_datetime"`
	InstitutionValue         Decimal  `json:"institution_value"`
	CostBasis                *Decimal `json:"cost_basis"`
	Quantity                 Decimal  `json:"quantity"`
	ISOCurrencyCode          *string  `json:"iso_currency_code"`
	UnofficialCurrencyCode   *string  `json:"unofficial_currency_code"`
	VestedQuantity           *Decimal `json:"vested_quantity"`
	VestedValue              *Decimal `json:"vested_value"`
	TaxLots                  []TaxLot `json:"tax_lots"`
}

// TaxLot is one purchase that is still held. PurchasePrice is per unit, CostBasis is the lot's total with fees;
// PositionType is LONG or SHORT.
type TaxLot struct {
	InstitutionLotID         *string  `json:"institution_lot_id"`
	OriginalPurchaseDatetime *string  `json:"original_purchase_datetime"`
	Quantity                 *Decimal `json:"quantity"`
	PurchasePrice            *Decimal `json:"purchase_price"`
	CostBasis                *Decimal `json:"cost_basis"`
	CurrentValue             *Decimal `json:"current_value"`
	PositionType             *string  `json:"position_type"`
}

// Security is an instrument. SecurityID is the same for the same instrument in every Item.
type Security struct {
	SecurityID             string          `json:"security_id"`
	ISIN                   *string         `json:"isin"`
	CUSIP                  *string         `json:"cusip"`
	SEDOL                  *string         `json:"sedol"`
	InstitutionSecurityID  *string         `json:"institution_security_id"`
	InstitutionID          *string         `json:"institution_id"`
	ProxySecurityID        *string         `json:"proxy_security_id"`
	Name                   *string         `json:"name"`
	TickerSymbol           *string         `json:"ticker_symbol"`
	IsCashEquivalent       *bool           `json:"is_cash_equivalent"`
	Type                   *string         `json:"type"`
	Subtype                *string         `json:"subtype"`
	ClosePrice             *Decimal        `json:"close_price"`
	ClosePriceAsOf         *Date           `json:"close_price_as_of"`
	UpdateDatetime         *string         `json:"update_datetime"`
	ISOCurrencyCode        *string         `json:"iso_currency_code"`
	UnofficialCurrencyCode *string         `json:"unofficial_currency_code"`
	MarketIdentifierCode   *string         `json:"market_identifier_code"`
	Sector                 *string         `json:"sector"`
	Industry               *string         `json:"industry"`
	CFICode                *string         `json:"cfi_code"`
	OptionContract         *OptionContract `json:"option_contract"`
	FixedIncome            *FixedIncome    `json:"fixed_income"`
}

// OptionContract describes a listed option; ContractType is put or call.
type OptionContract struct {
	ContractType             string  `json:"contract_type"`
	ExpirationDate           Date    `json:"expiration_date"`
	StrikePrice              Decimal `json:"strike_price"`
	UnderlyingSecurityTicker string  `json:"underlying_security_ticker"`
}

// FixedIncome describes a bond, note, bill or certificate of deposit.
type FixedIncome struct {
	YieldRate    *YieldRate `json:"yield_rate"`
	MaturityDate *Date      `json:"maturity_date"`
	IssueDate    *Date      `json:"issue_date"`
	FaceValue    *Decimal   `json:"face_value"`
}

// YieldRate is a rate in percent; Type is coupon, coupon_equivalent, discount or yield.
type YieldRate struct {
	Percentage Decimal `json:"percentage"`
	Type       *string `json:"type"`
}

// InvestmentTransaction is one event of an investment account. Amount is positive when cash leaves the account, Quantity
// is positive when units are added; Amount includes Fees.
type InvestmentTransaction struct {
	InvestmentTransactionID string   `json:"investment_transaction_id"`
	CancelTransactionID     *string  `json:"cancel_transaction_id"`
	AccountID               string   `json:"account_id"`
	SecurityID              *string  `json:"security_id"`
	Date                    Date     `json:"date"`
	TransactionDatetime     *string  `json:"transaction_datetime"`
	Name                    string   `json:"name"`
	Quantity                Decimal  `json:"quantity"`
	Amount                  Decimal  `json:"amount"`
	Price                   Decimal  `json:"price"`
	Fees                    *Decimal `json:"fees"`
	Type                    string   `json:"type"`
	Subtype                 string   `json:"subtype"`
	ISOCurrencyCode         *string  `json:"iso_currency_code"`
	UnofficialCurrencyCode  *string  `json:"unofficial_currency_code"`
}

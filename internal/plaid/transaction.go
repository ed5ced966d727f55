package plaid

// Transaction is a movement of a bank, card or loan account. Amount is positive when money leaves the account. Exactly one of
// the two currency codes is set. original_description and personal_finance_category depend on the request, and are added to
// the stored document when it is read.
type Transaction struct {
	AccountID              string         `json:"account_id"`
	AccountOwner           *string        `json:"account_owner"`
	Amount                 Decimal        `json:"amount"`
	ISOCurrencyCode        *string        `json:"iso_currency_code"`
	UnofficialCurrencyCode *string        `json:"unofficial_currency_code"`
	Category               []string       `json:"category"`
	CategoryID             *string        `json:"category_id"`
	CheckNumber            *string        `json:"check_number"`
	Counterparties         []Counterparty `json:"counterparties"`
	// Date is when it was posted (pending: when it happened), AuthorizedDate when the person acted.
	Date               Date        `json:"date"`
	Datetime           *string     `json:"datetime"`
	AuthorizedDate     *Date       `json:"authorized_date"`
	AuthorizedDatetime *string     `json:"authorized_datetime"`
	Location           Location    `json:"location"`
	LogoURL            *string     `json:"logo_url"`
	MerchantEntityID   *string     `json:"merchant_entity_id"`
	MerchantName       *string     `json:"merchant_name"`
	Name               string      `json:"name"`
	PaymentChannel     string      `json:"payment_channel"`
	PaymentMeta        PaymentMeta `json:"payment_meta"`
	Pending            bool        `json:"pending"`
	// PendingTransactionID is that of the pending transaction which this one settles.
	PendingTransactionID           *string `json:"pending_transaction_id"`
	PersonalFinanceCategoryIconURL string  `json:"personal_finance_category_icon_url"`
	TransactionCode                *string `json:"transaction_code"`
	TransactionID                  string  `json:"transaction_id"`
	TransactionType                string  `json:"transaction_type"`
	Website                        *string `json:"website"`
}

// Counterparty is who a transaction was made with, or through.
type Counterparty struct {
	Name            string  `json:"name"`
	EntityID        *string `json:"entity_id"`
	Type            string  `json:"type"`
	Website         *string `json:"website"`
	LogoURL         *string `json:"logo_url"`
	ConfidenceLevel *string `json:"confidence_level"`
}

// Location is where a transaction was made, each part nil where the bank does not tell it.
type Location struct {
	Address     *string  `json:"address"`
	City        *string  `json:"city"`
	Region      *string  `json:"region"`
	PostalCode  *string  `json:"postal_code"`
	Country     *string  `json:"country"`
	Lat         *Decimal `json:"lat"`
	Lon         *Decimal `json:"lon"`
	StoreNumber *string  `json:"store_number"`
}

// PaymentMeta is what a transfer between banks says of itself.
type PaymentMeta struct {
	ReferenceNumber  *string `json:"reference_number"`
	PPDID            *string `json:"ppd_id"`
	Payee            *string `json:"payee"`
	ByOrderOf        *string `json:"by_order_of"`
	Payer            *string `json:"payer"`
	PaymentMethod    *string `json:"payment_method"`
	PaymentProcessor *string `json:"payment_processor"`
	Reason           *string `json:"reason"`
}

// PersonalFinanceCategory is what a transaction was for, in one of the two versions of the taxonomy.
type PersonalFinanceCategory struct {
	Primary         string `json:"primary"`
	Detailed        string `json:"detailed"`
	ConfidenceLevel string `json:"confidence_level"`
	Version         string `json:"version"`
}

// RemovedTransaction is a transaction that the bank no longer has.
type RemovedTransaction struct {
	TransactionID string `json:"transaction_id"`
	AccountID     string `json:"account_id"`
}

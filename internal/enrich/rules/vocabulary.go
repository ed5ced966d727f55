package rules

// The payment channels.
const (
	Online  = "online"
	InStore = "in store"
	Other   = "other"
)

// CounterpartyType is what a counterparty is, in Plaid's words.
type CounterpartyType string

// The types of counterparties.
const (
	TypeMerchant             CounterpartyType = "merchant"
	TypeFinancialInstitution CounterpartyType = "financial_institution"
	TypePaymentApp           CounterpartyType = "payment_app"
	TypeMarketplace          CounterpartyType = "marketplace"
	TypePaymentTerminal      CounterpartyType = "payment_terminal"
	TypeIncomeSource         CounterpartyType = "income_source"
)

// CounterpartyTypes are all types of counterparties.
var CounterpartyTypes = []CounterpartyType{TypeMerchant, TypeFinancialInstitution, TypePaymentApp, TypeMarketplace, TypePaymentTerminal, TypeIncomeSource}

// Confidence says how sure a finding is, in Plaid's words.
type Confidence string

// The levels of confidence.
const (
	VeryHigh Confidence = "VERY_HIGH"
	High     Confidence = "HIGH"
	Medium   Confidence = "MEDIUM"
	Low      Confidence = "LOW"
	Unknown  Confidence = "UNKNOWN"
)

// Confidences are all levels, the surest first.
var Confidences = []Confidence{VeryHigh, High, Medium, Low, Unknown}

package plaid

import "slices"

// The enumerations of the contract. Each keeps the published order, so that lists print alike everywhere.

// Account types.
const (
	TypeDepository = "depository"
	TypeCredit     = "credit"
	TypeLoan       = "loan"
	TypeInvestment = "investment"
	TypeOther      = "other"
)

// Environment names: each client has one secret for each.
const (
	Sandbox     = "sandbox"
	Development = "development"
	Production  = "production"
)

// Environments is every environment.
var Environments = []string{Sandbox, Development, Production}

// AccountTypes is every account type.
var AccountTypes = []string{TypeDepository, TypeCredit, TypeLoan, TypeInvestment, TypeOther}

// AccountSubtypes is every account subtype an account may have, whatever its type.
var AccountSubtypes = []string{
	"401a", "401k", "403B", "457b", "529", "auto", "brokerage", "business", "cash isa", "cash management", "cd",
	"checking", "commercial", "construction", "consumer", "credit card", "crypto exchange", "ebt",
	"education savings account", "fhsa", "fixed annuity", "gic", "health reimbursement arrangement", "home equity",
	"hsa", "isa", "ira", "keogh", "lif", "life insurance", "limited purpose checking", "line of credit", "lira", "loan",
	"lrif", "lrsp", "money market", "mortgage", "mutual fund", "non-custodial wallet", "non-taxable brokerage account",
	"other", "other insurance", "other annuity", "overdraft", "paypal", "payroll", "pension", "prepaid", "prif",
	"profit sharing plan", "qshr", "rdsp", "resp", "retirement", "rlif", "roth", "roth 401k", "roth 403B", "roth 457b",
	"roth pension", "roth profit sharing plan", "roth thrift savings plan", "rrif", "rrsp", "sarsep", "savings",
	"sep ira", "simple ira", "sipp", "stock plan", "student", "thrift savings plan", "tfsa", "trust", "ugma", "utma",
	"variable annuity",
}

// subtypesByType is the subtypes that an account filter may name under each account type.
var subtypesByType = map[string][]string{
	"depository": {
		"checking", "savings", "hsa", "cd", "money market", "paypal", "prepaid", "cash management", "ebt",
		"limited purpose checking",
	},
	"credit": {
		"credit card", "paypal",
	},
	"loan": {
		"auto", "business", "commercial", "construction", "consumer", "home equity", "loan", "mortgage", "overdraft",
		"line of credit", "student", "other",
	},
	"investment": {
		"529", "401a", "401k", "403B", "457b", "brokerage", "cash isa", "crypto exchange", "education savings account",
		"fhsa", "fixed annuity", "gic", "health reimbursement arrangement", "hsa", "ira", "isa", "keogh", "lif",
		"life insurance", "line of credit", "lira", "lrif", "lrsp", "mutual fund", "non-custodial wallet",
		"non-taxable brokerage account", "other", "other annuity", "other insurance", "pension", "prif",
		"profit sharing plan", "qshr", "rdsp", "resp", "retirement", "rlif", "roth", "roth 401k", "roth 403B", "roth 457b",
		"roth pension", "roth profit sharing plan", "roth thrift savings plan", "rrif", "rrsp", "sarsep", "sep ira",
		"simple ira", "sipp", "stock plan", "thrift savings plan", "tfsa", "trust", "ugma", "utma", "variable annuity",
	},
	"other": {
		"other",
	},
}

// SubtypesOf is the account subtypes that belong to an account type.
func SubtypesOf(accountType string) []string { return subtypesByType[accountType] }

// Products is every product name that the contract knows.
var Products = []string{
	"assets", "auth", "balance", "balance_plus", "beacon", "identity", "identity_match", "investments",
	"investments_auth", "liabilities", "payment_initiation", "identity_verification", "transactions", "credit_details",
	"income", "income_verification", "standing_orders", "transfer", "employment", "recurring_transactions",
	"transactions_refresh", "signal", "statements", "processor_payments", "processor_identity", "profile",
	"cra_base_report", "cra_income_insights", "cra_partner_insights", "cra_network_insights", "cra_cashflow_insights",
	"cra_monitoring", "cra_lend_score", "cra_plaid_credit_score", "layer", "pay_by_bank", "protect_linked_bank",
	"protect_transactions",
}

// CountryCodes is every country whose institutions the contract covers.
var CountryCodes = []string{
	"US", "GB", "ES", "NL", "FR", "IE", "CA", "DE", "IT", "PL", "DK", "NO", "SE", "EE", "LT", "LV", "PT", "BE", "AT",
	"FI",
}

// Languages is every language that Link speaks.
var Languages = []string{
	"da", "nl", "en", "et", "fr", "de", "hi", "it", "lv", "lt", "no", "pl", "pt", "ro", "es", "sv", "vi",
}

// SecurityTypes is every type of security.
var SecurityTypes = []string{
	"cash", "cryptocurrency", "derivative", "equity", "etf", "fixed income", "loan", "mutual fund", "other",
}

// SecuritySubtypes is every subtype of security.
var SecuritySubtypes = []string{
	"asset backed security", "bill", "bond", "bond with warrants", "cash", "cash management bill", "common stock",
	"convertible bond", "convertible equity", "cryptocurrency", "depositary receipt", "depositary receipt on debt",
	"etf", "float rating note", "fund of funds", "hedge fund", "limited partnership unit", "medium term note",
	"money market debt", "mortgage backed security", "municipal bond", "mutual fund", "note", "option", "other",
	"preferred convertible", "preferred equity", "private equity fund", "real estate investment trust",
	"structured equity product", "treasury inflation protected securities", "unit", "warrant",
}

// UnofficialCurrencies is the codes that are reported as unofficial_currency_code.
var UnofficialCurrencies = []string{
	"ADA", "BAT", "BCH", "BNB", "BTC", "BTG", "BSV", "CNH", "DASH", "DOGE", "ETC", "ETH", "GBX", "LSK", "NEO", "OMG",
	"QTUM", "USDT", "XLM", "XMR", "XRP", "ZEC", "ZRX",
}

// InvestmentTransactionTypes is every type of investment transaction.
var InvestmentTransactionTypes = []string{
	"buy", "sell", "cancel", "cash", "fee", "transfer",
}

// InvestmentTransactionSubtypes is every subtype of investment transaction.
var InvestmentTransactionSubtypes = []string{
	"account fee", "adjustment", "assignment", "buy", "buy to cover", "contribution", "deposit", "distribution",
	"dividend", "dividend reinvestment", "exercise", "expire", "fund fee", "interest", "interest receivable",
	"interest reinvestment", "legal fee", "loan payment", "long-term capital gain",
	"long-term capital gain reinvestment", "management fee", "margin expense", "merger", "miscellaneous fee",
	"non-qualified dividend", "non-resident tax", "pending credit", "pending debit", "qualified dividend", "rebalance",
	"return of principal", "request", "sell", "sell short", "send", "short-term capital gain",
	"short-term capital gain reinvestment", "spin off", "split", "stock distribution", "tax", "tax withheld", "trade",
	"transfer", "transfer fee", "trust fee", "unqualified gain", "withdrawal",
}

// Known reports whether an enumeration has a value.
func Known(enum []string, value string) bool { return slices.Contains(enum, value) }

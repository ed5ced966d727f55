package bank

import (
	"strings"

	"weft/internal/plaid"
)

// documentedNames are the names and official names of the default accounts that the contract documents, by subtype.
var documentedNames = map[string][2]string{
	"checking":        {"Plaid Checking", "Plaid Gold Standard 0% Interest Checking"},
	"savings":         {"Plaid Saving", "Plaid Silver Standard 0.1% Interest Saving"},
	"cd":              {"Plaid CD", "Plaid Bronze Standard 0.2% Interest CD"},
	"credit card":     {"Plaid Credit Card", "Plaid Diamond 12.5% APR Interest Credit Card"},
	"money market":    {"Plaid Money Market", "Plaid Platinum Standard 1.85% Interest Money Market"},
	"cash management": {"Plaid Cash Management", "Plaid Growth Cash Management"},
	"ira":             {"Plaid IRA", ""},
	"401k":            {"Plaid 401k", ""},
	"student":         {"Plaid Student Loan", ""},
	"mortgage":        {"Plaid Mortgage", ""},
	"hsa":             {"Plaid HSA", "Plaid Cares Health Savings Account"},
	"home equity":     {"Plaid Home Equity Line of Credit", ""},
	"crypto exchange": {"Plaid Crypto Exchange Account", ""},
}

// upperCased are the words of subtypes that are not written with a capital first letter only.
var upperCased = map[string]string{
	"ebt": "EBT", "fhsa": "FHSA", "gic": "GIC", "hsa": "HSA", "isa": "ISA", "ira": "IRA", "lif": "LIF", "lira": "LIRA",
	"lrif": "LRIF", "lrsp": "LRSP", "prif": "PRIF", "qshr": "QSHR", "rdsp": "RDSP", "resp": "RESP", "rlif": "RLIF",
	"rrif": "RRIF", "rrsp": "RRSP", "sarsep": "SARSEP", "sep": "SEP", "simple": "SIMPLE", "sipp": "SIPP", "tfsa": "TFSA",
	"ugma": "UGMA", "utma": "UTMA", "paypal": "PayPal", "401k": "401k", "401a": "401a", "457b": "457b",
}

// defaultName is the name of an account that has none, and its official name where one is documented.
func defaultName(accountType, subtype string) (name string, official *string) {
	if documented, ok := documentedNames[subtype]; ok {
		if documented[1] != "" {
			official = &documented[1]
		}
		return documented[0], official
	}
	words := strings.Fields(subtype)
	for i, w := range words {
		if upper, ok := upperCased[w]; ok {
			words[i] = upper
		} else {
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	if accountType == plaid.TypeLoan && !strings.Contains(subtype, "loan") && subtype != "line of credit" {
		words = append(words, "Loan")
	}
	if subtype == "other" || len(words) == 1 && accountType == plaid.TypeOther {
		words = append(words, "Account")
	}
	return "Plaid " + strings.Join(words, " "), nil
}

// currencyCodes splits a currency into the two codes of which responses set exactly one.
func currencyCodes(code string) (iso, unofficial *string) {
	if plaid.Known(plaid.UnofficialCurrencies, code) {
		return nil, &code
	}
	return &code, nil
}

// or is a given value, else another.
func or[T any](given *T, otherwise T) T {
	if given == nil {
		return otherwise
	}
	return *given
}

// first is the first value that is there.
func first[T any](values ...*T) *T {
	for _, v := range values {
		if v != nil {
			return v
		}
	}
	return nil
}

func ref[T any](v T) *T { return &v }

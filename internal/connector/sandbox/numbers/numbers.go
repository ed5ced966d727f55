package numbers

import (
	"slices"
	"strconv"
	"strings"

	"weft/internal/connector"
	"weft/internal/plaid"
)

// The numbers that the contract documents for the sandbox.
const (
	ACHRouting  = "011401533"
	WireRouting = "021000021"
	// accountPrefix comes before an account's mask in its number.
	accountPrefix = "111122223333"

	eftInstitution = "021"
	eftBranch      = "01140"
	sortCode       = "601613"
	planNumber     = "PLAN401K"
)

// bankLetters stand in IBANs and BICs for the bank; no real bank has them.
const bankLetters = "PLTY"

// Currency is the currency of a country's sandbox banks: dollars in the US, Canada's and Britain's own, euros elsewhere.
func Currency(country string) string {
	switch country {
	case "US", "":
		return "USD"
	case "CA":
		return "CAD"
	case "GB":
		return "GBP"
	}
	return "EUR"
}

// Account is the account number that goes with a mask.
func Account(mask string) string { return accountPrefix + mask }

// Default is the numbers of an account that states none itself. Only accounts that money can be moved to and from have any.
func Default(country, accountType, subtype, mask string) connector.Numbers {
	switch {
	case accountType == plaid.TypeInvestment:
		return investment(country, subtype, Account(mask))
	case accountType == plaid.TypeDepository && slices.Contains([]string{"checking", "savings", "cash management"}, subtype):
		return Bank(country, Account(mask))
	}
	return connector.Numbers{}
}

// Bank is the numbers of a bank account in a country, for its account number.
func Bank(country, account string) connector.Numbers {
	switch country {
	case "US", "":
		return connector.Numbers{ACH: &connector.ACH{Account: account, Routing: ACHRouting, WireRouting: WireRouting}}
	case "CA":
		return connector.Numbers{EFT: &connector.EFT{Account: account, Institution: eftInstitution, Branch: eftBranch}}
	case "GB":
		short := lastDigits(account, 8)
		return connector.Numbers{
			BACS:          &connector.BACS{Account: short, SortCode: sortCode},
			International: &connector.International{IBAN: withCheckDigits("GB", bankLetters+sortCode+short), BIC: bankLetters + "GB2L"},
		}
	}
	return connector.Numbers{International: &connector.International{
		IBAN: IBAN(country, account), BIC: bankLetters + country + "2X",
	}}
}

func investment(country, subtype, account string) connector.Numbers {
	switch subtype {
	case "crypto exchange", "non-custodial wallet":
		return connector.Numbers{}
	}
	switch country {
	case "US", "":
		if strings.HasSuffix(subtype, "401k") {
			return connector.Numbers{Retirement401k: &connector.Retirement401k{Plan: planNumber, Account: account}}
		}
		return connector.Numbers{ACATS: &connector.ACATS{Account: account, DTCNumbers: []string{"1111", "2222", "3333"}}}
	case "CA":
		return connector.Numbers{ATON: &connector.ATON{Account: account}}
	}
	return connector.Numbers{}
}

// ibanShape is how many letters and then digits follow the check digits in a country's IBANs.
type ibanShape struct{ letters, digits int }

func shapeOf(country string) ibanShape {
	switch country {
	case "AT", "EE", "LT":
		return ibanShape{0, 16}
	case "BE":
		return ibanShape{0, 12}
	case "DE":
		return ibanShape{0, 18}
	case "DK", "FI":
		return ibanShape{0, 14}
	case "ES", "SE":
		return ibanShape{0, 20}
	case "FR":
		return ibanShape{0, 23}
	case "GB", "IE":
		return ibanShape{4, 14}
	case "IT":
		return ibanShape{1, 22}
	case "LV":
		return ibanShape{4, 13}
	case "NL":
		return ibanShape{4, 10}
	case "NO":
		return ibanShape{0, 11}
	case "PL":
		return ibanShape{0, 24}
	case "PT":
		return ibanShape{0, 21}
	}
	return ibanShape{0, 18}
}

// IBAN is the IBAN of an account: of its country's length and with valid check digits. Checks that a country adds inside
// its own part of the number are not made.
func IBAN(country, account string) string {
	shape := shapeOf(country)
	return withCheckDigits(country, bankLetters[:shape.letters]+lastDigits(account, shape.digits))
}

// lastDigits is the last n digits of an account number, with zeros before it if it is shorter. Letters of a mask count by
// their place in the alphabet, so that different masks keep giving different numbers.
func lastDigits(account string, n int) string {
	digits := make([]byte, 0, n+len(account))
	for range n {
		digits = append(digits, '0')
	}
	for _, r := range strings.ToUpper(account) {
		switch {
		case r >= '0' && r <= '9':
			digits = append(digits, byte(r))
		case r >= 'A' && r <= 'Z':
			digits = append(digits, strconv.Itoa(int(r-'A')+10)...)
		}
	}
	return string(digits[len(digits)-n:])
}

// withCheckDigits puts the country and the two digits before a national number that make it 1 modulo 97 (ISO 13616).
func withCheckDigits(country, national string) string {
	check := strconv.Itoa(98 - mod97(national+country+"00"))
	if len(check) == 1 {
		check = "0" + check
	}
	return country + check + national
}

// mod97 reads letters as two digits each, A being 10.
func mod97(s string) int {
	rest := 0
	for _, r := range s {
		if r >= 'A' {
			rest = (rest*100 + int(r-'A') + 10) % 97
		} else {
			rest = (rest*10 + int(r-'0')) % 97
		}
	}
	return rest
}

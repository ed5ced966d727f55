package rules

import (
	"strings"
	"unicode"
)

// Kind is an account's type and subtype.
type Kind struct{ Type, Subtype string }

// accountRule gives a kind to names with one of some phrases, which are separated by |. A rule with a sign holds only for
// balances of that sign.
type accountRule struct {
	phrases string
	sign    int
	kind    Kind
}

// debts come first: a 401k loan is a loan, and a debit card is no credit.
var debts = []accountRule{
	{"debit card|debit|prepaid|gift card|cash card", 0, Kind{"depository", "prepaid"}},
	{"heloc|home equity", 0, Kind{"loan", "home equity"}},
	{"line of credit|credit line|loc|ploc", 0, Kind{"loan", "line of credit"}},
	{"mortgage|home loan", 0, Kind{"loan", "mortgage"}},
	{"student loan|student loans|education loan|stafford|navient|nelnet|mohela|aidvantage", 0, Kind{"loan", "student"}},
	{"auto loan|car loan|vehicle loan|auto finance|auto lease|motor loan", 0, Kind{"loan", "auto"}},
	{"business loan|sba loan|sba", 0, Kind{"loan", "business"}},
	{"construction loan", 0, Kind{"loan", "construction"}},
	{"commercial loan", 0, Kind{"loan", "commercial"}},
	{"personal loan|consumer loan", 0, Kind{"loan", "consumer"}},
	{"loan|loans|financing", 0, Kind{"loan", "loan"}},
}

// investments hold for accounts with and without listed holdings.
var investments = []accountRule{
	{"roth 401k|roth 401 k", 0, Kind{"investment", "roth 401k"}},
	{"401k|401 k", 0, Kind{"investment", "401k"}},
	{"401a|401 a", 0, Kind{"investment", "401a"}},
	{"roth 403b|roth 403 b", 0, Kind{"investment", "roth 403B"}},
	{"403b|403 b", 0, Kind{"investment", "403B"}},
	{"roth 457b|roth 457 b", 0, Kind{"investment", "roth 457b"}},
	{"457b|457 b|457", 0, Kind{"investment", "457b"}},
	{"529|college savings plan|college savings", 0, Kind{"investment", "529"}},
	{"coverdell|education savings account", 0, Kind{"investment", "education savings account"}},
	{"roth ira|roth", 0, Kind{"investment", "roth"}},
	{"sep ira|sep", 0, Kind{"investment", "sep ira"}},
	{"simple ira", 0, Kind{"investment", "simple ira"}},
	{"sarsep", 0, Kind{"investment", "sarsep"}},
	{"ira|rollover ira|traditional ira", 0, Kind{"investment", "ira"}},
	{"roth tsp", 0, Kind{"investment", "roth thrift savings plan"}},
	{"thrift savings plan|thrift savings|tsp", 0, Kind{"investment", "thrift savings plan"}},
	{"stock plan|espp|rsu|rsus|equity award|equity awards|stock options|employee stock", 0, Kind{"investment", "stock plan"}},
	{"profit sharing", 0, Kind{"investment", "profit sharing plan"}},
	{"pension", 0, Kind{"investment", "pension"}},
	{"keogh", 0, Kind{"investment", "keogh"}},
	{"tfsa", 0, Kind{"investment", "tfsa"}},
	{"rrsp", 0, Kind{"investment", "rrsp"}},
	{"rrif", 0, Kind{"investment", "rrif"}},
	{"resp", 0, Kind{"investment", "resp"}},
	{"rdsp", 0, Kind{"investment", "rdsp"}},
	{"fhsa", 0, Kind{"investment", "fhsa"}},
	{"lira", 0, Kind{"investment", "lira"}},
	{"gic", 0, Kind{"investment", "gic"}},
	{"sipp", 0, Kind{"investment", "sipp"}},
	{"cash isa", 0, Kind{"investment", "cash isa"}},
	{"isa", 0, Kind{"investment", "isa"}},
	{"ugma", 0, Kind{"investment", "ugma"}},
	{"utma|custodial", 0, Kind{"investment", "utma"}},
	{"variable annuity", 0, Kind{"investment", "variable annuity"}},
	{"fixed annuity", 0, Kind{"investment", "fixed annuity"}},
	{"annuity", 0, Kind{"investment", "other annuity"}},
	{"life insurance|whole life|universal life", 0, Kind{"investment", "life insurance"}},
	{"health reimbursement", 0, Kind{"investment", "health reimbursement arrangement"}},
	{"crypto|cryptocurrency|bitcoin", 0, Kind{"investment", "crypto exchange"}},
	{"retirement|retirement plan", 0, Kind{"investment", "retirement"}},
	{"mutual fund|mutual funds", 0, Kind{"investment", "mutual fund"}},
	{"brokerage|taxable|trading|investment|investments|investing|portfolio|securities|stocks|self directed", 0, Kind{"investment", "brokerage"}},
}

// holders are the names that mean an investment only where holdings are listed: they are also names of bank accounts.
var holders = []accountRule{
	{"hsa|health savings|health savings account", 0, Kind{"investment", "hsa"}},
	{"trust|family trust|living trust", 0, Kind{"investment", "trust"}},
}

// everyday are cards and bank accounts. Words that only colour a name count last, and only by the balance's sign.
var everyday = []accountRule{
	{"paypal credit", 0, Kind{"credit", "paypal"}},
	{"paypal", 0, Kind{"depository", "paypal"}},
	{"credit card|charge card|visa|mastercard|master card|amex|american express|card|cards", 0, Kind{"credit", "credit card"}},
	{"money market|mma|mmda", 0, Kind{"depository", "money market"}},
	{"cd|cds|certificate|certificates|certificate of deposit|time deposit|term deposit", 0, Kind{"depository", "cd"}},
	{"hsa|health savings|health savings account", 0, Kind{"depository", "hsa"}},
	{"cash management|cash reserve|cash account|sweep", 0, Kind{"depository", "cash management"}},
	{"ebt|snap", 0, Kind{"depository", "ebt"}},
	{"saving|savings|saver|share savings|regular share|primary share|membership share|emergency fund|vacation fund", 0, Kind{"depository", "savings"}},
	{"checking|chequing|share draft|current account|spending|everyday|payroll", 0, Kind{"depository", "checking"}},
	{"overdraft", -1, Kind{"loan", "overdraft"}},
	{"auto|car|vehicle", -1, Kind{"loan", "auto"}},
	{"student", -1, Kind{"loan", "student"}},
	{"credit|rewards|platinum|sapphire|freedom|quicksilver|venture|discover|cashback|cash back|double cash|preferred", -1, Kind{"credit", "credit card"}},
}

// AccountKind infers an account's kind from its name, the sign of its balance and whether it has holdings. It always has an
// answer: without any hint an account that owes is a card, and one that does not is a checking account.
func AccountKind(name string, sign int, holdings bool) Kind {
	name = words(name)
	tables := [][]accountRule{debts, investments, everyday}
	if holdings { // what holds securities is neither a card nor a bank account, whatever it is called
		tables = [][]accountRule{investments, holders}
	}
	for _, table := range tables {
		for _, rule := range table {
			if (rule.sign == 0 || rule.sign == sign) && rule.matches(name) {
				return rule.kind
			}
		}
	}
	switch {
	case holdings:
		return Kind{"investment", "brokerage"}
	case sign < 0:
		return Kind{"credit", "credit card"}
	}
	return Kind{"depository", "checking"}
}

func (r accountRule) matches(name string) bool {
	for phrase := range strings.SplitSeq(r.phrases, "|") {
		if strings.Contains(name, " "+phrase+" ") {
			return true
		}
	}
	return false
}

// words is a text in lower case, each of its words between spaces: "401(k) Plan" is " 401 k plan ".
func words(s string) string {
	fields := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return " " + strings.Join(fields, " ") + " "
}

package custom

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"weft/internal/plaid"
)

// TypePayroll is an account type of configurations only; in responses such an account is of type other.
const TypePayroll = "payroll"

var (
	accountTypes    = []string{"investment", "credit", "depository", "loan", TypePayroll, "other"}
	holders         = []string{"business", "personal", "unrecognized"}
	mfaTypes        = []string{"device", "selections", "questions"}
	phoneTypes      = []string{"home", "work", "office", "mobile", "mobile1", "other"}
	emailTypes      = []string{"primary", "secondary", "other"}
	positionTypes   = []string{"LONG", "SHORT"}
	contractTypes   = []string{"put", "call"}
	yieldRateTypes  = []string{"coupon", "coupon_equivalent", "discount", "yield"}
	investmentTypes = []string{"buy", "sell", "cash", "fee", "transfer"}
)

// documentedErrors are the codes of force_error that the contract names; any other code of the catalogue works too.
var documentedErrors = []string{
	"INSTITUTION_NOT_RESPONDING", "INSTITUTION_NO_LONGER_SUPPORTED", "INVALID_CREDENTIALS", "INVALID_MFA", "ITEM_LOCKED",
	"ITEM_LOGIN_REQUIRED", "ITEM_NOT_SUPPORTED", "INVALID_LINK_TOKEN", "MFA_NOT_SUPPORTED", "NO_ACCOUNTS", "PLAID_ERROR",
	"USER_INPUT_TIMEOUT", "USER_SETUP_REQUIRED",
}

var (
	maskPattern     = regexp.MustCompile(`^$|^[A-Za-z0-9]{2,4}$`)
	currencyPattern = regexp.MustCompile(`^[A-Z]{3}$`)
	codePattern     = regexp.MustCompile(`^[A-Z0-9]{2,12}$`)
	isinPattern     = regexp.MustCompile(`^[A-Z]{2}[A-Z0-9]{9}[0-9]$`)
	cusipPattern    = regexp.MustCompile(`^[A-Z0-9*@#]{9}$`)
	sedolPattern    = regexp.MustCompile(`^[A-Z0-9]{7}$`)
	accountPattern  = regexp.MustCompile(`^[A-Za-z0-9 -]{1,40}$`)
	ibanPattern     = regexp.MustCompile(`^[A-Z]{2}[0-9]{2}[A-Z0-9]{8,30}$`)
	bicPattern      = regexp.MustCompile(`^[A-Z0-9]{8}([A-Z0-9]{3})?$`)
	sortPattern     = regexp.MustCompile(`^[0-9]{2}-?[0-9]{2}-?[0-9]{2}$`)
	eftPattern      = regexp.MustCompile(`^[0-9]{3,5}$`)
)

// check collects the first fault of a configuration.
type check struct{ err *Error }

func (c *check) fail(path, format string, args ...any) {
	if c.err == nil {
		c.err = &Error{Path: path, Reason: fmt.Sprintf(format, args...)}
	}
}

func (c *check) oneOf(path string, v *string, allowed []string) {
	if v != nil && !slices.Contains(allowed, *v) {
		c.fail(path, "must be one of %s, not %q", plaid.Quoted(allowed), shorten(*v))
	}
}

func (c *check) matches(path string, v *string, pattern *regexp.Regexp, expected string) {
	if v != nil && !pattern.MatchString(*v) {
		c.fail(path, "%s is expected, not %q", expected, shorten(*v))
	}
}

func (c *check) datetime(path string, v *string) {
	if v == nil {
		return
	}
	if _, err := time.Parse(time.RFC3339, *v); err != nil {
		c.fail(path, "a date and time such as 2026-05-24T15:10:09Z is expected, not %q", shorten(*v))
	}
}

// isoCurrency accepts a currency that an account or a bank transaction can be in.
func (c *check) isoCurrency(path string, v *string) {
	c.matches(path, v, currencyPattern, "an ISO 4217 code such as USD")
}

// anyCurrency accepts the ISO codes and the unofficial ones that responses know.
func (c *check) anyCurrency(path string, v *string) {
	if v != nil && !plaid.Known(plaid.UnofficialCurrencies, *v) && !currencyPattern.MatchString(*v) {
		c.fail(path, "an ISO 4217 code or one of %s is expected, not %q", plaid.Quoted(plaid.UnofficialCurrencies), shorten(*v))
	}
}

func (c *check) notNegative(path string, v *int) {
	if v != nil && *v < 0 {
		c.fail(path, "must not be negative")
	}
}

// validate judges what the decoder cannot: values, pairs and dependencies.
func (cfg *Config) validate() error {
	c := new(check)
	c.oneOf("version", cfg.Version, []string{"1", "2"})
	c.oneOf("recaptcha", cfg.Recaptcha, []string{"good", "bad"})
	if code := cfg.ForceError; code != nil {
		if _, ok := plaid.Lookup(plaid.Code(*code)); !ok {
			c.fail("force_error", "must be an error code, such as one of %s, not %q", plaid.Quoted(documentedErrors), shorten(*code))
		}
	}
	if cfg.MFA != nil {
		c.mfa(cfg.MFA)
	}
	for i := range cfg.Accounts {
		c.account(index("override_accounts", i), &cfg.Accounts[i])
	}
	if c.err != nil {
		return c.err
	}
	return nil
}

func index(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }

// mostChallenges bounds rounds and questions of MFA: beyond it nobody would finish logging in.
const mostChallenges = 100

func (c *check) mfa(m *MFA) {
	c.oneOf("mfa.type", m.Type, mfaTypes)
	for _, n := range []struct {
		name  string
		value *int
	}{
		{"question_rounds", m.QuestionRounds}, {"questions_per_round", m.QuestionsPerRound},
		{"selection_rounds", m.SelectionRounds}, {"selections_per_question", m.SelectionsPerQuestion},
	} {
		if n.value != nil && (*n.value < 1 || *n.value > mostChallenges) {
			c.fail("mfa."+n.name, "must be from 1 to %d", mostChallenges)
		}
	}
	if m.Type != nil && *m.Type == "questions" {
		if m.QuestionRounds == nil {
			c.fail("mfa.question_rounds", "is required when type is questions")
		}
		if m.QuestionsPerRound == nil {
			c.fail("mfa.questions_per_round", "is required when type is questions")
		}
	}
}

func (c *check) account(path string, a *Account) {
	c.oneOf(path+".type", a.Type, accountTypes)
	c.subtype(path+".subtype", a)
	c.oneOf(path+".holder_category", a.HolderCategory, holders)
	c.isoCurrency(path+".currency", a.Currency)
	if a.ForceAvailableBalance != nil && a.HasNullAvailableBalance != nil && *a.HasNullAvailableBalance {
		c.fail(path+".has_null_available_balance", "cannot be set together with force_available_balance")
	}
	if a.Meta != nil {
		c.matches(path+".meta.mask", a.Meta.Mask, maskPattern, "an empty string or 2 to 4 letters and digits")
		if a.Meta.Name != nil && strings.TrimSpace(*a.Meta.Name) == "" {
			c.fail(path+".meta.name", "must not be empty")
		}
	}
	if a.Numbers != nil {
		c.numbers(path+".numbers", a.Numbers)
	}
	for i, t := range a.Transactions {
		c.isoCurrency(index(path+".transactions", i)+".currency", t.Currency)
	}
	c.positions(path, a)
	if a.Identity != nil {
		c.identity(path+".identity", a.Identity)
	}
	if a.Liability != nil {
		c.liability(path+".liability", a.Liability)
	}
	if a.InflowModel != nil {
		c.inflow(path+".inflow_model", a.InflowModel)
	}
	if a.Income != nil {
		c.income(path+".income", a.Income)
	}
}

// subtype checks that the subtype exists and belongs to the type.
func (c *check) subtype(path string, a *Account) {
	if a.Subtype == nil {
		return
	}
	c.oneOf(path, a.Subtype, plaid.AccountSubtypes)
	if a.Type == nil || !slices.Contains(accountTypes, *a.Type) {
		return
	}
	if allowed := subtypesOf(*a.Type); !slices.Contains(allowed, *a.Subtype) {
		c.fail(path, "must be one of %s for an account of type %s, not %q", plaid.Quoted(allowed), *a.Type, *a.Subtype)
	}
}

// subtypesOf is the subtypes of a type of a configuration. Those that the contract gives to no type, such as payroll,
// belong to payroll and other.
func subtypesOf(accountType string) []string {
	subtypes := slices.Clone(plaid.SubtypesOf(accountType))
	if accountType != TypePayroll && accountType != plaid.TypeOther {
		return subtypes
	}
	for _, s := range plaid.AccountSubtypes {
		if _, owned := TypeOf(s); !owned {
			subtypes = append(subtypes, s)
		}
	}
	return subtypes
}

// TypeOf is the account type that a subtype belongs to, the first of several; the subtype other is of the type other.
func TypeOf(subtype string) (accountType string, ok bool) {
	if subtype == plaid.TypeOther {
		return plaid.TypeOther, true
	}
	for _, t := range plaid.AccountTypes {
		if slices.Contains(plaid.SubtypesOf(t), subtype) {
			return t, true
		}
	}
	return "", false
}

func (c *check) numbers(path string, n *Numbers) {
	c.matches(path+".account", n.Account, accountPattern, "an account number of letters and digits")
	c.routing(path+".ach_routing", n.ACHRouting)
	c.routing(path+".ach_wire_routing", n.ACHWireRouting)
	c.matches(path+".eft_institution", n.EFTInstitution, eftPattern, "a number of 3 to 5 digits")
	c.matches(path+".eft_branch", n.EFTBranch, eftPattern, "a number of 3 to 5 digits")
	c.matches(path+".international_iban", n.InternationalIBAN, ibanPattern, "an IBAN")
	c.matches(path+".international_bic", n.InternationalBIC, bicPattern, "a BIC")
	c.matches(path+".bacs_sort_code", n.BACSSortCode, sortPattern, "a sort code of 6 digits")
	c.pair(path, "eft_institution", n.EFTInstitution, "eft_branch", n.EFTBranch)
	c.pair(path, "international_bic", n.InternationalBIC, "international_iban", n.InternationalIBAN)
	if n.EFTInstitution != nil && n.Account == nil {
		c.fail(path+".account", "is required with eft_institution")
	}
	if n.BACSSortCode != nil && n.Account == nil && n.InternationalIBAN == nil {
		c.fail(path+".account", "is required with bacs_sort_code")
	}
}

func (c *check) pair(path, aName string, a *string, bName string, b *string) {
	switch {
	case a != nil && b == nil:
		c.fail(path+"."+bName, "is required with %s", aName)
	case a == nil && b != nil:
		c.fail(path+"."+aName, "is required with %s", bName)
	}
}

// routing checks the nine digits and the check digit of an ABA routing number.
func (c *check) routing(path string, v *string) {
	if v == nil {
		return
	}
	const expected = "a routing number of 9 digits is expected"
	if len(*v) != 9 || strings.Trim(*v, "0123456789") != "" {
		c.fail(path, expected+", not %q", shorten(*v))
		return
	}
	sum := 0
	for i, weight := range []int{3, 7, 1, 3, 7, 1, 3, 7, 1} {
		sum += weight * int((*v)[i]-'0')
	}
	if sum%10 != 0 {
		c.fail(path, expected+" whose check digit fits, not %q", *v)
	}
}

func (c *check) identity(path string, id *Identity) {
	for i, p := range id.PhoneNumbers {
		at := index(path+".phone_numbers", i)
		c.oneOf(at+".type", p.Type, phoneTypes)
		if p.Data == nil && !isBlank(p) {
			c.fail(at+".data", "is required")
		}
	}
	for i, e := range id.Emails {
		at := index(path+".emails", i)
		c.oneOf(at+".type", e.Type, emailTypes)
		if e.Data == nil && !isBlank(e) {
			c.fail(at+".data", "is required")
		}
	}
	for i, a := range id.Addresses {
		c.address(index(path+".addresses", i), a)
	}
}

func (c *check) address(path string, a Address) {
	if isBlank(a) {
		return
	}
	if a.Data == nil || isBlank(*a.Data) {
		c.fail(path+".data", "is required")
		return
	}
	c.postal(path+".data", a.Data)
}

func (c *check) postal(path string, a *AddressData) {
	if a != nil && a.Country != nil && (len(*a.Country) != 2 || strings.ToUpper(*a.Country) != *a.Country) {
		c.fail(path+".country", "a country code of two letters is expected, not %q", shorten(*a.Country))
	}
}

package token

import (
	"reflect"

	"weft/internal/httpapi"
	"weft/internal/plaid"
	"weft/internal/product"
	"weft/internal/product/link/token/rules"
)

// requestRules are the rules of a Request's fields, read from its tags once.
var requestRules = rules.Compile(reflect.TypeFor[Request]())

// checks are the rules that go beyond one field, in the order in which they are told.
var checks = []func(*Request) error{
	(*Request).checkUser, (*Request).checkProducts, (*Request).checkUpdateMode, (*Request).checkOptions,
	(*Request).checkAccountFilters, (*Request).checkCombinations,
}

// Validate checks what can be told from the request alone.
func (r *Request) Validate(v httpapi.Version) error {
	if err := r.nameInvestments(v); err != nil {
		return err
	}
	if err := rules.Check(requestRules, reflect.ValueOf(r).Elem(), ""); err != nil {
		return err
	}
	if err := product.ValidCountryCodes("country_codes", r.CountryCodes); err != nil {
		return err
	}
	if r.Webhook != nil {
		if *r.Webhook == "" {
			return plaid.InvalidField("webhook", "must be a non-empty string URL")
		}
		if err := product.ValidWebhook("webhook", *r.Webhook); err != nil {
			return err
		}
	}
	if text(r.AndroidPackageName) == "" { // clients leave it blank for platforms that are not Android
		r.AndroidPackageName = nil
	}
	for _, check := range checks {
		if err := check(r); err != nil {
			return err
		}
	}
	return nil
}

// checkOptions checks the options of products against each other and against what the products need.
func (r *Request) checkOptions() error {
	for _, n := range needs {
		if r.fetches(n.product) && !n.given(r) {
			return plaid.MissingFields(n.field)
		}
	}
	if s := r.Statements; s != nil {
		start := s.StartDate.Time()
		if *s.EndDate < *s.StartDate {
			return plaid.InvalidField("statements.start_date", "must not be after statements.end_date")
		}
		if *s.EndDate > plaid.NewDate(start.Year()+2, start.Month(), start.Day()) {
			return plaid.InvalidField("statements.end_date", "must be at most two years after statements.start_date")
		}
	}
	if p := r.PaymentInitiation; p != nil && (p.PaymentID == nil) == (p.ConsentID == nil) {
		return plaid.InvalidField("payment_initiation", "must have either payment_id or consent_id")
	}
	if c := r.CRAOptions; c != nil && c.DaysRequired != nil && *c.DaysRequired > max(*c.DaysRequested, 180) {
		return plaid.InvalidField("cra_options.days_required", "must not be more than the days that are requested (at least 180 are)")
	}
	return nil
}

// needs are the fields that a product cannot be linked without.
var needs = []struct {
	product, field string
	given          func(*Request) bool
}{
	{"statements", "statements", func(r *Request) bool { return r.Statements != nil }},
	{"income_verification", "income_verification", func(r *Request) bool { return r.IncomeVerification != nil }},
	{"employment", "employment", func(r *Request) bool { return r.Employment != nil }},
	{"identity_verification", "identity_verification", func(r *Request) bool { return r.IdentityVerification != nil }},
	{"payment_initiation", "payment_initiation", func(r *Request) bool { return r.PaymentInitiation != nil }},
	{"income_verification", "income_verification.bank_income", func(r *Request) bool {
		return r.IncomeVerification.BankIncome != nil || !plaid.Known(r.IncomeVerification.SourceTypes, "bank")
	}},
	{"employment", "employment.bank_employment", func(r *Request) bool {
		return r.Employment.BankEmployment != nil || !plaid.Known(r.Employment.SourceTypes, "bank")
	}},
}

// checkCombinations refuses fields that exclude or need each other.
func (r *Request) checkCombinations() error {
	for _, c := range combinations {
		if c.broken(r) {
			return plaid.Errf("INVALID_CONFIGURATION", "%s", c.problem)
		}
	}
	return nil
}

var combinations = []struct {
	broken  func(*Request) bool
	problem string
}{
	{func(r *Request) bool { return r.AndroidPackageName != nil && r.RedirectURI != nil },
		"android_package_name and redirect_uri exclude each other: give the one of the platform that Link runs on"},
	{func(r *Request) bool {
		return !r.updateMode() && r.Auth != nil && on(r.Auth.SameDayMicrodepositsEnabled) && (!only(r.Products, "auth") || !only(r.CountryCodes, "US"))
	}, `auth.same_day_microdeposits_enabled needs products to be exactly ["auth"] and country_codes to be exactly ["US"]`},
	{func(r *Request) bool { return on(r.EnableMultiItemLink) && !r.namesUser() },
		"enable_multi_item_link needs user_id or user_token"},
	{func(r *Request) bool { return r.delivers("sms") && (r.User == nil || r.User.PhoneNumber == nil) },
		"hosted_link.delivery_method sms needs user.phone_number"},
	{func(r *Request) bool { return r.delivers("email") && (r.User == nil || r.User.EmailAddress == nil) },
		"hosted_link.delivery_method email needs user.email_address"},
}

func (r *Request) delivers(method string) bool {
	return r.HostedLink != nil && text(r.HostedLink.DeliveryMethod) == method
}

// namesUser reports whether the request belongs to a user that was made before.
func (r *Request) namesUser() bool { return r.UserID != nil || r.UserToken != nil }

func on(b *bool) bool { return b != nil && *b }

func only(list []string, value string) bool { return len(list) == 1 && list[0] == value }

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

package token

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"weft/internal/plaid"
	"weft/internal/product/link/settings"
	"weft/internal/product/link/token/rules"
	"weft/internal/store"
)

const (
	field  = "INVALID_FIELD"
	config = "INVALID_CONFIGURATION"
	lacks  = "MISSING_FIELDS"
	who    = "INVALID_USER_IDENTITY_DATA"
)

// TestRefused has a row for each rule: what is changed in a valid request, and what is answered.
func TestRefused(t *testing.T) {
	s := sqlite(t)
	access, itemID := s.link(s.tenant(plaid.Sandbox), s.usr)
	user := func(members string) string { return `"user":{"client_user_id":"u",` + members + `}` }
	update := func(members string) string { return `"products":null,"access_token":"` + access + `",` + members }
	alone := func(product, members string) string { return `"products":["` + product + `"]` + members }
	rows := []struct{ members, code, part string }{
		// Fields of the request itself.
		{`"client_name":null,"language":null,"country_codes":null`, lacks, "client_name, language, country_codes"},
		{`"client_name":" "`, field, "client_name must be a non-empty string"},
		{`"client_name":"` + strings.Repeat("x", rules.MaxText+1) + `"`, field, "client_name must have at most 2048 characters"},
		{`"update":{"item_ids":["x"` + strings.Repeat(`,"x"`, rules.MaxElements) + `]}`, field, "update.item_ids must have at most 100 elements"},
		{`"client_name":5`, field, "client_name must be a string"},
		{`"language":"xx"`, field, "language must be one of da, nl, en"},
		{`"country_codes":[]`, field, "country_codes must be a non-empty array"},
		{`"country_codes":["XX"]`, field, `country_codes has the unknown country code "XX"`},
		{`"nonsense":1`, "UNKNOWN_FIELDS", "nonsense"},
		{`"auth":{"nonsense":1}`, "UNKNOWN_FIELDS", "auth.nonsense"},
		{`"cra_options":{"days_requested":200,"partner_insights":{"fico":{"x":1}}}`, "UNKNOWN_FIELDS", "cra_options.partner_insights.fico.x"},
		{`"headless":true`, "UNKNOWN_FIELDS", "headless"},
		{`"webhook":""`, field, "webhook must be a non-empty string URL"},
		{`"webhook":"ftp://a.example"`, field, "webhook must be a non-empty string URL"},
		{`"appearance_mode":"dark"`, field, "appearance_mode must be one of LIGHT, DARK, SYSTEM"},
		{`"link_customization_name":"mine"`, "INVALID_LINK_CUSTOMIZATION", `"mine"`},
		{`"link_customization_name":""`, "INVALID_LINK_CUSTOMIZATION", "default"},
		{`"institution_id":"ins_9"`, "INVALID_INSTITUTION", "invalid institution_id"},
		{`"institution_data":{"routing_number":"12"}`, field, "institution_data.routing_number must be a routing number"},
		{`"card_switch":{}`, lacks, "card_switch.card_bin"},
		{`"card_switch":{"card_bin":"4x"}`, field, "card_switch.card_bin must be the first six"},
		{`"eu_config":{"headless":1}`, field, "eu_config.headless must be a boolean"},
		{`"third_party_user_token":""`, field, "third_party_user_token must be a non-empty"},
		// The user.
		{`"user":null`, lacks, "user"},
		{`"user":{}`, lacks, "user.client_user_id"},
		{`"user":{"client_user_id":""}`, field, "user.client_user_id must be a non-empty string"},
		{`"user_id":""`, "INVALID_USER_ID", "user_id must be a non-empty string"},
		{`"user_id":"usr_1"`, "USER_NOT_FOUND", "cannot be found"},
		{`"user_id":"` + s.usr + `","user_token":"` + s.token + `"`, "INVALID_USER_TOKEN", "user_token is not that of the user_id"},
		{`"user_id":"a b"`, "INVALID_USER_ID", "user_id"},
		{`"user_token":""`, "INVALID_USER_TOKEN", "could not find matching user token"},
		{`"user_token":"user-sandbox-00000000-0000-0000-0000-000000000000"`, "INVALID_USER_TOKEN", "matching"},
		{`"user_token":"user-production-00000000-0000-0000-0000-000000000000"`, "INVALID_USER_TOKEN", "matching"},
		{user(`"email_address":"nobody"`), who, "user.email_address must be a valid email address"},
		{user(`"email_address":"A <a@b.example>"`), who, "user.email_address"},
		{user(`"email_address":"a@localhost"`), who, "user.email_address"},
		{user(`"email_address":""`), who, "user.email_address"},
		{user(`"phone_number":"4155550123"`), who, "user.phone_number must be a valid phone number in E.164"},
		{user(`"phone_number":"+1 415 555 012"`), who, "user.phone_number"},
		{user(`"phone_number":"+1234567890123456"`), who, "user.phone_number"},
		{user(`"phone_number_verified_time":"yesterday"`), who, "user.phone_number_verified_time"},
		{user(`"email_address_verified_time":"2020-01-01"`), who, "user.email_address_verified_time"},
		{user(`"date_of_birth":"1.1.1990"`), who, "user.date_of_birth must be a date"},
		{user(`"date_of_birth":"1990-02-30"`), who, "user.date_of_birth"},
		{user(`"date_of_birth":"2026-11-21"`), who, "user.date_of_birth must not be in the future"},
		{user(`"name":{"given_name":"A"}`), lacks, "user.name.family_name"},
		{user(`"name":{"given_name":" ","family_name":"B"}`), who, "user.name.given_name"},
		{user(`"address":{"street":"1 Main St","city":"X"}`), lacks, "user.address.country"},
		{user(`"address":{"country":"us"}`), who, "user.address.country must be a country code"},
		{user(`"address":{"country":"US","city":"X"}`), who, "user.address must have a country alone"},
		{user(`"address":{"country":"US","street":"123","city":"X"}`), who, "user.address.street"},
		{user(`"address":{"country":"US","street":"1 Main St","city":"X","region":"US-CA"}`), who, "user.address.region"},
		{user(`"address":{"country":"US","street":"1 Main St","city":"X","postal_code":"9411"}`), who, "user.address.postal_code must be five digits"},
		{user(`"address":{"country":"GB","street":"1 High St","city":"X","postal_code":"!"}`), who, "user.address.postal_code"},
		{user(`"id_number":{"value":"123"}`), lacks, "user.id_number.type"},
		{user(`"id_number":{"value":"123-4","type":"us_ssn"}`), who, "user.id_number.value must be letters and digits"},
		{user(`"id_number":{"value":"123","type":"passport"}`), who, "user.id_number.type must be one of"},
		{`"enable_multi_item_link":true`, config, "enable_multi_item_link needs user_id or user_token"},
		// Products.
		{`"products":null`, lacks, "products"},
		{`"products":[]`, field, "products must be a non-empty array"},
		{`"products":[],"optional_products":["auth"]`, field, "products must be a non-empty array"},
		{`"products":["acounts"]`, "INVALID_PRODUCT", `products: the following products are not known: ["acounts"]`},
		{`"products":["balance"]`, "INVALID_PRODUCT", `products: "balance"`},
		{`"required_if_supported_products":["balance"]`, "INVALID_PRODUCT", `required_if_supported_products: "balance"`},
		{`"optional_products":["balance"]`, "INVALID_PRODUCT", `optional_products: "balance"`},
		{`"additional_consented_products":["balance"]`, "INVALID_PRODUCT", `additional_consented_products: "balance"`},
		{`"optional_products":["transactions"]`, config, `optional_products: "transactions" is in products too`},
		{`"optional_products":["auth"],"additional_consented_products":["auth"]`, config, `additional_consented_products: "auth" is in optional_products too`},
		{`"products":["signal"]`, config, `products: "signal" needs "auth"`},
		{`"products":["signal"],"optional_products":["auth"]`, config, `"signal" needs "auth"`},
		{`"optional_products":["identity_verification"]`, config, "can be in products alone"},
		{`"additional_consented_products":["payment_initiation"]`, config, "can be in products alone"},
		{alone("identity_verification", `,"optional_products":["auth"]`), config, "cannot be combined"},
		{`"products":["payment_initiation","auth"]`, config, `"payment_initiation" cannot be combined`},
		{`"products":["income_verification","auth"],"income_verification":{"income_source_types":["payroll"]}`, config, "source type payroll"},
		{`"products":["cra_base_report","assets"]`, config, `"assets" cannot be combined`},
		{`"products":["cra_base_report"],"optional_products":["income"]`, config, `"income" cannot be combined`},
		{`"products":["cra_base_report"]`, lacks, "consumer_report_permissible_purpose"},
		{`"cra_enabled":true`, lacks, "consumer_report_permissible_purpose"},
		{`"consumer_report_permissible_purpose":"CURIOSITY"`, field, "consumer_report_permissible_purpose must be one of"},
		{`"consumer_report_permissible_purpose":"EXTENSION_OF_CREDIT"`, field, "none is requested"},
		// Options of products.
		{alone("statements", ""), lacks, "statements"},
		{`"optional_products":["statements"]`, lacks, "statements"},
		{alone("statements", `,"statements":{"start_date":"2026-01-01"}`), lacks, "statements.end_date"},
		{alone("statements", `,"statements":{"start_date":"2026-01-02","end_date":"2026-01-01"}`), field, "statements.start_date must not be after"},
		{alone("statements", `,"statements":{"start_date":"2024-01-01","end_date":"2026-01-02"}`), field, "statements.end_date must be at most two years"},
		{alone("statements", `,"statements":{"start_date":"2024-13-01","end_date":"2026-01-02"}`), field, "statements.start_date must be a date"},
		{`"transactions":{"days_requested":0}`, field, "transactions.days_requested must be between 1 and 730"},
		{`"transactions":{"days_requested":731}`, field, "transactions.days_requested must be between 1 and 730"},
		{`"transactions":{"days_requested":1.5}`, field, "transactions.days_requested must be an integer"},
		{`"cashflow_report":{"days_requested":731}`, field, "cashflow_report.days_requested"},
		{`"base_report":{}`, lacks, "base_report.days_requested"},
		{`"base_report":{"days_requested":731}`, field, "base_report.days_requested"},
		{`"credit_partner_insights":{"days_requested":0}`, field, "credit_partner_insights.days_requested"},
		{`"cra_options":{}`, lacks, "cra_options.days_requested"},
		{`"cra_options":{"days_requested":732}`, field, "cra_options.days_requested must be between 1 and 731"},
		{`"cra_options":{"days_requested":731,"days_required":185}`, field, "cra_options.days_required must be between 1 and 184"},
		{`"cra_options":{"days_requested":10,"days_required":184}`, field, "cra_options.days_required must not be more"},
		{`"cra_options":{"days_requested":200,"lend_score":{"lend_score_version":"9"}}`, field, "cra_options.lend_score.lend_score_version"},
		{`"cra_options":{"days_requested":200,"partner_insights":{"prism_versions":{"cashscore":"5"}}}`, field, "prism_versions.cashscore must be one of 4.1, 4, 3_lite, 3"},
		{`"cra_options":{"days_requested":200,"partner_insights":{"fico":{}}}`, lacks, "fico.fico_lender_id, cra_options.partner_insights.fico.lender_application_id"},
		{`"cra_options":{"days_requested":200,"partner_insights":{"fico":{"fico_lender_id":"a","lender_application_id":"b","ultrafico_score_requests":[{"ultrafico_score_version":"1.0","base_fico_score":{"bureau":"X","score":1,"base_fico_score_version":"8"}}]}}}`, field, "ultrafico_score_requests[0].base_fico_score.bureau"},
		{`"cra_options":{"days_requested":200,"base_report":{"gse_options":{"report_types":["X"]}}}`, field, "gse_options.report_types[0] must be one of"},
		{alone("identity_verification", ""), lacks, "identity_verification"},
		{alone("identity_verification", `,"identity_verification":{}`), lacks, "identity_verification.template_id"},
		{alone("payment_initiation", ""), lacks, "payment_initiation"},
		{alone("payment_initiation", `,"payment_initiation":{}`), field, "payment_initiation must have either"},
		{alone("payment_initiation", `,"payment_initiation":{"payment_id":"a","consent_id":"b"}`), field, "payment_initiation must have either"},
		{`"payment_configuration":{"amount":"10"}`, field, "payment_configuration.amount must be a decimal string"},
		{`"payment_configuration":{}`, lacks, "payment_configuration.amount"},
		{alone("employment", ""), lacks, "employment"},
		{alone("employment", `,"employment":{"employment_source_types":["bank"]}`), lacks, "employment.bank_employment"},
		{`"employment":{"employment_source_types":["x"]}`, field, "employment.employment_source_types[0]"},
		{`"employment":{"bank_employment":{"days_requested":0}}`, field, "employment.bank_employment.days_requested"},
		{alone("income_verification", ""), lacks, "income_verification"},
		{alone("income_verification", `,"income_verification":{"income_source_types":["bank"]}`), lacks, "income_verification.bank_income"},
		{`"income_verification":{"bank_income":{"days_requested":732}}`, field, "income_verification.bank_income.days_requested must be between 1 and 731"},
		{`"income_verification":{"payroll_income":{"flow_types":["paper"]}}`, field, "income_verification.payroll_income.flow_types[0]"},
		{`"income_verification":{"stated_income_sources":[{"category":"X"}]}`, field, "income_verification.stated_income_sources[0].category"},
		{`"income_verification":{"stated_income_sources":[{"pay_annual":"1"}]}`, field, "income_verification.stated_income_sources[0].pay_annual must be a number"},
		{`"income_verification":{"access_tokens":["access-sandbox-x"]}`, "INVALID_ACCESS_TOKEN", "invalid format"},
		{`"auth":{"reroute_to_credentials":"NEVER"}`, field, "auth.reroute_to_credentials must be one of OFF, OPTIONAL, FORCED"},
		{`"auth":{"flow_type":"X"}`, field, "auth.flow_type must be one of FLEXIBLE_AUTH"},
		{`"auth":{"instant_match_enabled":"yes"}`, field, "auth.instant_match_enabled must be a boolean"},
		{`"auth":{"same_day_microdeposits_enabled":true}`, config, `products to be exactly ["auth"]`},
		{alone("auth", `,"country_codes":["US","CA"],"auth":{"same_day_microdeposits_enabled":true}`), config, `country_codes to be exactly ["US"]`},
		{`"investments":{"allow_manual_entry":1}`, field, "investments.allow_manual_entry must be a boolean"},
		{`"investments_auth":{"manual_entry_enabled":1}`, field, "investments_auth.manual_entry_enabled must be a boolean"},
		{`"transfer":{"intent_id":""}`, field, "transfer.intent_id must be a non-empty"},
		{`"identity":{"parsing_configs":["x"]}`, field, "identity.parsing_configs[0] must be one of ocr, risk_signals"},
		{`"identity":{"account_ids":[""]}`, field, "identity.account_ids[0] must be a non-empty string"},
		// Account filters.
		{`"account_filters":{}`, field, "account_filters must name at least one"},
		{`"account_filters":{"depository":{}}`, lacks, "account_filters.depository.account_subtypes"},
		{`"account_filters":{"depository":{"account_subtypes":[]}}`, field, "account_filters.depository.account_subtypes must be a non-empty array"},
		{`"account_filters":{"credit":{"account_subtypes":["paypal","checking"]}}`, field, "account_filters.credit.account_subtypes[1] must be a subtype of credit"},
		{`"account_filters":{"depository":{"account_subtypes":["limited purpose checking"]}}`, lacks, "account_filters.depository.limited_purpose_types"},
		{`"account_filters":{"depository":{"account_subtypes":["checking"],"limited_purpose_types":["RENT_MORTGAGE"]}}`, field, "limited_purpose_types is for"},
		{`"account_filters":{"depository":{"account_subtypes":["limited purpose checking"],"limited_purpose_types":["X"]}}`, field, "limited_purpose_types[0] must be one of RENT_MORTGAGE"},
		{`"account_filters":{"credit":{"account_subtypes":["all"],"limited_purpose_types":[]}}`, "UNKNOWN_FIELDS", "account_filters.credit.limited_purpose_types"},
		{`"account_filters":{"brokerage":{"account_subtypes":["all"]}}`, "UNKNOWN_FIELDS", "account_filters.brokerage"},
		// Where the user comes back to.
		{`"redirect_uri":""`, field, "redirect_uri must be an https"},
		{`"redirect_uri":"app://return"`, field, "redirect_uri"},
		{`"redirect_uri":"https://a.example/?x=1"`, field, "redirect_uri"},
		{`"redirect_uri":"https://a.example/?"`, field, "redirect_uri"},
		{`"redirect_uri":"https://a.example/#"`, field, "redirect_uri"},
		{`"redirect_uri":"https://u:p@a.example/"`, field, "redirect_uri"},
		{`"redirect_uri":"https:///path"`, field, "redirect_uri"},
		{`"redirect_uri":"https://:443/path"`, field, "redirect_uri"},
		{`"redirect_uri":"https://a.example/","android_package_name":"a.b"`, config, "exclude each other"},
		{`"android_package_name":"not a package"`, field, "android_package_name must be an Android package name"},
		{`"user":{"client_user_id":"u","phone_number":"+14155550123"},"hosted_link":{"delivery_method":"sms"}`, field, "hosted_link.delivery_method cannot be used"},
		{`"hosted_link":{"url_lifetime_seconds":0}`, field, "hosted_link.url_lifetime_seconds must be between 1 and 1814400"},
		{`"hosted_link":{"url_lifetime_seconds":1814401}`, field, "hosted_link.url_lifetime_seconds must be between"},
		{`"hosted_link":{"delivery_method":"fax"}`, field, "hosted_link.delivery_method must be one of sms, email"},
		{`"hosted_link":{"delivery_method":"sms"}`, config, "needs user.phone_number"},
		{`"hosted_link":{"delivery_method":"email"}`, config, "needs user.email_address"},
		{`"hosted_link":{"completion_redirect_uri":"javascript:alert(1)"}`, field, "hosted_link.completion_redirect_uri"},
		{`"hosted_link":{"completion_redirect_uri":"nowhere"}`, field, "hosted_link.completion_redirect_uri"},
		// Update mode.
		{`"products":null,"access_token":""`, field, "access_token must be a non-empty string"},
		{`"products":null,"access_token":"nonsense"`, "INVALID_ACCESS_TOKEN", "invalid format"},
		{`"products":null,"access_tokens":[]`, field, "access_tokens must be a non-empty array"},
		{`"products":null,"access_tokens":["nonsense"]`, "INVALID_ACCESS_TOKEN", "invalid format"},
		{update(`"access_tokens":["` + access + `"]`), config, "exclude each other"},
		{update(`"products":["transactions"]`), config, `products: "transactions" cannot be requested in update mode`},
		{update(`"optional_products":["auth"]`), config, "are for new Items"},
		{update(`"institution_id":"ins_1"`), config, "institution_id is for new Items"},
		{update(`"account_filters":{"credit":{"account_subtypes":["all"]}}`), config, "account_filters in update mode needs update.account_selection_enabled"},
		{update(`"products":["assets"],"update":{"account_selection_enabled":true}`), config, "not supported for the assets product"},
		{update(`"user_id":"` + s.usr + `","update":{"user":true}`), config, "update.user and access_token exclude each other"},
		{`"update":{"account_selection_enabled":true}`, config, "update.account_selection_enabled is for update mode"},
		{`"products":null,"update":{"user":true}`, config, "update.user needs user_id or user_token"},
		{`"update":{"item_ids":["x"]}`, config, "update.item_ids needs update.user"},
		{`"products":null,"user_id":"` + s.usr + `","update":{"user":true,"item_ids":["x"]}`, "ITEM_NOT_FOUND", "cannot be found"},
		{`"products":null,"user_id":"` + s.other + `","update":{"user":true,"item_ids":["` + itemID + `"]}`, "ITEM_NOT_FOUND", "cannot be found"},
	}
	for _, row := range rows {
		status := http.StatusBadRequest
		if row.code == who {
			status = http.StatusForbidden
		}
		s.fails(s.sandbox(), "/link/token/create", with(row.members), status, row.code, row.part)
	}
}

// accepted are changes of a valid request that come close to a rule and keep it.
func (s *server) accepted() []string {
	access, itemID := s.link(s.tenant(plaid.Sandbox), s.usr)
	other, _ := s.link(s.tenant(plaid.Sandbox), s.usr)
	return []string{
		`"client_name":"An application with a name of more than thirty characters"`,
		`"webhook":"https://a.example/hook"`,
		`"user":null,"user_id":"` + s.usr + `","enable_multi_item_link":true`,
		`"user":null,"user_token":"` + s.token + `"`,
		`"user":null,"user_id":"` + s.token + `"`,
		`"user":{"client_user_id":"u","phone_number":"+1 415 5550123","email_address":"a.b+c@mail.example","date_of_birth":"2026-11-20","address":{"country":"DE"},"name":{"given_name":"Ä","family_name":"Ö"}}`,
		`"user":{"client_user_id":"u","phone_number":"+442079460958","address":{"country":"GB","street":"1 High St","city":"X","postal_code":"SW1A 1AA"},"id_number":{"value":"123456789","type":"us_ssn"},"ssn":"123"}`,
		`"products":["auth","signal"]`,
		`"products":["auth"],"optional_products":["signal"],"required_if_supported_products":["identity"],"additional_consented_products":["transactions"]`,
		`"products":["auth"],"auth":{"same_day_microdeposits_enabled":true,"reroute_to_credentials":"OPTIONAL"},"optional_products":["identity"]`,
		`"products":["statements"],"statements":{"start_date":"2024-02-29","end_date":"2026-03-01"}`,
		`"additional_consented_products":["statements"]`,
		`"products":["cra_base_report"],"consumer_report_permissible_purpose":"EXTENSION_OF_CREDIT","cra_options":{"days_requested":10,"days_required":180,"lend_score":{"lend_score_version":"LS1"}}`,
		`"products":["income_verification"],"income_verification":{"income_source_types":["bank"],"bank_income":{"days_requested":731},"access_tokens":["` + access + `"],"stated_income_sources":[{"pay_annual":1000.50}]}`,
		`"products":["identity_verification"],"identity_verification":{"template_id":"idvtmp_1"}`,
		`"products":["payment_initiation"],"payment_initiation":{"payment_id":"p"}`,
		`"products":null,"transfer":{"authorization_id":"a"}`,
		`"account_filters":{"depository":{"account_subtypes":["limited purpose checking"],"limited_purpose_types":["RENT_MORTGAGE"]},"other":{"account_subtypes":["all"]}}`,
		`"redirect_uri":"http://localhost:3000/return"`,
		`"android_package_name":"com.example.app"`,
		`"android_package_name":"","redirect_uri":"https://a.example/return"`,
		`"institution_id":"ins_1","link_customization_name":"default","appearance_mode":"DARK"`,
		`"transactions":{"days_requested":730},"investments":{"allow_manual_entry":true},"investments_auth":{"manual_entry_enabled":null}`,
		`"eu_config":{"headless":true},"card_switch":{"card_bin":"424242"},"institution_data":{"routing_number":"011401533"},"financekit_supported":true`,
		`"products":null,"access_token":"` + access + `"`,
		`"products":[],"access_token":"` + access + `","additional_consented_products":["transactions"],"webhook":"https://a.example"`,
		`"products":["assets"],"access_tokens":["` + access + `","` + other + `"]`,
		`"products":["auth"],"access_token":"` + access + `","update":{"account_selection_enabled":true},"account_filters":{"credit":{"account_subtypes":["all"]}}`,
		`"products":null,"user_id":"` + s.usr + `","update":{"user":true,"item_ids":["` + itemID + `"]}`,
		`"products":null,"user_id":"` + s.usr + `","update":{"user":true}`,
		`"update":{"account_selection_enabled":false}`,
	}
}

func TestAccepted(t *testing.T) {
	s := sqlite(t)
	for _, members := range s.accepted() {
		token := s.create(s.sandbox(), members)
		s.ok(s.sandbox(), "/link/token/get", ofToken(token))
	}
}

// Whatever stands at any place of a request, the answer is a token or an error that blames the request.
func TestNoValueBreaksTheServer(t *testing.T) {
	s := sqlite(t)
	odd := []any{nil, "", "x", 0, -1, 1e30, true, []any{}, []any{nil}, []any{""}, []any{map[string]any{}}, map[string]any{}}
	requests := 0
	for _, members := range s.accepted() {
		request := decode(t, []byte(with(members)))
		everywhere(request, func(set func(any), old any) {
			for _, value := range odd {
				set(value)
				body, err := json.Marshal(request)
				if err != nil {
					t.Fatal(err)
				}
				if status, answer := s.call(s.sandbox(), "/link/token/create", string(body)); status >= 500 {
					t.Errorf("%s\n%s", body, answer)
				}
				requests++
			}
			set(old)
		})
	}
	if requests < 2000 {
		t.Errorf("only %d requests were tried", requests)
	}
}

// everywhere visits each value inside an object with a function that replaces it.
func everywhere(v any, visit func(set func(any), old any)) {
	switch v := v.(type) {
	case map[string]any:
		for name, old := range v {
			visit(func(value any) { v[name] = value }, old)
			everywhere(old, visit)
		}
	case []any:
		for i, old := range v {
			visit(func(value any) { v[i] = value }, old)
			everywhere(old, visit)
		}
	}
}

func TestRedirectNeedsHTTPSOutsideTheSandbox(t *testing.T) {
	s := sqlite(t)
	live := caller{id: s.id, secret: s.secrets[plaid.Production]}
	s.fails(live, "/link/token/create", with(`"redirect_uri":"http://a.example/"`), http.StatusBadRequest, field, "redirect_uri must be an https URI")
	asked := with(`"redirect_uri":"https://a.example/"`)
	s.fails(live, "/link/token/create", asked, http.StatusBadRequest, field, "redirect_uri must be one of the client's redirect_uris")
	err := s.items.DB.Write(t.Context(), func(tx *store.Tx) error {
		return settings.Write(t.Context(), tx, s.tenant(plaid.Production), settings.Settings{RedirectURIs: []string{"https://a.example/"}})
	})
	if err != nil {
		t.Fatal(err)
	}
	s.ok(live, "/link/token/create", asked)
}

// Who may not call learns nothing of the rules.
func TestCredentialsComeFirst(t *testing.T) {
	s := sqlite(t)
	s.fails(caller{id: s.id, secret: "wrong"}, "/link/token/create", with(`"language":"xx"`), http.StatusBadRequest, "INVALID_API_KEYS", "invalid client_id or secret")
}

// Every field that carries a token or an identity document is withheld from the store.
func TestSecretsAreMarked(t *testing.T) {
	sensitive := regexp.MustCompile(`token|ssn|^id_number$`)
	marked := 0
	var walk func(list []rules.Rule, path string)
	walk = func(list []rules.Rule, path string) {
		for _, r := range list {
			if sensitive.MatchString(r.Name) != r.Secret {
				t.Errorf("field %s: secret is %v", rules.Join(path, r.Name), r.Secret)
			}
			if r.Secret {
				marked++
				continue
			}
			walk(r.Fields, rules.Join(path, r.Name))
		}
	}
	walk(requestRules, "")
	if marked != 8 {
		t.Errorf("%d fields are marked as secret, want 8", marked)
	}
}

func TestAMistakenRuleIsFoundAtStart(t *testing.T) {
	for _, tag := range []string{"unknown", "in=nothing", "format=nothing", "max=x"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("the rule %q passed", tag)
				}
			}()
			rules.Compile(reflect.StructOf([]reflect.StructField{{Name: "A", Type: reflect.TypeFor[string](), Tag: reflect.StructTag(fmt.Sprintf("json:\"a\" rule:%q", tag))}}))
		}()
	}
}

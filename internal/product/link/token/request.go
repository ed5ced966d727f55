package token

import "weft/internal/plaid"

// Request is a request for a link token, and what is stored of it: a field without value was not given, and fields that the
// tag rule marks as secret are empty in the stored form (see [Token.Withheld]). What only Link's panes read is kept as given.
type Request struct {
	ClientName   string   `json:"client_name" weft:"required" rule:"nonempty"`
	Language     string   `json:"language" weft:"required" rule:"in=languages"`
	CountryCodes []string `json:"country_codes" weft:"required"`
	User         *User    `json:"user,omitempty"`
	UserID       *string  `json:"user_id,omitempty"`
	UserToken    *string  `json:"user_token,omitempty" rule:"secret"`

	// Products must all be there; RequiredIfSupported are fetched where the institution has them, Optional where it works
	// out, and for AdditionalConsented the user only consents. No product is in two of them.
	Products            []string `json:"products,omitempty"`
	RequiredIfSupported []string `json:"required_if_supported_products,omitempty"`
	Optional            []string `json:"optional_products,omitempty"`
	AdditionalConsented []string `json:"additional_consented_products,omitempty"`

	// Webhook is for new Items; in update mode it has no effect.
	Webhook               *string          `json:"webhook,omitempty"`
	AccessToken           *string          `json:"access_token,omitempty" rule:"nonempty,secret"`
	AccessTokens          []string         `json:"access_tokens,omitempty" rule:"nonempty,secret"`
	LinkCustomizationName *string          `json:"link_customization_name,omitempty"`
	AppearanceMode        *string          `json:"appearance_mode,omitempty" rule:"enum=LIGHT|DARK|SYSTEM"`
	RedirectURI           *string          `json:"redirect_uri,omitempty"`
	AndroidPackageName    *string          `json:"android_package_name,omitempty" rule:"max=255,format=package"`
	InstitutionData       *InstitutionData `json:"institution_data,omitempty"`
	CardSwitch            *CardSwitch      `json:"card_switch,omitempty"`
	AccountFilters        *AccountFilters  `json:"account_filters,omitempty"`
	EUConfig              *EUConfig        `json:"eu_config,omitempty"`
	InstitutionID         *string          `json:"institution_id,omitempty"`

	PaymentConfiguration  *PaymentConfiguration `json:"payment_configuration,omitempty"`
	PaymentInitiation     *PaymentInitiation    `json:"payment_initiation,omitempty"`
	Employment            *Employment           `json:"employment,omitempty"`
	IncomeVerification    *IncomeVerification   `json:"income_verification,omitempty"`
	BaseReport            *BaseReport           `json:"base_report,omitempty"`
	CreditPartnerInsights *History              `json:"credit_partner_insights,omitempty"`
	CRAOptions            *CRAOptions           `json:"cra_options,omitempty"`
	PermissiblePurpose    *string               `json:"consumer_report_permissible_purpose,omitempty" rule:"in=purposes"`
	Auth                  *Auth                 `json:"auth,omitempty"`
	Transfer              *Transfer             `json:"transfer,omitempty"`
	Update                *Update               `json:"update,omitempty"`
	IdentityVerification  *IdentityVerification `json:"identity_verification,omitempty"`
	Statements            *Statements           `json:"statements,omitempty"`
	ThirdPartyUserToken   *string               `json:"third_party_user_token,omitempty" rule:"nonempty,secret"`
	Investments           *Investments          `json:"investments,omitempty"`
	InvestmentsAuth       *InvestmentsAuth      `json:"investments_auth,omitempty"`
	HostedLink            *HostedLink           `json:"hosted_link,omitempty"`
	Transactions          *History              `json:"transactions,omitempty"`
	CashflowReport        *History              `json:"cashflow_report,omitempty"`
	CRAEnabled            *bool                 `json:"cra_enabled,omitempty"`
	Identity              *Identity             `json:"identity,omitempty"`
	FinanceKitSupported   *bool                 `json:"financekit_supported,omitempty"`
	EnableMultiItemLink   *bool                 `json:"enable_multi_item_link,omitempty"`
}

// User is the person who will link, as far as the client knows them; Link fills its forms with it.
type User struct {
	ClientUserID             *string   `json:"client_user_id,omitempty" rule:"required,nonempty"`
	LegalName                *string   `json:"legal_name,omitempty"`
	Name                     *UserName `json:"name,omitempty"`
	PhoneNumber              *string   `json:"phone_number,omitempty" rule:"format=phone"`
	PhoneNumberVerifiedTime  *string   `json:"phone_number_verified_time,omitempty" rule:"format=datetime"`
	EmailAddress             *string   `json:"email_address,omitempty" rule:"format=email"`
	EmailAddressVerifiedTime *string   `json:"email_address_verified_time,omitempty" rule:"format=datetime"`
	SSN                      *string   `json:"ssn,omitempty" rule:"secret"`
	DateOfBirth              *string   `json:"date_of_birth,omitempty" rule:"format=date"`
	Address                  *Address  `json:"address,omitempty"`
	IDNumber                 *IDNumber `json:"id_number,omitempty" rule:"secret"`
}

// UserName is a person's name.
type UserName struct {
	GivenName  *string `json:"given_name,omitempty" rule:"required,nonempty,max=100"`
	FamilyName *string `json:"family_name,omitempty" rule:"required,nonempty,max=100"`
}

// Address is a person's home: a country alone, or a whole address.
type Address struct {
	Street     *string `json:"street,omitempty" rule:"max=80,format=letters"`
	Street2    *string `json:"street2,omitempty" rule:"nonempty,max=50"`
	City       *string `json:"city,omitempty" rule:"max=100,format=letters"`
	Region     *string `json:"region,omitempty" rule:"format=region"`
	PostalCode *string `json:"postal_code,omitempty" rule:"format=postal"`
	Country    *string `json:"country,omitempty" rule:"required,format=country"`
}

// IDNumber is the number of an identity document.
type IDNumber struct {
	Value *string `json:"value,omitempty" rule:"required,max=64,format=id"`
	Type  *string `json:"type,omitempty" rule:"required,in=id_types"`
}

// InstitutionData says which institution Link should put first.
type InstitutionData struct {
	RoutingNumber *string `json:"routing_number,omitempty" rule:"format=routing"`
}

// CardSwitch names the card to be switched.
type CardSwitch struct {
	CardBIN *string `json:"card_bin,omitempty" rule:"required,format=bin"`
}

// AccountFilters are the accounts that may be linked: a type that is not named is left out.
type AccountFilters struct {
	Depository *AccountFilter `json:"depository,omitempty"`
	Credit     *AccountFilter `json:"credit,omitempty"`
	Loan       *AccountFilter `json:"loan,omitempty"`
	Investment *AccountFilter `json:"investment,omitempty"`
	// Brokerage is what versions until 2018-05-22 call Investment. It is moved there and never stored.
	Brokerage *AccountFilter `json:"brokerage,omitempty"`
	Other     *AccountFilter `json:"other,omitempty"`
}

// AccountFilter is the subtypes of one account type that may be linked; "all" is every subtype.
type AccountFilter struct {
	AccountSubtypes     []string `json:"account_subtypes,omitempty" rule:"required,nonempty"`
	LimitedPurposeTypes []string `json:"limited_purpose_types,omitempty" rule:"enum=RENT_MORTGAGE"`
}

// EUConfig is deprecated: Headless opens Link without its first pane.
type EUConfig struct {
	Headless *bool `json:"headless,omitempty"`
}

// PaymentConfiguration is a payment to be made with pay_by_bank.
type PaymentConfiguration struct {
	Amount      *string `json:"amount,omitempty" rule:"required,format=amount"`
	Description *string `json:"description,omitempty" rule:"max=256"`
}

// PaymentInitiation is the payment or the consent that the user is to authorize: one of the two.
type PaymentInitiation struct {
	PaymentID *string `json:"payment_id,omitempty" rule:"nonempty"`
	ConsentID *string `json:"consent_id,omitempty" rule:"nonempty"`
}

// Employment are options of the product employment.
type Employment struct {
	SourceTypes    []string `json:"employment_source_types,omitempty" rule:"enum=bank|payroll"`
	BankEmployment *struct {
		DaysRequested *int64 `json:"days_requested,omitempty" rule:"required,min=1,max=731"`
	} `json:"bank_employment,omitempty"`
}

// IncomeVerification are options of the product income_verification.
type IncomeVerification struct {
	IncomeVerificationID *string        `json:"income_verification_id,omitempty"`
	AssetReportID        *string        `json:"asset_report_id,omitempty" rule:"nonempty"`
	AccessTokens         []string       `json:"access_tokens,omitempty" rule:"nonempty,secret"`
	SourceTypes          []string       `json:"income_source_types,omitempty" rule:"enum=bank|payroll"`
	BankIncome           *BankIncome    `json:"bank_income,omitempty"`
	PayrollIncome        *PayrollIncome `json:"payroll_income,omitempty"`
	StatedIncomeSources  []StatedIncome `json:"stated_income_sources,omitempty"`
}

// BankIncome are options of income from bank transactions.
type BankIncome struct {
	DaysRequested       *int64 `json:"days_requested,omitempty" rule:"required,min=1,max=731"`
	EnableMultipleItems *bool  `json:"enable_multiple_items,omitempty"`
}

// PayrollIncome are options of income from payroll providers and documents.
type PayrollIncome struct {
	FlowTypes      []string `json:"flow_types,omitempty" rule:"enum=payroll_digital_income|payroll_document_income"`
	IsUpdateMode   *bool    `json:"is_update_mode,omitempty"`
	ItemIDToUpdate *string  `json:"item_id_to_update,omitempty"`
	ParsingConfig  []string `json:"parsing_config,omitempty" rule:"enum=ocr|risk_signals"`
}

// StatedIncome is a source of income as the user stated it.
type StatedIncome struct {
	Employer     *string        `json:"employer,omitempty"`
	Category     *string        `json:"category,omitempty" rule:"in=income_categories"`
	PayPerCycle  *plaid.Decimal `json:"pay_per_cycle,omitempty"`
	PayAnnual    *plaid.Decimal `json:"pay_annual,omitempty"`
	PayType      *string        `json:"pay_type,omitempty" rule:"enum=UNKNOWN|GROSS|NET"`
	PayFrequency *string        `json:"pay_frequency,omitempty" rule:"enum=UNKNOWN|WEEKLY|BIWEEKLY|SEMI_MONTHLY|MONTHLY"`
}

// BaseReport are options of the deprecated base report.
type BaseReport struct {
	DaysRequested  *int64  `json:"days_requested,omitempty" rule:"required,min=1,max=730"`
	ClientReportID *string `json:"client_report_id,omitempty"`
}

// History is how many days of transactions a product asks for.
type History struct {
	DaysRequested *int64 `json:"days_requested,omitempty" rule:"min=1,max=730"`
}

// CRAOptions are options of the consumer report products.
type CRAOptions struct {
	DaysRequested   *int64              `json:"days_requested,omitempty" rule:"required,min=1,max=731"`
	DaysRequired    *int64              `json:"days_required,omitempty" rule:"min=1,max=184"`
	ClientReportID  *string             `json:"client_report_id,omitempty"`
	PartnerInsights *CRAPartnerInsights `json:"partner_insights,omitempty"`
	BaseReport      *CRABaseReport      `json:"base_report,omitempty"`
	Cashflow        *struct {
		Version *string `json:"attributes_version,omitempty" rule:"enum=v1.0|v2.0|CFI1"`
	} `json:"cashflow_insights,omitempty"`
	LendScore *struct {
		Version *string `json:"lend_score_version,omitempty" rule:"enum=v1.0|v2.0|LS1"`
	} `json:"lend_score,omitempty"`
	Network *struct {
		Version *string `json:"network_insights_version,omitempty" rule:"enum=NI1"`
	} `json:"network_insights,omitempty"`
	IncludeInvestments *bool              `json:"include_investments,omitempty"`
	IncomeInsights     *CRAIncomeInsights `json:"income_insights,omitempty"`
}

// CRAPartnerInsights are the versions of the partners' scores.
type CRAPartnerInsights struct {
	PrismVersions *struct {
		FirstDetect *string `json:"firstdetect,omitempty" rule:"enum=3"`
		Detect      *string `json:"detect,omitempty" rule:"enum=4.1|4"`
		CashScore   *string `json:"cashscore,omitempty" rule:"enum=4.1|4|3_lite|3"`
		Extend      *string `json:"extend,omitempty" rule:"enum=4.1|4"`
		Insights    *string `json:"insights,omitempty" rule:"enum=4.1|4|3"`
	} `json:"prism_versions,omitempty"`
	FICO *struct {
		LenderID      *string            `json:"fico_lender_id,omitempty" rule:"required,nonempty"`
		ApplicationID *string            `json:"lender_application_id,omitempty" rule:"required,nonempty"`
		ScoreRequests []UltraFICORequest `json:"ultrafico_score_requests,omitempty" rule:"required,nonempty"`
	} `json:"fico,omitempty"`
}

// UltraFICORequest asks for one score that builds on another.
type UltraFICORequest struct {
	Version          *string `json:"ultrafico_score_version,omitempty" rule:"required,enum=1.0"`
	ScoringRequestID *string `json:"fico_scoring_request_id,omitempty"`
	CorrelationID    *string `json:"request_correlation_id,omitempty"`
	BaseScore        *struct {
		Bureau      *string  `json:"bureau,omitempty" rule:"required,enum=EQUIFAX|EXPERIAN|TRANSUNION"`
		Score       *int64   `json:"score,omitempty" rule:"required,min=0,max=999"`
		ReasonCodes []string `json:"reason_codes,omitempty" rule:"max=4"`
		ReasonCode1 *string  `json:"reason_code_1,omitempty"`
		ReasonCode2 *string  `json:"reason_code_2,omitempty"`
		ReasonCode3 *string  `json:"reason_code_3,omitempty"`
		ReasonCode4 *string  `json:"reason_code_4,omitempty"`
		Inquiries   *bool    `json:"did_inquiries_adversely_affect_score,omitempty"`
		Version     *string  `json:"base_fico_score_version,omitempty" rule:"required,enum=8|9|10|10T"`
	} `json:"base_fico_score,omitempty" rule:"required"`
}

// CRABaseReport are options of the base report.
type CRABaseReport struct {
	ClientReportID *string `json:"client_report_id,omitempty"`
	GSEOptions     *struct {
		ReportTypes []string `json:"report_types,omitempty" rule:"required,nonempty,enum=VOA|EMPLOYMENT_REFRESH"`
	} `json:"gse_options,omitempty"`
	RequireIdentity *bool `json:"require_identity,omitempty"`
	HomeLending     *struct {
		Reports           []string `json:"reports_requested,omitempty" rule:"required,nonempty,enum=VOA|EMPLOYMENT_REFRESH|INCOME"`
		EmploymentRefresh *struct {
			DaysRequested *int64 `json:"days_requested,omitempty" rule:"required,min=1,max=731"`
		} `json:"employment_refresh_options,omitempty"`
	} `json:"home_lending_report_options,omitempty"`
}

// CRAIncomeInsights are options of the income insights.
type CRAIncomeInsights struct {
	Filter *struct {
		Included []string `json:"included_categories,omitempty" rule:"required,nonempty"`
		Excluded []string `json:"excluded_categories,omitempty"`
	} `json:"income_insights_filter,omitempty"`
	Version *string `json:"income_insights_version,omitempty" rule:"required,enum=II2"`
}

// Auth are the ways in which account numbers may be verified; what is not given has its default.
type Auth struct {
	AuthTypeSelectEnabled         *bool   `json:"auth_type_select_enabled,omitempty"`
	AutomatedMicrodepositsEnabled *bool   `json:"automated_microdeposits_enabled,omitempty"`
	InstantMatchEnabled           *bool   `json:"instant_match_enabled,omitempty"`
	SameDayMicrodepositsEnabled   *bool   `json:"same_day_microdeposits_enabled,omitempty"`
	InstantMicrodepositsEnabled   *bool   `json:"instant_microdeposits_enabled,omitempty"`
	RerouteToCredentials          *string `json:"reroute_to_credentials,omitempty" rule:"enum=OFF|OPTIONAL|FORCED"`
	DatabaseMatchEnabled          *bool   `json:"database_match_enabled,omitempty"`
	DatabaseInsightsEnabled       *bool   `json:"database_insights_enabled,omitempty"`
	FlowType                      *string `json:"flow_type,omitempty" rule:"enum=FLEXIBLE_AUTH"`
	SMSMicrodepositsEnabled       *bool   `json:"sms_microdeposits_verification_enabled,omitempty"`
}

// Transfer names the transfer that Link is opened for.
type Transfer struct {
	IntentID            *string `json:"intent_id,omitempty" rule:"nonempty"`
	AuthorizationID     *string `json:"authorization_id,omitempty" rule:"nonempty"`
	PaymentProfileToken *string `json:"payment_profile_token,omitempty" rule:"nonempty,secret"`
}

// Update are options of update mode. User opens it for the Items of a user, or for those named in ItemIDs.
type Update struct {
	AccountSelectionEnabled *bool    `json:"account_selection_enabled,omitempty"`
	ReauthorizationEnabled  *bool    `json:"reauthorization_enabled,omitempty"`
	User                    *bool    `json:"user,omitempty"`
	ItemIDs                 []string `json:"item_ids,omitempty"`
}

// IdentityVerification are options of the product identity_verification.
type IdentityVerification struct {
	TemplateID  *string `json:"template_id,omitempty" rule:"required,nonempty"`
	Consent     *bool   `json:"consent,omitempty"`
	GaveConsent *bool   `json:"gave_consent,omitempty"`
}

// Statements is the range of statements that is asked for, at most two years.
type Statements struct {
	StartDate *plaid.Date `json:"start_date,omitempty" rule:"required"`
	EndDate   *plaid.Date `json:"end_date,omitempty" rule:"required"`
}

// Investments are options of the product investments.
type Investments struct {
	AllowUnverifiedCryptoWallets *bool `json:"allow_unverified_crypto_wallets,omitempty"`
	AllowManualEntry             *bool `json:"allow_manual_entry,omitempty"`
}

// InvestmentsAuth are the fallbacks of the product investments_auth.
type InvestmentsAuth struct {
	ManualEntryEnabled         *bool `json:"manual_entry_enabled,omitempty"`
	MaskedNumberMatchEnabled   *bool `json:"masked_number_match_enabled,omitempty"`
	StatedAccountNumberEnabled *bool `json:"stated_account_number_enabled,omitempty"`
	Rollover401kEnabled        *bool `json:"rollover_401k_enabled,omitempty"`
}

// HostedLink asks for a page of the server's own that opens Link.
type HostedLink struct {
	DeliveryMethod        *string `json:"delivery_method,omitempty" rule:"enum=sms|email"`
	CompletionRedirectURI *string `json:"completion_redirect_uri,omitempty" rule:"format=target"`
	// URLLifetimeSeconds is at most 21 days.
	URLLifetimeSeconds *int64 `json:"url_lifetime_seconds,omitempty" rule:"min=1,max=1814400"`
	IsMobileApp        *bool  `json:"is_mobile_app,omitempty"`
}

// Identity are options of document upload for the product identity.
type Identity struct {
	IsDocumentUpload *bool    `json:"is_document_upload,omitempty"`
	AccountIDs       []string `json:"account_ids,omitempty"`
	ParsingConfigs   []string `json:"parsing_configs,omitempty" rule:"enum=ocr|risk_signals"`
}

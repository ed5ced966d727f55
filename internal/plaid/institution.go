package plaid

// Institution as the institutions endpoints answer it. The optional metadata is absent (nil, left out) unless asked for.
type Institution struct {
	InstitutionID             string                     `json:"institution_id"`
	Name                      string                     `json:"name"`
	Products                  []string                   `json:"products"`
	CountryCodes              []string                   `json:"country_codes"`
	URL                       *string                    `json:"url,omitempty"`
	PrimaryColor              *string                    `json:"primary_color,omitempty"`
	Logo                      *string                    `json:"logo,omitempty"`
	RoutingNumbers            []string                   `json:"routing_numbers"`
	DTCNumbers                []string                   `json:"dtc_numbers"`
	OAuth                     bool                       `json:"oauth"`
	Status                    *InstitutionStatus         `json:"status,omitempty"`
	PaymentInitiationMetadata *PaymentInitiationMetadata `json:"payment_initiation_metadata,omitempty"`
	AuthMetadata              *AuthMetadata              `json:"auth_metadata,omitempty"`
}

// InstitutionStatus is the health of an institution's connections, for each product that it supports.
type InstitutionStatus struct {
	ItemLogins          *ProductStatus   `json:"item_logins"`
	TransactionsUpdates *ProductStatus   `json:"transactions_updates"`
	Auth                *ProductStatus   `json:"auth"`
	Identity            *ProductStatus   `json:"identity"`
	InvestmentsUpdates  *ProductStatus   `json:"investments_updates"`
	LiabilitiesUpdates  *ProductStatus   `json:"liabilities_updates"`
	Liabilities         *ProductStatus   `json:"liabilities"`
	Investments         *ProductStatus   `json:"investments"`
	HealthIncidents     []HealthIncident `json:"health_incidents"`
}

// ProductStatus is HEALTHY, DEGRADED or DOWN since LastStatusChange, with the shares of the outcomes behind it.
type ProductStatus struct {
	Status           string                 `json:"status"`
	LastStatusChange string                 `json:"last_status_change"`
	Breakdown        ProductStatusBreakdown `json:"breakdown"`
}

// ProductStatusBreakdown gives shares between 0 and 1 that add up to 1; RefreshInterval is NORMAL, DELAYED or STOPPED and
// present only for update statuses.
type ProductStatusBreakdown struct {
	Success          Decimal `json:"success"`
	ErrorPlaid       Decimal `json:"error_plaid"`
	ErrorInstitution Decimal `json:"error_institution"`
	RefreshInterval  string  `json:"refresh_interval,omitempty"`
}

// HealthIncident is a published disturbance of an institution.
type HealthIncident struct {
	StartDate       string           `json:"start_date"`
	EndDate         *string          `json:"end_date"`
	Title           string           `json:"title"`
	IncidentUpdates []IncidentUpdate `json:"incident_updates"`
}

// IncidentUpdate is one note on an incident; Status is INVESTIGATING, IDENTIFIED, SCHEDULED, RESOLVED or UNKNOWN.
type IncidentUpdate struct {
	Description string `json:"description"`
	Status      string `json:"status"`
	UpdatedDate string `json:"updated_date"`
}

// PaymentInitiationMetadata tells what payments an institution can make.
type PaymentInitiationMetadata struct {
	SupportsInternationalPayments bool                   `json:"supports_international_payments"`
	SupportsSEPAInstant           bool                   `json:"supports_sepa_instant"`
	MaximumPaymentAmount          map[string]string      `json:"maximum_payment_amount"`
	SupportsRefundDetails         bool                   `json:"supports_refund_details"`
	StandingOrderMetadata         *StandingOrderMetadata `json:"standing_order_metadata"`
	SupportsPaymentConsents       bool                   `json:"supports_payment_consents"`
}

// StandingOrderMetadata tells what standing orders an institution can take.
type StandingOrderMetadata struct {
	SupportsStandingOrderEndDate               bool     `json:"supports_standing_order_end_date"`
	SupportsStandingOrderNegativeExecutionDays bool     `json:"supports_standing_order_negative_execution_days"`
	ValidStandingOrderIntervals                []string `json:"valid_standing_order_intervals"`
}

// AuthMetadata tells how account numbers can be verified at an institution.
type AuthMetadata struct {
	SupportedMethods *AuthSupportedMethods `json:"supported_methods"`
}

// AuthSupportedMethods are the ways of verification an institution supports.
type AuthSupportedMethods struct {
	InstantAuth            bool `json:"instant_auth"`
	InstantMatch           bool `json:"instant_match"`
	AutomatedMicroDeposits bool `json:"automated_micro_deposits"`
	InstantMicroDeposits   bool `json:"instant_micro_deposits"`
}

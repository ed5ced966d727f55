package plaid

// Item as most endpoints answer it. AvailableProducts and BilledProducts have no product in common.
type Item struct {
	ItemID                string     `json:"item_id"`
	InstitutionID         *string    `json:"institution_id"`
	InstitutionName       *string    `json:"institution_name"`
	Webhook               *string    `json:"webhook"`
	AuthMethod            *string    `json:"auth_method"`
	Error                 *ItemError `json:"error"`
	AvailableProducts     []string   `json:"available_products"`
	BilledProducts        []string   `json:"billed_products"`
	Products              []string   `json:"products"`
	ConsentedProducts     []string   `json:"consented_products,omitempty"`
	ConsentExpirationTime *string    `json:"consent_expiration_time"`
	UpdateType            string     `json:"update_type"`
}

// ItemWithConsent is the Item as /item/get answers it.
type ItemWithConsent struct {
	Item
	CreatedAt           string   `json:"created_at"`
	ConsentedUseCases   []string `json:"consented_use_cases"`
	ConsentedDataScopes []string `json:"consented_data_scopes"`
}

// ItemError is an error inside an answer or a webhook, such as the one in which an Item is.
type ItemError struct {
	Causes           []ItemCause `json:"causes,omitempty"`
	ErrorType        string      `json:"error_type"`
	ErrorCode        Code        `json:"error_code"`
	ErrorMessage     string      `json:"error_message"`
	DisplayMessage   *string     `json:"display_message"`
	DocumentationURL string      `json:"documentation_url,omitempty"`
	SuggestedAction  *string     `json:"suggested_action"`
	Status           int         `json:"status"`
}

// ItemStatus tells when an Item's data was last brought up to date.
type ItemStatus struct {
	Investments  *UpdateStatus  `json:"investments"`
	Transactions *UpdateStatus  `json:"transactions"`
	LastWebhook  *WebhookStatus `json:"last_webhook"`
}

// Wire is an error inside an answer that is none itself.
func (e *Error) Wire() *ItemError {
	w := &ItemError{Causes: e.Causes, ErrorType: e.Type, ErrorCode: e.Code, ErrorMessage: e.Message, Status: e.Status}
	if e.Display != "" {
		w.DisplayMessage = &e.Display
	}
	if e.Action != "" {
		w.SuggestedAction = &e.Action
	}
	return w
}

// UpdateStatus is the last updates of a product.
type UpdateStatus struct {
	LastSuccessfulUpdate *string `json:"last_successful_update"`
	LastFailedUpdate     *string `json:"last_failed_update"`
}

// WebhookStatus is the last webhook that was sent for an Item.
type WebhookStatus struct {
	SentAt   *string `json:"sent_at"`
	CodeSent string  `json:"code_sent"`
}

// scopesByProduct is what data a product reads, in the words of the consent pane.
var scopesByProduct = map[string][]string{
	"balance":          {"account_balance_info"},
	"auth":             {"account_balance_info", "contact_info", "account_routing_number"},
	"transactions":     {"account_balance_info", "contact_info", "transactions"},
	"identity":         {"account_balance_info", "contact_info"},
	"investments":      {"account_balance_info", "contact_info", "investments"},
	"investments_auth": {"account_balance_info", "contact_info", "account_routing_number", "investments"},
	"liabilities":      {"account_balance_info", "contact_info", "credit_loan_info"},
	"assets":           {"account_balance_info", "contact_info", "transactions"},
	"signal":           {"account_balance_info", "contact_info", "transactions", "risk_info"},
	"statements":       {"account_balance_info", "contact_info", "bank_statements"},
	"transfer":         {"account_balance_info", "contact_info", "account_routing_number"},
}

var scopeOrder = []string{
	"account_balance_info", "contact_info", "account_routing_number", "transactions", "credit_loan_info", "investments",
	"bank_statements", "risk_info",
}

// DataScopes is the data that products read together, in a fixed order.
func DataScopes(products []string) []string {
	var all []string
	for _, p := range products {
		all = append(all, scopesByProduct[p]...)
	}
	return Ordered(scopeOrder, all)
}

// Ordered is the values that are in a list, each once, in the order of the enumeration.
func Ordered(enum, list []string) []string {
	out := []string{}
	for _, v := range enum {
		if Known(list, v) {
			out = append(out, v)
		}
	}
	return out
}

// Package sandbox is the control of the simulated banks: what a test does instead of a person. Its endpoints exist in the
// sandbox environment alone.
package sandbox

import (
	"context"

	"weft/internal/connection"
	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/item/state"
	"weft/internal/plaid"
	"weft/internal/product"
	"weft/internal/store"
	"weft/internal/user"
	"weft/internal/webhook"
)

// New is the product.
func New(items *item.Service, connections *connection.Service, hooks *webhook.Service) product.Product {
	s := &service{items, connections, hooks, &user.Service{DB: items.DB, Keys: items.Keys, IDs: items.IDs}}
	return product.Product{Name: "sandbox", Routes: []httpapi.Route{
		{Path: "/sandbox/public_token/create", Summary: "Make an Item at a simulated institution, without Link", Endpoint: product.Endpoint(items.Clients, items.Clock, s.createPublicToken)},
		{Path: "/sandbox/transactions/create", Summary: "Have the simulated bank state transactions", Endpoint: item.Endpoint(items, s.createTransactions)},
		{Path: "/sandbox/item/fire_webhook", Summary: "Send one of an Item's webhooks", Endpoint: item.Endpoint(items, s.fireWebhook)},
		{Path: "/weft/sandbox/accounts/open", Summary: "Have the person of a simulated bank open an account", Endpoint: item.Endpoint(items, s.openAccount)},
		{Path: "/weft/sandbox/accounts/revoke", Summary: "Have the person of a simulated bank take back an account", Endpoint: item.Endpoint(items, s.revokeAccount)},
		{Path: "/weft/sandbox/accounts/renumber", Summary: "Have a simulated bank give an account another number", Endpoint: item.Endpoint(items, s.renumberAccount)},
		{Path: "/weft/sandbox/consent/revoke", Summary: "Have the person of a simulated bank take back all that they share", Endpoint: item.Endpoint(items, s.revokeConsent)},
		{Path: "/sandbox/item/set_verification_status", Summary: "End the automatic verification of typed account numbers", Endpoint: item.Endpoint(items, s.setVerificationStatus)},
		{Path: "/sandbox/item/reset_login", Summary: "Put an Item in ITEM_LOGIN_REQUIRED", Endpoint: item.Endpoint(items, s.resetLogin)},
		{Path: "/sandbox/processor_token/create", Summary: "Make an Item at a simulated institution, and a processor token for an account of it",
			Endpoint: product.Endpoint(items.Clients, items.Clock, s.createProcessorToken)},
		{Path: "/sandbox/user/reset_login", Summary: "Put a user's Items in ITEM_LOGIN_REQUIRED", Endpoint: product.Endpoint(items.Clients, items.Clock, s.resetUserLogin)},
	}}
}

type service struct {
	items       *item.Service
	connections *connection.Service
	hooks       *webhook.Service
	users       *user.Service
}

// Whom the sandbox logs in where the request names nobody.
const (
	defaultUsername = "user_good"
	defaultPassword = "pass_good"
)

type publicTokenRequest struct {
	InstitutionID   string             `json:"institution_id" weft:"required"`
	InitialProducts []string           `json:"initial_products" weft:"required"`
	Options         publicTokenOptions `json:"options"`
	UserToken       *string            `json:"user_token"`
	UserID          *string            `json:"user_id"`
}

type publicTokenOptions struct {
	Webhook            *string              `json:"webhook"`
	OverrideUsername   *string              `json:"override_username"`
	OverridePassword   *string              `json:"override_password"`
	Transactions       *transactionsOptions `json:"transactions"`
	Statements         *dateRange           `json:"statements"`
	IncomeVerification *incomeOptions       `json:"income_verification"`
}

type transactionsOptions struct {
	StartDate     *plaid.Date `json:"start_date"`
	EndDate       *plaid.Date `json:"end_date"`
	DaysRequested *int        `json:"days_requested"`
}

type dateRange struct {
	StartDate *plaid.Date `json:"start_date"`
	EndDate   *plaid.Date `json:"end_date"`
}

type incomeOptions struct {
	IncomeSourceTypes []string `json:"income_source_types"`
	BankIncome        *struct {
		DaysRequested *int `json:"days_requested"`
	} `json:"bank_income"`
}

// Validate checks the fields by themselves.
func (r *publicTokenRequest) Validate(httpapi.Version) error {
	if r.InstitutionID == "" {
		return plaid.InvalidField("institution_id", "must be a non-empty string")
	}
	if err := product.ValidProducts("initial_products", r.InitialProducts); err != nil {
		return err
	}
	return r.Options.validate(r.InitialProducts)
}

func (o *publicTokenOptions) validate(products []string) error {
	if o.Webhook != nil {
		if err := product.ValidWebhook("options.webhook", *o.Webhook); err != nil {
			return err
		}
	}
	if t := o.Transactions; t != nil {
		if t.DaysRequested != nil && (*t.DaysRequested < 1 || *t.DaysRequested > 730) {
			return plaid.InvalidField("options.transactions.days_requested", "must be between 1 and 730")
		}
		if t.StartDate != nil && t.EndDate != nil && *t.EndDate < *t.StartDate {
			return plaid.InvalidField("options.transactions.end_date", "must not be before start_date")
		}
	}
	if s := o.Statements; s != nil {
		if s.StartDate == nil || s.EndDate == nil {
			return plaid.MissingFields("options.statements.start_date", "options.statements.end_date")
		}
		if *s.EndDate < *s.StartDate {
			return plaid.InvalidField("options.statements.end_date", "must not be before start_date")
		}
	} else if plaid.Known(products, "statements") {
		return plaid.MissingFields("options.statements")
	}
	if i := o.IncomeVerification; i != nil {
		for _, kind := range i.IncomeSourceTypes {
			if kind != "bank" && kind != "payroll" {
				return plaid.InvalidField("options.income_verification.income_source_types", "must hold bank or payroll")
			}
		}
	}
	return nil
}

type publicTokenResponse struct {
	PublicToken string `json:"public_token"`
}

// createPublicToken logs in as a test user and makes an Item with the products. The user is user_good, unless the options
// name another; wrong passwords and the error_ passwords answer as the login would.
func (s *service) createPublicToken(ctx context.Context, tenant store.Tenant, req publicTokenRequest) (publicTokenResponse, error) {
	if err := sandboxOnly(tenant, "/sandbox/public_token/create"); err != nil {
		return publicTokenResponse{}, err
	}
	link := item.LinkRequest{
		InstitutionID: req.InstitutionID, Products: req.InitialProducts,
		Username: orDefault(req.Options.OverrideUsername, defaultUsername), Password: orDefault(req.Options.OverridePassword, defaultPassword),
		Webhook: orDefault(req.Options.Webhook, ""),
	}
	if req.UserID != nil || req.UserToken != nil {
		var err error
		if link.UserID, err = s.users.Find(ctx, s.items.DB, tenant, req.UserID, req.UserToken); err != nil {
			return publicTokenResponse{}, err
		}
	}
	if t := req.Options.Transactions; t != nil {
		link.History = item.History{From: t.StartDate, To: t.EndDate}
		if t.DaysRequested != nil {
			link.History.Days = *t.DaysRequested
		}
	}
	if d := req.Options.Statements; d != nil {
		link.Statements = []state.Days{{From: *d.StartDate, To: *d.EndDate}}
	}
	linked, err := s.items.Link(ctx, tenant, link)
	return publicTokenResponse{linked.PublicToken}, err
}

func orDefault(s *string, other string) string {
	if s == nil {
		return other
	}
	return *s
}

func sandboxOnly(tenant store.Tenant, route string) error {
	if tenant.Environment != plaid.Sandbox {
		return plaid.Errf("SANDBOX_ONLY", "access to %s is only available in the sandbox environment", route)
	}
	return nil
}

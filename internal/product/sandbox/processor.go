package sandbox

import (
	"context"

	"weft/internal/connector"
	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/store"
)

type processorTokenRequest struct {
	InstitutionID string                `json:"institution_id" weft:"required"`
	Options       processorTokenOptions `json:"options"`
}

type processorTokenOptions struct {
	OverrideUsername *string `json:"override_username"`
	OverridePassword *string `json:"override_password"`
}

// Validate checks the fields by themselves.
func (r *processorTokenRequest) Validate(httpapi.Version) error {
	if r.InstitutionID == "" {
		return plaid.InvalidField("institution_id", "must be a non-empty string")
	}
	return nil
}

type processorTokenResponse struct {
	ProcessorToken string `json:"processor_token"`
}

// createProcessorToken makes an Item of the caller's own whose user has agreed to all that the institution has, and a token for
// its first checking account, or the first account where there is none. So processors are tried without somebody who makes
// tokens for them.
func (s *service) createProcessorToken(ctx context.Context, tenant store.Tenant, req processorTokenRequest) (res processorTokenResponse, err error) {
	if err := sandboxOnly(tenant, "/sandbox/processor_token/create"); err != nil {
		return res, err
	}
	bank, _, err := s.items.Connectors.Institution(tenant.Environment, req.InstitutionID, s.items.Clock.Now())
	if err != nil {
		return res, err
	}
	opened, err := s.items.Authenticate(ctx, tenant, connector.Login{InstitutionID: req.InstitutionID,
		Username: orDefault(req.Options.OverrideUsername, defaultUsername), Password: orDefault(req.Options.OverridePassword, defaultPassword)})
	if err != nil {
		return res, err
	}
	terms := item.Terms{Consented: bank.Products}
	if plaid.Known(bank.Products, "auth") {
		terms.Products = []string{"auth"}
	}
	_, err = s.items.Make(ctx, tenant, s.items.Opening(req.InstitutionID, opened), terms, func(ctx context.Context, tx *store.Tx, linked item.Linked) (err error) {
		res.ProcessorToken, err = s.items.Processors().Create(ctx, tx, linked.Item, firstChecking(linked.Accounts), "")
		return err
	})
	return res, err
}

func firstChecking(accounts []connector.Account) string {
	for _, a := range accounts {
		if a.Type == plaid.TypeDepository && a.Subtype != nil && *a.Subtype == "checking" {
			return a.AccountID
		}
	}
	return accounts[0].AccountID
}

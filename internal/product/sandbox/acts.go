package sandbox

import (
	"context"

	"weft/internal/connector"
	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/plaid"
)

// acting refuses acts of a person whose bank cannot be asked what came of them.
func acting(it item.Item, route string) error {
	if err := sandboxOnly(it.Tenant, route); err != nil {
		return err
	}
	return it.Failed()
}

type openAccountRequest struct {
	Type     string         `json:"type" weft:"required"`
	Subtype  string         `json:"subtype" weft:"required"`
	Name     string         `json:"name" weft:"required"`
	Balance  *plaid.Decimal `json:"balance"`
	Currency *string        `json:"currency"`
}

// openAccount has the person open an account, and fetches what the bank states then.
func (s *service) openAccount(ctx context.Context, it item.Item, req openAccountRequest) (httpapi.None, error) {
	if err := acting(it, "/weft/sandbox/accounts/open"); err != nil {
		return httpapi.None{}, err
	}
	return httpapi.None{}, s.connections.OpenAccount(ctx, it, connector.SimulatedAccount{
		Type: req.Type, Subtype: req.Subtype, Name: req.Name, Balance: req.Balance, Currency: orDefault(req.Currency, ""),
	})
}

type revokeAccountRequest struct {
	AccountID string `json:"account_id" weft:"required"`
}

// revokeAccount has the person take back an account, and fetches what the bank states then.
func (s *service) revokeAccount(ctx context.Context, it item.Item, req revokeAccountRequest) (httpapi.None, error) {
	if err := acting(it, "/weft/sandbox/accounts/revoke"); err != nil {
		return httpapi.None{}, err
	}
	return httpapi.None{}, s.connections.RevokeAccount(ctx, it, req.AccountID)
}

type renumberAccountRequest struct {
	AccountID string `json:"account_id" weft:"required"`
}

// renumberAccount has the bank give an account another number, and fetches what it states then.
func (s *service) renumberAccount(ctx context.Context, it item.Item, req renumberAccountRequest) (httpapi.None, error) {
	if err := acting(it, "/weft/sandbox/accounts/renumber"); err != nil {
		return httpapi.None{}, err
	}
	return httpapi.None{}, s.connections.RenumberAccount(ctx, it, req.AccountID)
}

// revokeConsent has the person take back all, which the bank says when it is asked next: now.
func (s *service) revokeConsent(ctx context.Context, it item.Item, _ httpapi.None) (httpapi.None, error) {
	if err := acting(it, "/weft/sandbox/consent/revoke"); err != nil {
		return httpapi.None{}, err
	}
	return httpapi.None{}, s.connections.RevokeConsent(ctx, it)
}

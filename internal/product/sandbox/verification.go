package sandbox

import (
	"context"

	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/item/accounts"
	"weft/internal/item/rows"
	"weft/internal/plaid"
	"weft/internal/store"
)

type verificationRequest struct {
	AccountID string `json:"account_id" weft:"required"`
	Status    string `json:"verification_status" weft:"required"`
}

// settable are the statuses in which an automatic verification ends.
var settable = []string{plaid.VerifiedAutomatic, plaid.VerificationExpired}

// Validate checks the words by themselves.
func (r *verificationRequest) Validate(httpapi.Version) error {
	switch {
	case r.AccountID == "":
		return plaid.InvalidField("account_id", "must be a non-empty string")
	case !plaid.Known(settable, r.Status):
		return plaid.InvalidField("verification_status", "must be automatically_verified or verification_expired")
	}
	return nil
}

// setVerificationStatus ends an automatic verification before its time. One that has ended stays as it is; to end it once more in the
// same way tells of it once more.
func (s *service) setVerificationStatus(ctx context.Context, it item.Item, req verificationRequest) (httpapi.None, error) {
	if err := sandboxOnly(it.Tenant, "/sandbox/item/set_verification_status"); err != nil {
		return httpapi.None{}, err
	}
	return httpapi.None{}, s.items.DB.Write(ctx, func(tx *store.Tx) error {
		it, err := rows.Lock(ctx, tx, it.Tenant, it.ID)
		if err != nil {
			return err
		}
		known, err := accounts.Known(ctx, tx, it.Key)
		if err != nil {
			return err
		}
		for key, row := range known {
			if row.ID == req.AccountID {
				return s.endVerification(ctx, tx, it, key, req.Status)
			}
		}
		return plaid.Err("INVALID_ACCOUNT_ID")
	})
}

func (s *service) endVerification(ctx context.Context, tx *store.Tx, it item.Item, accountKey, status string) error {
	now := it.Verification(accountKey)
	if now == nil || *now != plaid.PendingAutomatic && *now != status {
		return plaid.InvalidField("account_id", "must be of an account whose verification_status is pending_automatic_verification")
	}
	it.Typed.Become(status)
	return accounts.Verified(ctx, tx, s.items.Events, &it)
}

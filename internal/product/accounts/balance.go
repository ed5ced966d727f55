package accounts

import (
	"context"
	"encoding/json"
	"time"

	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/plaid"
)

type balanceRequest struct {
	Options struct {
		AccountIDs []string `json:"account_ids"`
		// Oldest is of when a balance may be that the bank does not tell as it is now.
		Oldest *string `json:"min_last_updated_datetime"`
	} `json:"options"`
}

// processorBalance is what processors send: their tokens have one account.
type processorBalance struct {
	Options struct {
		Oldest *string `json:"min_last_updated_datetime"`
	} `json:"options"`
}

func (r processorBalance) narrow(accountID string) (d balanceRequest, _ error) {
	d.Options.AccountIDs, d.Options.Oldest = []string{accountID}, r.Options.Oldest
	return d, nil
}

const oldestField = "options.min_last_updated_datetime"

// balances answers as get does, after it has asked the bank. No product is added by it: balances come with every Item, and a
// product that is billed by the call is not among the Item's.
func (s *service) balances(ctx context.Context, it item.Item, req balanceRequest) (httpapi.Raw, error) {
	if err := it.Revoked(); err != nil {
		return nil, err
	}
	var oldest time.Time
	if req.Options.Oldest != nil {
		var err error
		if oldest, err = time.Parse(time.RFC3339, *req.Options.Oldest); err != nil {
			return nil, plaid.InvalidField(oldestField, "must be a date and time of the form YYYY-MM-DDTHH:mm:ssZ")
		}
	}
	// What cannot be answered is refused before the bank is asked.
	known, err := s.read(ctx, it, req.Options.AccountIDs)
	if err != nil {
		return nil, err
	}
	if oldest.IsZero() {
		if err := s.needsOldest(ctx, it, known); err != nil {
			return nil, err
		}
	}
	if it, err = s.items.Balances(ctx, it); err != nil {
		return nil, err
	}
	fresh, err := s.read(ctx, it, req.Options.AccountIDs)
	if err != nil {
		return nil, err
	}
	if err := notBefore(fresh, oldest); err != nil {
		return nil, err
	}
	return httpapi.Raw{[]byte(`{"accounts":`), fresh, it.Tail}, nil
}

// stated is what of an account says how old its balances are.
type stated struct {
	Type     string `json:"type"`
	Balances struct {
		At *time.Time `json:"last_updated_datetime"`
	} `json:"balances"`
}

// needsOldest refuses a request that does not say how old the balances may be where a bank wants that said of one of the
// accounts.
func (s *service) needsOldest(ctx context.Context, it item.Item, accounts []byte) error {
	dated, err := s.items.DatedBalances(ctx, it)
	if err != nil {
		return err
	}
	var list []stated
	if err := json.Unmarshal(accounts, &list); err != nil {
		return err
	}
	for _, a := range list {
		if dated(a.Type) {
			return plaid.InvalidField(oldestField, "must be given: the institution does not tell the balance of "+a.Type+" accounts in real time")
		}
	}
	return nil
}

// notBefore refuses balances that are older than they may be. One that says no time is of now.
func notBefore(accounts []byte, oldest time.Time) error {
	if oldest.IsZero() {
		return nil
	}
	var list []stated
	if err := json.Unmarshal(accounts, &list); err != nil {
		return err
	}
	for _, a := range list {
		if at := a.Balances.At; at != nil && at.Before(oldest) {
			return plaid.Errf("LAST_UPDATED_DATETIME_OUT_OF_RANGE", "requested datetime out of range, most recently updated balance %s", plaid.Timestamp(*at))
		}
	}
	return nil
}

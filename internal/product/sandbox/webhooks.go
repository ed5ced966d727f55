package sandbox

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/item/event"
	"weft/internal/item/state"
	"weft/internal/plaid"
	"weft/internal/store"
)

// fireable is a webhook that can be fired, and the product that an Item needs for it, empty for none. The first type of a code
// is the one that is meant where the request names none.
type fireable struct{ webhookType, code, product string }

var fireables = []fireable{
	{"TRANSACTIONS", "DEFAULT_UPDATE", "transactions"},
	{"AUTH", "DEFAULT_UPDATE", "auth"},
	{"IDENTITY", "DEFAULT_UPDATE", "identity"},
	{"INVESTMENTS_TRANSACTIONS", "DEFAULT_UPDATE", "investments"},
	{"LIABILITIES", "DEFAULT_UPDATE", "liabilities"},
	{"HOLDINGS", "DEFAULT_UPDATE", "investments"},
	{"ITEM", "NEW_ACCOUNTS_AVAILABLE", ""},
	{"AUTH", "SMS_MICRODEPOSITS_VERIFICATION", "auth"},
	{"ITEM", "AUTHORIZATION_GRANTED", ""},
	{"ITEM", "USER_PERMISSION_REVOKED", ""},
	{"ITEM", "USER_ACCOUNT_REVOKED", ""},
	{"ITEM", "PENDING_DISCONNECT", ""},
	{"TRANSACTIONS", "RECURRING_TRANSACTIONS_UPDATE", "transactions"},
	{"ITEM", "LOGIN_REPAIRED", ""},
	{"TRANSACTIONS", "SYNC_UPDATES_AVAILABLE", "transactions"},
	{"ASSETS", "PRODUCT_READY", "assets"},
	{"ITEM", "ERROR", ""},
}

var webhookTypes = []string{"AUTH", "HOLDINGS", "IDENTITY", "INVESTMENTS_TRANSACTIONS", "ITEM", "LIABILITIES", "TRANSACTIONS", "ASSETS"}

type fireRequest struct {
	WebhookType *string `json:"webhook_type"`
	WebhookCode string  `json:"webhook_code" weft:"required"`
}

// Validate checks both words by themselves.
func (r *fireRequest) Validate(httpapi.Version) error {
	if !slices.ContainsFunc(fireables, func(f fireable) bool { return f.code == r.WebhookCode }) {
		return plaid.InvalidField("webhook_code", "must be a webhook_code that can be fired")
	}
	if r.WebhookType != nil && !plaid.Known(webhookTypes, *r.WebhookType) {
		return plaid.InvalidField("webhook_type", "must be a webhook_type that can be fired")
	}
	return nil
}

type fireResponse struct {
	WebhookFired bool `json:"webhook_fired"`
}

// fireWebhook sends a webhook of a code as if what it tells had happened. Nothing else of the Item changes.
func (s *service) fireWebhook(ctx context.Context, it item.Item, req fireRequest) (fireResponse, error) {
	if err := sandboxOnly(it.Tenant, "/sandbox/item/fire_webhook"); err != nil {
		return fireResponse{}, err
	}
	at := slices.IndexFunc(fireables, func(f fireable) bool {
		return f.code == req.WebhookCode && (req.WebhookType == nil || f.webhookType == *req.WebhookType)
	})
	if at < 0 {
		return fireResponse{}, plaid.Errf("SANDBOX_WEBHOOK_INVALID", "webhook_code %s is not one of webhook_type %s", req.WebhookCode, *req.WebhookType)
	}
	if it.Webhook == "" { // then somebody must listen
		if listening, err := s.hooks.Listening(ctx, it.Tenant); err != nil || !listening {
			return fireResponse{}, cmp.Or(err, error(plaid.Errf("SANDBOX_WEBHOOK_INVALID", "the item has no webhook")))
		}
	}
	f := fireables[at]
	if f.product != "" && !it.Has(f.product) {
		return fireResponse{}, plaid.Errf("SANDBOX_PRODUCT_NOT_ENABLED", "the product %s is not enabled for this item", f.product)
	}
	err := s.items.DB.Write(ctx, func(tx *store.Tx) error {
		accounts, err := named(ctx, tx, it, f)
		if err != nil {
			return err
		}
		e := event.Event{Type: f.webhookType, Code: f.code, Members: s.members(f, it, accounts, tx.Now)}
		if f.code == "ERROR" {
			e = state.ErrorEvent(loginRequired)
		}
		e.OfAccount = ofAccount(f)
		return s.items.Events.Tell(ctx, tx, it.Target(), e)
	})
	return fireResponse{err == nil}, err
}

// named are the accounts that a fired webhook names: those of the Item that its product is of.
func named(ctx context.Context, tx *store.Tx, it item.Item, f fireable) ([]plaid.Account, error) {
	docs, err := item.ReadDocuments(ctx, tx, it, item.AccountsDocument)
	if err != nil {
		return nil, err
	}
	var accounts []plaid.Account
	if err := json.Unmarshal(docs.ByKind[item.AccountsDocument], &accounts); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(accounts, func(a plaid.Account) bool {
		subtype := ""
		if a.Subtype != nil {
			subtype = *a.Subtype
		}
		switch f.webhookType {
		case "AUTH":
			return !state.Numbered(a.Type, subtype)
		case "LIABILITIES":
			return !state.Owed(a.Type, subtype)
		}
		return false
	}), nil
}

// members are the further members of a fired webhook, in the contract's order.
func (s *service) members(f fireable, it item.Item, accounts []plaid.Account, now time.Time) any {
	type failing = state.Failing
	switch f.webhookType + " " + f.code {
	case "TRANSACTIONS DEFAULT_UPDATE":
		return struct {
			failing
			NewTransactions int `json:"new_transactions"`
		}{}
	case "AUTH DEFAULT_UPDATE":
		return state.Renumbered([]string{}, each(accounts, same("ACCOUNT_NUMBER"))).Members
	case "IDENTITY DEFAULT_UPDATE":
		return struct {
			Updated map[string][]string `json:"account_ids_with_updated_identity"`
			failing
		}{Updated: each(accounts, same("PHONES"))}
	case "INVESTMENTS_TRANSACTIONS DEFAULT_UPDATE":
		return struct {
			failing
			New       int `json:"new_investments_transactions"`
			Cancelled int `json:"cancelled_investments_transactions"`
		}{}
	case "LIABILITIES DEFAULT_UPDATE":
		return struct {
			failing
			New     []string            `json:"account_ids_with_new_liabilities"`
			Updated map[string][]string `json:"account_ids_with_updated_liabilities"`
		}{New: []string{}, Updated: each(accounts, due)}
	case "HOLDINGS DEFAULT_UPDATE":
		return struct {
			failing
			New     int `json:"new_holdings"`
			Updated int `json:"updated_holdings"`
		}{}
	}
	return s.rarer(f, it, accounts, now)
}

// ofAccount are the further members of a fired webhook as processors are told it, nil where they are not.
func ofAccount(f fireable) func(accountID string) any {
	if f.webhookType != "TRANSACTIONS" {
		return nil
	}
	return func(id string) any {
		type account struct {
			AccountID string `json:"account_id"`
		}
		switch f.code {
		case "DEFAULT_UPDATE":
			type failing = state.Failing
			return struct {
				failing
				NewTransactions int `json:"new_transactions"`
				account
			}{account: account{id}}
		case "SYNC_UPDATES_AVAILABLE":
			return struct {
				account
				Initial    bool `json:"initial_update_complete"`
				Historical bool `json:"historical_update_complete"`
			}{account{id}, true, true}
		}
		return account{id}
	}
}

// each says of every account what has changed.
func each(accounts []plaid.Account, changed func(plaid.Account) string) map[string][]string {
	all := map[string][]string{}
	for _, a := range accounts {
		all[a.AccountID] = []string{changed(a)}
	}
	return all
}

func same(changed string) func(plaid.Account) string {
	return func(plaid.Account) string { return changed }
}

// due is the member of a debt that is told to have changed.
func due(a plaid.Account) string {
	if a.Subtype != nil && *a.Subtype == "mortgage" {
		return "past_due_amount"
	}
	return "minimum_payment_amount"
}

// rarer are the members of webhooks that are no updates of a product.
func (s *service) rarer(f fireable, it item.Item, accounts []plaid.Account, now time.Time) any {
	ids := make([]string, len(accounts))
	for i, a := range accounts {
		ids[i] = a.AccountID
	}
	first := ""
	if len(ids) > 0 {
		first = ids[0]
	}
	switch f.code {
	case "NEW_ACCOUNTS_AVAILABLE":
		return state.NewAccounts.Members
	case "SMS_MICRODEPOSITS_VERIFICATION":
		status := "MANUALLY_VERIFIED"
		if it.Typed != nil && it.Typed.Status == plaid.VerificationFailed {
			status = "VERIFICATION_FAILED"
		}
		return struct {
			Status    string `json:"status"`
			AccountID string `json:"account_id"`
		}{status, first}
	case "USER_PERMISSION_REVOKED":
		return state.ErrorEvent("USER_PERMISSION_REVOKED").Members
	case "USER_ACCOUNT_REVOKED":
		return state.AccountRevoked(first).Members
	case "PENDING_DISCONNECT":
		return state.Disconnect(plaid.Timestamp(now.Add(state.Notice))).Members
	case "RECURRING_TRANSACTIONS_UPDATE":
		return struct {
			AccountIDs []string `json:"account_ids"`
		}{ids}
	case "PRODUCT_READY":
		return struct {
			AssetReportID string `json:"asset_report_id"`
			ReportType    string `json:"report_type"`
		}{s.items.IDs.UUID(), "FULL"}
	case "SYNC_UPDATES_AVAILABLE":
		return struct {
			Initial    bool `json:"initial_update_complete"`
			Historical bool `json:"historical_update_complete"`
		}{true, true}
	}
	return nil
}

const loginRequired = "ITEM_LOGIN_REQUIRED"

type resetResponse struct {
	ResetLogin bool `json:"reset_login"`
}

// resetLogin puts the Item in the error that a changed password at the bank does.
func (s *service) resetLogin(ctx context.Context, it item.Item, _ httpapi.None) (resetResponse, error) {
	if err := sandboxOnly(it.Tenant, "/sandbox/item/reset_login"); err != nil {
		return resetResponse{}, err
	}
	if it.InstitutionID == "" {
		return resetResponse{}, plaid.InvalidField("access_token", "must be of an Item with a login; this one has account numbers alone")
	}
	err := s.items.ResetLogin(ctx, it.Tenant, it.ID)
	return resetResponse{err == nil}, err
}

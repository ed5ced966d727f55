package developer

import (
	"context"
	"encoding/json"
	"slices"

	"weft/internal/item/event"
	"weft/internal/plaid"
	"weft/internal/store"
)

// Subscription is a kind of webhook that a developer wants. Without a code it is all of the type.
type Subscription struct {
	Type string `json:"webhook_type"`
	Code string `json:"webhook_code,omitempty"`
}

// kind is a webhook of the dialect: what it is of, and the members that it has of those that Plaid's has, besides its type and code.
type kind struct {
	Subscription
	dataType string
	members  []string
}

// told are the webhooks of the dialect.
var told = []kind{
	{Subscription{"ITEM", "ERROR"}, "", []string{"item_id", "error"}},
	{Subscription{"ITEM", "PENDING_EXPIRATION"}, "", []string{"item_id", "consent_expiration_time"}},
	{Subscription{"ITEM", "USER_PERMISSION_REVOKED"}, "", []string{"error", "item_id"}},
	{Subscription{"ITEM", "WEBHOOK_UPDATE_ACKNOWLEDGED"}, "", []string{"item_id", "error", "new_webhook_url"}},
	{Subscription{"TRANSACTIONS", "INITIAL_UPDATE"}, "transactions", []string{"item_id", "error", "new_transactions"}},
	{Subscription{"TRANSACTIONS", "HISTORICAL_UPDATE"}, "transactions", []string{"item_id", "error", "new_transactions"}},
	{Subscription{"TRANSACTIONS", "DEFAULT_UPDATE"}, "transactions", []string{"item_id", "error", "new_transactions"}},
	{Subscription{"TRANSACTIONS", "TRANSACTIONS_REMOVED"}, "transactions", []string{"item_id", "error", "removed_transactions"}},
	{Subscription{"HOLDINGS", "DEFAULT_UPDATE"}, "investments", []string{"item_id", "error", "new_holdings", "updated_holdings"}},
	{Subscription{"INVESTMENTS_TRANSACTIONS", "DEFAULT_UPDATE"}, "investments", []string{"item_id", "error", "new_investments_transactions", "canceled_investments_transactions"}},
	{Subscription{"LIABILITIES", "DEFAULT_UPDATE"}, "liabilities", []string{"item_id", "error", "account_ids_with_new_liabilities", "account_ids_with_updated_liabilities"}},
	{Subscription{"AUTH", "AUTOMATICALLY_VERIFIED"}, "auth", []string{"item_id", "account_id"}},
	{Subscription{"AUTH", "VERIFICATION_EXPIRED"}, "auth", []string{"item_id", "account_id"}},
}

// problem says what is wrong with a subscription, "" for nothing.
func (s Subscription) problem() string {
	var known []string
	for _, t := range told {
		if t.Type == s.Type && (t.Code == s.Code || s.Code == "") {
			return ""
		}
		known = append(known, t.Type+"/"+t.Code)
	}
	return "must be of " + plaid.Quoted(known)
}

// Post takes a webhook with its body into the transaction of what has happened.
type Post func(ctx context.Context, tx *store.Tx, to event.Target, e event.Event, body []byte) error

// Telling is a notifier that tells the developers who have subscribed to it besides, at the address of their configuration. One
// that an Item has too is told once.
func Telling(next event.Notifier, post Post) event.Notifier {
	return func(ctx context.Context, tx *store.Tx, to event.Target, e event.Event) error {
		if err := next(ctx, tx, to, e); err != nil || to.ItemID == "" {
			return err
		}
		if e.Type == "ITEM" && e.Code == "PENDING_DISCONNECT" { // the dialect has one word for both
			e.Code = "PENDING_EXPIRATION"
		}
		i := slices.IndexFunc(told, func(k kind) bool { return k.Type == e.Type && k.Code == e.Code })
		if i < 0 {
			return nil
		}
		c, err := Configurations{}.Read(ctx, tx, to.Tenant)
		if err != nil || c.WebhookURL == "" || c.WebhookURL == to.Webhook || !c.wants(told[i].Subscription, told[i].dataType) {
			return err
		}
		body, err := bodyOf(to, e, told[i].members)
		if err != nil {
			return err
		}
		to.Webhook = c.WebhookURL
		return post(ctx, tx, to, e, body)
	}
}

// wants reports whether a webhook is subscribed to, of data that is wanted.
func (c Configuration) wants(s Subscription, dataType string) bool {
	if dataType != "" && !slices.Contains(c.DataTypes, dataType) {
		return false
	}
	return slices.ContainsFunc(c.Subscriptions, func(w Subscription) bool { return w.Type == s.Type && (w.Code == "" || w.Code == s.Code) })
}

// otherwise are Plaid's names of members that have others here.
var otherwise = map[string]string{
	"canceled_investments_transactions": "cancelled_investments_transactions",
	"consent_expiration_time":           "disconnect_time",
}

// bodyOf is a webhook in the dialect's words: of what Plaid's has, the members that the dialect knows.
func bodyOf(to event.Target, e event.Event, members []string) ([]byte, error) {
	text, err := plaid.JSON(e.Members)
	if err != nil {
		return nil, err
	}
	all := map[string]json.RawMessage{}
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, err
	}
	out := map[string]any{"webhook_type": e.Type, "webhook_code": e.Code}
	for _, name := range members {
		if value, there := all[name]; there {
			out[name] = value
		} else if value, there := all[otherwise[name]]; there {
			out[name] = value
		} else if name == "item_id" {
			out[name] = to.ItemID
		}
	}
	return json.MarshalIndent(out, "", "  ")
}

package processors

import (
	"context"
	"encoding/json"
	"strings"

	"weft/internal/item/event"
	"weft/internal/plaid"
	"weft/internal/store"
)

// acknowledged are the members of what a new address is told.
type acknowledged struct {
	Error         *plaid.ItemError `json:"error"`
	AccountID     string           `json:"account_id"`
	NewWebhookURL string           `json:"new_webhook_url"`
}

// SetWebhook has a token's caller told at an address of what happens to the account; an empty one ends that. The address is
// told of itself. The webhooks are the caller's own: no other client lists them.
func (t Tokens) SetWebhook(ctx context.Context, events event.Notifier, g Grant, address string) error {
	return t.DB.Write(ctx, func(tx *store.Tx) error {
		var webhook, client *string
		if address != "" {
			webhook, client = &address, &g.Caller.Client
		}
		_, err := tx.Exec(ctx, `update processor_tokens set webhook = $1, told_client = $2 where token_hash = $3 and client_id = $4 and environment = $5`,
			webhook, client, g.hash, g.Item.Tenant.Client, g.Item.Tenant.Environment)
		if err != nil || address == "" {
			return err
		}
		return events.Tell(ctx, tx, event.Target{Tenant: g.Caller, Webhook: address},
			event.Event{Type: "PROCESSOR_TOKEN", Code: "WEBHOOK_UPDATE_ACKNOWLEDGED", Members: acknowledged{AccountID: g.AccountID, NewWebhookURL: address}})
	})
}

// toldQuery finds who is told of an Item's accounts: whoever may use the token still.
const toldQuery = `select t.account_id, t.webhook, t.told_client, t.products from processor_tokens t
	join clients c on c.client_id = t.told_client and (c.client_id = t.client_id or c.processor = t.processor)
	where t.item_id = $1 and t.client_id = $2 and t.environment = $3 and t.webhook is not null and t.removed_at is null
	order by t.webhook, t.told_client, t.account_id`

// told is one who is told of an account.
type told struct{ account, webhook, client string }

// Telling is a notifier that tells processors too, of their accounts, where an event has something for them. Those that are told
// by several tokens of an account at the same address are told once.
func Telling(next event.Notifier) event.Notifier {
	return func(ctx context.Context, tx *store.Tx, to event.Target, e event.Event) error {
		if err := next(ctx, tx, to, e); err != nil || e.OfAccount == nil {
			return err
		}
		list, err := toldOf(ctx, tx, to, about(e))
		if err != nil {
			return err
		}
		for _, one := range list {
			members := e.OfAccount(one.account)
			if members == nil {
				continue
			}
			// Without the Item's id: a processor knows the account alone.
			target := event.Target{Tenant: store.Tenant{Client: one.client, Environment: to.Tenant.Environment}, Webhook: one.webhook}
			if err := next(ctx, tx, target, event.Event{Type: e.Type, Code: e.Code, Members: members}); err != nil {
				return err
			}
		}
		return nil
	}
}

// about are the products of which a token must be allowed one, for its caller to be told of an event.
func about(e event.Event) []string {
	products := []string{strings.ToLower(e.Type)}
	if e.Code == "RECURRING_TRANSACTIONS_UPDATE" {
		products = append(products, "recurring_transactions")
	}
	return products
}

func toldOf(ctx context.Context, tx *store.Tx, to event.Target, products []string) (list []told, err error) {
	rows, err := tx.Query(ctx, toldQuery, to.ItemID, to.Tenant.Client, to.Tenant.Environment)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var one told
		var g Grant
		var allowed string
		if err := rows.Scan(&one.account, &one.webhook, &one.client, &allowed); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(allowed), &g.Products); err != nil {
			return nil, err
		}
		if g.Allow(products) != nil {
			continue
		}
		if n := len(list); n == 0 || list[n-1] != one {
			list = append(list, one)
		}
	}
	return list, rows.Err()
}

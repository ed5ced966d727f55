// Package developer keeps how developers have configured the dialect of Link Money, and tells them what happens to Items.
package developer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"weft/internal/httpapi"
	"weft/internal/item/event"
	"weft/internal/plaid"
	"weft/internal/product"
	"weft/internal/store"
)

// Configuration is how a developer wants the dialect to be.
type Configuration struct {
	// WebhookURL is where all Items' webhooks go that are subscribed to, besides the addresses that Items have; empty for nowhere.
	WebhookURL string `json:"webhook_url"`
	// WebhookFormat is whose words webhooks have.
	WebhookFormat string         `json:"webhook_format"`
	Subscriptions []Subscription `json:"subscriptions"`
	// DataTypes are what the developer wants to be given at all.
	DataTypes []string `json:"data_types"`
	// Insights: transactions have what is advised about them.
	Insights bool `json:"insights"`
	// ItemTokensAlone: the access token of an Item opens it in this dialect without the client's secret. Anywhere else it does not, so
	// this is for those who have kept such tokens as they keep those of users.
	ItemTokensAlone bool `json:"item_tokens_alone"`
}

// formats are the words that webhooks may have.
var formats = []string{"plaid"}

// dataTypes are what can be wanted.
var dataTypes = []string{"transactions", "investments", "liabilities", "auth", "assets"}

// usual is the configuration of those who have none: all data, no webhooks. At simulated banks, where nothing is at stake, a token
// alone is enough, as in Link Money's own examples; of real ones the client's word is needed first.
func usual(environment string) Configuration {
	return Configuration{ItemTokensAlone: environment == plaid.Sandbox, WebhookFormat: formats[0], Subscriptions: []Subscription{}, DataTypes: slices.Clone(dataTypes)}
}

// Configurations keeps configurations.
type Configurations struct {
	DB     *store.DB
	Events event.Notifier
}

// readQuery finds a tenant's configuration.
const readQuery = `select document from link_money_configurations where client_id = $1 and environment = $2`

// Read is a tenant's configuration, the usual one where there is none.
func (s Configurations) Read(ctx context.Context, q store.Querier, tenant store.Tenant) (Configuration, error) {
	var text string
	err := q.QueryRow(ctx, readQuery, tenant.Client, tenant.Environment).Scan(&text)
	c := usual(tenant.Environment)
	if errors.Is(err, store.ErrNotFound) {
		return c, nil
	}
	if err == nil {
		if err = json.Unmarshal([]byte(text), &c); err != nil {
			err = fmt.Errorf("linkmoney: stored configuration: %w", err)
		}
	}
	return c, err
}

// holdQuery takes the row of a configuration, which is made where there is none.
const holdQuery = `insert into link_money_configurations (client_id, environment, document, updated_at) values ($1, $2, $3, $4)
	on conflict (client_id, environment) do update set updated_at = excluded.updated_at returning document`

// Change writes a configuration anew. Two changes at once come one after the other.
func (s Configurations) Change(ctx context.Context, tenant store.Tenant, with Change) (c Configuration, err error) {
	first, err := plaid.JSON(usual(tenant.Environment))
	if err != nil {
		return c, err
	}
	return c, s.DB.Write(ctx, func(tx *store.Tx) error {
		var text string
		err := tx.QueryRow(ctx, holdQuery, tenant.Client, tenant.Environment, string(first), tx.Now.UnixMilli()).Scan(&text)
		if err != nil {
			return err
		}
		c = usual(tenant.Environment)
		if err := json.Unmarshal([]byte(text), &c); err != nil {
			return fmt.Errorf("linkmoney: stored configuration: %w", err)
		}
		with.apply(&c)
		changed, err := plaid.JSON(c)
		if err != nil || string(changed) == text {
			return err
		}
		_, err = tx.Exec(ctx, `update link_money_configurations set document = $1 where client_id = $2 and environment = $3`,
			string(changed), tenant.Client, tenant.Environment)
		if err != nil || c.WebhookURL == "" {
			return err
		}
		return s.Events.Tell(ctx, tx, event.Target{Tenant: tenant, Webhook: c.WebhookURL},
			event.Event{Type: "ITEM", Code: "WEBHOOK_UPDATE_ACKNOWLEDGED", Members: acknowledged{NewWebhookURL: c.WebhookURL}})
	})
}

// acknowledged is what the address of a configuration is told when that has changed. It is of no Item.
type acknowledged struct {
	Error         *plaid.ItemError `json:"error"`
	NewWebhookURL string           `json:"new_webhook_url"`
}

// Change has what is to be changed; without anything it reads.
type Change struct {
	// WebhookURL of "" is none.
	WebhookURL      *string         `json:"webhook_url"`
	WebhookFormat   *string         `json:"webhook_format"`
	Subscriptions   *[]Subscription `json:"subscriptions"`
	DataTypes       *[]string       `json:"data_types"`
	Insights        *bool           `json:"insights"`
	ItemTokensAlone *bool           `json:"item_tokens_alone"`
}

// Validate checks the fields by themselves.
func (r *Change) Validate(httpapi.Version) error {
	if r.WebhookURL != nil && *r.WebhookURL != "" {
		if err := product.ValidWebhook("webhook_url", *r.WebhookURL); err != nil {
			return err
		}
	}
	if r.WebhookFormat != nil && !slices.Contains(formats, *r.WebhookFormat) {
		return plaid.InvalidField("webhook_format", "must be one of "+plaid.Quoted(formats))
	}
	if r.DataTypes != nil {
		for i, t := range *r.DataTypes {
			if !slices.Contains(dataTypes, t) {
				return plaid.InvalidField(fmt.Sprintf("data_types[%d]", i), "must be one of "+plaid.Quoted(dataTypes))
			}
		}
	}
	if r.Subscriptions == nil {
		return nil
	}
	for i, s := range *r.Subscriptions {
		if problem := s.problem(); problem != "" {
			return plaid.InvalidField(fmt.Sprintf("subscriptions[%d]", i), problem)
		}
	}
	return nil
}

func (r *Change) apply(c *Configuration) {
	set(r.WebhookURL, &c.WebhookURL)
	set(r.WebhookFormat, &c.WebhookFormat)
	setOnce(r.Subscriptions, &c.Subscriptions)
	setOnce(r.DataTypes, &c.DataTypes)
	set(r.Insights, &c.Insights)
	set(r.ItemTokensAlone, &c.ItemTokensAlone)
}

func set[T any](from, to *T) {
	if from != nil {
		*to = *from
	}
}

// setOnce sets a list that has each of its members once: it is read with every call, and as long as what there is to name at most.
func setOnce[T comparable](from, to *[]T) {
	if from == nil {
		return
	}
	*to = []T{}
	for _, member := range *from {
		if !slices.Contains(*to, member) {
			*to = append(*to, member)
		}
	}
}

package items

import (
	"context"
	"strings"
	"time"

	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/item/event"
	"weft/internal/plaid"
	"weft/internal/product"
	"weft/internal/store"
	"weft/internal/webhook"
)

// New is the product.
func New(items *item.Service, hooks *webhook.Service) product.Product {
	s := &service{items, hooks}
	return product.Product{Name: "items", Routes: []httpapi.Route{
		{Path: "/item/public_token/exchange", Summary: "Exchange a public token for an access token", Endpoint: product.Endpoint(items.Clients, items.Clock, s.exchange)},
		{Path: "/item/public_token/create", Summary: "Make a public token for an Item", Endpoint: item.Endpoint(items, s.createPublicToken)},
		{Path: "/item/get", Summary: "An Item's state: products, consent, error, last updates", Endpoint: item.Endpoint(items, s.get)},
		{Path: "/item/remove", Summary: "Remove an Item and all of its data", Endpoint: item.Endpoint(items, s.remove)},
		{Path: "/item/products/terminate", Summary: "End an Item and all of its products for a reason", Endpoint: item.Endpoint(items, s.terminate)},
		{Path: "/item/access_token/invalidate", Summary: "Replace an Item's access token", Endpoint: item.Endpoint(items, s.invalidate)},
		{Path: "/item/import", Summary: "Make an Item from a user id and an authorization of an institution", Endpoint: product.Endpoint(items.Clients, items.Clock, s.importItem)},
		{Path: "/item/webhook/update", Summary: "Change the address of an Item's webhooks", Endpoint: item.Endpoint(items, s.updateWebhook)},
	}}
}

type service struct {
	items *item.Service
	hooks *webhook.Service
}

type exchangeRequest struct {
	PublicToken string `json:"public_token" weft:"required"`
}

// Validate refuses an empty token; whether it is one of ours is found by looking it up.
func (r *exchangeRequest) Validate(httpapi.Version) error {
	if r.PublicToken == "" {
		return plaid.InvalidField("public_token", "must be a non-empty string")
	}
	return nil
}

type exchangeResponse struct {
	AccessToken string `json:"access_token"`
	ItemID      string `json:"item_id"`
}

func (s *service) exchange(ctx context.Context, tenant store.Tenant, req exchangeRequest) (exchangeResponse, error) {
	token, itemID, err := s.items.Exchange(ctx, tenant, req.PublicToken)
	return exchangeResponse{token, itemID}, err
}

type publicTokenResponse struct {
	PublicToken string `json:"public_token"`
	Expiration  string `json:"expiration"`
}

func (s *service) createPublicToken(ctx context.Context, it item.Item, _ httpapi.None) (publicTokenResponse, error) {
	var res publicTokenResponse
	err := s.items.DB.Write(ctx, func(tx *store.Tx) error {
		token, expires, err := s.items.PublicToken(ctx, tx, it.Tenant, it.ID)
		res = publicTokenResponse{token, plaid.Timestamp(expires)}
		return err
	})
	return res, err
}

type getResponse struct {
	Item   plaid.ItemWithConsent `json:"item"`
	Status *plaid.ItemStatus     `json:"status"`
}

func (s *service) get(ctx context.Context, it item.Item, _ httpapi.None) (getResponse, error) {
	refreshed, failed, err := s.items.Status(ctx, it)
	if err != nil {
		return getResponse{}, err
	}
	status := &plaid.ItemStatus{}
	update := &plaid.UpdateStatus{LastSuccessfulUpdate: timestamp(refreshed), LastFailedUpdate: timestamp(failed)}
	if it.Has("investments") || it.Has("investments_auth") {
		status.Investments = update
	}
	if it.Has("transactions") {
		status.Transactions = update
	}
	if status.LastWebhook, err = s.lastWebhook(ctx, it); err != nil {
		return getResponse{}, err
	}
	return getResponse{Item: it.WithConsent(it.ID), Status: status}, nil
}

// lastWebhook is the last that was sent, nil where none was. It is no part of the Item's version: what was read is kept for as long
// as nothing is sent to anybody.
func (s *service) lastWebhook(ctx context.Context, it item.Item) (*plaid.WebhookStatus, error) {
	type read struct {
		mark uint64
		last *plaid.WebhookStatus
	}
	const kind = "last webhook"
	db := s.items.DB
	kept, ok := s.items.Cache.Peek(it.ID, kind)
	current := it.Known || ok && db.Current(ctx) == nil // one that cannot be asked is asked again below, and tells
	if ok && current && db.Marked(webhook.SentMark, kept.(read).mark) {
		return kept.(read).last, nil
	}
	mark, sure := db.Mark(webhook.SentMark)
	at, code, err := s.hooks.LastSent(ctx, it.Tenant, it.ID)
	if err != nil {
		return nil, err
	}
	var last *plaid.WebhookStatus
	if code != "" {
		last = &plaid.WebhookStatus{SentAt: timestamp(&at), CodeSent: code}
	}
	if sure {
		s.items.Cache.Keep(it.ID, kind, read{mark, last}, 100)
	}
	return last, nil
}

func timestamp(t *time.Time) *string {
	if t == nil {
		return nil
	}
	s := plaid.Timestamp(*t)
	return &s
}

var removeReasons = []string{
	"FRAUD_FIRST_PARTY", "FRAUD_FALSE_IDENTITY", "FRAUD_ABUSE", "FRAUD_OTHER", "CONNECTION_IS_NON_FUNCTIONAL", "OTHER",
}

type removeRequest struct {
	ReasonCode *string `json:"reason_code"`
	ReasonNote *string `json:"reason_note"`
}

// Validate checks the reason, which is optional.
func (r *removeRequest) Validate(httpapi.Version) error {
	return validReason(removeReasons, r.ReasonCode, r.ReasonNote)
}

func validReason(known []string, code, note *string) error {
	if code != nil && !plaid.Known(known, *code) {
		return plaid.InvalidField("reason_code", "must be one of "+strings.Join(known, ", "))
	}
	if note != nil && len([]rune(*note)) > 512 {
		return plaid.InvalidField("reason_note", "must have at most 512 characters")
	}
	return nil
}

// removeResponse has removed, always true, in versions before 2020-09-14.
type removeResponse struct {
	Removed *bool `json:"removed,omitempty"`
}

func (s *service) remove(ctx context.Context, it item.Item, _ removeRequest) (removeResponse, error) {
	if err := s.items.Remove(ctx, it); err != nil {
		return removeResponse{}, err
	}
	var res removeResponse
	if httpapi.CallOf(ctx).Version.Before(httpapi.Version20200914) {
		yes := true
		res.Removed = &yes
	}
	return res, nil
}

var terminateReasons = []string{
	"FRAUD_FIRST_PARTY", "FRAUD_FALSE_IDENTITY", "FRAUD_ABUSE", "FRAUD_OTHER", "CONSUMER_LOAN_PAID_OFF", "CONSUMER_ACCOUNT_CLOSED",
	"CONSUMER_CHARGE_OFF", "CONSUMER_PAYMENT_METHOD_SWITCHED", "USER_OFFBOARDING", "DUPLICATE_ITEM", "BILLING_TERMINATION", "OTHER",
}

type terminateRequest struct {
	ReasonCode string  `json:"reason_code" weft:"required"`
	ReasonNote *string `json:"reason_note"`
}

// Validate checks the reason.
func (r *terminateRequest) Validate(httpapi.Version) error {
	return validReason(terminateReasons, &r.ReasonCode, r.ReasonNote)
}

// terminate ends the Item as its removal does: its access tokens are dead, and nothing is kept of its data.
func (s *service) terminate(ctx context.Context, it item.Item, _ terminateRequest) (httpapi.None, error) {
	return httpapi.None{}, s.items.Remove(ctx, it)
}

type invalidateResponse struct {
	NewAccessToken string `json:"new_access_token"`
}

func (s *service) invalidate(ctx context.Context, it item.Item, _ httpapi.None) (invalidateResponse, error) {
	token, err := s.items.Invalidate(ctx, it)
	return invalidateResponse{token}, err
}

type updateWebhookRequest struct {
	Webhook *string `json:"webhook"`
}

// Validate accepts null and "", which both mean no webhook.
func (r *updateWebhookRequest) Validate(httpapi.Version) error {
	if r.Webhook == nil || *r.Webhook == "" {
		return nil
	}
	return product.ValidWebhook("webhook", *r.Webhook)
}

type updateWebhookResponse struct {
	Item plaid.Item `json:"item"`
}

// acknowledged is what the new address is told.
type acknowledged struct {
	NewWebhookURL string           `json:"new_webhook_url"`
	Error         *plaid.ItemError `json:"error"`
}

func (s *service) updateWebhook(ctx context.Context, it item.Item, req updateWebhookRequest) (updateWebhookResponse, error) {
	address := ""
	if req.Webhook != nil {
		address = *req.Webhook
	}
	told := event.Event{Type: "ITEM", Code: "WEBHOOK_UPDATE_ACKNOWLEDGED", Members: acknowledged{NewWebhookURL: address}}
	updated, err := s.items.Update(ctx, it, func(st *item.State) { st.Webhook = address }, told)
	return updateWebhookResponse{updated.Wire(updated.ID)}, err
}

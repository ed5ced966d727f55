// Package webhooks is the product of webhooks themselves: the keys by which receivers verify them, as Plaid has it, and what
// was sent, how that went, sending it again, and listening to what is sent.
package webhooks

import (
	"context"
	"errors"
	"time"

	"weft/internal/httpapi"
	"weft/internal/item"
	"weft/internal/plaid"
	"weft/internal/product"
	"weft/internal/store"
	"weft/internal/webhook"
)

// New is the product.
func New(items *item.Service, hooks *webhook.Service) product.Product {
	s := &service{hooks}
	return product.Product{Name: "webhooks", Routes: []httpapi.Route{
		{Path: "/webhook_verification_key/get", Summary: "The public key by which a webhook is verified", Endpoint: product.Endpoint(items.Clients, items.Clock, s.key)},
		{Path: "/weft/webhooks/list", Summary: "Webhooks, newest first, and what became of them", Endpoint: product.Endpoint(items.Clients, items.Clock, s.list)},
		{Path: "/weft/webhooks/get", Summary: "A webhook with its body and the attempts at it", Endpoint: product.Endpoint(items.Clients, items.Clock, s.get)},
		{Path: "/weft/webhooks/replay", Summary: "Send a webhook again, or all of a time", Endpoint: product.Endpoint(items.Clients, items.Clock, s.replay)},
		{Path: "/weft/webhooks/listen", Summary: "Wait for the webhooks of all Items, those without an address too", Endpoint: product.Endpoint(items.Clients, items.Clock, s.listen)},
	}}
}

type service struct{ hooks *webhook.Service }

type keyRequest struct {
	KeyID string `json:"key_id" weft:"required"`
}

type keyResponse struct {
	Key webhook.Key `json:"key"`
}

func (s *service) key(ctx context.Context, tenant store.Tenant, req keyRequest) (keyResponse, error) {
	key, err := s.hooks.PublicKey(ctx, tenant.Environment, req.KeyID)
	return keyResponse{key}, err
}

// Webhook is a webhook as it is answered. Times are null for never; suspended is why its receiver is sent nothing.
type Webhook struct {
	WebhookID   string  `json:"webhook_id"`
	ItemID      string  `json:"item_id"`
	URL         string  `json:"url"`
	WebhookType string  `json:"webhook_type"`
	WebhookCode string  `json:"webhook_code"`
	State       string  `json:"state"`
	Attempts    int64   `json:"attempts"`
	CreatedAt   string  `json:"created_at"`
	ExpiresAt   string  `json:"expires_at"`
	SentAt      *string `json:"sent_at"`
	FinishedAt  *string `json:"finished_at"`
	Suspended   *string `json:"suspended"`
}

func answered(w webhook.Webhook) Webhook {
	a := Webhook{
		WebhookID: w.ID, ItemID: w.ItemID, URL: w.URL, WebhookType: w.Type, WebhookCode: w.Code, State: w.State, Attempts: w.Attempts,
		CreatedAt: plaid.Timestamp(w.CreatedAt), ExpiresAt: plaid.Timestamp(w.ExpiresAt), SentAt: timestamp(w.SentAt), FinishedAt: timestamp(w.FinishedAt),
	}
	if w.Suspended != "" {
		a.Suspended = &w.Suspended
	}
	return a
}

func timestamp(t *time.Time) *string {
	if t == nil {
		return nil
	}
	s := plaid.Timestamp(*t)
	return &s
}

// Bounds of a page.
const (
	defaultCount = 100
	maxCount     = 500
)

type listRequest struct {
	ItemID *string `json:"item_id"`
	State  *string `json:"state"`
	// Cursor is next_cursor of the page before.
	Cursor *string `json:"cursor"`
	Count  *int    `json:"count"`
}

// Validate checks the filters.
func (r *listRequest) Validate(httpapi.Version) error {
	if r.State != nil && !plaid.Known([]string{webhook.Pending, webhook.Delivered, webhook.Dead}, *r.State) {
		return plaid.InvalidField("state", "must be one of pending, delivered, dead")
	}
	if r.Count != nil && (*r.Count < 1 || *r.Count > maxCount) {
		return plaid.InvalidField("count", "must be between 1 and 500")
	}
	return nil
}

type listResponse struct {
	Webhooks   []Webhook `json:"webhooks"`
	NextCursor *string   `json:"next_cursor"`
}

func (s *service) list(ctx context.Context, tenant store.Tenant, req listRequest) (listResponse, error) {
	f := webhook.Filter{ItemID: text(req.ItemID), State: text(req.State), Before: text(req.Cursor), Limit: defaultCount}
	if req.Count != nil {
		f.Limit = *req.Count
	}
	list, err := s.hooks.List(ctx, tenant, f)
	res := listResponse{Webhooks: []Webhook{}}
	for _, w := range list {
		res.Webhooks = append(res.Webhooks, answered(w))
	}
	if len(list) == f.Limit {
		res.NextCursor = &list[len(list)-1].ID
	}
	return res, err
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

type idRequest struct {
	WebhookID string `json:"webhook_id" weft:"required"`
}

// Attempt is an attempt as it is answered. Status and answer are null where there was no answer; error says why.
type Attempt struct {
	At         string  `json:"at"`
	Status     *int    `json:"status"`
	DurationMS int64   `json:"duration_ms"`
	Answer     *string `json:"answer"`
	Error      *string `json:"error"`
}

type getResponse struct {
	Webhook Webhook `json:"webhook"`
	Body    string  `json:"body"`
	// Attempts are the latest ones, newest first.
	Attempts []Attempt `json:"attempts"`
}

// mostAttempts is how many attempts are answered.
const mostAttempts = 100

func (s *service) get(ctx context.Context, tenant store.Tenant, req idRequest) (getResponse, error) {
	w, tried, err := s.hooks.Get(ctx, tenant, req.WebhookID, mostAttempts)
	if err != nil {
		return getResponse{}, unknown(err)
	}
	res := getResponse{Webhook: answered(w), Body: w.Body, Attempts: []Attempt{}}
	for _, a := range tried {
		one := Attempt{At: plaid.Timestamp(a.At), DurationMS: a.Duration.Milliseconds()}
		if a.Status != 0 {
			one.Status, one.Answer = &a.Status, &a.Answer
		} else {
			one.Error = &a.Error
		}
		res.Attempts = append(res.Attempts, one)
	}
	return res, nil
}

// unknown names the field where there is no such webhook of the tenant's.
func unknown(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return plaid.InvalidField("webhook_id", "is not the id of a webhook")
	}
	return err
}

type replayRequest struct {
	WebhookID *string `json:"webhook_id"`
	// From and To are times (RFC 3339): all webhooks that were written from the one on and before the other.
	From *string `json:"from"`
	To   *string `json:"to"`
}

// Validate accepts an id or two times.
func (r *replayRequest) Validate(httpapi.Version) error {
	if (r.WebhookID == nil) == (r.From == nil && r.To == nil) {
		return plaid.InvalidField("webhook_id", "must be given, or from and to in its place")
	}
	if r.WebhookID != nil {
		return nil
	}
	for name, value := range map[string]*string{"from": r.From, "to": r.To} {
		if value == nil {
			return plaid.MissingFields(name)
		}
	}
	for _, f := range []struct{ name, value string }{{"from", *r.From}, {"to", *r.To}} {
		if _, err := time.Parse(time.RFC3339, f.value); err != nil {
			return plaid.InvalidField(f.name, "must be a time like 2026-11-20T09:30:00Z")
		}
	}
	return nil
}

type replayResponse struct {
	Replayed int `json:"replayed"`
}

func (s *service) replay(ctx context.Context, tenant store.Tenant, req replayRequest) (replayResponse, error) {
	if req.WebhookID != nil {
		return replayResponse{1}, unknown(s.hooks.Replay(ctx, tenant, *req.WebhookID))
	}
	from, err := time.Parse(time.RFC3339, *req.From)
	if err != nil {
		return replayResponse{}, err
	}
	to, err := time.Parse(time.RFC3339, *req.To)
	if err != nil {
		return replayResponse{}, err
	}
	n, err := s.hooks.ReplayBetween(ctx, tenant, from, to)
	return replayResponse{n}, err
}

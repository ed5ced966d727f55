package webhooks

import (
	"context"
	"strconv"
	"time"

	"weft/internal/httpapi"
	"weft/internal/plaid"
	"weft/internal/store"
	"weft/internal/webhook"
)

// longestWait is how many seconds a request may wait for a webhook: less than an endpoint may take.
const longestWait = 60

type listenRequest struct {
	// Cursor is next_cursor of the answer before, or the cursor of one of its webhooks; without one the listener begins now.
	Cursor *string `json:"cursor"`
	// Wait is for how many seconds the answer may be waited for where there is no webhook yet; 0 by default.
	Wait int `json:"wait"`
}

// Validate checks both by themselves.
func (r *listenRequest) Validate(httpapi.Version) error {
	if r.Wait < 0 || r.Wait > longestWait {
		return plaid.InvalidField("wait", "must be between 0 and 60 seconds")
	}
	_, err := Position(r.Cursor)
	return err
}

// Position is where a listener with a cursor has come to, nil for one that begins.
func Position(cursor *string) (*int64, error) {
	if cursor == nil {
		return nil, nil
	}
	after, err := strconv.ParseInt(*cursor, 10, 64)
	if err != nil || after < 0 {
		return nil, plaid.InvalidField("cursor", "must be next_cursor of an answer of /weft/webhooks/listen")
	}
	return &after, nil
}

// Heard is a webhook as a listener is handed it: body is to the byte what is to be forwarded with the header
// Plaid-Verification, which is good for five minutes. Cursor is where to go on after it.
type Heard struct {
	WebhookType  string `json:"webhook_type"`
	WebhookCode  string `json:"webhook_code"`
	ItemID       string `json:"item_id"`
	CreatedAt    string `json:"created_at"`
	Body         string `json:"body"`
	Verification string `json:"verification"`
	Cursor       string `json:"cursor"`
}

// Hearing is the answer to a listener. Missed says that there were others before these, which are not kept any more.
type Hearing struct {
	Webhooks    []Heard `json:"webhooks"`
	NextCursor  string  `json:"next_cursor"`
	Missed      bool    `json:"missed"`
	Environment string  `json:"environment"`
}

func (s *service) listen(ctx context.Context, tenant store.Tenant, req listenRequest) (Hearing, error) {
	after, err := Position(req.Cursor)
	if err != nil {
		return Hearing{}, err
	}
	h, err := s.hooks.Listen(ctx, tenant, after, time.Duration(req.Wait)*time.Second)
	if err != nil {
		return Hearing{}, err
	}
	return HearingOf(h, tenant), nil
}

// HearingOf is a hearing as it is answered.
func HearingOf(h webhook.Hearing, tenant store.Tenant) Hearing {
	res := Hearing{Webhooks: []Heard{}, NextCursor: strconv.FormatInt(h.Next, 10), Missed: h.Missed, Environment: tenant.Environment}
	for _, w := range h.Webhooks {
		res.Webhooks = append(res.Webhooks, Heard{
			WebhookType: w.Type, WebhookCode: w.Code, ItemID: w.ItemID, CreatedAt: plaid.Timestamp(w.CreatedAt),
			Body: w.Body, Verification: w.Verification, Cursor: strconv.FormatInt(w.Position, 10),
		})
	}
	return res
}
